"""From an open window to the first item: identity, agreement in its time, start; and what each of them refuses."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from ssa_engine.actions import preparations as actions
from ssa_engine.actions import sittings as sitting_actions
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.results import submit
from ssa_engine.content.library import Library
from ssa_engine.core.accommodations import NO_LIMIT_SECONDS, Accommodations
from ssa_engine.core.delivery import Breaks
from ssa_engine.core.errors import Conflict, NotFound
from ssa_engine.core.preparations import Preparation, Step
from ssa_engine.storage import attempts, events, sittings
from ssa_engine.storage.db import Database
from ssa_engine.storage.sitting_tables import preparations
from ssa_engine.storage.tables import attempts as attempt_table
from tests.actions.sittings import audit_of, library_with, of
from tests.factories import START, Clock, Someone, add_someone
from tests.web.walk import snapshot

pytestmark = pytest.mark.usefixtures("published")
FIRST = "Confirm who you are and accept the agreement first; then the assessment can be started."
RAN_OUT = "The time to accept the agreement ran out. Nothing is lost: begin again whenever you like."
REFUSED = "You did not accept the agreement, so nothing was started. Nothing is lost: begin again whenever you like."
FIVE_MINUTES = dt.timedelta(minutes=5)
"""CT's, to read the agreement and accept it."""


class Way:
    """A candidate's way to the first item."""

    def __init__(self, db: Database, banks: Banks, clock: Clock, someone: Someone) -> None:
        self.db, self.banks, self.clock, self.someone = db, banks, clock, someone

    @property
    def mine(self) -> dict[str, Any]:
        return of(self.someone, self.clock)

    def stands(self) -> Step:
        with self.db.read() as connection:
            return actions.stand(connection, self.banks, self.someone.credential_id, self.someone.id, self.clock()).step

    @property
    def latest(self) -> Preparation | None:
        with self.db.read() as connection:
            return sittings.latest_preparation(connection, self.someone.credential_id, 1)

    @property
    def outcomes(self) -> list[str | None]:
        with self.db.read() as connection:
            return list(connection.execute(sa.select(preparations.c.outcome).order_by(preparations.c.id)).scalars())

    def confirm(self) -> None:
        actions.confirm_identity(self.db, self.banks, **self.mine)

    def answer(self, *, accepts: bool) -> bool:
        return actions.answer_agreement(self.db, self.banks, **self.mine, accepts=accepts)

    def start(self, **more: Any) -> int:
        return actions.start(self.db, self.banks, **self.mine, **{"seed": 5, "token": "t0", **more})


@pytest.fixture
def way(db: Database, banks: Banks, clock: Clock, candidate: Someone) -> Way:
    """A candidate with an open window who has done nothing yet."""
    return Way(db, banks, clock, candidate)


def refused(way: Way, what: Any, **more: Any) -> str:
    """Return the sentence of a refusal, once sure that it changed nothing."""
    before = snapshot(way.db)
    with pytest.raises(Conflict) as caught:
        what(**more)
    assert snapshot(way.db) == before
    return str(caught.value)


def test_the_steps_come_one_after_the_other(way: Way) -> None:
    assert way.stands() is Step.IDENTITY
    way.confirm()
    assert (way.stands(), way.latest and way.latest.agree_by) == (Step.AGREEMENT, START + FIVE_MINUTES)
    assert way.answer(accepts=True) is True
    assert way.stands() is Step.READY
    way.clock.advance(days=3)
    attempt_id = way.start(device="A browser")
    with way.db.read() as connection:
        attempt = attempts.get(connection, attempt_id)
        timeline = events.timeline(connection, attempt_id)
    assert attempt is not None
    assert (attempt.started_at, attempt.seconds_allowed, attempt.position) == (way.clock(), 6000, 1)
    assert [(one.kind, one.position, one.detail) for one in timeline] == [("started", 1, "A browser")]
    assert way.outcomes == ["started"]
    email = way.someone.email
    assert [(who, verb) for who, verb, _ in audit_of(way.db, "preparation")] == [
        (email, "confirm identity"),
        (email, "accept agreement"),
    ]


def test_nothing_starts_before_identity_and_agreement(way: Way) -> None:
    assert refused(way, way.start) == FIRST
    assert refused(way, way.answer, accepts=True) == RAN_OUT
    way.confirm()
    assert refused(way, way.start) == FIRST
    way.answer(accepts=False)
    assert refused(way, way.start) == FIRST


def test_a_refusal_leaves_nothing_started_and_can_be_followed_by_another_beginning(way: Way) -> None:
    way.confirm()
    assert way.answer(accepts=False) is False
    assert (way.stands(), way.outcomes) == (Step.IDENTITY, ["refused"])
    with way.db.read() as connection:
        assert connection.execute(sa.select(attempt_table)).all() == []
    way.clock.advance(days=1)
    way.confirm()
    assert way.answer(accepts=True) is True
    assert way.start() == 1
    assert way.outcomes == ["refused", "started"]


def test_a_time_out_leaves_nothing_started_and_can_be_followed_by_another_beginning(way: Way) -> None:
    way.confirm()
    way.clock.advance(minutes=5)
    assert way.stands() is Step.IDENTITY
    for accepts in (True, False):
        assert refused(way, way.answer, accepts=accepts) == RAN_OUT
    assert refused(way, way.start) == FIRST
    way.confirm()
    assert (way.stands(), way.outcomes) == (Step.AGREEMENT, ["timed_out", None])
    assert way.answer(accepts=True) is True
    assert way.start() == 1


def test_the_agreement_is_accepted_to_the_last_moment(way: Way) -> None:
    way.confirm()
    way.clock.advance(minutes=5, microseconds=-1)
    assert way.answer(accepts=True) is True
    way.clock.advance(minutes=5)
    assert way.stands() is Step.READY


@pytest.mark.parametrize("accepts", [True, False])
def test_each_step_repeated_changes_nothing(way: Way, accepts: bool) -> None:
    way.confirm()
    before = snapshot(way.db)
    way.clock.advance(minutes=1)
    way.confirm()
    assert snapshot(way.db) == before, "the time to accept is not counted anew"
    assert way.answer(accepts=accepts) is accepts
    before = snapshot(way.db)
    assert way.answer(accepts=accepts) is accepts
    assert snapshot(way.db) == before


def test_what_was_refused_is_not_accepted_by_going_back_and_what_was_accepted_not_refused(way: Way) -> None:
    way.confirm()
    way.answer(accepts=False)
    assert refused(way, way.answer, accepts=True) == REFUSED
    way.confirm()
    way.answer(accepts=True)
    before = snapshot(way.db)
    assert way.answer(accepts=False) is True
    assert snapshot(way.db) == before


def test_starting_again_goes_on_and_confirming_again_begins_nothing_beside_it(way: Way) -> None:
    way.confirm()
    way.answer(accepts=True)
    first = way.start()
    before = snapshot(way.db)
    way.clock.advance(minutes=10)
    assert way.start(seed=9, token="other") == first
    way.confirm()
    assert way.answer(accepts=True) is True
    assert snapshot(way.db) == before


def test_after_it_was_taken_no_step_begins_another(way: Way) -> None:
    way.confirm()
    way.answer(accepts=True)
    mine: dict[str, Any] = {"person_id": way.someone.id, "who": way.someone.email, "now": way.clock()}
    submit(way.db, way.banks, attempt_id=way.start(), **mine)
    taken = "You have taken the assessment of this period. Your result is on your start page."
    assert [refused(way, step) for step in (way.confirm, way.start)] == [taken, taken]


def test_before_the_window_opens_no_step_is_taken(db: Database, banks: Banks, clock: Clock) -> None:
    way = Way(db, banks, clock, add_someone(db, "early@test.example", clock=clock, earned_on=dt.date(2022, 9, 30)))
    closed = "The window for this credential opens on 30 September 2029. Come back then."
    assert [refused(way, step) for step in (way.confirm, way.start)] == [closed, closed]


def test_nobody_takes_a_step_for_another(way: Way, clock: Clock) -> None:
    stranger = add_someone(way.db, "stranger@test.example", clock=clock)
    way.confirm()
    theirs = Way(way.db, way.banks, clock, Someone(stranger.id, stranger.email, way.someone.credential_id))
    before = snapshot(way.db)
    for step in (theirs.confirm, lambda: theirs.answer(accepts=False), theirs.start):
        with pytest.raises(NotFound, match=r"^There is no such credential of yours\."):
            step()
    assert snapshot(way.db) == before


@pytest.mark.parametrize(
    ("delivery", "steps"),
    [
        ({}, [Step.READY]),
        ({"confirm_identity": True}, [Step.IDENTITY, Step.READY]),
    ],
    ids=["nothing", "identity"],
)
def test_a_programme_without_an_agreement_starts_without_one(
    db: Database, library: Library, clock: Clock, candidate: Someone, delivery: dict[str, Any], steps: list[Step]
) -> None:
    way = Way(db, Banks(db, library_with(library, **delivery)), clock, candidate)
    found = [way.stands()]
    if way.stands() is Step.IDENTITY:
        assert refused(way, way.start) == FIRST
        way.confirm()
        found.append(way.stands())
    assert found == steps
    assert way.start() == 1


@pytest.mark.parametrize(
    ("granted", "seconds", "breaks"),
    [
        (Accommodations(), 6000, (40,)),
        (Accommodations(time_multiplier=1.5, extra_minutes=10, extra_breaks=2), 9600, (20, 40, 60)),
        (Accommodations(untimed=True), NO_LIMIT_SECONDS, (40,)),
    ],
    ids=["none", "more", "untimed"],
)
def test_an_attempt_begins_under_the_accommodations_of_its_person(
    db: Database,
    library: Library,
    clock: Clock,
    candidate: Someone,
    granted: Accommodations,
    seconds: int,
    breaks: tuple[int, ...],
) -> None:
    way = Way(db, Banks(db, library_with(library, breaks=Breaks(count=1, minutes=7))), clock, candidate)
    sitting_actions.set_accommodations(db, person_id=candidate.id, granted=granted, who="test", now=clock())
    attempt_id = way.start()
    later = Accommodations(time_multiplier=3)
    sitting_actions.set_accommodations(db, person_id=candidate.id, granted=later, who="test", now=clock())
    with db.read() as connection:
        attempt = attempts.get(connection, attempt_id)
    assert attempt is not None
    assert (attempt.seconds_allowed, attempt.break_after, attempt.break_seconds) == (seconds, breaks, 420)
    assert (attempt.breaks_done, attempt.locked_through, attempt.paused_seconds) == (0, 0, 0.0)
