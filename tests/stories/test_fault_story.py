"""Things that go amiss in a sitting: what the candidate was told is saved is exactly what is stored."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, Route, expect

from ssa_engine.content.library import Library
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.storage.db import Database
from tests.stories.browser import (
    CANDIDATE,
    SAVED,
    Visitor,
    Watch,
    at_position,
    attempt_of,
    begin,
    button,
    give,
    option,
    receipt,
)
from tests.stories.records import (
    answers_stored,
    events_stored,
    kinds_stored,
    log_stored,
    order_stored,
    position_stored,
    stored,
)
from tests.stories.server import Server
from tests.stories.site import RealSite

NOT_SAVED = "Not saved yet. Keep this page open; trying again"
STAY = "You can go on as soon as this answer is saved."
LOST = "The connection is lost. You can read on; answers are saved as soon as it is back."
NOISE = ("net::ERR", "htmx:sendError", "htmx:afterRequest", "htmx:responseError", "Response Status Error", "status of")
"""What a browser and htmx note in the console when no server answers, or it says no."""


@pytest.fixture
def real_site(demo_template: Path, tmp_path: Path) -> Iterator[RealSite]:
    """A real server on a copy of the demo, which a test may kill."""
    path = tmp_path / "real.db"
    shutil.copy(demo_template, path)
    db = Database(f"sqlite:///{path}")
    with Server(f"sqlite:///{path}", tmp_path / "server.log", processes="1", threads="4") as server:
        yield RealSite(server, db)
    db.dispose()


@pytest.fixture
def guest(chromium: Browser, real_site: RealSite) -> Iterator[Page]:
    """A window of the demo candidate on the real server."""
    visitor = Visitor(chromium, real_site, Watch(real_site.url, expected=list(NOISE)))  # type: ignore[arg-type]
    yield visitor.open(CANDIDATE)
    visitor.close()
    assert visitor.watch.problems == []


def kill_before_the_receipt(page: Page, server: Server) -> None:
    """Let the next save be stored, and kill the server before the page hears of it."""

    def answer(route: Route) -> None:
        route.fetch()
        server.kill()
        route.abort()

    page.route("**/items/*", answer, times=1)


def first_of_two_single(db: Database, attempt: int, bank: ItemBank) -> int:
    """The position of an item of one best answer that another follows: this site draws a form of its own."""
    formats = [bank.item(item).format for item, _ in order_stored(db, attempt)]
    return 1 + next(at for at, pair in enumerate(pairwise(formats)) if pair == ("single", "single"))


def test_a_server_killed_around_an_answer_loses_and_doubles_nothing(
    guest: Page, real_site: RealSite, library: Library
) -> None:
    page, server = guest, real_site.server
    begin(page)
    attempt = attempt_of(page)
    order = order_stored(real_site.db, attempt)
    one = first_of_two_single(real_site.db, attempt, library.bank("CT"))
    page.goto(page.url.replace("/items/1", f"/items/{one}"))
    first = at_position(page, one)

    kill_before_the_receipt(page, server)
    option(page, first.options[1]).click()
    expect(receipt(page)).to_have_text(NOT_SAVED)
    assert answers_stored(real_site.db, attempt) == {one: first.options[1]}, "it is stored, and the page cannot know"
    option(page, first.options[2]).click()
    button(page, "Save and go on").click()
    expect(page.locator("#stay")).to_have_text(STAY)
    server.start()
    expect(receipt(page)).to_have_text(SAVED, timeout=20_000)
    assert at_position(page, one).chosen == first.options[2]
    assert answers_stored(real_site.db, attempt) == {one: first.options[2]}
    button(page, "Save and go on").click()
    second = at_position(page, one + 1)

    server.kill()
    option(page, second.options[0]).click()
    expect(receipt(page)).to_have_text(NOT_SAVED)
    assert answers_stored(real_site.db, attempt) == {one: first.options[2]}, "it never arrived"
    server.start()
    expect(receipt(page)).to_have_text(SAVED, timeout=20_000)
    assert answers_stored(real_site.db, attempt) == {one: first.options[2], one + 1: second.options[0]}
    told = [
        (first.item, first.options[1], False),
        (first.item, first.options[2], False),
        (second.item, second.options[0], False),
    ]
    assert log_stored(real_site.db, attempt) == told, "a repeated request is no second answer"
    assert order_stored(real_site.db, attempt) == order


@pytest.mark.timeout(120)
def test_a_network_cut_for_thirty_seconds_is_told_at_once_and_ends_by_itself(visitor: Visitor) -> None:
    visitor.watch.expected += NOISE
    page = visitor.open(CANDIDATE)
    first = begin(page)
    pulses: list[str] = []
    page.on("request", lambda request: pulses.append(request.post_data or "") if "/pulse" in request.url else None)
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_have_text(LOST)
    give(page, first, first.options[2])
    expect(receipt(page)).to_have_text(NOT_SAVED)
    expect(receipt(page)).to_have_attribute("role", "alert")
    for name in ("Save and go on", "Review all"):
        button(page, name).click()
        expect(page.locator("#stay")).to_have_text(STAY)
        assert at_position(page, 1).chosen == first.options[2]
    asked = leaving_is_asked(page)
    page.wait_for_timeout(30_000)
    expect(receipt(page)).to_have_text(NOT_SAVED)
    assert stored(visitor.site, page) == {}
    page.context.set_offline(False)
    expect(receipt(page)).to_have_text(SAVED, timeout=4_000)
    expect(page.locator("#connection")).to_have_text("The connection is back.")
    expect(page.locator("#connection")).to_be_hidden(timeout=10_000)
    assert asked == ["beforeunload"]
    assert at_position(page, 1).position == 1, "nobody is carried on by a retry"
    assert stored(visitor.site, page) == {1: first.options[2]}
    expect_kinds(visitor, page, "lost_connection", "reconnected")
    for _ in range(60):
        if not pulses[-1]:
            break
        page.wait_for_timeout(500)
    assert pulses[-1] == "", "the loss is told until it was heard, and then no more"
    assert "lost=yes" in pulses
    lost = next(detail for kind, _, detail in events_stored(visitor.site.db, attempt_of(page)) if kind == "reconnected")
    assert 29 <= int(lost.split()[0]) <= 45


def leaving_is_asked(page: Page) -> list[str]:
    """Try to leave; return the kinds of dialogs that come, and stay."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.evaluate("() => { setTimeout(() => window.location.reload(), 0); }")
    page.wait_for_timeout(300)
    return asked


def expect_kinds(visitor: Visitor, page: Page, *kinds: str) -> None:
    """Wait until the log has each of these kinds once."""
    for _ in range(50):
        found = kinds_stored(visitor.site, page)
        if all(found.count(kind) == 1 for kind in kinds):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{kinds} once each, not {found}")


def test_impatient_double_clicks_on_answers_that_take_three_seconds_move_once_each(visitor: Visitor) -> None:
    page = visitor.open(CANDIDATE)
    begin(page)
    visitor.site.answers_late = 3.0
    told = {}
    for position in (1, 2):
        shown = at_position(page, position)
        told[position] = shown.options[1]
        page.locator("input[type=radio]").nth(1).dispatch_event("click")
        button(page, "Save and go on").dblclick()
        page.wait_for_timeout(1000)
        expect(page.locator("#stem")).to_be_visible()
        expect(page.locator("#item-heading")).to_have_text(f"Question {position} of 80")
        page.locator("button[value=next].primary").dispatch_event("click")
        expect(page.locator("#item-heading")).to_have_text(f"Question {position + 1} of 80")
    visitor.site.answers_late = 0.0
    page.wait_for_timeout(300)
    assert at_position(page, 3).chosen is None
    assert stored(visitor.site, page) == told
    assert len(log_stored(visitor.site.db, attempt_of(page))) == 2
    assert position_stored(visitor.site, page) == 3


def test_a_request_replayed_ten_times_changes_nothing(visitor: Visitor) -> None:
    page = visitor.open(CANDIDATE)
    first = begin(page)
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    give(page, first, first.options[1])
    expect(receipt(page)).to_have_text(SAVED)
    button(page, "Save and go on").click()
    second = at_position(page, 2)
    give(page, second, second.options[0])
    expect(receipt(page)).to_have_text(SAVED)
    saves = [request for request in sent if "/items/" in request.url]
    before = (
        stored(visitor.site, page),
        log_stored(visitor.site.db, attempt_of(page)),
        position_stored(visitor.site, page),
    )
    assert before[0] == {1: first.options[1], 2: second.options[0]}
    for request in saves:
        for _ in range(10):
            answer = page.request.post(request.url, data=request.post_data, headers=request.headers)
            assert answer.status == 200
            assert "Saved" in answer.text() or 'id="item"' in answer.text()
    assert before == (
        stored(visitor.site, page),
        log_stored(visitor.site.db, attempt_of(page)),
        position_stored(visitor.site, page),
    )
    give(page, second, second.options[2])
    expect(receipt(page)).to_have_text(SAVED)
    assert stored(visitor.site, page) == {1: first.options[1], 2: second.options[2]}, "the page is still the live one"


def test_what_is_typed_and_not_sent_asks_before_the_page_is_left(visitor: Visitor, positions: dict[str, int]) -> None:
    page = visitor.open(CANDIDATE)
    begin(page)
    position = positions["number"]
    page.goto(f"/candidate/attempts/{attempt_of(page)}/items/{position}")
    page.locator("#number").press_sequentially("about 3")
    assert leaving_is_asked(page) == ["beforeunload"]
    expect(page.locator("#number")).to_have_value("about 3")
    visitor.watch.expected.append("status of 422")
    button(page, "Save and go on").click()
    problem = page.locator("#answer-problem")
    expect(problem).to_contain_text("is not a number here")
    expect(page.locator("#number")).to_be_focused()
    expect(page.locator("#number")).to_have_value("about 3")
    assert stored(visitor.site, page) == {}
    assert leaving_is_asked(page) == ["beforeunload"]
    page.locator("#number").fill("1,33")
    button(page, "Save and go on").click()
    at_position(page, position + 1)
    assert stored(visitor.site, page) == {position: "1.33"}


def test_leaving_the_window_and_coming_back_stands_in_the_log(visitor: Visitor) -> None:
    page = visitor.open(CANDIDATE)
    begin(page)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(1100)
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    expect_kinds(visitor, page, "left_window", "came_back")
    found = [one for one in events_stored(visitor.site.db, attempt_of(page)) if one[0] in ("left_window", "came_back")]
    assert found == [("left_window", 1, ""), ("came_back", 1, "1 s")]


@pytest.mark.parametrize("status", [500, 502, 404, 413])
def test_any_other_refusal_is_trouble_in_words_and_tried_again(visitor: Visitor, status: int) -> None:
    visitor.watch.expected += NOISE
    page = visitor.open(CANDIDATE)
    first = begin(page)
    page.route("**/items/*", lambda route: route.fulfill(status=status, body="<p>no</p>"), times=1)
    give(page, first, first.options[1])
    expect(receipt(page)).to_have_text(NOT_SAVED)
    expect(receipt(page)).to_have_text(SAVED, timeout=5_000)
    assert stored(visitor.site, page) == {1: first.options[1]}
