"""The consequences of a policy for a cohort: every table of the tuning page, from one prescription of the cohort."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ssa_engine.core.policies import Policy
from ssa_engine.core.prescriptions import MILLION, OFFER_ONLY, PRESCRIBE_HALF
from ssa_engine.core.scoring import TOLERANCE, items_needed
from ssa_engine.core.tuning.changes import Change, change_of
from ssa_engine.core.tuning.cohort import Cohort, Floats, Integers
from ssa_engine.core.tuning.credits import Prescribed, ScoreSource, apply
from ssa_engine.core.tuning.curves import curves_of
from ssa_engine.core.tuning.quality import quality_of

UNSURE = (0.2, 0.8)
"""Between these probabilities of lying below the standard a decision could as well have been the other one."""


@dataclass(frozen=True, eq=False)
class Consequences:
    """What a policy does to a cohort. Counts are of sittings; shares are of the sittings that had the area."""

    given: Prescribed
    change: Change | None
    """Against the policy in force, if there is one."""
    summary: pd.DataFrame
    """`measure`, `value`, `in_force`, `change`."""
    areas: pd.DataFrame
    """Who is prescribed what in each area."""
    errors: pd.DataFrame
    """How good the decisions of each area are."""
    borderline: pd.DataFrame
    """Who is near the standard of each area."""
    bands: pd.DataFrame
    """Sittings of each area by the credits it is worth: a column for each number of credits."""
    totals: pd.DataFrame
    """Sittings by total credits."""
    curves: pd.DataFrame
    """See `curves.curves_of`."""


def consequences(
    cohort: Cohort,
    policy: Policy,
    *,
    in_force: Policy | None = None,
    irt: ScoreSource | None = None,
    before: Prescribed | None = None,
) -> Consequences:
    """Compute the consequences of a policy for a cohort.

    Parameters
    ----------
    cohort : Cohort
        At least one sitting.
    policy : Policy
    in_force : Policy, optional
        What the change is against.
    irt : callable, optional
        As for `credits.apply`.
    before : Prescribed, optional
        What `in_force` gives this cohort, if it was computed before.

    Raises
    ------
    Invalid
        As `credits.apply`.
    """
    given = apply(cohort, policy, irt)
    if before is None and in_force is not None:
        before = apply(cohort, in_force, irt)
    change = None if before is None else change_of(before, given)
    errors = _errors(cohort, given)
    return Consequences(
        given,
        change,
        _summary(cohort, given, change, errors),
        _areas(cohort, given, before),
        errors,
        _borderline(cohort, given),
        _bands(cohort, given),
        _totals(given, before),
        curves_of(cohort, policy),
    )


MEASURES = ("sittings", "mean_credits", "median_credits", "sum_credits", "none", "none_share", "at_cap", "areas_mean")


ERRORS = ("needless_people", "needless_credits", "missed_people", "missed_credits")
"""Columns of the errors whose sums over the areas stand in the summary: unknown if one that somebody sat is."""


def _summary(cohort: Cohort, given: Prescribed, change: Change | None, errors: pd.DataFrame) -> pd.DataFrame:
    values = _measures(cohort, given)
    before = _measures(cohort, change.before) if change else np.full(len(values), np.nan)
    table = pd.DataFrame({"measure": MEASURES, "value": values, "in_force": before, "change": values - before})
    unknown = np.nan
    sums = errors.loc[errors["sittings"] > 0, list(ERRORS)].sum(skipna=False).round(9)
    rows: list[tuple[str, float, float, float]] = [(name, float(sums[name]), unknown, unknown) for name in ERRORS]
    if change is None:
        return pd.concat([table, pd.DataFrame(rows, columns=table.columns)], ignore_index=True)
    rows += [
        ("more", change.more, unknown, unknown),
        ("fewer", change.fewer, unknown, unknown),
        ("unchanged", change.unchanged, unknown, unknown),
        ("credits_more", round(change.credits_more, 6), unknown, unknown),
        ("credits_fewer", round(change.credits_fewer, 6), unknown, unknown),
    ]
    return pd.concat([table, pd.DataFrame(rows, columns=table.columns)], ignore_index=True)


def _measures(cohort: Cohort, given: Prescribed) -> Floats:
    totals, n = given.totals, len(cohort)
    none = n - int(np.count_nonzero(totals > 0))
    cap = given.policy.credits.total_cap
    at_cap = np.nan if cap is None else float(np.count_nonzero(totals >= cap - TOLERANCE))
    whole = float(totals.sum())
    prescribed = float(given.by_area(cohort, _is_prescribed).sum())
    found: list[float] = [n, whole / n, np.median(totals), whole, none, none / n, at_cap, prescribed / n]
    return np.array(found, dtype=float).round(9)


def _is_prescribed(credits: Floats) -> Floats:
    return np.asarray(credits > 0, dtype=float)


def _areas(cohort: Cohort, given: Prescribed, before: Prescribed | None) -> pd.DataFrame:
    sittings = cohort.sitters
    prescribed = given.by_area(cohort, _is_prescribed)
    credits = given.by_area(cohort, lambda own: own)
    standard = np.array([given.policy.standards[area] for area in cohort.areas])
    former = np.full(len(sittings), np.nan) if before is None else before.by_area(cohort, _is_prescribed)
    return pd.DataFrame(
        {
            "content_area": list(cohort.areas),
            "sittings": sittings,
            "items": cohort.lengths,
            "standard": standard,
            "needed": items_needed(standard, cohort.lengths),
            "prescribed": prescribed.astype(np.int64),
            "share_prescribed": _share(prescribed, sittings),
            "half": given.decided(cohort, PRESCRIBE_HALF).astype(np.int64),
            "offered": given.decided(cohort, OFFER_ONLY).astype(np.int64),
            "credits": credits.round(6),
            "mean_credits": _share(credits, sittings),
            "prescribed_in_force": former if before is None else former.astype(np.int64),
            "prescribed_change": prescribed - former if before is None else (prescribed - former).astype(np.int64),
        }
    )


def _share(part: Floats, of: Integers) -> Floats:
    return np.asarray(np.divide(part, of, out=np.full(len(part), np.nan), where=of > 0))


def _errors(cohort: Cohort, given: Prescribed) -> pd.DataFrame:
    found, sittings = quality_of(cohort, given), cohort.sitters
    table = {
        "content_area": list(cohort.areas),
        "sittings": sittings,
        "accuracy": found.accuracy,
        "consistency": found.consistency,
        "kappa": found.kappa,
        "needless_share": found.needless,
        "needless_people": found.needless * sittings,
        "needless_credits": found.needless_credits,
        "missed_share": found.missed,
        "missed_people": found.missed * sittings,
        "missed_credits": found.missed_credits,
    }
    if cohort.true_scores is not None:
        need = cohort.true_scores < np.array([given.policy.standards[area] for area in cohort.areas]) - TOLERANCE
        told = given.prescribed(cohort)
        table |= {"needless_true": (told & ~need).sum(axis=0), "missed_true": (need & ~told).sum(axis=0)}
    return pd.DataFrame(table | {"note": [str(note) for note in found.notes]})


def _borderline(cohort: Cohort, given: Prescribed) -> pd.DataFrame:
    cases, sittings = cohort.cases, cohort.sitters
    beside = given.needed - cases.points
    seen = cases.items > 0
    just_below = cases.by_area(seen & given.below & (beside <= 1 + TOLERANCE))
    just_met = cases.by_area(seen & ~given.below & (beside > -1 + TOLERANCE))
    low, high = UNSURE
    if given.probabilities is None:
        unsure = cases.by_area(seen & (given.probability_below > low) & (given.probability_below < high))
    else:
        with np.errstate(invalid="ignore"):
            unsure = ((given.probabilities > low) & (given.probabilities < high)).sum(axis=0).astype(float)
    return pd.DataFrame(
        {
            "content_area": list(cohort.areas),
            "sittings": sittings,
            "just_below": just_below.astype(np.int64),
            "just_met": just_met.astype(np.int64),
            "within_one_item": (just_below + just_met).astype(np.int64),
            "within_one_item_share": _share(just_below + just_met, sittings),
            "unsure": unsure.astype(np.int64),
            "unsure_share": _share(unsure, sittings),
        }
    )


def _bands(cohort: Cohort, given: Prescribed) -> pd.DataFrame:
    """Return sittings by area and credits; those that had no item of the area are not counted."""
    if given.decisions is None:
        cases, held = cohort.cases, cohort.cases.index[given.capped]
        told = np.repeat(given.capped, held.shape[1]), np.tile(np.arange(held.shape[1]), len(held))
        seen = cohort.items[told] > 0  # those whom the cap holds are taken out of their case and counted by themselves
        rows, column = told[0][seen], told[1][seen]
        area = np.concatenate([cases.area[cases.items > 0], column, column])
        credits = np.concatenate(
            [given.by_rule[cases.items > 0], given.by_rule[held.ravel()[seen]], given.credits[rows, column]]
        )
        one = np.ones(len(rows))
        count = np.concatenate([cases.count[cases.items > 0], -one, one])
    else:
        rows, area = np.nonzero(cohort.items > 0)
        credits, count = given.credits[rows, area], np.ones(len(rows))
    which, values = pd.factorize(np.rint(credits * MILLION).astype(np.int64), sort=True)
    table = np.bincount(area * len(values) + which, weights=count, minlength=len(cohort.areas) * len(values))
    wide = table.reshape(len(cohort.areas), len(values)).astype(np.int64)
    used = wide.any(axis=0)
    names = [f"{value / MILLION:g}" for value in values[used]]
    frame = pd.DataFrame(wide[:, used], columns=names)
    frame.insert(0, "content_area", list(cohort.areas))
    return frame


def _totals(given: Prescribed, before: Prescribed | None) -> pd.DataFrame:
    """Return the distribution of total credits, under the policy and under the one in force."""
    now = _distribution(given.totals)
    former = {} if before is None else _distribution(before.totals)
    values = sorted({0, *now, *former})
    n = len(given.totals)
    sittings = np.array([now.get(value, 0) for value in values])
    table = {
        "credits": [value / MILLION for value in values],
        "sittings": sittings,
        "share": sittings / n,
        "share_at_most": np.cumsum(sittings) / n,
        "in_force": [np.nan if before is None else former.get(value, 0) for value in values],
    }
    return pd.DataFrame(table)


def _distribution(totals: Floats) -> dict[int, int]:
    """Return millionths of a credit -> sittings."""
    codes, values = pd.factorize(np.rint(totals * MILLION).astype(np.int64))
    counts = np.bincount(codes, minlength=len(values))
    return dict(zip(values.tolist(), counts.tolist(), strict=True))
