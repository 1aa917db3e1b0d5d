"""The clock as a machine that is used in any order: time left never grows but by a grant, a break or a give-back."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ssa_engine.actions import breaks, evidence
from ssa_engine.actions import sittings as sitting_actions
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.policies import publish
from ssa_engine.content.library import Library
from ssa_engine.core.attempts import State
from ssa_engine.core.delivery import Breaks, ClockRules
from ssa_engine.core.errors import AttemptClosed, Conflict
from ssa_engine.storage.db import Database
from tests.actions.sittings import Sitting, begin, close_late, library_with, submit
from tests.factories import START, Clock, add_someone

SECONDS, BREAK, MOST_GIVEN_BACK, GRACE = 6000, 180, 120, 10


class ClockMachine(RuleBasedStateMachine):
    """One attempt with two breaks, whose clock stands while disconnected; and a plain account of its time."""

    library: Library
    template: Path

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        shutil.copy(self.template, Path(self.folder.name) / "ssa.db")
        self.db, self.clock = Database(f"sqlite:///{self.folder.name}/ssa.db"), Clock()
        rules = ClockRules(
            grace_seconds=GRACE, runs_while_disconnected=False, disconnected_minutes_at_most=MOST_GIVEN_BACK // 60
        )
        library = library_with(self.library, clock=rules, breaks=Breaks(count=2, minutes=BREAK // 60))
        spec = library.spec("CT")
        publish(self.db, spec, spec.sample_policy, expected_version=0, reason="r", who="t", now=self.clock())
        someone = add_someone(self.db, "candidate@test.example", clock=self.clock)
        self.sitting: Sitting = begin(self.db, Banks(self.db, library), self.clock, someone)
        self.used = 0.0  # of the time allowed
        self.allowed = float(SECONDS)
        self.rested: float | None = None  # since when a break is under way
        self.heard = 0.0  # when the last pulse came; starting is one
        self.given_back = 0.0
        self.at = 0.0

    def teardown(self) -> None:
        if hasattr(self, "db"):
            self.db.dispose()
            self.folder.cleanup()

    @property
    def resting(self) -> bool:
        return self.rested is not None and self.at - self.rested < BREAK

    @property
    def is_open(self) -> bool:
        return self.used < self.allowed

    def _verb(self, verb: Any) -> bool:
        try:
            verb(self.db, **self.sitting.mine, new_token=f"m{self.at}")
        except (AttemptClosed, Conflict):
            return False
        return True

    @rule(seconds=st.sampled_from([1, 7, 8, 19, 20, 60, 179, 180, 181, 600, 1500]))
    def time_goes_by(self, seconds: int) -> None:
        standing = max(0.0, min(seconds, BREAK - (self.at - self.rested))) if self.rested is not None else 0.0
        self.clock.advance(seconds=seconds)
        self.at += seconds
        self.used += seconds - standing

    @rule()
    def take_a_break(self) -> None:
        before = self.sitting.attempt
        may = self.is_open and not self.resting and before.break_is_next
        assert self._verb(breaks.take) == (self.is_open and (self.resting or before.break_is_next))
        if may:
            self.rested = self.at
            if before.break_began_at is not None:
                self.heard = self.at
        assert self.sitting.attempt.breaks_done == before.breaks_done + may

    @rule()
    def leave_a_break_out(self) -> None:
        before = self.sitting.attempt
        may = self.is_open and not self.resting and before.break_is_next
        assert self._verb(breaks.skip) == (self.is_open and (self.resting or before.break_is_next))
        assert self.sitting.attempt.breaks_done == before.breaks_done + may

    @rule()
    def end_the_break(self) -> None:
        began = self.sitting.attempt.break_began_at
        assert self._verb(breaks.end) == self.is_open
        if self.is_open and began is not None:
            self.rested, self.heard = None, self.at

    @rule(minutes=st.integers(1, 10))
    def staff_grant_time(self, minutes: int) -> None:
        who: dict[str, Any] = {"attempt_id": self.sitting.attempt_id, "who": "staff", "now": self.clock()}
        sitting_actions.grant_time(self.db, **who, minutes=minutes, reason="Alarm")
        self.allowed += 60 * minutes

    @rule(lost=st.booleans())
    def the_page_is_heard_of(self, lost: bool) -> None:
        evidence.pulse(self.db, self.sitting.banks, **self.sitting.mine, was_lost=lost)
        silent = self.at - self.heard
        self.heard = self.at
        back = min(silent, MOST_GIVEN_BACK - self.given_back)
        if lost and silent >= evidence.SILENCE and self.sitting.attempt.break_began_at is None:
            self.used -= back
            self.given_back += back

    @rule(position=st.integers(1, 80))
    def save_and_go_on(self, position: int) -> None:
        before = self.sitting.attempt
        open_until = self.used < self.allowed + GRACE
        may = open_until and not self.resting and before.locked_through < position <= before.reach
        try:
            late = self.sitting.save(position, token=before.render_token, note=f"At {self.at}").late
        except (AttemptClosed, Conflict):
            assert not may
        else:
            assert (may, late) == (True, not self.is_open)

    @precondition(lambda self: self.used >= self.allowed)
    @rule()
    def the_clock_in_the_background_looks(self) -> None:
        waiting = self.used < self.allowed + GRACE + MOST_GIVEN_BACK - self.given_back
        closed = close_late(self.sitting)
        assert closed == ([] if waiting else [self.sitting.attempt_id])
        if closed:
            attempt = self.sitting.attempt
            assert attempt.submitted_at == attempt.ends_at
            self._begin_anew()

    @rule()
    def submit(self) -> None:
        end = self.sitting.attempt.ends_at
        submit(self.sitting)
        assert self.sitting.attempt.submitted_at == min(self.clock(), end)
        self._begin_anew()

    def _begin_anew(self) -> None:
        assert self.sitting.attempt.state is State.RELEASED
        self.teardown()
        self.begin()

    @invariant()
    def the_clock_shows_what_the_account_says(self) -> None:
        attempt = self.sitting.attempt
        assert attempt.seconds_left(self.clock()) == max(0, int(self.allowed - self.used))
        assert attempt.is_open(self.clock()) == self.is_open
        assert attempt.on_break(self.clock()) == (self.resting and self.is_open) or not self.is_open
        assert attempt.started_at == START
        assert 0 <= attempt.locked_through <= attempt.position <= attempt.items_total


def test_the_clock_shows_what_a_plain_account_of_its_time_says(library: Library, sqlite_template: Path) -> None:
    ClockMachine.library, ClockMachine.template = library, sqlite_template
    run_state_machine_as_test(
        ClockMachine,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("minutes", [0, 601])
def test_an_amount_of_time_that_makes_no_sense_is_refused(db: Database, minutes: int, clock: Clock) -> None:
    from ssa_engine.core.errors import Invalid

    with pytest.raises(Invalid, match=r"^Give from 1 to 600 minutes\."):
        sitting_actions.grant_time(db, attempt_id=1, minutes=minutes, reason="Alarm", who="staff", now=clock())
