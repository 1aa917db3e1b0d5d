"""Delivery: start, answer, move, resume; replays and stale pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.storage import places
from ssa_engine.storage.db import Database
from tests.factories import Clock, Someone, add_someone, answer, begin_url, item_url, read, start_attempt, stored

HTMX = {"HX-Request": "true"}


def responses(db: Database, attempt_id: int) -> list[tuple[str, str]]:
    """Return (item, answer) of every response received, in order."""
    with db.read() as connection:
        return [(row.item_id, row.answer) for row in places.response_log(connection, attempt_id)]


def test_a_saved_answer_shows_its_receipt_and_is_there_on_return(
    browser: FlaskClient, candidate: Someone, clock: Clock, db: Database
) -> None:
    attempt = start_attempt(browser, candidate)
    first = read(browser.get(item_url(attempt, 1)))
    response = answer(browser, attempt, 1, first.choices[2])
    assert (response.status_code, response.headers["Location"]) == (303, item_url(attempt, 2))
    again = read(browser.get(item_url(attempt, 1)))
    assert again.chosen == first.choices[2]
    assert "Saved 14:02:11" in again.text
    assert responses(db, attempt) == [(first.item_id, stored(first.choices[2]))]


def test_resuming_elsewhere_shows_the_same_item_with_the_same_order(
    browser: FlaskClient, candidate: Someone, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    attempt = start_attempt(browser, candidate)
    for position in (1, 2, 3):
        answer(browser, attempt, position)
    here = read(browser.get(item_url(attempt, 4)))
    elsewhere = sign_in(candidate)
    response = elsewhere.post(begin_url(candidate))
    assert response.headers["Location"] == item_url(attempt, 4)
    there = read(elsewhere.get(response.headers["Location"]))
    assert (there.item_id, there.options) == (here.item_id, here.options)


def test_a_replayed_save_changes_nothing(browser: FlaskClient, candidate: Someone, db: Database) -> None:
    attempt = start_attempt(browser, candidate)
    page = read(browser.get(item_url(attempt, 1)))
    sent = {"token": page.token, "go": "next", "answer": page.choices[0]}
    outcomes = [browser.post(item_url(attempt, 1), data=sent) for _ in range(10)]
    assert {(one.status_code, one.headers["Location"]) for one in outcomes} == {(303, item_url(attempt, 2))}
    assert responses(db, attempt) == [(page.item_id, stored(page.choices[0]))]


def test_a_replay_of_an_older_save_does_not_bring_the_older_answer_back(
    browser: FlaskClient, candidate: Someone, db: Database
) -> None:
    attempt = start_attempt(browser, candidate)
    page = read(browser.get(item_url(attempt, 1)))
    old = {"token": page.token, "go": "save", "answer": page.choices[0]}
    browser.post(item_url(attempt, 1), data=old)
    answer(browser, attempt, 1, page.choices[1])
    assert browser.post(item_url(attempt, 1), data=old).status_code == 303
    assert read(browser.get(item_url(attempt, 1))).chosen == page.choices[1]
    assert responses(db, attempt) == [(page.item_id, stored(choice)) for choice in page.choices[:2]]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_stale_tab_is_told_where_the_attempt_is_and_can_go_on_there(
    browser: FlaskClient, candidate: Someone, db: Database, headers: dict[str, str]
) -> None:
    attempt = start_attempt(browser, candidate)
    stale = read(browser.get(item_url(attempt, 1)))
    answer(browser, attempt, 1, stale.choices[1])
    answer(browser, attempt, 2)
    sent = {"token": stale.token, "answer": stale.choices[3], "go": "next"}
    response = browser.post(item_url(attempt, 1), data=sent, headers=headers)
    shown = read(response)
    assert response.status_code == 409
    assert "Your assessment is open in another window" in shown.text
    assert "this answer to question 1 was not saved" in shown.text
    assert "It is at question 3 of 80 there. Everything that said “Saved” is safe." in shown.text
    assert (shown.rows("data-item"), [one for one in shown.inputs if one.get("name") == "answer"]) == ([], [])
    assert ("<html" in shown.html) == (headers == {})
    assert read(browser.get(item_url(attempt, 1))).chosen == stale.choices[1]
    assert len(responses(db, attempt)) == 2
    live = read(browser.get(item_url(attempt, 3)))
    [form] = [found for tag, found in shown.elements if tag == "form" and found.get("action", "").endswith("/here")]
    here = browser.post(form["action"])
    assert (here.status_code, here.headers["Location"]) == (303, item_url(attempt, 3))
    assert read(browser.get(item_url(attempt, 3))).token != live.token
    # Now the window that was the live one is the stale one.
    other = browser.post(item_url(attempt, 3), data={"token": live.token, "answer": live.choices[0], "go": "next"})
    assert (other.status_code, len(responses(db, attempt))) == (409, 2)
    assert answer(browser, attempt, 3).headers["Location"] == item_url(attempt, 4)


def test_a_stale_tab_cannot_blank_an_answer(browser: FlaskClient, candidate: Someone, db: Database) -> None:
    attempt = start_attempt(browser, candidate)
    stale = read(browser.get(item_url(attempt, 1)))
    answer(browser, attempt, 1, stale.choices[1])
    for empty in ({}, {"may_clear": "yes"}, {"may_clear": "yes", "answer": ""}):
        browser.post(item_url(attempt, 1), data={"token": stale.token, "go": "next", **empty})
        assert read(browser.get(item_url(attempt, 1))).chosen == stale.choices[1]
    assert len(responses(db, attempt)) == 1


def test_moving_on_without_an_answer_keeps_the_earlier_one(browser: FlaskClient, candidate: Someone) -> None:
    attempt = start_attempt(browser, candidate)
    page = read(browser.get(item_url(attempt, 1)))
    answer(browser, attempt, 1, page.choices[1])
    token = read(browser.get(item_url(attempt, 1))).token
    browser.post(item_url(attempt, 1), data={"token": token, "go": "next"})
    assert read(browser.get(item_url(attempt, 1))).chosen == page.choices[1]


def test_the_buttons_lead_where_they_say(browser: FlaskClient, candidate: Someone) -> None:
    attempt = start_attempt(browser, candidate)
    for position, go, target in (
        (1, "previous", item_url(attempt, 1)),
        (1, "next", item_url(attempt, 2)),
        (2, "previous", item_url(attempt, 1)),
        (1, "flag", item_url(attempt, 1)),
        (80, "next", item_url(attempt, 80)),
        (80, "review", f"/candidate/attempts/{attempt}/review"),
    ):
        assert answer(browser, attempt, position, go=go).headers["Location"] == target


def test_flagging_twice_takes_the_flag_away(browser: FlaskClient, candidate: Someone) -> None:
    attempt = start_attempt(browser, candidate)
    answer(browser, attempt, 1, go="flag")
    assert "Remove flag" in read(browser.get(item_url(attempt, 1))).text
    answer(browser, attempt, 1, go="flag")
    assert "Remove flag" not in read(browser.get(item_url(attempt, 1))).text


def test_htmx_gets_the_next_item_as_a_fragment_in_one_round_trip(browser: FlaskClient, candidate: Someone) -> None:
    attempt = start_attempt(browser, candidate)
    page = read(browser.get(item_url(attempt, 1)))
    response = browser.post(
        item_url(attempt, 1),
        data={"token": page.token, "answer": page.choices[0], "go": "next"},
        headers=HTMX,
    )
    assert response.status_code == 200
    assert response.headers["HX-Push-Url"] == item_url(attempt, 2)
    assert "HX-Request" in response.headers["Vary"]
    assert "<html" not in response.get_data(as_text=True)
    assert read(response).item_id == read(browser.get(item_url(attempt, 2))).item_id


def test_choosing_an_option_saves_it_and_hands_on_the_token(browser: FlaskClient, candidate: Someone) -> None:
    attempt = start_attempt(browser, candidate)
    page = read(browser.get(item_url(attempt, 1)))
    response = browser.post(
        item_url(attempt, 1),
        data={"token": page.token, "answer": page.choices[0], "go": "save"},
        headers=HTMX | {"HX-Target": "receipt"},
    )
    receipt = read(response)
    assert "Saved 14:02:11" in receipt.text
    assert receipt.token == read(browser.get(item_url(attempt, 1))).token != page.token


def test_an_answer_that_is_no_option_is_refused_in_words(
    browser: FlaskClient, candidate: Someone, db: Database
) -> None:
    attempt = start_attempt(browser, candidate)
    said = {
        "hotspot": "Give the place as two whole numbers",
        "number": "“zz” is not a number here. Use digits and one decimal sign, such as 12.5.",
    }
    kinds = {read(browser.get(item_url(attempt, position))).format: position for position in range(1, 81)}
    assert len(kinds) > 1
    for kind, position in kinds.items():
        response = answer(browser, attempt, position, ["zz"])
        assert response.status_code == 422
        assert said.get(kind, "not one of this question’s options") in read(response).text
    assert responses(db, attempt) == []


def test_after_the_time_is_over_nothing_is_saved_and_the_review_page_says_so(
    browser: FlaskClient, candidate: Someone, clock: Clock, library: Library, db: Database
) -> None:
    attempt = start_attempt(browser, candidate)
    page = read(browser.get(item_url(attempt, 1)))
    answer(browser, attempt, 1, page.choices[0])
    token = read(browser.get(item_url(attempt, 1))).token
    spec = library.spec("CT")
    clock.advance(seconds=spec.seconds_allowed + spec.delivery.clock.grace_seconds)
    late = browser.post(item_url(attempt, 1), data={"token": token, "answer": page.choices[1], "go": "next"})
    assert (late.status_code, late.headers["Location"]) == (303, f"/candidate/attempts/{attempt}/review")
    assert "The time is over. Everything saved until then counts." in read(browser.get(late.headers["Location"])).text
    assert responses(db, attempt) == [(page.item_id, stored(page.choices[0]))]


def test_a_window_that_is_not_open_is_said_with_its_date(
    db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    early = add_someone(db, "early@test.example", clock=clock, earned_on=dt.date(2022, 9, 30))
    for step in ("identity", "start"):
        response = sign_in(early).post(begin_url(early), data={"step": step})
        assert response.status_code == 409
        assert "opens on 30 September 2029" in read(response).text


def test_the_assessment_of_a_cycle_is_taken_once(browser: FlaskClient, candidate: Someone) -> None:
    attempt = start_attempt(browser, candidate)
    browser.post(f"/candidate/attempts/{attempt}/review", data={"confirmed": "yes"})
    for step in ("identity", "start"):
        response = browser.post(begin_url(candidate), data={"step": step})
        assert response.status_code == 409
        assert "You have taken the assessment of this period." in read(response).text
