"""What a panel's standards would do to a cohort that has sat: prescribed per area, credits, who gains and loses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import Policy
from ssa_engine.core.prescriptions import prescribe
from ssa_engine.core.scoring import area_frame


@dataclass(frozen=True, eq=False)
class CohortEffect:
    """The same cohort under two sets of standards."""

    areas: pd.DataFrame
    """`content_area`, `n`, `standard_now`, `standard_then`, `prescribed_now`, `prescribed_then`, `newly`, `no_longer`,
    `share_now`, `share_then`, `mean_credits_now`, `mean_credits_then`."""
    candidates: int
    any_now: int
    """Candidates with any credits."""
    any_then: int
    more: int
    """Candidates whose total rises."""
    fewer: int
    mean_total_now: float
    """Credits of the mean candidate."""
    mean_total_then: float


def cohort_effect(area_scores: pd.DataFrame, policy: Policy, standards: Mapping[str, float]) -> CohortEffect:
    """Prescribe for a cohort by a policy, and by the same policy with other standards.

    Parameters
    ----------
    area_scores : DataFrame
        `attempt_id`, `content_area`, `items`, `correct`, `points`: one row per attempt and area.
    policy : Policy
        Both times its credit rule, decision rule and prior count.
    standards : mapping
        Proportions of the areas that change.

    Returns
    -------
    CohortEffect
        Areas in the order of the policy's standards; prescribed is an area that earns credits or would but for the cap.

    Raises
    ------
    Invalid
        If there is no row, or an area has no standard.
    """
    if not len(area_scores):
        raise Invalid("Nobody has a score yet, so standards have no effect to show.")
    unknown = sorted(set(standards) - set(policy.standards) | set(area_scores["content_area"]) - set(policy.standards))
    if unknown:
        raise Invalid(f"The policy has no standard for: {', '.join(unknown)}.")
    then = policy.model_copy(update={"standards": policy.standards | dict(standards)})
    before, after = _prescribed(area_scores, policy), _prescribed(area_scores, then)
    frame = pd.DataFrame(
        {
            "content_area": before["content_area"].astype(str),
            "now": before["credits_by_rule"].to_numpy() > 0,
            "then": after["credits_by_rule"].to_numpy() > 0,
            "credits_now": before["credits"].to_numpy(),
            "credits_then": after["credits"].to_numpy(),
        }
    )
    table = _by_area(frame, policy, then)
    totals = frame[["credits_now", "credits_then"]].groupby(before["attempt_id"].to_numpy(), sort=False).sum()
    change = np.round((totals["credits_then"] - totals["credits_now"]).to_numpy(dtype=float), 9)
    return CohortEffect(
        table,
        len(totals),
        int((totals["credits_now"] > 0).sum()),
        int((totals["credits_then"] > 0).sum()),
        int((change > 0).sum()),
        int((change < 0).sum()),
        float(totals["credits_now"].mean()),
        float(totals["credits_then"].mean()),
    )


def _by_area(frame: pd.DataFrame, now: Policy, then: Policy) -> pd.DataFrame:
    """Count by area, in the order of the standards."""
    frame = frame.assign(newly=frame["then"] & ~frame["now"], no_longer=frame["now"] & ~frame["then"])
    grouped = frame.groupby("content_area", sort=False)
    sums = grouped[["now", "then", "newly", "no_longer"]].sum().astype(int)
    table = sums.rename(columns={"now": "prescribed_now", "then": "prescribed_then"})
    table.insert(0, "n", grouped.size())
    for time in ("now", "then"):
        table[f"share_{time}"] = table[f"prescribed_{time}"] / table["n"]
        table[f"mean_credits_{time}"] = grouped[f"credits_{time}"].mean()
    table = table.reindex([area for area in now.standards if area in table.index]).reset_index()
    table["standard_now"] = [now.standards[area] for area in table["content_area"]]
    table["standard_then"] = [then.standards[area] for area in table["content_area"]]
    return table[list(_COLUMNS)]


_COLUMNS = (
    *("content_area", "n", "standard_now", "standard_then", "prescribed_now", "prescribed_then", "newly", "no_longer"),
    *("share_now", "share_then", "mean_credits_now", "mean_credits_then"),
)


def _prescribed(area_scores: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return what the policy prescribes for these counts."""
    standard = np.array([policy.standards[str(area)] for area in area_scores["content_area"]], dtype=np.float64)
    scored = area_frame(
        attempt_id=area_scores["attempt_id"].to_numpy(),
        content_area=pd.Categorical(area_scores["content_area"].astype(str), categories=list(policy.standards)),
        items=area_scores["items"].to_numpy(dtype=np.int64),
        correct=area_scores["correct"].to_numpy(dtype=np.int64),
        points=area_scores["points"].to_numpy(dtype=float),
        standard=standard,
        prior=policy.true_score_prior,
    )
    return prescribe(scored, policy)
