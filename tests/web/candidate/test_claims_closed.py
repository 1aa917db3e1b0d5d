"""The page of a claim when nothing can be reported any more: after the last day, and when its period is over."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.core.cycles import CycleEvent
from ssa_engine.storage import cycles
from ssa_engine.storage.db import Database
from tests.actions.claiming import DOSE, Desk, desk_of, library_with_claims, stored_activity
from tests.factories import Clock, Someone, read, session_of
from tests.web.candidate.test_claims import url

CLOSED = (
    "Claims for Computed Tomography had to be submitted by 18 May 2028, to leave time for review before the window "
    "ends, so none can be taken until it does."
)


@pytest.fixture(scope="session")
def library(library: Library) -> Library:
    return library_with_claims(library)


@pytest.fixture
def desk(db: Database, library: Library, clock: Clock, tmp_path: Path, candidate: Someone, published: None) -> Desk:
    """The candidate, asked for 2 credits in dose."""
    return desk_of(db, library, clock, tmp_path / "certificates", {DOSE: 2.0}, candidate)


def after_the_last_day(browser: FlaskClient, desk: Desk) -> None:
    """Go to a day between the last one to report and the end of the window."""
    desk.clock.at = dt.datetime(2028, 5, 25, 12, 0, tzinfo=dt.UTC)
    browser.set_cookie("ssa_session", session_of(desk.db, desk.someone, desk.clock()))


def test_after_the_last_day_a_withdrawal_says_that_it_is_for_good(browser: FlaskClient, desk: Desk) -> None:
    claim = desk.report(stored_activity(desk.db, "DOSE", 2.5, {DOSE: 0.5}))
    anew = "you may report the activity anew"
    before = read(browser.get(url(desk, claim.id))).text
    assert (anew in before, CLOSED in before, "cannot be undone" in before) == (True, False, False)
    after_the_last_day(browser, desk)
    page = read(browser.get(url(desk, claim.id)))
    assert anew not in page.text
    assert "nothing of it counts. This cannot be undone, and the activity cannot be reported again now." in page.text
    assert page.text.index(CLOSED) < page.text.index("Withdraw it")


def test_after_the_last_day_a_rejection_offers_no_other_report(browser: FlaskClient, desk: Desk) -> None:
    claim = desk.reject(desk.report(stored_activity(desk.db, "DOSE", 2.5, {DOSE: 0.5})), reason="It names Bob.")
    offered = "You may report another activity, or this one anew"
    before = read(browser.get(url(desk, claim.id))).text
    assert (offered in before, CLOSED in before) == (True, False)
    after_the_last_day(browser, desk)
    after = read(browser.get(url(desk, claim.id))).text
    assert (offered in after, CLOSED in after, "It names Bob." in after) == (False, True, True)


def test_a_claim_of_a_period_that_is_over_offers_no_report(browser: FlaskClient, desk: Desk) -> None:
    rejected = desk.reject(desk.report(stored_activity(desk.db, "DOSE", 2.5, {DOSE: 0.5})), reason="It names Bob.")
    waiting = desk.report(stored_activity(desk.db, "TWO", 2.5, {DOSE: 0.5}))
    with desk.db.write() as connection:
        cycles.insert_event(
            connection,
            credential_id=desk.someone.credential_id,
            cycle=1,
            kind=CycleEvent.COMPLETED,
            on=dt.date(2028, 5, 1),
            at=desk.clock(),
        )
    desk.clock.at = dt.datetime(2036, 1, 10, 12, 0, tzinfo=dt.UTC)  # in the next window, before its self-assessment
    browser.set_cookie("ssa_session", session_of(desk.db, desk.someone, desk.clock()))
    assert "You may report another activity" not in read(browser.get(url(desk, rejected.id))).text
    text = read(browser.get(url(desk, waiting.id))).text
    assert "you may report the activity anew" not in text
    assert "This cannot be undone" in text
