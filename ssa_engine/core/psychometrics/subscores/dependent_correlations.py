"""Do two correlations with the same variable differ? Tests for correlations that come from the same people."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def olkin_z(r01: Floats, r02: Floats, r12: Floats, n: int) -> Floats:
    """Return Olkin's z of r01 against r02, two correlations with variable 0.

    z = (r01 - r02) sqrt(n / (V11 + V22 - 2 V12)), V the large-sample (co)variances of correlations times n
    (Olkin 1967, in Stanley (ed.), Improving Experimental Design and Statistical Analysis, 102-128).

    Parameters
    ----------
    r01, r02, r12 : array (of one shape)
        Correlations of variables 0 and 1, 0 and 2, 1 and 2.
    n : int
        Number of people.

    Returns
    -------
    array
        Standard normal where they are equal; missing where variables coincide.
    """
    variance = (1 - r01**2) ** 2 + (1 - r02**2) ** 2 - 2 * _covariance(r01, r02, r12)
    return _ratio(r01 - r02, variance / n)


def williams_t(r01: Floats, r02: Floats, r12: Floats, n: int) -> Floats:
    """Return Williams's t of r01 against r02, with n - 3 degrees of freedom.

    t = (r01 - r02) sqrt((n - 1)(1 + r12) / (2 (n - 1)/(n - 3) D + m^2 (1 - r12)^3)), D the determinant of the
    three correlations and m the mean of r01 and r02 (Williams 1959, J. R. Stat. Soc. B 21:396-399; recommended
    by Steiger 1980, Psychological Bulletin 87:245-251). Parameters as for `olkin_z`; missing for n < 4.
    """
    if n < 4:
        return np.full(np.shape(r01), np.nan)
    determinant = 1 - r01**2 - r02**2 - r12**2 + 2 * r01 * r02 * r12
    mean = (r01 + r02) / 2
    spread = 2 * (n - 1) / (n - 3) * determinant + mean**2 * (1 - r12) ** 3
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(1 - r12**2 > 1e-12, spread / ((n - 1) * (1 + r12)), np.nan)
    return _ratio(r01 - r02, variance)


def hedges_olkin_z(r01: Floats, r02: Floats, r12: Floats, n: int) -> Floats:
    """Return z of what variable 2 adds to variable 1 in predicting variable 0: the rise of the squared correlation.

    The rise is (r02 - r12 r01)^2 / (1 - r12^2) and its standard error comes from the (co)variances of the three
    correlations by the delta method (Hedges & Olkin 1981, Psychometrika 46:331-336, give the large-sample theory).
    Where the true rise is 0 its first derivatives are 0 too and z isn't standard normal: read it as an estimate over
    its standard error. Parameters as for `olkin_z`.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.where(1 - r12**2 > 1e-12, 1 - r12**2, np.nan)
    beyond = r02 - r12 * r01
    by02 = 2 * beyond / apart
    by01 = -r12 * by02
    by12 = 2 * r12 * (beyond / apart) ** 2 - r01 * by02
    variance = (
        (by01 * (1 - r01**2)) ** 2
        + (by02 * (1 - r02**2)) ** 2
        + (by12 * (1 - r12**2)) ** 2
        + 2 * by01 * by02 * _covariance(r01, r02, r12)
        + 2 * by01 * by12 * _covariance(r01, r12, r02)
        + 2 * by02 * by12 * _covariance(r02, r12, r01)
    )
    return _ratio(beyond**2 / apart, variance / n)


def _covariance(first: Floats, second: Floats, between: Floats) -> Floats:
    """Return n times the covariance of two correlations that share a variable (Pearson & Filon 1898)."""
    rest = 1 - first**2 - second**2 - between**2
    return np.asarray((between - first * second / 2) * rest + between**3)


def _ratio(difference: Floats, variance: Floats) -> Floats:
    """Return the difference over its standard error; missing where that is none."""
    out = np.full(np.shape(difference), np.nan)
    known = np.isfinite(difference) & np.isfinite(variance) & (variance > 1e-15)
    return np.asarray(np.divide(difference, np.sqrt(np.where(known, variance, 1.0)), out=out, where=known))
