"""The page of results that wait: what it says and its files say, choices counted first, then released once."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.policies import publish
from ssa_engine.content.library import Library
from ssa_engine.core.attempts import State
from ssa_engine.storage.db import Database
from tests.actions.lives import AREAS, Life, keys
from tests.actions.sittings import audit_of
from tests.factories import START, Clock, Page, add_someone, read
from tests.web.psychometrician.counting import statements
from tests.web.psychometrician.reviews import csv_rows, table
from tests.web.walk import snapshot

URL = "/psychometrician/CT/releases"
Figures = dict[str, str]


def wait(db: Database, library: Library, clock: Clock, count: int, first: int = 0) -> list[int]:
    """Let people submit, one a day; every second one is prescribed credits."""
    ids = []
    for number in range(first, first + count):
        someone = add_someone(db, f"waits{number}@test.example", clock=clock)
        life = Life(db, Banks(db, library), clock, someone)
        ids.append(life.finish({AREAS[0]: 2.5} if number % 2 else {}, state=State.SUBMITTED))
        clock.advance(days=1)
    return ids


@pytest.fixture
def ids(db: Database, library: Library, clock: Clock) -> list[int]:
    """Four attempts, submitted on 14 to 17 March; it is 29 March, so the first was promised for yesterday."""
    found = wait(db, library, clock, 4)
    clock.at = START + dt.timedelta(days=15)
    return found


def counts(page: Page, facts: str) -> Figures:
    """The figures of a list of facts."""
    inside, found = False, {}
    for tag, attributes in page.elements:
        inside = attributes.get("id") == facts if tag == "dl" else inside
        if inside and "data-row" in attributes:
            found[attributes["data-row"]] = attributes["data-value"]
    return found


def released(db: Database) -> list[str]:
    return [one for who, verb, one in audit_of(db, "attempt") if (who, verb) == ("reader@test.example", "release")]


def form_of(page: Page) -> dict[str, list[str]]:
    """What the button that releases sends."""
    sent: dict[str, list[str]] = {}
    for name, value in page.fields_of(URL):
        sent.setdefault(name, []).append(value)
    return sent


def press(console: FlaskClient, page: Page) -> str:
    """Press it; return where that leads."""
    response = console.post(URL, data=form_of(page))
    assert response.status_code == 303
    return response.headers["Location"]


def test_what_waits_is_said_with_its_days_and_in_the_files(console: FlaskClient, ids: list[int]) -> None:
    page = read(console.get(URL))
    assert counts(page, "figures") == {
        "results": "4", "people": "4", "with_credits": "2", "without_credits": "2", "for_a_person": "0", "near": "3",
        "late": "1",
    }  # fmt: skip
    assert counts(page, "chosen") == {}
    files = {row["measure"]: row["value"] for row in csv_rows(console, f"{URL}/figures.csv")}
    assert files == counts(page, "figures")
    rows = csv_rows(console, f"{URL}/waiting.csv")
    assert [row["attempt_id"] for row in rows] == [str(one) for one in ids]
    assert [row["promise"] for row in rows] == ["late", "today", "near", "near"]
    assert [row["days_left"] for row in rows] == ["-1", "0", "1", "2"]
    assert {name: rows[1][name] for name in ("submitted_on", "credits", "policy_version", "release_on")} == {
        "submitted_on": "2027-03-15", "credits": "2.5", "policy_version": "1", "release_on": "2027-03-15",
    }  # fmt: skip
    shown = ["2027-03-15", "2.5", "1", "2027-03-15", "2027-03-29", "0", "today"]
    assert table(page, "waiting")[1] == shown
    assert "29 March 2027 0 promised for today" in page.text


def test_a_policy_that_leaves_it_to_a_person_is_said_on_both_pages(
    console: FlaskClient, db: Database, library: Library, clock: Clock, ids: list[int]
) -> None:
    told = read(console.get("/psychometrician/CT/policy"))
    assert "A result is released at once, when its assessment is submitted." in told.text
    spec = library.spec("CT")
    policy = spec.sample_policy.model_copy(update={"release": "on_request"})
    publish(db, spec, policy, expected_version=1, reason="batches", who="test", now=clock())
    told = read(console.get("/psychometrician/CT/policy"))
    assert "A result waits until a psychometrician releases it." in told.text
    assert URL in [one.get("href") for _, one in told.elements]


def test_a_draft_can_leave_the_release_to_a_person(console: FlaskClient, draft: str) -> None:
    response = console.post(f"{draft}?revision=1", data={"release": "on_request"})
    assert response.status_code == 303
    page = read(console.get(draft))
    ticked = [one["value"] for tag, one in page.elements if tag == "option" and "selected" in one]
    assert "on_request" in ticked
    compared = read(console.get("/psychometrician/CT/policy/compare?left=version-1&right=draft-1")).text
    assert "Results are released by themselves, after days when a psychometrician releases them" in compared


def test_counts_come_first_and_looking_at_them_releases_nothing(
    console: FlaskClient, db: Database, ids: list[int]
) -> None:
    before = snapshot(db)
    looks = {
        "which=all": (4, 2),
        "which=until&until=2027-03-14": (1, 0),
        "which=until&until=2027-03-16": (3, 1),
        f"which=some&attempt={ids[1]}&attempt={ids[3]}&until=": (2, 2),
    }
    for query, (results, with_credits) in looks.items():
        page = read(console.get(f"{URL}?{query}"))
        found = counts(page, "chosen")
        assert (found["results"], found["people"]) == (str(results), str(results)), query
        assert (found["with_credits"], found["without_credits"]) == (str(with_credits), str(results - with_credits))
        assert f"Release {results} result" in page.text
        assert len(csv_rows(console, f"{URL}/waiting.csv?{query}")) == results
    ticked = [one["value"] for one in page.inputs if one.get("type") == "checkbox" and "checked" in one]
    assert ticked == [str(ids[1]), str(ids[3])]
    nothing = read(console.get(f"{URL}?which=until&until=2027-03-13"))
    assert "No result that waits fits this choice." in nothing.text
    assert form_of(nothing) == {}
    assert snapshot(db) == before


def test_a_choice_is_released_and_a_second_press_changes_nothing(
    console: FlaskClient, db: Database, ids: list[int]
) -> None:
    page = read(console.get(f"{URL}?which=until&until=2027-03-15"))
    assert press(console, page) == f"{URL}?done=released"
    assert "The results are released, and their people are told." in read(console.get(f"{URL}?done=released")).text
    assert released(db) == [str(one) for one in ids[:2]]
    assert len(keys(db)) == 2
    before = snapshot(db)
    assert press(console, page) == f"{URL}?done=nothing"
    assert "nothing has changed" in read(console.get(f"{URL}?done=nothing")).text
    assert snapshot(db) == before
    assert press(console, read(console.get(f"{URL}?which=some&attempt={ids[3]}"))) == f"{URL}?done=released"
    assert press(console, read(console.get(f"{URL}?which=all"))) == f"{URL}?done=released"
    assert released(db) == [str(one) for one in (*ids[:2], ids[3], ids[2])]
    assert "No result in CT waits to be released." in read(console.get(URL)).text


def test_what_came_after_the_counts_waits_on(
    console: FlaskClient, db: Database, library: Library, clock: Clock, ids: list[int]
) -> None:
    page = read(console.get(f"{URL}?which=all"))
    clock.advance(seconds=1)
    (late,) = wait(db, library, clock, 1, first=4)
    press(console, page)
    assert [row["attempt_id"] for row in csv_rows(console, f"{URL}/waiting.csv")] == [str(late)]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"which": "all"}, "Look first at how many results you release, then release them."),
        ({"which": "all", "seen": "soon"}, "Look first at how many results you release, then release them."),
        ({"which": "all", "seen": "2027-03-14"}, "Look first at how many results you release, then release them."),
        ({"which": "until", "until": "x", "seen": "now"}, "Give the last day of submission, as 2027-03-14."),
        ({"which": "some", "seen": "now"}, "No result is chosen. Tick the results to release in the table"),
        ({"seen": "now"}, "Choose which results to release: all, those submitted up to a day, or single ones."),
    ],
)
def test_what_cannot_be_read_releases_nothing_and_says_why(
    console: FlaskClient, db: Database, clock: Clock, ids: list[int], sent: Figures, sentence: str
) -> None:
    before = snapshot(db)
    own = {name: value.replace("now", clock().isoformat()) for name, value in sent.items()}
    response = console.post(URL, data=own)
    assert response.status_code == 422
    assert sentence in read(response).text
    assert snapshot(db) == before


def test_a_look_that_cannot_be_read_keeps_what_was_typed(console: FlaskClient, ids: list[int]) -> None:
    for query in ("which=until&until=14.3.", "which=some", f"which=some&attempt={ids[0]}&attempt=x"):
        response = console.get(f"{URL}?{query}")
        assert response.status_code == 422, query
        page = read(response)
        (chosen,) = [one["value"] for one in page.inputs if one.get("name") == "which" and "checked" in one]
        assert f"which={chosen}" in query
    assert console.get(f"{URL}/waiting.csv?which=some").status_code == 422
    assert console.get(f"{URL}/other.csv").status_code == 404
    assert console.get("/psychometrician/XX/releases").status_code == 404


def test_the_questions_do_not_grow_with_what_waits(
    app: Flask, console: FlaskClient, db: Database, library: Library, clock: Clock
) -> None:
    asked = []
    for first, more in ((0, 2), (2, 6)):
        wait(db, library, clock, more, first)
        with statements(app) as sent:
            assert console.get(f"{URL}?which=all").status_code == 200
        asked.append(len(sent))
    assert asked[0] == asked[1]
