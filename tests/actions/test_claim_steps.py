"""What becomes of a claim: withdrawn, broken off half-way, and made anew from its steps alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssa_engine.content.library import Library
from ssa_engine.core.audit_trail import AuditFilter
from ssa_engine.core.claims import ClaimState, Verb, replay
from ssa_engine.core.errors import Conflict
from ssa_engine.core.ledger import AreaFill
from ssa_engine.storage import audit
from ssa_engine.storage.db import Database
from tests.actions.claiming import DOSE, IMAGES, Desk, desk_of, library_with_claims, stored_activity
from tests.actions.sittings import breaking_off
from tests.factories import Clock


@pytest.fixture
def desk(db: Database, library: Library, clock: Clock, tmp_path: Path, published: None) -> Desk:
    """A candidate asked for 2 credits in dose and 3 in images."""
    return desk_of(db, library_with_claims(library), clock, tmp_path / "certificates", {DOSE: 2.0, IMAGES: 3.0})


def test_it_is_withdrawn_until_it_is_decided(desk: Desk) -> None:
    decided = desk.approve(desk.report(stored_activity(desk.db, "ONE", 1.0, {DOSE: 1.0})))
    with pytest.raises(Conflict, match="approved, so this can no longer be done"):
        desk.withdraw(decided)
    waiting = desk.report(stored_activity(desk.db, "TWO", 1.0, {DOSE: 1.0}))
    asked = desk.ask(waiting)
    with pytest.raises(Conflict, match="has changed since you opened its page"):
        desk.withdraw(waiting)
    assert desk.withdraw(asked).state is ClaimState.WITHDRAWN
    assert desk.ledger.areas[DOSE] == AreaFill(prescribed=2.0, filled=1.0, waiting=0.0, surplus=0.0)


def test_when_the_power_goes_neither_claim_nor_file_is_left(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    dose = stored_activity(desk.db, "DOSE", 1.0, {DOSE: 1.0})
    with breaking_off(monkeypatch):
        desk.report(dose)
    assert (desk.claims, desk.files) == ([], [])
    claim = desk.ask(desk.report(dose))
    with breaking_off(monkeypatch):
        desk.mend(claim, desk.fresh(), text="x")
    assert ([one.state for one in desk.claims], len(desk.files)) == ([ClaimState.MORE_ASKED], 1)


def test_when_a_file_cannot_be_written_nothing_is_reported(desk: Desk) -> None:
    desk.store.folder.write_text("in the way")
    with pytest.raises(Conflict, match="cannot be stored just now, so nothing was reported"):
        desk.report(stored_activity(desk.db, "DOSE", 1.0, {DOSE: 1.0}))
    assert desk.claims == []


def test_the_steps_of_a_claim_make_the_claim(desk: Desk) -> None:
    claim = desk.report(stored_activity(desk.db, "DOSE", 2.0, {DOSE: 1.0, IMAGES: 0.5}))
    desk.clock.advance(hours=1)
    claim = desk.mend(desk.ask(claim), text="Here it is.")
    claim = desk.undo(desk.approve(claim, distribution={DOSE: 0.5}))
    claim = desk.approve(claim)
    events = desk.events(claim)
    assert [one.verb for one in events] == [
        Verb.REPORT, Verb.TAKE, Verb.ASK_MORE, Verb.MEND, Verb.TAKE, Verb.APPROVE, Verb.UNDO, Verb.APPROVE,
    ]  # fmt: skip
    assert (claim.revision, claim.distribution) == (8, {DOSE: 1.0, IMAGES: 0.5})
    assert replay(claim.id, claim.attempt_id, events) == claim == desk.claims[0]
    with desk.db.read() as connection:
        trail = audit.entries(connection, AuditFilter(noun="claim"))
    assert [(one.verb, one.at, one.detail["state"]) for one in reversed(trail)] == [
        (one.verb, one.at, one.state) for one in events
    ]
