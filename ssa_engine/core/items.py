"""Items, one class a format: what each asks, how its answer is read, and what the answer earns."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from ssa_engine.core.answers import Unreadable, read_number, read_one, read_order, read_point, read_several
from ssa_engine.core.exhibits import Exhibits, ImageName, Text
from ssa_engine.core.policies import FrozenModel
from ssa_engine.core.regions import Region

ItemId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
OptionId = Annotated[str, Field(pattern=r"^[a-z0-9]{1,8}$")]
Status = Literal["draft", "pilot", "active", "retired"]
Size = tuple[int, int]


class Option(FrozenModel):
    """One answer a candidate may choose, or one entry to sort. Its text is Markdown."""

    id: OptionId
    text: Text


class ItemStatistics(FrozenModel):
    """What earlier administrations showed; `a` and `b` on the logistic metric."""

    n: Annotated[int, Field(ge=0)] | None = None
    p: Annotated[float, Field(ge=0, le=1)] | None = None
    point_biserial: Annotated[float, Field(ge=-1, le=1)] | None = None
    a: Annotated[float, Field(gt=0)] | None = None
    b: float | None = None


class Item(FrozenModel):
    """What every item has, whatever its format. An item is worth at most 1."""

    id: ItemId
    topic: str
    format: str
    stem: Text
    options: tuple[Option, ...] = ()
    rationale: Text
    references: tuple[Text, ...] = ()
    status: Status
    enemies: tuple[str, ...] = ()
    shuffle: bool = True
    case: ItemId | None = None
    exhibit: Exhibits = ()
    calculator: bool = False
    statistics: ItemStatistics = ItemStatistics()

    @property
    def option_ids(self) -> tuple[str, ...]:
        """The ids of the options, as the bank has them."""
        return tuple(option.id for option in self.options)

    @property
    def files(self) -> tuple[str, ...]:
        """The media files it needs, by name."""
        return tuple(name for exhibit in self.exhibit for name in exhibit.files)

    @property
    def key_answer(self) -> str:
        """An answer that earns everything, as it would be stored."""
        raise NotImplementedError

    @property
    def is_exact(self) -> bool:
        """Whether the key alone earns something: then marking is comparing text."""
        return True

    def read(self, posted: Sequence[str], size: Size | None = None) -> str:  # noqa: ARG002 - a hot spot needs it
        """Return the answer as it is stored from the values a form sent (at least one, none empty).

        `size` is that of the image of a hot spot.

        Raises
        ------
        Unreadable
            If they cannot be an answer to this item.
        """
        return read_one(posted, self.option_ids)

    def credit(self, answer: str) -> float:
        """Return what a stored answer earns, from 0 to 1."""
        return float(answer == self.key_answer)


class SingleItem(Item):
    """One best answer."""

    format: Literal["single"]
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=10)]
    key: OptionId

    @property
    def key_answer(self) -> str:
        """The key."""
        return self.key


class MultipleItem(Item):
    """Select all that apply. `scoring` is `all` (all or nothing) or `partial`."""

    format: Literal["multiple"]
    options: Annotated[tuple[Option, ...], Field(min_length=4, max_length=10)]
    key: Annotated[tuple[OptionId, ...], Field(min_length=1)]
    scoring: Literal["all", "partial"] = "all"

    @field_validator("key")
    @classmethod
    def _is_a_set(cls, key: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(key)) < len(key):
            raise ValueError("the key names an option twice; name each once")
        return key

    @property
    def key_answer(self) -> str:
        """All options of the key."""
        return ",".join(sorted(self.key))

    @property
    def is_exact(self) -> bool:
        """Whether it is all or nothing."""
        return self.scoring == "all"

    def read(self, posted: Sequence[str], size: Size | None = None) -> str:  # noqa: ARG002 - the signature is Item's
        """Read the options chosen, in any order."""
        return read_several(posted, self.option_ids)

    def credit(self, answer: str) -> float:
        """Return 1 for the key; with partial credit, (hits - other options chosen) / options of the key, at least 0.

        Plus/minus scoring: National Council of State Boards of Nursing, Next Generation NCLEX scoring models.
        """
        if self.scoring == "all":
            return super().credit(answer)
        chosen, key = set(answer.split(",")), set(self.key)
        return max(0.0, (len(chosen & key) - len(chosen - key)) / len(key))


class SortedItem(Item):
    """Put the entries in order; the key is the order, and all of it counts."""

    format: Literal["sorted"]
    options: Annotated[tuple[Option, ...], Field(min_length=4, max_length=8)]
    key: tuple[OptionId, ...]

    @field_validator("key")
    @classmethod
    def _is_an_order(cls, key: tuple[str, ...], given: ValidationInfo) -> tuple[str, ...]:
        entries = [option.id for option in given.data.get("options", ())]  # none if they are not sound themselves
        if entries and sorted(key) != sorted(entries):
            raise ValueError("the key must name every entry once, in order")
        return key

    @property
    def key_answer(self) -> str:
        """The order of the key."""
        return ",".join(self.key)

    def read(self, posted: Sequence[str], size: Size | None = None) -> str:  # noqa: ARG002 - the signature is Item's
        """Read the entries in the order given."""
        return read_order(posted, self.option_ids)


class HotspotTarget(FrozenModel):
    """The image a place is marked on. Neither `alt` nor `description` gives the place away."""

    image: ImageName
    alt: Text
    description: Text | None = None


class HotspotItem(Item):
    """Mark a place on an image; the key is the regions that count, in image pixels."""

    format: Literal["hotspot"]
    options: Annotated[tuple[Option, ...], Field(max_length=0)] = ()
    target: HotspotTarget
    key: Annotated[tuple[Region, ...], Field(min_length=1)]

    @property
    def files(self) -> tuple[str, ...]:
        """The image, and what its exhibits need."""
        return (self.target.image, *super().files)

    @property
    def key_answer(self) -> str:
        """A place within the first region."""
        x, y = self.key[0].inner_point()
        return f"{x},{y}"

    @property
    def is_exact(self) -> bool:
        """Many places count."""
        return False

    def read(self, posted: Sequence[str], size: Size | None = None) -> str:
        """Read a place on the image."""
        return read_point(posted[-1], size)

    def credit(self, answer: str) -> float:
        """Return 1 for a place within any of the regions, their edges included."""
        x, y = map(int, answer.split(","))
        return float(any(region.contains(x, y) for region in self.key))


class NumberKey(FrozenModel):
    """The value, and how far from it an answer may lie."""

    value: float
    tolerance: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _can_be_typed(self) -> NumberKey:
        try:
            read_number(self.text)
        except Unreadable:
            raise ValueError("the value is a number of too many digits to be typed; give it in another unit") from None
        return self

    @property
    def text(self) -> str:
        """The value in plain decimal digits: 120, 0.0001."""
        number = Decimal(str(self.value))
        return format(number.to_integral() if number == number.to_integral() else number, "f")


class NumberItem(Item):
    """Give a number; `unit` is shown behind the field."""

    format: Literal["number"]
    options: Annotated[tuple[Option, ...], Field(max_length=0)] = ()
    unit: str = ""
    key: NumberKey

    @property
    def key_answer(self) -> str:
        """The value."""
        return read_number(self.key.text)

    @property
    def is_exact(self) -> bool:
        """One number can be written in many ways."""
        return False

    def read(self, posted: Sequence[str], size: Size | None = None) -> str:  # noqa: ARG002 - the signature is Item's
        """Read a number, whatever its decimal sign."""
        return read_number(posted[-1])

    def credit(self, answer: str) -> float:
        """Return 1 within the tolerance, reckoned in exact decimals: 1.34 is 0.01 from 1.33."""
        away = abs(Decimal(answer) - Decimal(str(self.key.value)))
        return float(away <= Decimal(str(self.key.tolerance)))


AnyItem = Annotated[SingleItem | MultipleItem | SortedItem | HotspotItem | NumberItem, Field(discriminator="format")]
FORMATS: dict[str, type[Item]] = {
    "single": SingleItem,
    "multiple": MultipleItem,
    "sorted": SortedItem,
    "hotspot": HotspotItem,
    "number": NumberItem,
}
