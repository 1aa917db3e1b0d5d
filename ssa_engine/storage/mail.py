"""Rows of mail: what waits to be sent for a notice, and what became of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.mail import MailState
from ssa_engine.storage.console_tables import notices
from ssa_engine.storage.process_tables import mail
from ssa_engine.storage.sitting_tables import preferences
from ssa_engine.storage.tables import people


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of a notice: to whom, in which language (empty: not chosen), and where it stands."""

    id: int
    notice_id: int
    message_id: str
    state: MailState
    not_before: dt.datetime
    tries: int
    tried_at: dt.datetime | None
    sent_at: dt.datetime | None
    trouble: str
    kind: str
    person_id: int
    email: str
    name: str
    language: str


def insert(connection: Connection, *, notice_id: int, message_id: str, not_before: dt.datetime) -> None:
    """Let a mail wait."""
    connection.execute(mail.insert().values(notice_id=notice_id, message_id=message_id, not_before=not_before))


def delete_waiting(connection: Connection, notice_id: int) -> bool:
    """Delete the mail of a notice if it still waits; return whether there is none any more."""
    connection.execute(mail.delete().where(mail.c.notice_id == notice_id, mail.c.state == MailState.WAITING))
    return connection.execute(sa.select(mail.c.id).where(mail.c.notice_id == notice_id)).first() is None


def is_due(connection: Connection, now: dt.datetime) -> bool:
    """Say whether a mail waits whose time has come."""
    query = sa.select(mail.c.id).where(mail.c.state == MailState.WAITING, mail.c.not_before <= now).limit(1)
    return connection.execute(query).first() is not None


def take(connection: Connection, now: dt.datetime) -> Mail | None:
    """Take the mail that waits the longest, for one sender alone; return it, or None if nothing is due."""
    due = mail.c.state == MailState.WAITING, mail.c.not_before <= now
    waiting = sa.select(mail.c.id).where(*due).order_by(mail.c.not_before, mail.c.id).limit(1)
    waiting = waiting.with_for_update(skip_locked=True)
    values = {"state": MailState.SENDING, "tries": mail.c.tries + 1, "tried_at": now}
    while (mail_id := connection.execute(waiting).scalar()) is not None:
        taken = mail.update().where(mail.c.id == mail_id, *due).values(values)
        if connection.execute(taken).rowcount:
            return get(connection, mail_id)
    return None


def finish(connection: Connection, taken: Mail, *, state: MailState, at: dt.datetime, **values: Any) -> bool:
    """Note what became of a mail that was taken; return whether it was still in the hands of the one who took it."""
    query = mail.update().where(
        mail.c.id == taken.id,
        mail.c.tries == taken.tries,
        mail.c.state.in_((MailState.SENDING, MailState.UNSURE)),
    )
    sent_at = at if state is MailState.SENT else None
    return connection.execute(query.values(state=state, sent_at=sent_at, **values)).rowcount == 1


def left_sending(connection: Connection, before: dt.datetime) -> list[Mail]:
    """Return the mails that a sender took before this time and said nothing of since, locked."""
    query = _select().where(mail.c.state == MailState.SENDING, mail.c.tried_at < before).order_by(mail.c.id)
    return [_mail(row) for row in connection.execute(query.with_for_update(of=mail, skip_locked=True))]


def send_again(connection: Connection, mail_id: int, now: dt.datetime) -> bool:
    """Let a mail that was given up or is in doubt wait once more; return whether there was such a one."""
    query = mail.update().where(mail.c.id == mail_id, mail.c.state.in_((MailState.REFUSED, MailState.UNSURE)))
    values = {"state": MailState.WAITING, "not_before": now, "tries": 0, "tried_at": None, "trouble": ""}
    return connection.execute(query.values(values)).rowcount == 1


def get(connection: Connection, mail_id: int) -> Mail | None:
    """Return a mail, or None."""
    row = connection.execute(_select().where(mail.c.id == mail_id)).first()
    return None if row is None else _mail(row)


def of_person(connection: Connection, person_id: int) -> list[Mail]:
    """Return the mails of a person, the latest first."""
    query = _select().where(notices.c.person_id == person_id).order_by(mail.c.id.desc())
    return [_mail(row) for row in connection.execute(query)]


def troubled(connection: Connection, most: int = 1000) -> list[Mail]:
    """Return the mails that were refused or are in doubt, the latest try first."""
    query = _select().where(mail.c.state.in_((MailState.REFUSED, MailState.UNSURE)))
    query = query.order_by(mail.c.tried_at.desc(), mail.c.id.desc()).limit(most)
    return [_mail(row) for row in connection.execute(query)]


def counts(connection: Connection) -> dict[MailState, int]:
    """Return how many mails there are in each state."""
    query = sa.select(mail.c.state, sa.func.count()).group_by(mail.c.state)
    found = {MailState(state): number for state, number in connection.execute(query)}
    return {state: found.get(state, 0) for state in MailState}


def _select() -> sa.Select[Any]:
    return (
        sa.select(mail, notices.c.kind, notices.c.person_id, people.c.email, people.c.name, preferences.c.language)
        .join(notices, notices.c.id == mail.c.notice_id)
        .join(people, people.c.id == notices.c.person_id)
        .join(preferences, preferences.c.person_id == people.c.id, isouter=True)
    )


def _mail(row: Any) -> Mail:
    return Mail(
        row.id,
        row.notice_id,
        row.message_id,
        MailState(row.state),
        row.not_before,
        row.tries,
        row.tried_at,
        row.sent_at,
        row.trouble,
        row.kind,
        row.person_id,
        row.email,
        row.name,
        row.language or "",
    )
