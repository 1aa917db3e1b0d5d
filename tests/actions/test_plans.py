"""The plan of a prescription: what is chosen for it, what cannot be part of it, and what it is made against."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ssa_engine.actions import plans
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.plans import Planned, Why
from ssa_engine.content.library import Library
from ssa_engine.core.audit_trail import AuditFilter
from ssa_engine.core.claims import ClaimEvent, ClaimState, Verb
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.plans import Aim
from ssa_engine.storage import activities, audit, claims, completed_credits, plan_choices
from ssa_engine.storage.db import Database
from tests.catalogue import CHEST, DOSE, FORMATION, activity, catalogue, prescribe
from tests.factories import Clock, Someone, add_someone
from tests.web.walk import snapshot

day = dt.date


class Desk:
    """A candidate with a prescription of dose 2 and chest 1, who plans."""

    def __init__(self, db: Database, banks: Banks, clock: Clock, someone: Someone) -> None:
        self.db, self.banks, self.clock, self.someone = db, banks, clock, someone
        self.attempt = prescribe(db, banks.library, clock, someone, {DOSE: 2.0, CHEST: 1.0})

    @property
    def mine(self) -> dict[str, Any]:
        return {
            "credential_id": self.someone.credential_id,
            "person_id": self.someone.id,
            "now": self.clock(),
        }

    def plan(self, aim: Aim = Aim.COST) -> Planned:
        made = plans.planned(self.db, self.banks, **self.mine, aim=aim)
        assert made is not None
        return made

    def codes(self, aim: Aim = Aim.COST) -> list[str]:
        made = self.plan(aim).plans
        assert made is not None
        return [one.code for one in made.best.activities]

    def choose(self, code: str, choice: str) -> None:
        plans.choose(self.db, self.banks, **self.mine, code=code, choice=choice, who=self.someone.email)

    def report(self, code: str, state: ClaimState = ClaimState.REPORTED) -> None:
        """Report an activity, as the claims do."""
        with self.db.write() as connection:
            one = activities.by_code(connection, code)
            assert one is not None
            detail = {
                "activity_id": one.id, "title": one.title, "sponsor": one.sponsor, "credits": one.credits,
                "finished_on": "2027-03-14", "distribution": dict(one.counts_in("CT")), "description": "",
                "promised_by": None, "certificates": [],
            }  # fmt: skip
            claims.begin(connection, self.attempt, ClaimEvent(self.clock(), "me", Verb.REPORT, state, detail))


@pytest.fixture
def desk(db: Database, banks: Banks, clock: Clock, published: None, candidate: Someone) -> Desk:
    return Desk(db, banks, clock, candidate)


def stock(desk: Desk) -> dict[str, int]:
    return catalogue(
        desk.db,
        desk.clock,
        activity("A-1", {DOSE: 2.0}, cost=30.0, minutes=60),
        activity("A-2", {DOSE: 1.0}, cost=10.0, minutes=90),
        activity("A-3", {DOSE: 1.0}, cost=10.0, minutes=95),
        activity("A-4", {CHEST: 1.0}, cost=5.0, minutes=50),
        activity("A-5", {DOSE: 2.0, CHEST: 1.0}, cost=99.0, minutes=180, credits=4.0),
        activity("A-6", {FORMATION: 2.0}, cost=0.0, minutes=10),
    )


def test_the_plan_fills_what_is_open_at_the_least_of_what_is_asked(desk: Desk) -> None:
    stock(desk)
    assert desk.codes() == ["A-2", "A-3", "A-4"]
    assert desk.codes(Aim.TIME) == ["A-1", "A-4"]
    assert desk.codes(Aim.FEWEST) == ["A-5"]


def test_what_is_awarded_and_what_waits_is_not_planned_again(desk: Desk) -> None:
    stock(desk)
    with desk.db.write() as connection:
        completed_credits.append(
            connection, desk.attempt, {CHEST: 1.0}, source="claim/0", completed_on=day(2027, 3, 14), at=desk.clock()
        )
    assert desk.codes() == ["A-2", "A-3"]
    desk.report("A-2")
    assert desk.plan().chosen.left == {DOSE: 1.0}
    assert desk.codes() == ["A-3"]
    desk.report("A-3")
    assert desk.plan().plans is None


def test_a_choice_is_kept_and_taken_back_and_noted_once(desk: Desk) -> None:
    stock(desk)
    desk.choose("A-5", "in")
    desk.choose("A-2", "out")
    before = snapshot(desk.db)
    desk.choose("A-5", "in")
    assert snapshot(desk.db) == before
    assert desk.codes() == ["A-5"]
    desk.choose("A-5", "out")
    assert desk.codes() == ["A-1", "A-4"]
    desk.choose("A-2", "")
    desk.choose("A-5", "")
    assert desk.codes() == ["A-2", "A-3", "A-4"]
    with desk.db.read() as connection:
        found = audit.entries(connection, AuditFilter(noun="attempt", verb="choose for plan"))
    assert [(one.detail["activity"], one.detail["before"], one.detail["choice"]) for one in reversed(found)] == [
        ("A-5", None, "in"), ("A-2", None, "out"), ("A-5", "in", "out"), ("A-2", "out", None), ("A-5", "out", None),
    ]  # fmt: skip
    assert {(one.who, one.noun_id) for one in found} == {(desk.someone.email, str(desk.attempt))}


def test_what_is_over_withdrawn_reported_or_too_late_is_left_out_and_said(desk: Desk) -> None:
    ids = catalogue(
        desk.db,
        desk.clock,
        activity("A-1", {DOSE: 2.0}, cost=1.0, ends_on=day(2027, 3, 14)),
        activity("A-2", {DOSE: 2.0}, cost=2.0),
        activity("A-3", {DOSE: 1.0}, cost=3.0),
        activity("A-4", {DOSE: 2.0}, cost=0.0, starts_on=day(2028, 5, 18)),
        activity("A-5", {DOSE: 2.0}, cost=0.0, starts_on=day(2028, 5, 19)),
        activity("A-6", {DOSE: 2.0}, cost=50.0),
    )
    for code in ("A-1", "A-2", "A-3"):
        desk.choose(code, "in")
    with desk.db.write() as connection:
        plan_choices.put(connection, desk.attempt, ids["A-5"], "in", desk.clock())
        activities.withdraw(connection, [ids["A-2"]], desk.clock())
    desk.report("A-3")
    desk.clock.advance(days=1)
    made = desk.plan()
    assert [(one.code, why) for one, why in made.left_out] == [
        ("A-1", Why.OVER),
        ("A-2", Why.WITHDRAWN),
        ("A-3", Why.REPORTED),
        ("A-5", Why.TOO_LATE),
    ]
    assert desk.codes() == ["A-4"]  # the last day to submit a claim is 18 May 2028, 14 days before 1 June
    desk.choose("A-4", "out")
    assert desk.codes() == ["A-6"]
    for code, sentence in (
        ("A-1", "The dates of this activity are over."),
        ("A-2", "This activity is offered no longer."),
        ("A-3", "You have reported this activity already."),
        ("A-5", "This activity begins after the last day"),
    ):
        with pytest.raises(Conflict, match=sentence):
            desk.choose(code, "in")
        desk.choose(code, "out")


def test_after_the_window_a_plan_knows_no_last_day(desk: Desk) -> None:
    catalogue(desk.db, desk.clock, activity("A-1", {DOSE: 2.0, CHEST: 1.0}, credits=3.0, starts_on=day(2029, 1, 1)))
    assert desk.plan().plans is not None
    assert desk.codes() == []
    desk.clock.advance(days=500)  # 26 July 2028: discontinued, and work goes on
    assert desk.codes() == ["A-1"]


def test_what_is_missing_is_told(desk: Desk) -> None:
    catalogue(desk.db, desk.clock, activity("A-1", {DOSE: 0.5}), activity("A-2", {DOSE: 0.75}))
    desk.choose("A-2", "out")
    made = desk.plan()
    assert made.plans is not None
    assert made.plans.missing == {DOSE: 1.5, CHEST: 1.0}
    assert [one.code for one in made.ruled_out] == ["A-2"]


def test_choices_that_make_no_sense_change_nothing(desk: Desk, db: Database, clock: Clock) -> None:
    stock(desk)
    before = snapshot(db)
    with pytest.raises(NotFound, match="no activity with this code"):
        desk.choose("A-99", "in")
    with pytest.raises(Invalid, match="Use the buttons"):
        desk.choose("A-1", "perhaps")
    assert snapshot(db) == before


def test_another_s_prescription_is_not_there_and_without_one_nothing_is_planned(
    desk: Desk, db: Database, banks: Banks, clock: Clock
) -> None:
    stock(desk)
    other = add_someone(db, "other@test.example", clock=clock)
    theirs: dict[str, Any] = {"credential_id": desk.someone.credential_id, "person_id": other.id, "now": clock()}
    before = snapshot(db)
    with pytest.raises(NotFound, match="of yours"):
        plans.planned(db, banks, **theirs, aim=Aim.COST)
    with pytest.raises(NotFound, match="of yours"):
        plans.choose(db, banks, **theirs, code="A-1", choice="in", who="other")
    own: dict[str, Any] = {"credential_id": other.credential_id, "person_id": other.id, "now": clock()}
    assert plans.planned(db, banks, **own, aim=Aim.COST) is None
    with pytest.raises(Conflict, match="nothing to plan"):
        plans.choose(db, banks, **own, code="A-1", choice="in", who="other")
    assert snapshot(db) == before


def test_choices_belong_to_one_prescription(desk: Desk, library: Library) -> None:
    stock(desk)
    other = add_someone(desk.db, "other@test.example", clock=desk.clock)
    theirs = prescribe(desk.db, library, desk.clock, other, {DOSE: 2.0})
    desk.choose("A-1", "in")
    with desk.db.read() as connection:
        assert plan_choices.of_attempt(connection, theirs) == {}
        assert list(plan_choices.of_attempt(connection, desk.attempt).values()) == ["in"]
