"""Beta true scores: fitted by moments, and the exact probabilities of falling below cuts, now and on a retest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, gammaln

Array = npt.NDArray[np.float64]

FOUR_MOMENTS = "four moments"
THREE_MOMENTS = "three moments, u = 1"
TWO_MOMENTS = "two moments, l = 0, u = 1"
ONE_POINT = "no variance of true scores: all at the mean"
TWO_POINTS = "true scores 0 and 1 only"
UNDEFINED = "moments of true scores undefined"
GIVEN = "given"
ROUNDING = 1e-9
"""A limit this little outside 0 to 1 is rounding, and so is a score this little below a whole one."""
NEARLY_TWO_POINTS = 1e-9
"""alpha + beta of true scores that lie at the limits alone."""


@dataclass(frozen=True, eq=False, slots=True)
class BetaTrueScores:
    """Four-parameter beta distributions of the true proportion correct, one per row: arrays of one length.

    The proportion is l + (u - l) y with y ~ Beta(alpha, beta). Where lower equals upper everybody has that score.
    `fit` says how each row was found.
    """

    lower: Array
    upper: Array
    alpha: Array
    beta: Array
    fit: npt.NDArray[np.str_]

    @classmethod
    def given(cls, lower: float, upper: float, alpha: float, beta: float) -> BetaTrueScores:
        """Return one distribution with these parameters."""
        found = np.array([lower, upper, alpha, beta], dtype=float)[:, None]
        return cls(found[0], found[1], found[2], found[3], np.array([GIVEN]))

    def __len__(self) -> int:
        """How many distributions."""
        return len(self.alpha)

    def rows(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp] | slice) -> BetaTrueScores:
        """Return some of the distributions."""
        return BetaTrueScores(
            self.lower[chosen], self.upper[chosen], self.alpha[chosen], self.beta[chosen], self.fit[chosen]
        )

    def share_below(self, standard: Array) -> Array:
        """Return P(true score < standard): distributions × standards."""
        return np.asarray(betainc(self.alpha[:, None], self.beta[:, None], self.inside(standard)))

    def inside(self, standard: Array) -> Array:
        """Return where a standard lies between lower (0) and upper (1): distributions × standards."""
        width = (self.upper - self.lower)[:, None]
        above = standard - self.lower[:, None]
        share = np.divide(above, width, out=(above > 0).astype(float), where=width > 0)
        at_the_limits = (self.alpha + self.beta < 2 * NEARLY_TWO_POINTS)[:, None]  # who is at 1 is not below 1
        return np.asarray(np.clip(share, 0.0, np.where(at_the_limits, 1 - ROUNDING, 1.0)))


@dataclass(frozen=True, eq=False, slots=True)
class CutProbabilities:
    """Probabilities at R distributions (or one), J observed cuts and K true cuts; X and X' are two tests of one person.

    observed (R, J): P(X < c_j). true (R, K): P(true < t_k). both (R, J, K): P(X < c_j, true < t_k).
    retest (R, J, J): P(X < c_i, X' < c_j).
    """

    observed: Array
    true: Array
    both: Array
    retest: Array


def true_score_moments(scores: Array, frequencies: Array, length: Array, lords_k: Array) -> Array:
    """Estimate the first four raw moments of the true proportion correct from those of number-correct scores.

    Parameters
    ----------
    scores : array (R, S)
        The scores that occur, on the scale of `length`; parts of a point are allowed.
    frequencies : array (R, S)
        How many people have each.
    length : array (R,)
        Number of items; an effective length may have a part.
    lords_k : array (R,)
        Lord's k of the two-term approximation to the compound binomial; 0 is binomial error.

    Returns
    -------
    array (R, 4)
        m_r = (E[x^(r)] / (n - 2)^(r - 2) + k r^(2) m_(r-1)) / (n^(2) + k r^(2)) with y^(r) = y (y - 1) … (y - r + 1)
        (Lord 1965, Psychometrika 30:239-270; Hanson 1991, ACT Research Report 91-5). Divisor n; a score below r counts
        0 in the r-th moment. Missing where the test has fewer than r items, or n^(2) + k r^(2) is 0.
    """
    weights = frequencies / frequencies.sum(axis=1, keepdims=True)
    moments = np.full((len(weights), 4), np.nan)
    moments[:, 0] = (weights * scores).sum(axis=1) / length
    for r in (2, 3, 4):
        observed = (weights * falling(scores, r)).sum(axis=1)
        shorter = falling(length - 2, r - 2)
        pairs = lords_k * r * (r - 1)
        per_item = np.divide(observed, shorter, out=np.full(len(weights), np.nan), where=length >= r - ROUNDING)
        whole = falling(length, 2) + pairs
        known = np.abs(whole) > ROUNDING
        np.divide(per_item + pairs * moments[:, r - 2], whole, out=moments[:, r - 1], where=known)
    return moments


def falling(value: Array, order: int) -> Array:
    """Return the falling factorial v (v - 1) … (v - order + 1), and 0 where v < order."""
    product = np.ones_like(value)
    for step in range(order):
        product = product * (value - step)
    return np.where(value < order - ROUNDING, 0.0, product)


def fit_true_scores(
    moments: Array, *, parameters: Literal[2, 4] = 4, fallback: Literal["three", "two"] = "three"
) -> BetaTrueScores:
    """Fit beta distributions to the moments of true scores.

    Parameters
    ----------
    moments : array (R, 4)
        Raw moments of the true proportion; missing where unknown.
    parameters : 4 or 2
        With 2 the limits are 0 and 1.
    fallback : "three" or "two"
        What is tried where the four-moment fit is not admissible (l < 0, u > 1, or no such beta): "three" keeps mean,
        variance and skewness with u = 1 and then two moments (as BB-CLASS, Brennan 2004, CASMA Research Report 9);
        "two" keeps mean and variance with l = 0, u = 1 at once (as the R package betafunctions).

    Returns
    -------
    BetaTrueScores
        `fit` names what was done. Where the variance is not above 0 everybody is at the mean; where it is missing so
        are the parameters.
    """
    mean = np.clip(moments[:, 0], 0.0, 1.0)
    variance = moments[:, 1] - mean**2
    with np.errstate(all="ignore"):
        size = mean * (1 - mean) / variance - 1
        found = np.stack([np.zeros_like(mean), np.ones_like(mean), mean * size, (1 - mean) * size])
        fit = np.full(len(mean), TWO_MOMENTS, dtype="U64")
        if parameters == 4 and fallback == "three":
            _take(found, fit, _three_moments(moments), THREE_MOMENTS)
        if parameters == 4:
            _take(found, fit, _four_moments(moments), FOUR_MOMENTS)
        two_points = ~(size > NEARLY_TWO_POINTS)
    ends = np.clip(mean, NEARLY_TWO_POINTS, 1 - NEARLY_TWO_POINTS) * NEARLY_TWO_POINTS
    limits = np.stack([np.zeros_like(mean), np.ones_like(mean), ends, NEARLY_TWO_POINTS - ends])
    found[:, two_points] = limits[:, two_points]
    fit[two_points] = TWO_POINTS
    one_point = ~(variance > np.finfo(float).eps)
    found[:, one_point] = np.stack([mean, mean, np.ones_like(mean), np.ones_like(mean)])[:, one_point]
    fit[one_point] = ONE_POINT
    found[:, ~np.isfinite(variance)], fit[~np.isfinite(variance)] = np.nan, UNDEFINED
    return BetaTrueScores(found[0], found[1], found[2], found[3], fit)


def _take(found: Array, fit: npt.NDArray[np.str_], better: Array, name: str) -> None:
    """Put the admissible fits in the place of those found so far."""
    lower, upper, alpha, beta = better
    fits = (lower > -ROUNDING) & (upper < 1 + ROUNDING) & (lower < upper) & (alpha > 0) & (beta > 0)
    fits &= np.isfinite(better).all(axis=0)
    better[:2] = np.clip(better[:2], 0.0, 1.0)
    found[:, fits] = better[:, fits]
    fit[fits] = name


def _four_moments(moments: Array) -> Array:
    """Return l, u, alpha, beta with the mean, variance, skewness and kurtosis of these moments (4, R).

    Johnson & Kotz (1970), Continuous univariate distributions 2, ch. 24; Hanson (1991), ACT Research Report 91-5.
    """
    m1, m2, m3, m4 = moments.T
    variance = m2 - m1**2
    skewness = (m3 - 3 * m1 * m2 + 2 * m1**3) / variance**1.5
    kurtosis = (m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4) / variance**2
    size = 6 * (kurtosis - skewness**2 - 1) / (6 + 3 * skewness**2 - 2 * kurtosis)
    root = np.sqrt((size + 2) ** 2 * skewness**2 + 16 * (size + 1))
    lean = (size + 2) * skewness / root
    alpha, beta = size / 2 * (1 - lean), size / 2 * (1 + lean)
    width = np.sqrt(variance) * root / 2
    lower = m1 - width * alpha / size
    return np.stack([lower, lower + width, alpha, beta])


def _three_moments(moments: Array) -> Array:
    """Return l, 1, alpha, beta with the first three of these moments (4, R).

    With d = 1 - true score, E[d^(r+1)] / E[d^r] = (1 - l) (beta + r) / (alpha + beta + r): three equations, linear
    in alpha + beta once the limit is eliminated.
    """
    m1, m2, m3, _ = moments.T
    d1, d2, d3 = 1 - m1, 1 - 2 * m1 + m2, 1 - 3 * m1 + 3 * m2 - m3
    first, second, third = d1, d2 / d1, d3 / d2
    size = 2 * (third - second) / (2 * second - first - third)
    width = second * (size + 1) - first * size
    beta = first * size / width
    return np.stack([1 - width, np.ones_like(width), size - beta, beta])


def cut_probabilities(
    true_scores: BetaTrueScores,
    *,
    items: int,
    cuts: npt.NDArray[np.int64],
    true_cuts: Array,
    lords_k: Array | float = 0,
) -> CutProbabilities:
    """Return the exact probabilities at number-correct cuts (J) and true cuts (K, proportions).

    With p = l (1 - y) + u y, a binomial score of n items arises in two steps: j of n by the beta-binomial of y, then
    each of the j is right with probability u and each of the n - j with probability l. So every integral over the
    density is a finite sum of positive terms: P(X < c, true < t) = sum_j P(j) P(X < c | j) I_y(t)(alpha + j,
    beta + n - j), and for two tests j runs to 2n. Nothing is left to a quadrature: the same value as Gauss–Jacobi split
    at the cut, to rounding (model: Lord 1965, Psychometrika 30:239-270; Huynh 1976, J. Educ. Meas. 13:253-264; Hanson &
    Brennan 1990, J. Educ. Meas. 27:345-359).

    Parameters
    ----------
    true_scores : BetaTrueScores
        R distributions.
    items : int
        Number of items n >= 1.
    cuts : array of int (J,)
        Least number correct that is not below. 0 or less: nobody is below; above n: everybody.
    true_cuts : array (K,)
        Least true proportion that is not below.
    lords_k : float or array (R,)
        Lord's k; needs two items or more where it is not 0.
    """
    k = np.broadcast_to(np.asarray(lords_k, dtype=float), len(true_scores))
    below = _below_given_hits(true_scores, items, cuts, k)
    hits = _beta_binomial(true_scores.alpha, true_scores.beta, items)
    steps = np.arange(items + 1.0)
    truly = betainc(
        true_scores.alpha[:, None, None] + steps,
        true_scores.beta[:, None, None] + items - steps,
        true_scores.inside(true_cuts)[:, :, None],
    )
    twice = _beta_binomial(true_scores.alpha, true_scores.beta, 2 * items)
    pairs = np.add.outer(np.arange(items + 1), np.arange(items + 1))
    split = np.exp(_log_choose(items)[:, None] + _log_choose(items) - _log_choose(2 * items)[pairs])
    return CutProbabilities(
        observed=np.einsum("rj,rjc->rc", hits, below),
        true=true_scores.share_below(true_cuts),
        both=np.einsum("rjc,rtj->rct", below, truly * hits[:, None, :]),
        retest=np.swapaxes(below, 1, 2) @ ((split * twice[:, pairs]) @ below),
    )


def _below_given_hits(true_scores: BetaTrueScores, items: int, cuts: npt.NDArray[np.int64], lords_k: Array) -> Array:
    """Return P(X < cut | j) for j = 0 … items: distributions × (items + 1) × cuts."""
    lower, upper = true_scores.lower[:, None, None], true_scores.upper[:, None]
    chance = np.ones((len(true_scores), 1, 1))
    for done in range(items):
        grown = np.zeros((len(chance), done + 2, done + 2))
        grown[:, :-1, :-1] = chance * (1 - lower)
        grown[:, :-1, 1:] += chance * lower
        grown[:, -1, :-1] = chance[:, -1] * (1 - upper)
        grown[:, -1, 1:] += chance[:, -1] * upper
        chance = grown
    cumulative = np.concatenate([np.zeros_like(chance[:, :, :1]), np.cumsum(chance, axis=2)], axis=2)
    at = np.clip(cuts, 0, items + 1)
    below = cumulative[:, :, at]
    if np.any(lords_k):  # less k p (1 - p) times the first difference of the binomial of n - 2 items
        zero = np.zeros_like(chance[:, :, :1])
        padded = np.concatenate([zero, chance, zero], axis=2)
        change = at * (items - at) * padded[:, :, at + 1] - (at - 1) * (items - at + 1) * padded[:, :, at]
        below = below - lords_k[:, None, None] * change / (items * (items - 1))
    return np.asarray(below)


def _beta_binomial(alpha: Array, beta: Array, items: int) -> Array:
    """Return the beta-binomial probabilities of 0 … items: distributions × (items + 1). Exact also for huge alpha."""
    steps = np.arange(items)

    def rising(start: Array) -> Array:
        logs = np.log(start[:, None] + steps)
        return np.concatenate([np.zeros((len(start), 1)), np.cumsum(logs, axis=1)], axis=1)

    ways = _log_choose(items) + rising(alpha) + rising(beta)[:, ::-1]
    return np.asarray(np.exp(ways - rising(alpha + beta)[:, -1:]))


def _log_choose(items: int) -> Array:
    steps = np.arange(items + 1.0)
    return np.asarray(gammaln(items + 1.0) - gammaln(steps + 1) - gammaln(items - steps + 1))
