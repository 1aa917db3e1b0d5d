"""Letters: one's own, in plain words, read when one says so."""

from __future__ import annotations

import datetime as dt

import pytest
from flask.testing import FlaskClient

from ssa_engine.storage import notices
from ssa_engine.storage.db import Database
from tests.factories import Clock, Someone, add_someone, read
from tests.web.test_words import check
from tests.web.walk import snapshot

AREA = {
    "area": "radiation-safety-and-dose",
    "points": [4.0, 6.0],
    "items": [10, 10],
    "standard": 0.7,
    "credits": [4.5, 3.0],
    "kept": 0.0,
    "waiting": 0.0,
}


def write(
    db: Database,
    clock: Clock,
    someone: Someone,
    event: str,
    totals: list[float],
    *,
    told_before: bool = True,
    **area: object,
) -> int:
    """Write a letter; return its id."""
    details = {"discipline": "CT", "credits": totals, "areas": [{**AREA, **area}], "told_before": told_before}
    row = {
        "person_id": someone.id,
        "attempt_id": None,
        "kind": f"rescoring_{event}",
        "key": f"{someone.id}/{event}/{told_before}",
        "details": details,
    }
    with db.write() as connection:
        notices.insert_many(connection, [row], clock())
        return notices.of_person(connection, someone.id)[0].id


def test_a_letter_says_what_changed_and_what_it_means(
    browser: FlaskClient, candidate: Someone, db: Database, clock: Clock
) -> None:
    letter = write(db, clock, candidate, "applied", [9.0, 7.5])
    response = browser.get(f"/candidate/letters/{letter}")
    check(response)
    text = read(response).text
    assert "Your answers in Computed Tomography were scored again" in text
    assert "Radiation Safety and Dose" in text
    assert "You now have 7.5 credits to earn in all, instead of 9 credits." in text
    assert "Credits that you have completed stay completed." in text
    assert "There is nothing you have to do because of this letter." in text


def test_what_is_kept_and_what_waits_is_said(
    browser: FlaskClient, candidate: Someone, db: Database, clock: Clock
) -> None:
    kept = write(db, clock, candidate, "applied", [4.5, 3.0], kept=3.0)
    assert "What you have completed stays: 3 credits" in read(browser.get(f"/candidate/letters/{kept}")).text
    waits = write(db, clock, candidate, "reverted", [4.5, 4.5], credits=[4.5, 4.5], waiting=1.5)
    text = read(browser.get(f"/candidate/letters/{waits}")).text
    assert "Not decided yet: 1.5 credits more" in text
    assert "You are not asked for them now." in text
    assert "There is nothing you have to do" not in text
    for event, credits in (("accepted", [3.0, 4.5]), ("declined", [3.0, 3.0])):
        letter = write(db, clock, candidate, event, credits)
        response = browser.get(f"/candidate/letters/{letter}")
        check(response)
        assert "That is decided" in read(response).text


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("accepted", "scored again before your result was released"),
        ("declined", "scored again before your result was released"),
        ("reverted", "a change to how some questions are scored was in force"),
    ],
)
def test_who_had_no_letter_before_is_not_told_of_one(
    browser: FlaskClient, candidate: Someone, db: Database, clock: Clock, event: str, said: str
) -> None:
    told = write(db, clock, candidate, event, [3.0, 3.0])
    assert "We wrote to you that" in read(browser.get(f"/candidate/letters/{told}")).text
    letter = write(db, clock, candidate, event, [3.0, 3.0], told_before=False)
    response = browser.get(f"/candidate/letters/{letter}")
    check(response)
    text = read(response).text
    assert said in text
    assert "We wrote to you" not in text
    assert "in force again" not in text


def test_a_first_prescription_is_not_said_to_have_had_a_date(
    browser: FlaskClient, candidate: Someone, db: Database, clock: Clock
) -> None:
    first = write(db, clock, candidate, "accepted", [0.0, 3.0], credits=[0.0, 3.0])
    text = read(browser.get(f"/candidate/letters/{first}")).text
    assert "The date by which to earn your credits stands with your result" in text
    assert "The date by which to earn your credits is the same" not in text


def test_a_letter_names_what_is_not_asked(browser: FlaskClient, candidate: Someone, db: Database, clock: Clock) -> None:
    letter = write(db, clock, candidate, "declined", [3.0, 3.0], credits=[3.0, 3.0], waiting=1.5)
    text = read(browser.get(f"/candidate/letters/{letter}")).text
    assert "Not asked of you: 1.5 credits more" in text
    assert "Not decided yet" not in text


def test_looking_marks_nothing_and_saying_so_does_once(
    browser: FlaskClient, candidate: Someone, db: Database, clock: Clock
) -> None:
    letter = write(db, clock, candidate, "applied", [9.0, 7.5])
    before = snapshot(db)
    for _ in range(2):
        assert "Read the letter of 14 March 2027" in read(browser.get("/candidate/")).text
        browser.get(f"/candidate/letters/{letter}")
    assert snapshot(db) == before
    assert browser.post(f"/candidate/letters/{letter}").status_code == 303
    clock.advance(days=1)
    once = snapshot(db)
    assert browser.post(f"/candidate/letters/{letter}").status_code == 303
    assert snapshot(db) == once
    page = read(browser.get("/candidate/"))
    assert page.rows("data-letter") == []
    assert "letter of 14 March 2027" in page.text
    assert "You marked this letter as read on 14 March 2027." in read(browser.get(f"/candidate/letters/{letter}")).text


def test_a_letter_of_the_evening_bears_the_day_that_it_is_where_the_programme_is(
    browser: FlaskClient, candidate: Someone, db: Database, clock: Clock
) -> None:
    """Three in the morning of the 15th in UTC is ten in the evening of the 14th in Chicago."""
    late = Clock(dt.datetime(2027, 3, 15, 3, 0, tzinfo=dt.UTC))
    letter = write(db, late, candidate, "applied", [9.0, 7.5])
    for url in ("/candidate/", "/candidate/letters", f"/candidate/letters/{letter}"):
        text = read(browser.get(url)).text
        assert "14 March 2027" in text
        assert "15 March 2027" not in text


def test_a_letter_is_for_the_one_it_was_written_to(browser: FlaskClient, db: Database, clock: Clock) -> None:
    other = add_someone(db, "other@test.example", clock=clock)
    letter = write(db, clock, other, "applied", [9.0, 7.5])
    for response in (browser.get(f"/candidate/letters/{letter}"), browser.post(f"/candidate/letters/{letter}")):
        assert response.status_code == 404
        assert "There is no such letter of yours." in read(response).text
