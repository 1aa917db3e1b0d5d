"""The console: cohort, items, policy and exports, beside numbers computed here from stored rows and the YAML."""

from __future__ import annotations

import io
import json
import statistics
import zipfile
from collections.abc import Callable
from fractions import Fraction

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.storage import audit
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import attempts, credentials, form_items, responses
from tests import by_hand
from tests.demos import build
from tests.factories import Clock, Someone, add_someone, read, start_attempt
from tests.web.psychometrician.reviews import csv_rows, table

COHORT = 14
FILES = {
    "responses": "attempt_id, candidate_id, discipline, form_id, position, item_id, content_area, scored, answer, "
    "correct, seconds, answered_at, bank_version, key_version",
    "area_scores": "attempt_id, candidate_id, discipline, content_area, items, correct, score, score_se, standard, "
    "gap, below_standard, probability_below, policy_version, bank_version, key_version, scored_at",
    "prescriptions": "prescription_id, attempt_id, candidate_id, discipline, content_area, credits, credits_filled, "
    "policy_version, issued_at, due_on",
    "attempts": "attempt_id, candidate_id, discipline, form_id, state, started_at, submitted_at, released_at, "
    "seconds_used, seconds_allowed, items_answered, items_total",
    "items": "item_id, discipline, content_area, topic, format, scored, status, n, p_value, point_biserial, a, b, "
    "exposure",
}
"""First columns of each file, as they were promised."""


@pytest.fixture
def size() -> int:
    """How many sittings are simulated."""
    return COHORT


@pytest.fixture
def published(db: Database, library: Library, clock: Clock, size: int) -> None:
    """A small cohort with published policies, in the place of policies alone."""
    build(db, Banks(db, library), cohort=size, seed=5, now=clock())


@pytest.fixture
def console(app: Flask, db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]) -> FlaskClient:
    """A psychometrician's browser; an attempt is under way."""
    candidate = add_someone(db, "started@test.example", clock=clock)
    start_attempt(sign_in(candidate), candidate)
    return sign_in(add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN))


def file_of(browser: FlaskClient, name: str, **query: str) -> list[dict[str, str]]:
    return csv_rows(browser, f"/psychometrician/exports/{name}.csv", query)


Marks = dict[str, Fraction]


def marks(db: Database) -> dict[int, Marks]:
    """Attempt -> item -> what its last stored answer earns by the YAML; submitted attempts alone."""
    found: dict[int, Marks] = {}
    with db.read() as connection:
        drawn = sa.select(attempts.c.id, form_items.c.item_id).join(
            form_items, form_items.c.form_id == attempts.c.form_id
        )
        for attempt, item in connection.execute(drawn.where(attempts.c.state != "in_progress")):
            found.setdefault(attempt, {})[item] = Fraction(0)
        for row in connection.execute(sa.select(responses).order_by(responses.c.id)):
            found[row.attempt_id][row.item_id] = by_hand.earned(by_hand.items()[row.item_id], row.answer)
    return found


def correct_by_area(marked: Marks) -> dict[str, int]:
    """Area -> how many of its scored items earned all."""
    return {area: sum(one == 1 for one in own) for area, own in scored_by_area(marked).items()}


def points_by_area(marked: Marks) -> dict[str, Fraction]:
    """Area -> what its scored items earned."""
    return {area: sum(own, Fraction(0)) for area, own in scored_by_area(marked).items()}


def scored_by_area(marked: Marks) -> dict[str, list[Fraction]]:
    scored = {item: one for item, one in by_hand.items().items() if one["status"] == "active"}
    return {
        area: [earned for item, earned in marked.items() if item in scored and scored[item]["area"] == area]
        for area in by_hand.outline()
    }


def test_every_attempt_is_in_the_table_with_its_areas_and_credits(console: FlaskClient, db: Database) -> None:
    page, expected = read(console.get("/psychometrician/")), marks(db)
    rows = [int(row["data-attempt"]) for row in page.rows("data-attempt")]
    assert len(rows) == COHORT + 2 + 1
    assert rows == sorted(rows, reverse=True)
    cells = dict(zip(rows, table(page, "attempts"), strict=True))
    under_way = set(rows) - set(expected)
    for attempt, marked in expected.items():
        by_area = correct_by_area(marked)
        total = sum(by_hand.credits_of(points_by_area(marked), dict.fromkeys(by_area, 10)).values())
        assert [float(value) for value in cells[attempt][2:]] == [*map(float, by_area.values()), total]
    assert len(under_way) == 1
    assert cells[under_way.pop()] == [""] * 10


def test_the_summary_of_each_area_is_that_of_its_scores(console: FlaskClient, db: Database) -> None:
    rows, by_attempt = table(read(console.get("/psychometrician/")), "summary"), marks(db).values()
    earned = [points_by_area(marked) for marked in by_attempt]
    assert len(rows) == 7
    for row, area in zip(rows, by_hand.outline(), strict=True):
        scores = [float(points[area]) / 10 for points in earned]
        below = sum(points[area] < 7 for points in earned)
        expected = [
            len(scores),
            statistics.mean(scores),
            statistics.stdev(scores),
            below,
            below / len(scores),
        ]
        assert [float(value) for value in row[:5]] == pytest.approx(expected, abs=1e-12)
    prescribed = [float(row["credits"]) for row in file_of(console, "prescriptions")]
    assert sum(float(row[5]) for row in rows) * len(earned) == pytest.approx(sum(prescribed), abs=1e-9)


def test_each_item_has_the_statistics_of_those_who_saw_it(console: FlaskClient, db: Database) -> None:
    page, found, keys = read(console.get("/psychometrician/CT/items")), marks(db), by_hand.items()
    ids = [row["data-item"] for row in page.rows("data-item")]
    assert sorted(ids) == sorted(keys)
    cells = dict(zip(ids, table(page, "items"), strict=True))

    def rest(marked: Marks, item: str) -> float:
        others = [own == 1 for other, own in marked.items() if other != item and keys[other]["status"] == "active"]
        return sum(others) / len(others)

    correlated = 0
    for item in keys:
        seen = [marked for marked in found.values() if item in marked]
        _, n, p, point_biserial, exposure, *_ = cells[item]
        assert int(n) == len(seen)
        assert float(exposure) == pytest.approx(len(seen) / len(found))
        if not seen:
            assert (p, point_biserial) == ("", "")
            continue
        right, rests = [float(marked[item] == 1) for marked in seen], [rest(marked, item) for marked in seen]
        assert float(p) == pytest.approx(statistics.mean(right))
        if len(seen) < 3 or len(set(right)) == 1 or len(set(rests)) == 1:
            assert point_biserial == ""
        else:
            correlated += 1
            assert float(point_biserial) == pytest.approx(statistics.correlation(right, rests), abs=1e-9)
    assert correlated >= 40
    assert "other items of its content area" not in page.text  # the rest score is that of the whole form


def test_the_policy_page_shows_what_is_in_force(console: FlaskClient, library: Library) -> None:
    page = read(console.get("/psychometrician/CT/policy"))
    policy = by_hand.spec()["sample_policy"]
    assert [[float(value) for value in row] for row in table(page, "standards")] == [
        [policy["standards"][area], 7.0, 10.0] for area in by_hand.outline()
    ]
    assert "Version 1, published 14 March 2024 by demo" in page.text
    assert "from 1 short, 3 credits; from 3 short, 4.5 credits; from 5 short, 6 credits" in page.text
    assert "All areas together are never more than 36 credits, largest gap first." in page.text
    assert [name in page.text for name in by_hand.outline().values()] == [True] * 7
    for discipline in ("RAD", "mri"):
        assert "Version 1" in read(console.get(f"/psychometrician/{discipline}/policy")).text


@pytest.mark.parametrize("name", FILES)
def test_each_file_begins_with_the_columns_that_were_promised(console: FlaskClient, name: str) -> None:
    response = console.get(f"/psychometrician/exports/{name}.csv")
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}.csv"'
    header = response.get_data(as_text=True).split("\n", 1)[0].split(",")
    promised = FILES[name].split(", ")
    assert header[: len(promised)] == promised


def test_files_and_stored_rows_agree(console: FlaskClient, db: Database) -> None:
    found, sittings = marks(db), file_of(console, "attempts")
    with db.read() as connection:
        stored = connection.execute(sa.select(attempts, credentials).join(credentials).order_by(attempts.c.id)).all()
        answered: dict[int, int] = dict(
            connection.execute(
                sa.select(responses.c.attempt_id, sa.func.count()).group_by(responses.c.attempt_id)
            ).all()
        )
    assert [(row["attempt_id"], row["candidate_id"], row["state"], int(row["items_answered"])) for row in sittings] == [
        (str(row.id), str(row.person_id), row.state, answered.get(row.id, 0)) for row in stored
    ]
    given = file_of(console, "responses")
    assert len(given) == 80 * len(stored)
    assert {(int(row["attempt_id"]), row["item_id"]): row["correct"] == "true" for row in given if row["correct"]} == {
        (attempt, item): earned == 1 for attempt, marked in found.items() for item, earned in marked.items()
    }
    assert {row["attempt_id"] for row in given if not row["correct"]} == {str(max(row.id for row in stored))}
    assert {
        (int(row["attempt_id"]), row["content_area"]): int(row["correct"]) for row in file_of(console, "area_scores")
    } == {
        (attempt, area): correct
        for attempt, marked in found.items()
        for area, correct in correct_by_area(marked).items()
    }


def test_the_package_holds_every_file_as_it_is_alone(console: FlaskClient) -> None:
    archive = zipfile.ZipFile(io.BytesIO(console.get("/psychometrician/exports/package.zip").data))
    described = json.loads(archive.read("datapackage.json"))
    files = [resource["path"] for resource in described["resources"]]
    assert sorted(archive.namelist()) == sorted([*files, "datapackage.json"])
    assert {name.removesuffix(".csv") for name in files} >= set(FILES)
    for name in files:
        assert archive.read(name) == console.get(f"/psychometrician/exports/{name}").data
    text = read(console.get("/psychometrician/exports")).html
    assert all(f"/psychometrician/exports/{name}" in text for name in files)


def test_a_name_that_a_spreadsheet_would_run_is_neutralised_only_on_request(
    console: FlaskClient, db: Database, clock: Clock
) -> None:
    with db.write() as connection:
        audit.add(connection, at=clock(), who="=1+1", verb="test", noun="person", noun_id=1)
    assert file_of(console, "audit")[-1]["who"] == "=1+1"
    assert file_of(console, "audit", for_spreadsheet="1")[-1]["who"] == "'=1+1"


@pytest.mark.parametrize("size", [103])
def test_a_long_cohort_comes_in_pages(db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]) -> None:
    browser = sign_in(add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN))

    def ids(page: str) -> list[str]:
        return [row["data-attempt"] for row in read(browser.get(f"/psychometrician/{page}")).rows("data-attempt")]

    first, second = ids("?discipline=CT"), ids("?discipline=CT&page=2")
    assert (len(first), len(second)) == (100, 5)
    assert [int(one) for one in first + second] == list(range(105, 0, -1))
    assert "Page 2 of 2" in read(browser.get("/psychometrician/?page=2")).text
    for odd in ("?page=0", "?page=-3", "?page=two", "?page=", "?discipline=ct"):
        assert ids(odd) == first, odd
    assert ids("?page=99") in ([], second)
    summary = table(read(browser.get("/psychometrician/?page=2")), "summary")
    assert {row[0] for row in summary} == {"105"}, "the summary is of all, whatever the page"


def test_a_discipline_without_a_bank_or_a_cohort_says_so(console: FlaskClient) -> None:
    assert "No attempts in RAD yet." in read(console.get("/psychometrician/?discipline=RAD")).text
    for url in ("/psychometrician/RAD/items", "/psychometrician/XYZ/policy", "/psychometrician/exports/none.csv"):
        response = console.get(url)
        assert response.status_code == 404, url
        assert len(read(response).text) > 100
