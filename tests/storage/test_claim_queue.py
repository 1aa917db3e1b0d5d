"""The queue as reviewers read it: order, filters, counts, neighbours, lists, decisions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ssa_engine.actions import claim_reviews
from ssa_engine.actions.banks import Banks
from ssa_engine.core.attempts import State
from ssa_engine.core.claims import ClaimState
from ssa_engine.core.people import Role
from ssa_engine.core.workload import Unreleased
from ssa_engine.storage import claim_queue
from ssa_engine.storage.certificate_files import CertificateFiles
from ssa_engine.storage.claim_queue import QueueFilter, Tally
from ssa_engine.storage.db import Database
from tests.actions.lives import Life
from tests.catalogue import activity, catalogue
from tests.claimed import DAY, DOSE, Claimed
from tests.factories import START, Clock, add_someone

TODAY = {"CT": START.date()}


@pytest.fixture
def claimed(db: Database, banks: Banks, clock: Clock, published: None) -> Claimed:
    """Claims of several people, none yet."""
    return Claimed(db, banks, clock)


@pytest.fixture
def five(claimed: Claimed, db: Database, banks: Banks, clock: Clock) -> list[int]:
    """Five claims, a day apart: reported, taken by me, assigned to me, taken by another, waiting for the candidate."""
    for name in ("me", "other"):
        add_someone(db, f"{name}@test.example", clock=clock, role=Role.STAFF)
    made = []
    for index, name in enumerate(("ann", "bo", "cy", "di", "ed")):
        clock.advance(days=1)
        sponsor = "Harborlight" if index % 2 == 0 else "Cedar"
        made.append(claimed.claim(name, sponsor=sponsor, distribution={DOSE: 2.0}, promised_in=index))
    claim_reviews.take(db, made[1], 1, who="me@test.example", now=clock())
    claim_reviews.assign(db, made[2], 1, to="me@test.example", who="other@test.example", now=clock())
    claim_reviews.take(db, made[3], 1, who="other@test.example", now=clock())
    claim_reviews.ask_more(db, banks, made[4], 1, reason="Send the second page.", who="me@test.example", now=clock())
    return made


def ids(db: Database, wanted: QueueFilter) -> list[int]:
    with db.read() as connection:
        found = [one.id for one in claim_queue.waiting(connection, wanted)]
        assert claim_queue.count(connection, wanted) == len(found)
    return found


def test_what_waits_for_a_reviewer_comes_in_the_order_it_was_submitted(db: Database, five: list[int]) -> None:
    assert ids(db, QueueFilter()) == five[:4]
    with db.read() as connection:
        assert [one.id for one in claim_queue.waiting(connection, QueueFilter(), 2, 1)] == five[1:3]
        first = claim_queue.waiting(connection, QueueFilter(), 1)[0]
    assert (first.person_name, first.discipline, first.state, first.sponsor) == (
        "ann",
        "CT",
        ClaimState.REPORTED,
        "Harborlight",
    )


def test_each_filter_leaves_what_it_says(db: Database, five: list[int]) -> None:
    assert ids(db, QueueFilter(assigned_to="me@test.example")) == five[1:3]
    assert ids(db, QueueFilter(assigned_to="")) == five[:1]
    assert ids(db, QueueFilter(states=(ClaimState.IN_REVIEW,))) == [five[1], five[3]]
    assert ids(db, QueueFilter(states=(ClaimState.MORE_ASKED,))) == five[4:]
    assert ids(db, QueueFilter(sponsor="Cedar")) == [five[1], five[3]]
    assert ids(db, QueueFilter(discipline="RAD")) == []
    assert ids(db, QueueFilter(sponsor="Cedar", assigned_to="me@test.example")) == [five[1]]


def test_overdue_is_what_was_promised_before_the_day_where_the_programme_is(db: Database, five: list[int]) -> None:
    """Promised by 15 (0 days), 17 (1), 19 (2), 21 (3) March; on the 19th the first two are late."""
    assert ids(db, QueueFilter(overdue_on={"CT": dt.date(2027, 3, 19)})) == five[:2]
    assert ids(db, QueueFilter(overdue_on={"RAD": dt.date(2027, 3, 19)})) == []
    assert ids(db, QueueFilter(overdue_on={})) == []
    with db.read() as connection:
        queue = claim_queue.waiting(connection, QueueFilter())
    assert [one.is_overdue(dt.date(2027, 3, 19)) for one in queue] == [True, True, False, False]


def test_the_tally_counts_each_way_to_look_at_the_queue(db: Database, five: list[int]) -> None:
    with db.read() as connection:
        found = claim_queue.tally(connection, "me@test.example", {"CT": dt.date(2027, 3, 19)})
    assert found == Tally(waiting=4, mine=2, unassigned=1, in_review=2, overdue=2, more_asked=1)


def test_an_empty_queue_counts_to_nothing(db: Database) -> None:
    with db.read() as connection:
        assert claim_queue.tally(connection, "me@test.example", TODAY) == Tally(0, 0, 0, 0, 0, 0)
        assert claim_queue.choices(connection) == ([], [])
        assert claim_queue.activities_claimed(connection) == []


def test_neighbours_are_those_of_the_filtered_queue_even_of_a_claim_that_left_it(db: Database, five: list[int]) -> None:
    def around(place: int, wanted: QueueFilter) -> tuple[int | None, int | None]:
        with db.read() as connection:
            here = claim_queue.get(connection, five[place])
            assert here is not None
            return claim_queue.neighbours(connection, wanted, here.submitted_at, here.id)

    assert around(0, QueueFilter()) == (None, five[1])
    assert around(2, QueueFilter()) == (five[1], five[3])
    assert around(3, QueueFilter()) == (five[2], None)
    assert around(4, QueueFilter()) == (five[3], None)
    assert around(2, QueueFilter(sponsor="Cedar")) == (five[1], five[3])
    assert around(2, QueueFilter(assigned_to="")) == (five[0], None)


def test_claims_that_came_at_one_moment_are_walked_one_by_one(db: Database, claimed: Claimed) -> None:
    made = [claimed.claim(name) for name in ("ann", "bo", "cy")]
    with db.read() as connection:
        walked: list[int] = []
        here: int | None = made[0]
        while here:
            walked.append(here)
            _, here = claim_queue.neighbours(connection, QueueFilter(), START, here)
    assert walked == made


def test_choices_and_activities_are_those_of_what_waits(db: Database, five: list[int]) -> None:
    with db.read() as connection:
        assert claim_queue.choices(connection) == (["Cedar", "Harborlight"], ["CT"])
        assert claim_queue.activities_claimed(connection) == [
            ("Cedar", "Dose in practice", 2),
            ("Harborlight", "Dose in practice", 2),
        ]
        assert claim_queue.reviewers(connection) == [("me@test.example", "me"), ("other@test.example", "other")]


def test_a_list_finds_the_waiting_claims_of_its_people_for_one_activity(db: Database, five: list[int]) -> None:
    addresses = ["ann@test.example", "bo@test.example", "ed@test.example", "nobody@test.example"]
    with db.read() as connection:
        found = claim_queue.of_people(connection, addresses, sponsor="Harborlight", title="Dose in practice")
        assert [one.id for one in found] == five[:1]
        assert sorted(claim_queue.known(connection, addresses)) == addresses[:3]


def test_decisions_are_those_that_stand_since_a_day(
    db: Database, banks: Banks, clock: Clock, claimed: Claimed, five: list[int]
) -> None:
    number = catalogue(db, clock, activity(counts={DOSE: 2.0}))["A-1"]
    early = claimed.claim("fay", distribution={DOSE: 2.0}, activity_id=number)
    claim_reviews.reject(db, banks, early, 1, reason="no", who="me@test.example", now=clock())
    clock.advance(days=20)
    claim_reviews.approve(db, banks, five[0], 1, who="me@test.example", now=clock())
    undone = claim_reviews.approve(db, banks, five[1], 2, who="me@test.example", now=clock())
    claim_reviews.undo(db, banks, five[1], undone.revision, who="me@test.example", now=clock())
    with db.read() as connection:
        late = claim_queue.decisions(connection, clock() - DAY)
        assert len(claim_queue.decisions(connection, clock() - 30 * DAY)) == 2
    assert [(one.discipline, one.decided_by, one.days) for one in late] == [("CT", "me@test.example", 24.0)]


def test_results_that_are_not_released_come_with_their_person(db: Database, claimed: Claimed, clock: Clock) -> None:
    someone = add_someone(db, "sam@test.example", clock=clock)
    attempt_id = Life(db, claimed.banks, clock, someone).finish(state=State.SUBMITTED)
    claimed.attempt_of("ann")
    with db.read() as connection:
        assert claim_queue.unreleased(connection) == [Unreleased(attempt_id, someone.id, "sam", "CT", START)]


def test_the_same_file_with_another_claim_is_found_whoever_s_it_is(
    db: Database, claimed: Claimed, tmp_path: Path
) -> None:
    store = CertificateFiles(tmp_path / "papers")
    first, second, third = (claimed.claim(name) for name in ("ann", "bo", "cy"))
    for claim_id, content in ((first, b"one"), (second, b"one"), (third, b"three")):
        claimed.certificate(store, claim_id, content)
    with db.read() as connection:
        assert list(claim_queue.with_same_file(connection, first).values()) == [[second]]
        assert claim_queue.with_same_file(connection, third) == {}
