"""Fixtures of the console's tests: a psychometrician's browser, a draft begun in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from ssa_engine.core.people import Role
from ssa_engine.storage.db import Database
from tests.factories import Clock, Someone, add_someone
from tests.web.psychometrician.tuning import POLICY


@pytest.fixture
def console(db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]) -> FlaskClient:
    """A psychometrician's browser."""
    return sign_in(add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN))


@pytest.fixture
def draft(console: FlaskClient) -> str:
    """The address of a draft that begins with what is in force."""
    response = console.post(f"{POLICY}/drafts", data={"title": "Stricter"})
    assert response.status_code == 303
    return str(response.headers["Location"])
