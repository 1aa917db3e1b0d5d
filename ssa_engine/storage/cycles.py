"""Rows of what happened to credentials in their cycles; and credentials in sets, for what falls due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import State
from ssa_engine.core.cycles import CycleEvent, Happening, Position, position
from ssa_engine.core.programmes import CqrRules
from ssa_engine.storage.console_tables import completed_credits
from ssa_engine.storage.people import Credential
from ssa_engine.storage.process_tables import cycle_events
from ssa_engine.storage.tables import attempts, credentials, prescription_areas, prescriptions, results


def happenings(connection: Connection, credential_id: int) -> tuple[Happening, ...]:
    """Return what happened to a credential, by cycle."""
    return happenings_of_many(connection, [credential_id]).get(credential_id, ())


def happenings_of_many(
    connection: Connection, credential_ids: Collection[int] | None
) -> dict[int, tuple[Happening, ...]]:
    """Return credential -> what happened to it, by cycle; of those alone to which something did. None asks for all."""
    events = cycle_events.c
    query = sa.select(events.credential_id, events.kind, events.cycle, events.happened_on)
    if credential_ids is not None:
        query = query.where(events.credential_id.in_(_written(credential_ids)))
    found: dict[int, list[Happening]] = {}
    for row in connection.execute(query.order_by(events.credential_id, events.cycle, events.id)):
        happening = Happening(CycleEvent(row.kind), row.cycle, row.happened_on)
        found.setdefault(row.credential_id, []).append(happening)
    return {credential_id: tuple(own) for credential_id, own in found.items()}


def _written(ids: Collection[int]) -> sa.BindParameter[list[int]]:
    """Write numbers into the statement: a driver takes only so many values."""
    return sa.bindparam("ids", list(ids), expanding=True, literal_execute=True)


def insert_event(
    connection: Connection, *, credential_id: int, cycle: int, kind: CycleEvent, on: dt.date, at: dt.datetime
) -> bool:
    """Insert what happened, unless it is there; return whether it was new.

    Whoever calls has locked the credential, so that nobody inserts the same at the same moment.
    """
    if _events(connection, credential_id, cycle, kind):
        return False
    row = {"credential_id": credential_id, "cycle": cycle, "kind": kind, "happened_on": on, "recorded_at": at}
    connection.execute(cycle_events.insert().values(row))
    return True


def _events(connection: Connection, credential_id: int, cycle: int, kind: CycleEvent) -> int:
    query = sa.select(sa.func.count()).select_from(cycle_events).where(*_is(credential_id, cycle, kind))
    return int(connection.execute(query).scalar_one())


def delete_event(connection: Connection, *, credential_id: int, cycle: int, kind: CycleEvent) -> bool:
    """Delete what was taken back; return whether it was there."""
    return connection.execute(cycle_events.delete().where(*_is(credential_id, cycle, kind))).rowcount > 0


def _is(credential_id: int, cycle: int, kind: CycleEvent) -> tuple[sa.ColumnElement[bool], ...]:
    events = cycle_events.c
    return events.credential_id == credential_id, events.cycle == cycle, events.kind == kind


def position_of(connection: Connection, credential: Credential, rules: CqrRules, today: dt.date) -> Position | None:
    """Return where a credential stands on a day, or None if it is not time-limited."""
    own = happenings(connection, credential.id)
    return position(today, credential.earned_on, rules, own, credential.recorded_on)


def credentials_after(connection: Connection, after: int, limit: int | None) -> list[Credential]:
    """Return the next credentials beyond an id, or all beyond it, in the order of their ids."""
    query = credentials.select().where(credentials.c.id > after).order_by(credentials.c.id).limit(limit)
    return [Credential(**row) for row in connection.execute(query).mappings()]


def lock(connection: Connection, credential_ids: Collection[int]) -> list[Credential]:
    """Return these credentials in the order of their ids, and keep others from changing them until the end.

    Always in that order, so that two who lock several do not wait for each other; rows that name one may be added.
    """
    if not credential_ids:
        return []
    query = credentials.select().where(credentials.c.id.in_(_written(credential_ids))).order_by(credentials.c.id)
    return [Credential(**row) for row in connection.execute(query.with_for_update(key_share=True)).mappings()]


_OTHER, _NEWER = attempts.alias("other_attempt"), results.alias("newer_result")
_EARNER = attempts.alias("earning_attempt")
_EARNED = (
    sa.select(sa.func.coalesce(sa.func.sum(completed_credits.c.credits), 0.0))
    .join(_EARNER, _EARNER.c.id == completed_credits.c.attempt_id)
    .where(
        _EARNER.c.credential_id == attempts.c.credential_id,
        _EARNER.c.cycle == attempts.c.cycle,
        completed_credits.c.content_area == prescription_areas.c.content_area,
    )
    .correlate(attempts, prescription_areas)
    .scalar_subquery()
)
_HAS_LATER = sa.exists().where(
    _OTHER.c.credential_id == attempts.c.credential_id,
    _OTHER.c.cycle == attempts.c.cycle,
    _OTHER.c.number > attempts.c.number,
)
_HAS_NEWER = sa.exists().where(_NEWER.c.attempt_id == results.c.attempt_id, _NEWER.c.version > results.c.version)
_IS_OPEN = (
    sa.exists()
    .where(
        prescriptions.c.result_id == results.c.id,
        prescription_areas.c.prescription_id == prescriptions.c.id,
        prescription_areas.c.credits > _EARNED + 1e-6,
    )
    .correlate(attempts, results)
)


def begun(connection: Connection, credential_ids: Collection[int]) -> set[tuple[int, int]]:
    """Return (credential, cycle) of those for which an attempt was started."""
    query = sa.select(attempts.c.credential_id, attempts.c.cycle).distinct()
    query = query.where(attempts.c.credential_id.in_(_written(credential_ids)))
    return {(row.credential_id, row.cycle) for row in connection.execute(query)} if credential_ids else set()


def filled(connection: Connection, credential_ids: Collection[int]) -> set[tuple[int, int]]:
    """Return (credential, cycle) of those whose latest attempt's result is released and leaves no credits to earn.

    The ledger of each (`storage.claims.ledger_of`) has the last word.
    """
    query = (
        sa.select(attempts.c.credential_id, attempts.c.cycle)
        .join(results, results.c.attempt_id == attempts.c.id)
        .where(
            attempts.c.credential_id.in_(_written(credential_ids)),
            attempts.c.state == State.RELEASED,
            ~_HAS_LATER.correlate(attempts),
            ~_HAS_NEWER.correlate(results),
            ~_IS_OPEN,
        )
    )
    return {(row.credential_id, row.cycle) for row in connection.execute(query)} if credential_ids else set()
