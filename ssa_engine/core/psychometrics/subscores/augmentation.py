"""What augmented scores borrow from a population, estimated from a cohort's area scores."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import Augmentation
from ssa_engine.core.psychometrics.subscores.estimates import SMALLEST, Subscores, moments_of

Floats = npt.NDArray[np.float64]

DIGITS = 12
"""Decimals of the figures a policy carries."""


def subscores_of(area_scores: pd.DataFrame) -> Subscores:
    """Return the area scores of a cohort with their reliabilities, from points alone.

    The reliability is 1 - mean(p (1 - p) / (n - 1)) / var(p), with Lord's binomial error variance of each proportion p
    of n points (KR-21: Kuder & Richardson 1937, Psychometrika 2:151-160), which counts differences in difficulty
    between forms as error; with partial credit that error is an upper bound.

    Parameters
    ----------
    area_scores : DataFrame
        `attempt_id`, `content_area`, `items`, `points`, as `scoring.score_areas` returns them. Attempts without items
        in some area are left out.

    Raises
    ------
    Invalid
        If fewer than two attempts have every area.
    """
    named = area_scores["content_area"]
    order = named.cat.categories if isinstance(named.dtype, pd.CategoricalDtype) else pd.unique(named)
    areas = pd.Index([area for area in order if (named == area).any()], name="content_area")
    plain = area_scores.assign(content_area=named.astype(object))
    points, items = (_wide(plain, name, areas) for name in ("points", "items"))
    full = items.notna().all(axis=1) & (items > 0).all(axis=1)
    if full.sum() < 2:
        raise Invalid(
            "Fewer than two attempts have items in every content area. Augmented scores need a larger cohort."
        )
    n = items[full].to_numpy(dtype=float)
    p = points[full].to_numpy(dtype=float) / n
    reliability = np.array([_kr21(own, count) for own, count in zip(p.T, n.T, strict=True)])
    return Subscores(
        pd.Index(points.index[full]),
        areas,
        p * n.mean(axis=0),
        n.mean(axis=0),
        reliability,
        ("kr21",) * len(areas),
        ("",) * len(areas),
        int((~full).sum()),
    )


def _wide(scores: pd.DataFrame, name: str, areas: pd.Index[str]) -> pd.DataFrame:
    """Return a column as attempts × areas; not by `pivot_table`, which would average what stands twice."""
    return scores.pivot(index="attempt_id", columns="content_area", values=name).reindex(columns=areas)  # noqa: PD010


def _kr21(proportion: Floats, count: Floats) -> float:
    variance, several = proportion.var(ddof=1), count > 1
    if variance < SMALLEST or not several.any():
        return float("nan")
    p = proportion[several]
    return float(1 - (p * (1 - p) / (count[several] - 1)).mean() / variance)


def augmentation_of(subscores: Subscores, *, source: str = "") -> Augmentation:
    """Return what augmented scores need to know of the population these attempts come from.

    On the scale of proportions: the means; T, the covariances with the areas' variances times their reliabilities on
    the diagonal (Wainer et al. 2001, Augmented scores, in Thissen & Wainer, Test Scoring); and for each item of an area
    the variance (1 - reliability) times variance times items. An area whose reliability is not positive has no true
    variance. A sample's T may be no covariance matrix; then the nearest that is one stands for it (negative
    eigenvalues set to 0: Higham 1988, Linear Algebra and its Applications 103:103-118).

    Parameters
    ----------
    subscores : Subscores
        From marked responses (`estimates.observed_subscores`) or from area scores (`subscores_of`).
    source : str
        Which cohort, in words.

    Raises
    ------
    Invalid
        If an area's reliability is unknown, or leaves no error.
    """
    unknown = ~(subscores.reliability < 1)
    if unknown.any():
        raise Invalid(
            f"Nothing is known of the errors of the scores in '{subscores.areas[int(unknown.argmax())]}': everybody "
            "has the same score there, or it has one item. Take a larger cohort, or another rule."
        )
    moments, items = moments_of(subscores), subscores.items
    scale = np.outer(items, items)
    variance = np.diag(moments.covariance) / items**2
    true = moments.true / scale
    none = np.diag(true) <= 0
    true[none, :] = true[:, none] = 0.0
    true = _nearest_covariance(true)
    error = variance * (1 - moments.reliability) * items
    return Augmentation(
        areas=tuple(map(str, subscores.areas)),
        means=tuple(np.round(subscores.raw.mean(axis=0) / items, DIGITS).tolist()),
        true_covariance=tuple(tuple(row) for row in np.round(true, DIGITS).tolist()),
        error_variances=tuple(np.round(error, DIGITS).tolist()),
        source=source,
    )


def _nearest_covariance(matrix: Floats) -> Floats:
    """Return the nearest matrix without negative eigenvalues, or the matrix itself."""
    values, vectors = np.linalg.eigh(matrix)
    if values.min() >= 0:
        return matrix
    nearest = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return np.asarray((nearest + nearest.T) / 2)
