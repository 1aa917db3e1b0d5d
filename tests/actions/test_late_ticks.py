"""Cycles that were complete before anybody noted it: the day is that of the last thing done, not of the run."""

from __future__ import annotations

import datetime as dt

import pytest

from ssa_engine.actions.banks import Banks
from ssa_engine.core.attempts import State
from ssa_engine.storage.db import Database
from tests.actions.lives import AREAS, Life, noon, tick
from tests.factories import Clock, add_someone

pytestmark = pytest.mark.usefixtures("published")


def life(db: Database, banks: Banks, clock: Clock, name: str) -> Life:
    """Add a person with a credential in CT, earned on 1 June 2018."""
    return Life(db, banks, clock, add_someone(db, f"{name}@test.example", clock=clock))


@pytest.mark.parametrize("runs_on", [noon(2028, 5, 21), noon(2028, 6, 2), noon(2028, 7, 9)], ids=["daily", "+1", "+38"])
def test_who_did_everything_in_time_is_complete_in_time_however_late_it_runs(
    db: Database, banks: Banks, clock: Clock, runs_on: dt.datetime
) -> None:
    """The window ends on 1 June 2028. One result waits for its release; of another, credits filled what was left."""
    result, credits = (life(db, banks, clock, name) for name in ("result", "credits"))
    clock.at = noon(2028, 5, 20)
    result.profile()
    result.finish(state=State.SUBMITTED)
    credits.profile()
    credits.earn(credits.finish({AREAS[0]: 2.0}), {AREAS[0]: 2.0})
    assert tick(db, banks, runs_on).completed == 1  # the other one is completed by its release
    for one in (result, credits):
        assert one.happened == [("completed", 1, dt.date(2028, 5, 20))]
        assert [key for key in one.told if "discontinued" in key] == []
        assert one.told[-1] == "complete/1"


def test_who_did_the_last_thing_late_is_discontinued_first_and_complete_from_that_day(
    db: Database, banks: Banks, clock: Clock
) -> None:
    late = life(db, banks, clock, "late")
    clock.at = noon(2028, 5, 20)
    late.profile()
    attempt_id = late.finish({AREAS[0]: 2.0})
    clock.at = noon(2028, 6, 3)
    late.earn(attempt_id, {AREAS[0]: 2.0})
    assert tick(db, banks, noon(2028, 6, 9)).completed == 1
    assert late.happened == [("discontinued", 1, dt.date(2028, 6, 2)), ("completed", 1, dt.date(2028, 6, 3))]
    assert late.told[-2:] == ["discontinued/1", "complete/1"]
