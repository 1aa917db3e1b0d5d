"""Evidence: what browsers may report, the pulse, and time given back for a lost connection where the rules say so."""

from __future__ import annotations

from typing import Any

import pytest

from ssa_engine.actions import breaks, evidence
from ssa_engine.actions import sittings as sitting_actions
from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.core.delivery import Breaks, ClockRules
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.events import REPORTED_BY_BROWSERS, EventKind
from ssa_engine.storage.db import Database
from tests.actions.sittings import Sitting, begin, close_late, library_with, submit
from tests.factories import Clock, Someone, add_someone, right
from tests.web.walk import snapshot

pytestmark = pytest.mark.usefixtures("published")
ALLOWED = 6000
STANDS = ClockRules(runs_while_disconnected=False, disconnected_minutes_at_most=5)


@pytest.fixture
def sitting(db: Database, banks: Banks, clock: Clock, candidate: Someone) -> Sitting:
    """An attempt whose clock runs while disconnected."""
    return begin(db, banks, clock, candidate)


@pytest.fixture
def forgiving(db: Database, library: Library, clock: Clock, candidate: Someone) -> Sitting:
    """An attempt whose clock stands while disconnected, for at most five minutes; it has a break."""
    rules = library_with(library, clock=STANDS, breaks=Breaks(count=1, minutes=10))
    return begin(db, Banks(db, rules), clock, candidate)


def pulse(sitting: Sitting, *, lost: bool = False, after: float = 0) -> int:
    """Let time go by, then a pulse; return the seconds left."""
    sitting.clock.advance(seconds=after)
    attempt = evidence.pulse(sitting.db, sitting.banks, **sitting.mine, was_lost=lost)
    assert attempt == sitting.attempt
    return attempt.seconds_left(sitting.clock())


def report(sitting: Sitting, kind: str, **more: Any) -> None:
    given = {"position": None, "detail": "", **more}
    evidence.report(sitting.db, **sitting.mine, kind=kind, **given)


def test_a_browser_reports_what_only_it_can_know_and_nothing_else(sitting: Sitting) -> None:
    for kind in REPORTED_BY_BROWSERS:
        report(sitting, kind, position=3, detail="for 4 s")
        assert sitting.happened[-1] == (kind, 3, "for 4 s")
    before = snapshot(sitting.db)
    for other in (*(set(EventKind) - REPORTED_BY_BROWSERS), "answered", "", "x" * 99):
        with pytest.raises(Invalid) as caught:
            report(sitting, other, position=3)
        assert str(caught.value) == "That is not something a page reports."
    assert snapshot(sitting.db) == before


@pytest.mark.parametrize("position", [None, 0, -1, 81, 10**9])
def test_a_place_that_is_not_on_the_form_is_left_out_of_a_report(sitting: Sitting, position: int | None) -> None:
    report(sitting, "came_back", position=position, detail="x" * 900)
    assert sitting.happened[-1] == ("came_back", None, "x" * 500)


def test_a_page_that_reports_in_a_loop_fills_no_disk(sitting: Sitting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_EVENTS", 5)
    for _ in range(4):
        report(sitting, "left_window")
    before = snapshot(sitting.db)
    with pytest.raises(Conflict) as caught:
        report(sitting, "left_window")
    assert str(caught.value) == "This assessment has more entries in its log than it can hold."
    assert snapshot(sitting.db) == before
    sitting.save(1, answer=right(sitting.item(1)), go="next")
    assert sitting.happened[-1][0] == "rendered", "an answer is never refused for it"


def test_nobody_reports_for_another_or_asks_for_their_time(sitting: Sitting, clock: Clock) -> None:
    stranger = add_someone(sitting.db, "stranger@test.example", clock=clock)
    theirs, before = {**sitting.mine, "person_id": stranger.id}, snapshot(sitting.db)
    with pytest.raises(NotFound, match=r"^There is no such assessment of yours\."):
        evidence.report(sitting.db, **theirs, kind="came_back", position=1, detail="")
    with pytest.raises(NotFound, match=r"^There is no such assessment of yours\."):
        evidence.pulse(sitting.db, sitting.banks, **theirs, was_lost=True)
    assert snapshot(sitting.db) == before


def test_where_the_clock_runs_on_a_pulse_writes_nothing(sitting: Sitting) -> None:
    before = snapshot(sitting.db)
    assert [pulse(sitting, lost=True, after=seconds) for seconds in (0, 8, 600)] == [
        ALLOWED,
        ALLOWED - 8,
        ALLOWED - 608,
    ]
    assert snapshot(sitting.db) == before


def test_time_granted_shows_with_the_next_pulse(sitting: Sitting) -> None:
    pulse(sitting, after=60)
    sitting_actions.grant_time(
        sitting.db, attempt_id=sitting.attempt_id, minutes=10, reason="Alarm", who="staff", now=sitting.clock()
    )
    assert pulse(sitting, after=8) == ALLOWED - 68 + 600
    assert sitting.happened[-1] == ("time_granted", None, "10 min: Alarm")


def test_the_silence_of_a_lost_connection_is_given_back(forgiving: Sitting) -> None:
    pulse(forgiving, after=100)
    assert pulse(forgiving, lost=True, after=90) == ALLOWED - 100
    assert pulse(forgiving, after=8) == ALLOWED - 108
    assert [one for one in forgiving.happened if one[0] == "time_given_back"] == [("time_given_back", 1, "90 s")]


@pytest.mark.parametrize(("lost", "silent"), [(False, 90), (True, 19.9), (True, 8)])
def test_nothing_is_given_back_for_a_page_that_was_not_lost_or_a_short_silence(
    forgiving: Sitting, lost: bool, silent: float
) -> None:
    pulse(forgiving, after=100)
    assert pulse(forgiving, lost=lost, after=silent) == int(ALLOWED - 100 - silent)


def test_a_connection_lost_right_after_the_start_counts_from_the_start(forgiving: Sitting) -> None:
    assert pulse(forgiving, lost=True, after=90) == ALLOWED


def test_no_more_is_given_back_than_the_rules_allow(forgiving: Sitting) -> None:
    pulse(forgiving)
    assert pulse(forgiving, lost=True, after=200) == ALLOWED
    assert pulse(forgiving, lost=True, after=200) == ALLOWED - 100
    assert pulse(forgiving, lost=True, after=200) == ALLOWED - 300
    assert forgiving.attempt.paused_seconds == 300


def test_a_break_is_given_back_once_and_not_as_a_lost_connection_too(forgiving: Sitting) -> None:
    pulse(forgiving)
    breaks.take(forgiving.db, **forgiving.mine, new_token="b1")
    assert pulse(forgiving, lost=True, after=120) == ALLOWED
    forgiving.clock.advance(seconds=120)
    breaks.end(forgiving.db, **forgiving.mine, new_token="b2")
    assert pulse(forgiving, lost=True, after=30) == ALLOWED
    assert forgiving.attempt.paused_seconds == 240 + 30


def test_a_connection_lost_over_the_end_comes_back_with_its_time(forgiving: Sitting) -> None:
    pulse(forgiving, after=ALLOWED - 60)
    forgiving.clock.advance(seconds=120)
    assert close_late(forgiving) == [], "it may still come back"
    assert pulse(forgiving, lost=True, after=0) == 60
    forgiving.save(1, answer=right(forgiving.item(1)))
    assert [place.answer for place in forgiving.places[:1]] == [forgiving.item(1).key_answer]


def test_a_submitted_attempt_gets_nothing_back(forgiving: Sitting) -> None:
    pulse(forgiving)
    submit(forgiving)
    before = snapshot(forgiving.db)
    pulse(forgiving, lost=True, after=120)
    assert snapshot(forgiving.db) == before
