"""Scheduled breaks: take one, leave one out, go on after it."""

from __future__ import annotations

import datetime as dt

from ssa_engine.actions.attempts import NO_SUCH_ATTEMPT
from ssa_engine.core.attempts import Attempt, after
from ssa_engine.core.errors import AttemptClosed, Conflict, NotFound
from ssa_engine.core.events import EventKind
from ssa_engine.core.text import say
from ssa_engine.storage import attempts as rows
from ssa_engine.storage import events
from ssa_engine.storage.db import Connection, Database


def take(
    db: Database, *, attempt_id: int, person_id: int, new_token: str, now: dt.datetime, offered: int | None = None
) -> None:
    """Stop the clock for at most the break's minutes; the items before the break lock.

    `offered` is the position after which the page offers the break: one that is behind changes nothing, so repeating
    it does not.
    """
    with db.write() as connection:
        attempt = _open(connection, attempt_id, person_id, now)
        if attempt.on_break(now) or offered not in (None, attempt.reach):
            return
        _require_break(attempt)
        _fold(connection, attempt, now)
        _to_next_part(connection, attempt, new_token, now, locked_through=attempt.reach, break_began_at=now)
        events.append(connection, attempt_id, EventKind.BREAK_BEGAN, now, attempt.reach)


def skip(
    db: Database, *, attempt_id: int, person_id: int, new_token: str, now: dt.datetime, offered: int | None = None
) -> None:
    """Go on without a break: the clock runs on and nothing locks. `offered` is as for `take`."""
    with db.write() as connection:
        attempt = _open(connection, attempt_id, person_id, now)
        if attempt.on_break(now) or offered not in (None, attempt.reach):
            return
        _require_break(attempt)
        _to_next_part(connection, attempt, new_token, now)
        events.append(connection, attempt_id, EventKind.BREAK_SKIPPED, now, attempt.reach)


def end(db: Database, *, attempt_id: int, person_id: int, new_token: str, now: dt.datetime) -> int:
    """Let the clock go on; return the position to go on with. Repeating it changes nothing."""
    with db.write() as connection:
        attempt = _open(connection, attempt_id, person_id, now)
        if attempt.break_began_at is not None:
            _fold(connection, attempt, now)
            rows.render(connection, attempt_id, position=attempt.position, token=new_token, at=now)
            events.append(connection, attempt_id, EventKind.BREAK_ENDED, now, attempt.position)
    return attempt.position


def _open(connection: Connection, attempt_id: int, person_id: int, now: dt.datetime) -> Attempt:
    attempt = rows.lock(connection, attempt_id)
    if attempt is None or attempt.person_id != person_id:
        raise NotFound(NO_SUCH_ATTEMPT)
    after("take_break", attempt.state)
    if attempt.time_is_up(now):
        raise AttemptClosed(say("The time for this assessment is over. Everything saved until then counts."))
    return attempt


def _require_break(attempt: Attempt) -> None:
    if not attempt.break_is_next:
        raise Conflict(say("There is no further break in this assessment."))


def _fold(connection: Connection, attempt: Attempt, now: dt.datetime) -> None:
    """Turn the time of a break into time the clock stood; the silence of a break is no lost connection."""
    if attempt.break_began_at is not None:
        stood = min((now - attempt.break_began_at).total_seconds(), attempt.break_seconds)
        paused = attempt.paused_seconds + max(0.0, stood)
        rows.change(connection, attempt.id, paused_seconds=paused, break_began_at=None, seen_at=now)


def _to_next_part(connection: Connection, attempt: Attempt, new_token: str, now: dt.datetime, **values: object) -> None:
    rows.change(connection, attempt.id, breaks_done=attempt.breaks_done + 1, **values)
    rows.render(connection, attempt.id, position=attempt.reach + 1, token=new_token, at=now)
