"""Each judge's cut on the same items, though judges rated different ones: judge and item effects by least squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Floats = npt.NDArray[np.float64]
COMPLETE = "mean of the items' mean ratings; error over judges, items as they are"
ADDITIVE = "mean of judge and item effects by least squares; error over judges, items as they are"
APART = (
    "The judges fall into {groups} groups that have no item in common, so it cannot be told whether the judges differ "
    "or their items do, and the error is unknown. Let judges of different groups rate some of the same items."
)
BEYOND = "Carried over to the items that judges did not rate, their ratings lead beyond 0 to 1; the cut is held there."


@dataclass(frozen=True, eq=False)
class JudgeCuts:
    """A panel's cut, and each judge's."""

    cut: float
    judges: pd.Series
    """By judge; missing where a judge rated nothing. Of judges in groups apart: on the items of the own group."""
    comparable: bool
    """Whether the judges' cuts are of the same items, so that their spread is that of the judges."""
    convention: str
    note: str = ""


def judge_cuts(matrix: pd.DataFrame) -> JudgeCuts:
    """Return the cut of a panel of which judges may have rated different items.

    Parameters
    ----------
    matrix : DataFrame (judges, items)
        Ratings, 0 to 1; missing where a judge did not rate an item. At least one is there.

    Returns
    -------
    JudgeCuts
        With every rating there, a judge's cut is the mean rating and the panel's the mean of the items' means. Else
        ratings are taken as judge + item, both fitted by least squares (two-way classification with unequal numbers;
        Searle 1971, Linear Models); a judge's cut is the own effect plus the mean of the items' effects, and the
        panel's the mean of the judges', held to 0 to 1. Where items link no chain from each judge to each other, the
        groups are fitted one by one, and the panel's cut is the mean of the groups' weighted by their items.
    """
    rating = matrix.loc[matrix.notna().any(axis=1), matrix.notna().any(axis=0)]
    values = rating.to_numpy(dtype=float)
    if np.isfinite(values).all():
        cuts = pd.Series(values.mean(axis=1), index=rating.index).reindex(matrix.index)
        return JudgeCuts(float(values.mean(axis=0).mean()), cuts, True, COMPLETE)
    judges, items = _groups(np.isfinite(values))
    groups = int(judges.max()) + 1
    own, cut = np.empty(len(values)), 0.0
    for group in range(groups):
        mine, theirs = judges == group, items == group
        own[mine] = _additive_cuts(values[np.ix_(mine, theirs)])
        cut += float(own[mine].mean() * theirs.mean())
    held = float(np.clip(cut, 0.0, 1.0))
    notes = [APART.format(groups=groups)] if groups > 1 else []
    notes += [BEYOND] if abs(held - cut) > 1e-12 else []
    cuts = pd.Series(own, index=rating.index).reindex(matrix.index)
    return JudgeCuts(held, cuts, groups == 1, ADDITIVE, " ".join(notes))


def _groups(rated: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the group of each judge and of each item; a rating puts its judge and its item into one."""
    judge, item = np.nonzero(rated)
    count = len(rated) + rated.shape[1]
    edges = csr_array((np.ones(len(judge)), (judge, item + len(rated))), shape=(count, count))
    labels = connected_components(edges, directed=False)[1]
    return labels[: len(rated)], labels[len(rated) :]


def _additive_cuts(values: Floats) -> Floats:
    """Return judge effect + mean item effect of each judge; every judge and item is linked to every other.

    Without the items, each of whose effects is the mean of rating less judge, the normal equations are judges × judges.
    Their matrix leaves one constant free, which the sum of both effects does not contain.
    """
    rated = np.isfinite(values).astype(float)
    ratings = np.where(rated > 0, values, 0.0)
    raters = rated.sum(axis=0)
    equations = np.diag(rated.sum(axis=1)) - (rated / raters) @ rated.T
    right = ratings.sum(axis=1) - rated @ (ratings.sum(axis=0) / raters)
    judge = np.linalg.solve(equations + 1.0, right)
    item = (ratings - rated * judge[:, None]).sum(axis=0) / raters
    return np.asarray(judge + item.mean())
