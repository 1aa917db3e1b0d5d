"""Sensitivity of each area: what every standard 0 … n would prescribe, and how good those decisions would be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ssa_engine.core.policies import Policy
from ssa_engine.core.prescriptions import PRESCRIBE_HALF
from ssa_engine.core.psychometrics.decisions.beta_binomial import cut_probabilities
from ssa_engine.core.psychometrics.decisions.classification import NO_AGREEMENT_LEFT
from ssa_engine.core.tuning.cohort import Cohort, Flags, Floats
from ssa_engine.core.tuning.credits import CODE, Prescribed, apply
from ssa_engine.core.tuning.quality import ScoreModel, models_of

CURVE = ("share_prescribed", "mean_credits", "accuracy", "consistency", "kappa", "needless", "missed")
"""What each cut is described by."""


def curves_of(cohort: Cohort, policy: Policy) -> pd.DataFrame:
    """Return each area over all its cuts, under the policy's own decision and credit rules.

    Parameters
    ----------
    cohort : Cohort
        Of each area, the sittings with the number of items that most had.
    policy : Policy
        Its standards are not used; where it decides with other areas' scores, raw scores stand in for them.

    Returns
    -------
    DataFrame
        A row for each area and cut: `content_area`, `items`, `sittings`, `cut` (items needed), `standard` (cut /
        items), `prescribed` (sittings), `share_prescribed`, `mean_credits` (before the cap on the total), `accuracy`,
        `consistency`, `kappa`, `needless`, `missed` (shares; see `quality.quality_of`).
    """
    models = {(model.column, model.items): model for model in models_of(cohort)}
    rules = {int(length): _every_cut(int(length), policy) for length in np.unique(cohort.lengths) if length}
    parts = [
        _curve(cohort, column, rules[int(length)], models.get((column, int(length))))
        for column, length in enumerate(cohort.lengths)
        if length
    ]
    names = ["column", "items", "sittings", "cut", "standard", "prescribed", *CURVE]
    table: dict[str, Any] = {name: np.concatenate([part[name] for part in parts]) if parts else [] for name in names}
    table["column"] = np.array(cohort.areas, dtype=object)[np.asarray(table["column"], dtype=np.intp)]
    return pd.DataFrame(table).rename(columns={"column": "content_area"})


def _every_cut(length: int, policy: Policy) -> Prescribed:
    """Prescribe to every score 0 … n (rows) at every cut 0 … n (columns)."""
    cuts = [str(cut) for cut in range(length + 1)]
    scores = np.tile(np.arange(length + 1)[:, None], length + 1)
    everyone = np.arange(length + 1)
    grid = Cohort(everyone, everyone, tuple(cuts), np.full_like(scores, length), scores.astype(float), scores)
    uncapped = policy.credits.model_copy(update={"total_cap": None})
    decision = policy.decision
    if decision.model != "beta_binomial":
        decision = decision.model_copy(update={"rule": "raw", "probability": "beta_binomial"})
    standards = {cut: number / length for number, cut in enumerate(cuts)}
    return apply(grid, policy.model_copy(update={"standards": standards, "credits": uncapped, "decision": decision}))


def _curve(cohort: Cohort, column: int, rule: Prescribed, model: ScoreModel | None) -> dict[str, Floats]:
    """Return the columns of one area's part of the table."""
    length, cases = int(cohort.lengths[column]), cohort.cases
    own = np.arange(cases.starts[column], cases.starts[column + 1])
    own = own[cases.items[own] == length]
    people = np.bincount(cases.correct[own], weights=cases.count[own], minlength=length + 1)
    told = (rule.decision <= CODE[PRESCRIBE_HALF]).reshape(length + 1, length + 1).T  # cases go by cut, then score
    prescribed = people @ (rule.credits > 0)
    cuts, sittings = np.arange(length + 1), people.sum()
    return {
        "column": np.full(length + 1, column),
        "items": np.full(length + 1, length),
        "sittings": np.full(length + 1, int(sittings)),
        "cut": cuts,
        "standard": cuts / length,
        "prescribed": prescribed.astype(np.int64),
        "share_prescribed": prescribed / sittings,
        "mean_credits": people @ rule.credits / sittings,
    } | _quality(cohort, told, model)


def _quality(cohort: Cohort, told: Flags, model: ScoreModel | None) -> dict[str, Floats]:
    """Return the quality at every cut; `told` is scores × cuts."""
    if model is None:
        return dict.fromkeys(CURVE[2:], np.full(len(told), np.nan))
    below = cohort.keep(("every cut", model.column), lambda: _truly_below_each(model))
    flags = told.astype(float)
    once = model.observed @ flags
    needless = once - (below * flags).sum(axis=0)
    missed = (below * (1 - flags)).sum(axis=0)
    consistency = 1 - 2 * (once - ((model.retest @ flags) * flags).sum(axis=0))
    chance = once**2 + (1 - once) ** 2
    left = 1 - chance
    kappa = np.divide(consistency - chance, left, out=np.full_like(left, np.nan), where=left > NO_AGREEMENT_LEFT)
    accuracy = 1 - needless - missed
    return {"accuracy": accuracy, "consistency": consistency, "kappa": kappa, "needless": needless, "missed": missed}


def _truly_below_each(model: ScoreModel) -> Floats:
    """Return P(X = x, true score < c / n): scores × cuts."""
    cuts = np.arange(model.items + 1)
    found = cut_probabilities(
        model.true_scores, items=model.items, cuts=np.arange(model.items + 2), true_cuts=cuts / model.items
    )
    return np.diff(found.both[0], axis=0)
