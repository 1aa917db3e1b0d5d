"""Reliability coefficients from a covariance matrix, their interval, errors of measurement, and test length."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from ssa_engine.core.errors import Invalid

Floats = npt.NDArray[np.float64]

NO_VARIANCE = 1e-12
"""A total score with a smaller variance than this does not vary."""


def coefficient_alpha(covariance: npt.ArrayLike) -> float:
    """Return coefficient alpha: k/(k-1) (1 - sum of the parts' variances / variance of the total).

    Cronbach (1951, Psychometrika 16:297-334); with items marked 0 or 1 it is KR-20 (Kuder & Richardson 1937,
    Psychometrika 2:151-160). A lower bound of the reliability unless the parts are essentially tau-equivalent.

    Parameters
    ----------
    covariance : (k, k) array
        Covariances of the parts (items).

    Raises
    ------
    Invalid
        If there are fewer than two parts, or the total does not vary.
    """
    matrix = _covariance(covariance, 2)
    total, k = float(matrix.sum()), len(matrix)
    return k / (k - 1) * (total - float(np.trace(matrix))) / total


def guttman_lambda2(covariance: npt.ArrayLike) -> float:
    """Return Guttman's lambda-2, a lower bound of the reliability that is never below alpha.

    (sum of c_ij + sqrt(k/(k-1) sum of c_ij^2)) / variance of the total, sums over i != j (Guttman 1945,
    Psychometrika 10:255-282), on covariances, not correlations.

    Parameters
    ----------
    covariance : (k, k) array
        Covariances of the parts.

    Raises
    ------
    Invalid
        As `coefficient_alpha`.
    """
    matrix = _covariance(covariance, 2)
    between = matrix - np.diag(np.diag(matrix))
    k = len(matrix)
    return float((between.sum() + math.sqrt(k / (k - 1) * np.sum(between**2))) / matrix.sum())


def feldt_gilmer(covariance: npt.ArrayLike) -> float:
    """Return the Feldt-Gilmer reliability of congeneric parts, whose lengths are estimated from the covariances.

    With l the part whose covariances with the others add up to most and s_i the sum of part i's covariances
    with the other parts, its length is D_i = (s_i - c_il) / (s_l - c_il), D_l = 1; the coefficient is
    (sum D)^2 / ((sum D)^2 - sum D^2) (1 - sum of variances / variance of the total)
    (Gilmer & Feldt 1983, Psychometrika 48:99-111; Feldt & Brennan 1989, in Educational Measurement, 3rd ed.).

    Parameters
    ----------
    covariance : (k, k) array
        Covariances of three parts or more.

    Raises
    ------
    Invalid
        If there are fewer than three parts, the total does not vary, or a length cannot be estimated.
    """
    matrix = _covariance(covariance, 3)
    total, variances = float(matrix.sum()), float(np.trace(matrix))
    sums = matrix.sum(axis=1) - np.diag(matrix)
    longest = int(sums.argmax())
    shared = matrix[:, longest]
    others = np.arange(len(matrix)) != longest
    divisor = (sums[longest] - shared)[others]
    if (np.abs(divisor) < NO_VARIANCE).any():
        raise Invalid("The lengths of the parts cannot be estimated: a part shares nothing with the others. Use alpha.")
    squares = 1 + float(np.sum(((sums - shared)[others] / divisor) ** 2))
    whole = (1 + float(np.sum((sums - shared)[others] / divisor))) ** 2
    if whole - squares < NO_VARIANCE:
        raise Invalid("The estimated lengths of the parts do not agree in sign. Use alpha.")
    return whole / (whole - squares) * (total - variances) / total


def feldt_brennan(covariance: npt.ArrayLike) -> float:
    """Return the Feldt-Brennan reliability of congeneric parts, with lengths proportional to c_iX, part with total.

    V (V - sum of variances) / (V^2 - sum of c_iX^2), V the variance of the total
    (Feldt & Brennan 1989, in Educational Measurement, 3rd ed.).

    Parameters
    ----------
    covariance : (k, k) array
        Covariances of the parts.

    Raises
    ------
    Invalid
        If there are fewer than two parts, the total does not vary, or one part makes up all of it.
    """
    matrix = _covariance(covariance, 2)
    total = float(matrix.sum())
    rest = total**2 - float(np.sum(matrix.sum(axis=1) ** 2))
    if rest < NO_VARIANCE:
        raise Invalid("One part makes up all of the total's variance, so its reliability cannot be estimated.")
    return total * (total - float(np.trace(matrix))) / rest


def _covariance(covariance: npt.ArrayLike, fewest: int) -> Floats:
    """Return the matrix once sure that a coefficient can be computed from it."""
    matrix = np.asarray(covariance, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise Invalid(f"A covariance matrix has as many rows as columns; this one is {matrix.shape}.")
    if len(matrix) < fewest:
        raise Invalid(f"The coefficient needs {fewest} parts or more; there are {len(matrix)}.")
    if not np.isfinite(matrix).all():
        raise Invalid("A covariance is missing. Leave out the parts whose covariances are not known.")
    if matrix.sum() <= NO_VARIANCE:
        raise Invalid("The total score does not vary, so its reliability is unknown.")
    return matrix


def alpha_interval(alpha: float, attempts: int, items: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return Feldt's interval of coefficient alpha.

    (1 - population alpha) / (1 - alpha) is distributed as F with n-1 and (n-1)(k-1) degrees of freedom (Feldt
    1965, Psychometrika 30:357-370), so the limits are 1 - (1 - alpha) F at the upper and at the lower percentile.
    Assumes a random sample and errors that are normal and homogeneous.

    Parameters
    ----------
    alpha : float
        The coefficient of a sample.
    attempts, items : int
        n and k; both 2 or more.
    confidence : float
        Between 0 and 1.

    Raises
    ------
    Invalid
        If there are fewer than two attempts or items, or `confidence` is not between 0 and 1.
    """
    if attempts < 2 or items < 2:
        raise Invalid(f"Alpha's interval needs two attempts and two items; there are {attempts} and {items}.")
    return feldt_interval(alpha, attempts - 1, (attempts - 1) * (items - 1), confidence=confidence)


def feldt_interval(alpha: float, between: float, within: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return Feldt's interval of alpha for given degrees of freedom of persons and of their interaction with items."""
    if not 0 < confidence < 1:
        raise Invalid(f"The confidence is {confidence:g}. Give a number between 0 and 1, such as 0.95.")
    tail = (1 - confidence) / 2
    upper, lower = (float(stats.f.ppf(tail_area, between, within)) for tail_area in (1 - tail, tail))
    return 1 - (1 - alpha) * upper, 1 - (1 - alpha) * lower


def kr21(mean: float, variance: float, items: int) -> float:
    """Return KR-21: k/(k-1) (1 - M (k - M) / (k V)), which equals alpha where all items are equally difficult.

    Kuder & Richardson (1937, Psychometrika 2:151-160). Lower than KR-20 otherwise.

    Parameters
    ----------
    mean, variance : float
        Of the number correct; the convention here is the variance with divisor n - 1.
    items : int
        k, 2 or more.

    Raises
    ------
    Invalid
        If there are fewer than two items, or no variance.
    """
    if items < 2:
        raise Invalid(f"KR-21 needs two items or more; there are {items}.")
    if variance <= NO_VARIANCE:
        raise Invalid("The total score does not vary, so its reliability is unknown.")
    return items / (items - 1) * (1 - mean * (items - mean) / (items * variance))


def standard_error_of_measurement(sd: float, reliability: float) -> float:
    """Return the standard error of measurement, SD sqrt(1 - reliability), in the unit of the SD."""
    if reliability > 1 or sd < 0:
        raise Invalid(f"A reliability is at most 1 and an SD at least 0; these are {reliability:g} and {sd:g}.")
    return sd * math.sqrt(1 - reliability)


def conditional_sem(items: int, *, reliability: float | None = None, kr21: float | None = None) -> pd.DataFrame:
    """Return the standard error of measurement at each number correct.

    `lord`: sqrt(x (k - x) / (k - 1)), binomial error (Lord 1957, Educ. Psychol. Meas. 17:510-521): items as
    though drawn at random from a pool, so too large where every candidate has items of one blueprint.
    `keats`: the same times sqrt((1 - reliability) / (1 - KR-21)), so that the mean error variance agrees with
    the reliability (Keats 1957, Psychometrika 22:29-41).

    Parameters
    ----------
    items : int
        k, 2 or more.
    reliability, kr21 : float, optional
        Both or neither; without them `keats` is not given.

    Returns
    -------
    DataFrame
        Index `correct` from 0 to k; `lord` and, if asked for, `keats`, in items.

    Raises
    ------
    Invalid
        If there are fewer than two items, or a coefficient is not below 1 (KR-21) or above 1 (reliability).
    """
    if items < 2:
        raise Invalid(f"The error at a score needs two items or more; there are {items}.")
    correct = np.arange(items + 1)
    lord = np.sqrt(correct * (items - correct) / (items - 1))
    frame = pd.DataFrame({"lord": lord}, index=pd.Index(correct, name="correct"))
    if reliability is None or kr21 is None:
        return frame
    if reliability > 1 or kr21 >= 1:
        raise Invalid(
            f"Keats's correction needs KR-21 below 1 and a reliability of at most 1: {kr21:g}, {reliability:g}."
        )
    return frame.assign(keats=lord * math.sqrt((1 - reliability) / (1 - kr21)))


def spearman_brown(reliability: float, factor: float) -> float:
    """Return the reliability of a test `factor` times as long: m r / (1 + (m - 1) r).

    Spearman (1910, Brit. J. Psychol. 3:271-295) and Brown (1910, Brit. J. Psychol. 3:296-322). The items
    added (or taken away) are like the others. "Ten more items" on k are the factor (k + 10) / k.

    Raises
    ------
    Invalid
        If the factor is not above 0, or the reliability is above 1 or so low that the formula has no value.
    """
    divisor = 1 + (factor - 1) * reliability
    if factor <= 0 or reliability > 1 or divisor <= 0:
        raise Invalid(f"A reliability of {reliability:g} at {factor:g} times the length has no meaning.")
    return factor * reliability / divisor


def length_factor(reliability: float, target: float) -> float:
    """Return how many times as long a test must be to reach a reliability: t (1 - r) / (r (1 - t)).

    The Spearman-Brown formula solved for the length; see `spearman_brown`.

    Raises
    ------
    Invalid
        If the reliability is not above 0 and at most 1, or the target not between 0 and 1.
    """
    if not 0 < reliability <= 1:
        raise Invalid(f"A test with a reliability of {reliability:g} reaches no target by being longer.")
    if not 0 < target < 1:
        raise Invalid(f"The target reliability is {target:g}. Give a number between 0 and 1.")
    return target * (1 - reliability) / (reliability * (1 - target))
