"""Decisions beside what else goes on: a rejected activity that comes anew, and what the candidate is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ssa_engine.content.library import Library
from ssa_engine.core.claims import ClaimState
from ssa_engine.core.errors import Conflict
from ssa_engine.storage.console_tables import notices
from ssa_engine.storage.db import Database
from ssa_engine.storage.process_tables import mail
from tests.actions.claiming import DOSE, HEAD, IMAGES, Desk, desk_of, library_with_claims, stored_activity
from tests.factories import Clock


@pytest.fixture
def desk(db: Database, library: Library, clock: Clock, tmp_path: Path, published: None) -> Desk:
    """A candidate asked for 2 credits in dose and 3 in images."""
    return desk_of(db, library_with_claims(library), clock, tmp_path / "certificates", {DOSE: 2.0, IMAGES: 3.0})


@pytest.mark.parametrize("in_catalogue", [True, False])
def test_a_rejection_stands_once_the_activity_was_reported_anew(desk: Desk, in_catalogue: bool) -> None:
    held = stored_activity(desk.db, "DOSE", 1.0, {DOSE: 1.0}) if in_catalogue else None
    own: dict[str, Any] = {} if held else {"title": "Own", "sponsor": "Society", "credits": 1.0, "description": "Dose."}
    rejected = desk.reject(desk.report(held, **own))
    again = desk.report(held, **own)
    with pytest.raises(Conflict) as refused:
        desk.undo(rejected)
    assert refused.value.sentence == (
        f"The candidate has reported this anew since, as claim {again.id}, and it counts once. Decide that claim; this "
        "decision stands."
    )
    assert [one.state for one in desk.claims] == [ClaimState.REPORTED, ClaimState.REJECTED]
    desk.withdraw(again)
    assert desk.undo(rejected).state is ClaimState.IN_REVIEW


def test_a_rejection_stands_once_its_certificate_is_in_another_claim(desk: Desk) -> None:
    paper = desk.fresh()
    own: dict[str, Any] = {"sponsor": "Society", "credits": 1.0, "description": "Dose."}
    rejected = desk.reject(desk.report(None, paper, title="Own", **own))
    again = desk.report(None, paper, title="Its right name", **own)
    with pytest.raises(Conflict, match=f"^The candidate has reported this anew since, as claim {again.id}, and it"):
        desk.undo(rejected)
    assert [one.state for one in desk.claims] == [ClaimState.REPORTED, ClaimState.REJECTED]


def test_the_candidate_is_told_what_was_filled_and_not_what_the_activity_is_worth(desk: Desk) -> None:
    """Of 2 credits in dose and 3 in images: 2.5 in dose fill 2, 1 in head fills nothing; then 1 in dose is too much."""
    desk.approve(desk.report(stored_activity(desk.db, "A", 4.0, {DOSE: 2.5, HEAD: 1.0})))
    desk.approve(desk.report(stored_activity(desk.db, "B", 1.0, {DOSE: 1.0})))
    query = sa.select(notices.c.details).order_by(notices.c.id)
    with desk.db.read() as connection:
        found = [json.loads(text) for text in connection.execute(query).scalars()]
    assert [(one["title"], one["credits"], one["open"]) for one in found] == [
        ("Title of A", 2.0, 3.0),
        ("Title of B", 0.0, 3.0),
    ]


def test_what_was_read_before_the_decision_was_taken_back_is_not_mailed(desk: Desk) -> None:
    claim = desk.approve(desk.report(stored_activity(desk.db, "DOSE", 3.0, {DOSE: 2.5})))
    with desk.db.write() as connection:
        connection.execute(notices.update().values(read_at=desk.clock()))
    desk.undo(claim)
    with desk.db.read() as connection:
        assert connection.execute(sa.select(mail.c.id)).all() == []
