"""Rows of completion records: issued once for a cycle; one that was taken back stays, and says so."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.completion import CompletionRecord
from ssa_engine.storage.process_tables import completion_records


def insert(connection: Connection, **values: Any) -> CompletionRecord:
    """Insert a record; return it."""
    query = completion_records.insert().values(values).returning(completion_records)
    return CompletionRecord(**connection.execute(query).mappings().one())


def by_code(connection: Connection, code: str) -> CompletionRecord | None:
    """Return the record with this code, also one that was taken back, or None."""
    return _one(connection, completion_records.c.code == code)


def of_cycle(connection: Connection, credential_id: int, cycle: int) -> CompletionRecord | None:
    """Return the record of a cycle that stands, or None."""
    return _one(
        connection,
        completion_records.c.credential_id == credential_id,
        completion_records.c.cycle == cycle,
        completion_records.c.voided_at.is_(None),
    )


def of_credential(connection: Connection, credential_id: int) -> list[CompletionRecord]:
    """Return the records of a credential that stand, the latest cycle first."""
    query = (
        completion_records.select()
        .where(completion_records.c.credential_id == credential_id, completion_records.c.voided_at.is_(None))
        .order_by(completion_records.c.cycle.desc())
    )
    return [CompletionRecord(**row) for row in connection.execute(query).mappings()]


def count(connection: Connection, credential_id: int, cycle: int) -> int:
    """Return how many records were issued for a cycle, those that were taken back among them."""
    own = (completion_records.c.credential_id == credential_id, completion_records.c.cycle == cycle)
    query = sa.select(sa.func.count()).select_from(completion_records).where(*own)
    return int(connection.execute(query).scalar_one())


def _one(connection: Connection, *conditions: sa.ColumnElement[bool]) -> CompletionRecord | None:
    row = connection.execute(completion_records.select().where(*conditions)).mappings().first()
    return None if row is None else CompletionRecord(**row)


def void(connection: Connection, record_id: int, at: dt.datetime) -> None:
    """Note that a record was taken back."""
    query = completion_records.update().where(completion_records.c.id == record_id)
    connection.execute(query.values(voided_at=at))


def set_next_due(connection: Connection, record_id: int, next_due_on: dt.date) -> None:
    """Date the next cycle of a record anew: it is counted from a reinstatement."""
    query = completion_records.update().where(completion_records.c.id == record_id)
    connection.execute(query.values(next_due_on=next_due_on))
