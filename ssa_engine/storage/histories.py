"""What happened to credentials beside their sittings: cycles, results, steps of claims, records, notices with mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.claims import Verb
from ssa_engine.core.cycles import CycleEvent
from ssa_engine.core.mail import MailState
from ssa_engine.core.rescorings import Cause
from ssa_engine.storage.console_tables import notices
from ssa_engine.storage.process_tables import claim_events, claims, completion_records, cycle_events, mail
from ssa_engine.storage.tables import attempts, results


@dataclass(frozen=True, slots=True)
class CycleRow:
    """Something that happened in a cycle: on which day, and when that was recorded."""

    credential_id: int
    cycle: int
    kind: CycleEvent
    happened_on: dt.date
    recorded_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A result that was computed, without what it says."""

    credential_id: int
    attempt_id: int
    version: int
    cause: Cause
    scored_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One step of a claim."""

    credential_id: int
    claim_id: int
    title: str
    verb: Verb
    who: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A completion record, and when it was taken back, if it was."""

    credential_id: int
    code: str
    issued_at: dt.datetime
    voided_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice, and where its mail stands; None if it has none."""

    credential_id: int
    kind: str
    created_at: dt.datetime
    read_at: dt.datetime | None
    mail_id: int | None
    mail_state: MailState | None
    sent_at: dt.datetime | None
    trouble: str


def cycles_of(connection: Connection, credential_ids: Collection[int]) -> list[CycleRow]:
    """Return what happened to these credentials."""
    query = cycle_events.select().where(cycle_events.c.credential_id.in_(credential_ids)).order_by(cycle_events.c.id)
    return [
        CycleRow(row.credential_id, row.cycle, CycleEvent(row.kind), row.happened_on, row.recorded_at)
        for row in connection.execute(query)
    ]


def results_of(connection: Connection, credential_ids: Collection[int]) -> list[ResultRow]:
    """Return the results of these credentials' attempts, in the order they were computed."""
    query = (
        sa.select(
            attempts.c.credential_id, results.c.attempt_id, results.c.version, results.c.cause, results.c.scored_at
        )
        .join(attempts, attempts.c.id == results.c.attempt_id)
        .where(attempts.c.credential_id.in_(credential_ids))
        .order_by(results.c.id)
    )
    return [
        ResultRow(row.credential_id, row.attempt_id, row.version, Cause(row.cause), row.scored_at)
        for row in connection.execute(query)
    ]


def claims_of(connection: Connection, credential_ids: Collection[int]) -> list[ClaimRow]:
    """Return the steps of these credentials' claims, in order."""
    query = (
        sa.select(
            attempts.c.credential_id,
            claims.c.id.label("claim_id"),
            claims.c.title,
            claim_events.c.verb,
            claim_events.c.who,
            claim_events.c.at,
        )
        .join(claims, claims.c.id == claim_events.c.claim_id)
        .join(attempts, attempts.c.id == claims.c.attempt_id)
        .where(attempts.c.credential_id.in_(credential_ids))
        .order_by(claim_events.c.id)
    )
    return [
        ClaimRow(row.credential_id, row.claim_id, row.title, Verb(row.verb), row.who, row.at)
        for row in connection.execute(query)
    ]


def records_of(connection: Connection, credential_ids: Collection[int]) -> list[RecordRow]:
    """Return the completion records of these credentials, those taken back too."""
    records = completion_records.c
    query = sa.select(records.credential_id, records.code, records.issued_at, records.voided_at)
    query = query.where(records.credential_id.in_(credential_ids)).order_by(records.id)
    return [RecordRow(*row) for row in connection.execute(query)]


def notices_of(connection: Connection, person_id: int) -> list[NoticeRow]:
    """Return what a person was told of their credentials, and what became of the mail."""
    query = (
        sa.select(
            notices.c.credential_id,
            notices.c.kind,
            notices.c.created_at,
            notices.c.read_at,
            mail.c.id.label("mail_id"),
            mail.c.state,
            mail.c.sent_at,
            mail.c.trouble,
        )
        .join(mail, mail.c.notice_id == notices.c.id, isouter=True)
        .where(notices.c.person_id == person_id, notices.c.credential_id.is_not(None))
        .order_by(notices.c.id)
    )
    return [
        NoticeRow(
            row.credential_id,
            row.kind,
            row.created_at,
            row.read_at,
            row.mail_id,
            MailState(row.state) if row.state else None,
            row.sent_at,
            row.trouble or "",
        )
        for row in connection.execute(query)
    ]
