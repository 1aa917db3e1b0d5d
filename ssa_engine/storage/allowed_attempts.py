"""Rows of attempts that staff allowed beyond the first of a cycle; and the attempt that a cycle stands on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import Attempt, State
from ssa_engine.storage import attempts as attempt_rows
from ssa_engine.storage.process_tables import allowed_attempts
from ssa_engine.storage.tables import attempts


@dataclass(frozen=True, slots=True)
class AllowedAttempt:
    """An attempt that may be begun, by its number in the cycle (from 2), and who allowed it why."""

    credential_id: int
    cycle: int
    number: int
    reason: str
    allowed_by: str
    allowed_at: dt.datetime


def insert(connection: Connection, allowed: AllowedAttempt) -> None:
    """Insert one. Whoever calls has locked the credential."""
    cells = {name: getattr(allowed, name) for name in AllowedAttempt.__slots__}
    connection.execute(allowed_attempts.insert().values(cells))


def is_allowed(connection: Connection, credential_id: int, cycle: int, number: int) -> bool:
    """Whether staff allowed the attempt of this number."""
    query = sa.select(allowed_attempts.c.number).where(
        allowed_attempts.c.credential_id == credential_id,
        allowed_attempts.c.cycle == cycle,
        allowed_attempts.c.number == number,
    )
    return connection.execute(query).first() is not None


def counted(connection: Connection, credential_id: int, cycle: int) -> Attempt | None:
    """Return the attempt that a cycle stands on: the latest; None if there is none, or another may be begun."""
    latest = attempt_rows.latest(connection, credential_id, cycle)
    if latest is None or latest.state is State.IN_PROGRESS:
        return latest
    taken = sa.select(sa.func.max(attempts.c.number)).where(
        attempts.c.credential_id == credential_id, attempts.c.cycle == cycle
    )
    query = sa.select(allowed_attempts.c.number).where(
        allowed_attempts.c.credential_id == credential_id,
        allowed_attempts.c.cycle == cycle,
        allowed_attempts.c.number > taken.scalar_subquery(),
    )
    return None if connection.execute(query).first() is not None else latest


def of_credentials(connection: Connection, credential_ids: Collection[int]) -> list[AllowedAttempt]:
    """Return what was allowed for these credentials, in the order it was."""
    query = allowed_attempts.select().where(allowed_attempts.c.credential_id.in_(credential_ids))
    rows = connection.execute(query.order_by(allowed_attempts.c.allowed_at, allowed_attempts.c.number))
    return [AllowedAttempt(**row._asdict()) for row in rows]
