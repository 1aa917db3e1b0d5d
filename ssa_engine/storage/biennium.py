"""What the biennium is counted from: when a person's first one began, and their approved claims."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.biennium import ApprovedActivity
from ssa_engine.core.claims import ClaimState
from ssa_engine.storage.process_tables import activities, claims
from ssa_engine.storage.tables import attempts, credentials, people


@dataclass(frozen=True, slots=True)
class ApprovedOf:
    """An approved activity, whose it is and for which discipline it was claimed."""

    person_id: int
    discipline: str
    attempt_id: int
    activity: ApprovedActivity


def begun_on(connection: Connection, person_id: int) -> dt.date | None:
    """Return the first day of a person's first biennium known here, or None."""
    query = sa.select(people.c.biennium_from).where(people.c.id == person_id)
    return connection.execute(query).scalar_one_or_none()


def begun_of_all(connection: Connection) -> dict[int, dt.date]:
    """Return person -> first day of their first biennium known here."""
    query = sa.select(people.c.id, people.c.biennium_from).where(people.c.biennium_from.is_not(None))
    return {row.id: row.biennium_from for row in connection.execute(query)}


def approved(connection: Connection, person_id: int | None = None) -> list[ApprovedOf]:
    """Return the approved claims of a person, or of everybody, by person and claim."""
    query = (
        sa.select(
            credentials.c.person_id,
            credentials.c.discipline,
            claims.c.attempt_id,
            claims.c.id,
            claims.c.title,
            claims.c.credits,
            claims.c.finished_on,
            sa.func.coalesce(activities.c.code, "").label("code"),
            sa.func.coalesce(activities.c.mechanism, "").label("mechanism"),
            activities.c.biennium,
        )
        .join_from(claims, attempts, attempts.c.id == claims.c.attempt_id)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .join(activities, activities.c.id == claims.c.activity_id, isouter=True)
        .where(claims.c.state == ClaimState.APPROVED)
        .order_by(credentials.c.person_id, claims.c.id)
    )
    if person_id is not None:
        query = query.where(credentials.c.person_id == person_id)
    return [
        ApprovedOf(
            row.person_id,
            row.discipline,
            row.attempt_id,
            ApprovedActivity(
                row.id, row.code, row.title, row.credits, row.finished_on, row.mechanism, bool(row.biennium)
            ),
        )
        for row in connection.execute(query)
    ]
