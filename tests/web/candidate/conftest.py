"""Fixtures of the candidate's pages: an attempt that has every format, at a desk."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.storage.db import Database
from tests.actions.sittings import begin
from tests.factories import Clock, Someone
from tests.web.candidate.sitting import Desk, seed_of_all_formats


@pytest.fixture
def desk(browser: FlaskClient, db: Database, library: Library, clock: Clock, candidate: Someone) -> Desk:
    """A candidate's browser, and their attempt that has just begun."""
    return Desk(browser, begin(db, Banks(db, library), clock, candidate, seed=seed_of_all_formats(library)))
