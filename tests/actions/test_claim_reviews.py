"""Reviewers and claims: credits that count, what the candidate is told, undo, two at once, a sponsor's list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from ssa_engine.actions import claim_reviews
from ssa_engine.content.library import Library
from ssa_engine.core.claims import Claim, ClaimState
from ssa_engine.core.cycles import CycleState
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.ledger import AreaFill
from ssa_engine.storage import cycles, people
from ssa_engine.storage.console_tables import completed_credits, notices
from ssa_engine.storage.db import Database
from ssa_engine.storage.process_tables import mail
from tests.actions.claiming import (
    DOSE,
    HEAD,
    IMAGES,
    OTHER,
    REVIEWER,
    Desk,
    desk_of,
    library_with_claims,
    stored_activity,
)
from tests.actions.sittings import audit_of, breaking_off
from tests.factories import Clock
from tests.stories.at_once import at_once


@pytest.fixture
def desk(db: Database, library: Library, clock: Clock, tmp_path: Path, published: None) -> Desk:
    """A candidate asked for 2 credits in dose and 3 in images."""
    return desk_of(db, library_with_claims(library), clock, tmp_path / "certificates", {DOSE: 2.0, IMAGES: 3.0})


def claim_of(desk: Desk, code: str = "DOSE", credits: float = 3.0, **counts: float) -> Claim:
    """A claim that waits, of an activity with these credits; by default 2.5 in dose."""
    return desk.report(stored_activity(desk.db, code, credits, counts or {DOSE: 2.5}))


def awards(desk: Desk) -> list[tuple[str, str, float]]:
    """(source, area, credits) of what stands in the ledger."""
    query = sa.select(completed_credits.c.source, completed_credits.c.content_area, completed_credits.c.credits)
    with desk.db.read() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(completed_credits.c.id))]


def told(desk: Desk) -> list[tuple[str, dt.datetime]]:
    """Kind of each notice, and before when its mail does not go."""
    query = sa.select(notices.c.kind, mail.c.not_before).join(mail, mail.c.notice_id == notices.c.id)
    with desk.db.read() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(notices.c.id))]


def state(desk: Desk) -> CycleState:
    spec = desk.banks.library.spec("CT")
    with desk.db.read() as connection:
        credential = people.credential(connection, desk.someone.credential_id)
        assert credential is not None
        found = cycles.position_of(connection, credential, spec.cqr, desk.today)
    assert found is not None
    return found.state


def test_an_approved_claim_fills_its_areas_and_the_rest_is_surplus(desk: Desk) -> None:
    claim = desk.approve(claim_of(desk))
    assert (claim.state, claim.decided_by, claim.decided_at, claim.revision) == (
        ClaimState.APPROVED, REVIEWER, desk.clock(), 3,
    )  # fmt: skip
    assert awards(desk) == [(f"claim/{claim.id}", DOSE, 2.5)]
    assert desk.ledger.areas[DOSE] == AreaFill(prescribed=2.0, filled=2.0, waiting=0.0, surplus=0.5)
    assert desk.ledger.open == {IMAGES: 3.0}
    assert told(desk) == [("claim_approved", desk.clock() + dt.timedelta(seconds=60))]
    assert state(desk) is CycleState.OPEN


def test_what_is_not_coded_is_awarded_as_the_reviewer_says(desk: Desk) -> None:
    claim = desk.report(None, title="Own", sponsor="Society", credits=2.0, description="Dose and heads.")
    for distribution, sentence in (
        ({}, "Give credits to at least one content area, or decide that the claim does not count."),
        ({DOSE: 0.0}, "Give credits to at least one content area, or decide that the claim does not count."),
        ({"knees": 1.0}, "'knees' is no content area of this outline. Choose one that is."),
        (
            {DOSE: 1.5, HEAD: 0.75},
            "The areas have 2.25 credits together, and the activity is worth 2 credits. Give no more than that.",
        ),
        ({DOSE: -1.0}, "Give Radiation Safety and Dose a number of credits above 0, or leave it empty."),
        ({DOSE: float("nan")}, "Give Radiation Safety and Dose a number of credits above 0, or leave it empty."),
        (
            {DOSE: 1e-13},
            "Give Radiation Safety and Dose credits with two decimals at most, such as 1.25. The least is 0.01.",
        ),
    ):
        with pytest.raises(Invalid) as refused:
            desk.approve(claim, distribution=distribution)
        assert refused.value.sentence == sentence
    assert (awards(desk), desk.claims[0].state) == ([], ClaimState.REPORTED)
    approved = desk.approve(claim, distribution={DOSE: 1.25, HEAD: 0.75})
    assert approved.distribution == {DOSE: 1.25, HEAD: 0.75}
    assert desk.ledger.areas[DOSE].filled == 1.25
    assert desk.ledger.elsewhere == {HEAD: 0.75}


def test_a_reason_is_asked_for_and_told(desk: Desk) -> None:
    claim = claim_of(desk)
    for verb in (desk.reject, desk.ask):
        with pytest.raises(Invalid, match=r"^Say why"):
            verb(claim, reason=" \n ")
    rejected = desk.reject(claim, reason=" The name is another person's. ")
    assert (rejected.state, rejected.reason) == (ClaimState.REJECTED, "The name is another person's.")
    assert (awards(desk), desk.ledger.open) == ([], {IMAGES: 3.0, DOSE: 2.0})
    assert [kind for kind, _ in told(desk)] == ["claim_rejected"]


def test_the_last_area_filled_completes_the_cycle_and_undo_takes_all_of_it_back(desk: Desk) -> None:
    first = desk.approve(claim_of(desk, "A", 2.0, **{DOSE: 2.0}))
    desk.clock.advance(days=1)
    second = desk.approve(claim_of(desk, "B", 3.0, **{IMAGES: 3.0}))
    assert state(desk) is CycleState.COMPLETE
    assert [kind for kind, _ in told(desk)] == ["claim_approved", "claim_approved", "complete"]
    assert {until for _, until in told(desk)[1:]} == {desk.clock() + dt.timedelta(seconds=60)}
    desk.clock.advance(seconds=60)
    undone = desk.undo(second)
    assert (undone.state, undone.assigned_to, undone.decided_at, undone.revision) == (
        ClaimState.IN_REVIEW, REVIEWER, None, 4,
    )  # fmt: skip
    assert state(desk) is CycleState.OPEN
    assert awards(desk) == [(f"claim/{first.id}", DOSE, 2.0)]
    assert [kind for kind, _ in told(desk)] == ["claim_approved"]
    assert desk.ledger.areas[IMAGES] == AreaFill(prescribed=3.0, filled=0.0, waiting=3.0, surplus=0.0)
    desk.approve(undone)
    assert state(desk) is CycleState.COMPLETE
    assert [kind for kind, _ in told(desk)] == ["claim_approved", "claim_approved", "complete"]


def test_undoing_what_was_more_than_enough_leaves_the_cycle_complete(desk: Desk) -> None:
    early, late = claim_of(desk, "A", 5.0, **{DOSE: 2.0, IMAGES: 3.0}), claim_of(desk, "B", 1.0, **{DOSE: 1.0})
    desk.approve(early)
    surplus = desk.approve(late)
    assert desk.ledger.areas[DOSE].surplus == 1.0
    desk.undo(surplus)
    assert state(desk) is CycleState.COMPLETE
    assert desk.ledger.areas[DOSE].surplus == 0.0


def test_after_the_minute_a_decision_stands(desk: Desk) -> None:
    claim = desk.approve(claim_of(desk))
    desk.clock.advance(seconds=60, microseconds=1)
    with pytest.raises(Conflict) as refused:
        desk.undo(claim)
    assert refused.value.sentence == (
        "A decision can be taken back for 60 seconds. This one stands: what was decided counts, and the candidate has "
        "been told."
    )
    assert len(awards(desk)) == 1


def test_only_who_decided_takes_it_back(desk: Desk) -> None:
    claim = desk.approve(claim_of(desk))
    with pytest.raises(Conflict, match=f"^{REVIEWER} decided this claim, and only they can take it back.$"):
        desk.undo(claim, who=OTHER)
    with pytest.raises(Conflict):
        desk.undo(claim_of(desk, "B"))
    assert [kind for kind, _ in told(desk)] == ["claim_approved"]


@pytest.mark.parametrize("verb", ["reject", "ask"])
def test_other_decisions_are_taken_back_too_and_nobody_was_told(desk: Desk, verb: str) -> None:
    undone = desk.undo(getattr(desk, verb)(claim_of(desk)))
    assert (undone.state, undone.reason, undone.decided_by) == (ClaimState.IN_REVIEW, "", "")
    assert told(desk) == []


def test_a_second_reviewer_is_told_what_the_first_did(desk: Desk) -> None:
    seen = claim_of(desk)
    claim_reviews.take(desk.db, seen.id, seen.revision, **desk.by())
    told_of = "ruth@test.example took this claim at 14:02 UTC and is reviewing it. Nothing of yours was changed."
    late: dict[str, Callable[[], Claim]] = {
        "take": lambda: claim_reviews.take(desk.db, seen.id, seen.revision, **desk.by(OTHER)),
        "approve": lambda: desk.approve(seen, OTHER),
        "reject": lambda: desk.reject(seen, who=OTHER),
        "assign": lambda: claim_reviews.assign(desk.db, seen.id, seen.revision, to=OTHER, **desk.by(OTHER)),
    }
    for name, verb in late.items():
        with pytest.raises(Conflict) as refused:
            verb()
        assert refused.value.sentence.startswith(told_of), name
    now_seen = desk.claims[0]
    with pytest.raises(Conflict, match=f"^{REVIEWER} is reviewing this claim. Take it over first, then decide.$"):
        desk.approve(now_seen, OTHER)
    taken_over = claim_reviews.assign(desk.db, now_seen.id, now_seen.revision, to=OTHER, **desk.by(OTHER))
    assert desk.approve(taken_over, OTHER).decided_by == OTHER
    assert len(awards(desk)) == 1


def test_a_claim_is_assigned_to_reviewers_alone(desk: Desk) -> None:
    claim = claim_of(desk)
    with pytest.raises(Invalid, match=r"^nobody@test.example does not review claims."):
        claim_reviews.assign(desk.db, claim.id, claim.revision, to="nobody@test.example", **desk.by())
    given = claim_reviews.assign(desk.db, claim.id, claim.revision, to=OTHER, **desk.by())
    assert (given.state, given.assigned_to, given.revision) == (ClaimState.REPORTED, OTHER, 2)
    assert claim_reviews.assign(desk.db, claim.id, 2, to=OTHER, **desk.by()).revision == 2


def test_what_is_decided_is_not_decided_again(desk: Desk) -> None:
    approved = desk.approve(claim_of(desk))
    for verb in (desk.approve, desk.reject, desk.ask):
        with pytest.raises(Conflict, match=r"^This claim is approved"):
            verb(approved)
    with pytest.raises(NotFound):
        claim_reviews.take(desk.db, 999, 1, **desk.by())
    assert len(awards(desk)) == 1


def outcome(desk: Desk, claim: Claim, who: str) -> str:
    """What approving leads to."""
    try:
        return str(desk.approve(claim, who).state)
    except Conflict:
        return "told"


def test_two_who_approve_at_the_same_moment_award_once(desk: Desk) -> None:
    for turn in range(3):
        claim = claim_of(desk, f"A{turn}", 1.0, **{HEAD: 1.0})
        ended = at_once([partial(outcome, desk, claim, who) for who in (REVIEWER, OTHER, REVIEWER, OTHER)])
        assert sorted(ended) == ["approved", "told", "told", "told"]
        assert awards(desk)[turn:] == [(f"claim/{claim.id}", HEAD, 1.0)]


def test_a_sponsor_s_list_is_approved_but_for_what_cannot_be(desk: Desk) -> None:
    one, two = claim_of(desk, "A", 1.0, **{DOSE: 1.0}), claim_of(desk, "B", 1.0, **{IMAGES: 1.0})
    uncoded = desk.report(None, title="Own", sponsor="Society", credits=2.0, description="x")
    asked = [(one.id, 1), (two.id, 7), (uncoded.id, 1), (999, 1)]
    listed = claim_reviews.approve_list(desk.db, desk.banks, asked, **desk.by())
    assert [(each.claim_id, each.claim is not None) for each in listed] == [
        (one.id, True), (two.id, False), (uncoded.id, False), (999, False),
    ]  # fmt: skip
    assert [each.problem[:30] for each in listed] == [
        "", f"{desk.someone.email} reported this"[:30], "Give credits to at least one c", "There is no such claim.",
    ]  # fmt: skip
    assert {each.state for each in desk.claims} == {ClaimState.APPROVED, ClaimState.REPORTED}
    assert awards(desk) == [(f"claim/{one.id}", DOSE, 1.0)]


def test_when_the_power_goes_a_decision_leaves_nothing_behind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = claim_of(desk)
    with breaking_off(monkeypatch):
        desk.approve(claim)
    assert (awards(desk), told(desk), desk.claims) == ([], [], [claim])
    approved = desk.approve(claim)
    with breaking_off(monkeypatch):
        desk.undo(approved)
    assert (len(awards(desk)), len(told(desk)), desk.claims) == (1, 1, [approved])


def test_every_step_is_in_the_trail(desk: Desk) -> None:
    claim = desk.undo(desk.approve(claim_of(desk)))
    desk.reject(claim)
    trail = [(who, verb) for who, verb, _ in audit_of(desk.db, "claim")]
    assert trail == [
        (desk.someone.email, "report"),
        (REVIEWER, "take"),
        (REVIEWER, "approve"),
        (REVIEWER, "undo"),
        (REVIEWER, "reject"),
    ]
