"""How pages are shown: text size and themes, kept with the person; narrow windows, large text, forced colours."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from ssa_engine.core.display import TEXT_SIZES, THEMES
from tests.stories.browser import CANDIDATE, Visitor, at_position, attempt_of, begin, button
from tests.stories.form import open_item
from tests.stories.pictures import keep_picture

both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])

DARK = ("dark", "contrast-dark")
CONTRAST = {"contrast": 15.0, "contrast-dark": 15.0, "light": 7.0, "dark": 7.0}
"""The least contrast between ink and surface in each theme."""

COLOURS = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const luminance = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((one) => one / 255);
    const linear = parts.map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const style = getComputedStyle(document.body);
  return [luminance(style.color), luminance(style.backgroundColor)];
}"""

SIDEWAYS = "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"


def choose(page: Page, **wanted: str) -> None:
    """Choose on the page of display, and keep it."""
    page.get_by_role("link", name="Display").click()
    for name, value in wanted.items():
        page.locator("label", has=page.locator(f"input[name='{name}'][value='{value}']")).click()
    button(page, "Keep these").click()


@both_ways
def test_text_size_and_theme_are_the_same_on_every_page_and_device(visitor: Visitor, javascript: bool) -> None:
    page = visitor.open(CANDIDATE, javascript=javascript)
    choose(page, text_size="150", theme="dark")
    expect(page).to_have_url(re.compile("/candidate/$"))
    expect(page.locator("html")).to_have_css("font-size", "24px")
    ink, surface = page.evaluate(COLOURS) if javascript else (1, 0)
    assert ink > surface
    elsewhere = visitor.open(CANDIDATE, javascript=javascript)
    expect(elsewhere.locator("html")).to_have_css("font-size", "24px")
    expect(elsewhere.locator("html")).to_have_css("color-scheme", "dark")
    choose(elsewhere, text_size="100", theme="system")
    expect(elsewhere.locator("html")).to_have_css("font-size", "16px")


@pytest.mark.parametrize("theme", [name for name in THEMES if name != "system"])
def test_a_theme_goes_before_what_the_device_asks_for(visitor: Visitor, theme: str) -> None:
    page = visitor.open(CANDIDATE)
    begin(page)
    choose(page, theme=theme)
    expect(page.locator("html")).to_have_class(re.compile(rf"\btheme-{theme}\b"))
    for device in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if device == "dark" else "light")
        ink, surface = page.evaluate(COLOURS)
        assert (ink > surface) == (theme in DARK)
        lighter, darker = max(ink, surface), min(ink, surface)
        assert (lighter + 0.05) / (darker + 0.05) >= CONTRAST[theme]
    at_position(page, 1)
    keep_picture(page, f"display-{theme}")


def test_the_system_theme_follows_the_device(visitor: Visitor) -> None:
    page = visitor.open(CANDIDATE)
    for device, is_dark in (("light", False), ("dark", True)):
        page.emulate_media(color_scheme="dark" if device == "dark" else "light")
        ink, surface = page.evaluate(COLOURS)
        assert (ink > surface) == is_dark
    page.emulate_media(contrast="more")
    ink, surface = page.evaluate(COLOURS)
    assert (round(ink, 2), round(surface, 2)) == (1, 0)


@pytest.mark.parametrize("size", TEXT_SIZES)
def test_nothing_is_cut_off_at_any_text_size_on_a_phone(visitor: Visitor, positions: dict[str, int], size: int) -> None:
    page = visitor.open(CANDIDATE, viewport={"width": 320, "height": 640})
    begin(page)
    choose(page, text_size=str(size))
    attempt = attempt_of(page)
    wide = {}
    for kind, position in positions.items():
        page.goto(f"/candidate/attempts/{attempt}/items/{position}")
        page.locator("#aids > summary").click()
        wide[kind] = page.evaluate(SIDEWAYS)
    keep_picture(page, f"display-text-{size}")
    page.goto("/display")
    wide["display"] = page.evaluate(SIDEWAYS)
    assert {kind: over for kind, over in wide.items() if over > 0} == {}


def test_nothing_moves_with_reduced_motion(visitor: Visitor, positions: dict[str, int]) -> None:
    page, shown = open_item(visitor, CANDIDATE, positions["sorted"], reduced_motion="reduce")
    page.locator(f"button[value='{shown.options[0]}:down']").click()
    assert page.evaluate("document.getAnimations().length") == 0
    expect(button(page, "Save and go on")).to_have_css("transition-duration", "0s")


def test_what_is_chosen_and_marked_can_be_told_in_forced_colours(visitor: Visitor, positions: dict[str, int]) -> None:
    page, shown = open_item(visitor, CANDIDATE, 1, forced_colors="active")
    page.locator("label.option").first.click()
    page.locator(".strike").last.click()
    page.locator("#item-heading").focus()
    expect(page.locator("label.option").first).to_have_css("outline-style", "solid")
    expect(page.locator(".struck .option")).to_have_css("border-top-style", "dashed")
    keep_picture(page, "display-forced-colours")
    page.goto(page.url.replace(f"/items/{shown.position}", f"/items/{positions['hotspot']}"))
    page.locator("#hotspot").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#hotspot-mark")).to_be_visible()
    keep_picture(page, "display-forced-colours-hotspot")
