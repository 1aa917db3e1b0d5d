"""The checklist: where a credential stands, what comes next, and the words that say it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from ssa_engine.core.attempts import State
from ssa_engine.core.checklists import Standing, checklist, standing_of
from ssa_engine.core.cycles import Cycle
from tests.core.test_attempts import ATTEMPT, END, START

CYCLE = Cycle(1, dt.date(2018, 6, 1), dt.date(2025, 6, 1), dt.date(2028, 6, 1))
TODAY = dt.date(2027, 3, 14)
SUBMITTED = replace(ATTEMPT, state=State.SUBMITTED, submitted_at=START)
RELEASED = replace(SUBMITTED, state=State.RELEASED, released_at=START)
LABELS = [
    "Structured Self-Assessment",
    "Results by content area",
    "Prescribed continuing education",
    "CQR complete",
]


def test_where_a_credential_stands_without_an_attempt() -> None:
    def standing(cycle: Cycle | None, today: dt.date, has_bank: bool) -> Standing:
        return standing_of(cycle, today, START, has_bank=has_bank, attempt=None, credits=0)

    assert standing(None, TODAY, True) is Standing.NOT_SUBJECT
    assert standing(CYCLE, dt.date(2025, 5, 31), True) is Standing.NOT_YET
    assert standing(CYCLE, dt.date(2025, 5, 31), False) is Standing.NOT_YET
    assert standing(CYCLE, dt.date(2025, 6, 1), True) is Standing.OPEN
    assert standing(CYCLE, dt.date(2028, 6, 1), True) is Standing.OPEN
    assert standing(CYCLE, TODAY, False) is Standing.NO_BANK


def test_where_a_credential_stands_with_an_attempt() -> None:
    def standing(attempt: object, now: dt.datetime, credits: float) -> Standing:
        return standing_of(CYCLE, TODAY, now, has_bank=True, attempt=attempt, credits=credits)  # type: ignore[arg-type]

    assert standing(ATTEMPT, START, 0) is Standing.IN_PROGRESS
    assert standing(ATTEMPT, END, 0) is Standing.TIME_UP
    assert standing(SUBMITTED, END, 12) is Standing.SUBMITTED
    assert standing(RELEASED, END, 12) is Standing.PRESCRIBED
    assert standing(RELEASED, END, 0.5) is Standing.PRESCRIBED
    assert standing(RELEASED, END, 0) is Standing.COMPLETE


def test_a_credential_without_a_time_limit_stands_the_same_whatever_was_done() -> None:
    standing = standing_of(None, TODAY, START, has_bank=True, attempt=RELEASED, credits=3)
    assert standing is Standing.NOT_SUBJECT


SENTENCES = {
    Standing.NOT_SUBJECT: "CT has no time limit. There is nothing to do.",
    Standing.NOT_YET: "Nothing to do yet. The window for CT opens on 1 June 2025.",
    Standing.NO_BANK: "The CT assessment is being prepared. You have until 1 June 2028.",
    Standing.OPEN: "Take the CT self-assessment by 1 June 2028.",
    Standing.IN_PROGRESS: "Go on with your CT self-assessment. Your clock is running.",
    Standing.TIME_UP: "The time for your CT self-assessment is over. Submit what was saved.",
    Standing.SUBMITTED: "Your CT self-assessment is submitted. Your result will appear here.",
    Standing.PRESCRIBED: "Earn 4.5 credits of continuing education for CT by 1 June 2028.",
    Standing.COMPLETE: "CQR complete for CT. There is nothing left to do in this period.",
}
STEPS = {
    Standing.NOT_SUBJECT: "later later later later",
    Standing.NOT_YET: "later later later later",
    Standing.NO_BANK: "later later later later",
    Standing.OPEN: "now later later later",
    Standing.IN_PROGRESS: "now later later later",
    Standing.TIME_UP: "now later later later",
    Standing.SUBMITTED: "done now later later",
    Standing.PRESCRIBED: "done done now later",
    Standing.COMPLETE: "done done done done",
}


@pytest.mark.parametrize("standing", list(Standing))
def test_every_standing_has_its_sentence_and_its_steps(standing: Standing) -> None:
    cycle = None if standing is Standing.NOT_SUBJECT else CYCLE
    credits = 4.5 if standing is Standing.PRESCRIBED else 0.0
    found = checklist(standing, cycle, "CT", credits)
    assert (found.standing, found.next) == (standing, SENTENCES[standing])
    assert [step.label for step in found.steps] == LABELS
    assert " ".join(step.state for step in found.steps) == STEPS[standing]


@pytest.mark.parametrize("standing", list(Standing))
def test_no_standing_judges(standing: Standing) -> None:
    found = checklist(standing, CYCLE, "CT", 3)
    words = " ".join([found.next, *(f"{step.label} {step.note}" for step in found.steps)])
    assert re.findall(r"\b(pass\w*|fail\w*|exams?|wrong\w*)\b", words, re.IGNORECASE) == []


@pytest.mark.parametrize(("credits", "note"), [(0.0, "None prescribed"), (1.0, "1 credit"), (36.0, "36 credits")])
def test_the_step_of_the_prescription_says_how_much(credits: float, note: str) -> None:
    standing = Standing.PRESCRIBED if credits else Standing.COMPLETE
    assert [step.note for step in checklist(standing, CYCLE, "CT", credits).steps] == ["", "", note, ""]


def test_a_result_that_is_not_released_shows_no_credits() -> None:
    found = checklist(Standing.SUBMITTED, CYCLE, "CT", 12)
    assert [step.note for step in found.steps] == ["", "", "", ""]
