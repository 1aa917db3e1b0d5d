"""Every page in every state: axe finds nothing, nothing scrolls sideways, targets are large; its picture is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from ssa_engine.content.library import Library
from tests.stories.browser import Visitor, Watch, serving, sign_in
from tests.stories.states import PLACES, STATES, Place, State

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
WIDTHS = {1280: 800, 390: 844}
LOOKS = ("light", "dark")
NARROW = (390, 320)
"""A phone, and what 1280 pixels are at 400 % zoom."""

TARGET, ROW = 44, 48
"""The least size of what a candidate presses, in pixels; and the least height of an option's row."""

PICTURES = Path(__file__).parents[2] / "var" / "screenshots"

states = pytest.mark.parametrize("state", STATES, ids=[state.name for state in STATES])

EVERYTHING = {"type": "tag", "values": [*TAGS]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
RULES = {"1280-light": EVERYTHING, "1280-dark": COLOURS, "390-light": COLOURS, "390-dark": EVERYTHING}
"""Every rule at each width and in each look; what colour alone decides in all four."""

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
    'button, a.button, .option, summary, ol.positions a, header a, input.input, select')]
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


@pytest.fixture
def arrive(chromium: Browser, places: Callable[[str], Place]) -> Iterator[Arrive]:
    """Bring a page into a state. Afterwards it may not have complained in its console."""
    visitors = []

    def go(state: State) -> Page:
        place = places(state.place)
        visitor = Visitor(chromium, place.site, Watch(place.site.url, expected=list(state.expected)))
        visitors.append(visitor)
        if state.person and state.person not in place.sessions:
            first = visitor.open()
            sign_in(first, state.person)
            place.sessions[state.person] = first.context.storage_state()
        page = visitor.open(storage_state=place.sessions.get(state.person), reduced_motion="reduce")
        page.goto(state.path.format(attempt=place.attempt))
        if state.act:
            state.act(page)
        return page

    yield go
    for visitor in visitors:
        visitor.close()
        assert visitor.watch.problems == []


def audit(page: Page, rules: dict[str, Any]) -> list[str]:
    """Return what axe finds on the page as it stands."""
    found: list[str] = page.evaluate(AXE, rules)
    return found


def widths_and_looks(page: Page) -> Iterator[str]:
    """Bring the page to each width and look; give their name."""
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        for look in LOOKS:
            page.emulate_media(color_scheme="dark" if look == "dark" else "light")
            yield f"{width}-{look}"


@states
def test_axe_finds_nothing_and_nothing_is_too_small_or_too_wide(state: State, arrive: Arrive) -> None:
    page = arrive(state)
    page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = {}
    for name in widths_and_looks(page):
        found[f"axe at {name}"] = audit(page, RULES[name])
        if state.for_candidates:
            found[f"too small at {name}"] = page.evaluate(SMALL, [TARGET, ROW])
        if state.picture:
            page.screenshot(path=PICTURES / f"{state.name}-{name}.png", full_page=True, animations="disabled")
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
