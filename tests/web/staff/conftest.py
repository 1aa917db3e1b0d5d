"""Fixtures of the staff's tests: two reviewers, each in a browser, and claims that they review."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions.banks import Banks
from ssa_engine.core.people import Role
from ssa_engine.storage.db import Database
from tests.catalogue import activity, catalogue
from tests.claimed import DOSE, Claimed
from tests.factories import Clock, Someone, add_someone

CHEST = "neck-and-chest"
SignIn = Callable[[Someone], FlaskClient]


@pytest.fixture
def claimed(db: Database, banks: Banks, clock: Clock, published: None) -> Claimed:
    """Claims of several people, none yet."""
    return Claimed(db, banks, clock)


@pytest.fixture
def reviewer(db: Database, clock: Clock, sign_in: SignIn) -> FlaskClient:
    """A reviewer's browser: Priya."""
    return sign_in(add_someone(db, "priya@test.example", clock=clock, role=Role.STAFF))


@pytest.fixture
def colleague(db: Database, clock: Clock, sign_in: SignIn) -> FlaskClient:
    """Another reviewer's browser: Omar."""
    return sign_in(add_someone(db, "omar@test.example", clock=clock, role=Role.STAFF))


@pytest.fixture
def questions(app: Flask) -> Callable[[], Iterator[list[str]]]:
    """Collect what is asked of the database while a page is made."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        asked: list[str] = []
        engine = app.extensions["ssa_engine"].db.engine

        def note(*event: object) -> None:
            asked.append(str(event[2]))

        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            yield asked
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)

    return collect  # type: ignore[return-value]


@pytest.fixture
def coded(claimed: Claimed, db: Database, clock: Clock) -> int:
    """Ann's claim for an activity of the catalogue: 2.5 credits, 1.5 of them in dose, 1 where nothing is prescribed."""
    number = catalogue(db, clock, activity(counts={DOSE: 1.5, CHEST: 1.0}))["A-1"]
    return claimed.claim("ann", "Course A-1", activity_id=number, credits=2.5, distribution={DOSE: 1.5, CHEST: 1.0})


@pytest.fixture
def uncoded(claimed: Claimed) -> int:
    """Bo's claim for an activity that is not in the catalogue: 3 credits."""
    return claimed.claim("bo", "Local dose day", sponsor="City hospital", credits=3.0, description="Dose in children.")
