"""Rows of the audit trail, written in the transaction of the change they describe; and read page by page."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.audit_trail import AuditEntry, AuditFilter
from ssa_engine.storage.tables import audit


def add(
    connection: Connection, *, at: dt.datetime, who: str, verb: str, noun: str, noun_id: object, **detail: Any
) -> None:
    """Note who did what to what, when, with the details that tell it from others of its kind."""
    connection.execute(
        audit.insert().values(
            at=at, who=who, verb=verb, noun=noun, noun_id=str(noun_id), detail=json.dumps(detail, sort_keys=True)
        )
    )


def entries(connection: Connection, wanted: AuditFilter, limit: int | None = None, offset: int = 0) -> list[AuditEntry]:
    """Return entries, latest first."""
    query = _filtered(sa.select(audit), wanted).order_by(audit.c.id.desc()).limit(limit).offset(offset)
    return [
        AuditEntry(row.id, row.at, row.who, row.verb, row.noun, row.noun_id, json.loads(row.detail))
        for row in connection.execute(query)
    ]


def count(connection: Connection, wanted: AuditFilter) -> int:
    """Return how many entries there are."""
    return int(connection.execute(_filtered(sa.select(sa.func.count()).select_from(audit), wanted)).scalar_one())


def kinds(connection: Connection) -> list[tuple[str, str]]:
    """Return every (noun, verb) there is."""
    query = sa.select(audit.c.noun, audit.c.verb).distinct().order_by(audit.c.noun, audit.c.verb)
    return [(row.noun, row.verb) for row in connection.execute(query)]


def _filtered(query: sa.Select[Any], wanted: AuditFilter) -> sa.Select[Any]:
    same = {"noun": wanted.noun, "verb": wanted.verb, "noun_id": wanted.thing}
    query = query.where(*(audit.c[name] == value for name, value in same.items() if value))
    if wanted.who:
        query = query.where(sa.func.lower(audit.c.who).contains(wanted.who.lower(), autoescape=True))
    period = wanted.period
    if period.begins:
        query = query.where(audit.c.at >= period.begins)
    return query.where(audit.c.at < period.ends) if period.ends else query
