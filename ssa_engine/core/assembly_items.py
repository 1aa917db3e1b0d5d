"""A bank as the optimiser takes it: one row an item, information at the standards, and the constraints of a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ssa_engine.core.assembly_constraints import Constraints, Count, Total, constraints_of
from ssa_engine.core.content_specs import ItemLimits
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import Item
from ssa_engine.core.psychometrics.irt.models import information, probability

DRAWN = ("active", "pilot")
GRID = np.linspace(-4.0, 4.0, 1601)
"""Where the ability at a standard is sought; a standard beyond its ends lies at the end."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What is to be made large: the information each content area gives at its standard."""

    thetas: Mapping[str, float]
    """Content area -> ability at which the mean probability of its calibrated active items is the standard."""
    attainable: Mapping[str, float]
    """Content area -> the information there of its best items, as many as a form takes; enemies are not heeded."""
    uncalibrated: int
    """Active items without a and b. They count as giving no information."""
    active: int

    @property
    def objective(self) -> Total | None:
        """The mean over the areas with parameters of the share of what is attainable; None where there is no such."""
        return Total(tuple(point_of(area) for area in self.thetas)) if self.thetas else None

    @property
    def sentence(self) -> str:
        """Say what is missing; nothing where all active items are calibrated."""
        if not self.thetas:
            return (
                "No active item has parameters a and b, so forms are assembled on the constraints alone: none of them "
                "is better than another. Calibrate the items to aim at information."
            )
        if self.uncalibrated:
            return (
                f"{self.uncalibrated} of {self.active} active items have no parameters a and b; they count as giving "
                "no information."
            )
        return ""


def point_of(area: str) -> str:
    """Return the name of the column with an area's information at its standard."""
    return f"at the standard of {area}"


def aim_of(bank: ItemBank, standards: Mapping[str, float]) -> Aim:
    """Find the ability at each area's standard, and what its best items give there.

    Parameters
    ----------
    bank : ItemBank
    standards : mapping
        Content area -> proportion correct. The ability is where the test characteristic curve of the area's calibrated
        active items, divided by their number, meets it (Lord 1980, Applications of Item Response Theory to Practical
        Testing Problems, ch. 4), within -4 to 4.
    """
    active = [item for item in bank.items if item.status == "active"]
    thetas, attainable = {}, {}
    for area, counts in bank.spec.blueprint.areas.items():
        parameters = _parameters([item for item in active if bank.area_of(item) == area])
        if parameters.empty:
            continue
        curve = probability(GRID, parameters).mean(axis=1)
        thetas[area] = float(np.interp(standards[area], curve, GRID))
        best = np.sort(information(np.array([thetas[area]]), parameters)[0])[-counts.scored :]
        attainable[area] = float(best.sum())
    return Aim(thetas, attainable, len(active) - len(_parameters(active)), len(active))


def _parameters(items: Sequence[Item]) -> pd.DataFrame:
    rows = {
        item.id: (item.statistics.a, item.statistics.b)
        for item in items
        if item.statistics.a is not None and item.statistics.b is not None
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["a", "b"], dtype=float)


def items_of(bank: ItemBank, aim: Aim, exposure: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return the active and pilot items of a bank, one row each, in the order of the bank.

    Parameters
    ----------
    bank : ItemBank
    aim : Aim
    exposure : mapping, optional
        Item -> how much it was seen, in any unit from 0 up; 0 for items that are not named.

    Returns
    -------
    DataFrame
        `item_id`, `content_area`, `topic` (subtopics counted with their topic), `format`, `key` (letter of the place
        where the key stands, for items of one best answer whose options are not shuffled), `pilot`, `case`,
        `exposure`; and for each area of the aim a column with the information of its items at the standard, as a share
        of what is attainable, divided by the number of such areas: the sum of all over a form is the mean share.
    """
    drawn = [item for item in bank.items if item.status in DRAWN]
    parents = bank.spec.topic_parents
    table = pd.DataFrame(
        {
            "item_id": [item.id for item in drawn],
            "content_area": [bank.area_of(item) for item in drawn],
            "topic": [parents[item.topic] for item in drawn],
            "format": [item.format for item in drawn],
            "key": [key_position(item) for item in drawn],
            "pilot": [item.status == "pilot" for item in drawn],
            "case": pd.array([item.case for item in drawn], dtype="string"),
            "exposure": [float((exposure or {}).get(item.id, 0.0)) for item in drawn],
        }
    )
    parameters = _parameters([item for item in drawn if item.status == "active"])
    for area, theta in aim.thetas.items():
        given = pd.Series(information(np.array([theta]), parameters)[0], index=parameters.index)
        share = table["item_id"].map(given).fillna(0.0) / (aim.attainable[area] * len(aim.thetas))
        table[point_of(area)] = share.where(table["content_area"] == area, 0.0)
    return table


def key_position(item: Item) -> str | None:
    """Return the letter of the place where the key stands; None where options are shuffled, or keys are no place."""
    if item.format != "single" or item.shuffle:
        return None
    return "abcdefghij"[item.option_ids.index(item.key_answer)]


def enemies_of(bank: ItemBank) -> tuple[tuple[str, str], ...]:
    """Return each pair of enemies once, in order."""
    return tuple(sorted((one, other) for one, enemies in bank.enemies.items() for other in enemies if one < other))


def constraints_for(bank: ItemBank, *, spread: bool) -> Constraints:
    """Return what a form of this bank has to meet.

    Parameters
    ----------
    bank : ItemBank
    spread : bool
        Spread the topics of each area evenly, where the blueprint says nothing of topics.
    """
    blueprint = bank.spec.blueprint
    plain = constraints_of(blueprint, enemies_of(bank))
    topics = _counts(blueprint.topics) or (topics_spread(bank) if spread else {})
    return Constraints(
        areas=plain.areas,
        pilots=plain.pilots,
        topics=topics,
        formats=_counts(blueprint.formats),
        keys=_counts(blueprint.keys),
        enemies=plain.enemies,
    )


def _counts(limits: Mapping[Any, ItemLimits]) -> dict[str, Count]:
    return {str(name): Count(limit.least, limit.most) for name, limit in limits.items()}


def topics_spread(bank: ItemBank) -> dict[str, Count]:
    """Return the number of scored items each topic gives when those of an area give as evenly as they can.

    Every topic gives up to a level that is the same for all topics of its area, or all it has; one more or less is
    allowed, so that case sets and enemies find room.
    """
    supply: dict[str, dict[str, int]] = {area: {} for area in bank.spec.blueprint.areas}
    for item in bank.items:
        if item.status == "active":
            topic, area = bank.spec.topic_parents[item.topic], bank.area_of(item)
            supply[area][topic] = supply[area].get(topic, 0) + 1
    found = {}
    for area, counts in bank.spec.blueprint.areas.items():
        level = 0
        while sum(min(has, level + 1) for has in supply[area].values()) <= counts.scored and level < counts.scored:
            level += 1
        for topic, has in supply[area].items():
            found[topic] = Count(max(min(has, level) - 1, 0), min(has, level + 2))
    return found
