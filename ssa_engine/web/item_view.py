"""What one item page shows. The same for the candidate and for the specialist's preview."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from markupsafe import Markup

from ssa_engine.core.items import PresentedItem
from ssa_engine.web import rich_text

LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True, slots=True)
class OptionView:
    """One option row."""

    id: str
    letter: str
    html: Markup


@dataclass(frozen=True, slots=True)
class ExhibitView:
    """An exhibit's address and what it shows."""

    src: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """Everything `_item.html` needs."""

    attempt_id: int | None
    position: int
    items_total: int
    item_id: str
    stem_html: Markup
    options: tuple[OptionView, ...]
    exhibit: ExhibitView | None
    answer: str | None
    flagged: bool
    token: str
    saved_at: dt.datetime | None
    seconds_left: int
    notice: str | None
    action: str | None
    preview: bool = False


def option_views(item: PresentedItem) -> tuple[OptionView, ...]:
    """Letter the options in the order they are presented."""
    return tuple(
        OptionView(option.id, LETTERS[index], rich_text.inline(option.text))
        for index, option in enumerate(item.options)
    )
