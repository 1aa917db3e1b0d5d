"""Before the first item: each step on its page, refused and timed out without harm; a tutorial that keeps nothing."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.core.items import FORMATS
from ssa_engine.storage.db import Database
from tests.factories import Clock, Page, Someone, begin_url, item_url, other, prepare, read, right, start_attempt
from tests.web.walk import snapshot

HTMX = {"HX-Request": "true"}


def heading(browser: FlaskClient, someone: Someone) -> Page:
    response = browser.get(begin_url(someone))
    assert response.status_code == 200
    return read(response)


def test_each_page_leads_to_the_next_and_the_clock_starts_last(
    browser: FlaskClient, candidate: Someone, clock: Clock, library: Library
) -> None:
    page = heading(browser, candidate)
    assert "Confirm who you are" in page.text
    assert "candidate@test.example" in page.text
    assert "You have 5 minutes to read and accept it." in page.text
    assert browser.post(begin_url(candidate), data={"step": "identity"}).headers["Location"] == begin_url(candidate)
    page = heading(browser, candidate)
    agreement = library.spec("CT").delivery.agreement
    assert agreement is not None
    assert agreement.text.split("\n")[0] in page.text
    clock.advance(minutes=4)
    browser.post(begin_url(candidate), data={"step": "agreement", "decision": "accept"})
    page = heading(browser, candidate)
    assert "Your self-assessment in Computed Tomography" in page.text
    clock.advance(minutes=60)
    response = browser.post(begin_url(candidate), data={"step": "start"})
    assert response.headers["Location"] == item_url(1, 1)
    assert [row["data-seconds"] for row in read(browser.get(item_url(1, 1))).rows("data-seconds")] == ["6000"]
    assert "Go on with question 1 of 80" in heading(browser, candidate).text


def test_a_refusal_says_that_nothing_was_started_and_lets_one_begin_again(
    browser: FlaskClient, candidate: Someone
) -> None:
    browser.post(begin_url(candidate), data={"step": "identity"})
    for decision in ({"decision": "refuse"}, {"decision": "refuse"}, {}):
        response = browser.post(begin_url(candidate), data={"step": "agreement", **decision})
        assert (response.status_code, response.headers["Location"]) == (303, begin_url(candidate))
    page = heading(browser, candidate)
    assert "You did not accept the agreement, so nothing was started. Nothing is lost: begin again" in page.text
    assert "Confirm who you are" in page.text
    assert start_attempt(browser, candidate) == 1


def test_a_time_out_says_so_on_the_page_and_to_who_accepts_too_late_and_lets_one_begin_again(
    browser: FlaskClient, candidate: Someone, clock: Clock
) -> None:
    browser.post(begin_url(candidate), data={"step": "identity"})
    clock.advance(minutes=5)
    late = browser.post(begin_url(candidate), data={"step": "agreement", "decision": "accept"})
    assert late.status_code == 409
    assert (
        "The time to accept the agreement ran out. Nothing is lost: begin again whenever you like." in read(late).text
    )
    page = heading(browser, candidate)
    assert "The time to accept the agreement ran out, so nothing was started." in page.text
    assert start_attempt(browser, candidate) == 1


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_nothing_starts_without_the_steps_before_it(
    browser: FlaskClient, candidate: Someone, db: Database, headers: dict[str, str]
) -> None:
    before = snapshot(db)
    for data in ({"step": "start"}, {}):
        response = browser.post(begin_url(candidate), data=data, headers=headers)
        assert response.status_code == 409
        assert "Confirm who you are and accept the agreement first; then" in read(response).text
    unknown = browser.post(begin_url(candidate), data={"step": "jump"}, headers=headers)
    assert unknown.status_code == 422
    assert "That button is not known here." in read(unknown).text
    assert snapshot(db) == before


def tutorial(someone: Someone, number: int) -> str:
    return f"/candidate/credentials/{someone.credential_id}/tutorial/{number}"


def test_the_tutorial_has_a_page_of_every_format_and_keeps_nothing(
    browser: FlaskClient, candidate: Someone, db: Database, library: Library
) -> None:
    prepare(browser, candidate)
    before, seen = snapshot(db), []
    for number in range(1, 6):
        page = read(browser.get(tutorial(candidate, number)))
        seen.append(page.format)
        item = library.practice.items[page.format]
        assert f"Practice {number} of 5" in page.text
        assert "Nothing here is kept or counted, and no clock is running." in page.text
        for choose in (right, other):
            posted = choose(item)
            response = browser.post(tutorial(candidate, number), data={"answer": posted, "go": "save"})
            assert response.status_code == 303
            shown = read(browser.get(response.headers["Location"]))
            assert item.read(shown.chosen or []) == item.read(posted)
        onward = browser.post(tutorial(candidate, number), data={"answer": right(item), "go": "next"})
        target = tutorial(candidate, number + 1) if number < 5 else begin_url(candidate)
        assert onward.headers["Location"] == target
        back = browser.post(tutorial(candidate, number), data={"go": "previous"})
        assert back.headers["Location"] == tutorial(candidate, max(1, number - 1))
    assert seen == list(FORMATS)
    assert snapshot(db) == before


def test_what_cannot_be_an_answer_is_practised_too(browser: FlaskClient, candidate: Someone, library: Library) -> None:
    number = list(FORMATS).index("number") + 1
    response = browser.get(tutorial(candidate, number), query_string={"answer": "1,333"})
    page = read(response)
    assert "“1,333” could be read in two ways." in page.text
    assert page.chosen == ["1,333"]


def test_a_page_of_the_tutorial_that_is_not_there_is_said(browser: FlaskClient, candidate: Someone) -> None:
    response = browser.get(tutorial(candidate, 6))
    assert response.status_code == 404
    assert "The tutorial has no page with that number." in read(response).text


def test_pictures_of_the_tutorial_are_sent_and_no_others(browser: FlaskClient, library: Library) -> None:
    [name] = library.practice.media
    response = browser.get(f"/candidate/practice/{name}")
    assert (response.status_code, response.mimetype) == (200, "image/png")
    assert response.data == library.practice.media[name].read_bytes()
    response.close()
    assert browser.get("/candidate/practice/none.png").status_code == 404
