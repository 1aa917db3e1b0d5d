"""Standard setting by judges who look at items: modified Angoff in rounds, and bookmark."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt.models import probability
from ssa_engine.core.psychometrics.panels.agreement import generalizability
from ssa_engine.core.psychometrics.panels.judge_cuts import judge_cuts
from ssa_engine.core.psychometrics.panels.rounds import (
    Cut,
    PanelCut,
    judge_rows,
    panel_cut,
    rounds_judged,
    spread_of,
    with_changes,
)

Placement = Literal["at", "before", "between"]
Centre = Literal["mean", "median"]
PLACED: dict[Placement, str] = {
    "at": "the item named",
    "before": "the item before the one named",
    "between": "half-way from the item before to the one named",
}


def rating_matrix(ratings: pd.DataFrame, round_number: int) -> pd.DataFrame:
    """Return one round's ratings as judges × items, missing where a judge did not rate an item.

    Judges of any round are rows, so that one who is missing here is seen to be.
    """
    own = ratings[ratings["round"] == round_number]
    matrix = own.set_index(["judge", "item_id"])["rating"].unstack("item_id")  # noqa: PD010 - an aggregate would hide a double
    return matrix.reindex(pd.Index(ratings["judge"].drop_duplicates(), name="judge"))


def angoff(ratings: pd.DataFrame, *, round_number: int | None = None, confidence: float = 0.95) -> PanelCut:
    """Return the cut of a modified Angoff panel.

    Parameters
    ----------
    ratings : DataFrame
        `judge`, `item_id`, `rating` (the proportion of borderline candidates who have the item right, 0 to 1; missing
        where not rated), `round` (from 1), one row for each.
    round_number : int, optional
        The round that counts; otherwise the last.
    confidence : float
        Of the interval.

    Returns
    -------
    PanelCut
        The cut is the mean over items of the item's mean rating (Angoff 1971, in Thorndike, Educational Measurement,
        2nd ed., 508-600), which is the mean of the judges' mean ratings; where ratings are missing, as of `judge_cuts`.
        SE = SD of the judges' cuts / sqrt(judges), with nothing missing the generalizability error over judges with
        these items; its interval is of Student's t. There is none, and a note says why, where judges are in groups
        that share no item. `se_judges_and_items` of a round also lets the items vary (Brennan & Lockwood 1980).

    Raises
    ------
    Invalid
        If nothing is rated, a rating lies outside 0 to 1, or there is no such round.
    """
    numbers, chosen = rounds_judged(ratings, "rating", round_number)
    outside = ratings[(ratings["rating"] < 0) | (ratings["rating"] > 1)]
    if len(outside):
        first = outside.iloc[0]
        raise Invalid(
            f"Judge '{first['judge']}' rated item '{first['item_id']}' {first['rating']:g}. Ratings are proportions "
            "from 0 to 1; declare them as percentages if that is what they are."
        )
    rows, judges = [], []
    matrices = {number: rating_matrix(ratings, number) for number in numbers}
    cuts = {number: judge_cuts(matrix) for number, matrix in matrices.items()}
    for number, made in cuts.items():
        matrix = matrices[number]
        spread = spread_of(made.cut, made.judges, comparable=made.comparable)
        rows.append({"round": number, "items": matrix.notna().any().sum(), **spread, "note": made.note})
        rows[-1]["se_judges_and_items"] = _generalized(matrix)
        judges.append(judge_rows(number, made.judges, {"items": matrix.notna().sum(axis=1)}))
    steps = [_mean_step(matrices[a], matrices[b]) for a, b in pairwise(numbers)]
    found, by_judge = with_changes(pd.DataFrame(rows), pd.concat(judges, ignore_index=True), steps)
    last = found.loc[[chosen]].iloc[0]
    cut = panel_cut("angoff", cuts[chosen].convention, last, confidence=confidence, rounds=len(numbers))
    return PanelCut(cut, found, by_judge)


def _mean_step(before: pd.DataFrame, after: pd.DataFrame) -> float:
    """Return the mean absolute change of the ratings that are in both rounds."""
    changes = (after - before).abs().to_numpy(dtype=float)
    return float(changes[np.isfinite(changes)].mean()) if np.isfinite(changes).any() else np.nan


def _generalized(matrix: pd.DataFrame) -> float:
    try:
        study = generalizability(matrix)
    except Invalid:
        return np.nan
    return float(study.decision_study([study.judges])["se_judges_and_items"].iloc[0])


def response_locations(items: pd.DataFrame, response_probability: float) -> pd.Series:
    """Return the theta at which each item is answered right with that probability, easiest first.

    theta = b + ln((RP - c) / (1 - RP)) / a; missing, at the end, where no theta has it (c at or above RP, a not above
    0). Index `item_id`.
    """
    if not 0 < response_probability < 1:
        raise Invalid("The response probability lies between 0 and 1; usual are 0.67 and 0.50.")
    c = items["c"].fillna(0.0) if "c" in items else pd.Series(0.0, index=items.index)
    above = (response_probability - c).where((response_probability > c) & (items["a"] > 0))
    theta = items["b"] + np.log(above / (1 - response_probability)) / items["a"].where(items["a"] > 0)
    named = pd.Series(theta.to_numpy(dtype=float), index=items.index.map(_as_text).rename("item_id"), name="theta")
    return named.sort_index().sort_values(kind="stable")


def bookmark(
    bookmarks: pd.DataFrame,
    items: pd.DataFrame,
    *,
    response_probability: float = 0.67,
    placement: Placement = "at",
    centre: Centre = "mean",
    round_number: int | None = None,
    confidence: float = 0.95,
) -> PanelCut:
    """Return the cut of a bookmark panel.

    Parameters
    ----------
    bookmarks : DataFrame
        `judge`, `page_item_id` (missing where none was set), `round`, one row for each judge and round.
    items : DataFrame
        Index `item_id`; `a`, `b` and perhaps `c`: the items of the booklet.
    response_probability : float
        With which a borderline candidate is to have an item right that lies at the cut; no correction for guessing.
    placement : 'at', 'before', 'between'
        A judge's theta is the location of the item named, of the one before it in the booklet, or half-way
        (the first item of the booklet stands for itself).
    centre : 'mean', 'median'
        Of the judges' thetas.
    round_number : int, optional
        The round that counts; otherwise the last.

    Returns
    -------
    PanelCut
        Items stand in the order of their locations (`response_locations`); the cut is the expected proportion right at
        the panel's theta, the test characteristic curve (Mitzel, Lewis, Patz & Green 2001, in Cizek, Setting
        Performance Standards, 249-281). SE of theta = SD / sqrt(judges), times sqrt(pi / 2) for the median (normal
        judges); of the cut by the slope of the curve there. The interval is that of theta, carried through the curve.

    Raises
    ------
    Invalid
        If no bookmark is set, an item has no parameters or no location, or there is no such round.
    """
    numbers, chosen = rounds_judged(bookmarks, "page_item_id", round_number)
    locations = response_locations(items, response_probability)
    thetas = _bookmark_thetas(bookmarks, locations, placement)
    middle = np.mean if centre == "mean" else np.median
    factor = 1.0 if centre == "mean" else float(np.sqrt(np.pi / 2))
    rows, judges = [], []
    for number in numbers:
        theta = thetas[number]
        there = theta.dropna().to_numpy(dtype=float)
        row = spread_of(float(middle(there)), theta)
        rows.append({"round": number, "items": len(items), **row, "theta": row["cut"], "theta_se": row["se"] * factor})
        cuts = pd.Series(_expected(theta.to_numpy(dtype=float), items), index=theta.index)
        judges.append(judge_rows(number, cuts, {"items": theta.notna() * len(items), "theta": theta}))
    steps = [float((thetas[b] - thetas[a]).abs().mean()) for a, b in pairwise(numbers)]
    by_round = pd.DataFrame(rows)
    by_round["cut"] = _expected(by_round["theta"].to_numpy(), items)
    by_round["se"] = _slope(by_round["theta"].to_numpy(), items) * by_round["theta_se"]
    by_judge = pd.concat(judges, ignore_index=True)
    by_round["sd"] = by_judge.groupby("round")["cut"].std(ddof=1).reindex(numbers).to_numpy()
    found, by_judge = with_changes(by_round, by_judge, steps)
    convention = f"RP {response_probability:g}, location of {PLACED[placement]}, {centre} over judges"
    last = found.loc[[chosen]].iloc[0]
    cut = panel_cut("bookmark", convention, last, confidence=confidence, rounds=len(numbers))
    return PanelCut(_through_the_curve(cut, last, items, confidence), found, by_judge)


def _bookmark_thetas(bookmarks: pd.DataFrame, locations: pd.Series, placement: Placement) -> dict[int, pd.Series]:
    """Return round -> each judge's theta, missing where no bookmark was set."""
    pages = bookmarks["page_item_id"].map(_as_text, na_action="ignore")
    named = pages.dropna()
    unknown = sorted(set(named) - set(locations.index))
    if unknown:
        raise Invalid(f"There are no parameters of these bookmarked items: {', '.join(unknown[:10])}. Add them.")
    nowhere = sorted(set(named) & set(locations.index[locations.isna()]))
    if nowhere:
        raise Invalid(
            f"No ability has the response probability on these bookmarked items: {', '.join(nowhere[:10])}. Their "
            "guessing is too high, or their a is not above 0."
        )
    before = locations.shift(1).fillna(locations)
    used = {"at": locations, "before": before, "between": (locations + before) / 2}[placement]
    judges = pd.Index(bookmarks["judge"].drop_duplicates(), name="judge")
    at = bookmarks.assign(theta=pages.map(used).astype(float))
    numbers = [int(number) for number in at["round"].unique()]
    return {number: at[at["round"] == number].set_index("judge")["theta"].reindex(judges) for number in numbers}


def _as_text(item: object) -> str:
    """Return an item's name; a whole number is what is left of it where a column of numbers has gaps."""
    return str(int(item)) if isinstance(item, float) and item.is_integer() else str(item)


def _expected(theta: npt.NDArray[np.float64], items: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return the expected proportion right: the test characteristic curve over the number of items."""
    return np.asarray(probability(theta, items).mean(axis=1))


def _slope(theta: npt.NDArray[np.float64], items: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return the slope of the expected proportion: the mean of a (P - c)(1 - P) / (1 - c)."""
    p = probability(theta, items)
    c = items["c"].fillna(0.0).to_numpy(dtype=float) if "c" in items else 0.0
    return np.asarray((items["a"].to_numpy(dtype=float) * (p - c) * (1 - p) / (1 - c)).mean(axis=1))


def _through_the_curve(cut: Cut, row: pd.Series, items: pd.DataFrame, confidence: float) -> Cut:
    """Return the cut with the interval of theta carried through the curve."""
    if cut.se is None:
        return cut
    reach = float(stats.t.ppf((1 + confidence) / 2, cut.judges - 1)) * float(row["theta_se"])
    low, high = _expected(float(row["theta"]) + np.array([-reach, reach]), items)
    return replace(cut, low=float(low), high=float(high))
