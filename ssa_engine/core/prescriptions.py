"""Prescription: from area scores to CE credits, and the sentence that explains them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.marking import key_table, mark
from ssa_engine.core.policies import CreditRule, Policy
from ssa_engine.core.scoring import TOLERANCE, items_needed, score_areas
from ssa_engine.core.text import Sentence, count_credits, say

MILLION = 1_000_000


def prescribe(area_scores: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Turn gaps into credits.

    Parameters
    ----------
    area_scores : DataFrame
        As `scoring.score_areas` returns it.
    policy : Policy
        Gives the credit rule.

    Returns
    -------
    DataFrame
        The same rows and order with `short` (items short of the standard, a part of one counted as one),
        `credits_by_rule` (after step, minimum and maximum) and `credits` (after the total cap). Where a cap bites it
        is filled by the largest gap first; equal gaps in the order of the policy's standards.
    """
    prescribed = area_scores.copy(deep=False)
    items = prescribed["items"].to_numpy()
    needed = items_needed(prescribed["standard"].to_numpy(), items)
    missing = np.where(prescribed["below_standard"].to_numpy(dtype=bool), needed - prescribed["points"].to_numpy(), 0)
    short = np.ceil(missing - TOLERANCE).clip(min=0).astype(np.int64)
    by_rule = credits_of(short, policy.credits)
    prescribed["short"] = short
    prescribed["credits_by_rule"] = by_rule
    prescribed["credits"] = _cap(prescribed, by_rule, policy)
    return prescribed


def credits_of(short: npt.NDArray[np.int64], rule: CreditRule) -> npt.NDArray[np.float64]:
    """Return the credits of one area for each number of items short (0 short: 0 credits)."""
    if rule.rule == "bands":
        steps = np.array([band.short for band in rule.bands])
        worth = np.array([0.0, *(band.credits for band in rule.bands)])
        raw = worth[np.searchsorted(steps, short, side="right")]
    else:
        each = float(rule.credits or 0.0)
        raw = np.where(short > 0, each, 0.0) if rule.rule == "flat" else each * short
    stepped = np.ceil(raw / rule.step - TOLERANCE) * rule.step
    limited = np.clip(stepped, rule.area_minimum, rule.area_maximum)
    return np.where(short > 0, np.round(limited, 10), 0.0)


def _cap(prescribed: pd.DataFrame, by_rule: npt.NDArray[np.float64], policy: Policy) -> npt.NDArray[np.float64]:
    """Hold each attempt's total to the cap: full credits by largest gap until the cap is spent."""
    cap = policy.credits.total_cap
    if cap is None or not len(prescribed):
        return by_rule
    attempts, _ = pd.factorize(prescribed["attempt_id"])
    over = np.bincount(attempts, weights=by_rule)[attempts] > cap + TOLERANCE
    rows = np.flatnonzero(over)
    if not len(rows):
        return by_rule
    outline = pd.Index(list(policy.standards)).get_indexer(pd.Index(prescribed["content_area"].iloc[rows]))
    gap = prescribed["gap"].to_numpy()[rows]
    rows = rows[np.lexsort((outline, -gap, attempts[rows]))]
    # In millionths of a credit, so that sums over a million attempts before leave no rounding in the next one's.
    own = np.rint(by_rule[rows] * MILLION).astype(np.int64)
    before = np.cumsum(own) - own
    first = np.r_[True, attempts[rows][1:] != attempts[rows][:-1]]
    before -= np.repeat(before[first], np.diff(np.r_[np.flatnonzero(first), len(rows)]))
    capped = by_rule.copy()
    capped[rows] = np.clip(round(cap * MILLION) - before, 0, own) / MILLION
    return capped


def explain(
    *, items: int, points: float, standard: float, below: bool, credits: float, credits_by_rule: float
) -> Sentence:
    """Say in one sentence how an area's credits came about; `standard` is what `standard_beside` gives."""
    counts = {"points": float(points), "items": items, "standard": float(standard)}
    if not below:
        return say("{points} of {items}, standard {standard}, so no credits", **counts)
    by_rule = count_credits(credits_by_rule)
    if credits < credits_by_rule:
        return say(
            "{points} of {items}, standard {standard}, so {by_rule}, held to {held} by the total limit",
            **counts,
            by_rule=by_rule,
            held=count_credits(credits),
        )
    return say("{points} of {items}, standard {standard}, so {by_rule}", **counts, by_rule=by_rule)


def describe_rule(rule: CreditRule) -> list[Sentence]:
    """Say a credit rule in one or two plain sentences."""
    worth = count_credits(rule.credits or 0)
    if rule.rule == "flat":
        told = [say("An area below its standard is worth {worth}.", worth=worth)]
    elif rule.rule == "per_item":
        told = [say("Each question short of the standard is worth {worth}.", worth=worth)]
    else:
        bands = [
            say("from {short} short, {worth}", short=band.short, worth=count_credits(band.credits))
            for band in rule.bands
        ]
        told = [say("Credits follow how many questions an area is short of its standard: {bands}.", bands=bands)]
    if rule.total_cap is not None:
        cap = count_credits(rule.total_cap)
        told.append(say("All areas together are never more than {cap}, largest gap first.", cap=cap))
    return told


def score_responses(responses: pd.DataFrame, bank: ItemBank, policy: Policy) -> pd.DataFrame:
    """Mark, score and prescribe: the one way from responses to credits, for one attempt and for a million.

    Parameters and errors as in `marking.mark`; returns what `prescribe` returns.
    """
    return prescribe(score_areas(mark(responses, key_table(bank)), policy), policy)
