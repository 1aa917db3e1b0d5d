"""Rows of rescoring sessions and of their changes. Sessions are never deleted."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.rescorings import IN_FORCE, UNDER_WAY, Change, ItemChange, Rescoring, RescoringState
from ssa_engine.storage.console_tables import rescoring_changes, rescorings
from ssa_engine.storage.tables import attempts, bank_versions, form_items, forms


def insert(
    connection: Connection, *, discipline: str, title: str, reason: str, created_by: str, created_at: dt.datetime
) -> int:
    """Insert a draft; return its id."""
    row = {
        "discipline": discipline,
        "title": title,
        "reason": reason,
        "created_by": created_by,
        "created_at": created_at,
    }
    return int(connection.execute(rescorings.insert().values(row).returning(rescorings.c.id)).scalar_one())


def get(connection: Connection, rescoring_id: int) -> Rescoring | None:
    """Return a session, or None."""
    return _rescoring(connection.execute(rescorings.select().where(rescorings.c.id == rescoring_id)).first())


def lock(connection: Connection, rescoring_id: int) -> Rescoring | None:
    """Return a session and keep others from changing it until this transaction ends, or None."""
    query = rescorings.select().where(rescorings.c.id == rescoring_id).with_for_update()
    return _rescoring(connection.execute(query).first())


def of_discipline(connection: Connection, discipline: str) -> list[Rescoring]:
    """Return the sessions of a discipline, the latest first."""
    query = rescorings.select().where(rescorings.c.discipline == discipline).order_by(rescorings.c.id.desc())
    return [one for row in connection.execute(query) if (one := _rescoring(row)) is not None]


def everything(connection: Connection) -> list[Rescoring]:
    """Return all sessions, the latest first."""
    query = rescorings.select().order_by(rescorings.c.id.desc())
    return [one for row in connection.execute(query) if (one := _rescoring(row)) is not None]


def change(connection: Connection, rescoring_id: int, **values: Any) -> None:
    """Change columns of a session that was locked."""
    connection.execute(rescorings.update().where(rescorings.c.id == rescoring_id).values(values))


def changes_of(connection: Connection, rescoring_id: int) -> list[Change]:
    """Return what a session changes, by item."""
    query = rescoring_changes.select().where(rescoring_changes.c.rescoring_id == rescoring_id)
    return [_change(row) for row in connection.execute(query.order_by(rescoring_changes.c.item_id))]


def counts_of_changes(connection: Connection) -> dict[int, int]:
    """Return session -> how many items it changes."""
    query = sa.select(rescoring_changes.c.rescoring_id, sa.func.count()).group_by(rescoring_changes.c.rescoring_id)
    return {int(rescoring_id): int(count) for rescoring_id, count in connection.execute(query)}


def set_change(connection: Connection, rescoring_id: int, one: Change) -> None:
    """Set what the session changes about an item, in place of what it changed before."""
    remove_change(connection, rescoring_id, one.item_id)
    connection.execute(
        rescoring_changes.insert().values(
            rescoring_id=rescoring_id, item_id=one.item_id, change=one.change, key=one.key_text
        )
    )


def remove_change(connection: Connection, rescoring_id: int, item_id: str) -> int:
    """Take the change of an item out of a session; return how many rows that were."""
    query = rescoring_changes.delete().where(
        rescoring_changes.c.rescoring_id == rescoring_id, rescoring_changes.c.item_id == item_id
    )
    return connection.execute(query).rowcount


def counting(connection: Connection, bank_version: str) -> list[tuple[Rescoring, Change]]:
    """Return (session, change) of everything that may have changed the keys of a bank version, in the order applied.

    Sessions that were applied before the version was stored do not touch it: it comes from mended files. Those that
    are being reverted are among them, for they still hold for some attempts.
    """
    query = (
        sa.select(rescorings, rescoring_changes.c.item_id, rescoring_changes.c.change, rescoring_changes.c.key)
        .join(rescoring_changes, rescoring_changes.c.rescoring_id == rescorings.c.id)
        .join(bank_versions, bank_versions.c.discipline == rescorings.c.discipline)
        .where(
            bank_versions.c.version == bank_version,
            rescorings.c.applied_at >= bank_versions.c.stored_at,
            rescorings.c.state.in_((*IN_FORCE, RescoringState.REVERTING)),
        )
        .order_by(rescorings.c.applied_at, rescorings.c.id, rescoring_changes.c.item_id)
    )
    rows = connection.execute(query)
    return [(one, _change(row)) for row in rows if (one := _rescoring(row)) is not None]


def under_way(connection: Connection, discipline: str) -> Rescoring | None:
    """Return the session of a discipline that is being applied or reverted, or None."""
    query = rescorings.select().where(rescorings.c.discipline == discipline, rescorings.c.state.in_(UNDER_WAY))
    return _rescoring(connection.execute(query).first())


def lock_keys(connection: Connection, discipline: str, *, shared: bool) -> None:
    """Keep the keys of a discipline from changing until this transaction ends; SQLite writes one at a time anyway.

    Who marks by the keys locks them with others, who changes them locks them alone.
    """
    if connection.dialect.name == "postgresql":
        key = sa.func.hashtextextended(f"keys/{discipline}", 0)
        take = sa.func.pg_advisory_xact_lock_shared if shared else sa.func.pg_advisory_xact_lock
        connection.execute(sa.select(take(key)))


def areas_left_empty(connection: Connection, discipline: str, dropped: set[str]) -> list[tuple[str, int]]:
    """Return (content area, attempts) where no item would be scored any more if these items are dropped."""
    is_dropped = form_items.c.item_id.in_(sorted(dropped))
    left = (
        sa.select(form_items.c.form_id, form_items.c.content_area)
        .join(forms, forms.c.id == form_items.c.form_id)
        .where(forms.c.discipline == discipline, form_items.c.scored)
        .group_by(form_items.c.form_id, form_items.c.content_area)
        .having(sa.func.sum(sa.case((is_dropped, 0), else_=1)) == 0)
        .subquery()
    )
    query = (
        sa.select(left.c.content_area, sa.func.count())
        .join(attempts, attempts.c.form_id == left.c.form_id)
        .group_by(left.c.content_area)
        .order_by(left.c.content_area)
    )
    return [(area, int(count)) for area, count in connection.execute(query)]


def banks_holding(connection: Connection, discipline: str) -> list[str]:
    """Return the stored bank versions of a discipline, the latest first."""
    query = sa.select(bank_versions.c.version).where(bank_versions.c.discipline == discipline)
    return list(connection.execute(query.order_by(bank_versions.c.stored_at.desc())).scalars())


def _rescoring(row: Any) -> Rescoring | None:
    if row is None:
        return None
    cells = {name: getattr(row, name) for name in Rescoring.__slots__}
    return Rescoring(**{**cells, "state": RescoringState(cells["state"])})


def _change(row: Any) -> Change:
    key = None if row.key is None else json.loads(row.key)
    return Change(row.item_id, ItemChange(row.change), key)
