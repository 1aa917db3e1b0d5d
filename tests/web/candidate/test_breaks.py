"""The break page: offered, taken, left out, ended; and what lies before and beyond it is refused in words."""

from __future__ import annotations

import pytest

from ssa_engine.content.library import Library
from ssa_engine.core.delivery import Breaks
from tests.actions.sittings import library_with
from tests.factories import item_url, read
from tests.web.candidate.sitting import Desk
from tests.web.walk import snapshot

HTMX = {"HX-Request": "true"}
LAST = 40
"""The position before the break of a form of 80."""


@pytest.fixture(scope="session")
def library(library: Library) -> Library:
    """The bundled content, with a break in the middle of CT's form."""
    return library_with(library, breaks=Breaks(count=1, minutes=10))


def break_url(desk: Desk) -> str:
    return f"{desk.base}/break"


def press(desk: Desk, go: str) -> str:
    response = desk.browser.post(break_url(desk), data={"go": go, "after": LAST})
    assert response.status_code == 303
    return response.headers["Location"]


def test_the_last_question_before_the_break_leads_to_it_and_the_page_offers_both_ways(desk: Desk) -> None:
    for headers, where in ((None, "Location"), (HTMX, "HX-Redirect")):
        response = desk.send(LAST, go="next", headers=headers)
        assert response.headers[where] == break_url(desk)
    page = read(desk.browser.get(break_url(desk)))
    assert "You may rest for up to 10 minutes. The clock stands while you do." in page.text
    assert "If you take the break, questions 1 to 40 lock" in page.text
    assert ("after", str(LAST)) in [(one.get("name"), one.get("value")) for one in page.inputs]
    assert desk.browser.get(item_url(desk.sitting.attempt_id, LAST + 1)).headers["Location"] == break_url(desk)


def test_a_break_that_is_taken_locks_what_was_before_it(desk: Desk) -> None:
    assert press(desk, "take") == break_url(desk)
    page = read(desk.browser.get(break_url(desk)))
    assert "You are on your break" in page.text
    assert "Questions 1 to 40 are locked. Your answers to them are saved and count." in page.text
    for position in (1, LAST, LAST + 1):
        response = desk.browser.get(item_url(desk.sitting.attempt_id, position))
        assert (response.status_code, response.headers["Location"]) == (302, break_url(desk))
    desk.sitting.clock.advance(minutes=3)
    assert press(desk, "end") == item_url(desk.sitting.attempt_id, LAST + 1)
    assert [row["data-seconds"] for row in desk.look(LAST + 1).rows("data-seconds")] == ["6000"]
    review = read(desk.browser.get(f"{desk.base}/review"))
    linked = [row["href"] for row in review.rows("href") if "data-answered" in row]
    assert linked == [item_url(desk.sitting.attempt_id, position) for position in range(LAST + 1, 81)]
    assert review.text.count("locked at your break") == LAST


def test_a_locked_question_is_refused_with_a_sentence_and_nothing_of_it_is_saved(desk: Desk) -> None:
    page = desk.look(1)
    press(desk, "take")
    press(desk, "end")
    said = "Questions 1 to 40 locked when you took your break. Your answers to them are saved and count."
    before = snapshot(desk.sitting.db)
    for headers in ({}, HTMX):
        looked = desk.browser.get(item_url(desk.sitting.attempt_id, 1), headers=headers)
        saved = desk.send(1, page, headers=headers, answer=page.choices[0], go="next")
        assert (looked.status_code, saved.status_code) == (409, 409)
        assert (said in read(looked).text, said in read(saved).text) == (True, True)
    assert snapshot(desk.sitting.db) == before


def test_a_question_beyond_the_break_is_refused_with_a_sentence_and_nothing_of_it_is_saved(desk: Desk) -> None:
    page, before = desk.look(1), snapshot(desk.sitting.db)
    for position in (LAST + 1, 80):
        said = f"Question {position} comes after your break. Go on to the break first."
        for headers in ({}, HTMX):
            saved = desk.send(position, page, headers=headers, answer=["a"], go="next")
            assert saved.status_code == 409
            assert said in read(saved).text
            noted = desk.browser.post(f"{desk.base}/items/{position}/tools", data={"note": "x"}, headers=headers)
            assert (noted.status_code, said in read(noted).text) == (409, True)
        if position > LAST + 1:
            looked = desk.browser.get(item_url(desk.sitting.attempt_id, position))
            assert (looked.status_code, said in read(looked).text) == (409, True)
    assert snapshot(desk.sitting.db) == before


def test_a_break_that_is_left_out_locks_nothing(desk: Desk) -> None:
    assert press(desk, "skip") == item_url(desk.sitting.attempt_id, LAST + 1)
    assert desk.send(1, answer=desk.look(1).choices[0], go="next").status_code == 303
    assert desk.browser.get(break_url(desk)).headers["Location"] == item_url(desk.sitting.attempt_id, 2)


def test_pressing_twice_skips_no_second_break_and_ends_nothing(desk: Desk) -> None:
    for go in ("skip", "skip", "take"):
        press(desk, go)
    assert desk.sitting.attempt.breaks_done == 1
    assert desk.sitting.attempt.break_began_at is None


def test_a_break_that_is_over_says_so(desk: Desk) -> None:
    press(desk, "take")
    desk.sitting.clock.advance(minutes=11)
    page = read(desk.browser.get(break_url(desk)))
    assert "Your break is over" in page.text
    assert "The clock is running again." in page.text
    assert desk.look(LAST + 1).rows("data-seconds")[0]["data-seconds"] == str(6000 - 60)


def test_another_button_is_refused_in_words(desk: Desk) -> None:
    before = snapshot(desk.sitting.db)
    response = desk.browser.post(break_url(desk), data={"go": "dance"})
    assert response.status_code == 422
    assert "That button is not known here. Reload the page and try again." in read(response).text
    assert snapshot(desk.sitting.db) == before


def test_after_the_end_the_break_page_leads_to_the_review(desk: Desk) -> None:
    desk.sitting.clock.advance(minutes=100)
    assert desk.browser.get(break_url(desk)).headers["Location"] == f"{desk.base}/review"
    late = desk.browser.post(break_url(desk), data={"go": "take"})
    assert late.status_code == 409
    assert "The time for this assessment is over. Everything saved until then counts." in read(late).text
