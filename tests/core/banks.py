"""Tiny item banks and policies, built from the core values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from ssa_engine.core.content_specs import (
    AreaBlueprint,
    Blueprint,
    Category,
    ContentArea,
    ContentSpec,
    Topic,
)
from ssa_engine.core.item_bank import Case, ItemBank
from ssa_engine.core.items import FORMATS, Item, ItemStatistics, Option
from ssa_engine.core.policies import CreditRule, Policy
from ssa_engine.core.programmes import CqrRules

KEYS: dict[str, Any] = {
    "single": "a",
    "multiple": ["a", "c"],
    "sorted": ["b", "a", "d", "c"],
    "hotspot": [{"shape": "circle", "x": 50, "y": 40, "radius": 10}],
    "number": {"value": 1.33, "tolerance": 0.01},
}
"""The key of an item of each format, if a test does not care."""

RULES = CqrRules(time_limited_from=dt.date(2011, 1, 1), period_years=10, window_years=3)


def policy_of(standards: Mapping[str, float], **rule: Any) -> Policy:
    """Return a policy; without a rule every area below its standard is worth 3 credits."""
    return Policy(standards=dict(standards), credits=CreditRule(**(rule or {"rule": "flat", "credits": 3})))


def topic_code(area: str, topic: int) -> str:
    """Return the code of a topic (from 1) of an area that is called by one letter."""
    return f"1.{area.upper()}.{topic}"


def spec_of(blueprint: Mapping[str, tuple[int, int]], *, topics: int = 3, minutes: int = 10) -> ContentSpec:
    """Return a specification: area letter -> (scored, pilot) items on a form; each area has as many topics."""
    areas = tuple(
        ContentArea(
            code=f"1.{area.upper()}",
            id=area,
            name=f"Area {area.upper()}",
            topics=tuple(
                Topic(code=topic_code(area, number), name=f"Topic {number}") for number in range(1, topics + 1)
            ),
        )
        for area in blueprint
    )
    return ContentSpec(
        discipline="TST",
        name="Test",
        edition="1",
        cqr=RULES,
        categories=(Category(code="1", name="All", areas=areas),),
        blueprint=Blueprint(
            minutes=minutes,
            areas={area: AreaBlueprint(scored=scored, pilot=pilot) for area, (scored, pilot) in blueprint.items()},
        ),
        sample_policy=policy_of(dict.fromkeys(blueprint, 0.7)),
    )


def item_of(
    name: str,
    topic: str,
    *,
    key: Any = None,
    options: int = 4,
    status: str = "active",
    enemies: Sequence[str] = (),
    shuffle: bool = True,
    a: float | None = None,
    b: float | None = None,
    kind: str = "single",
    **more: Any,
) -> Item:
    """Return an item, with options a, b, c … where its format has them."""
    has_options = kind in ("single", "multiple", "sorted")
    own = {"target": {"image": "picture.png", "alt": "A picture"}} if kind == "hotspot" else {}
    return FORMATS[kind].model_validate(
        {
            "id": name,
            "topic": topic,
            "format": kind,
            "stem": f"Stem of {name}",
            "options": [Option(id=letter, text=f"Option {letter}") for letter in "abcdefghij"[: options * has_options]],
            "key": KEYS[kind] if key is None else key,
            "rationale": "Because.",
            "status": status,
            "enemies": list(enemies),
            "shuffle": shuffle,
            "statistics": ItemStatistics(a=a, b=b),
            **own,
            **more,
        }
    )


def bank_of(spec: ContentSpec, items: Sequence[Item], *, cases: Sequence[str] = ()) -> ItemBank:
    """Return a bank of these items, with cases of these ids."""
    scenarios = [Case(id=name, scenario=f"Scenario of {name}") for name in cases]
    return ItemBank.model_validate({"spec": spec, "items": tuple(items), "cases": tuple(scenarios)})


def scoring_bank(counts: Mapping[str, int], *, pilots: int = 1) -> ItemBank:
    """Return a bank with this many active items per area, and some pilots; keys go round a, b, c, d."""
    spec = spec_of({area: (count, pilots) for area, count in counts.items()})
    items = [
        item_of(
            f"{area}-{number}",
            topic_code(area, number % 3 + 1),
            key="abcd"[number % 4],
            status="active" if number < count else "pilot",
        )
        for area, count in counts.items()
        for number in range(count + pilots)
    ]
    return bank_of(spec, items)
