"""Scheduled breaks: taken, left out, overstayed, ended twice; the clock stands, and what was before them locks."""

from __future__ import annotations

from typing import Any

import pytest

from ssa_engine.actions import breaks as actions
from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.core.delivery import Breaks
from ssa_engine.core.errors import AttemptClosed, Conflict, NotFound
from ssa_engine.storage.db import Database
from tests.actions.sittings import Sitting, begin, library_with, submit
from tests.factories import Clock, Someone, add_someone
from tests.web.walk import snapshot

pytestmark = pytest.mark.usefixtures("published")
FIRST, SECOND = 26, 53
"""The positions after which two breaks of a form of 80 fall."""
ALLOWED = 6000


@pytest.fixture
def sitting(db: Database, library: Library, clock: Clock, candidate: Someone) -> Sitting:
    """An attempt with two breaks of ten minutes."""
    banks = Banks(db, library_with(library, breaks=Breaks(count=2, minutes=10)))
    return begin(db, banks, clock, candidate)


class Doing:
    """What a candidate does at a break; each with a token of its own."""

    def __init__(self, sitting: Sitting) -> None:
        self.sitting = sitting

    def _do(self, verb: Any, **more: Any) -> Any:
        self.sitting.saves += 1
        done = verb(self.sitting.db, **self.sitting.mine, new_token=f"b{self.sitting.saves}", **more)
        self.sitting.token = self.sitting.attempt.render_token
        return done

    def take(self, offered: int | None = None) -> None:
        self._do(actions.take, offered=offered)

    def skip(self, offered: int | None = None) -> None:
        self._do(actions.skip, offered=offered)

    def end(self) -> int:
        return int(self._do(actions.end))


@pytest.fixture
def do(sitting: Sitting) -> Doing:
    return Doing(sitting)


def left(sitting: Sitting) -> int:
    return sitting.attempt.seconds_left(sitting.clock())


def parts(sitting: Sitting) -> tuple[int, int, int, int]:
    """Breaks done, locked through, reach, position."""
    attempt = sitting.attempt
    return attempt.breaks_done, attempt.locked_through, attempt.reach, attempt.position


def test_a_break_stops_the_clock_and_locks_what_was_before_it(sitting: Sitting, do: Doing) -> None:
    assert parts(sitting) == (0, 0, FIRST, 1)
    sitting.clock.advance(minutes=20)
    do.take()
    assert parts(sitting) == (1, FIRST, SECOND, FIRST + 1)
    sitting.clock.advance(minutes=4)
    assert left(sitting) == ALLOWED - 20 * 60
    assert do.end() == FIRST + 1
    assert left(sitting) == ALLOWED - 20 * 60
    sitting.clock.advance(minutes=1)
    assert left(sitting) == ALLOWED - 21 * 60
    assert sitting.attempt.paused_seconds == 240
    told = [one for one in sitting.happened if one[0].startswith("break")]
    assert told == [("break_began", FIRST, ""), ("break_ended", FIRST + 1, "")]


def test_a_break_that_is_left_out_stops_nothing_and_locks_nothing(sitting: Sitting, do: Doing) -> None:
    sitting.clock.advance(minutes=20)
    do.skip()
    assert parts(sitting) == (1, 0, SECOND, FIRST + 1)
    sitting.clock.advance(minutes=4)
    assert left(sitting) == ALLOWED - 24 * 60
    sitting.answer(1, sitting.item(1).key_answer)
    assert sitting.happened[1] == ("break_skipped", FIRST, "")


def test_a_break_that_is_overstayed_stops_the_clock_for_its_minutes_alone(sitting: Sitting, do: Doing) -> None:
    do.take()
    sitting.clock.advance(minutes=25)
    assert left(sitting) == ALLOWED - 15 * 60
    do.end()
    assert (left(sitting), sitting.attempt.paused_seconds) == (ALLOWED - 15 * 60, 600)


def test_a_break_that_nobody_ended_is_over_when_its_time_is_and_questions_can_be_answered(
    sitting: Sitting, do: Doing
) -> None:
    do.take()
    item = sitting.item(FIRST + 1)
    with pytest.raises(Conflict, match=r"^You are on your break, and the clock is standing\."):
        sitting.answer(FIRST + 1, item.key_answer)
    sitting.clock.advance(minutes=10)
    sitting.answer(FIRST + 1, item.key_answer)
    assert sitting.places[FIRST].answer == item.key_answer
    assert left(sitting) == ALLOWED


def test_two_breaks_each_stop_the_clock_even_if_the_first_was_never_ended(sitting: Sitting, do: Doing) -> None:
    do.take()
    sitting.clock.advance(minutes=30)
    do.take()
    assert parts(sitting) == (2, SECOND, 80, SECOND + 1)
    sitting.clock.advance(minutes=3)
    do.end()
    assert (left(sitting), sitting.attempt.paused_seconds) == (ALLOWED - 20 * 60, 780)
    assert sitting.attempt.break_is_next is False
    for verb in (do.take, do.skip):
        with pytest.raises(Conflict) as caught:
            verb()
        assert str(caught.value) == "There is no further break in this assessment."


@pytest.mark.parametrize("verb", ["take", "skip"])
def test_the_same_press_ten_times_changes_nothing_more(sitting: Sitting, do: Doing, verb: str) -> None:
    getattr(do, verb)(offered=FIRST)
    before = snapshot(sitting.db)
    for _ in range(10):
        sitting.clock.advance(seconds=1)
        getattr(do, verb)(offered=FIRST)
    assert snapshot(sitting.db) == before
    do.end()
    ended = parts(sitting)
    getattr(do, verb)(offered=FIRST)  # the back button, after the break
    assert parts(sitting) == ended == (1, FIRST if verb == "take" else 0, SECOND, FIRST + 1)


def test_ending_a_break_twice_or_without_one_changes_nothing(sitting: Sitting, do: Doing) -> None:
    before = snapshot(sitting.db)
    assert do.end() == 1
    assert snapshot(sitting.db) == before
    do.take()
    sitting.clock.advance(minutes=2)
    do.end()
    before = snapshot(sitting.db)
    sitting.clock.advance(minutes=5)
    assert do.end() == FIRST + 1
    assert snapshot(sitting.db) == before


def test_nothing_is_saved_before_or_beyond_the_part_that_is_open(sitting: Sitting, do: Doing) -> None:
    ahead = f"Question {FIRST + 1} comes after your break. Go on to the break first."
    behind = f"Questions 1 to {FIRST} locked when you took your break. Your answers to them are saved and count."
    for position, said in ((FIRST + 1, ahead), (FIRST, behind)):
        if said == behind:
            do.take()
            do.end()
        answer = sitting.item(position).key_answer.split(",")
        before = snapshot(sitting.db)
        with pytest.raises(Conflict) as caught:
            sitting.save(position, answer=answer, go="next", note="Why?", comment="Hm.")
        assert (str(caught.value), snapshot(sitting.db)) == (said, before)


def test_going_on_from_the_last_question_before_a_break_leads_to_it(sitting: Sitting) -> None:
    saved = sitting.save(FIRST, answer=[], go="next")
    assert (saved.at_break, saved.attempt.position) == (True, FIRST)
    assert sitting.save(FIRST - 1, answer=[], go="next").at_break is False


def test_going_back_from_the_first_question_after_a_break_that_was_taken_stays_there(
    sitting: Sitting, do: Doing
) -> None:
    do.take()
    do.end()
    assert sitting.save(FIRST + 1, answer=[], go="previous").attempt.position == FIRST + 1


def test_a_break_makes_the_page_that_was_open_before_it_an_old_one(sitting: Sitting, do: Doing) -> None:
    token = sitting.token
    do.skip()
    assert sitting.token != token
    with pytest.raises(Conflict, match=r"^Your assessment went on in another window, so this answer to question 1 "):
        sitting.save(1, answer=sitting.item(1).key_answer.split(","), token=token)


def test_after_the_end_there_is_no_break(sitting: Sitting, do: Doing) -> None:
    sitting.clock.advance(seconds=ALLOWED)
    for verb in (do.take, do.skip, do.end):
        with pytest.raises(AttemptClosed, match=r"^The time for this assessment is over\."):
            verb()
    submit(sitting)
    with pytest.raises(AttemptClosed, match=r"^This assessment was submitted"):
        do.take()


def test_nobody_takes_the_break_of_another(sitting: Sitting, clock: Clock) -> None:
    stranger = add_someone(sitting.db, "stranger@test.example", clock=clock)
    before = snapshot(sitting.db)
    for verb in (actions.take, actions.skip, actions.end):
        with pytest.raises(NotFound, match=r"^There is no such assessment of yours\."):
            verb(sitting.db, attempt_id=sitting.attempt_id, person_id=stranger.id, new_token="x", now=clock())
    assert snapshot(sitting.db) == before
