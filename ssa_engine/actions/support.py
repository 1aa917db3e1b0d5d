"""What candidate support does for a person: allow another attempt, let them sign in again after too many tries."""

from __future__ import annotations

import datetime as dt

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.sittings import require_reason
from ssa_engine.core.attempts import State
from ssa_engine.core.cycles import CycleState, Position
from ssa_engine.core.errors import Conflict, NotFound
from ssa_engine.core.text import say
from ssa_engine.storage import allowed_attempts, attempts, audit, cycles, people
from ssa_engine.storage.allowed_attempts import AllowedAttempt
from ssa_engine.storage.db import Connection, Database


def allow_attempt(db: Database, banks: Banks, *, credential_id: int, reason: str, who: str, now: dt.datetime) -> int:
    """Let a candidate take the assessment of this cycle once more; return the number that attempt will have.

    What was taken before stays; of two results the later one counts.

    Raises
    ------
    NotFound
        If there is no such credential.
    Conflict
        If none was taken, one is under way, another is allowed already, or there is nothing left to do in the cycle.
    Invalid
        If there is no reason.
    """
    require_reason(reason)
    with db.write() as connection:
        credential = people.credential(connection, credential_id, for_update=True)
        if credential is None:
            raise NotFound(say("There is no such credential."))
        rules = banks.library.spec(credential.discipline).cqr
        found = cycles.position_of(connection, credential, rules, rules.today(now))
        number = _next_number(connection, credential_id, found)
        cycle = found.cycle.number if found else 0
        allowed = AllowedAttempt(credential_id, cycle, number, reason.strip(), who, now)
        allowed_attempts.insert(connection, allowed)
        audit.add(
            connection, at=now, who=who, verb="allow attempt", noun="credential", noun_id=credential_id,
            cycle=cycle, number=number, reason=reason.strip(),
        )  # fmt: skip
    return number


def _next_number(connection: Connection, credential_id: int, found: Position | None) -> int:
    """Return the number of the attempt to allow; raise `Conflict` unless one may be."""
    if found is None:
        raise Conflict(say("This credential has no time limit, so there is no assessment to take."))
    if found.state is CycleState.NOT_YET:
        raise Conflict(say("The window opens on {day}; no attempt can be taken before.", day=found.cycle.opens_on))
    if not found.may_work:
        raise Conflict(say("CQR is complete in this period, so there is nothing to take once more."))
    latest = attempts.latest(connection, credential_id, found.cycle.number)
    if latest is None:
        raise Conflict(say("No attempt was taken in this period yet; the first needs no leave."))
    if latest.state is State.IN_PROGRESS:
        raise Conflict(
            say("Attempt {attempt} is under way. Another can be allowed when it is over.", attempt=latest.id)
        )
    number = attempts.next_number(connection, credential_id, found.cycle.number)
    if allowed_attempts.is_allowed(connection, credential_id, found.cycle.number, number):
        raise Conflict(say("Another attempt is allowed already; the candidate can begin it."))
    return number


def let_sign_in(db: Database, *, person_id: int, who: str, now: dt.datetime) -> int:
    """Forget the tries to sign in that did not succeed, so that the person may try at once; return how many there were.

    The password stays. Repeating it changes nothing.
    """
    with db.write() as connection:
        person = people.get(connection, person_id)
        if person is None:
            raise NotFound(say("There is no such person."))
        forgotten = people.delete_failures(connection, person.email)
        if forgotten:
            audit.add(
                connection, at=now, who=who, verb="let sign in", noun="person", noun_id=person_id, tries=forgotten
            )
    return forgotten
