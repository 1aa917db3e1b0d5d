"""What falls due: opening notices, reminders, results, discontinuations. Safe to repeat, to run late and twice."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.completion import done_on, settle
from ssa_engine.actions.notices import tell
from ssa_engine.actions.releases import release_due
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.cycles import (
    CycleEvent,
    CycleState,
    DueNotice,
    Position,
    discontinued_on,
    due_notices,
    position,
)
from ssa_engine.core.notices import NoticeKind
from ssa_engine.core.workload import promises
from ssa_engine.storage import audit, claim_queue, cycles, notices, profiles
from ssa_engine.storage.db import Connection, Database
from ssa_engine.storage.people import Credential

BATCH = 200
"""Credentials looked at in one go; what is due among them is one transaction, short, for answers wait meanwhile."""


@dataclass(slots=True)
class Ticked:
    """What one run did."""

    closed: int = 0
    released: int = 0
    completed: int = 0
    """Cycles that were complete already, but not noted: a rescoring left nothing to earn, or they are older."""
    discontinued: int = 0
    told: Counter[NoticeKind] = field(default_factory=Counter)
    overdue_reviews: int = 0
    """Claims whose promised day is over, for staff to see to."""
    overdue_results: int = 0
    """The same of results that were submitted and not released."""


@dataclass(frozen=True, slots=True)
class _Due:
    """What is due for one credential."""

    credential: Credential
    position: Position
    notices: dict[str, DueNotice]
    """By key."""
    is_to_discontinue: bool
    is_to_settle: bool
    spec: ContentSpec

    def __bool__(self) -> bool:
        return bool(self.notices) or self.is_to_discontinue or self.is_to_settle


def tick(db: Database, banks: Banks, *, who: str, now: dt.datetime) -> Ticked:
    """Do what falls due by now; return what was done.

    Each batch is one transaction and each thing is done once, whoever else runs at the same moment: a run that was
    killed is finished by the next one. Of the reminders that a late run finds, it tells the nearest alone.
    """
    from ssa_engine.actions.results import close_timed_out  # scoring needs pandas; notices and releases do not

    done = Ticked()
    done.closed = len(close_timed_out(db, banks, who=who, now=now))
    done.released = len(release_due(db, banks, who=who, now=now))
    after = 0
    while True:
        with db.read() as connection:
            batch = cycles.credentials_after(connection, after, BATCH)
            due = list(_due(connection, banks, batch, now))
        if not batch:
            return _watch_promises(db, banks, done, now)
        after = batch[-1].id
        if due:
            _do_batch(db, banks, [one.credential.id for one in due], done, who, now)


def _watch_promises(db: Database, banks: Banks, done: Ticked, now: dt.datetime) -> Ticked:
    """Count what was promised to candidates by a day that is over."""
    rules = {code: spec.cqr for code, spec in banks.library.specs.items()}
    with db.read() as connection:
        tally = claim_queue.tally(connection, "", {code: own.today(now) for code, own in rules.items()})
        late = promises(claim_queue.unreleased(connection), rules, now, near_days=-1)
    done.overdue_reviews, done.overdue_results = tally.overdue, len(late)
    return done


def _do_batch(
    db: Database, banks: Banks, credential_ids: Sequence[int], done: Ticked, who: str, now: dt.datetime
) -> None:
    """Do what is due for these credentials, all or nothing; what it is, is looked at again once they are locked."""
    own = Ticked()
    with db.write() as connection:
        locked = cycles.lock(connection, credential_ids)
        for one in list(_due(connection, banks, locked, now)):
            if not _was_done_in_time(connection, one):
                own.discontinued += _discontinue(connection, one, who, now)
                for key, notice in one.notices.items():
                    own.told[notice.kind] += _tell(connection, one.credential, key, notice, now)
            if one.is_to_settle:
                record = settle(connection, credential_id=one.credential.id, spec=one.spec, who=who, now=now)
                own.completed += record is not None
    done.told += own.told
    done.discontinued += own.discontinued
    done.completed += own.completed


def _due(connection: Connection, banks: Banks, credentials: Sequence[Credential], now: dt.datetime) -> Iterator[_Due]:
    """Yield what is due and not done of these credentials, read in sets.

    Those of a discipline that is not among the content are left alone: nobody knows its rules.
    """
    ids = [one.id for one in credentials]
    happened, filled = cycles.happenings_of_many(connection, ids), cycles.filled(connection, ids)
    begun = cycles.begun(connection, ids)
    profiled = profiles.done_of_many(connection, [credential_id for credential_id, _ in filled])
    found: list[_Due] = []
    for credential in credentials:
        spec = banks.library.specs.get(credential.discipline)
        if spec is None:
            continue
        own, today = happened.get(credential.id, ()), spec.cqr.today(now)
        stands = position(today, credential.earned_on, spec.cqr, own, credential.recorded_on)
        if stands is None:
            continue
        this = (credential.id, stands.cycle.number)
        settles = stands.may_work and this in filled and (spec.profile is None or this in profiled)
        is_over = stands.state is CycleState.DISCONTINUED
        told = {} if settles and not is_over else _by_key(credential, stands, spec, today, this in begun)
        written = {one.kind for one in own if one.cycle == this[1]}
        discontinues = is_over and CycleEvent.DISCONTINUED not in written
        found.append(_Due(credential, stands, told, discontinues, settles, spec))
    known = notices.known_keys(connection, [key for one in found for key in one.notices])
    for one in found:
        new = replace(one, notices={key: notice for key, notice in one.notices.items() if key not in known})
        if new:
            yield new


def _by_key(
    credential: Credential, stands: Position, spec: ContentSpec, today: dt.date, has_begun: bool
) -> dict[str, DueNotice]:
    """Return key -> notice of what a person is to be told; who has begun knows that the window is open."""

    def key(notice: DueNotice) -> str:
        step = "" if notice.step is None else f"/{notice.step}"
        return f"{notice.kind}/{credential.id}/{stands.cycle.number}{step}"

    due = due_notices(stands, today, spec.cqr)
    return {key(one): one for one in due if not (has_begun and one.kind is NoticeKind.WINDOW_OPEN)}


def _was_done_in_time(connection: Connection, one: _Due) -> bool:
    """Whether a cycle that nobody has noted as complete was so by its due day."""
    cycle = one.position.cycle
    done = done_on(connection, one.credential.id, cycle.number, one.spec) if one.is_to_settle else None
    return done is not None and done <= cycle.due_on


def _discontinue(connection: Connection, one: _Due, who: str, now: dt.datetime) -> bool:
    """Write a discontinuation down that is not; return whether it was."""
    if not one.is_to_discontinue:
        return False
    cycle, on = one.position.cycle, discontinued_on(one.position.cycle)
    cycles.insert_event(
        connection,
        credential_id=one.credential.id,
        cycle=cycle.number,
        kind=CycleEvent.DISCONTINUED,
        on=on,
        at=now,
    )
    audit.add(
        connection, at=now, who=who, verb="discontinue", noun="credential", noun_id=one.credential.id,
        cycle=cycle.number, on=on.isoformat(),
    )  # fmt: skip
    return True


def _tell(connection: Connection, credential: Credential, key: str, notice: DueNotice, now: dt.datetime) -> bool:
    return tell(
        connection,
        notice.kind,
        key=key,
        person_id=credential.person_id,
        credential_id=credential.id,
        details={"discipline": credential.discipline, **notice.details},
        now=now,
    )
