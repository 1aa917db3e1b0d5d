"""Rows of the ledger of completed credits: appended, never changed; taken away by an undo within the minute alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.storage.attempts import of_same_cycle
from ssa_engine.storage.console_tables import completed_credits
from ssa_engine.storage.tables import attempts


def append(
    connection: Connection,
    attempt_id: int,
    credits: Mapping[str, float],
    *,
    source: str,
    completed_on: dt.date,
    at: dt.datetime,
) -> None:
    """Append the credits of one source (an approved claim), by content area.

    The attempt is locked first, so that a rescoring at the same moment either sees them or waits.
    """
    connection.execute(sa.select(attempts.c.id).where(attempts.c.id == attempt_id).with_for_update())
    connection.execute(
        completed_credits.insert(),
        [
            {
                "attempt_id": attempt_id,
                "content_area": area,
                "credits": amount,
                "completed_on": completed_on,
                "source": source,
                "recorded_at": at,
            }
            for area, amount in credits.items()
        ],
    )


def remove(connection: Connection, attempt_id: int, source: str) -> int:
    """Remove the credits of a source whose approval is undone; return how many rows there were.

    The attempt is locked first, as in `append`.
    """
    connection.execute(sa.select(attempts.c.id).where(attempts.c.id == attempt_id).with_for_update())
    own = completed_credits.c
    removed = completed_credits.delete().where(own.attempt_id == attempt_id, own.source == source)
    return connection.execute(removed).rowcount


def sums(connection: Connection, attempt_id: int) -> dict[str, float]:
    """Return content area -> credits completed in the cycle of an attempt, for whichever attempt of it."""
    query = (
        sa.select(completed_credits.c.content_area, sa.func.sum(completed_credits.c.credits))
        .where(completed_credits.c.attempt_id.in_(of_same_cycle(attempt_id)))
        .group_by(completed_credits.c.content_area)
        .order_by(completed_credits.c.content_area)
    )
    return {area: round(float(total), 10) for area, total in connection.execute(query)}


def last_at(connection: Connection, attempt_id: int) -> dt.datetime | None:
    """Return when credits were completed last in the cycle of an attempt, or None if none were."""
    latest = sa.func.max(completed_credits.c.recorded_at, type_=completed_credits.c.recorded_at.type)
    query = sa.select(latest).where(completed_credits.c.attempt_id.in_(of_same_cycle(attempt_id)))
    found: dt.datetime | None = connection.execute(query).scalar()
    return found
