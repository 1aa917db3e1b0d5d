"""Prescription: from area scores to CE credits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.marking import key_table, mark
from ssa_engine.core.policies import CreditRule, Decision, DecisionRule, Policy
from ssa_engine.core.score_models import with_augmented, with_model
from ssa_engine.core.scoring import TOLERANCE, items_needed, score_areas

MILLION = 1_000_000

DECISIONS = tuple(decision.value for decision in Decision)
PRESCRIBE, PRESCRIBE_HALF, OFFER_ONLY, NONE = DECISIONS


def prescribe(area_scores: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Turn gaps into credits.

    Parameters
    ----------
    area_scores : DataFrame
        As `scoring.score_areas` returns it.
        With `estimate`, as `score_models.with_model` adds it, where item response theory decides.
    policy : Policy
        Gives the credit rule and the decision rule.

    Returns
    -------
    DataFrame
        The same rows and order with `decision`, `short` (items short of the standard, a part of one counted as one),
        `credits_by_rule` (after step, minimum and maximum) and `credits` (after the total cap). Where a cap bites it
        is filled by the largest gap first; equal gaps in the order of the policy's standards. The decision alone says
        which areas earn credits: by the raw score those below the standard are prescribed; by an augmented score or by
        item response theory those whose `estimate` is; by expected loss see `decide`. How many credits follows the
        points: an area that is prescribed although its points meet the standard counts as one item short.

    Raises
    ------
    Invalid
        If the scores lack what the rule decides by.
    """
    prescribed = _with_estimate(area_scores, policy).copy(deep=False)
    items = prescribed["items"].to_numpy()
    needed = items_needed(prescribed["standard"].to_numpy(), items)
    missing = np.where(prescribed["below_standard"].to_numpy(dtype=bool), needed - prescribed["points"].to_numpy(), 0)
    short = np.ceil(missing - TOLERANCE).clip(min=0).astype(np.int64)
    if policy.decision.rule == "raw":
        below = prescribed["below_standard"].to_numpy(dtype=bool)
        codes = np.where(below, np.int8(DECISIONS.index(PRESCRIBE)), np.int8(DECISIONS.index(NONE)))
        prescribed["decision"] = pd.Categorical.from_codes(codes, categories=pd.Index(DECISIONS))
        by_rule = credits_of(short, policy.credits)
    else:
        decisions = _decisions(prescribed, policy.decision)
        by_rule = credits_of_decisions(decisions, short, policy.credits)
        prescribed["decision"] = pd.Categorical(decisions, categories=list(DECISIONS))
    prescribed["short"] = short
    prescribed["credits_by_rule"] = by_rule
    prescribed["credits"] = hold_to_cap(prescribed, by_rule, policy)
    return prescribed


def _with_estimate(scores: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return the scores with what the policy's rule decides by, if it can be had from the scores alone."""
    model = policy.decision.model
    if model == "augmented" and "estimate" not in scores:
        return with_augmented(scores, policy)
    if model == "irt" and ("estimate" not in scores or scores["estimate"].isna().any()):
        raise Invalid(
            "Areas are decided by item response theory, and not all of these scores have an estimate. Score the "
            "responses with their item bank, or choose another rule."
        )
    return scores


def _decisions(scores: pd.DataFrame, rule: DecisionRule) -> npt.NDArray[np.object_]:
    """Decide by the policy's rule."""
    if rule.rule == "expected_loss":
        return decide(scores["probability_below"].to_numpy(dtype=float), rule)
    below = scores["estimate"].to_numpy(dtype=float) < scores["standard"].to_numpy(dtype=float) - TOLERANCE
    return np.where(below, PRESCRIBE, NONE).astype(object)


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


def credits_of_decisions(
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


def hold_to_cap(prescribed: pd.DataFrame, by_rule: npt.NDArray[np.float64], policy: Policy) -> npt.NDArray[np.float64]:
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


def score_responses(
    responses: pd.DataFrame, bank: ItemBank, policy: Policy, keys: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Mark, score and prescribe: the one way from responses to credits, for one attempt and for a million.

    Parameters and errors as in `marking.mark`, by the bank's own keys unless others are given; returns what `prescribe`
    returns.
    """
    marked = mark(responses, key_table(bank) if keys is None else keys)
    return prescribe(with_model(score_areas(marked, policy), marked, bank, policy), policy)
