"""Scoring: marked responses in, one row per attempt and content area out. The same for one attempt and a million."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import Policy, TrueScorePrior
from ssa_engine.core.score_models import below_by_counts

TOLERANCE = 1e-9
"""Standards are decimal proportions in binary floats: 0.7 of 10 items is 7 items, not 8."""

AREA_SCORE_COLUMNS = (
    "attempt_id",
    "content_area",
    "items",
    "correct",
    "points",
    "score",
    "score_se",
    "standard",
    "gap",
    "below_standard",
    "probability_below",
)


def score_areas(marked: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Score marked responses per attempt and content area.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `content_area`, `scored`, `correct`, as `marking.mark` returns them; without `credit` an item
        earns all or nothing.
    policy : Policy
        Gives each area's standard as a proportion of the items the attempt had in it.

    Returns
    -------
    DataFrame
        One row per attempt and area with at least one scored item, sorted by attempt and then in the
        order of `policy.standards`. `correct` counts the items that earned all, `points` adds up what was
        earned, and `score` is points / items; `score_se` its standard error under binomial error,
        sqrt(x (n - x) / (n - 1)) / n for x of n points (Lord 1957, Educ. Psychol. Meas. 17:510-521; with
        partial credit an upper bound), missing where n = 1; `gap` how far the score lies below the standard, else 0;
        `probability_below` the posterior probability that the true area score is below the standard
        given a Beta(alpha, beta) prior (Novick & Jackson 1974): I_standard(x + alpha, n - x + beta).

    Raises
    ------
    Invalid
        If an area has no standard or a mark is missing.
    """
    if marked["correct"].isna().any():
        raise Invalid("Some responses are not marked. Mark them before scoring.")
    scored = marked["scored"].to_numpy(dtype=bool)
    ids = marked["attempt_id"]
    if isinstance(ids.dtype, pd.CategoricalDtype):  # sorted as ids are, and not as their categories happen to stand
        ids = ids.astype(ids.cat.categories.dtype)
    attempts, attempt_ids = pd.factorize(ids, sort=True)
    areas, area_ids = area_codes(marked["content_area"], policy)
    cells = attempts.astype(np.int64) * len(area_ids) + areas
    size = len(attempt_ids) * len(area_ids)
    items = np.bincount(cells[scored], minlength=size)
    correct = np.bincount(cells[scored & marked["correct"].to_numpy(dtype=bool)], minlength=size)
    points = correct.astype(float)
    if "credit" in marked:
        points = np.bincount(cells[scored], weights=marked["credit"].to_numpy(dtype=float)[scored], minlength=size)
    seen = np.flatnonzero(items)
    return area_frame(
        attempt_id=np.asarray(attempt_ids)[seen // len(area_ids)],
        content_area=pd.Categorical.from_codes(seen % len(area_ids), categories=pd.Index(area_ids)),
        items=items[seen],
        correct=correct[seen],
        points=np.round(points[seen], 10),
        standard=np.array([policy.standards[area] for area in area_ids])[seen % len(area_ids)],
        prior=policy.true_score_prior,
    )


def area_codes(content_area: pd.Series, policy: Policy) -> tuple[npt.NDArray[np.intp], list[str]]:
    """Number the areas in the order of the policy's standards."""
    area_ids = list(policy.standards)
    named = content_area.astype("category").cat.remove_unused_categories()
    unknown = [str(area) for area in named.cat.categories if area not in policy.standards]
    if unknown or named.isna().any():
        raise Invalid(f"The policy has no standard for: {', '.join(unknown) or 'rows without a content area'}.")
    lookup = pd.Index(area_ids).get_indexer(named.cat.categories)
    return lookup[named.cat.codes.to_numpy()], area_ids


def area_frame(
    *,
    attempt_id: Sequence[object] | npt.NDArray[np.generic],
    content_area: pd.Categorical[str],
    items: npt.NDArray[np.int64],
    correct: npt.NDArray[np.int64],
    points: npt.NDArray[np.float64],
    standard: npt.NDArray[np.float64],
    prior: TrueScorePrior,
) -> pd.DataFrame:
    """Compute the score columns from counts (all arrays of one length, one entry per attempt and area)."""
    score = points / items
    with np.errstate(divide="ignore", invalid="ignore"):
        score_se = np.where(items > 1, np.sqrt(points * (items - points) / (items - 1)) / items, np.nan)
    below = points < standard * items - TOLERANCE
    return pd.DataFrame(
        {
            "attempt_id": attempt_id,
            "content_area": content_area,
            "items": items,
            "correct": correct,
            "points": points,
            "score": score,
            "score_se": score_se,
            "standard": standard,
            "gap": np.where(below, np.round(standard - score, 10), 0.0),
            "below_standard": below,
            "probability_below": below_by_counts(points, items, standard, prior),
        },
        columns=list(AREA_SCORE_COLUMNS),
    )


def items_needed(standard: npt.NDArray[np.float64], items: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the least number correct that meets the standard: the proportion times items, rounded up."""
    return np.ceil(standard * items - TOLERANCE).astype(np.int64)


def needed(standard: float, items: int) -> int:
    """Return the least number correct of so many items that meets a standard."""
    return int(items_needed(np.array([standard]), np.array([items]))[0])


def standard_beside(points: float, *, standard: float, items: int) -> float:
    """Return a standard in questions, as it is shown beside the points of an area.

    Whole points meet it where they reach the next whole question, so that is the number to show. Points with a part of
    a question are compared with the proportion times items itself.
    """
    exact = standard * items
    return float(np.ceil(exact - TOLERANCE)) if float(points).is_integer() else exact


def standards_in_items(policy: Policy, counts: Mapping[str, int]) -> dict[str, int]:
    """Return area -> number correct that meets the standard, for `counts` items per area."""
    return {area: needed(policy.standards[area], items) for area, items in counts.items()}
