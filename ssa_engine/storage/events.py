"""Rows of the evidence of sittings. They are appended, never changed."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.events import Event, EventKind
from ssa_engine.storage.prepared import Prepared
from ssa_engine.storage.sitting_tables import attempt_events
from ssa_engine.storage.tables import attempts, form_items, responses

_APPEND = Prepared(
    attempt_events.insert()
    .inline()
    .values(
        {
            name: sa.bindparam(name, type_=attempt_events.c[name].type)
            for name in ("attempt_id", "at", "kind", "position", "detail")
        }
    )
)


def append(
    connection: Connection,
    attempt_id: int,
    kind: EventKind,
    at: dt.datetime,
    position: int | None = None,
    detail: str = "",
) -> None:
    """Append an event."""
    _APPEND.run(connection, attempt_id=attempt_id, at=at, kind=kind, position=position, detail=detail[:500])


def count(connection: Connection, attempt_id: int) -> int:
    """Return how many events an attempt has."""
    query = sa.select(sa.func.count()).where(attempt_events.c.attempt_id == attempt_id)
    return int(connection.execute(query).scalar_one())


def timeline(connection: Connection, attempt_id: int) -> list[Event]:
    """Return events and responses of an attempt in the order they happened: an answer before the move it made."""
    query = attempt_events.select().where(attempt_events.c.attempt_id == attempt_id).order_by(attempt_events.c.id)
    found = [Event(row.at, row.kind, row.position, row.detail) for row in connection.execute(query)]
    return sorted([*_answers(connection, attempt_id), *found], key=lambda one: (one.at, one.kind != EventKind.STARTED))


def _answers(connection: Connection, attempt_id: int) -> list[Event]:
    """Return the responses as events: the first to an item answers it, later ones change it or take it back."""
    query = (
        sa.select(form_items.c.position, responses.c.answer, responses.c.answered_at, responses.c.late)
        .join(attempts, attempts.c.id == responses.c.attempt_id)
        .join(
            form_items,
            sa.and_(form_items.c.form_id == attempts.c.form_id, form_items.c.item_id == responses.c.item_id),
        )
        .where(responses.c.attempt_id == attempt_id)
        .order_by(responses.c.id)
    )
    found, before = [], dict[int, str]()
    for row in connection.execute(query):
        kind = "cleared" if not row.answer else "changed" if before.get(row.position) else "answered"
        before[row.position] = row.answer
        found.append(Event(row.answered_at, kind, row.position, row.answer, bool(row.late)))
    return found
