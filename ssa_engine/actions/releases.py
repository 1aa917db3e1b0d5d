"""Release results: the candidate is told, and where nothing more is to be done the cycle is complete."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.completion import settle
from ssa_engine.actions.notices import tell
from ssa_engine.core.attempts import Attempt, State, after
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.events import EventKind
from ssa_engine.core.notices import NoticeKind
from ssa_engine.core.releases import Choice, Waiting, chosen, waiting_results
from ssa_engine.storage import attempts as rows
from ssa_engine.storage import audit, cycles, events, people, policies, releases, results
from ssa_engine.storage.db import Connection, Database

BATCH = 200
"""Results released in one transaction."""


def release_due(db: Database, banks: Banks, *, who: str, now: dt.datetime) -> list[int]:
    """Release the results whose policy's days have gone by; return the attempts' ids. Safe to repeat.

    Those of a policy under which a person releases them are left alone.
    """
    released: list[int] = []
    while True:
        with db.write() as connection:
            due = results.due_for_release(connection, _submitted_by(connection, now), limit=BATCH)
            _release(connection, banks, due, who, now)
        released += due
        if len(due) < BATCH:
            return released


def _submitted_by(connection: Connection, now: dt.datetime) -> dict[tuple[str, int], dt.datetime]:
    """Return for each policy of a waiting result by when an attempt was submitted that is due now."""
    found = [policies.get(connection, *version) for version in results.policies_to_release(connection)]
    return {
        (policy.discipline, policy.version): now - dt.timedelta(days=policy.policy.release_after_days)
        for policy in found
        if policy is not None and policy.policy.release == "after_days"
    }


def release(db: Database, banks: Banks, *, attempt_ids: Collection[int], who: str, now: dt.datetime) -> list[int]:
    """Release results now, whatever their policy says; return those that were waiting. Safe to repeat."""
    with db.write() as connection:
        locked = [rows.lock(connection, attempt_id) for attempt_id in sorted(attempt_ids)]
        waiting = [one.id for one in locked if one is not None and one.state is State.SUBMITTED]
        _release(connection, banks, waiting, who, now)
    return waiting


def waiting(connection: Connection, spec: ContentSpec, now: dt.datetime) -> list[Waiting]:
    """Return the results of a discipline that are not released, the oldest first."""
    held = releases.unreleased(connection, spec.discipline)
    known = policies.get_many(connection, spec.discipline, {one.policy_version for one in held})
    return waiting_results(held, known, spec.cqr, now)


def release_chosen(
    db: Database, banks: Banks, spec: ContentSpec, choice: Choice, *, who: str, now: dt.datetime
) -> list[int]:
    """Release those of a discipline's waiting results that were chosen, whatever their policies say; return them.

    In batches, each one transaction, short, for answers wait meanwhile. Safe to repeat: what a run that was killed
    left is released by the next one, and nobody is told twice.
    """
    with db.read() as connection:
        ids = [one.attempt_id for one in chosen(waiting(connection, spec, now), choice)]
    released: list[int] = []
    for start in range(0, len(ids), BATCH):
        released += release(db, banks, attempt_ids=ids[start : start + BATCH], who=who, now=now)
    return released


def _release(connection: Connection, banks: Banks, attempt_ids: Sequence[int], who: str, now: dt.datetime) -> None:
    """Release results of attempts that are locked and submitted."""
    found = [attempt for one in attempt_ids if (attempt := rows.get(connection, one)) is not None]
    cycles.lock(connection, {attempt.credential_id for attempt in found})
    for attempt in found:
        rows.set_state(connection, attempt.id, after("release", State.SUBMITTED), released_at=now)
        events.append(connection, attempt.id, EventKind.RELEASED, now)
        audit.add(connection, at=now, who=who, verb="release", noun="attempt", noun_id=attempt.id)
        announce(connection, banks, attempt, who=who, now=now)


def announce(connection: Connection, banks: Banks, attempt: Attempt, *, who: str, now: dt.datetime) -> None:
    """Tell a candidate that a result was released, and see whether that completes the cycle.

    An attempt in a discipline that is no longer among the content is released all the same; nobody is told of it.
    """
    spec = banks.library.specs.get(attempt.discipline)
    result, credential = results.latest(connection, attempt.id), people.credential(connection, attempt.credential_id)
    if spec is None or result is None or credential is None:
        return
    found = cycles.position_of(connection, credential, spec.cqr, spec.cqr.today(attempt.started_at))
    if found is None:
        return
    submit_by = spec.cqr.submit_by(result.due_on or found.cycle.due_on)
    tell(
        connection,
        NoticeKind.RESULT_RELEASED,
        key=f"{NoticeKind.RESULT_RELEASED}/{credential.id}/{attempt.cycle}/{attempt.id}",
        person_id=credential.person_id,
        credential_id=credential.id,
        attempt_id=attempt.id,
        details={
            "discipline": attempt.discipline,
            "credits": result.total_credits,
            "submit_by": submit_by,
            "is_over": spec.cqr.today(now) > submit_by,
        },
        now=now,
    )
    settle(connection, credential_id=credential.id, spec=spec, who=who, now=now)
