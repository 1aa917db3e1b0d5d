"""Rows of standard settings: a panel's sheet as it was sent, and how it is to be read."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.storage.console_tables import standard_settings


@dataclass(frozen=True, slots=True)
class StandardSetting:
    """One panel's sheet; `settings` is what `actions.standard_setting` keeps there."""

    id: int
    discipline: str
    title: str
    method: str
    sheet: str
    settings: dict[str, Any]
    created_by: str
    created_at: dt.datetime


def insert(
    connection: Connection,
    *,
    discipline: str,
    title: str,
    method: str,
    sheet: str,
    settings: dict[str, Any],
    created_by: str,
    at: dt.datetime,
) -> int:
    """Insert a sheet; return its number."""
    row = standard_settings.insert().values(
        discipline=discipline,
        title=title,
        method=method,
        sheet=sheet,
        settings=json.dumps(settings, sort_keys=True),
        created_by=created_by,
        created_at=at,
    )
    key = connection.execute(row).inserted_primary_key
    if key is None:
        raise LookupError("the database gave the row no number")
    return int(key[0])


def get(connection: Connection, discipline: str, setting_id: int) -> StandardSetting | None:
    """Return one sheet of a discipline, or None."""
    query = standard_settings.select().where(
        standard_settings.c.discipline == discipline, standard_settings.c.id == setting_id
    )
    row = connection.execute(query).first()
    return None if row is None else _setting(row)


def of_discipline(connection: Connection, discipline: str) -> list[StandardSetting]:
    """Return all sheets of a discipline, latest first."""
    query = (
        standard_settings.select()
        .where(standard_settings.c.discipline == discipline)
        .order_by(standard_settings.c.created_at.desc(), standard_settings.c.id.desc())
    )
    return [_setting(row) for row in connection.execute(query)]


def _setting(row: sa.Row[Any]) -> StandardSetting:
    return StandardSetting(
        row.id,
        row.discipline,
        row.title,
        row.method,
        row.sheet,
        json.loads(row.settings),
        row.created_by,
        row.created_at,
    )
