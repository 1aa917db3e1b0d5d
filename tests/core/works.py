"""Credentials in every standing, for tests of what is said of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from ssa_engine.core.attempts import State
from ssa_engine.core.checklists import ProfileStage, Standing, Work
from ssa_engine.core.cycles import Cycle, CycleState, Position
from ssa_engine.core.ledger import ledger
from ssa_engine.core.programmes import ClaimRules, CqrRules
from tests.core.test_attempts import ATTEMPT

day = dt.date
RULES = CqrRules(
    time_limited_from=day(2011, 1, 1),
    period_years=10,
    window_years=3,
    time_zone="America/Chicago",
    results_days=14,
    claims=ClaimRules(submit_by_days=14),
)
CYCLE = Cycle(1, day(2018, 6, 1), day(2025, 6, 1), day(2028, 5, 18), day(2028, 6, 1))
FOLLOWING = Cycle(2, day(2028, 6, 1), day(2035, 6, 1), day(2038, 5, 18), day(2038, 6, 1))
TODAY = day(2027, 3, 14)
SUBMITTED_AT = dt.datetime(2027, 3, 11, 3, 0, tzinfo=dt.UTC)
"""In Chicago it is still 10 March."""
RELEASED_AT = dt.datetime(2027, 3, 13, 12, 0, tzinfo=dt.UTC)
SUBMITTED = replace(ATTEMPT, state=State.SUBMITTED, submitted_at=SUBMITTED_AT)
RELEASED = replace(SUBMITTED, state=State.RELEASED, released_at=RELEASED_AT)

ATTEMPTS = {
    Standing.IN_PROGRESS: ATTEMPT,
    Standing.TIME_UP: ATTEMPT,
    Standing.SUBMITTED: SUBMITTED,
    Standing.PRESCRIBED: RELEASED,
    Standing.FILLED: RELEASED,
    Standing.COMPLETE: RELEASED,
}
STATES = {Standing.NOT_YET: CycleState.NOT_YET, Standing.COMPLETE: CycleState.COMPLETE}


def work(standing: Standing, **changes: Any) -> Work:
    """A credential in this standing: 4.5 credits prescribed, of which 1.5 are filled; more may be changed."""
    position = None
    if standing is not Standing.NOT_SUBJECT:
        completed = day(2027, 3, 14) if standing is Standing.COMPLETE else None
        position = Position(CYCLE, STATES.get(standing, CycleState.OPEN), completed, following=FOLLOWING)
    found = Work(
        discipline="CT",
        rules=RULES,
        today=TODAY,
        position=position,
        standing=standing,
        profile=ProfileStage.DONE,
        attempt=ATTEMPTS.get(standing),
    )
    if standing is Standing.PRESCRIBED:
        found = replace(found, ledger=ledger({"a": 3.0, "b": 1.5}, [{"a": 1.0, "b": 0.5}]))
    return replace(found, **changes)


def discontinued(standing: Standing, **changes: Any) -> Work:
    """The same after its window ended, on 14 June 2028."""
    completed = day(2028, 6, 10) if standing is Standing.COMPLETE else None
    position = Position(CYCLE, CycleState.DISCONTINUED, completed, day(2028, 6, 2))
    return work(standing, position=position, today=day(2028, 6, 14), **changes)
