"""Fixtures of the candidate's pages: an attempt that has every format, at a desk."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.core.profiles import ProfileSurvey
from ssa_engine.storage.db import Database
from tests.actions.filling import Filling
from tests.actions.sittings import begin
from tests.factories import Clock, Someone
from tests.web.candidate.sitting import Desk, seed_of_all_formats


@pytest.fixture
def desk(browser: FlaskClient, db: Database, library: Library, clock: Clock, candidate: Someone) -> Desk:
    """A candidate's browser, and their attempt that has just begun."""
    return Desk(browser, begin(db, Banks(db, library), clock, candidate, seed=seed_of_all_formats(library)))


@pytest.fixture
def survey(library: Library) -> ProfileSurvey:
    """CT's profile: 7 screens, 46 activities."""
    found = library.spec("CT").profile
    assert found is not None
    assert (len(found.screens), len(found.activities)) == (7, 46)
    return found


@pytest.fixture
def filling(db: Database, library: Library, clock: Clock, candidate: Someone) -> Filling:
    """The candidate's profile, not begun."""
    return Filling(db, library, clock, candidate)
