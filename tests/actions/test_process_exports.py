"""What is exported of the CQR process: cycles, claims, credits, the biennium, profiles; lives worked by hand."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from ssa_engine.actions import claim_reviews
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.exports import read_datasets
from ssa_engine.core.cohorts import Period
from ssa_engine.exchange.columns import BY_NAME
from ssa_engine.exchange.data_package import to_csv
from ssa_engine.storage.db import Database
from ssa_engine.storage.schema import metadata
from tests.actions.filling import Filling
from tests.actions.lives import Life
from tests.catalogue import activity, catalogue
from tests.claimed import DOSE, FORMATION, Claimed
from tests.factories import Clock, add_someone

PROCESS = ("cycles", "claims", "claim_credits", "biennium", "profiles")


@pytest.fixture
def claimed(db: Database, banks: Banks, clock: Clock, published: None) -> Claimed:
    """People with a prescription, and their claims."""
    return Claimed(db, banks, clock)


def exported(claimed: Claimed, name: str, discipline: str | None = None) -> list[dict[str, str]]:
    """A dataset as its CSV has it."""
    frames = read_datasets(claimed.db, claimed.banks, [name], discipline, now=claimed.clock())
    return list(csv.DictReader(io.StringIO(to_csv(frames[name], BY_NAME[name]), newline="")))


def approve(claimed: Claimed, claim_id: int) -> None:
    reviewer = "reviewer@test.example"
    claimed.clock.advance(hours=1)
    claim_reviews.approve(
        claimed.db, claimed.banks, claim_id, claimed.get(claim_id).revision, who=reviewer, now=claimed.clock()
    )


def begin_biennium(claimed: Claimed, name: str, day: dt.date) -> None:
    people = metadata.tables["people"]
    with claimed.db.write() as connection:
        connection.execute(people.update().where(people.c.id == claimed.people[name].id).values(biennium_from=day))


def test_a_claim_stands_with_its_activity_its_state_and_what_it_was_awarded(claimed: Claimed) -> None:
    code = catalogue(claimed.db, claimed.clock, activity("A-7", {DOSE: 1.5, FORMATION: 1.0}))["A-7"]
    first = claimed.claim("ana", distribution={DOSE: 1.5, FORMATION: 1.0}, activity_id=code)
    second = claimed.claim("ana", title="A talk", credits=1.0)
    approve(claimed, first)
    mine, other = exported(claimed, "claims")
    someone = claimed.people["ana"]
    assert mine == {
        "claim_id": str(first), "attempt_id": str(claimed.attempts["ana"]), "candidate_id": str(someone.id),
        "discipline": "CT", "activity_code": "A-7", "title": "Dose in practice", "sponsor": "Harborlight",
        "credits": "2.5", "finished_on": "2027-03-14", "state": "approved", "reported_at": "2027-03-14T14:02:11.000Z",
        "submitted_at": "2027-03-14T14:02:11.000Z", "promised_by": "2027-03-28",
        "decided_at": "2027-03-14T15:02:11.000Z", "reason": "", "credits_awarded": "2.5", "certificates": "0",
    }  # fmt: skip
    assert (other["claim_id"], other["activity_code"], other["state"]) == (str(second), "", "reported")
    assert (other["decided_at"], other["credits_awarded"]) == ("", "0.0")
    rows = exported(claimed, "claim_credits")
    assert [(one["claim_id"], one["content_area"], one["credits"], one["completed_on"]) for one in rows] == [
        (str(first), FORMATION, "1.0", "2027-03-14"),
        (str(first), DOSE, "1.5", "2027-03-14"),
    ]
    filled = {one["content_area"]: one["credits_filled"] for one in exported(claimed, "prescriptions")}
    assert filled == {DOSE: "1.5", FORMATION: "1.0"}


def test_the_biennium_says_what_counts_and_why_not(claimed: Claimed) -> None:
    held = activity("A-1", {DOSE: 1.0})
    code = catalogue(claimed.db, claimed.clock, held)["A-1"]
    mechanism = claimed.banks.library.specs["CT"].cqr.biennium.mechanisms[0]  # type: ignore[union-attr]
    catalogue(claimed.db, claimed.clock, activity("A-1", {DOSE: 1.0}, mechanism=mechanism))
    first = claimed.claim("ana", distribution={DOSE: 1.0}, activity_id=code)
    second = claimed.claim("ana", title="A talk", credits=1.0, distribution={DOSE: 1.0})
    for claim_id in (first, second):
        approve(claimed, claim_id)
    unknown = [(one["biennium_from"], one["credits_counted"], one["reason"]) for one in exported(claimed, "biennium")]
    assert unknown == [("", "", ""), ("", "", "")]
    begin_biennium(claimed, "ana", dt.date(2024, 9, 1))
    rows = exported(claimed, "biennium")
    assert [(one["biennium_from"], one["biennium_to"]) for one in rows] == [("2026-09-01", "2028-08-31")] * 2
    assert [(one["claim_id"], one["credits"], one["credits_counted"], one["reason"]) for one in rows] == [
        (str(first), "2.5", "2.5", f"Finished in this biennium and approved by {mechanism}."),
        (str(second), "1.0", "0.0", "Not in the catalogue, so it is not known which mechanism approved it."),
    ]
    assert exported(claimed, "biennium", "RAD") == []


def test_cycles_tell_the_present_one_and_those_in_which_something_happened(claimed: Claimed) -> None:
    someone = add_someone(claimed.db, "bea@test.example", clock=claimed.clock)
    life = Life(claimed.db, claimed.banks, claimed.clock, someone)
    (now,) = exported(claimed, "cycles")
    assert now == {
        "credential_id": str(someone.credential_id), "candidate_id": str(someone.id), "discipline": "CT", "cycle": "1",
        "starts_on": "2018-06-01", "opens_on": "2025-06-01", "submit_by": "2028-05-18", "due_on": "2028-06-01",
        "state": "open", "completed_on": "", "discontinued_on": "", "reinstated_on": "",
    }  # fmt: skip
    life.finish()
    life.profile()
    assert life.settle() is not None
    claimed.clock.advance(days=700)
    rows = exported(claimed, "cycles")
    assert [(one["cycle"], one["state"], one["completed_on"], one["due_on"]) for one in rows] == [
        ("1", "complete", "2027-03-14", "2028-06-01"),
        ("2", "not_yet", "", "2038-06-01"),
    ]
    assert exported(claimed, "cycles", "RAD") == []


def test_who_is_reinstated_on_the_day_of_completion_was_complete_in_the_cycle_that_ended(claimed: Claimed) -> None:
    """Due on 1 June 2028; discontinued from the 2nd, complete and reinstated on 1 October: next due ten years later."""
    someone = add_someone(claimed.db, "bea@test.example", clock=claimed.clock)
    life = Life(claimed.db, claimed.banks, claimed.clock, someone)
    claimed.clock.at = dt.datetime(2028, 10, 1, 18, tzinfo=dt.UTC)
    life.finish()
    life.profile()
    assert life.settle() is not None
    life.reinstate(dt.date(2028, 10, 1))
    names = ("cycle", "state", "completed_on", "discontinued_on", "reinstated_on", "due_on")
    assert [tuple(one[name] for name in names) for one in exported(claimed, "cycles")] == [
        ("1", "discontinued", "2028-10-01", "2028-06-02", "2028-10-01", "2028-06-01"),
        ("2", "not_yet", "", "", "", "2038-10-01"),
    ]


def test_who_is_not_subject_has_no_cycle(claimed: Claimed) -> None:
    add_someone(claimed.db, "old@test.example", clock=claimed.clock, earned_on=dt.date(2010, 12, 31))
    assert exported(claimed, "cycles") == []


def test_of_a_period_come_the_claims_of_its_sittings_and_what_stands_now(claimed: Claimed) -> None:
    claimed.claim("ana")
    for since, claims in ((dt.date(2027, 1, 1), 1), (dt.date(2027, 4, 1), 0)):
        found = read_datasets(claimed.db, claimed.banks, PROCESS, period=Period(since=since), now=claimed.clock())
        assert (len(found["claims"]), len(found["cycles"])) == (claims, 1)


def test_profiles_leave_as_counts_alone_and_few_people_are_hidden(claimed: Claimed) -> None:
    someone = add_someone(claimed.db, "ana@test.example", clock=claimed.clock)
    assert exported(claimed, "profiles") == []
    Filling(claimed.db, claimed.banks.library, claimed.clock, someone).complete(lambda one: len(one.text) % 5)
    rows = exported(claimed, "profiles", "CT")
    survey = claimed.banks.library.specs["CT"].profile
    assert survey is not None
    assert len(rows) == len(survey.activities) * len(survey.scale)
    assert {one["people"] for one in rows} == {""}
    assert list(rows[0]) == ["discipline", "activity", "content_area", "frequency", "people"]
    assert exported(claimed, "profiles", "RAD") == []
