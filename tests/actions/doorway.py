"""A person at the door: an address, a password, and what comes of signing in with them."""

from __future__ import annotations

from ssa_engine.actions import people as actions
from ssa_engine.core.people import Person, Role
from ssa_engine.storage import people as rows
from ssa_engine.storage.db import Database
from tests.factories import Clock

EMAIL, PASSWORD = "dana@test.example", "twelve letters"


def add_dana(db: Database, clock: Clock) -> int:
    """Add a candidate with a password; return the id."""
    return actions.add(db, email=EMAIL, name="Dana", password=PASSWORD, roles=[Role.CANDIDATE], who="test", now=clock())


def sign_in(db: Database, clock: Clock, *, email: str = EMAIL, password: str = PASSWORD, token: str = "t") -> Person:
    """Sign in."""
    return actions.sign_in(db, email=email, password=password, token=token, now=clock())


def whose(db: Database, clock: Clock, token: str = "t") -> Person | None:
    """Return who a session belongs to now."""
    with db.read() as connection:
        return rows.of_session(connection, actions.hash_token(token), clock())
