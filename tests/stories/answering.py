"""Ways of answering each format: by mouse, by keyboard alone, and with what every browser has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.stories.browser import Shown, at_position, button, option

MOST_STOPS = 60


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus, beginning at the question's heading."""
    page.locator("#item-heading").focus()
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError("the Tab key never gets there")


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


def place_of(page: Page) -> tuple[int, int]:
    """Return the middle of the image, in its own pixels."""
    box = page.locator(".hotspot-overlay").get_attribute("viewBox")
    assert box is not None
    _, _, width, height = map(int, box.split())
    return round(width / 2), round(height / 2)


def single_by_mouse(page: Page, shown: Shown) -> str:
    option(page, shown.options[1]).click()
    return shown.options[1]


def single_by_keyboard(page: Page, shown: Shown) -> str:
    tab_to(page, page.locator(f"input[value='{shown.options[0]}']"))
    press(page, "Space", "ArrowDown", "ArrowDown")
    return shown.options[2]


def multiple_by_mouse(page: Page, shown: Shown) -> str:
    for value in (shown.options[2], shown.options[0]):
        option(page, value).click()
    return ",".join(sorted((shown.options[0], shown.options[2])))


def multiple_by_keyboard(page: Page, shown: Shown) -> str:
    for value in shown.options[:3]:
        tab_to(page, page.locator(f"input[value='{value}']"))
        press(page, "Space")
    press(page, "Space")
    return ",".join(sorted(shown.options[:2]))


def sorted_by_mouse(page: Page, shown: Shown) -> str:
    first, second, third, *others = shown.options
    page.locator(f"button[value='{third}:up']").click()
    expect(page.locator("[data-entry]").nth(1)).to_have_attribute("data-entry", third)
    page.locator(f"button[value='{first}:down']").click()
    return ",".join([third, first, second, *others])


def sorted_by_keyboard(page: Page, shown: Shown) -> str:
    first, second, third, *others = shown.options
    tab_to(page, page.locator(f"button[value='{third}:up']"))
    press(page, "Enter")
    expect(page.locator(f"button[value='{third}:up']")).to_be_focused()
    press(page, "Space")
    expect(page.locator(f"button[value='{third}:down']")).to_be_focused()
    return ",".join([third, first, second, *others])


def hotspot_by_mouse(page: Page, shown: Shown) -> str:
    page.locator(".hotspot").click(position={"x": 60, "y": 45})
    expect(page.locator("#place")).not_to_have_value("")
    place = page.locator("#place").input_value()
    assert tuple(map(int, place.split(","))) == pytest.approx((60, 45), abs=1)
    return place


def hotspot_by_keyboard(page: Page, shown: Shown) -> str:
    tab_to(page, page.locator("#hotspot"))
    x, y = place_of(page)
    press(page, "ArrowRight", "ArrowRight", "Shift+ArrowLeft", "ArrowUp", "Enter")
    return f"{x + 19},{y - 10}"


def number_by_mouse(page: Page, shown: Shown) -> str:
    page.locator("#number").fill("1,33")
    page.locator(".stem").click()
    return "1.33"


def number_by_keyboard(page: Page, shown: Shown) -> str:
    tab_to(page, page.locator("#number"))
    page.keyboard.type("1.33")
    press(page, "Tab")
    return "1.33"


def without(page: Page, shown: Shown) -> str:
    """Answer by what every browser has. Arrows and the image post by themselves, the others with a button."""
    answer = PLAIN[shown.format](page, shown)
    if shown.format not in ("sorted", "hotspot"):
        button(page, "Save and go on").click()
        at_position(page, shown.position + 1)
        button(page, "Previous").click()
    return answer


PLAIN: dict[str, Callable[[Page, Shown], str]] = {
    "single": single_by_mouse,
    "multiple": multiple_by_mouse,
    "sorted": sorted_by_mouse,
    "hotspot": hotspot_by_mouse,
    "number": number_by_mouse,
}


@dataclass(frozen=True)
class Way:
    """A way of answering a format."""

    format: str
    name: str
    answer: Callable[[Page, Shown], str]
    javascript: bool = True


WAYS = (
    Way("single", "mouse", single_by_mouse),
    Way("single", "keyboard", single_by_keyboard),
    Way("single", "plain", without, javascript=False),
    Way("multiple", "mouse", multiple_by_mouse),
    Way("multiple", "keyboard", multiple_by_keyboard),
    Way("multiple", "plain", without, javascript=False),
    Way("sorted", "mouse", sorted_by_mouse),
    Way("sorted", "keyboard", sorted_by_keyboard),
    Way("sorted", "plain", without, javascript=False),
    Way("hotspot", "mouse", hotspot_by_mouse),
    Way("hotspot", "keyboard", hotspot_by_keyboard),
    Way("hotspot", "plain", without, javascript=False),
    Way("number", "mouse", number_by_mouse),
    Way("number", "keyboard", number_by_keyboard),
    Way("number", "plain", without, javascript=False),
)
