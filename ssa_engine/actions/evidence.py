"""What a sitting's page reports of itself: that it is there, and what happened in the browser."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from ssa_engine.actions.attempts import NO_SUCH_ATTEMPT, of_person
from ssa_engine.actions.banks import Banks
from ssa_engine.core.attempts import Attempt, State
from ssa_engine.core.delivery import ClockRules
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.events import REPORTED_BY_BROWSERS, EventKind
from ssa_engine.core.text import say
from ssa_engine.storage import attempts as rows
from ssa_engine.storage import events
from ssa_engine.storage.db import Connection, Database

MOST_EVENTS = 5000
"""Of one attempt: a page that reports in a loop fills no disk."""
SILENCE = 20.0
"""Seconds without a pulse, which comes every few, from which on a connection counts as lost."""


def report(
    db: Database, *, attempt_id: int, person_id: int, kind: str, position: int | None, detail: str, now: dt.datetime
) -> None:
    """Append what a browser reports.

    Raises
    ------
    Invalid
        If browsers do not report such a thing.
    Conflict
        If the attempt has more events than any sitting could have.
    """
    if kind not in REPORTED_BY_BROWSERS:
        raise Invalid(say("That is not something a page reports."))
    with db.write() as connection:
        attempt = of_person(connection, attempt_id, person_id)
        if events.count(connection, attempt_id) >= MOST_EVENTS:
            raise Conflict(say("This assessment has more entries in its log than it can hold."))
        on_form = position if position is not None and 1 <= position <= attempt.items_total else None
        events.append(connection, attempt_id, EventKind(kind), now, on_form, detail)


def note(db: Database, attempt_id: int, kind: EventKind, now: dt.datetime, position: int, detail: str) -> None:
    """Append what the server saw."""
    with db.write() as connection:
        events.append(connection, attempt_id, kind, now, position, detail)


def pulse(db: Database, banks: Banks, *, attempt_id: int, person_id: int, was_lost: bool, now: dt.datetime) -> Attempt:
    """Return the attempt as it stands; where the clock does not run while disconnected, give the silence back.

    `was_lost`: the page says it had lost the connection. How long is measured here, from one pulse to the next.
    """
    with db.read() as connection:
        attempt = of_person(connection, attempt_id, person_id)
    rules = banks.at(attempt.bank_version).spec.delivery.clock
    if rules.runs_while_disconnected or attempt.state is not State.IN_PROGRESS:
        return attempt
    with db.write() as connection:
        return _give_back(connection, rules, attempt_id, was_lost=was_lost, now=now)


def _give_back(
    connection: Connection, rules: ClockRules, attempt_id: int, *, was_lost: bool, now: dt.datetime
) -> Attempt:
    attempt = rows.lock(connection, attempt_id)
    if attempt is None:
        raise NotFound(NO_SUCH_ATTEMPT)
    seen_at, given_back = rows.last_seen(connection, attempt_id)
    rows.change(connection, attempt_id, seen_at=now)
    silent = (now - seen_at).total_seconds() if seen_at else 0.0
    left = 60.0 * rules.disconnected_minutes_at_most - given_back
    stood = min(silent, left)
    if (
        not was_lost
        or silent < SILENCE
        or stood <= 0
        or attempt.break_began_at
        or attempt.state is not State.IN_PROGRESS
    ):
        return attempt
    paused = attempt.paused_seconds + stood
    rows.change(connection, attempt_id, paused_seconds=paused, given_back_seconds=given_back + stood)
    events.append(connection, attempt_id, EventKind.TIME_GIVEN_BACK, now, attempt.position, f"{stood:.0f} s")
    return replace(attempt, paused_seconds=paused)
