"""One item in depth: its empirical curve beside the model's, its history, and the times it took."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.psychometrics.classical.item_statistics import item_codes, item_statistics, places, rest_scores
from ssa_engine.core.psychometrics.fairness.groups import wilson_interval
from ssa_engine.core.psychometrics.irt.abilities import abilities
from ssa_engine.core.psychometrics.irt.bank_scale import usable
from ssa_engine.core.psychometrics.irt.models import probability
from ssa_engine.core.psychometrics.matrix import response_matrix

Floats = npt.NDArray[np.float64]

GROUPS = 8
"""Score groups of an empirical curve."""
CURVE = np.linspace(-4.0, 4.0, 81)
"""Where a model's curve is drawn, in theta."""
PERCENTILES = (10, 25, 50, 75, 90)
BINS = 12
"""Of a histogram of times."""


def empirical_curve(place: Floats, correct: npt.NDArray[np.bool_], *, groups: int = GROUPS) -> pd.DataFrame:
    """Return the proportion correct by groups of equal size along an ability or a score.

    Ties stay together, in the group in which their mean rank lies, as in `option_traces`; an empty group has no row.

    Parameters
    ----------
    place : array (N,)
        Where each attempt stands; missing ones are left out.
    correct : bool array (N,)
        Whether the attempt has the item right.
    groups : int
        How many.

    Returns
    -------
    DataFrame
        `group` (1 is the lowest), `low`, `high`, `mean` of the place, `attempts`, `correct`, `share` and the ends
        `share_low`, `share_high` of its 95 % interval (Wilson 1927, J. Am. Stat. Assoc. 22:209-212).
    """
    known = ~np.isnan(place)
    place, correct = place[known], correct[known]
    stand = places(np.zeros(len(place), dtype=np.intp), place)
    rank = (stand.below + stand.ties / 2) / np.maximum(stand.size, 1) * groups
    group = np.minimum(rank, groups - 1).astype(np.intp) + 1
    frame = pd.DataFrame({"group": group, "place": place, "correct": correct}).groupby("group")
    table = pd.DataFrame(
        {
            "low": frame["place"].min(),
            "high": frame["place"].max(),
            "mean": frame["place"].mean(),
            "attempts": frame.size(),
            "correct": frame["correct"].sum().astype(int),
        }
    )
    share, low, high = wilson_interval(table["correct"], table["attempts"], 0.95)
    return table.assign(share=share, share_low=low, share_high=high).reset_index()


def by_rest_score(marked: pd.DataFrame, item_id: str) -> pd.DataFrame:
    """Return the empirical curve of an item along the rest score, the proportion correct of the other scored items."""
    own = (marked["item_id"] == item_id).to_numpy()
    correct = marked["correct"].to_numpy(dtype=bool)
    return empirical_curve(rest_scores(marked)[own], correct[own])


def by_ability(marked: pd.DataFrame, item_id: str, items: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Return the empirical curve of an item along theta, and the model's curve; None where it has no parameters.

    Theta is the EAP from the attempt's other items that have parameters, so that the item does not rank its own
    answers. EAPs lie closer together than abilities, so a sound item may look a little steeper than its curve.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `correct`.
    items : DataFrame
        Index `item_id`; `a`, `b`, missing where unknown.

    Returns
    -------
    (DataFrame, DataFrame) or None
        As `empirical_curve`; and `theta`, `probability`.
    """
    calibrated = items.loc[usable(items), ["a", "b"]].astype(float)
    if item_id not in calibrated.index or len(calibrated) < 2:
        return None
    curve = pd.DataFrame({"theta": CURVE, "probability": probability(CURVE, calibrated.loc[[item_id]])[:, 0]})
    own = marked[marked["item_id"] == item_id]
    others = marked[
        marked["item_id"].isin(calibrated.index.drop(item_id)) & marked["attempt_id"].isin(own["attempt_id"])
    ]
    if not len(own) or not len(others):
        return empirical_curve(np.empty(0), np.empty(0, dtype=bool)), curve
    theta = abilities(response_matrix(others), calibrated)["theta"].reindex(own["attempt_id"]).to_numpy(dtype=float)
    return empirical_curve(theta, own["correct"].to_numpy(dtype=bool)), curve


def item_history(marked: pd.DataFrame, period: pd.Series) -> pd.DataFrame:
    """Return n, proportion correct and point-biserial of every item in every period (or bank version).

    Parameters
    ----------
    marked : DataFrame
        As for `item_statistics`.
    period : Series
        The period of each row, the same for all rows of an attempt.

    Returns
    -------
    DataFrame
        `item_id`, `period`, and the columns of `item_statistics`, the point-biserial among the attempts of the period;
        periods in their order.
    """
    codes, items = item_codes(marked)
    numbers, periods = pd.factorize(period, sort=True)
    found = item_statistics(marked.assign(item_id=codes * len(periods) + numbers))
    both = found.index.to_numpy()
    named = {"item_id": items[both // len(periods)], "period": periods[both % len(periods)]}
    return pd.DataFrame(named).join(found.reset_index(drop=True))


def time_table(seconds: Floats, correct: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Return percentiles of the time on an item, a row each for all answers, right ones and others.

    Returns
    -------
    DataFrame
        `answers` (`all`, `right`, `other`), `n` times known, `mean`, `p10`, `p25`, `p50`, `p75`, `p90`, in seconds, by
        linear interpolation; missing where no time is known.
    """
    known = ~np.isnan(seconds)
    rows = []
    for name, which in (("all", known), ("right", known & correct), ("other", known & ~correct)):
        own = seconds[which]
        row: dict[str, object] = {"answers": name, "n": len(own), "mean": own.mean() if len(own) else np.nan}
        values = np.percentile(own, PERCENTILES) if len(own) else np.full(len(PERCENTILES), np.nan)
        rows.append(row | {f"p{at}": value for at, value in zip(PERCENTILES, values, strict=True)})
    return pd.DataFrame(rows)


def time_histogram(seconds: Floats, *, bins: int = BINS) -> pd.DataFrame:
    """Return how many answers took how long: `from_seconds`, `to_seconds`, `n`; the last bin holds all longer ones.

    Bins are of one width, a whole number of seconds, so that 98 % of the times lie before the last one's end.
    """
    known = seconds[~np.isnan(seconds)]
    if not len(known):
        return pd.DataFrame({"from_seconds": [], "to_seconds": [], "n": []}).astype({"n": int})
    width = max(1, int(np.ceil(np.percentile(known, 98) / bins)))
    place = np.minimum((known / width).astype(int), bins - 1)
    start = np.arange(bins) * float(width)
    end = start + width
    end[-1] = max(end[-1], np.ceil(known.max()))
    return pd.DataFrame({"from_seconds": start, "to_seconds": end, "n": np.bincount(place, minlength=bins)})
