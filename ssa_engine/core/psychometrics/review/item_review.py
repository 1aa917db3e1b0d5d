"""The table of an item review: every item of a bank with all that its responses show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.classical.distractors import DISTRACTOR, KEY, OTHERS, option_traces
from ssa_engine.core.psychometrics.classical.item_statistics import (
    item_codes,
    item_statistics,
    omission,
    upper_lower_discrimination,
)
from ssa_engine.core.psychometrics.fairness.dif import mantel_haenszel_dif
from ssa_engine.core.psychometrics.fairness.groups import two_groups
from ssa_engine.core.psychometrics.health.bank import p_value_drift
from ssa_engine.core.psychometrics.health.health_tables import rapid_tables
from ssa_engine.core.psychometrics.irt.bank_scale import usable
from ssa_engine.core.psychometrics.irt.item_fit import item_fit
from ssa_engine.core.psychometrics.matrix import response_matrix, sorted_codes
from ssa_engine.core.text import say

FIGURES = (
    *("p_value", "point_biserial", "discrimination_upper_lower", "omission", "not_reached", "exposure"),
    *("median_seconds", "rapid_share", "infit", "outfit", "rival_share", "key_share"),
)
"""Columns of `review_items` beside `n`, in order."""
DRIFT = {
    "n_before": "drift_n_before", "p_before": "drift_p_before", "n_after": "drift_n_after", "p_after": "drift_p_after",
    "change": "drift_change", "z": "drift_z", "robust_z": "drift_robust_z", "note": "drift_note",
}  # fmt: skip
DIF = ("n_reference", "n_focal", "delta", "delta_se", "ets_class", "std_p_diff", "note")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The two groups that differential item functioning compares: those with the most attempts, the larger first."""

    reference: str
    focal: str


def largest_groups(groups: pd.Series) -> Comparison:
    """Return the two groups with the most attempts, of equal ones the earlier by name; the smaller is the focal one.

    Parameters
    ----------
    groups : Series
        Index attempt_id; the group, missing where unknown.

    Raises
    ------
    Invalid
        If there are fewer than two groups.
    """
    sizes = groups.dropna().astype(str).value_counts().sort_index()
    largest = sizes.sort_values(ascending=False, kind="stable").index[:2]
    if len(largest) < 2:
        raise Invalid(say("There are fewer than two groups with attempts, so there is nothing to compare."))
    return Comparison(str(largest[0]), str(largest[1]))


def review_items(marked: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Return the statistics of every item, without those that compare groups or periods.

    Parameters
    ----------
    marked : DataFrame
        Marked responses of submitted attempts: `attempt_id`, `item_id`, `scored`, `correct`, `answer`, `position`,
        `seconds`. May be empty.
    items : DataFrame
        Index `item_id`; `a`, `b` (missing where unknown) and what else is to be carried along.

    Returns
    -------
    DataFrame
        `items` and: `n`, `p_value`, `point_biserial` (`item_statistics`), `discrimination_upper_lower`, `omission`,
        `not_reached`, `exposure` (share of the attempts that had it), `median_seconds`, `rapid_share`
        (`health.sittings.rapid_thresholds`), `infit`, `outfit` at the EAP where `a` and `b` are known, `rival_share`
        and `key_share`: in the highest of five score groups the share of the commonest other answer and of the key.
    """
    names = list(FIGURES)
    if not len(marked):
        return items.assign(n=0, **dict.fromkeys(names, np.nan))
    found = items.join(item_statistics(marked))
    found["n"] = found["n"].fillna(0).astype(int)
    found["discrimination_upper_lower"] = upper_lower_discrimination(marked)
    found = found.join(omission(marked))
    found["exposure"] = found["n"] / marked["attempt_id"].nunique()
    codes, named = item_codes(marked)
    found["median_seconds"] = pd.Series(marked["seconds"].to_numpy(dtype=float)).groupby(codes).median().set_axis(named)
    found["rapid_share"] = _rapid_share(marked)
    found = found.join(_fit(marked, items)).join(_highest_group(marked))
    return found[[*items.columns, "n", *names]]


def _rapid_share(marked: pd.DataFrame) -> pd.Series:
    if not marked["seconds"].notna().any():
        return pd.Series(dtype=float)
    _, by_item = rapid_tables(marked[["attempt_id", "item_id", "seconds"]])
    return by_item.set_index("item_id")["share_rapid"]


def _fit(marked: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Return infit and outfit of the items that have parameters."""
    calibrated = items.index[usable(items)]
    own = marked[marked["item_id"].isin(calibrated)]
    if not len(own):
        return pd.DataFrame({"infit": pd.Series(dtype=float), "outfit": pd.Series(dtype=float)})
    return item_fit(response_matrix(own), items.loc[calibrated, ["a", "b"]].astype(float))[["infit", "outfit"]]


def _highest_group(marked: pd.DataFrame) -> pd.DataFrame:
    """Return, among those with the highest rest scores, the shares of the key and of the commonest other answer."""
    traces = option_traces(marked)
    highest = traces[traces["group"] == traces.groupby("item_id")["group"].transform("max")]
    rivals = highest[(highest["kind"] == DISTRACTOR) & (highest["option"] != OTHERS)]
    keys = highest[highest["kind"] == KEY]
    shares = {
        "rival_share": rivals.groupby("item_id")["share"].max(),
        "key_share": keys.groupby("item_id")["share"].sum(),
    }
    return pd.DataFrame(shares)


def compare_groups(marked: pd.DataFrame, groups: pd.Series, comparison: Comparison) -> pd.DataFrame:
    """Return Mantel–Haenszel DIF of every item between two groups; pilots are not in the matching score.

    Returns
    -------
    DataFrame
        Index `item_id`; `n_reference`, `n_focal`, `delta`, `delta_se`, `ets_class`, `std_p_diff`, `note` of
        `mantel_haenszel_dif`.

    Raises
    ------
    Invalid
        If one of the two has no attempt, or no item is scored.
    """
    responses, focal = two_groups(response_matrix(marked), groups, comparison.focal, comparison.reference)
    _, scored = sorted_codes(marked.loc[marked["scored"].to_numpy(dtype=bool), "item_id"])
    return mantel_haenszel_dif(responses, focal, anchors=responses.items.isin(scored))[list(DIF)]


def compare_periods(marked: pd.DataFrame, later: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Return how the proportion correct of every item changed, by `p_value_drift`, its columns named `drift_…`.

    Parameters
    ----------
    marked : DataFrame
        `item_id`, `correct`.
    later : bool array, one per row
        Which responses belong to the later period.

    Raises
    ------
    Invalid
        If one of the periods has no response.
    """
    before, after = (marked.loc[which, ["item_id", "correct"]] for which in (~later, later))
    return p_value_drift(before, after)[list(DRIFT)].rename(columns=DRIFT)
