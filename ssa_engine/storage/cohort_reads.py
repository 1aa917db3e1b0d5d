"""What a review of a cohort reads beside its responses: its stamp, when attempts ended, comments and groups."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import State
from ssa_engine.storage.console_tables import candidate_groups, rescorings
from ssa_engine.storage.sitting_tables import comments
from ssa_engine.storage.tables import attempts, credentials, forms, results


@dataclass(frozen=True, slots=True)
class CohortStamp:
    """Two cohorts with one stamp are the same: results are appended, and a rescoring changes its state and times."""

    results: int
    last_result: int
    rescorings: str


def cohort_stamp(connection: Connection, discipline: str) -> CohortStamp:
    """Return the stamp of a discipline's cohort."""
    counted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.max(results.c.id), 0))
    count, last = connection.execute(counted.where(results.c.discipline == discipline)).one()
    columns = (rescorings.c.id, rescorings.c.state, rescorings.c.applied_at, rescorings.c.reverted_at)
    query = sa.select(*columns).where(rescorings.c.discipline == discipline).order_by(rescorings.c.id)
    changed = " ".join(f"{row.id}/{row.state}/{row.applied_at}/{row.reverted_at}" for row in connection.execute(query))
    return CohortStamp(int(count), int(last), changed)


def submitted_frame(connection: Connection, discipline: str) -> pd.DataFrame:
    """Return `attempt_id`, `candidate_id` (as text) and `submitted_at` (UTC) of every submitted attempt."""
    query = (
        sa.select(attempts.c.id, credentials.c.person_id, attempts.c.submitted_at)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .where(credentials.c.discipline == discipline, attempts.c.state != State.IN_PROGRESS)
        .order_by(attempts.c.id)
    )
    rows = connection.execute(query).all()
    frame = pd.DataFrame(rows, columns=["attempt_id", "candidate_id", "submitted_at"])
    times = pd.to_datetime(frame["submitted_at"], utc=True)
    return frame.astype({"attempt_id": "str", "candidate_id": "str"}).assign(submitted_at=times)


def comment_counts(connection: Connection, discipline: str, bank_version: str | None = None) -> dict[str, int]:
    """Return item id -> how many comments candidates wrote on it, on forms of one bank version or of all."""
    query = (
        sa.select(comments.c.item_id, sa.func.count())
        .join(attempts, attempts.c.id == comments.c.attempt_id)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .where(credentials.c.discipline == discipline)
        .group_by(comments.c.item_id)
    )
    if bank_version is not None:
        query = query.join(forms, forms.c.id == attempts.c.form_id).where(forms.c.bank_version == bank_version)
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def groupings(connection: Connection, discipline: str) -> list[str]:
    """Return the names of the groupings in which candidates of this discipline have a group."""
    query = (
        sa.select(candidate_groups.c.grouping)
        .where(candidate_groups.c.person_id.in_(_holders(discipline)))
        .distinct()
        .order_by(candidate_groups.c.grouping)
    )
    return list(connection.execute(query).scalars())


def groups_of(connection: Connection, discipline: str, grouping: str) -> pd.Series:
    """Return candidate_id (as text) -> the candidate's group in a grouping."""
    query = sa.select(candidate_groups.c.person_id, candidate_groups.c.value).where(
        candidate_groups.c.grouping == grouping, candidate_groups.c.person_id.in_(_holders(discipline))
    )
    rows = connection.execute(query.order_by(candidate_groups.c.person_id)).all()
    index = pd.Index([str(row.person_id) for row in rows], name="candidate_id", dtype="str")
    return pd.Series([row.value for row in rows], index=index, name="group", dtype=object)


def _holders(discipline: str) -> sa.Select[tuple[int]]:
    return sa.select(credentials.c.person_id).where(credentials.c.discipline == discipline)
