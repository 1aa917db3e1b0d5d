"""How far credits would differ on a retest, and with the error of the standard; decisions of the whole profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtrc, betaincinv, ndtr

from ssa_engine.core.policies import CreditRule
from ssa_engine.core.prescriptions import credits_of
from ssa_engine.core.psychometrics.decisions.beta_binomial import TWO_POINTS, Array, BetaTrueScores, cut_probabilities
from ssa_engine.core.scoring import items_needed

PROFILES = 100_000
"""Simulated profiles of true scores."""
GRID = 2001
"""Points of the standard normal at which the quantiles of true scores are computed, -8 to 8."""
DEGREE = 8
"""Hermite polynomials that carry the correlation of true scores to that of normal ones."""
NARROW = 1e8
"""With alpha + beta above this, true scores differ by less than a ten-thousandth."""
HIGHEST_CORRELATION = 0.9999
ROUNDING = 1e-12
"""Variances of credits below this are rounding."""


@dataclass(frozen=True, eq=False, slots=True)
class AreaForm:
    """An area as some of the attempts had it: so many items, and the true scores (one row) of those who had them."""

    items: int
    weight: float
    true_scores: BetaTrueScores


@dataclass(frozen=True, eq=False, slots=True)
class Area:
    """An area with its standard (proportion), the standard error of that, and its forms."""

    content_area: str
    standard: float
    standard_error: float
    forms: tuple[AreaForm, ...]


@dataclass(frozen=True, slots=True)
class CreditError:
    """Credits of one area or in total, of the mean candidate; variances are those of one candidate's own credits."""

    mean: float
    retest_variance: float
    """Over tests with the same true scores and the stated standard: error of measurement alone."""
    mean_with_cut: float
    variance_with_cut: float
    """Over tests and panels: the error of measurement and of the standard together."""

    @property
    def retest_sd(self) -> float:
        """Standard deviation over retests, root mean square over candidates. Two tests differ by sqrt(2) times it."""
        return float(np.sqrt(self.retest_variance))

    @property
    def sd_with_cut(self) -> float:
        """The same with the error of the standard."""
        return float(np.sqrt(self.variance_with_cut))


def cut_distribution(standard: float, standard_error: float, items: int) -> Array:
    """Return the probability that 0 … n items are needed, for a standard ~ N(standard, standard_error) held to 0 … 1.

    The number needed is the standard times n, rounded up, so its distribution is exact: P(c) = Phi(z_c) - Phi(z_(c-1))
    with z_c = (c / n - standard) / standard_error; what lies below 0 needs 0, what lies above (n - 1) / n needs n.
    """
    if standard_error <= 0:
        needed = int(items_needed(np.array([standard]), np.array([items]))[0])
        return np.asarray(np.arange(items + 1) == needed, dtype=float)
    upper = ndtr((np.arange(items + 1) / items - standard) / standard_error)
    upper[-1] = 1.0
    return np.diff(upper, prepend=0.0)


def area_credits(area: Area, rule: CreditRule) -> CreditError:
    """Return the credits of one area, exactly, before any cap on the total.

    With v(x, c) the credits of x right where c are needed, and X, X' two tests of one person: the variance of one
    person's credits is E[v(X, c)^2] - E[w(X) w(X')] with w(x) = E_c[v(x, c)], by the beta-binomial of X and of (X, X').
    """
    parts = [(form.weight, *_form_credits(form, area, rule)) for form in area.forms]
    weights = np.array([part[0] for part in parts])
    plain, with_cut = (np.average([part[at] for part in parts], axis=0, weights=weights) for at in (1, 2))
    return CreditError(*map(float, plain), *map(float, with_cut))


def _form_credits(form: AreaForm, area: Area, rule: CreditRule) -> tuple[Array, Array]:
    """Return mean and variance at the stated standard, and with its error."""
    points = np.arange(form.items + 1)
    worth = credits_of(np.maximum(points - points[:, None], 0), rule)
    found = cut_probabilities(form.true_scores, items=form.items, cuts=np.arange(form.items + 2), true_cuts=np.zeros(1))
    once = np.diff(found.observed[0])
    twice = np.diff(np.diff(found.retest[0], axis=0), axis=1)

    def moments(cut: Array) -> Array:
        expected = worth @ cut
        variance = once @ (worth**2 @ cut) - expected @ twice @ expected
        return np.array([once @ expected, variance if variance > ROUNDING else 0.0])

    return (
        moments(cut_distribution(area.standard, 0.0, form.items)),
        moments(cut_distribution(area.standard, area.standard_error, form.items)),
    )


def total_credits(areas: Sequence[Area], rule: CreditRule, correlation: Array, *, seed: int) -> CreditError:
    """Return the credits of all areas together.

    Without a total cap means and variances add up exactly, for errors of different areas are independent. With a cap
    profiles of true scores are simulated, with two tests each, and with two panels.
    """
    parts = [area_credits(area, rule) for area in areas]
    if rule.total_cap is None:
        return CreditError(
            sum(part.mean for part in parts),
            sum(part.retest_variance for part in parts),
            sum(part.mean_with_cut for part in parts),
            sum(part.variance_with_cut for part in parts),
        )
    random = np.random.default_rng([seed, 1])
    true, forms = draw_profiles(areas, correlation, random)
    plain, with_cut = (
        [_totals(areas, true, forms, rule, random, with_cut=error) for _ in range(2)] for error in (False, True)
    )
    figures = [(float(np.mean(pair)), float(np.mean((pair[0] - pair[1]) ** 2) / 2)) for pair in (plain, with_cut)]
    return CreditError(*figures[0], *figures[1])


def _totals(
    areas: Sequence[Area],
    true: Array,
    forms: npt.NDArray[np.intp],
    rule: CreditRule,
    random: np.random.Generator,
    *,
    with_cut: bool,
) -> Array:
    """Return the total credits of one test of every profile."""
    total = np.zeros(len(true))
    for column, area in enumerate(areas):
        for index, form in enumerate(area.forms):
            rows = np.flatnonzero(forms[:, column] == index)
            points = random.binomial(form.items, true[rows, column])
            cut = cut_distribution(area.standard, area.standard_error if with_cut else 0.0, form.items)
            needed = random.choice(len(cut), size=len(rows), p=cut)
            total[rows] += credits_of(np.maximum(needed - points, 0), rule)
    return np.minimum(total, np.inf if rule.total_cap is None else rule.total_cap)


def profile_consistency(areas: Sequence[Area], correlation: Array, *, seed: int) -> float:
    """Return the probability that a retest with the same true scores decides every area the same.

    The mean over true profiles of the product over areas of p^2 + (1 - p)^2, p = P(X < cut | true score): errors of
    different areas are independent, true scores are correlated (`draw_profiles`).
    """
    true, forms = draw_profiles(areas, correlation, np.random.default_rng([seed, 2]))
    same = np.ones(len(true))
    for column, area in enumerate(areas):
        for index, form in enumerate(area.forms):
            rows = np.flatnonzero(forms[:, column] == index)
            needed = int(items_needed(np.array([area.standard]), np.array([form.items]))[0])
            below = 1 - _at_least(needed, form.items, true[rows, column])
            same[rows] *= below**2 + (1 - below) ** 2
    return float(same.mean())


def _at_least(needed: int, items: int, true: Array) -> Array:
    """Return P(X >= needed) of a binomial."""
    return np.ones_like(true) if needed <= 0 else np.asarray(bdtrc(needed - 1, items, true))


def draw_profiles(
    areas: Sequence[Area], correlation: Array, random: np.random.Generator, profiles: int = PROFILES
) -> tuple[Array, npt.NDArray[np.intp]]:
    """Draw true scores of all areas: each area has its beta distribution, and each two areas their correlation.

    By correlated normal scores (a Gaussian copula), whose correlations are chosen so that those of the true scores come
    out as given (Cario & Nelson 1997, NORTA).

    Parameters
    ----------
    correlation : array (A, A)
        Of true scores; brought to the nearest matrix that can be one by dropping negative eigenvalues.

    Returns
    -------
    array (P, A), array (P, A)
        The true proportions, and which form of the area the profile has.
    """
    grid = np.linspace(-8.0, 8.0, GRID)
    curves = [np.stack([_quantiles(form.true_scores, grid) for form in area.forms]) for area in areas]
    shares = [
        np.array([form.weight for form in area.forms]) / sum(form.weight for form in area.forms) for area in areas
    ]
    normal = _normal_correlations([share @ curve for share, curve in zip(shares, curves, strict=True)], correlation)
    values, vectors = np.linalg.eigh(normal)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    root /= np.sqrt((root**2).sum(axis=1, keepdims=True))
    z = random.standard_normal((profiles, len(areas))) @ root.T
    true, forms = np.empty_like(z), np.zeros(z.shape, dtype=np.intp)
    for column, (share, curve) in enumerate(zip(shares, curves, strict=True)):
        forms[:, column] = random.choice(len(share), size=profiles, p=share)
        for index in range(len(share)):
            rows = forms[:, column] == index
            true[rows, column] = np.interp(z[rows, column], grid, curve[index])
    return true, forms


def _quantiles(true_scores: BetaTrueScores, z: Array) -> Array:
    """Return the true score at each standard normal score."""
    lower, upper, alpha, beta = (
        float(value[0]) for value in (true_scores.lower, true_scores.upper, true_scores.alpha, true_scores.beta)
    )
    share = alpha / (alpha + beta)
    if true_scores.fit[0] == TWO_POINTS:
        inside = (ndtr(z) > 1 - share).astype(float)
    elif alpha + beta > NARROW:
        inside = np.full_like(z, share)
    else:
        inside = np.asarray(betaincinv(alpha, beta, ndtr(z)))
    return lower + (upper - lower) * inside


def _normal_correlations(curves: list[Array], target: Array) -> Array:
    """Return the correlations of normal scores that give true scores these correlations.

    With f(z) = sum_k a_k He_k(z), Cov(f, g) = sum_k k! a_k b_k rho^k for normal scores correlated rho: solved by
    halving the interval.
    """
    grid = np.linspace(-8.0, 8.0, GRID)
    weights = np.exp(-0.5 * grid**2)
    weights /= weights.sum()
    hermite = [np.ones_like(grid), grid]  # normalised: He_k / sqrt(k!)
    for k in range(1, DEGREE):
        hermite.append((grid * hermite[-1] - np.sqrt(k) * hermite[-2]) / np.sqrt(k + 1))
    coefficients = np.array([[(weights * curve * he).sum() for he in hermite[1:]] for curve in curves])
    spread = np.sqrt((coefficients**2).sum(axis=1))
    wanted = np.clip(target, -HIGHEST_CORRELATION, HIGHEST_CORRELATION) * np.outer(spread, spread)
    low, high = np.full(wanted.shape, -HIGHEST_CORRELATION), np.full(wanted.shape, HIGHEST_CORRELATION)
    powers = np.arange(1, DEGREE + 1)
    for _ in range(40):
        middle = (low + high) / 2
        reached = np.einsum("ik,jk,ijk->ij", coefficients, coefficients, middle[:, :, None] ** powers)
        low, high = np.where(reached < wanted, middle, low), np.where(reached < wanted, high, middle)
    found = np.where(np.outer(spread, spread) > 0, (low + high) / 2, 0.0)
    np.fill_diagonal(found, 1.0)
    return found
