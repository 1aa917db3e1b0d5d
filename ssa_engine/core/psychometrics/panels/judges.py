"""The judges of a panel one by one: severity, deviation from the others, and who stands apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

LIMIT = 3.5
"""Of the robust z, beyond which a judge stands apart (Iglewicz & Hoaglin 1993)."""
FEWEST = 3
"""Judges for a robust z, and items for a correlation."""
SMALLEST_SPREAD = 1e-12
"""Below this, values do not vary."""


def judge_statistics(ratings: pd.DataFrame, p_values: pd.Series | None = None, *, limit: float = LIMIT) -> pd.DataFrame:
    """Return how each judge stands beside the others.

    Parameters
    ----------
    ratings : DataFrame (judges, items)
        0 to 1, missing where a judge did not rate an item.
    p_values : Series, optional
        Proportion of candidates who have each item right, by item.
    limit : float
        Of the robust z.

    Returns
    -------
    DataFrame
        Index as the rows of `ratings`; `items` (rated), `mean_rating`, `severity` (mean of rating less the mean of the
        other judges on the same item; above 0: asks for more), `deviation` (mean of its absolute value), `correlation`
        (Pearson, with `p_values`; missing for fewer than three items), `severity_z`, `deviation_z` (robust z
        0.6745 (x - median) / MAD; where the MAD is 0, (x - median) / (1.2533 × mean absolute deviation); Iglewicz &
        Hoaglin 1993, How to Detect and Handle Outliers), `outlying` (severity_z beyond the limit on either side, or
        deviation_z above it), `note`.
    """
    values = ratings.to_numpy(dtype=float)
    rated = np.isfinite(values)
    filled = np.where(rated, values, 0.0)
    others = rated.sum(axis=0) - rated
    difference = np.full(values.shape, np.nan)
    both = rated & (others > 0)
    np.divide(filled.sum(axis=0) - filled, others, out=difference, where=both)
    difference = np.where(both, values - difference, np.nan)
    severity, deviation = _row_means(difference), _row_means(np.abs(difference))
    severity_z, deviation_z = _robust_z(severity), _robust_z(deviation)
    with np.errstate(invalid="ignore"):
        apart = (np.abs(severity_z) > limit, deviation_z > limit)
    frame = pd.DataFrame(
        {
            "items": rated.sum(axis=1),
            "mean_rating": _row_means(values),
            "severity": severity,
            "deviation": deviation,
            "correlation": _correlations(ratings, p_values),
            "severity_z": severity_z,
            "deviation_z": deviation_z,
            "outlying": apart[0] | apart[1],
        },
        index=ratings.index,
    )
    return frame.assign(note=_judge_notes(frame, limit))


def _row_means(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the mean of what is there in each row; missing where nothing is."""
    there = np.isfinite(values)
    count = there.sum(axis=1)
    total = np.where(there, values, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0))


def _robust_z(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return how far each value lies from the median, in robust standard deviations; missing for fewer than three."""
    there = values[np.isfinite(values)]
    if len(there) < FEWEST:
        return np.full(len(values), np.nan)
    distance = np.abs(there - np.median(there))
    mad = float(np.median(distance)) / 0.6745
    spread = mad if mad > SMALLEST_SPREAD else 1.2533 * float(distance.mean())
    if spread <= SMALLEST_SPREAD:
        return np.where(np.isfinite(values), 0.0, np.nan)
    return (values - np.median(there)) / spread


def _correlations(ratings: pd.DataFrame, p_values: pd.Series | None) -> npt.NDArray[np.float64]:
    """Return the correlation of each judge's ratings with the proportions correct, over items that have both."""
    found = np.full(len(ratings), np.nan)
    if p_values is None:
        return found
    known = p_values.reindex(ratings.columns).to_numpy(dtype=float)
    values = ratings.to_numpy(dtype=float)
    both = np.isfinite(values) & np.isfinite(known)
    count = both.sum(axis=1)
    enough = np.flatnonzero(count >= FEWEST)
    if not len(enough):
        return found
    weight, n = both[enough].astype(float), count[enough]
    x, y = np.where(both, values, 0.0)[enough], np.where(both, known, 0.0)[enough]
    dx, dy = (x - (x.sum(axis=1) / n)[:, None]) * weight, (y - (y.sum(axis=1) / n)[:, None]) * weight
    spread = np.sqrt((dx**2).sum(axis=1) * (dy**2).sum(axis=1))
    found[enough] = np.divide(
        (dx * dy).sum(axis=1), spread, out=np.full(len(enough), np.nan), where=spread > SMALLEST_SPREAD
    )
    return found


def _judge_notes(frame: pd.DataFrame, limit: float) -> list[str]:
    """Say of each judge what is the matter, or nothing."""
    said = []
    names = ["items", "severity", "severity_z", "deviation_z"]
    for items, severity, severity_z, deviation_z in frame[names].to_numpy(dtype=float):
        apart = [f"asks for {'more' if severity_z > 0 else 'less'} than the others"] if abs(severity_z) > limit else []
        apart += ["differs from the others item by item"] if deviation_z > limit else []
        if items == 0:
            said.append("Rated nothing, and is left out.")
        elif np.isnan(severity):
            said.append("No other judge rated the same items, so there is nothing to compare with.")
        elif np.isnan(severity_z):
            said.append("Fewer than three judges, so nobody can be told to stand apart.")
        else:
            said.append(f"Stands apart: {' and '.join(apart)}. Ask why before the next round." if apart else "")
    return said
