"""Counts for monitors."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import State
from ssa_engine.storage.tables import attempts
from ssa_engine.storage.tables import responses as response_rows


def attempts_by_state(connection: Connection) -> dict[str, int]:
    """Return how many attempts are in each state, every state named."""
    query = sa.select(attempts.c.state, sa.func.count()).group_by(attempts.c.state)
    found = {str(state): int(count) for state, count in connection.execute(query)}
    return {str(state): found.get(str(state), 0) for state in State}


def responses(connection: Connection) -> int:
    """Return how many responses were ever received."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(response_rows)).scalar_one())
