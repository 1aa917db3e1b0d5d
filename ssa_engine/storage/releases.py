"""What is read of results that are not released yet."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import State
from ssa_engine.core.releases import Held
from ssa_engine.storage.results import latest_results
from ssa_engine.storage.tables import area_scores, attempts, credentials


def unreleased(connection: Connection, discipline: str) -> list[Held]:
    """Return the latest results of a discipline's attempts that were submitted and not released, the oldest first."""
    latest = latest_results(discipline)
    columns = (
        attempts.c.id,
        credentials.c.person_id,
        attempts.c.submitted_at,
        latest.c.scored_at,
        latest.c.policy_version,
    )
    query = (
        sa.select(*columns, sa.func.sum(area_scores.c.credits))
        .join(latest, latest.c.attempt_id == attempts.c.id)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .join(area_scores, area_scores.c.result_id == latest.c.id)
        .where(attempts.c.state == State.SUBMITTED)
        .group_by(*columns)
        .order_by(attempts.c.submitted_at, attempts.c.id)
    )
    return [Held(*row) for row in connection.execute(query)]
