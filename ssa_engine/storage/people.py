"""Rows of people, their roles, sessions and credentials."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.accommodations import Accommodations
from ssa_engine.core.display import USUAL, Display
from ssa_engine.core.people import Person, Role
from ssa_engine.storage.prepared import Door, Prepared
from ssa_engine.storage.sitting_tables import accommodations, preferences
from ssa_engine.storage.tables import credentials, people, person_roles, sessions, signin_failures

_SESSION = Prepared(
    sa.select(
        people.c.id,
        people.c.email,
        people.c.name,
        sessions.c.expires_at,
        person_roles.c.role,
        preferences.c.text_size,
        preferences.c.theme,
        preferences.c.hide_clock,
        preferences.c.language,
    )
    .join(sessions, sessions.c.person_id == people.c.id)
    .join(person_roles, person_roles.c.person_id == people.c.id)
    .join(preferences, preferences.c.person_id == people.c.id, isouter=True)
    .where(sessions.c.token_hash == sa.bindparam("token_hash"))
)


@dataclass(frozen=True, slots=True)
class Credential:
    """One discipline held by one candidate, with the date it was earned."""

    id: int
    person_id: int
    discipline: str
    earned_on: dt.date
    recorded_on: dt.date | None = None
    """The day it came into this system; None: nothing is settled elsewhere."""


def of_session(connection: Connection | Door, token_hash: str, now: dt.datetime) -> Person | None:
    """Return who a session belongs to, or None if there is no such session or it has expired."""
    rows = _SESSION.all(connection, token_hash=token_hash)
    if not rows or rows[0].expires_at <= now:
        return None
    first = rows[0]
    display = USUAL
    if first.theme is not None:
        display = Display(first.text_size, first.theme, bool(first.hide_clock), first.language)
    return Person(first.id, first.email, first.name, frozenset(Role(row.role) for row in rows), display)


def by_email(connection: Connection, email: str) -> tuple[Person, str] | None:
    """Return the person and their password hash, or None."""
    row = connection.execute(people.select().where(people.c.email == email.lower())).first()
    if row is None:
        return None
    return Person(row.id, row.email, row.name, _roles(connection, row.id)), row.password_hash


def get(connection: Connection, person_id: int) -> Found | None:
    """Return who has this id, or None."""
    row = connection.execute(people.select().where(people.c.id == person_id)).first()
    return None if row is None else Found(row.id, row.name, row.email)


def _roles(connection: Connection, person_id: int) -> frozenset[Role]:
    rows = connection.execute(sa.select(person_roles.c.role).where(person_roles.c.person_id == person_id))
    return frozenset(Role(row.role) for row in rows)


def insert(
    connection: Connection,
    *,
    email: str,
    name: str,
    password_hash: str,
    roles: Iterable[Role],
    at: dt.datetime,
    biennium_from: dt.date | None = None,
) -> int:
    """Insert a person with their roles; return the id. `biennium_from`: the first day of a biennium of theirs."""
    row = {
        "email": email.lower(),
        "name": name,
        "password_hash": password_hash,
        "created_at": at,
        "biennium_from": biennium_from,
    }
    person_id = int(connection.execute(people.insert().values(row).returning(people.c.id)).scalar_one())
    connection.execute(person_roles.insert(), [{"person_id": person_id, "role": role} for role in roles])
    return person_id


def set_role(connection: Connection, person_id: int, role: Role, held: bool) -> None:
    """Give or take a role. Repeating it changes nothing."""
    connection.execute(person_roles.delete().where(person_roles.c.person_id == person_id, person_roles.c.role == role))
    if held:
        connection.execute(person_roles.insert().values(person_id=person_id, role=role))


def set_password(connection: Connection, person_id: int, password_hash: str) -> None:
    """Set a password and end all of the person's sessions."""
    connection.execute(people.update().where(people.c.id == person_id).values(password_hash=password_hash))
    connection.execute(sessions.delete().where(sessions.c.person_id == person_id))


def open_session(
    connection: Connection, *, token_hash: str, person_id: int, at: dt.datetime, expires_at: dt.datetime
) -> None:
    """Open a session, and drop those that have expired."""
    connection.execute(sessions.delete().where(sessions.c.expires_at <= at))
    connection.execute(
        sessions.insert().values(token_hash=token_hash, person_id=person_id, created_at=at, expires_at=expires_at)
    )


def close_session(connection: Connection, token_hash: str) -> None:
    """End a session."""
    connection.execute(sessions.delete().where(sessions.c.token_hash == token_hash))


def count_failures(connection: Connection, email: str, since: dt.datetime) -> int:
    """Return how often signing in with this address did not succeed since then."""
    query = sa.select(sa.func.count()).where(signin_failures.c.email == email.lower(), signin_failures.c.at > since)
    return int(connection.execute(query).scalar_one())


def add_failure(connection: Connection, email: str, at: dt.datetime) -> None:
    """Note that signing in with this address did not succeed."""
    connection.execute(signin_failures.insert().values(email=email.lower()[:254], at=at))


def delete_failures(connection: Connection, email: str) -> int:
    """Forget how often signing in with this address did not succeed; return how often it did not."""
    return connection.execute(signin_failures.delete().where(signin_failures.c.email == email.lower())).rowcount


def insert_credential(
    connection: Connection,
    *,
    person_id: int,
    discipline: str,
    earned_on: dt.date,
    recorded_on: dt.date | None = None,
) -> int:
    """Insert a credential; return its id. Cycles that were due before `recorded_on` count as settled elsewhere."""
    row = {"person_id": person_id, "discipline": discipline, "earned_on": earned_on, "recorded_on": recorded_on}
    return int(connection.execute(credentials.insert().values(row).returning(credentials.c.id)).scalar_one())


def credential(connection: Connection, credential_id: int, *, for_update: bool = False) -> Credential | None:
    """Return a credential, or None; with `for_update`, locked, while rows that name it may be added all the same."""
    query = credentials.select().where(credentials.c.id == credential_id)
    row = connection.execute(query.with_for_update(key_share=True) if for_update else query).first()
    return None if row is None else Credential(*row)


def credentials_of(connection: Connection, person_id: int) -> list[Credential]:
    """Return a person's credentials, by discipline."""
    query = credentials.select().where(credentials.c.person_id == person_id).order_by(credentials.c.discipline)
    return [Credential(*row) for row in connection.execute(query)]


def set_display(connection: Connection, person_id: int, display: Display) -> None:
    """Keep how a person wants pages shown."""
    _set_preferences(connection, person_id, asdict(display))


def wants_mail_reminders(connection: Connection, person_id: int) -> bool:
    """Say whether a person gets reminders by mail: yes, unless they chose otherwise."""
    query = sa.select(preferences.c.mail_reminders).where(preferences.c.person_id == person_id)
    return connection.execute(query).scalar() is not False


def set_mail_reminders(connection: Connection, person_id: int, wanted: bool) -> None:
    """Keep whether a person gets reminders by mail."""
    _set_preferences(connection, person_id, {"mail_reminders": wanted})


def _set_preferences(connection: Connection, person_id: int, values: dict[str, Any]) -> None:
    """Keep some of a person's preferences and leave the others as they are, or as is usual."""
    _lock(connection, person_id)
    query = preferences.update().where(preferences.c.person_id == person_id).values(values)
    if not connection.execute(query).rowcount:
        connection.execute(preferences.insert().values({"person_id": person_id, **asdict(USUAL), **values}))


def _lock(connection: Connection, person_id: int) -> None:
    """Let others who change the same person wait until this transaction ends: a row that is replaced is there once."""
    connection.execute(sa.select(people.c.id).where(people.c.id == person_id).with_for_update())


def accommodations_of(connection: Connection, person_id: int) -> Accommodations:
    """Return what is granted to a person for every sitting."""
    row = connection.execute(accommodations.select().where(accommodations.c.person_id == person_id)).mappings().first()
    return Accommodations(**{name: row[name] for name in Accommodations.model_fields}) if row else Accommodations()


def set_accommodations(connection: Connection, person_id: int, granted: Accommodations) -> None:
    """Keep what is granted to a person, in place of what was."""
    _lock(connection, person_id)
    connection.execute(accommodations.delete().where(accommodations.c.person_id == person_id))
    if granted != Accommodations():
        connection.execute(accommodations.insert().values(person_id=person_id, **granted.model_dump()))


@dataclass(frozen=True, slots=True)
class Found:
    """A person found by search."""

    id: int
    name: str
    email: str


def search(connection: Connection, text: str, most: int = 50) -> list[Found]:
    """Return people whose name or address contains the text, by name."""
    pattern = f"%{text.lower().replace('%', '').replace('_', '')}%"
    query = (
        sa.select(people.c.id, people.c.name, people.c.email)
        .where(sa.or_(sa.func.lower(people.c.name).like(pattern), people.c.email.like(pattern)))
        .order_by(people.c.name, people.c.id)
        .limit(most)
    )
    return [Found(*row) for row in connection.execute(query)]
