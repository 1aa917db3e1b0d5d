"""The checklist: how far a credential has come, where its button leads, which of several comes first."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import product

import pytest

from ssa_engine.core.attempts import Attempt
from ssa_engine.core.checklists import Move, ProfileStage, Standing, standing_of
from ssa_engine.core.cycles import CycleState, Position
from ssa_engine.core.programmes import ProfileRules
from tests.core.test_attempts import ATTEMPT, END, START
from tests.core.works import CYCLE, RELEASED, RULES, SUBMITTED, TODAY, day, discontinued, work

OPEN = Position(CYCLE, CycleState.OPEN)
FIRST = RULES.model_copy(update={"profile": ProfileRules(before_assessment=True, minutes=1)})


@pytest.mark.parametrize(
    ("position", "has_bank", "standing"),
    [
        (None, True, Standing.NOT_SUBJECT),
        (replace(OPEN, state=CycleState.NOT_YET), True, Standing.NOT_YET),
        (replace(OPEN, state=CycleState.NOT_YET), False, Standing.NOT_YET),
        (OPEN, True, Standing.OPEN),
        (OPEN, False, Standing.NO_BANK),
        (replace(OPEN, state=CycleState.DISCONTINUED), True, Standing.OPEN),
        (replace(OPEN, state=CycleState.COMPLETE), True, Standing.COMPLETE),
        (replace(OPEN, state=CycleState.DISCONTINUED, completed_on=TODAY), True, Standing.COMPLETE),
    ],
)
def test_where_a_credential_stands_without_an_attempt(
    position: Position | None, has_bank: bool, standing: Standing
) -> None:
    assert standing_of(position, START, has_bank=has_bank, attempt=None) is standing


def test_where_a_credential_stands_with_an_attempt() -> None:
    def standing(attempt: Attempt, now: dt.datetime, is_filled: bool = False) -> Standing:
        return standing_of(OPEN, now, has_bank=True, attempt=attempt, is_filled=is_filled)

    assert standing(ATTEMPT, START) is Standing.IN_PROGRESS
    assert standing(ATTEMPT, END) is Standing.TIME_UP
    assert standing(SUBMITTED, END) is Standing.SUBMITTED
    assert standing(RELEASED, END) is Standing.PRESCRIBED
    assert standing(RELEASED, END, is_filled=True) is Standing.FILLED


def test_what_is_over_stands_the_same_whatever_was_done() -> None:
    assert standing_of(None, START, has_bank=True, attempt=RELEASED) is Standing.NOT_SUBJECT
    complete = replace(OPEN, state=CycleState.COMPLETE, completed_on=TODAY)
    assert standing_of(complete, START, has_bank=True, attempt=RELEASED, is_filled=False) is Standing.COMPLETE


MOVES = {
    (Standing.OPEN, ProfileStage.TO_DO): (Move.PROFILE, Move.ASSESSMENT),
    (Standing.OPEN, ProfileStage.UNDER_WAY): (Move.PROFILE, Move.ASSESSMENT),
    (Standing.OPEN, ProfileStage.DONE): (Move.ASSESSMENT, None),
    (Standing.NO_BANK, ProfileStage.TO_DO): (Move.PROFILE, None),
    (Standing.NO_BANK, ProfileStage.DONE): (None, None),
    (Standing.IN_PROGRESS, ProfileStage.TO_DO): (Move.ASSESSMENT, None),
    (Standing.TIME_UP, ProfileStage.TO_DO): (Move.SUBMIT, None),
    (Standing.SUBMITTED, ProfileStage.TO_DO): (Move.PROFILE, Move.RESULT),
    (Standing.SUBMITTED, ProfileStage.DONE): (Move.RESULT, None),
    (Standing.PRESCRIBED, ProfileStage.TO_DO): (Move.CE, Move.PROFILE),
    (Standing.PRESCRIBED, ProfileStage.DONE): (Move.CE, Move.RESULT),
    (Standing.FILLED, ProfileStage.TO_DO): (Move.PROFILE, Move.RESULT),
    (Standing.FILLED, ProfileStage.DONE): (Move.RESULT, None),
    (Standing.COMPLETE, ProfileStage.DONE): (Move.RECORD, None),
    (Standing.NOT_YET, ProfileStage.TO_DO): (None, None),
    (Standing.NOT_SUBJECT, ProfileStage.NONE): (None, None),
    (Standing.OPEN, ProfileStage.NONE): (Move.ASSESSMENT, None),
}


@pytest.mark.parametrize(("standing", "stage"), list(MOVES))
def test_there_is_one_obvious_button_and_at_most_a_quiet_link(standing: Standing, stage: ProfileStage) -> None:
    assert work(standing, profile=stage).moves == MOVES[standing, stage]


def test_where_the_profile_comes_first_nothing_leads_to_the_assessment_before_it_is_done() -> None:
    first = work(Standing.OPEN, profile=ProfileStage.TO_DO, rules=FIRST)
    assert first.moves == (Move.PROFILE, None)
    assert replace(first, profile=ProfileStage.DONE).moves == (Move.ASSESSMENT, None)


def test_the_most_urgent_comes_first() -> None:
    later = replace(CYCLE, due_on=day(2029, 6, 1))
    expected = [
        work(Standing.TIME_UP),
        discontinued(Standing.OPEN),
        discontinued(Standing.COMPLETE),
        work(Standing.PRESCRIBED),
        work(Standing.OPEN, profile=ProfileStage.TO_DO),
        work(Standing.OPEN, position=Position(later, CycleState.OPEN)),
        work(Standing.SUBMITTED),
        work(Standing.COMPLETE),
        work(Standing.NOT_YET),
        work(Standing.NOT_SUBJECT),
    ]
    for turned, shift in product((expected, expected[::-1]), range(len(expected))):
        mixed = [*turned[shift:], *turned[:shift]]
        ranked = sorted(mixed, key=lambda one: one.urgency)
        assert [one.urgency for one in ranked] == [one.urgency for one in expected]
    assert len({one.urgency for one in expected}) == len(expected) - 1  # the two that are discontinued are alike
