"""Estimate from the cohort what augmented scores borrow, to be frozen in a policy."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from ssa_engine.actions import cohorts, policy_drafts
from ssa_engine.actions.cohorts import Selection, Source
from ssa_engine.actions.drafts_as_seen import draft_of
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import Augmentation
from ssa_engine.core.policy_drafts import PolicyDraft
from ssa_engine.core.psychometrics.subscores.augmentation import augmentation_of, subscores_of
from ssa_engine.core.text import long_date, say
from ssa_engine.core.tuning.cohort import Cohort
from ssa_engine.storage import frames
from ssa_engine.storage.db import Database

LONGEST_SOURCE = 500
"""Characters that a policy holds on where its population comes from."""


def estimate(db: Database, spec: ContentSpec, *, now: dt.datetime) -> Augmentation:
    """Estimate the population of a discipline from the latest result of every submitted attempt.

    Raises
    ------
    Invalid
        If there are fewer than two, or everybody has the same score in some area.
    """
    with db.read() as connection:
        scores = frames.area_score_frame(connection, spec.discipline)
    scores["content_area"] = pd.Categorical(scores["content_area"], categories=list(spec.area_names))
    found = subscores_of(scores)
    source = f"{len(found.attempts)} submitted {spec.discipline} attempts as of {long_date(now.date())}, error by KR-21"
    return augmentation_of(found, source=source)


def put_into_draft(
    db: Database, spec: ContentSpec, draft_id: int, source: Source, *, revision: int, who: str, now: dt.datetime
) -> PolicyDraft:
    """Estimate the population from the chosen sittings and save it in an open draft, with a word on where it is from.

    Nothing else of the draft changes. `revision` is the one the person saw.

    Raises
    ------
    Invalid
        If the source is simulated, or `augmentation_of` cannot say anything of these sittings: too few, or everybody
        has the same score in some area.
    Conflict
        As `policy_drafts.save`.
    """
    if source.simulated:
        raise Invalid(say("Augmented scores borrow from people. Choose the real cohort, and then estimate."))
    with db.read() as connection:
        policy = draft_of(connection, spec, draft_id).policy
        cohort = cohorts.select(cohorts.cohort_now(db, connection, spec), source.selection)
    found = subscores_of(_area_scores(cohort))
    used = cohort.where(np.isin(cohort.attempt_ids, found.attempts.to_numpy()))
    written = _provenance(used, spec, source.selection, who, now)
    changed = policy.model_copy(update={"augmentation": augmentation_of(found, source=written)})
    return policy_drafts.save(db, spec, draft_id, changed, revision=revision, who=who, now=now)


def _area_scores(cohort: Cohort) -> pd.DataFrame:
    """Return a row for each sitting and area with items, as `subscores_of` reads them."""
    rows, columns = np.nonzero(cohort.items)
    return pd.DataFrame(
        {
            "attempt_id": cohort.attempt_ids[rows],
            "content_area": pd.Categorical.from_codes(columns, categories=pd.Index(cohort.areas)),
            "items": cohort.items[rows, columns],
            "points": cohort.points[rows, columns],
        }
    )


def _provenance(used: Cohort, spec: ContentSpec, chosen: Selection, who: str, now: dt.datetime) -> str:
    """Say which sittings, of when, how, who and on which day."""
    parts = [f"{len(used)} submitted {spec.discipline} attempts"]
    days = [] if used.submitted_on is None else sorted(day for day in used.submitted_on.tolist() if day is not None)
    if days:
        first, last = long_date(days[0]), long_date(days[-1])
        parts[0] += f" of {first}" if first == last else f" from {first} to {last}"
    if chosen.form:
        parts.append(f"bank version {chosen.form}")
    if chosen.group:
        parts.append(f"{chosen.grouping} {chosen.group}")
    return f"{', '.join(parts)}; error by KR-21; estimated on {long_date(now.date())} by {who}"[:LONGEST_SOURCE]
