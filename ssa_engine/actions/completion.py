"""CQR complete: noted when the last thing is done, taken back with it; and what comes after a discontinuation."""

from __future__ import annotations

import datetime as dt
import secrets

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.notices import take_back, tell
from ssa_engine.core.attempts import Attempt, State
from ssa_engine.core.completion import CODES, CompletionRecord, code_of
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.cycles import Cycle, CycleEvent, CycleState, Position, discontinued_on, first_cycle
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.notices import NoticeKind
from ssa_engine.core.text import say
from ssa_engine.storage import (
    attempts,
    audit,
    claims,
    completed_credits,
    completion_records,
    cycles,
    people,
    policies,
    profiles,
    results,
)
from ssa_engine.storage.db import Connection, Database
from ssa_engine.storage.people import Credential
from ssa_engine.storage.results import Result


def settle(
    connection: Connection,
    *,
    credential_id: int,
    spec: ContentSpec,
    who: str,
    now: dt.datetime,
    mail_from: dt.datetime | None = None,
) -> CompletionRecord | None:
    """Note that a cycle is complete, if it is and nobody has noted it; to be called after whatever may complete one.

    Parameters
    ----------
    connection : Connection
        Of the write transaction in which a claim was approved, a result released or a profile done.
    spec : ContentSpec
        Of the credential's discipline.
    mail_from : datetime, optional
        The mail is not sent before, so that an undo until then leaves nothing behind.

    Returns
    -------
    CompletionRecord or None
        The record, if it was issued by this call.
    """
    credential = people.credential(connection, credential_id, for_update=True)
    if credential is None:
        return None
    today = spec.cqr.today(now)
    found = cycles.position_of(connection, credential, spec.cqr, today)
    on = done_on(connection, credential_id, found.cycle.number, spec) if found and found.may_work else None
    stood = cycles.position_of(connection, credential, spec.cqr, on) if on else None
    if on is None or found is None or stood is None:
        return None
    number = found.cycle.number
    cycles.insert_event(connection, credential_id=credential_id, cycle=number, kind=CycleEvent.COMPLETED, on=on, at=now)
    following = stood.following or first_cycle(number + 1, today, spec.cqr)
    record = _issue(connection, credential, stood, on, following, now)
    _tell(connection, credential, record, following, now, mail_from, stood.state is CycleState.DISCONTINUED)
    _note(connection, "complete", credential_id, who, now, cycle=number, on=on.isoformat(), code=record.code)
    return record


def done_on(connection: Connection, credential_id: int, number: int, spec: ContentSpec) -> dt.date | None:
    """Return the day on which everything that a cycle asks for was done; None: something is left.

    It follows from what is stored, so that it is the same whenever it is noted: the day on which the last of profile,
    result and credits came. A result that was to be released by itself counts from that day, however late it was.
    """
    attempt, result = attempts.latest(connection, credential_id, number), None
    if attempt is not None and attempt.state is State.RELEASED:
        result = results.latest(connection, attempt.id)
    if attempt is None or result is None or not claims.ledger_of(connection, attempt.id).is_filled:
        return None
    profile_at = profiles.done_at(connection, credential_id, number)
    if spec.profile is not None and profile_at is None:
        return None
    moments = (_shown_at(connection, attempt, result), profile_at, completed_credits.last_at(connection, attempt.id))
    return spec.cqr.today(max(one for one in moments if one is not None))


def _shown_at(connection: Connection, attempt: Attempt, result: Result) -> dt.datetime:
    """Return from when a result stands: its release, or the rescoring that changed it."""
    policy = policies.get(connection, result.discipline, result.policy_version)
    by_itself = policy.policy.released_at(attempt.submitted_at) if policy and attempt.submitted_at else None
    released = min(one for one in (attempt.released_at, by_itself) if one is not None)
    return released if result.version == 1 else max(released, result.scored_at)


def _issue(
    connection: Connection,
    credential: Credential,
    found: Position,
    today: dt.date,
    following: Cycle,
    now: dt.datetime,
) -> CompletionRecord:
    person = people.get(connection, credential.person_id)
    return completion_records.insert(
        connection,
        credential_id=credential.id,
        cycle=found.cycle.number,
        code=code_of(secrets.randbelow(CODES)),
        name=person.name if person else "",
        discipline=credential.discipline,
        completed_on=today,
        next_due_on=following.due_on,
        issued_at=now,
    )


def _tell(
    connection: Connection,
    credential: Credential,
    record: CompletionRecord,
    following: Cycle,
    now: dt.datetime,
    mail_from: dt.datetime | None,
    to_reinstate: bool,
) -> None:
    tell(
        connection,
        NoticeKind.COMPLETE,
        key=_key(connection, credential.id, record.cycle),
        person_id=credential.person_id,
        credential_id=credential.id,
        details={
            "discipline": credential.discipline,
            "completed_on": record.completed_on,
            "code": record.code,
            "next_opens_on": following.opens_on,
            "next_due_on": following.due_on,
            "to_reinstate": to_reinstate,
        },
        now=now,
        mail_from=mail_from,
    )


def _key(connection: Connection, credential_id: int, number: int) -> str:
    """Return the key of the notice that goes with the latest record of a cycle; the first has no number."""
    issued = completion_records.count(connection, credential_id, number)
    return f"{NoticeKind.COMPLETE}/{credential_id}/{number}" + (f"/{issued}" if issued > 1 else "")


def unsettle(connection: Connection, *, credential_id: int, cycle: int, who: str, now: dt.datetime) -> bool:
    """Take the completion of a cycle back after credits were taken back; return whether there was one to take back.

    Nothing changes if the prescription is filled all the same. The record stays and says that it was taken back; the
    notice goes with its mail, if nobody has met it.

    Raises
    ------
    Conflict
        If the credential was reinstated since.
    """
    people.credential(connection, credential_id, for_update=True)
    happened = {one.kind for one in cycles.happenings(connection, credential_id) if one.cycle == cycle}
    attempt = attempts.latest(connection, credential_id, cycle)
    if CycleEvent.COMPLETED not in happened:
        return False
    if attempt is not None and claims.ledger_of(connection, attempt.id).is_filled:
        return False
    if CycleEvent.REINSTATED in happened:
        raise Conflict(say("The credential was reinstated since, so that its completion can no longer be taken back."))
    cycles.delete_event(connection, credential_id=credential_id, cycle=cycle, kind=CycleEvent.COMPLETED)
    record = completion_records.of_cycle(connection, credential_id, cycle)
    if record is not None:
        take_back(connection, _key(connection, credential_id, cycle))
        completion_records.void(connection, record.id, now)
    _note(connection, "take back completion", credential_id, who, now, cycle=cycle)
    return True


def reinstate(db: Database, banks: Banks, *, credential_id: int, on: dt.date, who: str, now: dt.datetime) -> Cycle:
    """Reinstate a credential that was discontinued and is complete since; return the cycle that begins on that day.

    Raises
    ------
    NotFound
        If there is no such credential.
    Conflict
        If it is not discontinued, or not complete yet.
    Invalid
        If the day lies before the completion or in the future.
    """
    with db.write() as connection:
        credential = people.credential(connection, credential_id, for_update=True)
        if credential is None:
            raise NotFound(say("There is no such credential."))
        rules = banks.library.spec(credential.discipline).cqr
        today = rules.today(now)
        found = cycles.position_of(connection, credential, rules, today)
        old = _reinstatable(found, on, today)
        begun = first_cycle(old.number + 1, on, rules)
        happened = {CycleEvent.DISCONTINUED: discontinued_on(old), CycleEvent.REINSTATED: on}
        for kind, day in happened.items():
            cycles.insert_event(connection, credential_id=credential_id, cycle=old.number, kind=kind, on=day, at=now)
        record = completion_records.of_cycle(connection, credential_id, old.number)
        if record is not None:
            completion_records.set_next_due(connection, record.id, begun.due_on)
        tell(
            connection,
            NoticeKind.REINSTATED,
            key=f"{NoticeKind.REINSTATED}/{credential_id}/{old.number}",
            person_id=credential.person_id,
            credential_id=credential_id,
            details={"discipline": credential.discipline, "reinstated_on": on, "next_due_on": begun.due_on},
            now=now,
        )
        _note(connection, "reinstate", credential_id, who, now, cycle=old.number, on=on.isoformat())
    return begun


def _reinstatable(found: Position | None, on: dt.date, today: dt.date) -> Cycle:
    """Return the cycle that a reinstatement on this day ends; raise unless there may be one."""
    if found is None or found.state is not CycleState.DISCONTINUED:
        raise Conflict(say("This credential is not discontinued, so there is nothing to reinstate."))
    if found.completed_on is None:
        raise Conflict(say("CQR is not complete for this credential yet. It can be reinstated once it is."))
    if not found.completed_on <= on <= today:
        raise Invalid(
            say(
                "A credential is reinstated from the day CQR was complete, {completed}, to today, {today}. "
                "Give a day between them.",
                completed=found.completed_on,
                today=today,
            )
        )
    return found.cycle


def _note(
    connection: Connection, verb: str, credential_id: int, who: str, now: dt.datetime, **detail: str | int
) -> None:
    audit.add(connection, at=now, who=who, verb=verb, noun="credential", noun_id=credential_id, **detail)
