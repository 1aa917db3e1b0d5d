"""Two policies on the same cohort: who would get more credits, who fewer, and in which areas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ssa_engine.core.scoring import TOLERANCE
from ssa_engine.core.tuning.cohort import Cohort, Floats
from ssa_engine.core.tuning.credits import Prescribed


@dataclass(frozen=True, eq=False)
class Change:
    """How the credits of every sitting change; `before` and `after` are the two policies' prescriptions."""

    before: Prescribed
    after: Prescribed
    difference: Floats
    """(N,): credits after less before."""
    more: int
    """Sittings with more credits."""
    fewer: int
    unchanged: int
    credits_more: float
    """What those with more gain together."""
    credits_fewer: float
    """What those with fewer lose together."""


CHANGE_COLUMNS = ("attempt_id", "candidate_id", "credits_before", "credits_after", "change", "areas")


def change_of(before: Prescribed, after: Prescribed) -> Change:
    """Return how credits change from one policy to another on the same cohort."""
    difference = after.totals - before.totals
    up, down = difference > TOLERANCE, difference < -TOLERANCE
    more, fewer = int(np.count_nonzero(up)), int(np.count_nonzero(down))
    return Change(
        before,
        after,
        difference,
        more,
        fewer,
        len(difference) - more - fewer,
        float(difference[up].sum()),
        float(-difference[down].sum()),
    )


def changed_sittings(cohort: Cohort, change: Change, *, most: int | None = None) -> pd.DataFrame:
    """Return the sittings whose credits change, largest change first.

    Parameters
    ----------
    cohort : Cohort
    change : Change
    most : int, optional
        Return no more than these.

    Returns
    -------
    DataFrame
        `attempt_id`, `candidate_id`, `credits_before`, `credits_after`, `change`, `areas`: each area whose credits
        change, as `area before > after`, separated by `; `. Of equal changes the sitting that comes first.
    """
    size = np.abs(change.difference)
    rows = np.flatnonzero(size > TOLERANCE)
    if most is not None and len(rows) > most:
        least = np.partition(size[rows], len(rows) - most)[len(rows) - most]
        rows = rows[size[rows] >= least]
    rows = rows[np.argsort(-size[rows], kind="stable")][:most]
    return pd.DataFrame(
        {
            "attempt_id": cohort.attempt_ids[rows],
            "candidate_id": cohort.candidate_ids[rows],
            "credits_before": np.round(change.before.totals[rows], 6),
            "credits_after": np.round(change.after.totals[rows], 6),
            "change": np.round(change.difference[rows], 6),
            "areas": _areas_in_words(cohort, change.before.credits[rows], change.after.credits[rows]),
        },
        columns=list(CHANGE_COLUMNS),
    )


def _areas_in_words(cohort: Cohort, before: Floats, after: Floats) -> list[str]:
    words: list[list[str]] = [[] for _ in before]
    for row, column in zip(*np.nonzero(np.abs(after - before) > TOLERANCE), strict=True):
        words[row].append(f"{cohort.areas[column]} {before[row, column]:g} > {after[row, column]:g}")
    return ["; ".join(own) for own in words]
