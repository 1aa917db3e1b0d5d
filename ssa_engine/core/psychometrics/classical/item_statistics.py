"""Classical item and area statistics, also where each person saw only some of the items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.matrix import sorted_codes

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

SMALLEST_SPREAD = 1e-12
"""Below this a column does not vary, and its correlations are unknown."""
FEWEST = 3
"""Attempts below which a correlation or a reliability is not given."""
EXTREME_SHARE = 0.27
"""Share of the attempts in the upper and in the lower group (Kelley 1939)."""


def item_statistics(marked: pd.DataFrame) -> pd.DataFrame:
    """Return difficulty and corrected point-biserial of every item.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `scored`, `correct`, one row per attempt and item.

    Returns
    -------
    DataFrame
        Index `item_id`; `n` (attempts that had it), `p_value` (proportion correct), `point_biserial`:
        Pearson correlation of the item with the rest score, the proportion correct of the attempt's
        other scored items (Henrysson 1963, Psychometrika 28:211-218; with complete data the same as
        the correlation with the total less the item). Missing where fewer than 3 attempts had the item
        beside another scored one, or either does not vary.

    Raises
    ------
    Invalid
        If a response is not marked.
    """
    codes, items = item_codes(marked)
    rest = rest_scores(marked)
    correct = marked["correct"].to_numpy(dtype=float)
    n = np.bincount(codes, minlength=len(items))
    right = np.bincount(codes, weights=correct, minlength=len(items))
    columns = {"n": n, "p_value": right / n, "point_biserial": correlations(codes, len(items), correct, rest)}
    return pd.DataFrame(columns, index=items)


def item_total_correlations(marked: pd.DataFrame) -> pd.Series:
    """Return the raw item-total correlation of every item: the item is part of the total, which flatters it.

    The total is the proportion correct of the attempt's scored items, the item among them if it is scored.
    With few items use `point_biserial` of `item_statistics` (Henrysson 1963, Psychometrika 28:211-218).

    Parameters
    ----------
    marked : DataFrame
        As for `item_statistics`.

    Returns
    -------
    Series
        Index `item_id`. Missing as `point_biserial` is.
    """
    codes, items = item_codes(marked)
    found = correlations(codes, len(items), marked["correct"].to_numpy(dtype=float), total_scores(marked))
    return pd.Series(found, index=items, name="point_biserial_raw")


def upper_lower_discrimination(marked: pd.DataFrame, *, share: float = EXTREME_SHARE) -> pd.Series:
    """Return the upper-lower discrimination of every item: D = p(upper group) - p(lower group).

    The groups are the `share` of the attempts that had the item with the highest and with the lowest total
    score (proportion correct of the attempt's scored items). Ties: where a group's boundary falls among
    attempts with the same score, each of them counts with the same fraction, so that the group holds
    exactly `share` of the attempts. This is the mean over all ways of breaking the tie.

    Parameters
    ----------
    marked : DataFrame
        As for `item_statistics`.
    share : float
        Above 0 and at most 0.5. Kelley (1939, J. Educ. Psychol. 30:17-24): .27.

    Returns
    -------
    Series
        Index `item_id`, from -1 to 1 (Johnson 1951, J. Educ. Psychol. 42:499-504). Missing where a group
        would hold less than one attempt, or all attempts have the same score.
    """
    if not 0 < share <= 0.5:
        raise Invalid(f"The share of the upper and of the lower group is {share:g}. Give one above 0 and at most 0.5.")
    codes, items = item_codes(marked)
    score = total_scores(marked)
    known = ~np.isnan(score)
    codes, score, correct = codes[known], score[known], marked["correct"].to_numpy(dtype=float)[known]
    place = places(codes, score)
    group = share * place.size
    upper = np.clip((group - (place.size - place.below - place.ties)) / place.ties, 0, 1)
    lower = np.clip((group - place.below) / place.ties, 0, 1)
    n = np.bincount(codes, minlength=len(items))
    differing = np.bincount(codes, weights=place.ties < place.size, minlength=len(items)) > 0
    usable = (share * n >= 1) & differing
    difference = np.bincount(codes, weights=(upper - lower) * correct, minlength=len(items))
    return pd.Series(quotient(difference, share * n, usable), index=items, name="discrimination_upper_lower")


def omission(marked: pd.DataFrame) -> pd.DataFrame:
    """Return how often each item was presented and got no answer.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `answer` (missing or empty: no answer), and `position` in the attempt if known.

    Returns
    -------
    DataFrame
        Index `item_id`; `omission`, the share of the attempts that had the item and gave no answer. With
        `position` also `not_reached`, the share that answered neither it nor anything after it; these are
        part of `omission`, and missing for an item with a response whose position is not known.
    """
    codes, items = item_codes(marked)
    empty = unanswered(marked)
    n = np.bincount(codes, minlength=len(items))
    columns = {"omission": np.bincount(codes, weights=empty, minlength=len(items)) / n}
    if "position" in marked:
        attempt, attempts = pd.factorize(marked["attempt_id"])
        position = marked["position"].to_numpy(dtype=float)
        unknown = np.isnan(position)
        last = np.full(len(attempts), -np.inf)
        answered = ~empty & ~unknown
        np.maximum.at(last, attempt[answered], position[answered])
        not_reached = np.bincount(codes, weights=position > last[attempt], minlength=len(items)) / n
        columns["not_reached"] = np.where(
            np.bincount(codes, weights=unknown, minlength=len(items)), np.nan, not_reached
        )
    return pd.DataFrame(columns, index=items)


def area_summary(area_scores: pd.DataFrame) -> pd.DataFrame:
    """Summarise a cohort per content area.

    Parameters
    ----------
    area_scores : DataFrame
        `content_area`, `score`, `below_standard`, `credits`, one row per attempt and area.

    Returns
    -------
    DataFrame
        Index `content_area`; `n`, `mean` and `sd` of the score (divisor n - 1; missing for one
        attempt), `below_n`, `below_share`, `mean_credits` (over all attempts, also those without any).
    """
    groups = area_scores.groupby("content_area", observed=True, sort=False)
    return pd.DataFrame(
        {
            "n": groups.size(),
            "mean": groups["score"].mean(),
            "sd": groups["score"].std(ddof=1),
            "below_n": groups["below_standard"].sum().astype(int),
            "below_share": groups["below_standard"].mean(),
            "mean_credits": groups["credits"].mean(),
        }
    )


def item_codes(marked: pd.DataFrame) -> tuple[Codes, pd.Index[str]]:
    """Return each row's item as a number, and the items in the order of their ids (an index named `item_id`).

    Raises
    ------
    Invalid
        If a row has no `item_id`.
    """
    codes, items = sorted_codes(marked["item_id"])
    if (codes < 0).any():
        raise Invalid("Some responses have no item_id. Every row needs one.")
    return codes, items.rename("item_id")


def rest_scores(marked: pd.DataFrame) -> Floats:
    """Return each row's rest score: the proportion correct of the attempt's other scored items; NaN without any."""
    right, count, own, scored = _sums(marked)
    others = count - scored
    return quotient(right - own, others, others > 0)


def total_scores(marked: pd.DataFrame) -> Floats:
    """Return each row's total score: the proportion correct of the attempt's scored items; NaN without any."""
    right, count, _, _ = _sums(marked)
    return quotient(right, count, count > 0)


def _sums(marked: pd.DataFrame) -> tuple[Floats, Floats, Floats, Floats]:
    """Return for each row its attempt's right and scored items, and what the row itself adds to each."""
    if marked["correct"].isna().any():
        raise Invalid("Some responses are not marked. Mark them before computing statistics.")
    scored = marked["scored"].to_numpy(dtype=np.float64)
    own: Floats = marked["correct"].to_numpy(dtype=np.float64) * scored
    attempt, _ = pd.factorize(marked["attempt_id"])
    right, count = (np.bincount(attempt, weights=each).astype(np.float64) for each in (own, scored))
    return right[attempt], count[attempt], own, scored


def unanswered(marked: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows have no answer: a missing one or an empty text."""
    codes, answers = sorted_codes(marked["answer"])
    nothing = np.append(answers.astype("str") == "", True)  # the last one stands for a missing answer
    return np.asarray(nothing[codes], dtype=bool)


def correlations(groups: Codes, size: int, x: Floats, y: Floats) -> Floats:
    """Return the Pearson correlation of x and y within each group, over the rows where y is known.

    Parameters
    ----------
    groups : (rows,) array
        The group of each row, from 0 to `size` - 1.
    x, y : (rows,) array
        y may be NaN.

    Returns
    -------
    (size,) array
        NaN where a group has fewer than 3 such rows, or x or y does not vary in it.
    """
    known = ~np.isnan(y)
    groups, x, y = groups[known], x[known], y[known]
    n = np.bincount(groups, minlength=size)
    divisor = np.maximum(n, 1)
    x = x - (np.bincount(groups, weights=x, minlength=size) / divisor)[groups]
    y = y - (np.bincount(groups, weights=y, minlength=size) / divisor)[groups]
    xx, yy, xy = (np.bincount(groups, weights=product, minlength=size) for product in (x * x, y * y, x * y))
    spread = np.sqrt(xx * yy)
    return quotient(xy, spread, (spread > SMALLEST_SPREAD) & (n >= FEWEST))


def quotient(of: npt.ArrayLike, by: npt.ArrayLike, known: npt.NDArray[np.bool_]) -> Floats:
    """Return `of` / `by` where it is known, else NaN."""
    found: Floats = np.divide(of, by, out=np.full(known.shape, np.nan), where=known)
    return found


@dataclass(frozen=True, eq=False, slots=True)
class Places:
    """Where each row stands in its group: how many rows lie below it, have the same value, and are there at all."""

    below: Codes
    ties: Codes
    size: Codes


def places(groups: Codes, values: Floats) -> Places:
    """Return where each row's value stands among those of its group; equal values share a place."""
    order = np.lexsort((values, groups))
    of_group, value = groups[order], values[order]
    new_group = np.concatenate([[True], of_group[1:] != of_group[:-1]]) if len(order) else np.empty(0, dtype=bool)
    new_value = new_group.copy()
    new_value[1:] |= value[1:] != value[:-1]
    first_of_group, size = _runs(new_group)
    first_of_value, ties = _runs(new_value)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return Places((first_of_value - first_of_group)[back], ties[back], size[back])


def _runs(starts: npt.NDArray[np.bool_]) -> tuple[Codes, Codes]:
    """Return for each place where its run began and how long the run is."""
    first = np.flatnonzero(starts)
    length = np.diff(np.append(first, len(starts)))
    run = np.cumsum(starts) - 1
    return first[run], length[run]
