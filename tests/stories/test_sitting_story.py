"""A long sitting in one browser window: it grows neither in memory nor in what is sent, and its first load is light."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import CDPSession, Page, Request, expect

from tests.stories.browser import CANDIDATE, SAVED, Visitor, at_position, attempt_of, begin, button, give_one, receipt
from tests.stories.records import stored

ITEMS, MOVES, WARM = 80, 120, 30
FRAGMENT, FIRST_LOAD = 15_000, 150_000
"""Bytes: of the HTML of one item without its exhibit; and of all that a first item page loads, compressed."""

HEAP, NODES, LISTENERS = 500_000, 400, 60
"""By how much a window may grow from move 30 to move 120: bytes after collection, nodes, event listeners.

Room for a larger question than before, not for ninety: each brings some 200 nodes.
"""

TEXT = ("text/", "application/javascript", "application/json", "image/svg")
EXHIBIT = "/media/"


@dataclass
class Traffic:
    """What a window loads: the sizes of item fragments, and of everything compressed."""

    fragments: list[int] = field(default_factory=list)
    loaded: dict[str, int] = field(default_factory=dict)

    def note(self, request: Request) -> None:
        """Keep the size of what a request brought."""
        response = request.response()
        if response is None or EXHIBIT in response.url or response.status != 200:
            return
        body = response.body()
        is_text = response.headers.get("content-type", "").startswith(TEXT)
        self.loaded[response.url] = len(gzip.compress(body, 6)) if is_text else len(body)
        if request.method == "POST" and b'<section id="item"' in body:
            self.fragments.append(len(body))


def metrics(devtools: CDPSession) -> dict[str, float]:
    """Return what the window holds once everything that can go is gone."""
    for _ in range(3):
        devtools.send("HeapProfiler.collectGarbage")
    found = devtools.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in found}


@pytest.mark.timeout(300)
def test_a_hundred_and_twenty_moves_in_one_window_leave_nothing_behind(visitor: Visitor) -> None:
    page = visitor.open(CANDIDATE)
    begin(page)
    traffic, told = Traffic(), dict[int, str]()
    page.on("requestfinished", traffic.note)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    before: dict[str, float] = {}
    for move in range(MOVES):
        position = 1 + move % ITEMS
        if position == 1 and move:
            page.locator("ol.positions a").first.click()
        shown = at_position(page, position)
        if shown.format != "sorted" or not shown.chosen:
            told[position] = give_one(page, shown)
            expect(receipt(page)).to_have_text(SAVED)
        if move == WARM:
            before = metrics(devtools)
        if move < MOVES - 1:
            button(page, "Save and go on" if position < ITEMS else "Save and review").click()
    after = metrics(devtools)
    assert stored(visitor.site, page) == told
    assert len(traffic.fragments) > MOVES - 5
    assert max(traffic.fragments) < FRAGMENT
    grown = {name: after[name] - before[name] for name in ("JSHeapUsedSize", "Nodes", "JSEventListeners")}
    most = {"JSHeapUsedSize": HEAP, "Nodes": NODES, "JSEventListeners": LISTENERS}
    assert {name: by for name, by in grown.items() if by > most[name]} == {}


def first_load(visitor: Visitor, page: Page, position: int) -> int:
    """Open an item page in a browser that has seen nothing of the site; return the bytes it loads, compressed."""
    attempt = attempt_of(page)
    fresh = visitor.open(storage_state=page.context.storage_state())
    traffic = Traffic()
    fresh.on("requestfinished", traffic.note)
    fresh.goto(f"/candidate/attempts/{attempt}/items/{position}")
    at_position(fresh, position)
    fresh.wait_for_load_state("networkidle")
    assert any(".js" in url for url in traffic.loaded)
    assert any(".woff2" in url for url in traffic.loaded)
    return sum(traffic.loaded.values())


def test_the_first_load_of_an_item_page_is_light(visitor: Visitor, positions: dict[str, int]) -> None:
    page = visitor.open(CANDIDATE)
    begin(page)
    for position in positions.values():
        assert first_load(visitor, page, position) < FIRST_LOAD
