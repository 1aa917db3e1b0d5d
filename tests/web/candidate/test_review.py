"""The review page, and submission: what is open is named before anything is final."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.core.attempts import Attempt, State
from ssa_engine.storage import attempts
from ssa_engine.storage.db import Database
from tests.factories import Clock, Page, Someone, answer, item_url, read, start_attempt
from tests.web.walk import snapshot

FINAL = "Once submitted, answers can no longer be changed."


def stored(db: Database, attempt_id: int) -> Attempt:
    with db.read() as connection:
        found = attempts.get(connection, attempt_id)
    assert found is not None
    return found


def review_url(attempt: int) -> str:
    return f"/candidate/attempts/{attempt}/review"


def answer_all_but(browser: FlaskClient, attempt: int, *unanswered: int, flagged: tuple[int, ...] = ()) -> None:
    for position in range(1, 81):
        if position not in unanswered:
            answer(browser, attempt, position)
    for position in flagged:
        token = read(browser.get(item_url(attempt, position))).token
        browser.post(item_url(attempt, position), data={"token": token, "go": "flag"})


def marks(page: Page, name: str) -> list[int]:
    """Positions whose link says so."""
    return [int(row["href"].rsplit("/", 1)[1]) for row in page.rows(name) if row[name] == "true"]


def links(page: Page) -> list[int]:
    """Positions that are linked."""
    return [int(row["href"].rsplit("/", 1)[1]) for row in page.rows("data-answered")]


def test_the_review_shows_every_question_with_its_state(browser: FlaskClient, candidate: Someone) -> None:
    attempt = start_attempt(browser, candidate)
    for position in (1, 2, 5):
        answer(browser, attempt, position)
    answer(browser, attempt, 5, go="flag")
    page = read(browser.get(review_url(attempt)))
    links = [row["href"] for row in page.rows("data-answered")]
    assert links == [item_url(attempt, position) for position in range(1, 81)]
    assert (marks(page, "data-answered"), marks(page, "data-flagged")) == ([1, 2, 5], [5])
    assert "3 of 80 answered, 1 flagged. about 100 minutes left" in page.text


def test_the_confirmation_names_what_is_not_answered_and_what_is_flagged(
    browser: FlaskClient, candidate: Someone, db: Database
) -> None:
    attempt = start_attempt(browser, candidate)
    answer_all_but(browser, attempt, 3, 41, flagged=(7, 41, 80))
    before = snapshot(db)
    page = read(browser.post(review_url(attempt), data={"go": "submit"}))
    assert f"2 questions are not answered: 3 , 41 . 3 questions are flagged: 7 , 41 , 80 . {FINAL}" in page.text
    named = [found["href"] for tag, found in page.elements if tag == "a" and "data-answered" not in found]
    positions = (3, 41, 7, 41, 80)
    assert [href for href in named if "/items/" in href][: len(positions)] == [
        item_url(attempt, position) for position in positions
    ]
    assert snapshot(db) == before
    assert stored(db, attempt).state is State.IN_PROGRESS


@pytest.mark.parametrize(
    ("unanswered", "flagged", "sentence"),
    [
        ((9,), (), f"1 question is not answered: 9 . {FINAL}"),
        ((), (9,), f"1 question is flagged: 9 . {FINAL}"),
    ],
)
def test_one_is_named_as_one(
    browser: FlaskClient, candidate: Someone, unanswered: tuple[int, ...], flagged: tuple[int, ...], sentence: str
) -> None:
    attempt = start_attempt(browser, candidate)
    answer_all_but(browser, attempt, *unanswered, flagged=flagged)
    assert sentence in read(browser.post(review_url(attempt), data={"go": "submit"})).text


def test_only_the_button_of_the_confirmation_submits_what_is_open(
    browser: FlaskClient, candidate: Someone, db: Database, clock: Clock
) -> None:
    attempt = start_attempt(browser, candidate)
    for data in ({}, {"go": "submit"}, {"confirmed": "no"}, {"confirmed": ""}, {"confirmed": "YES"}):
        assert browser.post(review_url(attempt), data=data).status_code == 200
        assert stored(db, attempt).state is State.IN_PROGRESS
    page = read(browser.post(review_url(attempt), data={"go": "submit"}))
    confirmed = next(one["value"] for one in page.inputs if one["name"] == "confirmed")
    clock.advance(seconds=90)
    response = browser.post(review_url(attempt), data={"go": "submit", "confirmed": confirmed})
    assert (response.status_code, response.headers["Location"]) == (303, f"/candidate/attempts/{attempt}/result")
    assert stored(db, attempt).submitted_at == clock()


def test_with_everything_answered_and_no_flag_one_press_submits(
    browser: FlaskClient, candidate: Someone, db: Database
) -> None:
    attempt = start_attempt(browser, candidate)
    answer_all_but(browser, attempt)
    response = browser.post(review_url(attempt), data={"go": "submit"})
    assert (response.status_code, response.headers["Location"]) == (303, f"/candidate/attempts/{attempt}/result")
    assert stored(db, attempt).state is State.RELEASED


def test_after_submission_nothing_can_be_changed_and_every_page_leads_to_the_result(
    browser: FlaskClient, candidate: Someone, db: Database
) -> None:
    attempt = start_attempt(browser, candidate)
    page = read(browser.get(item_url(attempt, 1)))
    browser.post(review_url(attempt), data={"confirmed": "yes"})
    before = snapshot(db)
    sent = {"token": page.token, "answer": page.choices[0], "go": "next"}
    for data in (sent, {**sent, "go": "flag"}, {"go": "previous"}):
        response = browser.post(item_url(attempt, 1), data=data)
        assert (response.status_code, response.headers["Location"]) == (303, review_url(attempt))
        late = browser.post(item_url(attempt, 1), data=data, headers={"HX-Request": "true"})
        assert (late.status_code, late.headers["HX-Redirect"]) == (204, review_url(attempt))
    for url in (item_url(attempt, 1), review_url(attempt)):
        end = browser.get(url, follow_redirects=True)
        assert end.request.path == f"/candidate/attempts/{attempt}/result"
    again = browser.post(review_url(attempt), data={"confirmed": "yes"})
    assert (again.status_code, again.headers["Location"]) == (303, f"/candidate/attempts/{attempt}/result")
    assert snapshot(db) == before


def test_after_the_time_is_over_one_press_submits_as_of_the_end_of_the_clock(
    browser: FlaskClient, candidate: Someone, db: Database, clock: Clock, library: Library
) -> None:
    attempt = start_attempt(browser, candidate)
    answer(browser, attempt, 1)
    began = clock()
    clock.advance(hours=5)
    assert "The time is over. Everything saved until then counts." in read(browser.get(review_url(attempt))).text
    assert browser.post(review_url(attempt), data={"go": "submit"}).status_code == 303
    end = stored(db, attempt).submitted_at
    assert end is not None
    assert (end - began).total_seconds() == library.spec("CT").seconds_allowed


def test_the_time_left_is_the_server_s(browser: FlaskClient, candidate: Someone, clock: Clock) -> None:
    attempt = start_attempt(browser, candidate)
    for gone, left in (
        (0, "100 minutes"),
        (60, "99 minutes"),
        (5939, "2 minutes"),
        (5941, "1 minute"),
        (5999, "1 minute"),
    ):
        at = clock()
        clock.advance(seconds=gone)
        assert f"bout {left} left" in read(browser.get(review_url(attempt))).text, gone
        page = read(browser.get(item_url(attempt, 1)))
        assert [row["data-seconds"] for row in page.rows("data-seconds")] == [str(6000 - gone)]
        clock.at = at


def test_htmx_is_sent_on_to_the_result(
    browser: FlaskClient, candidate: Someone, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    attempt = start_attempt(browser, candidate)
    response = browser.post(review_url(attempt), data={"confirmed": "yes"}, headers={"HX-Request": "true"})
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, f"/candidate/attempts/{attempt}/result")


def test_the_review_can_be_narrowed_to_what_is_open_flagged_or_noted(browser: FlaskClient, candidate: Someone) -> None:
    attempt = start_attempt(browser, candidate)
    answer(browser, attempt, 1)
    answer(browser, attempt, 2, go="flag")
    browser.post(f"{item_url(attempt, 4)}/tools", data={"note": "look again"})
    shown = {
        name: links(read(browser.get(f"{review_url(attempt)}?show={name}")))
        for name in ("all", "unanswered", "flagged", "noted", "nonsense")
    }
    everything = list(range(1, 81))
    assert shown == {
        "all": everything,
        "unanswered": everything[2:],
        "flagged": [2],
        "noted": [4],
        "nonsense": everything,
    }
