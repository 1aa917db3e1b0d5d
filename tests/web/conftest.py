"""Fixtures of the web tests: a small world of people, each in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.storage.db import Database
from tests.factories import Clock, Someone, add_someone, answer, start_attempt
from tests.web.walk import World


@pytest.fixture
def world(db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient], library: Library) -> World:
    """The people of the walk; the candidate's attempt has an answer and a flag."""
    own = add_someone(db, "own@test.example", clock=clock)
    other = add_someone(db, "other@test.example", clock=clock)
    browsers = {Role.CANDIDATE: sign_in(own)}
    for role in (Role.PSYCHOMETRICIAN, Role.SPECIALIST, Role.STAFF):
        browsers[role] = sign_in(add_someone(db, f"{role}@test.example", clock=clock, role=role))
    others_browser = sign_in(other)
    own_attempt, other_attempt = start_attempt(browsers[Role.CANDIDATE], own), start_attempt(others_browser, other)
    answer(browsers[Role.CANDIDATE], own_attempt, 1)
    answer(browsers[Role.CANDIDATE], own_attempt, 2, go="flag")
    item_id = library.bank("CT").items[0].id
    return World(own, other, own_attempt, other_attempt, browsers, others_browser, item_id)
