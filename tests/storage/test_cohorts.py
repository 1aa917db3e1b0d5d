"""Cohorts read as matrices: the latest results, in a few statements, on either database."""

from __future__ import annotations

import dataclasses
import datetime as dt

import sqlalchemy as sa

from ssa_engine.actions import cohorts as kept
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.cohorts import Selection
from ssa_engine.content.library import Library
from ssa_engine.storage import cohorts, frames, results
from ssa_engine.storage.console_tables import candidate_groups
from ssa_engine.storage.db import Database
from ssa_engine.storage.results import latest
from ssa_engine.storage.tables import attempts
from tests.demos import build
from tests.factories import Clock


def test_a_cohort_holds_the_scores_that_the_export_has(db: Database, library: Library, clock: Clock) -> None:
    build(db, Banks(db, library), cohort=12, seed=4, now=clock())
    areas = tuple(library.spec("CT").area_names)
    with db.read() as connection:
        cohort = cohorts.read_cohort(connection, "CT", areas)
        expected = frames.area_score_frame(connection, "CT")
        submitted = {row[0]: row[1] for row in connection.execute(sa.select(attempts.c.id, attempts.c.submitted_at))}
    assert cohort.areas == areas
    assert len(cohort) == expected["attempt_id"].nunique() == 14
    rows = {str(attempt): row for row, attempt in enumerate(cohort.attempt_ids)}
    for score in expected.to_dict("records"):
        at = rows[score["attempt_id"]], areas.index(score["content_area"])
        assert (cohort.items[at], cohort.correct[at], cohort.points[at]) == (
            score["items"],
            score["correct"],
            score["points"],
        )
        assert str(cohort.candidate_ids[at[0]]) == score["candidate_id"]
    assert cohort.items.sum() == expected["items"].sum()
    assert cohort.submitted_on is not None
    assert [str(day) for day in cohort.submitted_on] == [
        str(when.date()) if (when := submitted[int(attempt)]) else "" for attempt in cohort.attempt_ids
    ]
    assert cohort.form is not None
    assert set(cohort.form) == {library.bank("CT").version}


def test_the_latest_result_counts_and_a_new_one_changes_the_stamp(db: Database, library: Library, clock: Clock) -> None:
    build(db, Banks(db, library), cohort=2, seed=4, now=clock())
    spec = library.spec("CT")
    with db.read() as connection:
        before, first = cohorts.stamp(connection, "CT"), kept.cohort_now(db, connection, spec)
        assert kept.cohort_now(db, connection, spec) is first
    attempt = int(first.attempt_ids[0])
    with db.write() as connection:
        old = latest(connection, attempt)
        assert old is not None
        moved = [result if result.content_area != "image-formation" else _all_right(result) for result in old.areas]
        results.insert(
            connection, areas=moved, due_on=dt.date(2030, 1, 1), attempt_id=attempt, version=2, discipline="CT",
            policy_version=old.policy_version, bank_version=old.bank_version, key_version=old.key_version,
            scored_at=clock(),
        )  # fmt: skip
    with db.read() as connection:
        assert cohorts.stamp(connection, "CT") != before
        again = kept.cohort_now(db, connection, spec)
    assert again is not first
    assert len(again) == len(first)
    column = list(spec.area_names).index("image-formation")
    assert (again.correct[0, column], again.points[0, column]) == (10, 10.0)


def _all_right(result: results.AreaResult) -> results.AreaResult:
    return dataclasses.replace(result, correct=10, points=10.0, score=1.0, gap=0.0, below_standard=False, credits=0.0)


def test_groups_and_dates_choose_sittings(db: Database, library: Library, clock: Clock) -> None:
    build(db, Banks(db, library), cohort=10, seed=4, now=clock())
    spec = library.spec("CT")
    with db.write() as connection:
        connection.execute(candidate_groups.delete())
        people = kept.cohort_now(db, connection, spec).candidate_ids
        connection.execute(
            candidate_groups.insert(),
            [
                {"person_id": int(person), "grouping": "site", "value": "north" if number % 2 else "south"}
                for number, person in enumerate(people[:6])
            ],
        )
    with db.read() as connection:
        cohort = kept.cohort_now(db, connection, spec)
    assert cohort.groups["site"].tolist()[:7] == ["south", "north", "south", "north", "south", "north", None]
    north = kept.select(cohort, Selection(grouping="site", group="north"))
    assert north.attempt_ids.tolist() == cohort.attempt_ids[[1, 3, 5]].tolist()
    assert cohort.submitted_on is not None
    days = sorted(day.item() for day in cohort.submitted_on)
    chosen = kept.select(cohort, Selection(since=days[2], until=days[5]))
    assert len(chosen) == sum(days[2] <= day <= days[5] for day in days)
    assert kept.select(cohort, Selection()) is cohort


def test_groups_that_two_people_swap_change_the_stamp(db: Database, library: Library, clock: Clock) -> None:
    build(db, Banks(db, library), cohort=2, seed=4, now=clock())
    own = candidate_groups.c
    with db.write() as connection:
        people = [int(one) for one in kept.cohort_now(db, connection, library.spec("CT")).candidate_ids[:2]]
        connection.execute(candidate_groups.delete())
        rows = [{"person_id": one, "grouping": "site", "value": "north"} for one in people]
        connection.execute(candidate_groups.insert(), [rows[0], rows[1] | {"value": "south"}])
        before = cohorts.stamp(connection, "CT"), cohorts.stamp(connection, "RAD")
        connection.execute(candidate_groups.update().where(own.person_id == people[0]).values(value="south"))
        connection.execute(candidate_groups.update().where(own.person_id == people[1]).values(value="north"))
        assert cohorts.stamp(connection, "CT") != before[0]
        assert cohorts.stamp(connection, "RAD") == before[1]
        again = kept.cohort_now(db, connection, library.spec("CT"))
    assert dict(zip(again.candidate_ids.tolist(), again.groups["site"], strict=True))[people[0]] == "south"
