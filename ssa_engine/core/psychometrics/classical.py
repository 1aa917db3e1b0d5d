"""Classical item and area statistics, also where each person saw only some of the items."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ssa_engine.core.errors import Invalid

SMALLEST_SPREAD = 1e-12
"""Below this a column does not vary, and its correlations are unknown."""


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
        the correlation with the total less the item). Missing where n < 3 or either does not vary.
    """
    if marked["correct"].isna().any():
        raise Invalid("Some responses are not marked. Mark them before computing statistics.")
    correct = marked["correct"].to_numpy(dtype=float)
    scored = marked["scored"].to_numpy(dtype=bool)
    attempt, _ = pd.factorize(marked["attempt_id"])
    total = np.bincount(attempt, weights=correct * scored)[attempt]
    count = np.bincount(attempt, weights=scored.astype(float))[attempt]
    others = count - scored
    rest = np.divide(total - correct * scored, others, out=np.full(len(correct), np.nan), where=others > 0)
    frame = pd.DataFrame({"item_id": marked["item_id"].to_numpy(), "correct": correct, "rest": rest})
    groups = frame.groupby("item_id", observed=True, sort=True)
    n = groups.size()
    paired = frame[frame["rest"].notna()]
    means = paired.groupby("item_id", observed=True)[["correct", "rest"]].transform("mean")
    deviations = paired[["correct", "rest"]] - means
    products = pd.DataFrame(
        {
            "item_id": paired["item_id"],
            "xy": deviations["correct"] * deviations["rest"],
            "xx": deviations["correct"] ** 2,
            "yy": deviations["rest"] ** 2,
        }
    )
    sums = products.groupby("item_id", observed=True, sort=True).sum()
    spread = (sums["xx"] * sums["yy"]) ** 0.5
    point_biserial = (sums["xy"] / spread.where(spread > SMALLEST_SPREAD)).where(n >= 3)
    return pd.DataFrame({"n": n, "p_value": groups["correct"].mean(), "point_biserial": point_biserial})


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
