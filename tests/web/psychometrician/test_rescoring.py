"""The pages of rescoring: what they say is what the files say; the same questions to the database for any cohort."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions import rescoring_runs
from ssa_engine.app import create_app
from ssa_engine.config import read_settings
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.storage.db import Database
from tests.actions.rescoring_cohort import BANK, Cohort, answers_of, cohort_in
from tests.factories import Clock, Page, add_someone, read, session_of
from tests.web.psychometrician.counting import statements
from tests.web.psychometrician.reviews import csv_rows

LIST = "/psychometrician/TST/rescorings"


@pytest.fixture
def cohort(db: Database, clock: Clock) -> Cohort:
    """Five sittings of the small bank."""
    found = cohort_in(db, clock)
    for right in range(5):
        found.sit(answers_of({"a": right, "b": 3}))
    return found


@pytest.fixture
def app(database_url: str, clock: Clock, library: Library, cohort: Cohort) -> Iterator[Flask]:
    """The application with the small bank as its content."""
    content = Library(specs={"TST": BANK.spec}, banks={"TST": BANK}, practice=library.practice)
    settings = read_settings({}, database_url=database_url, secure_cookies="false")
    app = create_app(settings, clock=clock, library=content)
    yield app
    app.extensions["ssa_engine"].db.dispose()


@pytest.fixture
def console(app: Flask, db: Database, clock: Clock) -> FlaskClient:
    """A browser in which a psychometrician is signed in."""
    someone = add_someone(db, "ingrid@test.example", clock=clock, role=Role.PSYCHOMETRICIAN)
    browser = app.test_client()
    browser.set_cookie("ssa_session", session_of(db, someone, clock()))
    return browser


def begin(console: FlaskClient, *changes: dict[str, str]) -> str:
    """Begin a session with these changes; return its address."""
    begun = console.post(LIST, data={"title": "Mended keys", "reason": "Because"})
    assert begun.status_code == 303
    url = begun.headers["Location"]
    for revision, change in enumerate(changes, 1):
        sent = console.post(f"{url}/changes", data={"revision": str(revision), **change})
        assert sent.status_code == 303, read(sent).text
    return url


KEY = {"item": "a-0", "change": "key", "key": "b"}
DROP = {"item": "b-0", "change": "drop"}


def figures(page: Page) -> dict[str, float]:
    """The figures of who changes."""
    return {row["data-figure"]: float(row["data-value"]) for row in page.rows("data-figure") if "data-value" in row}


def test_the_dry_run_writes_nothing_and_says_what_its_files_say(console: FlaskClient, cohort: Cohort) -> None:
    url = begin(console, KEY, DROP)
    page = read(console.get(url))
    rows = csv_rows(console, f"{url}/people.csv")
    assert {int(row["data-attempt"]) for row in page.rows("data-attempt")} == {int(row["attempt_id"]) for row in rows}
    assert sum(float(row["credits_waiting"]) for row in rows) == figures(page)["sum_waiting"]
    (area, other) = csv_rows(console, f"{url}/areas.csv")
    assert (area["content_area"], other["content_area"]) == ("a", "b")
    # By hand: who knows none of a gains one point, the other four lose one; dropping b-0 takes a point from all.
    assert (figures(page)["score_up"], figures(page)["score_down"]) == (1, 5)
    assert (int(area["score_up"]), int(area["score_down"]), int(other["score_down"])) == (1, 4, 5)
    assert all(len(cohort.versions(attempt)) == 1 for attempt in range(1, 6))


def test_it_is_applied_as_it_was_seen_and_decided_and_reverted(console: FlaskClient, cohort: Cohort) -> None:
    url = begin(console, KEY)
    unseen = console.post(f"{url}/apply", data={"revision": "2"})
    assert (unseen.status_code, "Say that you have looked" in read(unseen).text) == (422, True)
    stale = console.post(f"{url}/apply", data={"revision": "1", "confirmed": "yes"})
    assert (stale.status_code, "Somebody changed this session" in read(stale).text) == (409, True)
    assert console.post(f"{url}/apply", data={"revision": "2", "confirmed": "yes"}).status_code == 303
    waiting = csv_rows(console, f"{url}/increases.csv")
    assert waiting
    first = waiting[0]["attempt_id"]
    nothing = console.post(f"{url}/increases", data={"attempt": first, "decision": "decline"})
    assert (nothing.status_code, "Say why the increase is declined" in read(nothing).text) == (422, True)
    assert console.post(f"{url}/increases", data={"attempt": first, "decision": "accept"}).status_code == 303
    again = console.post(f"{url}/increases", data={"attempt": first, "decision": "accept"})
    assert (again.status_code, "does not wait any more" in read(again).text) == (409, True)
    sent = {"attempt": "all", "decision": "decline", "reason": "Not worth it"}
    assert console.post(f"{url}/increases", data=sent).status_code == 303
    assert csv_rows(console, f"{url}/increases.csv") == []
    silent = console.post(f"{url}/revert", data={"reason": " "})
    assert (silent.status_code, "Say why the session is reverted" in read(silent).text) == (422, True)
    assert console.post(f"{url}/revert", data={"reason": "Mistaken"}).status_code == 303
    page = read(console.get(url))
    assert "Reverted because: Mistaken" in page.text
    assert "Not worth it" in page.text
    assert "1. Mended keys" in read(console.get(LIST)).text
    assert {cohort.versions(attempt)[-1][2]["a"][2] for attempt in range(1, 6)} == {3, 2, 1, 0}


def test_many_attempts_take_several_presses(
    console: FlaskClient, cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ssa_engine.web.psychometrician import rescoring

    monkeypatch.setattr(rescoring, "AT_ONCE", 2)
    monkeypatch.setattr(rescoring_runs, "BATCH", 2)
    url = begin(console, KEY)
    assert "ssa rescore apply 1" in read(console.get(url)).text
    console.post(f"{url}/apply", data={"revision": "2", "confirmed": "yes"})
    assert "3 attempts are still to be looked at." in read(console.get(url)).text
    for _ in range(2):
        console.post(f"{url}/apply")
    assert "still to be looked at" not in read(console.get(url)).text
    assert [len(cohort.versions(attempt)) for attempt in range(1, 6)] == [2] * 5
    console.post(f"{url}/revert", data={"reason": "Mistaken"})
    assert "3 attempts are still to be looked at." in read(console.get(url)).text
    for _ in range(2):
        console.post(f"{url}/revert")
    assert "still to be looked at" not in read(console.get(url)).text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"item": "a-0", "change": "key", "key": "zz"}, "Item a-0 does not take the key zz."),
        ({"item": "a-0", "change": "drop", "key": "b"}, "A key goes with the change of a key alone."),
        ({"item": "nowhere", "change": "drop"}, "No TST form was drawn from a bank that has an item"),
        ({"item": "a-0", "change": "shred"}, "Choose what is changed about the item."),
        ({"item": "a-0", "change": "leave"}, "The session changes nothing about item a-0."),
    ],
)
def test_a_change_that_cannot_be_made_is_told_and_what_was_typed_stays(
    console: FlaskClient, sent: dict[str, str], sentence: str
) -> None:
    url = begin(console)
    refused = console.post(f"{url}/changes", data={"revision": "1", **sent})
    page = read(refused)
    assert refused.status_code == 422
    assert sentence in page.text
    assert sent["item"] in [one.get("value") for one in page.inputs if one.get("name") == "item"]


def test_what_is_missing_is_said_to_be_missing(console: FlaskClient) -> None:
    url = begin(console)
    assert console.post(LIST, data={"title": " ", "reason": "x"}).status_code == 422
    assert "It changes nothing yet." in read(console.get(url)).text
    for path in (f"{LIST}/99", f"{url}/else.csv", f"{LIST}/99/people.csv"):
        assert console.get(path).status_code == 404
    assert console.post(f"{LIST}/99/apply", data={"confirmed": "yes"}).status_code == 404


def test_the_queries_do_not_grow_with_the_cohort(app: Flask, console: FlaskClient, cohort: Cohort) -> None:
    draft, applied = begin(console, KEY, DROP), begin(console, {"item": "a-1", "change": "full_credit"})
    console.post(f"{applied}/apply", data={"revision": "2", "confirmed": "yes"})

    def counts() -> list[int]:
        found = []
        for url in (LIST, draft, applied, f"{draft}/people.csv", f"{applied}/increases.csv"):
            with statements(app) as sent:
                assert console.get(url).status_code == 200
            found.append(len(sent))
        return found

    few = counts()
    for right in range(5):
        for _ in range(6):
            cohort.sit(answers_of({"a": right, "b": right}))
    assert counts() == few
    assert max(few) <= 40
