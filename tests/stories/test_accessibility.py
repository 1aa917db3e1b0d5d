"""Every page in every state: axe finds nothing, nothing scrolls sideways, targets are large; pictures, if wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from ssa_engine.content.library import Library
from tests.stories.affairs import PLACES, Place
from tests.stories.browser import (
    CANDIDATE,
    SAVED,
    Visitor,
    Watch,
    at_position,
    button,
    give_one,
    receipt,
)
from tests.stories.form import KINDS, open_item
from tests.stories.pictures import keep_picture, seen_whole, widths_and_looks
from tests.stories.site import serving
from tests.stories.spoken import forget, spoken
from tests.stories.states import STATES, State

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
NARROW = (390, 320)
"""A phone, and what 1280 pixels are at 400 % zoom."""

TARGET, ROW = 44, 48
"""The least size of what a candidate presses, in pixels; and the least height of an option's row."""

states = pytest.mark.parametrize(
    "state", [pytest.param(state, id=state.name, marks=pytest.mark.xdist_group(state.place)) for state in STATES]
)
"""Those on one site go to one process, so that each site is made once."""

EVERYTHING = {"type": "tag", "values": [*TAGS]}
LOOKS_AUDITED = ("1280-light", "390-dark")
"""Every rule at each width and in each look; colours do not hang on the width. Of a console the first alone."""

AXE = """(rules) => axe.run({runOnly: rules, resultTypes: ['violations']}).then((found) =>
  found.violations.map((one) => one.id + ': ' + one.help + ' – ' + one.nodes.map((node) =>
    node.target.join(' ') + (node.any[0] ? ' (' + node.any[0].message + ')' : '')).join('; ')))"""

SIDEWAYS = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > wide + 0.5)
    .map((one) => one.tagName + '.' + one.className + ' ' + Math.round(one.getBoundingClientRect().right))
    .concat('the document is wider than the window');
}"""

SMALL = """([target, row]) => [...document.querySelectorAll(
    'button:not([aria-hidden]), a.button, .option, summary, ol.positions a, header a, .input, select, .exhibit-open,' +
    '.tutorial-note a, input[type=range], .scroller, .viewer-frame')]
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.width && box.height &&
    (box.width < target || box.height < (one.matches('.option') ? row : target)))
  .map(([one, box]) => one.tagName + ' ' + one.textContent.trim() + ' ' + box.width + ' × ' + box.height)"""

Arrive = Callable[[State], Page]


@pytest.fixture(scope="module")
def places(
    chromium: Browser, demo_template: Path, tmp_path_factory: pytest.TempPathFactory, library: Library
) -> Iterator[Callable[[str], Place]]:
    """Make each site when the first state on it is looked at."""
    made: dict[str, Place] = {}
    with ExitStack() as stack:

        def place(name: str) -> Place:
            if name not in made:
                site = stack.enter_context(serving(demo_template, tmp_path_factory.mktemp(name), library))
                visitor = Visitor(chromium, site, Watch(site.url))
                made[name] = PLACES[name](visitor, library)
                visitor.close()
                assert visitor.watch.problems == []
            return made[name]

        yield place


Windows = dict[tuple[str, str | None], tuple[Visitor, Page]]


@pytest.fixture(scope="module")
def windows() -> Iterator[Windows]:
    """A window for each person on each site, in which they look at one page after the other."""
    opened: Windows = {}
    yield opened
    for visitor, _ in opened.values():
        visitor.close()


@pytest.fixture
def arrive(
    chromium: Browser, places: Callable[[str], Place], positions: dict[str, int], windows: Windows
) -> Iterator[Arrive]:
    """Bring a page into a state. Afterwards it may not have complained in its console.

    Where something is done on the page it is in a window of its own, which nobody looks through afterwards.
    """
    used: list[Visitor] = []

    def window(state: State, place: Place) -> tuple[Visitor, Page]:
        visitor = Visitor(chromium, place.site, Watch(place.site.url, expected=list(state.expected)))
        return visitor, visitor.open(state.person, reduced_motion="reduce")

    def go(state: State) -> Page:
        place, own = places(state.place), (state.place, state.person)
        if state.act or state.expected:
            visitor, page = window(state, place)
        else:
            visitor, page = windows[own] = windows.get(own) or window(state, place)
        used.append(visitor)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(state.path.format(attempt=place.attempt, **positions))
        if state.act:
            state.act(page)
        return page

    yield go
    for visitor in used:
        if visitor not in [one for one, _ in windows.values()]:
            visitor.close()
        assert visitor.watch.problems == []


def audit(page: Page, rules: dict[str, Any]) -> list[str]:
    """Return what axe finds on the page as it stands."""
    found: list[str] = page.evaluate(AXE, rules)
    return found


@states
def test_axe_finds_nothing_and_nothing_is_too_small_or_too_wide(state: State, arrive: Arrive) -> None:
    page = arrive(state)
    page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = {}
    looks = LOOKS_AUDITED if state.for_candidates else LOOKS_AUDITED[:1]
    for name in widths_and_looks(page, looks):
        if name in looks:
            with seen_whole(page):
                found[f"axe at {name}"] = audit(page, EVERYTHING)
        if state.for_candidates:
            found[f"too small at {name}"] = page.evaluate(SMALL, [TARGET, ROW])
        if state.picture:
            keep_picture(page, f"{state.name}-{name}")
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 640})
        found[f"too wide at {width}"] = page.evaluate(SIDEWAYS)
    assert {what: faults for what, faults in found.items() if faults} == {}


def test_the_checks_find_faults_that_are_there(arrive: Arrive) -> None:
    page = arrive(STATES[0])
    page.evaluate("document.querySelector('label').remove()")
    page.evaluate("document.querySelector('h1').style.color = '#aaa'")
    page.evaluate("document.querySelector('h1').style.width = '900px'")
    page.evaluate("document.querySelector('main button').style.minHeight = '20px'")
    page.evaluate("document.querySelector('main button').style.padding = '0'")
    page.set_viewport_size({"width": NARROW[0], "height": 640})
    page.evaluate(AXE_SCRIPT)
    assert [fault.partition(":")[0] for fault in audit(page, EVERYTHING)] == ["color-contrast", "label"]
    assert page.evaluate(SIDEWAYS)[-1] == "the document is wider than the window"
    assert [fault[:14] for fault in page.evaluate(SMALL, [TARGET, ROW])] == ["BUTTON Sign in"]


def test_a_page_that_breaks_the_content_policy_or_leaves_the_site_is_noticed(onlooker: Visitor) -> None:
    page = onlooker.open()
    page.goto("/signin")
    page.evaluate("document.head.append(Object.assign(document.createElement('style'), {textContent: 'p {}'}))")
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.2:9/one.png'}))")
    page.evaluate("setTimeout(() => { throw new Error('amiss') })")
    page.wait_for_timeout(200)
    noticed = " | ".join(onlooker.watch.problems)
    for words in ("inline style", "img-src 'self'", "script error: amiss"):
        assert words in noticed
    onlooker.watch.problems.clear()


NAMELESS = {"RootWebArea", "main", "paragraph"}
"""What may take the focus from a script, and is no control."""


def controls(page: Page) -> list[tuple[str, str]]:
    """Return role and name of everything that takes the focus, as a screen reader is told."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        (node["role"]["value"], node.get("name", {}).get("value", "").strip())
        for node in nodes
        if not node["ignored"]
        and node["role"]["value"] not in NAMELESS
        and any(one["name"] == "focusable" and one["value"]["value"] for one in node.get("properties", []))
    ]


def open_everything(page: Page) -> None:
    """Open all that folds, and turn every tool on."""
    page.evaluate("document.querySelectorAll('#item details').forEach((one) => { one.open = true; })")
    for tool in page.locator("[data-aid='highlighter'], [data-aid='calculator']").all():
        tool.click()


@pytest.mark.parametrize("kind", KINDS)
def test_each_control_of_an_item_has_a_name(visitor: Visitor, positions: dict[str, int], kind: str) -> None:
    page, _ = open_item(visitor, CANDIDATE, positions[kind])
    open_everything(page)
    found = controls(page)
    assert len(found) > 10
    assert [one for one in found if not one[1]] == []
    roles = {role for role, _ in found}
    assert {"button", "link"} <= roles


@pytest.mark.parametrize("kind", ["single", "multiple", "sorted", "hotspot", "number"])
def test_a_receipt_is_announced_once_and_a_move_leads_to_the_heading(
    visitor: Visitor, positions: dict[str, int], kind: str
) -> None:
    page, shown = open_item(visitor, CANDIDATE, positions[kind])
    forget(page)
    give_one(page, shown)
    expect(receipt(page)).to_have_text(SAVED)
    receipts = [words for words in spoken(page) if "Saved" in words]
    assert len(receipts) in ((1, 2) if kind == "multiple" else (1,)), "one a save; two options are two"
    for name, to in (("Save and go on", 1), ("Previous", 0)):
        forget(page)
        button(page, name).click()
        at_position(page, shown.position + to)
        expect(page.locator("#item-heading")).to_be_focused()
        said = spoken(page)
        assert len(said) == 1
        assert said[0].startswith(f"Question {shown.position + to} of ")
