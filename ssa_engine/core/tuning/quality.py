"""How good the decisions of a policy are: right and repeatable, needless CE and missed need, by beta true scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ssa_engine.core.prescriptions import PRESCRIBE_HALF
from ssa_engine.core.psychometrics.decisions.beta_binomial import BetaTrueScores, cut_probabilities
from ssa_engine.core.psychometrics.decisions.classification import NO_AGREEMENT_LEFT, beta_binomial
from ssa_engine.core.psychometrics.decisions.decision_tables import FEWEST
from ssa_engine.core.text import say
from ssa_engine.core.tuning.cohort import Cohort, Floats, Integers
from ssa_engine.core.tuning.credits import CODE, Prescribed

NO_MODEL = say("No length of this area has two sittings and two items, so nothing is known of its errors.")
BY_OTHERS = say(
    "Decided with other areas' scores: shares come from the probabilities that the rule goes by. How a retest would "
    "decide, and what the true gaps of missed needs would be worth, is not known."
)
KEPT_CUTS = 4096
"""Standards whose exact probabilities are kept with a cohort."""


@dataclass(frozen=True, eq=False)
class ScoreModel:
    """The sittings of one area with the same number of items, and the beta distribution of their true scores."""

    column: int
    items: int
    sittings: int
    true_scores: BetaTrueScores
    cases: npt.NDArray[np.intp]
    """(n + 1,): the case of each score 0 … n."""
    observed: Floats
    """(n + 1,): P(X = x)."""
    retest: Floats
    """(n + 1, n + 1): P(X = x, X' = x') of two tests of one person."""


@dataclass(frozen=True, eq=False)
class Quality:
    """Figures of each area, (K,): shares of the sittings that had it; missing where no model is."""

    accuracy: Floats
    consistency: Floats
    kappa: Floats
    needless: Floats
    missed: Floats
    needless_credits: Floats
    """Credits, of all sittings together, that are expected to fall on people who need none."""
    missed_credits: Floats
    """Credits, of all sittings together, that people with a missed need would have, were their true scores known.

    Missing too where decisions ask other scores than the own.
    """
    notes: tuple[str, ...]


FIGURES = ("accuracy", "consistency", "kappa", "needless", "missed", "needless_credits", "missed_credits")


def models_of(cohort: Cohort) -> tuple[ScoreModel, ...]:
    """Return a model for each area and length of the cohort with two sittings and two items or more; fitted once.

    By mean and KR-21 (`classification.beta_binomial`).
    """
    return cohort.keep("models", lambda: tuple(_models(cohort)))


def _models(cohort: Cohort) -> list[ScoreModel]:
    cases, found = cohort.cases, []
    for column in range(len(cohort.areas)):
        own = np.arange(cases.starts[column], cases.starts[column + 1])
        for length in np.unique(cases.items[own]):
            these = own[cases.items[own] == length]
            right = np.bincount(cases.correct[these], weights=cases.count[these], minlength=length + 1).astype(float)
            if length < FEWEST or right.sum() < FEWEST:
                continue
            fit = beta_binomial(right[None], cut=0, true_cut=0.0).true_scores
            whole = these[cases.points[these] == cases.correct[these]]
            chance = cut_probabilities(fit, items=int(length), cuts=np.arange(length + 2), true_cuts=np.zeros(1))
            found.append(
                ScoreModel(
                    column,
                    int(length),
                    int(right.sum()),
                    fit,
                    whole[np.argsort(cases.correct[whole])],
                    np.diff(chance.observed[0]),
                    np.diff(np.diff(chance.retest[0], axis=0), axis=1),
                )
            )
    return found


def truly_below(cohort: Cohort, model: ScoreModel, standard: float) -> Floats:
    """Return P(X = x, true score < standard - k / n) for k = 0 … n - 1 and each x: (n, n + 1). Kept with the cohort."""

    def make() -> Floats:
        lower = np.maximum(standard - np.arange(model.items) / model.items, 0.0)
        cuts = np.arange(model.items + 2)
        found = cut_probabilities(model.true_scores, items=model.items, cuts=cuts, true_cuts=lower)
        return np.asarray(np.diff(found.both[0], axis=0).T)

    return cohort.keep_lately("truly below", (model.column, model.items, standard), make, most=KEPT_CUTS)


def quality_of(cohort: Cohort, given: Prescribed) -> Quality:
    """Return how good the decisions are.

    A decision is right that prescribes to somebody whose true score lies below the standard, and to nobody else
    (`prescribe_half` counts as prescribed). By the beta-binomial of each area and length: P(X = x, true < standard) is
    exact (`beta_binomial.cut_probabilities`), and so is the share a retest would decide alike. Needless credits weigh
    each needless decision with the mean credits of those with that score; missed credits are those of the true gap:
    with v(k) credits for k items short, sum of (v(k) - v(k-1)) P(true < standard - (k-1) / n). Sittings of a length
    without a model count like the others of their area, in shares and in credits.
    """
    if given.decisions is not None:
        return _by_probabilities(cohort, given)
    worth = _mean_credits(cohort, given)
    sums, weights = np.zeros((len(cohort.areas), 8)), np.zeros(len(cohort.areas))
    for model in models_of(cohort):
        told = given.decision[model.cases] <= CODE[PRESCRIBE_HALF]
        standard = given.policy.standards[cohort.areas[model.column]]
        below = truly_below(cohort, model, standard)
        grown = _growth(given, model)
        needless, missed = model.observed[told] - below[0, told], below[0, ~told]
        once = float(model.observed[told].sum())
        sums[model.column] += model.sittings * np.array(
            [
                1 - needless.sum() - missed.sum(),
                1 - 2 * (once - model.retest[np.ix_(told, told)].sum()),
                needless.sum(),
                missed.sum(),
                needless @ worth[model.cases[told]],
                grown @ below[:, ~told].sum(axis=1),
                once,
                0.0,
            ]
        )
        weights[model.column] += model.sittings
    return _of_sums(sums, weights, cohort.sitters)


def _of_sums(sums: Floats, weights: Floats, sitters: Integers) -> Quality:
    """Return means over the lengths of each area, and credits of all that sat it."""
    mean = np.divide(sums, weights[:, None], out=np.full_like(sums, np.nan), where=weights[:, None] > 0)
    chance = mean[:, 6] ** 2 + (1 - mean[:, 6]) ** 2
    left = 1 - chance
    kappa = np.divide(mean[:, 1] - chance, left, out=np.full_like(left, np.nan), where=left > NO_AGREEMENT_LEFT)
    return Quality(
        mean[:, 0],
        mean[:, 1],
        kappa,
        mean[:, 2],
        mean[:, 3],
        mean[:, 4] * sitters,
        mean[:, 5] * sitters,
        tuple("" if one else NO_MODEL for one in weights > 0),
    )


def _growth(given: Prescribed, model: ScoreModel) -> Floats:
    """Return by how much credits grow with the k-th item short, k = 1 … n, as this policy counts them."""
    needed = int(given.needed[model.cases[0]])
    worth = np.zeros(model.items + 1)
    short = np.arange(1, min(needed, model.items) + 1)
    worth[short] = given.full[model.cases[needed - short]]
    worth[needed + 1 :] = worth[needed] if needed <= model.items else 0.0
    return np.diff(worth)


def _mean_credits(cohort: Cohort, given: Prescribed) -> Floats:
    """Return the mean credits of the sittings of each case, after the cap."""
    if not len(given.capped):
        return given.by_rule
    rows = cohort.cases.index[given.capped]
    lost = np.bincount(
        rows.ravel(), weights=(given.credits[given.capped] - given.by_rule[rows]).ravel(), minlength=len(given.by_rule)
    )
    return given.by_rule + lost / np.maximum(cohort.cases.count, 1)


def _by_probabilities(cohort: Cohort, given: Prescribed) -> Quality:
    """Return the same from the probabilities of each sitting, where decisions ask other scores than the own."""
    seen = cohort.items > 0
    chances = np.zeros(seen.shape) if given.probabilities is None else given.probabilities
    below, told = np.where(seen, chances, 0.0), given.prescribed(cohort)
    sittings = np.maximum(cohort.sitters, 1)
    needless = np.where(told & seen, 1 - below, 0.0)
    missed = np.where(told, 0.0, below)
    share_needless, share_missed = needless.sum(axis=0) / sittings, missed.sum(axis=0) / sittings
    unknown = np.full(len(cohort.areas), np.nan)
    return Quality(
        1 - share_needless - share_missed,
        unknown,
        unknown,
        share_needless,
        share_missed,
        (needless * given.credits).sum(axis=0),
        unknown,
        (BY_OTHERS,) * len(cohort.areas),
    )
