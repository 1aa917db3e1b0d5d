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


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The disciplines that a person holds, and the first day of their first biennium known here."""

    disciplines: tuple[str, ...]
    begun_on: dt.date | None


def enrolled(connection: Connection, person_id: int | None = None) -> dict[int, Enrolled]:
    """Return person -> what they are enrolled in, of one person or of all who hold a credential."""
    query = (
        sa.select(people.c.id, people.c.biennium_from, credentials.c.discipline)
        .join(credentials, credentials.c.person_id == people.c.id)
        .order_by(people.c.id, credentials.c.discipline)
    )
    if person_id is not None:
        query = query.where(people.c.id == person_id)
    found: dict[int, Enrolled] = {}
    for row in connection.execute(query):
        before = found[row.id].disciplines if row.id in found else ()
        found[row.id] = Enrolled((*before, row.discipline), row.biennium_from)
    return found


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
