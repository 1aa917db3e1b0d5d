"""What a rescoring makes of results: which attempts' marks change, their scores, and what becomes of their credits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.marking import mark
from ssa_engine.core.policies import Policy
from ssa_engine.core.prescriptions import hold_to_cap, prescribe
from ssa_engine.core.score_models import with_model
from ssa_engine.core.scoring import AREA_SCORE_COLUMNS, TOLERANCE, score_areas

KEPT_COLUMNS = ("items", "correct", "points", "below_standard", "credits", "credits_by_rule", "decision")
"""What of the result before stands beside the new one, named `before_…`."""

DECLINED_COLUMNS = ("credits", "credits_by_rule", "gap")
"""What is known of the result whose increase somebody declined last, named `declined_…`; 0 where nobody did."""


def rescore(
    responses: pd.DataFrame,
    stored: pd.DataFrame,
    *,
    bank: ItemBank,
    keys_before: pd.DataFrame,
    keys_after: pd.DataFrame,
    policy: Policy,
    restoring: bool = False,
) -> pd.DataFrame:
    """Return the new area results of the attempts whose marks change.

    Parameters
    ----------
    responses : DataFrame
        All items of the areas that hold a changed item, as `marking.mark` takes them, of some attempts that were
        scored under one policy; the items of every area where `needs_all_areas`.
    stored : DataFrame
        Every area of the present result of those attempts: the columns of `score_areas`, `credits`,
        `credits_by_rule`, `decision`, `completed` (credits completed in the area) and `first_credits` (what the
        attempt's first result prescribed); where the attempt has a declined offer, the columns of `DECLINED_COLUMNS`.
    bank : ItemBank
        The one the forms were drawn from; where item response theory decides, it has the parameters.
    keys_before, keys_after : DataFrame
        As `marking.with_changes` returns them.
    policy : Policy
        The one the present results were computed under.
    restoring : bool
        Whether a session is being reverted: then credits may go up again to what the first result prescribed.

    Returns
    -------
    DataFrame
        As `settle` returns it: every area of every attempt of which at least one mark (what the answer to a scored
        item earns, or whether the item is scored) differs; sorted by attempt, then in the order of the policy's
        standards. Without such an attempt an empty frame.

    Raises
    ------
    Invalid
        If an area of an attempt is left without a scored item.
    """
    old, new = mark(responses, keys_before), mark(responses, keys_after)
    scored_before, scored_after = old["scored"].to_numpy(dtype=bool), new["scored"].to_numpy(dtype=bool)
    differ = (old["credit"].to_numpy() != new["credit"].to_numpy()) & scored_after
    differ |= scored_before != scored_after
    ids = responses["attempt_id"].to_numpy()
    changed = np.unique(ids[differ])
    if not len(changed):
        return pd.DataFrame({"attempt_id": []})
    own = stored[stored["attempt_id"].isin(changed)]
    marked = new[np.isin(ids, changed)]
    computed = with_model(score_areas(marked, policy), marked, bank, policy)
    marked_areas = set(responses["content_area"].unique())
    others = own[~own["content_area"].isin(marked_areas)]
    if len(computed) + len(others) != len(own):
        raise Invalid("An area would be left without a scored item, so its score would be lost. Drop fewer items.")
    areas = [computed.astype({"content_area": "str"}), others[list(AREA_SCORE_COLUMNS)]]
    return settle(prescribe(_in_order(pd.concat(areas, ignore_index=True), policy), policy), own, policy, restoring)


def needs_all_areas(policy: Policy) -> bool:
    """Whether what is decided about an area depends on the marks in other areas."""
    return policy.decision.model != "beta_binomial"


def offer(stored: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return the area results with the credits that their scores come to: what accepting an increase gives.

    Parameters and result as in `rescore`; nothing is marked anew. What was declined before stays declined.
    """
    target = hold_to_cap(stored, stored["credits_by_rule"].to_numpy(dtype=float), policy)
    scored = stored[[*AREA_SCORE_COLUMNS, "decision", "credits_by_rule"]].assign(credits=target)
    before = stored.assign(first_credits=target - _declined(stored, policy))
    return settle(_in_order(scored, policy), before, policy, restoring=True)


def _declined(areas: pd.DataFrame, policy: Policy) -> npt.NDArray[np.float64]:
    """Return for each area how many credits were declined when an increase was declined last."""
    if "declined_credits" not in areas:
        return np.zeros(len(areas))
    by_rule = areas["declined_credits_by_rule"].to_numpy(dtype=float)
    offered = hold_to_cap(areas.assign(gap=areas["declined_gap"]), by_rule, policy)
    declined: npt.NDArray[np.float64] = np.clip(offered - areas["declined_credits"].to_numpy(dtype=float), 0, None)
    return declined


def _in_order(areas: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Sort by attempt, then in the order of the policy's standards."""
    outline = pd.Index(list(policy.standards)).get_indexer(pd.Index(areas["content_area"].astype("str")))
    return areas.iloc[np.lexsort((outline, areas["attempt_id"].to_numpy()))].reset_index(drop=True)


def settle(prescribed: pd.DataFrame, before: pd.DataFrame, policy: Policy, restoring: bool) -> pd.DataFrame:
    """Say what becomes of the credits: lower where the rule says so, but never below what was completed.

    Where the rule says more than is prescribed now, the area stays as it is and the increase waits for a person, as far
    as it goes beyond what somebody declined in the area before. The exception is a revert, which gives back at once
    what the first result prescribed. Where completed credits keep an area above its rule, an increase elsewhere fills
    only what the total cap leaves, largest gap first.

    Parameters
    ----------
    prescribed : DataFrame
        As `prescribe` returns it.
    before : DataFrame
        The result that is replaced: `attempt_id`, `content_area`, the columns of `KEPT_COLUMNS`, `completed`,
        `first_credits`; the columns of `DECLINED_COLUMNS` if there are any.
    policy : Policy
        Gives the total cap.
    restoring : bool
        Whether credits may go up to `first_credits` without being asked for.

    Returns
    -------
    DataFrame
        The rows of `prescribed` with `target` (credits by rule and cap), `credits` (what is prescribed), `credits_kept`
        (completed, at most what was prescribed), `waiting` (the increase that needs a decision) and `before_…`.
    """
    declined = [name for name in before.columns if str(name).startswith("declined_")]
    beside = before[["attempt_id", "content_area", "completed", "first_credits", *declined, *KEPT_COLUMNS]].rename(
        columns={name: f"before_{name}" for name in KEPT_COLUMNS}
    )
    areas = prescribed.assign(content_area=prescribed["content_area"].astype("str"))
    areas = areas.merge(beside, on=["attempt_id", "content_area"], how="left", validate="one_to_one")
    target, old = areas["credits"].to_numpy(dtype=float), areas["before_credits"].to_numpy(dtype=float)
    kept = np.minimum(areas["completed"].to_numpy(dtype=float), old)
    base = np.where(target > old, old, np.maximum(target, kept))
    free = np.maximum(old, areas["first_credits"].to_numpy(dtype=float)) if restoring else old
    restored = np.clip(np.minimum(target, free) - base, 0, None)
    waiting = np.clip(target - base - restored - _declined(areas, policy), 0, None)
    if policy.credits.total_cap is not None:
        _hold_to_cap(areas, base, restored, waiting, policy.credits.total_cap)
    areas["target"] = target
    areas["credits"] = np.round(base + restored, 10)
    areas["credits_kept"] = np.round(kept, 10)
    areas["waiting"] = np.round(waiting, 10)
    return areas


def _hold_to_cap(
    areas: pd.DataFrame,
    base: npt.NDArray[np.float64],
    restored: npt.NDArray[np.float64],
    waiting: npt.NDArray[np.float64],
    cap: float,
) -> None:
    """Lower what goes up, in place, to what the cap leaves; few attempts have completed more than their rule says."""
    attempts, _ = pd.factorize(areas["attempt_id"])
    totals = np.bincount(attempts, weights=base + restored + waiting)
    gaps = areas["gap"].to_numpy(dtype=float)
    for attempt in np.flatnonzero(totals > cap + TOLERANCE):
        rows = np.flatnonzero(attempts == attempt)
        rows = rows[np.argsort(-gaps[rows], kind="stable")]
        room = max(0.0, cap - float(base[rows].sum()))
        for more in (restored, waiting):
            for row in rows:
                more[row] = min(more[row], room)
                room -= more[row]
