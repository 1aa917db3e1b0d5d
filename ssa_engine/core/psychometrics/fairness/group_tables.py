"""Groups of candidates beside each other in one table, and which of two groups is looked at as the focal one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import CreditRule, Policy
from ssa_engine.core.prescriptions import prescribe
from ssa_engine.core.psychometrics.fairness.groups import ALL_AREAS, mean_area_scores, prescription_rates
from ssa_engine.core.scoring import score_areas

SMALL_GROUP = 30
"""A group of fewer attempts in an area is pointed out; a convention."""
SMALL = f"Fewer than {SMALL_GROUP} attempts in this group or in the reference group: read the intervals."


def focal_group(groups: pd.Series, reference: str | None = None) -> str:
    """Return the focal one of two groups: not `reference`; without it the smaller, of equal ones the later by name.

    Parameters
    ----------
    groups : Series
        The group of each attempt as text, missing where unknown.
    reference : str, optional
        The group that is not the focal one.

    Raises
    ------
    Invalid
        If there are not two groups.
    """
    sizes = groups.value_counts().sort_index()
    named = ", ".join(f"'{name}'" for name in sizes.index)
    if len(sizes) < 2:
        found = f"only {named}" if len(sizes) else "no group at all"
        raise Invalid(f"There is nothing to compare: found {found}. Give attempts of at least two groups.")
    if len(sizes) > 2:
        raise Invalid(f"There are more than two groups: {named}. Say with --focal which one is to be looked at.")
    first, second = (str(name) for name in sizes.index)
    if reference in (first, second):
        return second if reference == first else first
    return first if sizes.iloc[0] < sizes.iloc[1] else second


def prescribed_areas(marked: pd.DataFrame, standards: dict[str, float], policy: Policy | None = None) -> pd.DataFrame:
    """Score and prescribe with these standards, by the rules of the policy; without one, wherever a score is below.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `content_area`, `correct`; where known `scored` (rows where it is false are left out) and
        `credit`.
    standards : dict
        Proportion correct of each area.
    policy : Policy, optional
        Its credit rule, decision rule and prior.

    Returns
    -------
    DataFrame
        As `prescriptions.prescribe`.

    Raises
    ------
    Invalid
        If an area has no standard, or no row is scored.
    """
    scored = np.ones(len(marked), bool) if "scored" not in marked else marked["scored"].to_numpy(dtype=bool)
    rows = marked.assign(scored=scored)[scored]
    if not len(rows):
        raise Invalid("There are no scored responses. Give at least one attempt with one scored item.")
    if "credit" in rows:  # a file without credits beside one with
        rows = rows.assign(credit=rows["credit"].astype(float).fillna(rows["correct"].astype(float)))
    if policy is None:
        policy = Policy(standards=standards, credits=CreditRule(rule="flat", credits=1))
    else:
        policy = policy.model_copy(update={"standards": standards})
    return prescribe(score_areas(rows, policy), policy)


def reference_group(groups: pd.Series, focal: str) -> str:
    """Return the largest group beside the focal one, of which there must be one; of equal ones the first by name."""
    return str(groups[groups != focal].value_counts().sort_index().idxmax())


def group_table(area_scores: pd.DataFrame, groups: pd.Series, *, reference: str) -> pd.DataFrame:
    """Return rates of prescription and mean scores of groups side by side, per content area and over all.

    Parameters
    ----------
    area_scores : DataFrame
        As `prescribed_areas` returns it.
    groups : Series
        Index attempt_id; the group as text, missing where unknown.
    reference : str
        The group the others are compared with.

    Returns
    -------
    DataFrame
        One row per area and group, first those of `ALL_AREAS` (prescribed in any; score: points / items of all areas):
        `content_area`, `group`, `n`, `prescribed`, `rate`, `difference` from the reference group, `lower`, `upper`
        (Newcombe), `lower_agresti_caffo`, `upper_agresti_caffo`, `ratio`, `below_four_fifths`; `mean_score`,
        `sd_score`, `score_difference`, `score_lower`, `score_upper` (Welch), `hedges_g`; `note`. Intervals at 95 %.

    Raises
    ------
    Invalid
        As in `groups.prescription_rates`.
    """
    rates = prescription_rates(area_scores, groups, reference=reference)
    whole = area_scores.groupby("attempt_id", observed=True, sort=False)[["points", "items"]].sum().reset_index()
    whole = whole.assign(content_area=ALL_AREAS, score=whole["points"] / whole["items"])
    areas = area_scores.assign(content_area=area_scores["content_area"].astype(str))
    columns = ["attempt_id", "content_area", "score"]
    means = mean_area_scores(pd.concat([whole[columns], areas[columns]]), groups, reference=reference)
    means = means.rename(columns={"mean": "mean_score", "sd": "sd_score"} | _OF_SCORES).drop(columns="n")
    table = rates.merge(means, on=["content_area", "group"], how="left", suffixes=("", "_of_scores"))
    n_reference = table["content_area"].map(table[table["group"] == reference].set_index("content_area")["n"])
    smaller = np.minimum(table["n"], n_reference)
    small = np.where((smaller > 0) & (smaller < SMALL_GROUP), SMALL, "")
    notes = zip(table.pop("note"), table.pop("note_of_scores"), small, strict=True)
    table["note"] = [" ".join(dict.fromkeys(filter(None, texts))) for texts in notes]
    return table


_OF_SCORES = {"difference": "score_difference", "lower": "score_lower", "upper": "score_upper"}
