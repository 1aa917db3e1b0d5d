"""Form assembly: a seeded random draw that meets the blueprint."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ssa_engine.core.content_specs import AreaBlueprint
from ssa_engine.core.errors import BlueprintNotMet
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import Item
from ssa_engine.core.text import say

DRAWS = 200
"""How often a draw is begun again when enemies leave an area short."""


@dataclass(frozen=True, slots=True)
class FormItem:
    """One place on a form, as it was drawn."""

    position: int
    item_id: str
    content_area: str
    scored: bool
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """The ordered list of items one candidate gets."""

    discipline: str
    bank_version: str
    seed: int
    items: tuple[FormItem, ...]


def draw_form(bank: ItemBank, seed: int) -> Form:
    """Draw a form: areas exactly as the blueprint says, pilots mixed in, enemies apart, topics spread.

    The same bank and seed give the same form.

    Raises
    ------
    BlueprintNotMet
        If no draw meets the blueprint; the message names the area, what it needs and what it has.
    """
    chance = chance_of(bank, seed)
    short = ""
    for draw in range(DRAWS):
        chosen: list[tuple[Item, str, bool]] = []
        banned: set[str] = set()
        for area, counts in bank.spec.blueprint.areas.items():
            short = _draw_area(bank, area, counts, chance, chosen, banned, spread=draw < DRAWS // 2)
            if short:
                break
        if not short:
            return in_order(bank, seed, chosen, chance)
    raise BlueprintNotMet(short)


def _draw_area(
    bank: ItemBank,
    area: str,
    counts: AreaBlueprint,
    chance: random.Random,
    chosen: list[tuple[Item, str, bool]],
    banned: set[str],
    *,
    spread: bool,
) -> str:
    """Add an area's items to `chosen`; return a sentence if there are too few, else nothing."""
    for status, scored, needed in (("active", True, counts.scored), ("pilot", False, counts.pilot)):
        pool = bank.pools.get((area, status), ())
        drawn = _draw(bank, pool, needed, chance, banned, spread=spread)
        if len(drawn) < needed:
            return say(
                "The blueprint of {discipline} takes {needed} {status} items from the content area '{area}'; only "
                "{drawn} of {pool} could be drawn with enemies kept apart and case sets whole. Add {status} items to "
                "that area, or take fewer.",
                discipline=bank.discipline,
                needed=needed,
                status=say("active") if scored else say("pilot"),
                area=area,
                drawn=len(drawn),
                pool=len(pool),
            )
        chosen.extend((item, area, scored) for item in drawn)
    return ""


def _draw(
    bank: ItemBank, pool: Sequence[Item], needed: int, chance: random.Random, banned: set[str], *, spread: bool
) -> list[Item]:
    """Draw `needed` items, each time from a topic that has given the fewest, never one that is banned.

    The items of a case set are drawn together or not at all.
    """
    topics = bank.spec.topic_parents
    waiting = _units(chance.sample(pool, len(pool)))
    drawn: list[Item] = []
    taken: Counter[str] = Counter()
    while len(drawn) < needed:
        room = needed - len(drawn)
        waiting = [unit for unit in waiting if len(unit) <= room and not any(item.id in banned for item in unit)]
        if not waiting:
            break
        unit = min(waiting, key=lambda unit: taken[topics[unit[0].topic]]) if spread else waiting[0]
        waiting.remove(unit)
        for item in unit:
            drawn.append(item)
            taken[topics[item.topic]] += 1
            banned.update(bank.enemies[item.id], {item.id})
    return drawn


def _units(items: list[Item]) -> list[tuple[Item, ...]]:
    """Group the members of each case, in the order of their ids, at the place of the first; others stand alone."""
    cases: dict[str, list[Item]] = {}
    for item in items:
        cases.setdefault(item.case or f"item {item.id}", []).append(item)
    return [tuple(sorted(unit, key=lambda item: item.id)) for unit in cases.values()]


def chance_of(bank: ItemBank, seed: int) -> random.Random:
    """Return the chance that a seed gives with this version of the bank."""
    return random.Random(f"{bank.version}:{seed}")  # noqa: S311 - a form can be drawn again from its seed


def in_order(bank: ItemBank, seed: int, chosen: list[tuple[Item, str, bool]], chance: random.Random) -> Form:
    """Mix areas and pilots, case sets kept together, and shuffle the options where the item allows it."""
    known = {item.id: (area, scored) for item, area, scored in chosen}
    units = _units([item for item, _, _ in chosen])
    chance.shuffle(units)
    places = []
    for position, item in enumerate((item for unit in units for item in unit), start=1):
        area, scored = known[item.id]
        places.append(FormItem(position, item.id, area, scored, _option_order(item, chance)))
    return Form(bank.discipline, bank.version, seed, tuple(places))


def _option_order(item: Item, chance: random.Random) -> tuple[str, ...]:
    """Draw the order in which options are shown; entries to sort never stand in the order of the key."""
    options = list(item.option_ids)
    if item.shuffle or item.format == "sorted":
        chance.shuffle(options)
    while item.format == "sorted" and ",".join(options) == item.key_answer:
        chance.shuffle(options)
    return tuple(options)
