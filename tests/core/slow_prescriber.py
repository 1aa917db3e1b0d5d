"""A second prescriber, written from the words of the rules in exact fractions and plain loops."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from ssa_engine.core.policies import CreditRule, Policy

Counts = Mapping[str, tuple[int, int | Fraction]]
"""Area -> (items, points)."""


def exact(number: float) -> Fraction:
    """Return the decimal number that was written down, not the binary float nearest to it."""
    return Fraction(repr(number))


def needed(standard: float, items: int) -> int:
    """Return the least number correct at the standard."""
    return math.ceil(exact(standard) * items)


def credits_by_rule(short: int, rule: CreditRule) -> Fraction:
    """Return the credits of one area before the total cap."""
    if short <= 0:
        return Fraction(0)
    if rule.rule == "bands":
        raw = Fraction(0)
        for band in rule.bands:
            if short >= band.short:
                raw = exact(band.credits)
    else:
        raw = exact(rule.credits or 0.0) * (short if rule.rule == "per_item" else 1)
    step = exact(rule.step)
    credits = math.ceil(raw / step) * step
    credits = max(credits, exact(rule.area_minimum))
    return credits if rule.area_maximum is None else min(credits, exact(rule.area_maximum))


def prescribe_slowly(counts: Counts, policy: Policy) -> dict[str, tuple[int, Fraction, Fraction]]:
    """Return area -> (items short, credits by rule, credits) of one attempt."""
    found: dict[str, tuple[int, Fraction, Fraction]] = {}
    gaps: list[tuple[Fraction, int, str]] = []
    for place, area in enumerate(policy.standards):
        if area not in counts:
            continue
        items, points = counts[area]
        standard = policy.standards[area]
        below = points < exact(standard) * items
        short = math.ceil(needed(standard, items) - points) if below else 0
        by_rule = credits_by_rule(short, policy.credits)
        found[area] = (short, by_rule, by_rule)
        gaps.append((-(exact(standard) - Fraction(points) / items), place, area))
    if policy.credits.total_cap is None:
        return found
    left = exact(policy.credits.total_cap)
    for _, _, area in sorted(gaps):
        short, by_rule, _ = found[area]
        given = min(by_rule, left)
        left -= given
        found[area] = (short, by_rule, given)
    return found
