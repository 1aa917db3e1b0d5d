"""Scores of short areas: their reliability, and estimates of the true scores that borrow from the other areas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.matrix import response_matrix

Floats = npt.NDArray[np.float64]

SMALLEST = 1e-10
"""Below this (relative) a variance is none and a covariance matrix is singular."""


@dataclass(frozen=True, eq=False, slots=True)
class Subscores:
    """Area scores of people and what is known of their reliability.

    `raw` (N, A): number correct per area; where people had different numbers of items in an area, the proportion
    correct times the mean number. `items` (A,): that number. `reliability` (A,), missing where unknown, by the
    `method` (A,) `alpha`, or `kr21` where people had different items. `notes` (A,): a sentence, or empty.
    `left_out`: attempts that had no item in some area.
    """

    attempts: pd.Index[str]
    areas: pd.Index[str]
    raw: Floats
    items: Floats
    reliability: Floats
    method: tuple[str, ...]
    notes: tuple[str, ...]
    left_out: int


@dataclass(frozen=True, eq=False, slots=True)
class SubscoreEstimates:
    """Estimates of the true area scores, on the scale of `raw`: each attempts × areas, missing where undefined."""

    raw: pd.DataFrame
    kelley: pd.DataFrame
    from_total: pd.DataFrame
    weighted: pd.DataFrame
    wainer: pd.DataFrame


@dataclass(frozen=True, eq=False, slots=True)
class AreaMoments:
    """What classical theory makes of the covariances (A, A) and the reliabilities (A,) of area scores."""

    covariance: Floats
    reliability: Floats
    true: Floats
    total: float
    with_total: Floats
    """Correlation of the area's score with the total."""
    true_with_total: Floats
    """Correlation of the area's true score with the total: the square root, with its sign, of PRMSE.x."""
    beyond: Floats
    """What the total adds beyond the area's own score (Haberman's tau)."""
    weights: Floats
    """T S^-1."""

    @property
    def prmse_x(self) -> Floats:
        """PRMSE of the total score."""
        return np.asarray(self.true_with_total**2)

    @property
    def prmse_sx(self) -> Floats:
        """PRMSE of the best weighted sum of the area's score and the total."""
        return np.asarray(self.reliability + self.beyond**2 * (1 - self.with_total**2))

    @property
    def prmse_wainer(self) -> Floats:
        """PRMSE of the best weighted sum of all areas' scores."""
        explained = (self.weights * self.true).sum(axis=1)
        return over(explained, np.diag(self.true))


def observed_subscores(marked: pd.DataFrame) -> Subscores:
    """Return the area scores of marked responses, with their reliabilities.

    Where everybody had the same items of an area, its reliability is coefficient alpha (Cronbach 1951, Psychometrika
    16:297-334), variances with divisor n - 1. Elsewhere it is 1 - mean(x (k - x) / (k - 1)) / var(x), with Lord's
    binomial error variance (KR-21: Kuder & Richardson 1937, Psychometrika 2:151-160), which counts differences in
    difficulty between forms as error.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `content_area`, `correct`, and `scored` if pilots are to be left out.

    Raises
    ------
    Invalid
        If nothing is marked, an item is in two areas, or fewer than two attempts had items in every area.
    """
    if "scored" in marked:
        marked = marked[marked["scored"].astype(bool)]
    matrix = response_matrix(marked)
    placed = marked[["item_id", "content_area"]].drop_duplicates()
    if placed["content_area"].isna().any() or placed["item_id"].duplicated().any():
        raise Invalid("Some item has no content area or more than one. Give each item one content area.")
    named = placed["content_area"]
    listed = list(named.cat.categories) if isinstance(named.dtype, pd.CategoricalDtype) else list(named.unique())
    areas = pd.Index([area for area in listed if area in set(named)], name="content_area")
    area_of = areas.get_indexer(pd.Index(placed.set_index("item_id")["content_area"].astype(object).loc[matrix.items]))
    own = [matrix.values[:, area_of == area] for area in range(len(areas))]
    count = np.column_stack([(values >= 0).sum(axis=1) for values in own])
    full = np.flatnonzero((count > 0).all(axis=1))
    if len(full) < 2:
        raise Invalid("Fewer than two attempts have items in every content area. Subscores need more attempts.")
    left_out = len(count) - len(full)
    count, items = count[full], count[full].mean(axis=0)
    proportion = np.column_stack([(values[full] == 1).sum(axis=1) for values in own]) / count
    found = [_reliability(values[full], p, k) for values, p, k in zip(own, proportion.T, count.T, strict=True)]
    reliability, method, notes = zip(*found, strict=True)
    return Subscores(
        matrix.attempts[full],
        areas,
        proportion * items,
        items,
        np.array(reliability),
        method,
        notes,
        left_out,
    )


def _reliability(values: npt.NDArray[np.int8], proportion: Floats, count: Floats) -> tuple[float, str, str]:
    """Return the reliability of one area's score, its name, and what is the matter with it."""
    complete = bool((values >= 0).all())
    method = "alpha" if complete else "kr21"
    variance = proportion.var(ddof=1)
    if variance < SMALLEST:
        return np.nan, method, "Everybody has the same score, so its reliability is unknown."
    several = count > 1
    if not several.any():
        return np.nan, method, "The area has one item, so its reliability is unknown."
    if complete:
        k = values.shape[1]
        reliability = k / (k - 1) * (1 - values.var(axis=0, ddof=1, dtype=float).sum() / (variance * k**2))
    else:
        p = proportion[several]
        reliability = 1 - (p * (1 - p) / (count[several] - 1)).mean() / variance
    note = (
        "" if reliability > 0 else "The reliability is not positive, so Kelley's and Wainer's estimates are the mean."
    )
    return float(reliability), method, note


def estimated_subscores(subscores: Subscores) -> SubscoreEstimates:
    """Return estimates of the true area scores, in items.

    `kelley`: mean + reliability (x - mean) (Kelley 1927, Interpretation of Educational Measurements); `from_total`
    and `weighted` (area and total): Haberman (2008); `wainer`: mean + T S^-1 (x - mean), from all areas.
    """
    moments, raw = moments_of(subscores), subscores.raw
    mean = raw.mean(axis=0)
    own, s = raw - mean, moments.reliability
    total = own.sum(axis=1, keepdims=True)
    sd = np.sqrt(np.diag(moments.covariance))
    per_total = over(np.sqrt(s) * sd, np.full(len(s), np.sqrt(moments.total)))
    own_weight = s - np.sqrt(s) * moments.with_total * moments.beyond
    estimates = (
        raw,
        mean + s * own,
        mean + per_total * moments.true_with_total * total,
        mean + own_weight * own + per_total * moments.beyond * total,
        mean + own @ moments.weights.T,
    )
    return SubscoreEstimates(*(pd.DataFrame(e, index=subscores.attempts, columns=subscores.areas) for e in estimates))


def wainer_weights(subscores: Subscores) -> pd.DataFrame:
    """Return T S^-1: row j, what each area's deviation from its mean counts in the estimate of area j."""
    return pd.DataFrame(moments_of(subscores).weights, index=subscores.areas, columns=subscores.areas)


def disattenuated_correlations(subscores: Subscores) -> pd.DataFrame:
    """Return correlations of areas: below the diagonal observed, on it reliabilities, above it disattenuated.

    r / sqrt(reliability reliability') (Spearman 1904, Am. J. Psychol. 15:72-101); missing where a reliability is
    unknown or not positive. It may exceed 1 by sampling error.
    """
    moments = moments_of(subscores)
    sd, rho = np.sqrt(np.diag(moments.covariance)), subscores.reliability
    observed = over(moments.covariance, np.outer(sd, sd))
    true = over(observed, np.sqrt(np.outer(rho, rho).clip(0)) * (rho > 0) * (rho > 0)[:, None])
    table = np.tril(observed, -1) + np.triu(true, 1) + np.diag(rho)
    return pd.DataFrame(table, index=subscores.areas, columns=subscores.areas)


def moments_of(subscores: Subscores) -> AreaMoments:
    """Return the moments of observed scores; a reliability that is not positive counts as 0."""
    return area_moments(np.atleast_2d(np.cov(subscores.raw, rowvar=False)), subscores.reliability.clip(min=0))


def area_moments(covariance: Floats, reliability: Floats) -> AreaMoments:
    """Return the moments of areas with these covariances (A, A) and reliabilities (A,)."""
    variance = np.diag(covariance)
    true = covariance.copy()
    np.fill_diagonal(true, variance * reliability)
    total = float(covariance.sum())
    with_total = over(covariance.sum(axis=1), np.sqrt(variance * total))
    true_with_total = over(true.sum(axis=1), np.sqrt(np.diag(true) * total))
    beyond = over(true_with_total - with_total * np.sqrt(reliability), 1 - with_total**2)
    weights = _regression(true, covariance)
    return AreaMoments(covariance, reliability, true, total, with_total, true_with_total, beyond, weights)


def _regression(true: Floats, covariance: Floats) -> Floats:
    """Return T S^-1; an area that does not vary weighs nothing; missing where S is singular or T unknown."""
    weights = np.full(covariance.shape, np.nan)
    none = np.diag(true) <= 0
    weights[none] = 0.0  # no true variance: the estimate is the mean
    varies = np.diag(covariance) > SMALLEST
    inner = covariance[np.ix_(varies, varies)]
    sd = np.sqrt(np.diag(inner))
    if not varies.any() or np.linalg.eigvalsh(inner / np.outer(sd, sd)).min() < SMALLEST:
        return weights
    known = np.isfinite(np.diag(true)) & ~none
    weights[known] = 0.0
    weights[np.ix_(known, varies)] = np.linalg.solve(inner, true[np.ix_(known, varies)].T).T
    return weights


def over(numerator: Floats, denominator: Floats) -> Floats:
    """Divide where there is something to divide by; elsewhere missing."""
    out = np.full(np.shape(numerator), np.nan)
    known = np.isfinite(denominator) & (np.abs(denominator) > SMALLEST)
    return np.asarray(np.divide(numerator, denominator, out=out, where=known))
