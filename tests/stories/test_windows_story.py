"""One sitting in two windows or on two devices: which one is live, what the other is told, and how it goes on."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.stories.browser import (
    CANDIDATE,
    SAVED,
    Visitor,
    at_position,
    attempt_of,
    begin,
    button,
    option,
    receipt,
)
from tests.stories.records import events_stored, kinds_stored, log_stored, order_stored, position_stored, stored

WENT_ON = "Your assessment went on in another window, so this answer to question 1 was not saved."
CHANGED = "This answer was changed in another window since. You see what is saved now."
ELSEWHERE = "Your assessment is open in another window"
both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "plain"])


def choose(page: Page, value: str, *, javascript: bool) -> None:
    """Choose an option and send it: by itself, or with the button."""
    option(page, value).click()
    if not javascript:
        button(page, "Save and go on").click()


@both_ways
def test_the_stale_of_two_windows_is_told_in_words_and_goes_on_with_one_button(
    visitor: Visitor, javascript: bool
) -> None:
    visitor.watch.expected.append("status of 409")
    ahead = visitor.open(CANDIDATE, javascript=javascript)
    first = begin(ahead)
    stale = ahead.context.new_page()
    stale.goto(ahead.url)
    assert at_position(stale, 1) == first
    option(ahead, first.options[0]).click()
    button(ahead, "Save and go on").click()
    at_position(ahead, 2)

    choose(stale, first.options[1], javascript=javascript)
    expect(stale.get_by_role("heading", level=1)).to_have_text(ELSEWHERE)
    expect(stale.get_by_role("alert")).to_contain_text(WENT_ON)
    expect(stale.locator("#item")).to_contain_text("It is at question 2 of 80 there.")
    expect(stale.locator("main").get_by_role("button")).to_have_count(1)
    assert stored(visitor.site, ahead) == {1: first.options[0]}
    if javascript:
        expect(stale.locator("#item-heading")).to_be_focused()

    button(stale, "Continue here").click()
    second = at_position(stale, 2)
    assert second.chosen is None
    option(stale, second.options[1]).click()
    button(stale, "Save and go on").click()
    at_position(stale, 3)
    assert stored(visitor.site, ahead) == {1: first.options[0], 2: second.options[1]}

    choose(ahead, second.options[0], javascript=javascript)
    expect(ahead.get_by_role("heading", level=1)).to_have_text(ELSEWHERE)
    assert stored(visitor.site, stale) == {1: first.options[0], 2: second.options[1]}
    kinds = kinds_stored(visitor.site, stale)
    assert (kinds.count("stale_page"), kinds.count("continued_here")) == (2, 1)


@both_ways
def test_a_stale_window_can_neither_blank_an_answer_nor_file_one_under_another_item(
    visitor: Visitor, javascript: bool
) -> None:
    visitor.watch.expected.append("status of 409")
    ahead = visitor.open(CANDIDATE, javascript=javascript)
    first = begin(ahead)
    stale = ahead.context.new_page()
    stale.goto(ahead.url)
    option(ahead, first.options[0]).click()
    button(ahead, "Save and go on").click()
    second = at_position(ahead, 2)
    option(ahead, second.options[2]).click()
    button(ahead, "Save and go on").click()
    at_position(ahead, 3)
    button(stale, "Save and go on").click()
    assert at_position(stale, 3).chosen is None, "it is shown where the attempt really is"
    assert stored(visitor.site, ahead) == {1: first.options[0], 2: second.options[2]}
    assert len(log_stored(visitor.site.db, attempt_of(ahead))) == 2


def test_a_note_on_a_stale_page_is_not_lost_without_a_word(visitor: Visitor) -> None:
    visitor.watch.expected.append("status of 409")
    ahead = visitor.open(CANDIDATE, javascript=False)
    first = begin(ahead)
    stale = ahead.context.new_page()
    stale.goto(ahead.url)
    choose(ahead, first.options[0], javascript=False)
    at_position(ahead, 2)
    stale.locator("#aids summary").click()
    stale.get_by_label("Note to yourself").fill("Look this up")
    button(stale, "Save note and comment").click()
    expect(stale.get_by_role("heading", level=1)).to_have_text(ELSEWHERE)
    button(stale, "Continue here").click()
    at_position(stale, 2)
    button(stale, "Previous").click()
    at_position(stale, 1)
    stale.locator("#aids summary").click()
    stale.get_by_label("Note to yourself").fill("Look this up")
    button(stale, "Save note and comment").click()
    stale.locator("#aids summary").click()
    expect(stale.get_by_label("Note to yourself")).to_have_value("Look this up")
    assert stored(visitor.site, stale) == {1: first.options[0]}


def test_two_windows_that_race_store_one_answer_and_tell_the_other(visitor: Visitor) -> None:
    visitor.watch.expected.append("status of 409")
    one = visitor.open(CANDIDATE)
    shown = begin(one)
    other = visitor.open(CANDIDATE)
    other.goto(one.url)
    for position in range(1, 4):
        shown = at_position(one, position)
        assert at_position(other, position) == shown
        answers = {one: shown.options[0], other: shown.options[1]}
        visitor.site.answers_late = 0.3  # both requests are under way before either page hears of its own
        for page, value in answers.items():
            page.evaluate("(value) => document.querySelector(`input[value='${value}']`).click()", value)
        for page in answers:
            expect(page.locator("#receipt:has(time), .elsewhere")).to_be_visible()
        visitor.site.answers_late = 0.0
        told_saved = [page for page in answers if page.locator("#receipt time").count()]
        assert len(told_saved) == 1, "exactly one was told that its answer is saved"
        assert stored(visitor.site, one)[position] == answers[told_saved[0]]
        winner, loser = told_saved[0], other if told_saved[0] is one else one
        button(winner, "Save and go on").click()
        at_position(winner, position + 1)
        button(loser, "Continue here").click()
        at_position(loser, position + 1)
        winner.reload()
    assert len(log_stored(visitor.site.db, attempt_of(one))) == 3


def test_a_retry_that_was_overtaken_shows_what_counts_now(visitor: Visitor) -> None:
    visitor.watch.expected += ("net::ERR_FAILED", "htmx:sendError", "htmx:afterRequest")
    one = visitor.open(CANDIDATE)
    first = begin(one)
    lose_the_answer(one)
    option(one, first.options[0]).click()
    expect(receipt(one)).to_contain_text("Not saved yet.")
    other = visitor.open(CANDIDATE)
    other.goto(one.url)
    assert at_position(other, 1).chosen == first.options[0]
    option(other, first.options[3]).click()
    expect(receipt(other)).to_have_text(SAVED)
    one.unroute_all(behavior="ignoreErrors")  # one of the answers may be on its way to being lost
    expect(one.get_by_role("alert").filter(has_text=CHANGED)).to_be_visible()
    assert at_position(one, 1).chosen == first.options[3]
    assert stored(visitor.site, one) == {1: first.options[3]}


def lose_the_answer(page: Page) -> None:
    """Let every save arrive, and none of the answers to them."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/items/*", lose)


@both_ways
def test_a_sitting_goes_on_in_another_browser_with_the_same_items_options_and_answers(
    visitor: Visitor, javascript: bool
) -> None:
    page = visitor.open(CANDIDATE, javascript=javascript)
    begin(page)
    order = order_stored(visitor.site.db, attempt_of(page))
    seen = {}
    for position in range(1, 7):
        shown = at_position(page, position)
        seen[position] = shown
        if shown.format == "single":
            option(page, shown.options[position % 3]).click()
        button(page, "Save and go on").click()
    at_position(page, 7)
    attempt = attempt_of(page)
    page.context.close()

    page = visitor.open(CANDIDATE, javascript=javascript, viewport={"width": 390, "height": 844})
    page.get_by_role("link", name="Go on with my assessment").click()
    button(page, "Go on with question 7 of 80").click()
    at_position(page, 7)
    assert (attempt_of(page), order_stored(visitor.site.db, attempt)) == (attempt, order)
    answers = stored(visitor.site, page)
    for position, was in seen.items():
        page.goto(f"/candidate/attempts/{attempt}/items/{position}")
        shown = at_position(page, position)
        assert (shown.item, shown.options, shown.chosen) == (was.item, was.options, answers.get(position))
        assert (shown.item, shown.options) == order[position - 1]
    assert position_stored(visitor.site, page) == 7


def test_back_and_forward_show_what_is_saved_and_the_log_says_what_was_opened(visitor: Visitor) -> None:
    page = visitor.open(CANDIDATE)
    first = begin(page)
    option(page, first.options[1]).click()
    button(page, "Save and go on").click()
    at_position(page, 2)
    button(page, "Review all").click()
    expect(page.get_by_role("heading", name="Review your answers")).to_be_visible()
    page.go_back()
    at_position(page, 2)
    page.go_back()
    assert at_position(page, 1).chosen == first.options[1]
    option(page, first.options[2]).click()
    expect(receipt(page)).to_have_text(SAVED)
    assert stored(visitor.site, page) == {1: first.options[2]}
    opened = [at for kind, at, _ in events_stored(visitor.site.db, attempt_of(page)) if kind == "rendered"]
    assert opened[:2] == [1, 2]
    assert opened[-1] == 1
