"""Groups of candidates under a policy: how often each is prescribed something, with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import say
from ssa_engine.core.tuning.cohort import Cohort, Floats, Integers, Objects
from ssa_engine.core.tuning.credits import Prescribed

GROUP_COLUMNS = (
    *("content_area", "group", "sittings", "prescribed", "rate", "mean_credits", "difference", "lower", "upper"),
    *("ratio", "below_four_fifths"),
)


def group_rates(cohort: Cohort, given: Prescribed, grouping: str, *, reference: str | None = None) -> pd.DataFrame:
    """Compare groups under a policy; the rates are those of `fairness.groups.prescription_rates`.

    Parameters
    ----------
    cohort : Cohort
    given : Prescribed
        What the policy gives this cohort.
    grouping : str
        One of the cohort's groupings.
    reference : str, optional
        The group the others are compared with; without it the one with most sittings.

    Returns
    -------
    DataFrame
        A row for each area and group, first those of all areas: `content_area`, `group`, `sittings`, `prescribed`
        (with credits), `rate`, `mean_credits`, `difference` of the rate from the reference group's with limits `lower`
        and `upper` (Newcombe 1998, 95 %), `ratio` (share without credits over the highest such share) and
        `below_four_fifths`.

    Raises
    ------
    Invalid
        If the cohort has no such grouping, or fewer than two groups in it.
    """
    from ssa_engine.core.psychometrics.fairness.groups import ALL_AREAS, FOUR_FIFTHS, newcombe_interval

    names, codes = _groups(cohort, grouping)
    n, prescribed, credits = _counts(cohort, given, codes, len(names))
    if reference is not None and reference not in names:
        raise Invalid(say("There is no group '{group}' in '{grouping}'.", group=reference, grouping=grouping))
    base = int(n[0].argmax()) if reference is None else names.index(reference)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate, mean = prescribed / n, credits / n
        spared = 1 - rate
        ratio = spared / np.nanmax(np.where(n > 0, spared, 0), axis=1, keepdims=True)
    reference_events, reference_n = prescribed[:, [base]], n[:, [base]]
    lower, upper = newcombe_interval(prescribed, n, reference_events, reference_n)
    compared = np.arange(len(names)) != base
    areas = [ALL_AREAS, *cohort.areas]
    return pd.DataFrame(
        {
            "content_area": np.repeat(np.array(areas, dtype=object), len(names)),
            "group": np.tile(np.array(names, dtype=object), len(areas)),
            "sittings": n.ravel(),
            "prescribed": prescribed.ravel(),
            "rate": rate.ravel(),
            "mean_credits": mean.ravel(),
            "difference": np.where(compared, rate - rate[:, [base]], np.nan).ravel(),
            "lower": np.where(compared, lower, np.nan).ravel(),
            "upper": np.where(compared, upper, np.nan).ravel(),
            "ratio": ratio.ravel(),
            "below_four_fifths": (ratio < FOUR_FIFTHS - 1e-12).ravel(),
        },
        columns=list(GROUP_COLUMNS),
    )


def _groups(cohort: Cohort, grouping: str) -> tuple[list[str], Integers]:
    """Return the names of the groups and the group of each sitting, -1 where unknown."""
    if grouping not in cohort.groups:
        raise Invalid(say("The cohort has no grouping '{grouping}'.", grouping=grouping))
    names, codes = cohort.keep(("groups", grouping), lambda: _numbered(cohort.groups[grouping]))
    if len(names) < 2:
        raise Invalid(
            say("There is nothing to compare: '{grouping}' has fewer than two groups here.", grouping=grouping)
        )
    return names, codes


def _numbered(values: Objects) -> tuple[list[str], Integers]:
    codes, names = pd.factorize(pd.Series(values, dtype=object), sort=True)
    return [str(name) for name in names], codes


def _counts(cohort: Cohort, given: Prescribed, codes: Integers, groups: int) -> tuple[Integers, Integers, Floats]:
    """Return sittings, those with credits and the sum of credits: (1 + K, G), all areas first."""
    known = codes >= 0
    who = codes[known]
    n, prescribed, credits = [], [], []
    everybody = np.bincount(who, minlength=groups)
    columns = [given.totals, *(given.credits[:, column] for column in range(len(cohort.areas)))]
    incomplete = cohort.sitters < len(cohort)
    for number, own in enumerate(columns):
        values = own[known]
        if number and incomplete[number - 1]:
            n.append(np.bincount(who, weights=cohort.items[known, number - 1] > 0, minlength=groups))
        else:
            n.append(everybody)
        prescribed.append(np.bincount(who, weights=values > 0, minlength=groups))
        credits.append(np.bincount(who, weights=values, minlength=groups))
    return np.array(n).astype(np.int64), np.array(prescribed).astype(np.int64), np.array(credits)
