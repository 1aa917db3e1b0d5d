"""Distributions of times and scores, from values and how often each occurs: moments, quantiles, bins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

TENTHS = 10


@dataclass(frozen=True, slots=True)
class Distribution:
    """What a distribution comes to. `sd` has divisor n - 1 and is None for one value."""

    n: int
    mean: float
    sd: float | None
    least: float
    lower_quartile: float
    median: float
    upper_quartile: float
    greatest: float


def describe(values: npt.ArrayLike, counts: npt.ArrayLike) -> Distribution | None:
    """Describe a distribution that is given as values and how often each occurs.

    Parameters
    ----------
    values : (k,) array of float
        In any order and unit; a value may come more than once.
    counts : (k,) array of int
        How often each occurs, at least 0.

    Returns
    -------
    Distribution or None
        None if nothing occurs. Quantiles interpolate between neighbours, as type 7 of Hyndman and Fan (1996) does,
        which is the default of R and numpy.
    """
    value, count = np.asarray(values, dtype=float), np.asarray(counts, dtype=np.int64)
    value, count = value[count > 0], count[count > 0]
    n = int(count.sum())
    if n == 0:
        return None
    order = np.argsort(value, kind="stable")
    value, count = value[order], count[order]
    mean = math.fsum(value * count) / n
    squares = math.fsum((value - mean) ** 2 * count)
    lower, median, upper = (_quantile(value, count, share) for share in (0.25, 0.5, 0.75))
    return Distribution(
        n,
        mean,
        math.sqrt(squares / (n - 1)) if n > 1 else None,
        float(value[0]),
        lower,
        median,
        upper,
        float(value[-1]),
    )


def _quantile(value: npt.NDArray[np.float64], count: npt.NDArray[np.int64], share: float) -> float:
    """Return the quantile of sorted values: at place (n - 1) × share, counted from 0."""
    place = (int(count.sum()) - 1) * share
    below = math.floor(place)
    first, second = value[np.searchsorted(np.cumsum(count), [below, math.ceil(place)], side="right")]
    return float(first + (place - below) * (second - first))


def bins(values: npt.ArrayLike, counts: npt.ArrayLike, width: float) -> list[tuple[float, float, int]]:
    """Return touching bins (low, high, count) of a width that begin at its multiples; low belongs to a bin, high not.

    Bins run from the least to the greatest value without a hole; there are none if nothing occurs.
    """
    value, count = np.asarray(values, dtype=float), np.asarray(counts, dtype=np.int64)
    value, count = value[count > 0], count[count > 0]
    if not len(value):
        return []
    place = np.floor(value / width).astype(np.int64)
    first = int(place.min())
    found = np.bincount(place - first, weights=count)
    return [((first + index) * width, (first + index + 1) * width, int(n)) for index, n in enumerate(found)]


def score_bins(scores: Sequence[float], counts: Sequence[int]) -> list[tuple[float, float, int]]:
    """Return eleven bins (low, high, count) of proportions, each a tenth wide with a tenth in its middle.

    So all scores of ten items stand in the middle of their own bin. What lies on an edge belongs to the bin above.
    """
    found = [0] * (TENTHS + 1)
    for score, count in zip(scores, counts, strict=True):
        found[min(math.floor(round(score * TENTHS + 0.5, 9)), TENTHS)] += count
    return [((place - 0.5) / TENTHS, (place + 0.5) / TENTHS, n) for place, n in enumerate(found)]
