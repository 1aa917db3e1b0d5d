"""Apply and revert a rescoring session: in batches of a transaction each, so that it can stop anywhere and go on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.rescoring_notes import REVERTED, note_rescoring, note_revert
from ssa_engine.actions.rescoring_plans import Plan, Run, plan, require_sound, run_of
from ssa_engine.actions.rescoring_versions import store, sums, tell
from ssa_engine.actions.rescorings import existing, require_revision
from ssa_engine.core.errors import Conflict, Invalid
from ssa_engine.core.rescorings import Cause, Rescoring, RescoringState
from ssa_engine.core.text import say
from ssa_engine.storage import audit, rescored_attempts, rescorings
from ssa_engine.storage.db import Connection, Database

READ = 2000
"""Attempts that are read and scored at a time."""

BATCH = 500
"""Attempts in one transaction: on SQLite, answers that arrive meanwhile wait for it."""

LAPSED = "Lapsed: the result was rescored again."

Watch = Callable[[int, int], None]
"""Told after each batch how many attempts are done, and how many there are."""


def apply(
    db: Database,
    banks: Banks,
    rescoring_id: int,
    *,
    who: str,
    now: dt.datetime,
    expected_revision: int | None = None,
    watch: Watch | None = None,
    at_most: int | None = None,
) -> Rescoring:
    """Apply a session: a new result beside the old one for every attempt whose marks change.

    It may be interrupted and repeated: it goes on with the attempts it has not looked at. Two at once do no harm, and
    applying an applied session changes nothing. With `at_most` it stops after so many attempts.

    Raises
    ------
    NotFound
        If there is no such session.
    Conflict
        If it changes nothing, was reverted, changed since `expected_revision`, waits for another session of the
        discipline, gives an item a key that a stored bank version does not take, or would leave an area without a
        scored item.
    """
    with db.write() as connection:
        session = _locked(connection, rescoring_id)
        if session.state is RescoringState.APPLIED:
            return session
        if session.state in (RescoringState.REVERTING, RescoringState.REVERTED):
            raise Conflict(say("This session was reverted. Begin another one to change the same items again."))
        if session.state is RescoringState.DRAFT:
            require_revision(session, expected_revision)
            rescorings.lock_keys(connection, session.discipline, shared=False)
            require_sound(connection, banks, run_of(connection, session, now))
            rescorings.change(connection, rescoring_id, state=RescoringState.APPLYING, applied_by=who, applied_at=now)
            audit.add(
                connection,
                at=now,
                who=who,
                verb="apply",
                noun="rescoring",
                noun_id=rescoring_id,
                discipline=session.discipline,
            )
    return _run(db, banks, rescoring_id, RescoringState.APPLYING, who, now, watch, at_most)


def revert(
    db: Database,
    banks: Banks,
    rescoring_id: int,
    *,
    reason: str,
    who: str,
    now: dt.datetime,
    watch: Watch | None = None,
    at_most: int | None = None,
) -> Rescoring:
    """Revert a session: further result versions, by the keys of the sessions that remain. Repeatable like `apply`.

    What was completed stays, and so does what a person decided. Increases that wait lapse.

    Raises
    ------
    NotFound
        If there is no such session.
    Invalid
        If there is no reason.
    Conflict
        If it was never applied, waits for another session, or would leave an area without a scored item.
    """
    with db.write() as connection:
        session = _locked(connection, rescoring_id)
        if session.state is RescoringState.REVERTED:
            return session
        if session.state is RescoringState.DRAFT:
            raise Conflict(say("This session was never applied, so there is nothing to revert."))
        if session.state is not RescoringState.REVERTING:
            if not reason.strip():
                raise Invalid(say("Say why the session is reverted; the reason stays with it."))
            rescorings.lock_keys(connection, session.discipline, shared=False)
            by = {"reverted_by": who, "reverted_at": now, "revert_reason": reason.strip()}
            rescorings.change(connection, rescoring_id, state=RescoringState.REVERTING, **by)
            require_sound(connection, banks, run_of(connection, existing(connection, rescoring_id), now))
            audit.add(
                connection,
                at=now,
                who=who,
                verb="revert",
                noun="rescoring",
                noun_id=rescoring_id,
                discipline=session.discipline,
                reason=reason.strip(),
            )
    return _run(db, banks, rescoring_id, RescoringState.REVERTING, who, now, watch, at_most)


def _locked(connection: Connection, rescoring_id: int) -> Rescoring:
    existing(connection, rescoring_id)
    session = rescorings.lock(connection, rescoring_id)
    return session or existing(connection, rescoring_id)


def _run(
    db: Database,
    banks: Banks,
    rescoring_id: int,
    state: RescoringState,
    who: str,
    now: dt.datetime,
    watch: Watch | None,
    at_most: int | None,
) -> Rescoring:
    """Work through what is left; each batch is read, computed, and then stored if it is still as it was read."""
    with db.read() as connection:
        run = run_of(connection, existing(connection, rescoring_id), now)
        after = behind = run.scope.beyond
        left = rescored_attempts.count(connection, run.scope)
    done = missed = 0
    while at_most is None or done < at_most or done >= left:
        limit = READ if at_most is None else max(1, min(READ, at_most - done))
        with db.read() as connection:
            found = plan(connection, banks, run, after=after, limit=limit)
        if not len(found.attempts) and missed:  # some were changed while they were computed: once more
            after, missed = behind, 0
            continue
        for part in found.parts(BATCH):
            with db.write() as connection:
                session = _locked(connection, rescoring_id)
                if session.state is not state:
                    return session
                if not len(part.attempts):
                    return _finish(connection, session, who, now)
                missed += len(part.attempts) - _store_batch(connection, banks, run, part, who, now)
                after = int(part.attempts["attempt_id"].iloc[-1])
                behind = behind if missed else after
                if run.reverting:
                    up_to = max(behind, session.reverted_up_to)
                    rescorings.change(connection, rescoring_id, reverted_up_to=up_to)
            done += len(part.attempts)
            if watch:
                watch(min(done, left), left)
    with db.read() as connection:
        return existing(connection, rescoring_id)


def _finish(connection: Connection, session: Rescoring, who: str, now: dt.datetime) -> Rescoring:
    if session.state is RescoringState.APPLYING:
        rescorings.change(connection, session.id, state=RescoringState.APPLIED)
    else:
        rescored_attempts.lapse_own(connection, session.id, who=who, at=now, reason=REVERTED)
        rescorings.change(connection, session.id, state=RescoringState.REVERTED)
    verb = "applied" if session.state is RescoringState.APPLYING else "reverted"
    audit.add(
        connection, at=now, who=who, verb=verb, noun="rescoring", noun_id=session.id, discipline=session.discipline
    )
    return existing(connection, session.id)


def _store_batch(connection: Connection, banks: Banks, run: Run, found: Plan, who: str, now: dt.datetime) -> int:
    """Store those of a batch whose result and completed credits are as they were when it was computed; count them."""
    first, last = int(found.attempts["attempt_id"].iloc[0]), int(found.attempts["attempt_id"].iloc[-1])
    rescored_attempts.lock(connection, found.attempts["attempt_id"].tolist())
    present = rescored_attempts.batch(connection, run.scope, after=first - 1, until=last)
    same = present.merge(
        found.attempts[["attempt_id", "result_id", "ledger", "new_key_version"]],
        on=["attempt_id", "result_id", "ledger"],
    )
    areas = found.areas[found.areas["attempt_id"].isin(same["attempt_id"])]
    cause = Cause.REVERT if run.reverting else Cause.RESCORING
    ids = store(connection, banks, run, same, areas, cause, now)
    waiting = sums(areas, "waiting")
    rescored_attempts.lapse(connection, list(ids), run.session.id, who=who, at=now, reason=LAPSED)
    if run.reverting:
        note_revert(connection, run, same, ids, waiting, who, now)
    else:
        note_rescoring(connection, run, same, ids, waiting)
    told = tell(connection, run, same, areas, "reverted" if run.reverting else "applied", now) if len(areas) else 0
    audit.add(
        connection,
        at=now,
        who=who,
        verb="rescore",
        noun="rescoring",
        noun_id=run.session.id,
        discipline=run.session.discipline,
        attempts=[first, last],
        cause=cause,
        looked_at=len(same),
        changed=len(ids),
        told=told,
    )
    return len(same)
