"""The item bank of a discipline; and the presented item, which is all of an item that may travel."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import Field

from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import NotFound
from ssa_engine.core.exhibits import Exhibit, Exhibits, Text
from ssa_engine.core.items import AnyItem, HotspotItem, HotspotTarget, Item, ItemId, NumberItem, Option, Size
from ssa_engine.core.policies import FrozenModel
from ssa_engine.core.text import say


class Case(FrozenModel):
    """A scenario that several items share. They are shown together, in the order of their ids."""

    id: ItemId
    scenario: Text
    exhibit: Exhibits = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The media files it needs, by name."""
        return tuple(name for exhibit in self.exhibit for name in exhibit.files)


@dataclass(frozen=True, slots=True)
class PresentedItem:
    """An item as a candidate may see it: no key, no rationale, no status, no statistics."""

    id: str
    format: str
    stem: str
    options: tuple[Option, ...]
    exhibits: tuple[Exhibit, ...]
    case: Case | None = None
    target: HotspotTarget | None = None
    unit: str = ""
    calculator: bool = False


def present(item: Item, option_order: tuple[str, ...], case: Case | None = None) -> PresentedItem:
    """Strip an item to what a candidate may see, its options in the order that was drawn."""
    by_id = {option.id: option for option in item.options}
    return PresentedItem(
        item.id,
        item.format,
        item.stem,
        tuple(by_id[name] for name in option_order),
        item.exhibit,
        case,
        item.target if isinstance(item, HotspotItem) else None,
        item.unit if isinstance(item, NumberItem) else "",
        item.calculator,
    )


class ItemBank(FrozenModel):
    """All items of a discipline with the specification they are coded to.

    The version is a hash of the content, so the same content is the same version on every machine.
    """

    spec: ContentSpec
    items: tuple[AnyItem, ...]
    cases: tuple[Case, ...] = ()
    media: dict[str, str] = Field(default_factory=dict)
    """Name of a media file -> SHA-256 of its bytes."""
    sizes: dict[str, Size] = Field(default_factory=dict)
    """Name of an image -> width and height in pixels."""

    @property
    def discipline(self) -> str:
        """The discipline's code."""
        return self.spec.discipline

    @cached_property
    def version(self) -> str:
        """Hash of everything in the bank, 16 hexadecimal digits."""
        return hashlib.sha256(self.model_dump_json(exclude_defaults=True).encode()).hexdigest()[:16]

    @cached_property
    def key_version(self) -> str:
        """Hash of the keys alone, 16 hexadecimal digits: unchanged when only words change."""
        lines = "\n".join(f"{item.id}={_key_text(item)}" for item in sorted(self.items, key=lambda item: item.id))
        return hashlib.sha256(lines.encode()).hexdigest()[:16]

    @cached_property
    def by_id(self) -> dict[str, Item]:
        """Item id -> item."""
        return {item.id: item for item in self.items}

    @cached_property
    def case_by_id(self) -> dict[str, Case]:
        """Case id -> case."""
        return {case.id: case for case in self.cases}

    @cached_property
    def members(self) -> dict[str, tuple[Item, ...]]:
        """Case id -> its items, in the order of their ids."""
        found: dict[str, tuple[Item, ...]] = {}
        for item in sorted(self.items, key=lambda item: item.id):
            if item.case is not None:
                found[item.case] = (*found.get(item.case, ()), item)
        return found

    @cached_property
    def pools(self) -> dict[tuple[str, str], tuple[Item, ...]]:
        """(content area, status) -> its items, in the order of the bank."""
        found: dict[tuple[str, str], list[Item]] = {}
        for item in self.items:
            found.setdefault((self.area_of(item), item.status), []).append(item)
        return {kind: tuple(items) for kind, items in found.items()}

    @cached_property
    def enemies(self) -> dict[str, frozenset[str]]:
        """Item id -> items that must not share a form with it, whichever of the two names the other."""
        pairs = {(item.id, enemy) for item in self.items for enemy in item.enemies}
        pairs |= {(enemy, item) for item, enemy in pairs}
        return {item.id: frozenset(enemy for other, enemy in pairs if other == item.id) for item in self.items}

    def item(self, item_id: str) -> Item:
        """Return the item.

        Raises
        ------
        NotFound
            If the bank has no such item.
        """
        try:
            return self.by_id[item_id]
        except KeyError:
            raise NotFound(
                say(
                    "The {discipline} item bank {version} has no item '{item}'.",
                    discipline=self.discipline,
                    version=self.version,
                    item=item_id,
                )
            ) from None

    def area_of(self, item: Item) -> str:
        """Return the content area an item is coded to."""
        return self.spec.topic_areas[item.topic]

    def case_of(self, item: Item) -> Case | None:
        """Return the case an item belongs to, or None."""
        return None if item.case is None else self.case_by_id[item.case]

    def files_of(self, item: Item) -> tuple[str, ...]:
        """Return the media files an item needs, those of its case included."""
        case = self.case_of(item)
        return (*item.files, *case.files) if case else item.files

    def read_answer(self, item: Item, posted: list[str], *, may_clear: bool = False) -> str | None:
        """Return the answer to store from the values a form sent.

        None: nothing was chosen, so nothing is said. The empty text, if `may_clear`: an answer is taken back.

        Raises
        ------
        Unreadable
            If the values cannot be an answer to this item.
        """
        values = [value for value in posted if value.strip()]
        if not values:
            return "" if may_clear else None
        return item.read(values, self.sizes.get(item.target.image) if isinstance(item, HotspotItem) else None)


def _key_text(item: Item) -> str:
    """Write an item's key with what changes its marking."""
    key: Any = item.model_dump(mode="json", include={"key", "scoring"}, exclude_defaults=True)
    return str(key["key"]) if item.format == "single" else str(sorted(key.items()))
