"""What reviewers read of all claims: the queue with its filters and neighbours, decisions, results not released."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import State
from ssa_engine.core.claims import ClaimState
from ssa_engine.core.people import Role
from ssa_engine.core.workload import Decision, Unreleased
from ssa_engine.storage.process_tables import certificates, claims
from ssa_engine.storage.tables import attempts, credentials, people, person_roles

FOR_STAFF = (ClaimState.REPORTED, ClaimState.IN_REVIEW)
"""The states in which a claim waits for a reviewer."""

Days = Mapping[str, dt.date]
"""Discipline -> what day it is where its programme is."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A claim as a row of the queue."""

    id: int
    revision: int
    state: ClaimState
    title: str
    sponsor: str
    credits: float
    activity_id: int | None
    submitted_at: dt.datetime
    promised_by: dt.date | None
    assigned_to: str
    person_id: int
    person_name: str
    email: str
    discipline: str

    def is_overdue(self, today: dt.date) -> bool:
        """Whether it still waits for a reviewer after the day it was promised by."""
        return self.state in FOR_STAFF and self.promised_by is not None and self.promised_by < today


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which claims: empty leaves nothing out. `assigned_to` None: whoever; empty: nobody. `overdue_on`: late then."""

    states: tuple[ClaimState, ...] = FOR_STAFF
    assigned_to: str | None = None
    sponsor: str = ""
    discipline: str = ""
    overdue_on: Days | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many claims wait for a reviewer, and how many of them in which way; `more_asked` wait for candidates."""

    waiting: int
    mine: int
    unassigned: int
    in_review: int
    overdue: int
    more_asked: int


_QUEUED = (
    sa.select(
        claims.c.id,
        claims.c.revision,
        claims.c.state,
        claims.c.title,
        claims.c.sponsor,
        claims.c.credits,
        claims.c.activity_id,
        claims.c.submitted_at,
        claims.c.promised_by,
        claims.c.assigned_to,
        credentials.c.person_id,
        people.c.name.label("person_name"),
        people.c.email,
        credentials.c.discipline,
    )
    .join(attempts, attempts.c.id == claims.c.attempt_id)
    .join(credentials, credentials.c.id == attempts.c.credential_id)
    .join(people, people.c.id == credentials.c.person_id)
)
_PLACE = sa.tuple_(claims.c.submitted_at, claims.c.id)


def _overdue(today: Days) -> sa.ColumnElement[bool]:
    late = (
        sa.and_(credentials.c.discipline == discipline, claims.c.promised_by < day) for discipline, day in today.items()
    )
    return sa.and_(claims.c.state.in_(FOR_STAFF), sa.or_(sa.false(), *late))


def _conditions(wanted: QueueFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [claims.c.state.in_(wanted.states)]
    if wanted.assigned_to is not None:
        found.append(claims.c.assigned_to == wanted.assigned_to)
    if wanted.sponsor:
        found.append(claims.c.sponsor == wanted.sponsor)
    if wanted.discipline:
        found.append(credentials.c.discipline == wanted.discipline)
    if wanted.overdue_on is not None:
        found.append(_overdue(wanted.overdue_on))
    return found


def waiting(connection: Connection, wanted: QueueFilter, limit: int | None = None, offset: int = 0) -> list[Queued]:
    """Return the claims of the queue, the one that waits longest first."""
    query = _QUEUED.where(*_conditions(wanted)).order_by(claims.c.submitted_at, claims.c.id)
    return [_queued(row) for row in connection.execute(query.limit(limit).offset(offset))]


def get(connection: Connection, claim_id: int) -> Queued | None:
    """Return a claim in whatever state it is, or None."""
    row = connection.execute(_QUEUED.where(claims.c.id == claim_id)).first()
    return None if row is None else _queued(row)


def some(connection: Connection, claim_ids: Collection[int]) -> list[Queued]:
    """Return these claims in whatever state they are."""
    return [_queued(row) for row in connection.execute(_QUEUED.where(claims.c.id.in_(claim_ids)))]


def count(connection: Connection, wanted: QueueFilter) -> int:
    """Return how many claims there are."""
    query = _joined(sa.select(sa.func.count()).select_from(claims)).where(*_conditions(wanted))
    return int(connection.execute(query).scalar_one())


def tally(connection: Connection, who: str, today: Days) -> Tally:
    """Count the queue in the ways it can be filtered. `who` is the reviewer's address."""

    def many(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0)), 0)

    for_staff = claims.c.state.in_(FOR_STAFF)
    ways: list[sa.ColumnElement[Any]] = [
        many(for_staff),
        many(for_staff, claims.c.assigned_to == who),
        many(for_staff, claims.c.assigned_to == ""),
        many(claims.c.state == ClaimState.IN_REVIEW),
        many(_overdue(today)),
        many(claims.c.state == ClaimState.MORE_ASKED),
    ]
    query = _joined(sa.select(*ways).select_from(claims))
    query = query.where(claims.c.state.in_((*FOR_STAFF, ClaimState.MORE_ASKED)))
    return Tally(*map(int, connection.execute(query).one()))


def choices(connection: Connection) -> tuple[list[str], list[str]]:
    """Return the sponsors and the disciplines of the claims that wait for anybody, each by name."""
    query = _joined(sa.select(claims.c.sponsor, credentials.c.discipline).select_from(claims)).where(
        claims.c.state.in_((*FOR_STAFF, ClaimState.MORE_ASKED))
    )
    found = connection.execute(query.distinct()).all()
    return sorted({row.sponsor for row in found}), sorted({row.discipline for row in found})


def neighbours(
    connection: Connection, wanted: QueueFilter, submitted_at: dt.datetime, claim_id: int
) -> tuple[int | None, int | None]:
    """Return the claims before and after a place in the queue, whether or not the claim itself is still in it."""
    here = sa.tuple_(sa.literal(submitted_at, claims.c.submitted_at.type), sa.literal(claim_id))
    query = _joined(sa.select(claims.c.id).select_from(claims)).where(*_conditions(wanted)).limit(1)
    before = query.where(here > _PLACE).order_by(claims.c.submitted_at.desc(), claims.c.id.desc())
    after = query.where(here < _PLACE).order_by(claims.c.submitted_at, claims.c.id)
    return connection.execute(before).scalar(), connection.execute(after).scalar()


def of_people(connection: Connection, addresses: Collection[str], *, sponsor: str, title: str) -> list[Queued]:
    """Return the claims of these people for one activity that wait for a reviewer, the oldest first."""
    query = _QUEUED.where(
        people.c.email.in_(addresses),
        claims.c.state.in_(FOR_STAFF),
        claims.c.sponsor == sponsor,
        claims.c.title == title,
    )
    return [_queued(row) for row in connection.execute(query.order_by(claims.c.submitted_at, claims.c.id))]


def known(connection: Connection, addresses: Collection[str]) -> dict[str, tuple[int, str]]:
    """Return address -> id and name, of those that somebody has."""
    query = sa.select(people.c.email, people.c.id, people.c.name).where(people.c.email.in_(addresses))
    return {row.email: (row.id, row.name) for row in connection.execute(query)}


def activities_claimed(connection: Connection) -> list[tuple[str, str, int]]:
    """Return (sponsor, title, how many claims) of what waits for a reviewer, by sponsor and title."""
    query = (
        sa.select(claims.c.sponsor, claims.c.title, sa.func.count())
        .where(claims.c.state.in_(FOR_STAFF))
        .group_by(claims.c.sponsor, claims.c.title)
        .order_by(claims.c.sponsor, claims.c.title)
    )
    return [(sponsor, title, int(many)) for sponsor, title, many in connection.execute(query)]


def with_same_file(connection: Connection, claim_id: int) -> dict[str, list[int]]:
    """Return hash -> other claims, of anybody, that were sent the same file as this claim."""
    own = sa.select(certificates.c.sent_sha256).where(certificates.c.claim_id == claim_id)
    query = (
        sa.select(certificates.c.sent_sha256, certificates.c.claim_id)
        .where(certificates.c.sent_sha256.in_(own), certificates.c.claim_id != claim_id)
        .distinct()
        .order_by(certificates.c.claim_id)
    )
    found: dict[str, list[int]] = {}
    for row in connection.execute(query):
        found.setdefault(row.sent_sha256, []).append(row.claim_id)
    return found


def reviewers(connection: Connection) -> list[tuple[str, str]]:
    """Return (address, name) of everybody a claim can be assigned to, by name."""
    query = (
        sa.select(people.c.email, people.c.name)
        .join(person_roles, person_roles.c.person_id == people.c.id)
        .where(person_roles.c.role == Role.STAFF)
        .order_by(people.c.name, people.c.email)
    )
    return [(row.email, row.name) for row in connection.execute(query)]


def decisions(connection: Connection, since: dt.datetime) -> list[Decision]:
    """Return the claims that were approved or rejected since then, in that order."""
    query = _joined(
        sa.select(
            credentials.c.discipline,
            claims.c.submitted_at,
            claims.c.promised_by,
            claims.c.decided_at,
            claims.c.decided_by,
        ).select_from(claims)
    ).where(claims.c.decided_at >= since)
    return [Decision(**row._asdict()) for row in connection.execute(query.order_by(claims.c.decided_at, claims.c.id))]


def unreleased(connection: Connection) -> list[Unreleased]:
    """Return the attempts that were submitted and whose result is not released, the oldest first."""
    query = (
        sa.select(
            attempts.c.id.label("attempt_id"),
            people.c.id.label("person_id"),
            people.c.name.label("person_name"),
            credentials.c.discipline,
            attempts.c.submitted_at,
        )
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .join(people, people.c.id == credentials.c.person_id)
        .where(attempts.c.state == State.SUBMITTED)
        .order_by(attempts.c.submitted_at, attempts.c.id)
    )
    return [Unreleased(**row._asdict()) for row in connection.execute(query)]


def _joined(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.join(attempts, attempts.c.id == claims.c.attempt_id).join(
        credentials, credentials.c.id == attempts.c.credential_id
    )


def _queued(row: Any) -> Queued:
    cells = row._asdict()
    cells["state"] = ClaimState(cells["state"])
    return Queued(**cells)
