"""What a technical report reads beside the frames: rescoring sessions that were applied, and groups of candidates."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.report_data import Rescoring
from ssa_engine.core.rescorings import RescoringState
from ssa_engine.storage.console_tables import candidate_groups, rescored_attempts, rescoring_changes, rescorings
from ssa_engine.storage.tables import credentials


def applied_rescorings(connection: Connection, discipline: str) -> tuple[Rescoring, ...]:
    """Return the sessions of a discipline that were applied, oldest first, also those reverted since."""
    own = rescorings.c.discipline == discipline
    sessions = connection.execute(
        rescorings.select().where(own, rescorings.c.state != RescoringState.DRAFT).order_by(rescorings.c.applied_at)
    ).all()
    changes = connection.execute(
        sa.select(rescoring_changes.c.rescoring_id, rescoring_changes.c.item_id)
        .join(rescorings, rescorings.c.id == rescoring_changes.c.rescoring_id)
        .where(own)
        .order_by(rescoring_changes.c.item_id)
    ).all()
    changed = sa.func.count(rescored_attempts.c.after_result_id)
    counted = connection.execute(
        sa.select(rescored_attempts.c.rescoring_id, changed)
        .join(rescorings, rescorings.c.id == rescored_attempts.c.rescoring_id)
        .where(own)
        .group_by(rescored_attempts.c.rescoring_id)
    ).all()
    counts = {int(rescoring_id): int(count) for rescoring_id, count in counted}
    return tuple(
        Rescoring(
            title=one.title,
            reason=one.reason,
            state=one.state,
            items=tuple(change.item_id for change in changes if change.rescoring_id == one.id),
            attempts=counts.get(one.id, 0),
            applied_at=one.applied_at,
            reverted_at=one.reverted_at,
        )
        for one in sessions
    )


def group_frame(connection: Connection, discipline: str) -> pd.DataFrame:
    """Return `candidate_id` (as text), `grouping`, `value` of everybody who holds a credential of the discipline."""
    holders = sa.select(credentials.c.person_id).where(credentials.c.discipline == discipline)
    query = (
        candidate_groups.select()
        .where(candidate_groups.c.person_id.in_(holders))
        .order_by(candidate_groups.c.person_id, candidate_groups.c.grouping)
    )
    rows = [(str(row.person_id), row.grouping, row.value) for row in connection.execute(query)]
    return pd.DataFrame(rows, columns=["candidate_id", "grouping", "value"])
