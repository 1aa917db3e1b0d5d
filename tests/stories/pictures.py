"""Pictures of pages at two widths, light and dark: kept in build/screenshots where SSA_PICTURES is set."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

FOLDER = Path(__file__).parents[2] / "build" / "screenshots"
WIDTHS = {1280: 800, 390: 844}
LOOKS = ("light", "dark")
WANTED = bool(os.environ.get("SSA_PICTURES"))
"""They take a fifth of the time of the stories, and only people look at them."""


def widths_and_looks(page: Page, needed: Collection[str] = ()) -> Iterator[str]:
    """Bring the page to each width and look; give their name. If only some are needed, others are for pictures."""
    for width, height in WIDTHS.items():
        for look in LOOKS:
            if needed and f"{width}-{look}" not in needed and not WANTED:
                continue
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme="dark" if look == "dark" else "light")
            yield f"{width}-{look}"


@contextmanager
def seen_whole(page: Page) -> Iterator[None]:
    """Make the window as high as the page for a while: then what sticks to an edge covers nothing."""
    size = page.viewport_size
    assert size is not None
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
    yield
    page.set_viewport_size(size)


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page, if they are wanted."""
    if not WANTED:
        return
    with seen_whole(page):
        page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")


def keep_pictures(page: Page, name: str) -> None:
    """Keep pictures at both widths, light and dark, if they are wanted."""
    for look in widths_and_looks(page):
        keep_picture(page, f"{name}-{look}")
