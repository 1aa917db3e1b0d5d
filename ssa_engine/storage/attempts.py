"""Rows of attempts: where each stands, its clock, its breaks. What the answering path runs is prepared."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import Attempt, State
from ssa_engine.storage.prepared import Prepared
from ssa_engine.storage.tables import attempts, credentials, forms

_ATTEMPT = (
    sa.select(
        attempts.c.id,
        credentials.c.person_id,
        attempts.c.credential_id,
        attempts.c.cycle,
        credentials.c.discipline,
        attempts.c.form_id,
        forms.c.bank_version,
        attempts.c.state,
        attempts.c.started_at,
        attempts.c.seconds_allowed,
        attempts.c.submitted_at,
        attempts.c.released_at,
        attempts.c.position,
        attempts.c.items_total,
        attempts.c.render_token,
        attempts.c.rendered_at,
        attempts.c.paused_seconds,
        attempts.c.break_after,
        attempts.c.break_seconds,
        attempts.c.breaks_done,
        attempts.c.break_began_at,
        attempts.c.locked_through,
    )
    .join(credentials, credentials.c.id == attempts.c.credential_id)
    .join(forms, forms.c.id == attempts.c.form_id)
)
_BY_ID = _ATTEMPT.where(attempts.c.id == sa.bindparam("attempt_id"))
_GET = Prepared(_BY_ID)
_LOCK = Prepared(_BY_ID.with_for_update(of=attempts))

_RENDER = Prepared(
    attempts.update()
    .where(attempts.c.id == sa.bindparam("attempt_id"))
    .values(
        position=sa.bindparam("to_position", type_=attempts.c.position.type),
        render_token=sa.bindparam("new_token", type_=attempts.c.render_token.type),
        rendered_at=sa.bindparam("at", type_=attempts.c.rendered_at.type),
    )
)


def get(connection: Connection, attempt_id: int) -> Attempt | None:
    """Return the attempt, or None."""
    return _attempt(_GET.first(connection, attempt_id=attempt_id))


def lock(connection: Connection, attempt_id: int) -> Attempt | None:
    """Return the attempt and keep others from changing it until this transaction ends, or None."""
    return _attempt(_LOCK.first(connection, attempt_id=attempt_id))


def latest(connection: Connection, credential_id: int, cycle: int | None = None) -> Attempt | None:
    """Return the latest attempt for a credential, in one cycle or in all, or None."""
    own = of_credential(connection, credential_id)
    return next((attempt for attempt in own if cycle in (None, attempt.cycle)), None)


def of_credential(connection: Connection, credential_id: int) -> list[Attempt]:
    """Return all attempts for a credential, latest first."""
    rows = connection.execute(_ATTEMPT.where(attempts.c.credential_id == credential_id).order_by(attempts.c.id.desc()))
    return [attempt for row in rows if (attempt := _attempt(row)) is not None]


def of_same_cycle(attempt_id: int) -> sa.Select[tuple[int]]:
    """The ids of all attempts in the cycle of an attempt: a query to stand within others.

    What was earned for one of them counts for the prescription of the latest.
    """
    own = attempts.alias("own_attempt")
    same = sa.and_(own.c.credential_id == attempts.c.credential_id, own.c.cycle == attempts.c.cycle)
    return sa.select(attempts.c.id).join(own, same).where(own.c.id == attempt_id)


def under_way(connection: Connection) -> list[Attempt]:
    """Return the attempts that nobody has closed, the latest first."""
    rows = connection.execute(_ATTEMPT.where(attempts.c.state == State.IN_PROGRESS).order_by(attempts.c.id.desc()))
    return [attempt for row in rows if (attempt := _attempt(row)) is not None]


def timed_out(connection: Connection, now: dt.datetime) -> list[Attempt]:
    """Return the attempts whose time is over and that nobody has closed."""
    return [attempt for attempt in under_way(connection) if attempt.time_is_up(now)]


def render(connection: Connection, attempt_id: int, *, position: int, token: str, at: dt.datetime) -> None:
    """Spend the attempt's render token: note where it stands and the token of the page shown next."""
    _RENDER.run(connection, attempt_id=attempt_id, to_position=position, new_token=token, at=at)


def insert(connection: Connection, **values: Any) -> int:
    """Insert an attempt; return its id."""
    return int(connection.execute(attempts.insert().values(values).returning(attempts.c.id)).scalar_one())


def next_number(connection: Connection, credential_id: int, cycle: int) -> int:
    """Return the number the next attempt of this cycle would have (from 1)."""
    query = sa.select(sa.func.max(attempts.c.number)).where(
        attempts.c.credential_id == credential_id, attempts.c.cycle == cycle
    )
    return int(connection.execute(query).scalar() or 0) + 1


def change(connection: Connection, attempt_id: int, **values: Any) -> None:
    """Change columns of an attempt that was locked."""
    connection.execute(attempts.update().where(attempts.c.id == attempt_id).values(values))


def last_seen(connection: Connection, attempt_id: int) -> tuple[dt.datetime | None, float]:
    """Return when the attempt's page was last heard of, and the seconds that were given back for lost connections."""
    query = sa.select(attempts.c.seen_at, attempts.c.given_back_seconds).where(attempts.c.id == attempt_id)
    seen_at, given_back = connection.execute(query).one()
    return seen_at, float(given_back)


def set_state(connection: Connection, attempt_id: int, state: State, **times: dt.datetime) -> None:
    """Set the state with the times that belong to it."""
    connection.execute(attempts.update().where(attempts.c.id == attempt_id).values(state=state, **times))


def _attempt(row: Any) -> Attempt | None:
    if row is None:
        return None
    cells = row._asdict()
    cells["state"] = State(cells["state"])
    cells["break_after"] = tuple(map(int, cells["break_after"].split(","))) if cells["break_after"] else ()
    return Attempt(**cells)
