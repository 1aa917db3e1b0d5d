"""The scale of the bank: which items can link a calibration to it, and the calibration's items put on it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt.calibration import BOUNDS
from ssa_engine.core.psychometrics.irt.linking import Linking, Method, apply, link

MOST_NAMES = 5
"""How many items a sentence names."""


def bank_link(new: pd.DataFrame, bank: pd.DataFrame, *, method: Method = "stocking-lord") -> tuple[Linking, str]:
    """Link a calibration to a bank by all items that have a slope above 0 and a difficulty in both.

    Where standard errors are given an anchor needs that of a: without it the data do not determine the slope, or it is
    held at its bound, and the figure would bend the scale.

    Parameters
    ----------
    new, bank : DataFrame
        Index `item_id`; `a`, `b` and, for the 3PL, `c`; where known `a_se`; in `new` also `note`, as
        `Calibration.items` has it.
    method : {"mean-sigma", "mean-mean", "stocking-lord", "haebara"}
        See `linking.link`.

    Returns
    -------
    Linking, str
        The linking, and what to know about it in sentences: anchors that could not be used or have a note,
        models that differ, anchors that may have drifted. Empty when all is well.

    Raises
    ------
    Invalid
        If there are fewer than two anchors, or as `linking.link`.
    """
    complete = bank.index[usable(bank)].intersection(new.index[usable(new)], sort=False)
    anchors = complete[_determined(bank, complete) & _determined(new, complete)]
    lost = bank.index.intersection(new.index).difference(complete)
    unusable = f"Without a slope above 0 and a difficulty in both: {named(lost)}." if len(lost) else ""
    if len(anchors) < len(complete):
        unusable += f" Without a standard error of a, so no anchors: {named(complete.difference(anchors, sort=False))}."
        unusable = unusable.strip()
    if len(anchors) < 2:
        needed = "Linking needs at least 2 anchors, items that this calibration and the bank both have"
        raise Invalid(f"{needed}; here: {len(anchors)}. {unusable}".strip())
    linking = link(new, bank, method=method, anchors=anchors)
    drift = linking.anchors
    suspect = drift.index[drift["suspect"]]
    doubtful = anchors[new.loc[anchors, "note"] != ""] if "note" in new else anchors[:0]
    notes = (
        unusable,
        f"Anchors whose new parameters have a note: {named(doubtful)}." if len(doubtful) else "",
        _models_differ(new.loc[anchors], bank.loc[anchors]),
        f"Anchors that may have drifted (one in ten looks so by chance): {named(suspect)}." if len(suspect) else "",
        *dict.fromkeys(drift["note"]),
    )
    return linking, " ".join(filter(None, notes))


def on_scale(items: pd.DataFrame, linking: Linking | None) -> pd.DataFrame:
    """Return the items of a calibration on the bank's scale, with their errors; as they are without a linking.

    Parameters
    ----------
    items : DataFrame
        `Calibration.items`. `d` becomes -a b; `d_se` is missing afterwards, for it needs a covariance. Notes on how
        large a figure is speak of it before linking.
    linking : Linking or None
        Constants, taken as known: errors of a are divided by the slope, those of b multiplied by it.
    """
    if linking is None:
        return items
    placed = apply(linking, items).reindex(columns=items.columns)
    for bound in BOUNDS:  # they hold on the calibration's own scale
        placed["note"] = placed["note"].str.replace(bound, f"{bound} before linking", regex=False)
    return placed


def usable(items: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which items (J,) have a difficulty and a slope above 0, as abilities and linking need."""
    a, b = (items[name].to_numpy(dtype=float) for name in "ab")
    return np.asarray(np.isfinite(a) & np.isfinite(b) & (np.nan_to_num(a) > 0))


def _determined(items: pd.DataFrame, chosen: pd.Index[str]) -> npt.NDArray[np.bool_]:
    """Return which of the chosen items have a standard error of a; all where there is no such column."""
    if "a_se" not in items:
        return np.ones(len(chosen), dtype=bool)
    return np.asarray(np.isfinite(items.loc[chosen, "a_se"].to_numpy(dtype=float)))


def named(items: pd.Index[str]) -> str:
    """Name items, the first few where they are many."""
    more = len(items) - MOST_NAMES
    return ", ".join(f"'{item}'" for item in items[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _models_differ(new: pd.DataFrame, bank: pd.DataFrame) -> str:
    guessed, banked = (("c" in items and bool((items["c"] > 0).any())) for items in (new, bank))
    if guessed == banked:
        return ""
    with_c, without = ("this calibration", "the bank") if guessed else ("the bank", "this calibration")
    return f"The anchors have a c above 0 in {with_c} and none in {without}: link calibrations of one model."
