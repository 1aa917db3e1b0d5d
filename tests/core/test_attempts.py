"""Attempts: every transition, every save, the clock and the buttons."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.core.attempts import (
    TRANSITIONS,
    Attempt,
    State,
    Verdict,
    after,
    judge_save,
    next_position,
    require_open,
)
from ssa_engine.core.errors import AttemptClosed

START = dt.datetime(2027, 3, 14, 14, 0, tzinfo=dt.UTC)
END = dt.datetime(2027, 3, 14, 15, 40, tzinfo=dt.UTC)
MOMENT = dt.timedelta(microseconds=1)
ATTEMPT = Attempt(
    id=1,
    person_id=2,
    credential_id=3,
    cycle=1,
    discipline="CT",
    form_id=4,
    bank_version="b",
    state=State.IN_PROGRESS,
    started_at=START,
    seconds_allowed=6000,
    paused_seconds=0.0,
    submitted_at=None,
    released_at=None,
    position=1,
    items_total=80,
    render_token="t",
    rendered_at=START,
)
ALLOWED = {
    ("start", None): State.IN_PROGRESS,
    ("answer", State.IN_PROGRESS): State.IN_PROGRESS,
    ("move", State.IN_PROGRESS): State.IN_PROGRESS,
    ("flag", State.IN_PROGRESS): State.IN_PROGRESS,
    ("take_break", State.IN_PROGRESS): State.IN_PROGRESS,
    ("end_break", State.IN_PROGRESS): State.IN_PROGRESS,
    ("continue_here", State.IN_PROGRESS): State.IN_PROGRESS,
    ("grant_time", State.IN_PROGRESS): State.IN_PROGRESS,
    ("submit", State.IN_PROGRESS): State.SUBMITTED,
    ("time_out", State.IN_PROGRESS): State.SUBMITTED,
    ("release", State.SUBMITTED): State.RELEASED,
}
EVENTS = sorted({event for event, _ in ALLOWED})
STATES = [None, *State]


@pytest.mark.parametrize("event", [*EVENTS, "reopen", ""])
@pytest.mark.parametrize("state", STATES)
def test_every_event_leads_where_it_should_or_is_refused(event: str, state: State | None) -> None:
    if (event, state) in ALLOWED:
        assert after(event, state) is ALLOWED[event, state]
        return
    with pytest.raises(AttemptClosed) as caught:
        after(event, state)
    assert str(caught.value) == (
        "This assessment was submitted, so it can no longer be changed. Your result is on its page."
    )


def test_the_table_of_transitions_is_complete_and_says_what_happens() -> None:
    assert {(event, origin): target for event, origin, target, _ in TRANSITIONS} == ALLOWED
    assert len(TRANSITIONS) == len(ALLOWED)
    assert all(words for *_, words in TRANSITIONS)


# What a save with a spent token may be: (the answer that token saved, the answer sent, the answer that counts).
STALE = {
    *((saved, "a", counted) for saved in (None, "b") for counted in (None, "b")),
    *((saved, "b", counted) for saved in (None, "a") for counted in (None, "a")),
    *((saved, "c", counted) for saved in (None, "a", "b") for counted in (None, "a", "b")),
}


@pytest.mark.parametrize(
    ("saved", "counted", "verdict"),
    [
        (None, None, Verdict.NOTHING_NEW),  # nothing is there to take back
        (None, "a", Verdict.STALE),
        ("", None, Verdict.NOTHING_NEW),  # a retry of the save that took it back
        ("", "a", Verdict.NOTHING_NEW),  # the same, though it was answered anew since
        ("a", "a", Verdict.STALE),
    ],
)
def test_an_answer_is_taken_back_by_an_old_page_only_if_it_is_gone_already(
    saved: str | None, counted: str | None, verdict: Verdict
) -> None:
    found = judge_save(token_is_current=False, saved_with_token=saved, answer="", counted=counted)
    assert found is verdict
    accepted = judge_save(token_is_current=True, saved_with_token=saved, answer="", counted=counted)
    assert accepted is Verdict.ACCEPT


@pytest.mark.parametrize("counted", [None, "a", "b"])
@pytest.mark.parametrize("answer", [None, "a", "b", "c"])
@pytest.mark.parametrize("saved", [None, "a", "b"])
def test_every_save_is_judged(saved: str | None, answer: str | None, counted: str | None) -> None:
    current = judge_save(token_is_current=True, saved_with_token=saved, answer=answer, counted=counted)
    assert current is Verdict.ACCEPT
    spent = judge_save(token_is_current=False, saved_with_token=saved, answer=answer, counted=counted)
    assert spent is (Verdict.STALE if (saved, answer, counted) in STALE else Verdict.NOTHING_NEW)


def test_a_stale_page_without_a_choice_cannot_blank_an_answer() -> None:
    verdict = judge_save(token_is_current=False, saved_with_token=None, answer=None, counted="a")
    assert verdict is Verdict.NOTHING_NEW


@pytest.mark.parametrize(
    ("go", "position", "expected"),
    [
        ("next", 1, 2),
        ("next", 79, 80),
        ("next", 80, 80),
        ("previous", 80, 79),
        ("previous", 2, 1),
        ("previous", 1, 1),
        ("flag", 5, 5),
        ("review", 5, 5),
        ("", 5, 5),
        ("sideways", 5, 5),
    ],
)
def test_buttons_lead_to_the_next_place_and_never_off_the_form(go: str, position: int, expected: int) -> None:
    assert next_position(go, position, 80) == expected


def test_the_clock_ends_at_the_start_and_the_time_allowed() -> None:
    assert ATTEMPT.ends_at == END


@pytest.mark.parametrize(
    ("now", "left", "is_open", "is_up"),
    [
        (START, 6000, True, False),
        (START + dt.timedelta(seconds=0.5), 5999, True, False),
        (END - dt.timedelta(seconds=1), 1, True, False),
        (END - MOMENT, 0, True, False),
        (END, 0, False, True),
        (END + MOMENT, 0, False, True),
        (END + dt.timedelta(days=400), 0, False, True),
    ],
)
def test_the_clock_of_an_attempt_in_progress(now: dt.datetime, left: int, is_open: bool, is_up: bool) -> None:
    assert (ATTEMPT.seconds_left(now), ATTEMPT.is_open(now), ATTEMPT.time_is_up(now)) == (left, is_open, is_up)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.RELEASED])
@pytest.mark.parametrize("now", [START, END, END + MOMENT])
def test_a_closed_attempt_is_not_open_and_its_time_is_not_up(state: State, now: dt.datetime) -> None:
    closed = replace(ATTEMPT, state=state, submitted_at=START)
    assert (closed.is_open(now), closed.time_is_up(now)) == (False, False)


def test_time_granted_while_it_runs_moves_the_end() -> None:
    granted = replace(ATTEMPT, seconds_allowed=6000 + 1800)
    assert granted.ends_at == END + dt.timedelta(minutes=30)
    assert granted.is_open(END)
    assert granted.seconds_left(END) == 1800


def test_an_answer_is_taken_up_to_the_last_moment_and_refused_from_the_end_on() -> None:
    require_open(ATTEMPT, END - MOMENT)
    with pytest.raises(AttemptClosed, match=r"^The time for this assessment is over\. Everything saved until then"):
        require_open(ATTEMPT, END)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.RELEASED])
def test_an_answer_to_a_closed_attempt_is_refused_as_submitted(state: State) -> None:
    with pytest.raises(AttemptClosed, match=r"^This assessment was submitted"):
        require_open(replace(ATTEMPT, state=state), START)


@given(st.floats(0, 10 * 6000, allow_nan=False))
def test_an_attempt_is_closed_now_or_at_its_end_whichever_is_earlier(seconds: float) -> None:
    now = START + dt.timedelta(seconds=seconds)
    event, moment = ATTEMPT.closing(now)
    assert moment == min(now, END)
    assert event == ("submit" if now < END else "time_out")
