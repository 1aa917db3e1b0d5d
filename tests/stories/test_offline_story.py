"""Saving while things go amiss: slow answers, quick fingers, two windows, no server."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.stories.browser import (
    CANDIDATE,
    SAVED,
    Visitor,
    at_position,
    begin,
    button,
    option,
    receipt,
    sign_in,
)
from tests.stories.records import position_stored, stored

NOT_SAVED = "Not saved yet. Keep this page open; trying again"
STAY = "You can go on as soon as this answer is saved."
AWAY = ("net::ERR_CONNECTION_REFUSED", "net::ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest")
"""What a browser and htmx note in the console when no server answers."""

slowly = pytest.mark.parametrize("late", [0.0, 0.3], ids=["at once", "300 ms late"])
both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "plain"])


def test_choosing_an_option_saves_it_without_pressing_anything(visitor: Visitor) -> None:
    page = visitor.open(CANDIDATE)
    first = begin(page)
    expect(receipt(page)).to_have_text("")
    option(page, first.options[2]).click()
    expect(receipt(page)).to_have_text(SAVED)
    assert stored(visitor.site, page) == {1: first.options[2]}
    option(page, first.options[0]).click()
    expect(page.locator(f"input[value='{first.options[0]}']")).to_be_checked()
    page.reload()
    assert at_position(page, 1).chosen == first.options[0]
    assert stored(visitor.site, page) == {1: first.options[0]}


@slowly
def test_choosing_and_pressing_at_once_moves_one_item_and_stores_the_last_choice(visitor: Visitor, late: float) -> None:
    page = visitor.open(CANDIDATE)
    first = begin(page)
    visitor.site.answers_late = late
    option(page, first.options[0]).click()
    option(page, first.options[3]).click()
    button(page, "Save and go on").click()
    second = at_position(page, 2)
    settle(visitor)
    assert at_position(page, 2) == second
    assert stored(visitor.site, page) == {1: first.options[3]}
    assert position_stored(visitor.site, page) == 2


QUICKEST = """(values) => {
  for (const value of values) document.querySelector(`#answer-form input[value='${value}']`).click();
  document.querySelector("#answer-form button[value='next']").click();
}"""


@slowly
def test_two_choices_and_a_press_in_one_instant_lose_nothing(visitor: Visitor, late: float) -> None:
    page = visitor.open(CANDIDATE)
    first = begin(page)
    visitor.site.answers_late = late
    page.evaluate(QUICKEST, [first.options[1], first.options[2]])
    second = at_position(page, 2)
    settle(visitor)
    assert at_position(page, 2) == second
    assert stored(visitor.site, page) == {1: first.options[2]}
    assert position_stored(visitor.site, page) == 2


@slowly
@both_ways
def test_a_double_click_moves_one_item(visitor: Visitor, javascript: bool, late: float) -> None:
    page = visitor.open(CANDIDATE, javascript=javascript)
    first = begin(page)
    option(page, first.options[1]).click()
    visitor.site.answers_late = late
    button(page, "Save and go on").dblclick()
    second = at_position(page, 2)
    settle(visitor)
    assert at_position(page, 2) == second
    assert stored(visitor.site, page) == {1: first.options[1]}
    assert position_stored(visitor.site, page) == 2


def settle(visitor: Visitor) -> None:
    """Wait as long as anything still under way could need: two slow answers and some."""
    visitor.contexts[0].pages[0].wait_for_timeout(300 + 2000 * visitor.site.answers_late)


def test_while_the_server_is_away_the_page_says_not_saved_and_keeps_the_choice(visitor: Visitor) -> None:
    visitor.watch.expected += AWAY
    page = visitor.open(CANDIDATE)
    first = begin(page)
    page.route("**/items/*", refuse)
    option(page, first.options[1]).click()
    expect(receipt(page)).to_have_text(NOT_SAVED)
    expect(receipt(page)).to_have_attribute("role", "alert")
    button(page, "Save and go on").click()
    expect(page.locator("#stay")).to_have_text(STAY)
    expect(button(page, "Save and go on")).to_be_focused()
    assert at_position(page, 1).chosen == first.options[1]
    expect(receipt(page)).to_have_text(NOT_SAVED)
    assert stored(visitor.site, page) == {}

    page.unroute("**/items/*", refuse)
    option(page, first.options[2]).click()
    expect(receipt(page)).to_have_text(SAVED)
    expect(page.locator("#stay")).to_have_count(0)
    assert stored(visitor.site, page) == {1: first.options[2]}
    button(page, "Save and go on").click()
    at_position(page, 2)


def test_the_button_pressed_while_the_server_was_away_works_once_it_is_back(visitor: Visitor) -> None:
    visitor.watch.expected += AWAY
    page = visitor.open(CANDIDATE)
    first = begin(page)
    page.route("**/items/*", refuse)
    option(page, first.options[1]).click()
    button(page, "Save and go on").click()
    expect(receipt(page)).to_have_text(NOT_SAVED)
    expect(page.locator("#stay")).to_have_text(STAY)
    page.unroute("**/items/*", refuse)
    button(page, "Save and go on").click()
    at_position(page, 2)
    assert stored(visitor.site, page) == {1: first.options[1]}


def test_the_page_tries_again_by_itself_when_the_server_is_back(visitor: Visitor) -> None:
    visitor.watch.expected += AWAY
    page = visitor.open()
    page.clock.install()
    sign_in(page, CANDIDATE)
    first = begin(page)
    page.route("**/items/*", refuse)
    option(page, first.options[1]).click()
    expect(receipt(page)).to_have_text(NOT_SAVED)
    page.unroute("**/items/*", refuse)
    page.clock.fast_forward("00:10")
    expect(receipt(page)).to_have_text(SAVED)
    assert stored(visitor.site, page) == {1: first.options[1]}


def test_a_browser_that_comes_back_online_saves_at_once(visitor: Visitor) -> None:
    visitor.watch.expected += AWAY
    page = visitor.open(CANDIDATE)
    first = begin(page)
    page.context.set_offline(True)
    option(page, first.options[3]).click()
    expect(receipt(page)).to_have_text(NOT_SAVED)
    assert stored(visitor.site, page) == {}
    page.context.set_offline(False)
    expect(receipt(page)).to_have_text(SAVED, timeout=3_000)
    assert stored(visitor.site, page) == {1: first.options[3]}


def test_a_lost_connection_is_told_before_anybody_saves_and_when_it_is_back(visitor: Visitor) -> None:
    visitor.watch.expected += AWAY
    page = visitor.open(CANDIDATE)
    begin(page)
    page.locator("#item-heading").focus()
    page.route("**/pulse", refuse)
    line = page.locator("#connection")
    expect(line).to_have_text("The connection is lost. You can read on; answers are saved as soon as it is back.")
    expect(receipt(page)).to_have_text("")
    expect(page.locator("#item-heading")).to_be_focused()
    page.unroute("**/pulse", refuse)
    expect(line).to_have_text("The connection is back.", timeout=10_000)
    expect(line).to_be_hidden(timeout=10_000)


def refuse(route: Route) -> None:
    """Behave like a server that is not there."""
    route.abort("connectionrefused")
