"""The clock of an attempt: breaks taken, skipped and overstayed, time that stood, the grace, and what locks."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.core.accommodations import NO_LIMIT_SECONDS, Accommodations, break_positions
from ssa_engine.core.attempts import State, require_open, require_reachable
from ssa_engine.core.delivery import ClockRules, Delivery
from ssa_engine.core.errors import AttemptClosed, Conflict
from tests.core.test_attempts import ATTEMPT, END, MOMENT, START

MINUTE = dt.timedelta(minutes=1)
BREAK = 600
ON_BREAK = replace(
    ATTEMPT,
    break_after=(40,),
    break_seconds=BREAK,
    breaks_done=1,
    break_began_at=START + 30 * MINUTE,
    locked_through=40,
    position=41,
)
"""A break of ten minutes that began after half an hour: 70 minutes are left."""
BREAK_OVER = START + 40 * MINUTE
STANDING = "You are on your break, and the clock is standing. End the break to go on."
OVER = "The time for this assessment is over. Everything saved until then counts."


@pytest.mark.parametrize(
    ("minutes", "on_break", "left"),
    [(30, True, 4200), (35, True, 4200), (39.999, True, 4200), (40, False, 4200), (41, False, 4140), (109, False, 60)],
)
def test_the_clock_stands_during_a_break_and_goes_on_by_itself_when_its_time_is_used_up(
    minutes: float, on_break: bool, left: int
) -> None:
    now = START + minutes * MINUTE
    assert (ON_BREAK.on_break(now), ON_BREAK.seconds_left(now)) == (on_break, left)


def test_a_break_that_was_overstayed_costs_the_time_beyond_it_and_no_more() -> None:
    assert ON_BREAK.ends_at == END + 10 * MINUTE
    assert ON_BREAK.is_open(END + 10 * MINUTE - MOMENT)
    assert ON_BREAK.time_is_up(END + 10 * MINUTE)
    assert ON_BREAK.closing(END + 60 * MINUTE) == ("time_out", END + 10 * MINUTE)


def test_time_that_stood_is_added_to_the_end_once_the_break_is_over() -> None:
    ended = replace(ON_BREAK, break_began_at=None, paused_seconds=240.5)
    assert ended.ends_at == END + dt.timedelta(seconds=240.5)
    assert ended.seconds_left(END) == 240
    second = replace(ended, break_began_at=START + 60 * MINUTE)
    assert second.ends_at == END + dt.timedelta(seconds=240.5 + BREAK)


def test_nothing_is_answered_during_a_break_and_everything_after_it() -> None:
    with pytest.raises(Conflict) as caught:
        require_open(ON_BREAK, BREAK_OVER - MOMENT)
    assert str(caught.value) == STANDING
    assert require_open(ON_BREAK, BREAK_OVER) is False


@pytest.mark.parametrize("grace", [0, 1, 10])
def test_an_answer_on_its_way_is_taken_in_the_grace_to_its_last_moment(grace: int) -> None:
    last = END + dt.timedelta(seconds=grace)
    assert require_open(ATTEMPT, END - MOMENT, grace) is False
    if grace:
        assert require_open(ATTEMPT, END, grace) is True
        assert require_open(ATTEMPT, last - MOMENT, grace) is True
    with pytest.raises(AttemptClosed) as caught:
        require_open(ATTEMPT, last, grace)
    assert str(caught.value) == OVER
    with pytest.raises(AttemptClosed, match=r"^This assessment was submitted"):
        require_open(replace(ATTEMPT, state=State.SUBMITTED), END, grace)


PARTS = replace(ATTEMPT, break_after=(20, 50), break_seconds=BREAK)


@pytest.mark.parametrize(
    ("done", "locked", "reach", "is_next"),
    [(0, 0, 20, True), (1, 0, 50, True), (1, 20, 50, True), (2, 20, 80, False), (2, 50, 80, False)],
)
def test_what_can_be_opened_lies_between_what_locked_and_the_next_break(
    done: int, locked: int, reach: int, is_next: bool
) -> None:
    attempt = replace(PARTS, breaks_done=done, locked_through=locked)
    assert (attempt.reach, attempt.break_is_next) == (reach, is_next)
    for position in range(1, 81):
        if position <= locked:
            said = f"Questions 1 to {locked} locked when you took your break. Your answers to them are saved and count."
        elif position > reach:
            said = f"Question {position} comes after your break. Go on to the break first."
        else:
            require_reachable(attempt, position)
            continue
        with pytest.raises(Conflict) as caught:
            require_reachable(attempt, position)
        assert str(caught.value) == said


@given(st.integers(1, 200), st.integers(0, 12))
def test_breaks_divide_a_form_into_parts_of_like_length(items: int, breaks: int) -> None:
    positions = break_positions(items, breaks)
    assert list(positions) == sorted(set(positions))
    assert all(0 < position < items for position in positions)
    parts = [end - begin for begin, end in zip((0, *positions), (*positions, items), strict=True)]
    assert len(positions) == min(breaks, items - 1)
    assert max(parts) - min(parts) <= 1


@pytest.mark.parametrize(
    ("items", "breaks", "positions"),
    [(80, 0, ()), (80, 1, (40,)), (80, 2, (26, 53)), (80, 3, (20, 40, 60)), (1, 1, ()), (2, 5, (1,))],
)
def test_where_the_breaks_fall(items: int, breaks: int, positions: tuple[int, ...]) -> None:
    assert break_positions(items, breaks) == positions


@pytest.mark.parametrize(
    ("granted", "seconds"),
    [
        ({}, 6000),
        ({"time_multiplier": 1.5}, 9000),
        ({"time_multiplier": 1.25, "extra_minutes": 10}, 8100),
        ({"extra_minutes": 30}, 7800),
        ({"time_multiplier": 1.0001}, 6001),
        ({"untimed": True, "time_multiplier": 2}, NO_LIMIT_SECONDS),
    ],
)
def test_accommodations_multiply_the_time_and_then_extend_it(granted: dict[str, float], seconds: int) -> None:
    assert Accommodations.model_validate(granted).seconds_allowed(6000) == seconds


def test_an_untimed_attempt_has_an_end_that_nobody_gets_to() -> None:
    untimed = replace(ATTEMPT, seconds_allowed=Accommodations(untimed=True).seconds_allowed(6000))
    assert (untimed.is_untimed, ATTEMPT.is_untimed) == (True, False)
    assert untimed.is_open(START + dt.timedelta(days=365))


@given(
    st.integers(1, 10_000),
    st.floats(0, 5000),
    st.none() | st.floats(0, 9000),
    st.integers(0, 900),
    st.lists(st.floats(0, 30_000), min_size=2, max_size=8),
)
def test_time_left_never_grows_by_itself(
    allowed: int, paused: float, began: float | None, length: int, moments: list[float]
) -> None:
    attempt = replace(
        ATTEMPT,
        seconds_allowed=allowed,
        paused_seconds=paused,
        break_seconds=length,
        break_began_at=None if began is None else START + dt.timedelta(seconds=began),
    )
    left = [attempt.seconds_left(START + dt.timedelta(seconds=moment)) for moment in sorted(moments)]
    assert left == sorted(left, reverse=True)
    assert min(left) >= 0


def test_a_specification_that_says_nothing_has_the_usual_rules() -> None:
    usual = Delivery()
    assert (usual.confirm_identity, usual.agreement, usual.tutorial, usual.survey) == (True, None, True, ())
    assert (usual.breaks.count, usual.breaks.minutes) == (0, 10)
    assert usual.clock == ClockRules(
        warn_minutes=(15, 5, 1), grace_seconds=10, runs_while_disconnected=True, disconnected_minutes_at_most=15
    )
