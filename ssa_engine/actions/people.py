"""People: sign in and out, add, give roles."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ssa_engine.core.display import Display
from ssa_engine.core.errors import Conflict, Invalid, NotAllowed, NotFound
from ssa_engine.core.people import Person, Role, read_address, read_name
from ssa_engine.core.text import say
from ssa_engine.storage import audit, people
from ssa_engine.storage.db import Database

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""The OWASP setting for argon2id: 19 MiB, two passes, one lane."""

ABSENT_HASH = HASHER.hash("no such person")
"""Verified when nobody has the address, so that the time taken tells nothing."""

SESSION_HOURS = 12
PASSWORD_LENGTH = 12
FAILURES_ALLOWED = 10
FAILURES_WINDOW = dt.timedelta(minutes=15)


def hash_token(token: str) -> str:
    """Return the form in which a session token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(db: Database, *, email: str, password: str, token: str, now: dt.datetime) -> Person:
    """Check a password and open a session under `token`.

    Raises
    ------
    NotAllowed
        If address and password do not belong together, or there were too many tries.
    """
    address = email.strip().lower()
    with db.read() as connection:
        known = people.by_email(connection, address)
        failures = people.count_failures(connection, address, now - FAILURES_WINDOW)
    if failures >= FAILURES_ALLOWED:
        raise NotAllowed(say("There were too many tries with this address. Wait 15 minutes, then sign in again."))
    person, stored = known or (None, ABSENT_HASH)
    try:
        HASHER.verify(stored, password)
        matches = person is not None
    except (VerificationError, InvalidHashError):
        matches = False
    with db.write() as connection:
        if person is None or not matches:
            people.add_failure(connection, address, now)
        else:
            people.open_session(
                connection,
                token_hash=hash_token(token),
                person_id=person.id,
                at=now,
                expires_at=now + dt.timedelta(hours=SESSION_HOURS),
            )
    if person is None or not matches:
        raise NotAllowed(say("That address and password do not belong together. Check both and try again."))
    return person


def sign_out(db: Database, token: str) -> None:
    """End a session."""
    with db.write() as connection:
        people.close_session(connection, hash_token(token))


def set_display(db: Database, *, person_id: int, display: Display, mail_reminders: bool | None = None) -> None:
    """Keep how a person wants pages shown, on every device; and, if said, whether reminders come by mail."""
    with db.write() as connection:
        people.set_display(connection, person_id, display)
        if mail_reminders is not None:
            people.set_mail_reminders(connection, person_id, mail_reminders)


def add(
    db: Database, *, email: str, name: str, password: str, roles: Iterable[Role], who: str, now: dt.datetime
) -> int:
    """Add a person; return the id.

    Raises
    ------
    Invalid
        If the address, name, password or roles cannot be used.
    Conflict
        If somebody has that address.
    """
    address, name, wanted = read_address(email), read_name(name), sorted(set(roles))
    if not name or not wanted:
        raise Invalid("A person needs a name and at least one role.")
    if len(password) < PASSWORD_LENGTH:
        raise Invalid(f"The password is too short; use at least {PASSWORD_LENGTH} characters.")
    password_hash = HASHER.hash(password)
    with db.write() as connection:
        if people.by_email(connection, address) is not None:
            raise Conflict(f"Somebody with the address {address} is there already.")
        person_id = people.insert(
            connection, email=address, name=name, password_hash=password_hash, roles=wanted, at=now
        )
        audit.add(
            connection, at=now, who=who, verb="add", noun="person", noun_id=person_id, roles=list(map(str, wanted))
        )
    return person_id


def set_role(db: Database, *, email: str, role: Role, held: bool, who: str, now: dt.datetime) -> None:
    """Give a role to a person or take it; repeating it changes nothing.

    Raises
    ------
    NotFound
        If nobody has the address.
    Invalid
        If it is the person's only role.
    """
    with db.write() as connection:
        known = people.by_email(connection, email)
        if known is None:
            raise NotFound(f"Nobody has the address {email}. Add the person first.")
        person, _ = known
        if not held and person.roles <= {role}:
            raise Invalid(f"{role} is the only role of {person.email}; give another one first.")
        if (role in person.roles) == held:
            return
        people.set_role(connection, person.id, role, held)
        verb = "give role" if held else "take role"
        audit.add(connection, at=now, who=who, verb=verb, noun="person", noun_id=person.id, role=str(role))


def add_credential(
    db: Database,
    *,
    email: str,
    discipline: str,
    earned_on: dt.date,
    who: str,
    now: dt.datetime,
    recorded_on: dt.date | None = None,
) -> int:
    """Note that a person holds a credential; return its id. Cycles due before `recorded_on` count as settled elsewhere.

    Raises
    ------
    NotFound
        If nobody has the address.
    Conflict
        If the person has one in that discipline.
    """
    with db.write() as connection:
        known = people.by_email(connection, email)
        if known is None:
            raise NotFound(f"Nobody has the address {email}. Add the person first.")
        person, _ = known
        if any(own.discipline == discipline for own in people.credentials_of(connection, person.id)):
            raise Conflict(f"{person.email} has a credential in {discipline} already.")
        credential_id = people.insert_credential(
            connection,
            person_id=person.id,
            discipline=discipline,
            earned_on=earned_on,
            recorded_on=recorded_on,
        )
        audit.add(connection, at=now, who=who, verb="add", noun="credential", noun_id=credential_id)
    return credential_id


def set_password(db: Database, *, email: str, password: str, who: str, now: dt.datetime) -> None:
    """Set a person's password and end their sessions.

    Raises
    ------
    NotFound
        If nobody has the address.
    Invalid
        If the password is too short.
    """
    if len(password) < PASSWORD_LENGTH:
        raise Invalid(f"The password is too short; use at least {PASSWORD_LENGTH} characters.")
    password_hash = HASHER.hash(password)
    with db.write() as connection:
        known = people.by_email(connection, email)
        if known is None:
            raise NotFound(f"Nobody has the address {email}. Add the person first.")
        people.set_password(connection, known[0].id, password_hash)
        audit.add(connection, at=now, who=who, verb="set password", noun="person", noun_id=known[0].id)
