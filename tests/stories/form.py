"""A form with an item of every kind, and where on it each kind lies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from ssa_engine.core.exhibits import ImageExhibit, TableExhibit, VideoExhibit
from ssa_engine.core.form_assembly import draw_form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import Item
from tests.stories.browser import Shown, Visitor, at_position, attempt_of, begin
from tests.stories.site import Site


def _shows(kind: Any, times: int = 1) -> Callable[[Item], bool]:
    return lambda item: sum(isinstance(one, kind) for one in item.exhibit) == times


def _is(name: str) -> Callable[[Item], bool]:
    return lambda item: item.format == name and not item.case and not item.exhibit


KINDS: dict[str, Callable[[Item], bool]] = {
    **{name: _is(name) for name in ("single", "multiple", "sorted", "hotspot", "number")},
    "case": lambda item: item.case is not None,
    "window": lambda item: any(isinstance(one, ImageExhibit) and one.window for one in item.exhibit),
    "images": _shows(ImageExhibit, 2),
    "video": _shows(VideoExhibit),
    "table": _shows(TableExhibit),
}
"""What an item can be like, for the eye: its format, or what is shown with it."""


def first_of_each(bank: ItemBank, seed: int) -> dict[str, int]:
    """Return the first position of each kind there is on the form drawn with a seed."""
    found: dict[str, int] = {}
    for one in draw_form(bank, seed).items:
        item = bank.item(one.item_id)
        for name, fits in KINDS.items():
            if fits(item):
                found.setdefault(name, one.position)
    return found


def is_complete(bank: ItemBank, seed: int) -> bool:
    """Whether the form drawn with a seed has every kind, and begins with five questions that ask for one answer."""
    opening = [bank.item(one.item_id) for one in draw_form(bank, seed).items[:5]]
    return all(_is("single")(item) for item in opening) and len(first_of_each(bank, seed)) == len(KINDS)


def open_item(visitor: Visitor, person: str, position: int, **options: Any) -> tuple[Page, Shown]:
    """Start the assessment in a window of its own, and go to a question."""
    page = visitor.open(person, **options)
    begin(page)
    page.goto(f"/candidate/attempts/{attempt_of(page)}/items/{position}")
    return page, at_position(page, position)


def item_shown(site: Site, shown: Shown) -> Item:
    """Return what the bank says of the item that a page shows."""
    banks = site.app.extensions["ssa_engine"].banks
    item: Item = banks.library.bank("CT").item(shown.item)
    return item
