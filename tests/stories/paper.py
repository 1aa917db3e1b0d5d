"""A candidate's answers to a form, marked from the YAML alone: none of the program's own scoring is used here."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import yaml

from ssa_engine.config import bundled
from tests.stories.browser import Shown

AIMS = (10, 7, 6, 4, 2, 0, 8)
"""How many of the ten scored items of each area, in outline order, the candidate knows."""

Regions = list[dict[str, Any]]


@dataclass(frozen=True)
class Entry:
    """What the YAML says of one item. Scalars are text, as they are written; `key` as the format has it."""

    area: str
    format: str
    key: Any
    options: tuple[str, ...]
    partial: bool
    scored: bool

    def best(self) -> str:
        """Return an answer that earns all."""
        return BEST[self.format](self)

    def other(self) -> str:
        """Return an answer that does not."""
        return OTHER[self.format](self)

    def credit(self, answer: str) -> Fraction:
        """Return what an answer, as it is stored, earns; none earns nothing."""
        return CREDIT[self.format](self, answer) if answer else Fraction(0)


def _credit_of_several(entry: Entry, answer: str) -> Fraction:
    """All or nothing; or hits less the others chosen, in parts of the key."""
    chosen, key = set(answer.split(",")), set(entry.key)
    if not entry.partial:
        return Fraction(chosen == key)
    return max(Fraction(0), Fraction(2 * len(chosen & key) - len(chosen), len(key)))


def _credit_of_number(entry: Entry, answer: str) -> Fraction:
    tolerance = Decimal(entry.key.get("tolerance", "0"))
    return Fraction(
        Decimal(entry.key["value"]) - tolerance <= Decimal(answer) <= Decimal(entry.key["value"]) + tolerance
    )


def _credit_of_place(entry: Entry, answer: str) -> Fraction:
    x, y = map(int, answer.split(","))
    return Fraction(any(_holds(region, x, y) for region in entry.key))


def _holds(region: dict[str, Any], x: int, y: int) -> bool:
    if region["shape"] == "circle":
        return math.dist((x, y), (int(region["x"]), int(region["y"]))) <= int(region["radius"])
    if region["shape"] == "rectangle":
        left, top = int(region["x"]), int(region["y"])
        return x in range(left, left + int(region["width"]) + 1) and y in range(top, top + int(region["height"]) + 1)
    return _winds([(int(one[0]), int(one[1])) for one in region["points"]], x, y)


def _winds(points: list[tuple[int, int]], x: int, y: int) -> bool:
    """Whether the line through the points goes around a place: the angles it is seen under add up to a full turn."""
    turn = 0.0
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        before, after = math.atan2(y1 - y, x1 - x), math.atan2(y2 - y, x2 - x)
        turn += (after - before + math.pi) % (2 * math.pi) - math.pi
    return abs(turn) > math.pi


def _places(entry: Entry, inside: bool) -> Iterator[str]:
    """Yield places a few pixels off every edge: all around them is the same."""
    near = [(dx, dy) for dx in (-2, 0, 2) for dy in (-2, 0, 2)]
    for x in range(4, 200):
        for y in range(4, 400, 2):
            at = x * 2
            if all(any(_holds(region, at + dx, y + dy) for region in entry.key) is inside for dx, dy in near):
                yield f"{at},{y}"


BEST: dict[str, Callable[[Entry], str]] = {
    "single": lambda entry: str(entry.key),
    "multiple": lambda entry: ",".join(sorted(entry.key)),
    "sorted": lambda entry: ",".join(entry.key),
    "hotspot": lambda entry: next(_places(entry, True)),
    "number": lambda entry: str(entry.key["value"]),
}
OTHER: dict[str, Callable[[Entry], str]] = {
    "single": lambda entry: next(one for one in entry.options if one != entry.key),
    "multiple": lambda entry: ",".join(
        sorted(entry.key)[1:] or [next(one for one in entry.options if one not in entry.key)]
    ),
    "sorted": lambda entry: ",".join(reversed(entry.key)),
    "hotspot": lambda entry: next(_places(entry, False)),
    "number": lambda entry: str(Decimal(entry.key["value"]) + Decimal(entry.key.get("tolerance", "0")) + 1),
}
CREDIT: dict[str, Callable[[Entry, str], Fraction]] = {
    "single": lambda entry, answer: Fraction(answer == entry.key),
    "multiple": _credit_of_several,
    "sorted": lambda entry, answer: Fraction(answer.split(",") == entry.key),
    "hotspot": _credit_of_place,
    "number": _credit_of_number,
}


def read_bank() -> dict[str, Entry]:
    """Read the CT item bank as plain YAML, every number as it is written."""
    bank = {}
    for path in sorted((bundled("item_bank") / "ct").glob("*.yaml")):
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        for item in document["items"]:
            bank[item["id"]] = Entry(
                area=document["area"],
                format=item["format"],
                key=item["key"],
                options=tuple(one["id"] for one in item.get("options", [])),
                partial=item.get("scoring") == "partial",
                scored=item["status"] == "active",
            )
    return bank


@dataclass
class Paper:
    """What the candidate means to answer and has answered, and what that is worth."""

    bank: dict[str, Entry] = field(default_factory=read_bank)
    spec: dict[str, Any] = field(
        default_factory=lambda: yaml.safe_load((bundled("content_specs") / "ct.yaml").read_text(encoding="utf-8"))
    )
    shown: dict[int, Shown] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    known: Counter[str] = field(default_factory=Counter)

    @property
    def areas(self) -> list[str]:
        """The content areas, in outline order."""
        return [area["id"] for category in self.spec["categories"] for area in category["areas"]]

    def choose(self, shown: Shown) -> str:
        """Choose an answer: the key as long as the aim of the area is not reached; pilots half and half."""
        entry = self.bank[shown.item]
        if entry.scored:
            self.known[entry.area] += 1
            knows = self.known[entry.area] <= dict(zip(self.areas, AIMS, strict=True))[entry.area]
        else:
            knows = shown.position % 2 == 0
        return entry.best() if knows else entry.other()

    def _scored(self, area: str) -> list[Shown]:
        entries = ((shown, self.bank[shown.item]) for shown in self.shown.values())
        return [shown for shown, entry in entries if entry.scored and entry.area == area]

    def earned(self, item: str) -> Fraction:
        """Return what the answer to an item earns."""
        return self.bank[item].credit(self.answers.get(item, ""))

    def points(self, area: str) -> Fraction:
        """Add up what the scored items of an area earned."""
        return sum((self.earned(shown.item) for shown in self._scored(area)), Fraction(0))

    def correct(self, area: str) -> int:
        """Count the scored items of an area that earned all."""
        return sum(self.earned(shown.item) == 1 for shown in self._scored(area))

    def items(self, area: str) -> int:
        """Count the scored items of an area on this form."""
        return len(self._scored(area))

    def standard(self, area: str) -> Fraction:
        """Return the standard of an area, exactly as written."""
        return Fraction(str(self.spec["sample_policy"]["standards"][area]))

    def credits(self, area: str) -> Fraction:
        """Work the sample rule by hand: the last band reached, up to a step, between minimum and maximum."""
        rule = self.spec["sample_policy"]["credits"]
        if self.points(area) >= self.standard(area) * self.items(area):
            return Fraction(0)
        short = math.ceil(math.ceil(self.standard(area) * self.items(area)) - self.points(area))
        reached = [Fraction(str(band["credits"])) for band in rule["bands"] if band["short"] <= short]
        if not reached:
            return Fraction(0)
        step = Fraction(str(rule["step"]))
        stepped = math.ceil(reached[-1] / step) * step
        return min(max(stepped, Fraction(rule["area_minimum"])), Fraction(rule["area_maximum"]))
