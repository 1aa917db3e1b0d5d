"""Rows of notices: what a person is told, once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from ssa_engine.storage.console_tables import notices


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person is told. `details` are what a page makes its words of."""

    id: int
    person_id: int
    attempt_id: int | None
    kind: str
    details: dict[str, Any]
    created_at: dt.datetime
    read_at: dt.datetime | None
    credential_id: int | None = None


def insert(
    connection: Connection,
    *,
    kind: str,
    key: str,
    person_id: int,
    credential_id: int,
    attempt_id: int | None,
    details: dict[str, Any],
    at: dt.datetime,
) -> int | None:
    """Insert a notice; return its id, or None if there is one of that key. Days in `details` become text."""
    row = {
        "kind": kind,
        "key": key,
        "person_id": person_id,
        "credential_id": credential_id,
        "attempt_id": attempt_id,
        "details": json.dumps(details, ensure_ascii=False, default=_day_as_text),
        "created_at": at,
    }
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    query = insert(notices).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(notices.c.id)
    return connection.execute(query).scalar_one_or_none()


def _day_as_text(value: object) -> str:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot stand in the details of a notice; use text, numbers and days")


def insert_many(connection: Connection, rows: Sequence[dict[str, Any]], at: dt.datetime) -> None:
    """Insert notices; `key` makes sure that nobody is told the same twice."""
    if rows:
        made = [{**row, "details": json.dumps(row["details"], ensure_ascii=False), "created_at": at} for row in rows]
        connection.execute(notices.insert(), made)


def of_person(connection: Connection, person_id: int) -> list[Notice]:
    """Return the notices of a person, the latest first."""
    query = notices.select().where(notices.c.person_id == person_id).order_by(notices.c.id.desc())
    return [_notice(row) for row in connection.execute(query)]


def get(connection: Connection, notice_id: int, person_id: int) -> Notice | None:
    """Return a person's own notice, or None."""
    query = notices.select().where(notices.c.id == notice_id, notices.c.person_id == person_id)
    row = connection.execute(query).first()
    return None if row is None else _notice(row)


def by_key(connection: Connection, key: str, *, for_update: bool = False) -> Notice | None:
    """Return the notice of a key, or None."""
    query = notices.select().where(notices.c.key == key)
    row = connection.execute(query.with_for_update() if for_update else query).first()
    return None if row is None else _notice(row)


def known_keys(connection: Connection, keys: Collection[str]) -> set[str]:
    """Return those of the keys of which there is a notice."""
    query = sa.select(notices.c.key).where(notices.c.key.in_(keys))
    return set(connection.execute(query).scalars()) if keys else set()


def delete(connection: Connection, notice_id: int) -> None:
    """Delete a notice that nobody was told."""
    connection.execute(notices.delete().where(notices.c.id == notice_id))


def set_read(connection: Connection, notice_id: int, at: dt.datetime) -> int:
    """Note when a notice was read first; return 0 if that was noted before."""
    query = notices.update().where(notices.c.id == notice_id, notices.c.read_at.is_(None)).values(read_at=at)
    return connection.execute(query).rowcount


def told(connection: Connection, people: Collection[int], rescoring_id: int | None = None) -> set[int]:
    """Return the attempts of these people that a rescoring session (any, if none is given) has written about."""
    session = "%" if rescoring_id is None else rescoring_id
    query = sa.select(notices.c.attempt_id).where(
        notices.c.person_id.in_(people), notices.c.key.like(f"rescoring/{session}/%")
    )
    return {row.attempt_id for row in connection.execute(query)} if people else set()


def count_of_rescoring(connection: Connection, rescoring_id: int) -> tuple[int, int]:
    """Return how many notices a rescoring session has made, and how many of them were read."""
    query = sa.select(sa.func.count(), sa.func.count(notices.c.read_at)).where(
        notices.c.key.like(f"rescoring/{rescoring_id}/%")
    )
    told, read = connection.execute(query).one()
    return int(told), int(read)


def _notice(row: Any) -> Notice:
    details = json.loads(row.details)
    return Notice(
        row.id, row.person_id, row.attempt_id, row.kind, details, row.created_at, row.read_at, row.credential_id
    )
