"""Release by a person: nothing releases such a result by itself; what was chosen is released and told once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ssa_engine.actions import releases as actions
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.policies import publish
from ssa_engine.core.attempts import State
from ssa_engine.core.notices import NoticeKind, words_of
from ssa_engine.core.releases import Choice, Waiting, Which, counts_of
from ssa_engine.storage import notices
from ssa_engine.storage.db import Database
from tests.actions.lives import AREAS, Life, keys, noon, tick
from tests.actions.sittings import Sitting, audit_of, begin, submit
from tests.actions.test_races import at_once
from tests.factories import START, Clock, Someone, add_someone

pytestmark = pytest.mark.usefixtures("published")


def waiting(db: Database, banks: Banks, now: dt.datetime) -> list[Waiting]:
    with db.read() as connection:
        return actions.waiting(connection, banks.library.spec("CT"), now)


def release(db: Database, banks: Banks, now: dt.datetime, **choice: Any) -> list[int]:
    return actions.release_chosen(db, banks, banks.library.spec("CT"), Choice(**choice), who="ingrid", now=now)


@pytest.fixture
def on_request(db: Database, banks: Banks, clock: Clock) -> None:
    """From now on a person releases the results of CT."""
    spec = banks.library.spec("CT")
    policy = spec.sample_policy.model_copy(update={"release": "on_request"})
    publish(db, spec, policy, expected_version=1, reason="batches", who="test", now=clock())


@pytest.fixture
def lives(db: Database, banks: Banks, clock: Clock) -> list[Life]:
    """Four people whose results wait, submitted day by day; the second and the third are prescribed credits."""
    found = []
    for number in range(4):
        life = Life(db, banks, clock, add_someone(db, f"waits{number}@test.example", clock=clock))
        life.finish({AREAS[0]: 2.5, AREAS[1]: 1.0} if number in (1, 2) else {}, state=State.SUBMITTED)
        found.append(life)
        clock.advance(days=1)
    return found


def test_a_result_that_a_person_releases_waits_however_often_and_late_the_clock_ticks(
    db: Database, banks: Banks, clock: Clock, candidate: Someone, on_request: None
) -> None:
    sitting: Sitting = begin(db, banks, clock, candidate)
    assert submit(sitting) is State.SUBMITTED
    for days in (0, 1, 14, 400):
        assert tick(db, banks, START + dt.timedelta(days=days)).released == 0
        assert actions.release_due(db, banks, who="clock", now=START + dt.timedelta(days=days)) == []
    (one,) = waiting(db, banks, START + dt.timedelta(days=15))
    result = sitting.result
    assert result is not None
    assert (one.attempt_id, one.candidate_id) == (sitting.attempt_id, candidate.id)
    assert (one.policy_version, one.release_on, one.promised_by, one.days_left) == (2, None, dt.date(2027, 3, 28), -1)
    assert one.credits == result.total_credits > 0
    clock.advance(days=15)
    assert release(db, banks, clock()) == [sitting.attempt_id]
    assert (sitting.attempt.state, sitting.attempt.released_at) == (State.RELEASED, clock())
    assert waiting(db, banks, clock()) == []


def test_what_was_submitted_before_the_policy_changed_is_still_released_by_itself(
    db: Database, banks: Banks, clock: Clock, lives: list[Life], on_request: None
) -> None:
    assert [one.release_on for one in waiting(db, banks, clock())] == [dt.date(2027, 3, day) for day in range(14, 18)]
    assert tick(db, banks, clock()).released == 4


def test_those_chosen_are_released_each_noted_and_told_once(
    db: Database, banks: Banks, clock: Clock, lives: list[Life]
) -> None:
    ids = [one.attempt_id for one in waiting(db, banks, clock())]
    assert [one.credits for one in waiting(db, banks, clock())] == [0.0, 3.5, 3.5, 0.0]
    until = {"which": Which.UNTIL, "until": dt.date(2027, 3, 15)}
    assert release(db, banks, clock(), **until) == ids[:2]
    assert release(db, banks, clock(), **until) == []
    assert [one.attempt_id for one in waiting(db, banks, clock())] == ids[2:]
    some = {"which": Which.SOME, "attempt_ids": frozenset({ids[0], ids[3], 987654})}
    assert release(db, banks, clock(), **some) == ids[3:]
    assert release(db, banks, clock()) == ids[2:3]
    assert release(db, banks, clock()) == []
    order = [*ids[:2], ids[3], ids[2]]
    assert audit_of(db, "attempt") == [("ingrid", "release", str(one)) for one in order]
    told = [key for key in keys(db) if key.startswith("result_released/")]
    assert [int(key.rpartition("/")[2]) for key in told] == order


def test_what_came_after_the_counts_were_looked_at_waits_on(
    db: Database, banks: Banks, clock: Clock, lives: list[Life]
) -> None:
    seen = START + dt.timedelta(days=1)
    assert len(release(db, banks, clock(), seen_at=seen)) == 2
    assert counts_of(waiting(db, banks, clock()))["results"] == 2


def test_several_who_release_at_once_release_each_result_once(
    db: Database, banks: Banks, clock: Clock, lives: list[Life], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "BATCH", 3)
    ids = [one.attempt_id for one in waiting(db, banks, clock())]
    found = at_once(lambda: release(db, banks, clock()))
    assert [one for one in found if isinstance(one, Exception)] == []
    assert sorted(one for own in found for one in own) == ids
    assert len(audit_of(db, "attempt")) == len([key for key in keys(db) if key.startswith("result_")]) == 4


def test_a_run_that_broke_off_is_finished_by_the_next(
    db: Database, banks: Banks, clock: Clock, lives: list[Life], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [one.attempt_id for one in waiting(db, banks, clock())]
    monkeypatch.setattr(actions, "BATCH", 1)
    told = actions.announce

    def breaks(*arguments: Any, **named: Any) -> None:
        if arguments[2].id == ids[2]:
            raise RuntimeError
        told(*arguments, **named)

    monkeypatch.setattr(actions, "announce", breaks)
    with pytest.raises(RuntimeError):
        release(db, banks, clock())
    assert [one.attempt_id for one in waiting(db, banks, clock())] == ids[2:]
    monkeypatch.setattr(actions, "announce", told)
    assert release(db, banks, clock()) == ids[2:]
    assert len(keys(db)) == 4


def test_who_gets_a_result_after_the_last_day_to_report_is_given_no_day_that_is_over(
    db: Database, banks: Banks, clock: Clock, candidate: Someone
) -> None:
    """CQR is due on 1 June 2028, and what is finished is to be reported two weeks before."""
    life = Life(db, banks, clock, candidate)
    for number, day in enumerate((noon(2028, 5, 18), noon(2028, 5, 19)), 1):
        clock.at = day
        attempt_id = life.finish({AREAS[0]: 2.5}, state=State.SUBMITTED, number=number)
        assert actions.release(db, banks, attempt_ids=[attempt_id], who="ingrid", now=clock()) == [attempt_id]
    with db.read() as connection:
        late, in_time = notices.of_person(connection, candidate.id)
    said = [words_of(NoticeKind(one.kind), one.details, "CT").paragraphs[1] for one in (in_time, late)]
    assert said == [
        "You have 2.5 credits to earn and report by 18 May 2028, in the content areas to strengthen.",
        "You have 2.5 credits to earn, in the content areas to strengthen.",
    ]
