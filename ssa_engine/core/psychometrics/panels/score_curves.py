"""The cumulative curve of candidates' scores, and where a line or an ellipse meets it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ssa_engine.core.errors import Invalid

Floats = npt.NDArray[np.float64]
SMALLEST_SD = 1e-12
"""Below this, judges do not differ."""


@dataclass(frozen=True, eq=False)
class ScoreCurve:
    """The cumulative curve: `share_below[i]` of the candidates score less than `score[i]`; straight lines between."""

    score: Floats
    """Proportions right, ascending, from 0 to 1 or more."""
    share_below: Floats
    share_at_or_below: Floats
    candidates: int

    def below(self, cut: npt.ArrayLike) -> Floats:
        """Return the height of the curve at a cut."""
        return np.asarray(np.interp(np.asarray(cut, dtype=float), self.score, self.share_below))

    def candidates_below(self, cut: float) -> float:
        """Return the share of candidates who do score below a cut: the curve's corner at or after it."""
        after = int(np.searchsorted(self.score, cut - 1e-9))
        return float(self.share_below[min(after, len(self.score) - 1)])

    def crossing(self, start: tuple[float, float], slope: float | None, low: float, high: float) -> tuple[float, bool]:
        """Return where a line that does not rise meets the curve, which does not fall; the first such cut.

        Where they do not meet from `low` to `high`: the end at which they come nearest, and False. A slope of None is
        an upright line.
        """
        if slope is None:
            return start[0], True
        points, below = self._corners(low, high)
        above_line = below - (start[1] + slope * (points - start[0]))
        if above_line[0] > 0 or above_line[-1] < 0:
            return (low if above_line[0] > 0 else high), False
        at = int(np.argmax(above_line >= 0))
        if above_line[at] == 0 or at == 0:
            return float(points[at]), True
        part = -above_line[at - 1] / (above_line[at] - above_line[at - 1])
        return float(points[at - 1] + part * (points[at] - points[at - 1])), True

    def nearest(self, cut: float, share: float, sd_cut: float, sd_share: float) -> float:
        """Return the cut whose point of the curve is nearest, each axis in its own SD. Exact on straight pieces."""
        if sd_cut <= SMALLEST_SD:
            return cut
        if sd_share <= SMALLEST_SD:
            return self.crossing((cut, share), 0.0, 0.0, 1.0)[0]
        points, below = self._corners(0.0, 1.0)
        x, y = (points - cut) / sd_cut, (below - share) / sd_share
        dx, dy = np.diff(x), np.diff(y)
        part = np.clip(-(x[:-1] * dx + y[:-1] * dy) / (dx**2 + dy**2), 0.0, 1.0)
        distance = (x[:-1] + part * dx) ** 2 + (y[:-1] + part * dy) ** 2
        best = int(np.argmin(np.round(distance, 14)))
        return float(points[best] + part[best] * (points[best + 1] - points[best]))

    def _corners(self, low: float, high: float) -> tuple[Floats, Floats]:
        """Return the corners of the curve from one cut to another, both included."""
        inner = self.score[(self.score > low) & (self.score < high)]
        points = np.concatenate([[low], inner, [high]])
        return points, self.below(points)


def score_curve(scores: npt.ArrayLike, items: int | None = None) -> ScoreCurve:
    """Return the cumulative curve of scores.

    Parameters
    ----------
    scores : array (candidates,)
        Proportions right.
    items : int, optional
        The curve then has a point at every possible score 0, 1/items, ..., 1 and one beyond; otherwise at every score
        that occurs, at 0, and beyond the highest by the smallest step between scores.

    Raises
    ------
    Invalid
        If there is no score, one is missing, or one lies outside 0 to 1; if `items` is below 1.
    """
    if items is not None and items < 1:
        raise Invalid(f"Scores of {items} items make no curve. Give the number of items, from 1.")
    values = np.sort(np.asarray(scores, dtype=float))
    if not len(values):
        raise Invalid("There are no scores of candidates. This method needs them: it looks for a point on their curve.")
    if not np.isfinite(values).all() or values[0] < 0 or values[-1] > 1:
        raise Invalid("A score is missing or lies outside 0 to 1. Give proportions right, or the number of items.")
    if items is not None:
        points = np.arange(items + 2) / items
    else:
        seen = np.unique(np.append(np.round(values, 12), 0.0))
        points = np.append(seen, seen[-1] + (np.diff(seen).min() if len(seen) > 1 else 1.0))
    below = np.searchsorted(values, points - 1e-9, side="left") / len(values)
    upto = np.searchsorted(values, points + 1e-9, side="right") / len(values)
    return ScoreCurve(points, below, upto, len(values))
