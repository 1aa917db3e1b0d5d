"""The cohort page: its figures are those of stored rows, its CSV says the same, filters and orders hold over pages."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions import cohort
from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.storage import frames, results
from ssa_engine.storage.console_tables import candidate_groups
from ssa_engine.storage.db import Database
from tests.demos import build
from tests.factories import Clock, Someone, add_someone, read, start_attempt
from tests.web.psychometrician.counting import statements
from tests.web.psychometrician.reviews import csv_rows, table

COHORT = 14
ON_A_PAGE = 9
PAGE = "/psychometrician/CT/cohort"


@pytest.fixture
def published(db: Database, library: Library, clock: Clock) -> None:
    """A cohort that takes two pages, with published policies, in the place of policies alone."""
    build(db, Banks(db, library), cohort=COHORT, seed=5, now=clock())


@pytest.fixture
def console(
    db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> FlaskClient:
    """A psychometrician's browser; an attempt is under way."""
    monkeypatch.setattr(cohort, "PAGE", ON_A_PAGE)
    candidate = add_someone(db, "started@test.example", clock=clock)
    start_attempt(sign_in(candidate), candidate)
    return sign_in(add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN))


def csv_of(console: FlaskClient, name: str, query: str = "") -> list[dict[str, str]]:
    return csv_rows(console, f"{PAGE}/{name}.csv?{query}")


def ids(console: FlaskClient, query: str) -> list[int]:
    """The attempts of every page of a query, in order."""
    found: list[int] = []
    for page in (1, 2):
        shown = read(console.get(f"{PAGE}?{query}&page={page}"))
        rows = [int(row["data-attempt"]) for row in shown.rows("data-attempt")]
        if rows and rows[0] in found:  # there is no second page: the last one is shown again
            break
        found += rows
    return found


def sittings(db: Database) -> list[dict[str, Any]]:
    with db.read() as connection:
        frame = frames.attempt_frame(connection, "CT")
        scores = frames.area_score_frame(connection, "CT")
        groups = connection.execute(sa.select(candidate_groups)).all()
    setting = {str(row.person_id): row.value for row in groups if row.grouping == "setting"}
    credits = scores.groupby("attempt_id")["credits"].sum()
    correct = scores.pivot_table(index="attempt_id", columns="content_area", values="correct")
    return [
        {str(name): value for name, value in row.items()}
        | {
            "setting": setting.get(row["candidate_id"]),
            "credits": credits.get(row["attempt_id"]),
            "areas": dict(correct.loc[row["attempt_id"]]) if row["attempt_id"] in correct.index else {},
        }
        for row in frame.to_dict("records")
    ]


def test_the_figures_are_those_of_the_stored_sittings_and_the_csv_says_the_same(
    console: FlaskClient, db: Database, library: Library
) -> None:
    page, stored = read(console.get(PAGE)), sittings(db)
    closed = [row for row in stored if row["state"] != "in_progress"]
    completion = table(page, "completion-table")
    assert completion[:5] == [
        ["started", str(COHORT + 3)],
        ["in_progress", "1"],
        ["submitted", "0"],
        ["released", str(COHORT + 2)],
        ["timed_out", "0"],
    ]
    assert [list(row.values()) for row in csv_of(console, "completion")] == completion

    minutes = [row["seconds_used"] / 60 for row in closed]
    [time] = table(page, "time-table")
    lower, median, upper = statistics.quantiles(minutes, n=4, method="inclusive")
    expected = [len(minutes), statistics.mean(minutes), statistics.stdev(minutes), min(minutes), lower, median, upper]
    assert [float(one) for one in time] == pytest.approx([*expected, max(minutes)], abs=1e-9)
    assert [list(row.values()) for row in csv_of(console, "time")] == table(page, "time-bins")

    summary = [list(row.values())[1:] for row in csv_of(console, "summary")]
    assert summary == table(page, "summary")
    per_area = len(library.spec("CT").areas)
    binned = csv_of(console, "scores")
    assert [row["sittings"] for row in binned] == [n for row in table(page, "scores") for n in row]
    assert sum(int(row["sittings"]) for row in binned) == len(closed) * per_area


def test_every_figure_of_the_attempts_is_in_their_csv_in_the_same_order(console: FlaskClient, db: Database) -> None:
    first, second = (read(console.get(f"{PAGE}?sort=-credits&page={page}")) for page in (1, 2))
    shown = table(first, "attempts") + table(second, "attempts")
    rows = csv_of(console, "attempts", "sort=-credits")
    assert len(shown) == len(rows) == COHORT + 3
    columns = list(rows[0])
    for cells, row in zip(shown, rows, strict=True):
        submitted, *figures = cells
        assert figures == [row[name] for name in columns[5:14]]
        assert submitted[:19] == row["submitted_at"][:19]
    stored = {row["attempt_id"]: row for row in sittings(db)}
    for row in rows:
        own = stored[row["attempt_id"]]
        if row["minutes"]:
            assert float(row["minutes"]) == own["seconds_used"] / 60
            assert {area: int(row[area]) for area in own["areas"]} == own["areas"]
            assert float(row["credits"]) == own["credits"]


def test_an_order_holds_over_all_pages_with_the_unknown_last(console: FlaskClient, db: Database) -> None:
    keys = {"minutes": "seconds_used", "credits": "credits", "submitted": "submitted_at", "candidate": "candidate_id"}
    stored = sittings(db)
    for name, key in keys.items():
        value = {
            int(row["attempt_id"]): int(row[key]) if name == "candidate" else None if pd.isna(row[key]) else row[key]
            for row in stored
        }
        unknown = sorted(one for one, found in value.items() if found is None)
        up = sorted(value.keys() - set(unknown), key=lambda one: (value[one], one))
        assert ids(console, f"sort={name}") == up + unknown
        assert ids(console, f"sort=-{name}") == up[::-1] + unknown[::-1]


def test_an_order_by_a_content_area_is_by_items_correct(console: FlaskClient, db: Database, library: Library) -> None:
    area = library.spec("CT").areas[1].id
    own = {int(row["attempt_id"]): row["areas"].get(area) for row in sittings(db)}
    found = ids(console, f"sort=-{area}")
    known = [own[one] for one in found if own[one] is not None]
    assert known == sorted(known, reverse=True)
    assert own[found[-1]] is None
    assert sorted(found) == sorted(own)


def test_filters_keep_what_they_say_and_stand_in_the_address(console: FlaskClient, db: Database) -> None:
    stored = sittings(db)
    since, until = dt.date(2026, 1, 1), dt.date(2026, 12, 31)

    def day(row: dict[str, Any]) -> dt.date:
        at = row["submitted_at"] if row["state"] != "in_progress" else row["started_at"]
        return dt.date.fromisoformat(at.date().isoformat())

    form = stored[3]["form_id"]
    cases = {
        f"from={since}&to={until}": [row for row in stored if since <= day(row) <= until],
        f"from={until}": [row for row in stored if day(row) >= until],
        "state=in_progress": [row for row in stored if row["state"] == "in_progress"],
        "state=closed": [row for row in stored if row["state"] != "in_progress"],
        "state=timed_out": [],
        "group=setting:hospital": [row for row in stored if row["setting"] == "hospital"],
        f"form={form}": [stored[3]],
        "bank=none": [],
        f"group=setting:hospital&from={since}": [
            row for row in stored if row["setting"] == "hospital" and day(row) >= since
        ],
    }
    for query, kept in cases.items():
        expected = sorted((int(row["attempt_id"]) for row in kept), reverse=True)
        assert ids(console, query) == expected, query
        rows = csv_of(console, "attempts", query)
        assert [int(row["attempt_id"]) for row in rows] == expected, query
        page = read(console.get(f"{PAGE}?{query}"))
        assert f"{len(kept)} attempts" in page.text or len(kept) < 2, query
        if not kept:
            assert "No attempts fit this filter." in page.text
    assert 0 < len(cases["group=setting:hospital"]) < COHORT
    page = read(console.get(f"{PAGE}?from={since}&group=setting:hospital&sort=-credits"))
    assert next(one for one in page.inputs if one.get("name") == "from")["value"] == "2026-01-01"
    links = [found["href"] for tag, found in page.elements if tag == "a" and "/cohort/attempts.csv" in found["href"]]
    assert links == [f"{PAGE}/attempts.csv?sort=-credits&from=2026-01-01&group=setting:hospital"]


def test_bars_are_hollow_only_where_none_holds_scores_on_both_sides_of_the_standard(
    console: FlaskClient, db: Database
) -> None:
    said, drawn = "hollow bars lie below the standard", 'class="chart-bar below"'
    page = read(console.get(PAGE))
    assert (said in page.text, drawn in page.html) == (True, True)
    attempt = int(sittings(db)[0]["attempt_id"])
    with db.write() as connection:
        old = results.latest(connection, attempt)
        assert old is not None
        own = next(one for one in old.areas if one.content_area == "image-formation")
        nine = replace(own, items=9, correct=6, points=6.0, score=6 / 9, below_standard=True)
        areas = [nine if one is own else one for one in old.areas]
        versions = {name: getattr(old, name) for name in ("attempt_id", "discipline", "policy_version", "scored_at")}
        versions |= {"version": 2, "bank_version": old.bank_version, "key_version": old.key_version}
        results.insert(connection, areas=areas, due_on=dt.date(2028, 6, 1), **versions)
    page = read(console.get(PAGE))
    assert (said in page.text, drawn in page.html) == (False, False)


def test_sides_add_up_to_the_whole(console: FlaskClient, db: Database) -> None:
    stored = sittings(db)
    for by, key in (("quarter", None), ("month", None), ("bank", None), ("group:setting", "setting")):
        rows = csv_of(console, "sides", f"by={by}")
        page = read(console.get(f"{PAGE}?by={by}"))
        assert [row[:3] for row in table(page, "sides-table")] == [
            [row["started"], row["closed"], row["timed_out"]] for row in rows
        ]
        assert [row[3:] for row in table(page, "sides-table")] == [
            [
                row["median_minutes"],
                row["mean_credits"],
                *(row[name] for name in row if name.startswith("mean_") and name != "mean_credits"),
            ]
            for row in rows
        ]
        assert sum(int(row["started"]) for row in rows) == len(stored)
        if key:
            counted = {row[key]: int(row["started"]) for row in rows}
            for value in ("hospital", "outpatient"):
                assert counted[value] == sum(one["setting"] == value for one in stored)
            assert rows[-1][key] == ""
    months = [row["month"] for row in csv_of(console, "sides", "by=month")]
    assert months == sorted(months)
    assert len(months) >= 8, "the demo spreads over two years"


def test_a_page_asks_as_many_questions_for_one_sitting_as_for_many(app: Flask, console: FlaskClient) -> None:
    counts = {}
    assert console.get(PAGE).status_code == 200  # the scores are read once and kept
    for query in ("form=1", "from=2027-03-14", "", "sort=-credits&by=group:setting"):
        with statements(app) as sent:
            page = read(console.get(f"{PAGE}?{query}"))
        counts[query] = (len(sent), len(page.rows("data-attempt")))
    assert len({number for number, _ in counts.values()}) == 1, counts
    assert counts[""][1] == ON_A_PAGE
    assert counts["form=1"][1] == 1


def test_what_cannot_be_read_is_said_on_a_page(console: FlaskClient) -> None:
    for query, sentence in {
        "from=yesterday": "“yesterday” is no day.",
        "from=2027-02-01&to=2027-01-01": "The first day lies after the last.",
        "state=lost": "There is no state “lost”.",
        "form=x": "A form is a number",
        "group=setting": "A group is written as grouping:value",
    }.items():
        response = console.get(f"{PAGE}?{query}")
        assert response.status_code == 422
        assert sentence in read(response).text
    missing = console.get(f"{PAGE}/none.csv")
    assert missing.status_code == 404
    assert "There is no table with that name." in read(missing).text
    for odd in ("by=nothing", "by=group:", "sort=x", "bank=%27--", "group=a::b", "page=99999999999999999999"):
        assert console.get(f"{PAGE}?{odd}").status_code == 200, odd


def test_a_group_with_a_very_long_name_and_one_sitting_is_shown_whole(console: FlaskClient, db: Database) -> None:
    person = int(sittings(db)[0]["candidate_id"])
    name = "Department of a hospital with a very long name " * 2
    with db.write() as connection:
        connection.execute(candidate_groups.insert().values(person_id=person, grouping="department", value=name[:94]))
    page = read(console.get(f"{PAGE}?by=group:department"))
    assert [row["data-side"] for row in page.rows("data-side")] == [name[:94], ""]
    query = {"group": f"department:{name[:94]}"}
    alone = read(console.get(PAGE, query_string=query))
    assert "1 attempt" in alone.text
    n, _mean, sd, *_ = table(alone, "time-table")[0]
    assert (n, sd) == ("1", ""), "one sitting has no standard deviation"
