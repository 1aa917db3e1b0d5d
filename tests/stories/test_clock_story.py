"""The clock of a sitting in a browser: warnings, time granted, the end, the last answer, hiding it."""

from __future__ import annotations

import datetime as dt
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from ssa_engine.actions.sittings import grant_time
from ssa_engine.content.library import Library
from ssa_engine.core.attempts import State
from tests.stories.browser import (
    CANDIDATE,
    SAVED,
    Shown,
    Visitor,
    Watch,
    at_position,
    attempt_of,
    begin,
    button,
    give,
    give_one,
    option,
    receipt,
)
from tests.stories.records import (
    attempt_stored,
    end_in,
    events_stored,
    kinds_stored,
    log_stored,
    stored,
)
from tests.stories.site import serving
from tests.stories.spoken import spoken

AWAY = ("net::ERR_CONNECTION_REFUSED", "net::ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest")
OVER = "The time is over. Everything saved was submitted."
TOO_LATE = "Your last change to question 1 came too late and was not saved."
both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "plain"])


def warnings_spoken(page: Page) -> list[str]:
    """Return the warnings that the page has spoken since it was loaded."""
    return [words for words in spoken(page) if "left" in words]


def open_number(page: Page, positions: dict[str, int]) -> Shown:
    """Open the first question that asks for a number."""
    page.goto(f"/candidate/attempts/{attempt_of(page)}/items/{positions['number']}")
    return at_position(page, positions["number"])


def test_warnings_are_shown_and_spoken_once_each_and_again_after_time_was_granted(visitor: Visitor) -> None:
    page = visitor.open(CANDIDATE)
    begin(page)
    warning = page.locator("#clock-warning")
    expect(warning).to_be_hidden()
    end_in(visitor.site, page, 5 * 60 + 4)
    page.reload()
    expect(warning).to_have_text("Less than 15 minutes are left.")
    expect(warning).to_have_text("Less than 5 minutes are left.")
    page.wait_for_timeout(2000)  # nothing is said again each second
    assert warnings_spoken(page) == ["Less than 15 minutes are left.", "Less than 5 minutes are left."]

    page.reload()
    expect(warning).to_have_text("Less than 5 minutes are left.")
    button(page, "Save and go on").click()
    at_position(page, 2)
    expect(warning).to_have_text("Less than 5 minutes are left.")
    assert warnings_spoken(page) == [], "neither a reload nor another question warns again"

    end_in(visitor.site, page, 30 * 60)
    expect(warning).to_be_hidden(timeout=10_000)
    end_in(visitor.site, page, 4 * 60)
    expect(warning).to_have_text("Less than 5 minutes are left.", timeout=10_000)
    assert warnings_spoken(page)[-1:] == ["Less than 5 minutes are left."]
    found = [detail for kind, _, detail in events_stored(visitor.site.db, attempt_of(page)) if kind == "warned"]
    assert found == ["15 min", "5 min", "5 min"]


def test_time_granted_shows_within_ten_seconds_and_disturbs_nothing(
    visitor: Visitor, positions: dict[str, int]
) -> None:
    page = visitor.open(CANDIDATE)
    begin(page)
    open_number(page, positions)
    expect(page.locator("#time-left")).to_have_text("about 100 minutes left")
    page.locator("#number").press_sequentially("12.")
    now = dt.datetime.now(dt.UTC)
    grant_time(visitor.site.db, attempt_id=attempt_of(page), minutes=30, reason="Fire drill", who="test", now=now)
    expect(page.locator("#time-left")).to_have_text("about 130 minutes left", timeout=10_000)
    expect(page.locator("#number")).to_be_focused()
    page.keyboard.type("5")
    expect(page.locator("#number")).to_have_value("12.5")
    page.keyboard.press("Tab")
    expect(receipt(page)).to_have_text(SAVED)
    assert list(stored(visitor.site, page).values()) == ["12.5"]


def test_at_the_end_what_is_typed_is_saved_and_all_is_submitted_as_of_the_end(
    visitor: Visitor, positions: dict[str, int]
) -> None:
    page = visitor.open(CANDIDATE)
    first = begin(page)
    option(page, first.options[1]).click()
    expect(receipt(page)).to_have_text(SAVED)
    number = open_number(page, positions)
    ends_at = end_in(visitor.site, page, 5)
    page.reload()
    page.locator("#number").fill("7,5")
    expect(page.get_by_role("heading", level=1)).to_have_text("The time is over")
    expect(page.get_by_role("status").filter(has_text=OVER)).to_be_visible()
    attempt = attempt_stored(visitor.site.db, attempt_of(page))
    assert (attempt.submitted_at, attempt.state) == (ends_at, State.RELEASED)
    assert stored(visitor.site, page) == {1: first.options[1], number.position: "7.5"}
    page.get_by_role("link", name="Go on to what comes next").click()
    expect(page.get_by_role("heading", name="Your result in Computed Tomography")).to_be_visible()


def test_an_answer_that_was_on_its_way_at_the_end_is_kept_and_marked(visitor: Visitor) -> None:
    page = visitor.open(CANDIDATE)
    first = begin(page)
    ends_at = end_in(visitor.site, page, 8)
    page.reload()
    page.route("**/items/*", slow_down)
    page.wait_for_timeout(1000 * (ends_at - dt.datetime.now(dt.UTC)).total_seconds() - 1500)
    option(page, first.options[2]).click()
    expect(page.get_by_role("status").filter(has_text=OVER)).to_be_visible()
    expect(page.locator(".over")).not_to_contain_text("too late")
    assert log_stored(visitor.site.db, attempt_of(page)) == [(first.item, first.options[2], True)]
    assert attempt_stored(visitor.site.db, attempt_of(page)).submitted_at == ends_at


def slow_down(route: Route) -> None:
    """Let a request arrive three seconds later."""
    time.sleep(3)
    route.continue_()


def test_the_end_without_a_connection_is_told_and_what_came_too_late_as_well(visitor: Visitor) -> None:
    visitor.watch.expected += AWAY
    page = visitor.open(CANDIDATE)
    first = begin(page)
    ends_at = end_in(visitor.site, page, 5)
    page.reload()
    page.context.set_offline(True)
    option(page, first.options[2]).click()
    expect(page.locator(".over")).to_contain_text("your assessment is not submitted yet. Keep this page open")
    visitor.site.ahead += dt.timedelta(minutes=1)
    page.context.set_offline(False)
    expect(page.get_by_role("status").filter(has_text=f"{OVER} {TOO_LATE}")).to_be_visible()
    assert stored(visitor.site, page) == {}
    assert attempt_stored(visitor.site.db, attempt_of(page)).submitted_at == ends_at


def test_time_granted_at_the_very_end_lets_the_candidate_go_on(visitor: Visitor) -> None:
    page = visitor.open(CANDIDATE)
    first = begin(page)
    end_in(visitor.site, page, 5)
    page.reload()
    option(page, first.options[0]).focus()
    now = dt.datetime.now(dt.UTC)
    grant_time(visitor.site.db, attempt_id=attempt_of(page), minutes=30, reason="Fire drill", who="test", now=now)
    expect(page.locator("#time-left")).to_have_text("about 30 minutes left", timeout=10_000)
    give_one(page, first)
    expect(receipt(page)).to_have_text(SAVED)
    assert attempt_stored(visitor.site.db, attempt_of(page)).state is State.IN_PROGRESS


def test_a_save_after_the_end_is_told_and_everything_saved_is_submitted(visitor: Visitor) -> None:
    page = visitor.open(CANDIDATE)
    first = begin(page)
    give(page, first, first.options[0])
    expect(receipt(page)).to_have_text(SAVED)
    visitor.site.ahead += dt.timedelta(minutes=101)
    give(page, first, first.options[1])
    expect(page.get_by_role("status").filter(has_text=f"{OVER} {TOO_LATE}")).to_be_visible()
    assert stored(visitor.site, page) == {1: first.options[0]}


@both_ways
def test_the_exact_end_is_recorded_even_if_nobody_looked_for_an_hour(visitor: Visitor, javascript: bool) -> None:
    page = visitor.open(CANDIDATE, javascript=javascript)
    first = begin(page)
    give(page, first, first.options[1])
    button(page, "Save and go on").click()
    at_position(page, 2)
    attempt = attempt_of(page)
    ends_at = attempt_stored(visitor.site.db, attempt).ends_at
    page.close()
    visitor.site.ahead += dt.timedelta(minutes=100, hours=1)
    page = visitor.open(CANDIDATE, javascript=javascript)
    page.goto(f"/candidate/attempts/{attempt}/items/2")
    expect(page.get_by_role("heading", level=1)).to_have_text("The time is over")
    button(page, "Submit my assessment").click()
    expect(page.get_by_role("heading", name="Your result in Computed Tomography")).to_be_visible()
    assert attempt_stored(visitor.site.db, attempt).submitted_at == ends_at
    assert "timed_out" in kinds_stored(visitor.site, page)


@both_ways
def test_the_clock_is_hidden_for_the_person_and_still_warns(visitor: Visitor, javascript: bool) -> None:
    page = visitor.open(CANDIDATE, javascript=javascript)
    begin(page)
    clock = page.locator("#time-left")
    expect(clock).to_have_text(re.compile("about 100 minutes left"))
    page.evaluate("document.documentElement.dataset.here = 'yes'")
    button(page, "Hide the clock").click()
    expect(clock).to_be_hidden()
    expect(button(page, "Show the clock")).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.here") == ("yes" if javascript else None)

    end_in(visitor.site, page, 4 * 60)
    other = visitor.open(CANDIDATE, javascript=javascript)
    other.goto(page.url)
    at_position(other, 1)
    expect(other.locator("#time-left")).to_be_hidden()
    if javascript:
        expect(other.locator("#clock-warning")).to_have_text("Less than 5 minutes are left.")
    button(other, "Show the clock").click()
    expect(other.locator("#time-left")).to_have_text("about 4 minutes left")


def standing_clock(library: Library) -> Library:
    """Give the same content to a programme whose clock stands while the connection is lost."""
    bank = library.bank("CT")
    clock = bank.spec.delivery.clock.model_copy(update={"runs_while_disconnected": False})
    delivery = bank.spec.delivery.model_copy(update={"clock": clock})
    spec = bank.spec.model_copy(update={"delivery": delivery})
    banks = {**library.banks, "CT": bank.model_copy(update={"spec": spec})}
    return replace(library, specs={**library.specs, "CT": spec}, banks=banks)


def test_time_away_is_given_back_where_the_clock_stands_meanwhile(
    chromium: Browser, demo_template: Path, tmp_path: Path, library: Library
) -> None:
    with serving(demo_template, tmp_path, standing_clock(library)) as site:
        visitor = Visitor(chromium, site, Watch(site.url, expected=[*AWAY]))
        page = visitor.open(CANDIDATE)
        begin(page)
        end_in(site, page, 30 * 60)
        page.route("**/pulse", refuse)
        expect(page.locator("#connection")).to_contain_text("The connection is lost.")
        site.ahead += dt.timedelta(minutes=12)
        page.unroute("**/pulse", refuse)
        expect(page.locator("#connection")).to_have_text("The connection is back.")
        expect(page.locator("#time-left")).to_have_attribute("data-seconds", re.compile(r"^1[78]\d\d$"))
        given = [detail for kind, _, detail in events_stored(site.db, attempt_of(page)) if kind == "time_given_back"]
        assert len(given) == 1
        assert 12 * 60 <= float(given[0].split()[0]) < 13 * 60
        visitor.close()
        assert visitor.watch.problems == []


def refuse(route: Route) -> None:
    """Behave like a server that is not there."""
    route.abort("connectionrefused")
