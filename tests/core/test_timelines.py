"""Timelines: every kind has a name, answers are in letters, a search finds what holds, the clock's figures add up."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.core.accommodations import NO_LIMIT_SECONDS, Accommodations
from ssa_engine.core.events import Event, EventKind
from ssa_engine.core.timelines import (
    ANSWERS,
    WHAT,
    Break,
    Entry,
    Search,
    away_since,
    breaks_of,
    device,
    entries_of,
    last_sign,
    seconds_stood,
    seconds_used,
)
from tests.core.test_attempts import ATTEMPT, START

MINUTE = dt.timedelta(minutes=1)


def at(minutes: float, kind: str, question: int | None = None, detail: str = "") -> Entry:
    """An entry so many minutes after the start."""
    return Entry(START + minutes * MINUTE, kind, question, detail)


SITTING = [
    at(0, "started", 1, "Firefox"),
    at(1, "answered", 1, "B"),
    at(1, "rendered", 2),
    at(2, "left_window", 2),
    at(3, "came_back", 2),
    at(4, "changed", 1, "A C"),
    at(5, "continued_here", 2, "Phone"),
    at(6, "left_window", 2),
    at(7, "time_granted", None, "5 min: fire alarm"),
]


def written(entry: Entry) -> str:
    return f"{entry.what} {entry.detail}"


def test_every_kind_of_entry_has_a_name() -> None:
    assert set(WHAT) == set(EventKind) | ANSWERS
    assert len(set(WHAT.values())) == len(WHAT)


def test_answers_are_in_the_letters_the_candidate_saw_and_nothing_else_is_touched() -> None:
    options = {1: ("d", "a", "b"), 2: ()}
    events = [
        Event(START, "answered", 1, "a"),
        Event(START, "changed", 1, "b,d", late=True),
        Event(START, "cleared", 1, ""),
        Event(START, "answered", 2, "120,80"),
        Event(START, "started", 1, "a"),
        Event(START, "submitted", None, ""),
    ]
    found = [(one.detail, one.late, one.is_answer) for one in entries_of(events, options)]
    assert found == [
        ("B", False, True),
        ("C A", True, True),
        ("", False, True),
        ("120,80", False, True),
        ("a", False, False),
        ("", False, False),
    ]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(newest_first=False), list(range(9))),
        (Search(), list(range(8, -1, -1))),
        (Search(kind="left_window"), [7, 3]),
        (Search(question=1, newest_first=False), [0, 1, 5]),
        (Search(words="ANSWER"), [5, 1]),
        (Search(words="alarm  fire"), [8]),
        (Search(words="fire drill"), []),
        (Search(kind="answered", question=2), []),
    ],
    ids=repr,
)
def test_a_search_finds_what_holds_all_that_was_asked(search: Search, found: list[int]) -> None:
    assert search.of(SITTING, written) == [SITTING[index] for index in found]


def test_only_a_search_that_leaves_something_out_is_one() -> None:
    assert [bool(Search()), bool(Search(newest_first=False)), bool(Search(words="x")), bool(Search(question=1))] == [
        False,
        False,
        True,
        True,
    ]


@given(st.lists(st.sampled_from(SITTING)), st.sampled_from(["", *WHAT]), st.sampled_from([None, 1, 2]), st.booleans())
def test_what_is_found_and_what_is_left_out_is_everything(
    entries: list[Entry], kind: str, question: int | None, newest: bool
) -> None:
    search = Search(kind, question, "", newest_first=newest)
    found = search.of(entries, written)
    held = [one for one in entries if kind in ("", one.kind) and question in (None, one.question)]
    assert found == (held[::-1] if newest else held)


def test_what_staff_did_is_no_sign_of_life_of_the_page() -> None:
    assert last_sign(SITTING) == SITTING[7]
    assert last_sign([SITTING[8]]) is None


def test_the_device_is_that_of_the_window_that_went_on_last() -> None:
    assert (device(SITTING), device(SITTING[:5]), device([])) == ("Phone", "Firefox", "")


def test_somebody_is_away_until_they_come_back() -> None:
    assert (away_since(SITTING), away_since(SITTING[:5]), away_since([])) == (START + 6 * MINUTE, None, None)


def test_breaks_are_taken_left_out_under_way_or_to_come() -> None:
    attempt = replace(ATTEMPT, break_after=(20, 40, 60), break_seconds=600)
    entries = [at(10, "break_skipped", 20), at(30, "break_began", 40), at(34, "break_ended", 41)]
    taken = Break(40, False, START + 30 * MINUTE, START + 34 * MINUTE)
    assert breaks_of(attempt, entries) == [Break(20, skipped=True), taken, Break(60)]
    under_way = replace(attempt, break_began_at=START + 50 * MINUTE)
    entries.append(at(50, "break_began", 60))
    assert breaks_of(under_way, entries)[2] == Break(60, False, START + 50 * MINUTE, None)
    assert breaks_of(attempt, entries)[2].ended_at == START + 60 * MINUTE, "nobody ended it, so its time did"


@given(st.integers(0, 7200), st.integers(0, 7200), st.integers(0, 600))
def test_what_is_used_and_what_is_left_is_what_is_allowed(minutes: int, paused: int, break_began: int) -> None:
    now = START + dt.timedelta(seconds=minutes)
    began = START + dt.timedelta(seconds=break_began) if break_began else None
    attempt = replace(ATTEMPT, paused_seconds=float(paused), break_began_at=began, break_seconds=300)
    assert seconds_used(attempt, now) + attempt.seconds_left(now) == attempt.seconds_allowed
    assert 0 <= seconds_stood(attempt, now) - paused <= 300


def test_the_clock_of_what_was_submitted_stands() -> None:
    closed = replace(ATTEMPT, submitted_at=START + 40 * MINUTE, paused_seconds=600.0)
    later = START + 1000 * MINUTE
    assert (seconds_used(closed, later), seconds_stood(closed, later)) == (30 * 60, 600)


def test_an_untimed_sitting_uses_time_like_any_other() -> None:
    attempt = replace(ATTEMPT, seconds_allowed=NO_LIMIT_SECONDS)
    assert seconds_used(attempt, START + 200 * MINUTE) == 200 * 60


@pytest.mark.parametrize(
    ("granted", "sentence"),
    [
        (Accommodations(), "100 minutes, as for everybody."),
        (Accommodations(time_multiplier=1.5), "100 minutes become 150."),
        (Accommodations(time_multiplier=1.25, extra_minutes=10), "100 minutes become 135."),
        (Accommodations(untimed=True, time_multiplier=2), "100 minutes become no time limit."),
        (Accommodations(extra_breaks=2, large_text=True), "100 minutes, as for everybody."),
    ],
    ids=str,
)
def test_what_is_granted_is_said_in_minutes(granted: Accommodations, sentence: str) -> None:
    assert granted.what_becomes_of(6000) == sentence
