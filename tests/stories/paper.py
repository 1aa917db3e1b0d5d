"""A candidate's answers to a form, marked from the YAML alone: none of the program's own scoring is used here."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import yaml

from ssa_engine.config import bundled
from tests.stories.browser import Shown

AIMS = (10, 7, 6, 4, 2, 0, 8)
"""How many of the ten scored items of each area, in outline order, the candidate knows."""


@dataclass(frozen=True)
class Entry:
    """What the YAML says of one item."""

    area: str
    key: str
    others: tuple[str, ...]
    scored: bool


def read_bank() -> dict[str, Entry]:
    """Read the CT item bank as plain YAML."""
    bank = {}
    for path in sorted((bundled("item_bank") / "ct").glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for item in document["items"]:
            others = tuple(one["id"] for one in item["options"] if one["id"] != item["key"])
            bank[item["id"]] = Entry(document["area"], item["key"], others, item["status"] == "active")
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
        return entry.key if knows else entry.others[shown.position % len(entry.others)]

    def correct(self, area: str) -> int:
        """Count the scored items of an area that were answered with the key."""
        return sum(
            self.answers.get(shown.item) == entry.key
            for shown in self.shown.values()
            if (entry := self.bank[shown.item]).area == area and entry.scored
        )

    def items(self, area: str) -> int:
        """Count the scored items of an area on this form."""
        return sum(self.bank[one.item].scored and self.bank[one.item].area == area for one in self.shown.values())

    def standard(self, area: str) -> Fraction:
        """Return the standard of an area, exactly as written."""
        return Fraction(str(self.spec["sample_policy"]["standards"][area]))

    def credits(self, area: str) -> Fraction:
        """Work the sample rule by hand: the last band reached, up to a step, between minimum and maximum."""
        rule = self.spec["sample_policy"]["credits"]
        short = math.ceil(self.standard(area) * self.items(area)) - self.correct(area)
        reached = [Fraction(str(band["credits"])) for band in rule["bands"] if band["short"] <= short]
        if not reached:
            return Fraction(0)
        step = Fraction(str(rule["step"]))
        stepped = math.ceil(reached[-1] / step) * step
        return min(max(stepped, Fraction(rule["area_minimum"])), Fraction(rule["area_maximum"]))
