"""Credits of a whole cohort under a policy: the same as `prescribe` gives row by row, from matrices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import DecisionRule, Policy
from ssa_engine.core.prescriptions import (
    DECISIONS,
    MILLION,
    NONE,
    PRESCRIBE,
    PRESCRIBE_HALF,
    credits_of,
    credits_of_decisions,
    prescribe,
)
from ssa_engine.core.score_models import augmented_scores, below_by_augmentation
from ssa_engine.core.scoring import TOLERANCE, area_frame, items_needed
from ssa_engine.core.text import say
from ssa_engine.core.tuning.cohort import Cohort, Flags, Floats, Integers

Codes = npt.NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class ModelScores:
    """What rules go by that look at more than an area's own score: (N, K) each, missing where there is no item."""

    estimates: Floats
    probabilities: Floats
    """That the true score lies below the standard."""


ScoreSource = Callable[[Cohort, Policy], ModelScores]

CODE = {decision: code for code, decision in enumerate(DECISIONS)}
OWN_SCORE = "beta_binomial"
"""The score model that looks at nothing but the area's own score, so that cases tell all."""


@dataclass(frozen=True, eq=False)
class Prescribed:
    """What a policy gives a cohort: figures of each case (C,), and of each sitting."""

    policy: Policy
    standard: Floats
    """(C,): the standard of the case's area."""
    needed: Integers
    """(C,): items needed."""
    below: Flags
    gap: Floats
    probability_below: Floats
    """(C,): by the policy's own prior."""
    decision: Codes
    """(C,): a place in `prescriptions.DECISIONS`; where other scores matter, of the raw score."""
    by_rule: Floats
    """(C,): credits before the total cap; where other scores matter, if prescribed."""
    full: Floats
    """(C,): what a prescription of the case is worth, decided or not: at least that of one item short."""
    decisions: Codes | None
    """(N, K): where other scores than the own matter; else None."""
    probabilities: Floats | None
    """(N, K): what those decisions go by."""
    credits: Floats
    """(N, K): after the cap."""
    totals: Floats
    """(N,)"""
    capped: npt.NDArray[np.intp]
    """The sittings whose total the cap lowers."""

    def decided(self, cohort: Cohort, decision: str) -> Floats:
        """Return how many sittings of each area got this decision: (K,)."""
        if self.decisions is not None:
            return np.asarray((self.decisions == CODE[decision]).sum(axis=0), dtype=float)
        return cohort.cases.by_area(self.decision == CODE[decision])

    def by_area(self, cohort: Cohort, of: Callable[[Floats], Floats]) -> Floats:
        """Add up a figure of the credits in each area, `of` applied to each: (K,).

        By cases, and then put right for the few sittings that the cap holds.
        """
        if self.decisions is not None:
            return np.asarray(of(self.credits).sum(axis=0), dtype=float)
        plain = cohort.cases.by_area(of(self.by_rule))
        if len(self.capped):
            plain += (of(self.credits[self.capped]) - of(self.by_rule[cohort.cases.index[self.capped]])).sum(axis=0)
        return plain

    def prescribed(self, cohort: Cohort) -> Flags:
        """Return in which areas each sitting is prescribed something by decision, whatever the cap leaves: (N, K)."""
        decisions = self.decision[cohort.cases.index] if self.decisions is None else self.decisions
        return np.asarray(decisions <= CODE[PRESCRIBE_HALF])


def apply(cohort: Cohort, policy: Policy, irt: ScoreSource | None = None) -> Prescribed:
    """Prescribe for a cohort.

    Parameters
    ----------
    cohort : Cohort
    policy : Policy
        Needs a standard for every area of the cohort.
    irt : callable, optional
        Gives the scores where item response theory decides; augmented ones are computed here.

    Returns
    -------
    Prescribed
        Credits equal those of `prescriptions.prescribe` on the same scores.

    Raises
    ------
    Invalid
        If an area has no standard, or item response theory decides and its scores are not at hand.
    """
    lacking = [area for area in cohort.areas if area not in policy.standards]
    if lacking:
        raise Invalid(say("The policy has no standard for: {areas}.", areas=", ".join(lacking)))
    told, seen = _told(cohort, policy)
    by_case = {
        name: _spread(told[name].to_numpy(dtype=float), seen) for name in ("gap", "probability_below", "credits")
    }
    below = _spread(told["below_standard"].to_numpy(dtype=float), seen) > 0
    standard = np.array([policy.standards[area] for area in cohort.areas])[cohort.cases.area]
    needed = items_needed(standard, cohort.cases.items)
    decided = _decided(told, seen, below)
    short = np.ceil(needed - cohort.cases.points - TOLERANCE).clip(min=1).astype(np.int64)
    full = np.where(cohort.cases.items > 0, credits_of(short, policy.credits), 0.0)
    decisions = chances = None
    if policy.decision.model == OWN_SCORE:
        credits = by_case["credits"][cohort.cases.index]
    else:
        scores = _scores(cohort, policy, irt)
        chances = scores.probabilities
        decisions = _decide(scores, cohort, policy)
        half = credits_of_decisions(np.full(len(short), PRESCRIBE_HALF, dtype=object), short, policy.credits)
        credits = _credits_of_decisions(decisions, full, np.where(cohort.cases.items > 0, half, 0.0), cohort)
    totals = credits.sum(axis=1)
    capped = _cap(cohort, policy, by_case["gap"], credits, totals)
    return Prescribed(
        policy, standard, needed, below, by_case["gap"], by_case["probability_below"], decided, by_case["credits"],
        full, decisions, chances, credits, totals, capped,
    )  # fmt: skip


def _told(cohort: Cohort, policy: Policy) -> tuple[pd.DataFrame, Flags]:
    """Let `prescribe` itself decide every case as if it were a sitting of its own, before any cap on the total."""
    cases = cohort.cases
    seen = cases.items > 0
    by_itself = policy.model_copy(update={"credits": policy.credits.model_copy(update={"total_cap": None})})
    codes = np.array([list(policy.standards).index(area) for area in cohort.areas])[cases.area[seen]]
    frame = area_frame(
        attempt_id=np.flatnonzero(seen),
        content_area=pd.Categorical.from_codes(codes, categories=pd.Index(list(policy.standards))),
        items=cases.items[seen],
        correct=cases.correct[seen],
        points=cases.points[seen],
        standard=np.array(list(policy.standards.values()))[codes],
        prior=policy.true_score_prior,
    )
    if policy.decision.model != OWN_SCORE:  # decided elsewhere
        by_itself = by_itself.model_copy(update={"decision": DecisionRule()})
    return prescribe(frame, by_itself), seen


def _spread(values: Floats, seen: Flags) -> Floats:
    """Return the values of all cases; 0 where the sitting had no items."""
    spread = np.zeros(len(seen))
    spread[seen] = values
    return spread


def _decided(told: pd.DataFrame, seen: Flags, below: Flags) -> Codes:
    codes = np.where(below, CODE[PRESCRIBE], CODE[NONE]).astype(np.int8)
    if "decision" in told:
        codes[seen] = told["decision"].map(CODE).to_numpy(dtype=np.int8)
    return codes


def _scores(cohort: Cohort, policy: Policy, irt: ScoreSource | None) -> ModelScores:
    if policy.decision.model == "augmented" and policy.augmentation is not None:
        augmentation = policy.augmentation.of(cohort.areas)
        standards = np.array([policy.standards[area] for area in cohort.areas])
        estimates = cohort.keep_lately(
            "augmented", augmentation, lambda: augmented_scores(cohort.points, cohort.items, augmentation)[0]
        )
        return ModelScores(estimates, below_by_augmentation(cohort.points, cohort.items, standards, augmentation))
    if irt is None or policy.decision.model != "irt":
        raise Invalid(
            say(
                "Item response theory goes by every answer, and here only area scores are at hand. Choose another "
                "decision rule to see its consequences."
            )
        )
    return irt(cohort, policy)


def _decide(scores: ModelScores, cohort: Cohort, policy: Policy) -> Codes:
    """Decide as `prescriptions.prescribe` does, in numbers."""
    rule, seen = policy.decision, cohort.items > 0
    if rule.rule != "expected_loss":
        standards = np.array([policy.standards[area] for area in cohort.areas])
        below = np.where(seen, scores.estimates, np.inf) < standards - TOLERANCE
        return np.where(below, CODE[PRESCRIBE], CODE[NONE]).astype(np.int8)
    known = np.where(seen, scores.probabilities, 0.0)
    if not ((known >= 0) & (known <= 1)).all():
        raise Invalid(say("Some probabilities of lying below the standard are unknown. Choose another decision rule."))
    needs = rule.loss_ratio * known > (1 - known) + TOLERANCE
    codes = np.where(needs, CODE[PRESCRIBE], CODE[NONE]).astype(np.int8)
    band = rule.indeterminate
    if band is not None:
        codes[(known >= band.low) & (known <= band.high)] = CODE[band.rule]
    codes[~seen] = CODE[NONE]
    return codes


def _credits_of_decisions(decisions: Codes, full: Floats, half: Floats, cohort: Cohort) -> Floats:
    index = cohort.cases.index
    return np.select([decisions == CODE[PRESCRIBE], decisions == CODE[PRESCRIBE_HALF]], [full[index], half[index]], 0.0)


def _cap(cohort: Cohort, policy: Policy, gap: Floats, credits: Floats, totals: Floats) -> npt.NDArray[np.intp]:
    """Hold each sitting's total to the cap, in place, by largest gap until it is spent; return the rows it held."""
    cap = policy.credits.total_cap
    rows = np.flatnonzero(totals > (np.inf if cap is None else cap) + TOLERANCE)
    if cap is None or not len(rows):
        return rows
    order = list(policy.standards)
    outline = np.array(sorted(range(len(cohort.areas)), key=lambda column: order.index(cohort.areas[column])))
    own = credits[rows][:, outline]
    first = np.argsort(-gap[cohort.cases.index[rows]][:, outline], axis=1, kind="stable")
    whole = np.rint(np.take_along_axis(own, first, axis=1) * MILLION).astype(np.int64)
    before = np.cumsum(whole, axis=1) - whole
    held = np.clip(round(cap * MILLION) - before, 0, whole) / MILLION
    np.put_along_axis(own, first, held, axis=1)
    credits[np.ix_(rows, outline)] = own
    totals[rows] = credits[rows].sum(axis=1)
    return rows
