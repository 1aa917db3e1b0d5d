"""Prescription: from area scores to CE credits, and the sentence that explains them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.marking import key_table, mark
from ssa_engine.core.policies import CreditRule, Decision, DecisionRule, Policy
from ssa_engine.core.scoring import TOLERANCE, items_needed, score_areas
from ssa_engine.core.text import Sentence, count_credits, say

MILLION = 1_000_000

DECISIONS = tuple(decision.value for decision in Decision)
PRESCRIBE, PRESCRIBE_HALF, OFFER_ONLY, NONE = DECISIONS


def prescribe(area_scores: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Turn gaps into credits.

    Parameters
    ----------
    area_scores : DataFrame
        As `scoring.score_areas` returns it.
    policy : Policy
        Gives the credit rule and the decision rule.

    Returns
    -------
    DataFrame
        The same rows and order with `short` (items short of the standard, a part of one counted as one),
        `credits_by_rule` (after step, minimum and maximum) and `credits` (after the total cap). Where a cap bites it
        is filled by the largest gap first; equal gaps in the order of the policy's standards. Where the policy decides
        by expected loss, there is also `decision` (see `decide`), and it alone says which areas earn credits: an area
        that is prescribed although its score meets the standard counts as one item short.
    """
    prescribed = area_scores.copy(deep=False)
    items = prescribed["items"].to_numpy()
    needed = items_needed(prescribed["standard"].to_numpy(), items)
    missing = np.where(prescribed["below_standard"].to_numpy(dtype=bool), needed - prescribed["points"].to_numpy(), 0)
    short = np.ceil(missing - TOLERANCE).clip(min=0).astype(np.int64)
    by_rule = credits_of(short, policy.credits)
    if policy.decision.rule == "expected_loss":
        decisions = decide(prescribed["probability_below"].to_numpy(dtype=float), policy.decision)
        by_rule = _credits_of_decisions(decisions, short, policy.credits)
        prescribed["decision"] = pd.Categorical(decisions, categories=list(DECISIONS))
    prescribed["short"] = short
    prescribed["credits_by_rule"] = by_rule
    prescribed["credits"] = _cap(prescribed, by_rule, policy)
    return prescribed


def decide(probability_below: npt.NDArray[np.float64], rule: DecisionRule) -> npt.NDArray[np.object_]:
    """Decide by expected loss, whatever `rule.rule` says.

    A missed need costs `loss_ratio`, needless CE costs 1. Prescribing is expected to cost 1 - P and not prescribing
    loss_ratio P, so prescribe where loss_ratio P > 1 - P; equal losses are decided for the candidate (Bayes decision
    with a threshold loss: Huynh 1976, Psychometrika 41:65-78). From `low` to `high` of an indeterminate band, both
    ends included, the band's rule decides.

    Parameters
    ----------
    probability_below : array (of any shape)
        Probability that the true area score lies below the standard.
    rule : DecisionRule
        The loss ratio and the band.

    Returns
    -------
    array of the same shape
        `prescribe`, `prescribe_half`, `offer_only` or `none`.

    Raises
    ------
    Invalid
        If a probability is missing or not in [0, 1].
    """
    p = np.asarray(probability_below, dtype=float)
    bad = ~((p >= 0) & (p <= 1))
    if bad.any():
        raise Invalid(
            f"{int(bad.sum())} of {p.size} probabilities are missing or outside 0 to 1. "
            "Decide those areas by another score, or leave them out."
        )
    decisions = np.where(rule.loss_ratio * p > (1 - p) + TOLERANCE, PRESCRIBE, NONE).astype(object)
    band = rule.indeterminate
    if band is not None:
        decisions[(p >= band.low) & (p <= band.high)] = band.rule
    return decisions


def _credits_of_decisions(
    decisions: npt.NDArray[np.object_], short: npt.NDArray[np.int64], rule: CreditRule
) -> npt.NDArray[np.float64]:
    """Return the credits of areas that are prescribed, half of them, rounded up to the step, or none."""
    full = credits_of(np.maximum(short, 1), rule)
    half = np.minimum(full, np.round(np.ceil(full / 2 / rule.step - TOLERANCE) * rule.step, 10))
    return np.select([decisions == PRESCRIBE, decisions == PRESCRIBE_HALF], [full, half], 0.0)


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
