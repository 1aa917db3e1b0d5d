"""Delivery: start, answer, move, resume; replays and stale pages."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.storage import attempts
from ssa_engine.storage.db import Database
from tests.factories import Clock, Someone, add_someone, answer, item_url, read, start_attempt


def responses(db: Database, attempt_id: int) -> list[tuple[str, str]]:
    """Return (item, answer) of every response received, in order."""
    with db.read() as connection:
        return [(row.item_id, row.answer) for row in attempts.response_log(connection, attempt_id)]


def test_a_saved_answer_shows_its_receipt_and_is_there_on_return(
    browser: FlaskClient, candidate: Someone, clock: Clock, db: Database
) -> None:
    attempt = start_attempt(browser, candidate)
    first = read(browser.get(item_url(attempt, 1)))
    response = answer(browser, attempt, 1, first.options[2])
    assert (response.status_code, response.headers["Location"]) == (303, item_url(attempt, 2))
    again = read(browser.get(item_url(attempt, 1)))
    assert again.chosen == first.options[2]
    assert "Saved 14:02:11" in again.text
    assert responses(db, attempt) == [(first.item_id, first.options[2])]


def test_resuming_elsewhere_shows_the_same_item_with_the_same_order(
    browser: FlaskClient, candidate: Someone, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    attempt = start_attempt(browser, candidate)
    for position in (1, 2, 3):
        answer(browser, attempt, position)
    here = read(browser.get(item_url(attempt, 4)))
    elsewhere = sign_in(candidate)
    response = elsewhere.post(f"/candidate/credentials/{candidate.credential_id}/assessment")
    assert response.headers["Location"] == item_url(attempt, 4)
    there = read(elsewhere.get(response.headers["Location"]))
    assert (there.item_id, there.options) == (here.item_id, here.options)


def test_a_replayed_save_changes_nothing(browser: FlaskClient, candidate: Someone, db: Database) -> None:
    attempt = start_attempt(browser, candidate)
    page = read(browser.get(item_url(attempt, 1)))
    sent = {"token": page.token, "go": "next", "answer": page.options[0]}
    outcomes = [browser.post(item_url(attempt, 1), data=sent) for _ in range(10)]
    assert {(one.status_code, one.headers["Location"]) for one in outcomes} == {(303, item_url(attempt, 2))}
    assert responses(db, attempt) == [(page.item_id, page.options[0])]


def test_a_replay_of_an_older_save_does_not_bring_the_older_answer_back(
    browser: FlaskClient, candidate: Someone, db: Database
) -> None:
    attempt = start_attempt(browser, candidate)
    page = read(browser.get(item_url(attempt, 1)))
    old = {"token": page.token, "go": "save", "answer": page.options[0]}
    browser.post(item_url(attempt, 1), data=old)
    answer(browser, attempt, 1, page.options[1])
    assert browser.post(item_url(attempt, 1), data=old).status_code == 303
    assert read(browser.get(item_url(attempt, 1))).chosen == page.options[1]
    assert responses(db, attempt) == [(page.item_id, page.options[0]), (page.item_id, page.options[1])]


def test_a_stale_tab_is_told_and_shown_where_the_attempt_is(
    browser: FlaskClient, candidate: Someone, db: Database
) -> None:
    attempt = start_attempt(browser, candidate)
    stale = read(browser.get(item_url(attempt, 1)))
    answer(browser, attempt, 1, stale.options[1])
    answer(browser, attempt, 2)
    response = browser.post(item_url(attempt, 1), data={"token": stale.token, "answer": stale.options[3], "go": "next"})
    shown = read(response)
    assert response.status_code == 409
    assert "this answer to question 1 was not saved" in shown.text
    assert shown.item_id == read(browser.get(item_url(attempt, 3))).item_id
    assert shown.token == read(browser.get(item_url(attempt, 3))).token
    assert read(browser.get(item_url(attempt, 1))).chosen == stale.options[1]
    assert len(responses(db, attempt)) == 2


def test_a_stale_tab_cannot_blank_an_answer(browser: FlaskClient, candidate: Someone, db: Database) -> None:
    attempt = start_attempt(browser, candidate)
    stale = read(browser.get(item_url(attempt, 1)))
    answer(browser, attempt, 1, stale.options[1])
    browser.post(item_url(attempt, 1), data={"token": stale.token, "go": "next"})
    assert read(browser.get(item_url(attempt, 1))).chosen == stale.options[1]
    assert len(responses(db, attempt)) == 1


def test_moving_on_without_an_answer_keeps_the_earlier_one(browser: FlaskClient, candidate: Someone) -> None:
    attempt = start_attempt(browser, candidate)
    page = read(browser.get(item_url(attempt, 1)))
    answer(browser, attempt, 1, page.options[1])
    token = read(browser.get(item_url(attempt, 1))).token
    browser.post(item_url(attempt, 1), data={"token": token, "go": "next"})
    assert read(browser.get(item_url(attempt, 1))).chosen == page.options[1]


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
        data={"token": page.token, "answer": page.options[0], "go": "next"},
        headers={"HX-Request": "true"},
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
        data={"token": page.token, "answer": page.options[0], "go": "save"},
        headers={"HX-Request": "true"},
    )
    receipt = read(response)
    assert "Saved 14:02:11" in receipt.text
    assert receipt.token == read(browser.get(item_url(attempt, 1))).token != page.token


def test_an_answer_that_is_no_option_is_refused_in_words(
    browser: FlaskClient, candidate: Someone, db: Database
) -> None:
    attempt = start_attempt(browser, candidate)
    response = answer(browser, attempt, 1, "zz")
    assert response.status_code == 422
    assert "not one of this question’s options" in read(response).text
    assert responses(db, attempt) == []


def test_after_the_time_is_over_nothing_is_saved_and_the_review_page_says_so(
    browser: FlaskClient, candidate: Someone, clock: Clock, library: Library, db: Database
) -> None:
    attempt = start_attempt(browser, candidate)
    page = read(browser.get(item_url(attempt, 1)))
    answer(browser, attempt, 1, page.options[0])
    token = read(browser.get(item_url(attempt, 1))).token
    clock.advance(seconds=library.spec("CT").seconds_allowed)
    late = browser.post(item_url(attempt, 1), data={"token": token, "answer": page.options[1], "go": "next"})
    assert (late.status_code, late.headers["Location"]) == (303, f"/candidate/attempts/{attempt}/review")
    assert "The time is over. Everything saved until then counts." in read(browser.get(late.headers["Location"])).text
    assert responses(db, attempt) == [(page.item_id, page.options[0])]


def test_a_window_that_is_not_open_is_said_with_its_date(
    db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    import datetime as dt

    early = add_someone(db, "early@test.example", clock=clock, earned_on=dt.date(2022, 9, 30))
    response = sign_in(early).post(f"/candidate/credentials/{early.credential_id}/assessment")
    assert response.status_code == 409
    assert "opens on 30 September 2029" in read(response).text


def test_the_assessment_of_a_cycle_is_taken_once(browser: FlaskClient, candidate: Someone) -> None:
    attempt = start_attempt(browser, candidate)
    browser.post(f"/candidate/attempts/{attempt}/review", data={"confirmed": "yes"})
    response = browser.post(f"/candidate/credentials/{candidate.credential_id}/assessment")
    assert response.status_code == 409
    assert "You have taken the assessment of this period." in read(response).text
