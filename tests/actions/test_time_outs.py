"""The end of the clock: recorded exactly, however late it is noticed, with a grace for what was on its way."""

from __future__ import annotations

import datetime as dt

import pytest

from ssa_engine.actions.banks import Banks
from ssa_engine.core.attempts import State
from ssa_engine.storage.db import Database
from tests.actions.sittings import Sitting, audit_of, begin, close_late, submit
from tests.factories import START, Clock, Someone, add_someone, values_of

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture
def sitting(db: Database, banks: Banks, clock: Clock, candidate: Someone) -> Sitting:
    """An attempt that has just begun."""
    return begin(db, banks, clock, candidate)


GRACE = dt.timedelta(seconds=10)
"""CT's, in which an answer that was on its way is still taken: the clock in the background waits for it."""


@pytest.mark.parametrize(
    ("by", "late"),
    [
        ("the candidate", dt.timedelta(0)),
        ("the candidate", dt.timedelta(microseconds=1)),
        ("the candidate", dt.timedelta(hours=1)),
        ("the clock", GRACE),
        ("the clock", GRACE + dt.timedelta(microseconds=1)),
        ("the clock", dt.timedelta(hours=1)),
    ],
    ids=str,
)
def test_a_time_out_is_recorded_at_the_end_of_the_clock_however_late_it_is_noticed(
    sitting: Sitting, by: str, late: dt.timedelta
) -> None:
    sitting.answer(1, sitting.item(1).key_answer)
    end = START + dt.timedelta(minutes=100)  # CT allows 100 minutes
    sitting.clock.at = end + late
    if by == "the candidate":
        submit(sitting)
    else:
        assert close_late(sitting) == [sitting.attempt_id]
    attempt = sitting.attempt
    assert (attempt.state, attempt.submitted_at, attempt.released_at) == (State.RELEASED, end, end + late)
    assert [verb for _, verb, _ in audit_of(sitting.db, "attempt")] == ["start", "time_out"]


def test_the_clock_in_the_background_waits_for_an_answer_that_may_be_on_its_way(sitting: Sitting) -> None:
    end = START + dt.timedelta(minutes=100)
    sitting.clock.at = end + GRACE - dt.timedelta(microseconds=1)
    assert close_late(sitting) == []
    item = next(position for position in range(1, 81) if sitting.item(position).status == "active")
    assert sitting.save(item, answer=values_of(sitting.item(item), sitting.item(item).key_answer), go="next").late
    sitting.clock.at = end + GRACE
    assert close_late(sitting) == [sitting.attempt_id]
    result = sitting.result
    assert result is not None
    assert (sitting.attempt.submitted_at, sum(area.correct for area in result.areas)) == (end, 1)


def test_a_submission_in_time_is_recorded_when_it_was_made(sitting: Sitting) -> None:
    sitting.clock.at = START + dt.timedelta(minutes=100) - dt.timedelta(microseconds=1)
    submit(sitting)
    assert sitting.attempt.submitted_at == sitting.clock()
    assert [verb for _, verb, _ in audit_of(sitting.db, "attempt")] == ["start", "submit"]


def test_closing_what_timed_out_closes_each_once_and_leaves_the_others(sitting: Sitting, banks: Banks) -> None:
    db, clock = sitting.db, sitting.clock
    clock.advance(minutes=30)
    other = begin(db, banks, clock, add_someone(db, "other@test.example", clock=clock))
    clock.advance(minutes=70, seconds=10)
    assert close_late(sitting) == [sitting.attempt_id]
    first = (sitting.attempt, sitting.result)
    assert close_late(sitting) == []
    assert other.attempt.state is State.IN_PROGRESS
    clock.advance(minutes=30)
    assert close_late(sitting) == [other.attempt_id]
    assert close_late(sitting) == []
    assert (sitting.attempt, sitting.result) == first
    assert other.attempt.submitted_at == START + dt.timedelta(minutes=130)
