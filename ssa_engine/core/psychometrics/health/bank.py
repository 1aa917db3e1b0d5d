"""The health of the bank: how often items are seen, what forms share, and items whose difficulty drifts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.matrix import sorted_codes
from ssa_engine.core.text import say

Floats = npt.NDArray[np.float64]

UNSTABLE = 1.645
"""A robust z beyond this marks an item as unstable (Huynh & Meyer 2010, at .10 two-sided)."""
IQR_TO_SD = 0.74
"""The interquartile range of a normal variable, times this, is its SD."""
TOO_FEW_FOR_ROBUST_Z = 4


def item_exposure(seen: pd.DataFrame, items: Sequence[str] | None = None) -> pd.DataFrame:
    """Return how many attempts saw each item.

    Parameters
    ----------
    seen : DataFrame
        `attempt_id`, `item_id`, one row per attempt and item presented (more rows of the same count once).
    items : sequence of str
        The whole bank, so that items nobody saw are listed as well; without it, the items seen.

    Returns
    -------
    DataFrame
        Index `item_id`; `n` (attempts that saw it), `exposure_rate` = n / attempts.

    Raises
    ------
    Invalid
        If there is no attempt.
    """
    pairs = _pairs(seen, "attempt_id")
    counts = pairs.groupby("item_id", observed=True)["attempt_id"].size().sort_index()
    if items is not None:
        counts = counts.reindex(pd.Index(list(dict.fromkeys(items))), fill_value=0)
    attempts = pairs["attempt_id"].nunique()
    return pd.DataFrame({"n": counts.astype(int), "exposure_rate": counts / attempts}).rename_axis("item_id")


def average_overlap(seen: pd.DataFrame, by: str = "attempt_id") -> float:
    """Return the expected share of items that two attempts drawn at random have in common.

    Σ m_j (m_j − 1) / (k N (N − 1)) over items seen by m_j of N attempts, k the mean number of items of an attempt: the
    mean, over all pairs, of the items shared, over k (Chen, Ankenmann & Spray 2003, J. Educ. Meas. 40:129-145, where
    all attempts have the same length). With `by` another column, such as `form_id`, the same of forms.

    Raises
    ------
    Invalid
        If there are fewer than two attempts.
    """
    pairs = _pairs(seen, by)
    n = pairs[by].nunique()
    if n < 2:
        raise Invalid("Overlap compares attempts or forms in pairs, and there is only one. Give at least two.")
    m = pairs.groupby("item_id", observed=True)[by].size().to_numpy(dtype=float)
    return float((m * (m - 1)).sum() / (len(pairs) / n * n * (n - 1)))


def form_overlap(forms: pd.DataFrame) -> pd.DataFrame:
    """Return how many items every two forms share.

    Parameters
    ----------
    forms : DataFrame
        `form_id`, `item_id`.

    Returns
    -------
    DataFrame
        One row per pair: `form_a`, `form_b`, `shared` items, `share` of the shorter form's items.

    Raises
    ------
    Invalid
        If there is no form.
    """
    pairs = _pairs(forms, "form_id")
    form, form_ids = pd.factorize(pairs["form_id"], sort=True)
    item, item_ids = pd.factorize(pairs["item_id"])
    has = np.zeros((len(form_ids), len(item_ids)), dtype=np.float32)
    has[form, item] = 1
    shared = np.rint(has @ has.T).astype(np.int64)
    first, second = np.triu_indices(len(form_ids), 1)
    length = np.diag(shared)
    both = shared[first, second]
    return pd.DataFrame(
        {
            "form_a": np.asarray(form_ids)[first],
            "form_b": np.asarray(form_ids)[second],
            "shared": both,
            "share": both / np.minimum(length[first], length[second]),
        }
    )


def _pairs(seen: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return each pair of `by` and `item_id` once."""
    if not len(seen):
        raise Invalid("There are no responses. Give at least one attempt with one item.")
    return seen[[by, "item_id"]].drop_duplicates()


def p_value_drift(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Compare the proportion correct of items between two periods.

    Parameters
    ----------
    before, after : DataFrame
        Marked responses of each period: `item_id`, `correct`.

    Returns
    -------
    DataFrame
        Index `item_id` (of either period); `n_before`, `p_before`, `n_after`, `p_after`, `change` (after less before);
        `z` = change / √(p(1−p)(1/n₁ + 1/n₂)), p pooled, and two-sided `z_p`; Cohen's `h` = 2 asin√p₂ − 2 asin√p₁
        (Cohen 1988, Statistical Power Analysis, ch. 6); `robust_z` of the change in logit p (`robust_z`; half an answer
        added to right and wrong ones, so that 0 and 1 have logits): how an item moved beside the others, whatever the
        two groups' abilities; `unstable`, |robust_z| above 1.645; `note`.

    Raises
    ------
    Invalid
        If a period has no response or one that is not marked.
    """
    periods = [_right_and_n(period) for period in (before, after)]
    items = periods[0].index.union(periods[1].index)
    (x1, n1), (x2, n2) = (
        (
            period["right"].reindex(items, fill_value=0).to_numpy(dtype=float),
            period["n"].reindex(items, fill_value=0).to_numpy(dtype=float),
        )
        for period in periods
    )
    both = (n1 > 0) & (n2 > 0)
    p1, p2 = _ratio(x1, n1), _ratio(x2, n2)
    pooled = _ratio(x1 + x2, n1 + n2)
    error = np.sqrt(np.where(both, pooled * (1 - pooled), 0.0) * (1 / np.maximum(n1, 1) + 1 / np.maximum(n2, 1)))
    z = _ratio(p2 - p1, error)
    logit = np.where(both, _logit(x2, n2) - _logit(x1, n1), np.nan)
    robust = robust_z(logit)
    notes = np.select(
        [n1 == 0, n2 == 0, error == 0],
        [
            "Nobody had this item in the earlier period.",
            "Nobody had this item in the later period.",
            "All answers of both periods are alike, so there is no z.",
        ],
        default="",
    )
    table = {"n_before": n1.astype(int), "p_before": p1, "n_after": n2.astype(int), "p_after": p2, "change": p2 - p1}
    table |= {"z": z, "z_p": 2 * norm.sf(np.abs(z)), "h": 2 * np.arcsin(np.sqrt(p2)) - 2 * np.arcsin(np.sqrt(p1))}
    table |= {"robust_z": robust, "unstable": np.abs(robust) > UNSTABLE, "note": _with_robust(notes, logit, robust)}
    return pd.DataFrame(table, index=items.rename("item_id"))


def difficulty_drift(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Compare the difficulty parameters of items between two calibrations on one scale.

    Parameters
    ----------
    before, after : DataFrame
        Index `item_id`; `b`, and `b_se` where it is known.

    Returns
    -------
    DataFrame
        Index `item_id` (in both); `b_before`, `b_after`, `change`; `z` = change / √(SE₁² + SE₂²), missing without the
        SEs; `robust_z`, which a shift of the whole scale does not touch; `unstable`, |robust_z| above 1.645; `note`.

    Raises
    ------
    Invalid
        If the two share no item.
    """
    items = before.index.intersection(after.index)
    if not len(items):
        raise Invalid("The two calibrations share no item, so no change can be told. Give some of the same items.")
    b1, b2 = (frame.loc[items, "b"].to_numpy(dtype=float) for frame in (before, after))
    variance = np.full(len(items), np.nan)
    if "b_se" in before and "b_se" in after:
        variance = sum(frame.loc[items, "b_se"].to_numpy(dtype=float) ** 2 for frame in (before, after))
    robust = robust_z(b2 - b1)
    notes = np.where(np.isnan(b2 - b1), "One of the difficulties is missing.", "")
    return pd.DataFrame(
        {
            "b_before": b1,
            "b_after": b2,
            "change": b2 - b1,
            "z": _ratio(b2 - b1, np.sqrt(variance)),
            "robust_z": robust,
            "unstable": np.abs(robust) > UNSTABLE,
            "note": _with_robust(notes, b2 - b1, robust),
        },
        index=items.rename("item_id"),
    )


def robust_z(change: Floats) -> Floats:
    """Return (change − median) / (.74 IQR) of all items; all missing where fewer than four are known or IQR is 0.

    Huynh & Meyer (2010, Practical Assessment, Research & Evaluation 15(2)); quartiles by linear interpolation.
    """
    known = change[~np.isnan(change)]
    if len(known) < TOO_FEW_FOR_ROBUST_Z:
        return np.full(len(change), np.nan)
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    spread = IQR_TO_SD * (high - low)
    return np.asarray((change - middle) / spread) if spread > 1e-12 else np.full(len(change), np.nan)


def _with_robust(notes: npt.NDArray[np.str_], change: Floats, robust: Floats) -> npt.NDArray[np.object_]:
    """Say also why there is no robust z."""
    why = (
        "Too few items in both periods for a robust z."
        if np.count_nonzero(~np.isnan(change)) < 4
        else "Half of the items or more moved alike, so there is no robust z."
    )
    return np.where((notes == "") & np.isnan(robust), why, notes).astype(object)


def _right_and_n(marked: pd.DataFrame) -> pd.DataFrame:
    if not len(marked):
        raise Invalid(say("A period has no responses. Give both periods at least one."))
    if marked["correct"].isna().any():
        raise Invalid("Some responses are not marked. Mark them before computing statistics.")
    if not marked["correct"].isin([0, 1]).all():
        raise Invalid("A mark is neither right (1) nor not right (0). Statistics of items need one or the other.")
    codes, items = sorted_codes(marked["item_id"])
    grouped = marked["correct"].astype(float).groupby(codes)
    return pd.DataFrame({"right": grouped.sum(), "n": grouped.size()}).set_axis(items.astype(str).rename("item_id"))


def _logit(right: Floats, n: Floats) -> Floats:
    return np.asarray(np.log((right + 0.5) / (n - right + 0.5)))


def _ratio(over: Floats, under: Floats) -> Floats:
    """Return over / under, missing where `under` is not above 0."""
    return np.asarray(np.divide(over, under, out=np.full(np.shape(over), np.nan), where=under > 0))
