"""Decisions at a cut: how often they are right, how often a retest would repeat them, by beta true scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.decisions.beta_binomial import (
    UNDEFINED,
    Array,
    BetaTrueScores,
    CutProbabilities,
    cut_probabilities,
    fit_true_scores,
    true_score_moments,
)

BETA_BINOMIAL, LIVINGSTON_LEWIS, HANSON_BRENNAN = "beta-binomial", "Livingston–Lewis", "Hanson–Brennan"
NO_AGREEMENT_LEFT = 1e-12
"""With less than this between chance and perfect agreement, kappa has no meaning."""

Fallback = Literal["three", "two"]


@dataclass(frozen=True, eq=False, slots=True)
class Classification:
    """Pass or fail at one cut: shares of all people; arrays of any shape, one entry per case and cut."""

    below_below: Array
    """Scored below, and truly below."""
    above_above: Array
    needless: Array
    """Scored below and truly at or above: CE that was not needed."""
    missed: Array
    """Scored at or above and truly below: a need that was missed."""
    below_twice: Array
    """Below on both of two tests."""

    @property
    def below_share(self) -> Array:
        """P(scored below)."""
        return self.below_below + self.needless

    @property
    def accuracy(self) -> Array:
        """Share of right decisions; with `needless` and `missed` it adds up to 1."""
        return self.below_below + self.above_above

    @property
    def consistency(self) -> Array:
        """Share of people whom a retest with the same errors would put on the same side."""
        return 1 - 2 * (self.below_share - self.below_twice)

    @property
    def chance(self) -> Array:
        """Agreement of two tests that know nothing of each other."""
        return self.below_share**2 + (1 - self.below_share) ** 2

    @property
    def kappa(self) -> Array:
        """(consistency - chance) / (1 - chance) (Cohen 1960); missing where everybody falls on one side."""
        return _kappa(self.consistency, self.chance)


@dataclass(frozen=True, eq=False, slots=True)
class Agreement:
    """Decisions among several categories: arrays, one entry per case."""

    accuracy: Array
    consistency: Array
    chance: Array
    kappa: Array


@dataclass(frozen=True, eq=False, slots=True)
class Estimate:
    """What a method found, one row per sample of people (R)."""

    true_scores: BetaTrueScores
    items: npt.NDArray[np.int64]
    """Items of the binomial; for Livingston–Lewis the effective number, rounded."""
    lords_k: Array
    reliability: Array
    """Missing where scores do not vary."""
    probabilities: CutProbabilities


def classify(found: CutProbabilities) -> Classification:
    """Return accuracy and consistency at each cut by itself: the j-th observed with the j-th true cut, (R, J)."""
    both, twice = (np.diagonal(joint, axis1=1, axis2=2) for joint in (found.both, found.retest))
    needless, missed = found.observed - both, found.true - both
    return Classification(both, 1 - found.observed - missed, needless, missed, twice)


def classify_categories(found: CutProbabilities) -> Agreement:
    """Return accuracy and consistency among the categories between rising cuts, (R,)."""

    def cells(first: Array, second: Array, joint: Array) -> Array:
        table = np.zeros((len(joint), joint.shape[1] + 2, joint.shape[2] + 2))
        table[:, 1:-1, 1:-1], table[:, 1:-1, -1], table[:, -1, 1:-1], table[:, -1, -1] = joint, first, second, 1
        return np.diff(np.diff(table, axis=1), axis=2)

    true = cells(found.observed, found.true, found.both)
    again = cells(found.observed, found.observed, found.retest)
    chance = np.einsum("rc,rc->r", again.sum(axis=2), again.sum(axis=1))
    consistency = np.trace(again, axis1=1, axis2=2)
    return Agreement(np.trace(true, axis1=1, axis2=2), consistency, chance, _kappa(consistency, chance))


def _kappa(consistency: Array, chance: Array) -> Array:
    left = 1 - chance
    return np.divide(consistency - chance, left, out=np.full_like(left, np.nan), where=left > NO_AGREEMENT_LEFT)


def pool(found: list[CutProbabilities], weights: list[float]) -> CutProbabilities:
    """Return the probabilities of a population in which these occur with these weights."""
    shares = np.array(weights, dtype=float) / sum(weights)

    def mean(name: str) -> Array:
        return np.asarray(sum(share * getattr(one, name) for share, one in zip(shares, found, strict=True)))

    return CutProbabilities(mean("observed"), mean("true"), mean("both"), mean("retest"))


def kr21_of_samples(frequencies: Array) -> Array:
    """Return KR-21 with the variance of divisor N - 1, for R rows of frequencies of the scores 0 … n.

    Missing where scores do not vary.

    n / (n - 1) (1 - mean (n - mean) / (n variance)) (Kuder & Richardson 1937, Psychometrika 2:151-160, formula 21).
    """
    items = frequencies.shape[1] - 1
    mean, variance = mean_and_variance(frequencies)
    error = np.divide(mean * (items - mean), items * variance, out=np.ones_like(mean), where=variance > 0)
    return np.where(variance > 0, items / (items - 1) * (1 - error), np.nan)


def beta_binomial(frequencies: Array, *, cut: int, true_cut: float) -> Estimate:
    """Fit the two-parameter beta-binomial by mean and KR-21, and classify with all n items.

    alpha = mean (1 / KR-21 - 1), beta = (n - mean) (1 / KR-21 - 1) (Huynh 1976, J. Educ. Meas. 13:253-264). Right where
    every attempt has items of its own drawn from one pool; with the same items for all, errors are a little too large.

    Parameters
    ----------
    frequencies : array (R, n + 1)
        How many people have each score 0 … n, one row per sample of people.
    cut : int
        Least number correct that is not below.
    true_cut : float
        Least true proportion that is not below.

    Raises
    ------
    Invalid
        If there is one item or one person, which say nothing about reliability.
    """
    items = _require(frequencies)
    reliability = kr21_of_samples(frequencies)
    mean, variance = mean_and_variance(frequencies)
    moments = np.full((len(mean), 4), np.nan)
    moments[:, 0] = mean / items
    moments[:, 1] = moments[:, 0] ** 2 + _true_variance(reliability, variance) / items**2
    true_scores = fit_true_scores(moments, parameters=2)
    found = cut_probabilities(true_scores, items=items, cuts=np.array([cut]), true_cuts=np.array([true_cut]))
    return Estimate(true_scores, np.full(len(mean), items), np.zeros(len(mean)), reliability, found)


def livingston_lewis(
    frequencies: Array,
    reliability: Array,
    *,
    cut: int,
    true_cut: float,
    parameters: Literal[2, 4] = 4,
    fallback: Fallback = "three",
) -> Estimate:
    """Classify by an effective number of items that has this reliability (Livingston & Lewis 1995).

    n' = (mean (n - mean) - r s^2) / (s^2 (1 - r)) (J. Educ. Meas. 32:179-197), s^2 with divisor N - 1; not rounded for
    the moments of true scores, rounded for the binomial. The cut is cut / n of n', rounded. A reliability of 0 or less
    puts all true scores at the mean of n items; so do scores that do not vary. At 1 there is no error, and the row is
    missing, as it is without a reliability.

    Parameters as for `beta_binomial`; `reliability` (R,) of the scores, and as for `fit_true_scores`.
    """
    items = _require(frequencies)
    mean, variance = mean_and_variance(frequencies)
    true = _true_variance(reliability, variance)
    known = true > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        length = np.where(
            known, (mean * (items - mean) - reliability * variance) / (variance * (1 - reliability)), items
        )
    usable = np.isfinite(length) & ((reliability < 1) | (true == 0))
    length = np.maximum(np.where(usable, length, items), 1.0)
    scores = np.arange(items + 1) * length[:, None] / items
    moments = true_score_moments(scores, frequencies, length, np.zeros(len(mean)))
    own = moments[:, 0] ** 2 + true / items**2  # at the mean where true scores do not vary, unknown where nothing is
    moments[:, 1] = np.where(known & (length >= 2), moments[:, 1], own)
    true_scores = fit_true_scores(moments, parameters=parameters, fallback=fallback)
    effective = np.rint(length).astype(np.int64)
    found = _empty(len(mean))
    for each in np.unique(effective[usable]):
        rows = np.flatnonzero(usable & (effective == each))
        at = np.rint(np.array([each * (cut / items)])).astype(np.int64)
        part = cut_probabilities(true_scores.rows(rows), items=int(each), cuts=at, true_cuts=np.array([true_cut]))
        _put(found, rows, part)
    return Estimate(true_scores, effective, np.zeros(len(mean)), reliability, found)


def hanson_brennan(
    frequencies: Array,
    reliability: Array,
    *,
    cut: int,
    true_cut: float,
    parameters: Literal[2, 4] = 4,
    fallback: Fallback = "three",
) -> Estimate:
    """Classify by the four-parameter beta compound binomial model (Hanson & Brennan 1990, J. Educ. Meas. 27:345-359).

    Lord's k = n ((n - 1) r s^2 - n s^2 + m (n - m)) / (2 (m (n - m) - r s^2)) with mean m and s^2 with divisor N - 1
    (Lord 1965, Psychometrika 30:239-270): 0 if r is KR-21. Where true scores do not vary k is 0. Where k leaves the
    second moment of true scores undefined (n (n - 1) + 2 k = 0), or there is no reliability, the row is missing.

    Parameters as for `livingston_lewis`.
    """
    items = _require(frequencies)
    mean, variance = mean_and_variance(frequencies)
    true = _true_variance(reliability, variance)
    room = mean * (items - mean)
    lords_k = np.divide(
        items * ((items - 1) * true - items * variance + room),
        2 * (room - true),
        out=np.zeros_like(mean),
        where=(room - true > NO_AGREEMENT_LEFT) & (true > 0),
    )
    scores = np.broadcast_to(np.arange(items + 1.0), frequencies.shape)
    moments = true_score_moments(scores, frequencies, np.full(len(mean), float(items)), lords_k)
    moments[:, 1] = np.where(true > 0, moments[:, 1], moments[:, 0] ** 2 + true)
    true_scores = fit_true_scores(moments, parameters=parameters, fallback=fallback)
    rows = np.flatnonzero(true_scores.fit != UNDEFINED)
    cuts, true_cuts = np.array([cut]), np.array([true_cut])
    part = cut_probabilities(true_scores.rows(rows), items=items, cuts=cuts, true_cuts=true_cuts, lords_k=lords_k[rows])
    found = _empty(len(mean))
    _put(found, rows, part)
    return Estimate(true_scores, np.full(len(mean), items), lords_k, reliability, found)


def sweep(true_scores: BetaTrueScores, items: int) -> Classification:
    """Return the classification at every cut 0 … n of n items, (R, n + 1); the true cut is cut / n.

    All cuts come from one pass, so that a standard can be moved and the figures follow.
    """
    cuts = np.arange(items + 1)
    return classify(cut_probabilities(true_scores, items=items, cuts=cuts, true_cuts=cuts / items))


def mean_and_variance(frequencies: Array) -> tuple[Array, Array]:
    """Return mean and variance (divisor N - 1) of scores 0 … n from their frequencies, (R,) each."""
    scores = np.arange(frequencies.shape[1], dtype=float)
    people = frequencies.sum(axis=1)
    mean = frequencies @ scores / people
    squares = (frequencies * (scores - mean[:, None]) ** 2).sum(axis=1)
    return mean, squares / (people - 1)


def _require(frequencies: Array) -> int:
    """Return the number of items, once sure that there is enough to go by."""
    items = int(frequencies.shape[1]) - 1
    if items < 2:
        raise Invalid("One item says nothing about the error of a score. Use an area with two items or more.")
    if (frequencies.sum(axis=1) < 2).any():
        raise Invalid("One attempt says nothing about how scores vary. Give two attempts or more.")
    return items


def _true_variance(reliability: Array, variance: Array) -> Array:
    """Return the variance of true scores; missing without a reliability, unless scores do not vary."""
    return np.where(variance > 0, np.maximum(reliability, 0.0) * variance, 0.0)


def _put(found: CutProbabilities, rows: npt.NDArray[np.intp], part: CutProbabilities) -> None:
    for name in ("observed", "true", "both", "retest"):
        getattr(found, name)[rows] = getattr(part, name)


def _empty(rows: int) -> CutProbabilities:
    return CutProbabilities(*(np.full(shape, np.nan) for shape in ((rows, 1), (rows, 1), (rows, 1, 1), (rows, 1, 1))))
