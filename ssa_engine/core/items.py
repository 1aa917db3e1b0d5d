"""Items and the item bank; and the presented item, which is all of an item that may travel."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import NotFound
from ssa_engine.core.policies import FrozenModel

Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
ItemId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
OptionId = Annotated[str, Field(pattern=r"^[a-z0-9]{1,8}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.(png|jpg|jpeg|webp|svg)$")]
Status = Literal["draft", "pilot", "active", "retired"]


class Option(FrozenModel):
    """One answer a candidate may choose. Its text is Markdown."""

    id: OptionId
    text: Text


class Exhibit(FrozenModel):
    """An image shown with the stem, and what it shows in words."""

    image: FileName
    alt: Text


class ItemStatistics(FrozenModel):
    """What earlier administrations showed; `a` and `b` on the logistic metric."""

    n: Annotated[int, Field(ge=0)] | None = None
    p: Annotated[float, Field(ge=0, le=1)] | None = None
    point_biserial: Annotated[float, Field(ge=-1, le=1)] | None = None
    a: Annotated[float, Field(gt=0)] | None = None
    b: float | None = None


class Item(FrozenModel):
    """One question with its options, key, rationale, outline code and statistics."""

    id: ItemId
    topic: str
    format: Literal["single"]
    stem: Text
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=10)]
    key: OptionId
    rationale: Text
    references: tuple[Text, ...] = ()
    status: Status
    enemies: tuple[str, ...] = ()
    shuffle: bool = True
    exhibit: Exhibit | None = None
    statistics: ItemStatistics = ItemStatistics()


@dataclass(frozen=True, slots=True)
class PresentedItem:
    """An item as a candidate may see it: no key, no rationale, no status, no statistics."""

    id: str
    stem: str
    options: tuple[Option, ...]
    exhibit: Exhibit | None


def present(item: Item, option_order: tuple[str, ...]) -> PresentedItem:
    """Strip an item to what a candidate may see, its options in the order that was drawn."""
    by_id = {option.id: option for option in item.options}
    return PresentedItem(item.id, item.stem, tuple(by_id[name] for name in option_order), item.exhibit)


class ItemBank(FrozenModel):
    """All items of a discipline with the specification they are coded to.

    The version is a hash of the content, so the same content is the same version on every machine.
    """

    spec: ContentSpec
    items: tuple[Item, ...]
    media: dict[str, str] = Field(default_factory=dict)
    """File name of an exhibit -> SHA-256 of its bytes."""

    @property
    def discipline(self) -> str:
        """The discipline's code."""
        return self.spec.discipline

    @cached_property
    def version(self) -> str:
        """Hash of everything in the bank, 16 hexadecimal digits."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    @cached_property
    def key_version(self) -> str:
        """Hash of the keys alone, 16 hexadecimal digits: unchanged when only words change."""
        lines = "\n".join(f"{item.id}={item.key}" for item in sorted(self.items, key=lambda item: item.id))
        return hashlib.sha256(lines.encode()).hexdigest()[:16]

    @cached_property
    def by_id(self) -> dict[str, Item]:
        """Item id -> item."""
        return {item.id: item for item in self.items}

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
            raise NotFound(f"The {self.discipline} item bank {self.version} has no item '{item_id}'.") from None

    def area_of(self, item: Item) -> str:
        """Return the content area an item is coded to."""
        return self.spec.topic_areas[item.topic]
