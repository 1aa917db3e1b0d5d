"""Closing what timed out: at the end of the clock, after the grace, and never while time may still be given back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from ssa_engine.actions import results, sittings
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.evidence import pulse
from ssa_engine.content.library import Library
from ssa_engine.core.attempts import State
from ssa_engine.core.delivery import ClockRules
from ssa_engine.core.errors import Conflict, Invalid
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.prescriptions import score_responses
from ssa_engine.storage.db import Database
from tests.actions.sittings import Sitting, begin, submit
from tests.factories import START, Clock, Someone, add_someone

GRACE = dt.timedelta(seconds=10)
MINUTE = dt.timedelta(minutes=1)
END = START + 100 * MINUTE
STANDS = ClockRules(runs_while_disconnected=False, disconnected_minutes_at_most=15, grace_seconds=10)


def library_with(library: Library, rules: ClockRules) -> Library:
    """The content, with other rules of the clock for CT."""
    spec, before = library.specs["CT"], library.banks["CT"]
    spec = spec.model_copy(update={"delivery": spec.delivery.model_copy(update={"clock": rules})})
    bank = ItemBank(spec=spec, items=before.items, cases=before.cases, media=before.media, sizes=before.sizes)
    return replace(library, specs=library.specs | {"CT": spec}, banks=library.banks | {"CT": bank})


def sitting_under(db: Database, library: Library, clock: Clock, candidate: Someone, rules: ClockRules) -> Sitting:
    """A sitting under rules of the clock."""
    return begin(db, Banks(db, library_with(library, rules)), clock, candidate)


def close(sitting: Sitting, at: dt.datetime) -> list[int]:
    """Close what timed out at a moment."""
    sitting.clock.at = at
    return results.close_timed_out(sitting.db, sitting.banks, who="clock", now=at)


def heard_of(sitting: Sitting, at: dt.datetime, *, was_lost: bool = False) -> None:
    """Let the page give a sign of life."""
    sitting.clock.at = at
    who = {"attempt_id": sitting.attempt_id, "person_id": sitting.someone.id}
    pulse(sitting.db, sitting.banks, **who, was_lost=was_lost, now=at)


@pytest.mark.usefixtures("published")
def test_an_attempt_that_cannot_be_scored_is_told_so_calmly_and_keeps_no_other_open(
    db: Database, banks: Banks, clock: Clock, candidate: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = begin(db, banks, clock, candidate)
    second = begin(db, banks, clock, add_someone(db, "second@test.example", clock=clock))

    def unless_first(responses: pd.DataFrame, *args: Any) -> pd.DataFrame:
        if responses["attempt_id"].iloc[0] == first.attempt_id:
            raise Invalid("Item a-0 does not take the key d.")
        return score_responses(responses, *args)

    monkeypatch.setattr(results, "score_responses", unless_first)
    with pytest.raises(
        Conflict, match=r"^Your answers are stored, but they cannot be scored just now\. Nothing is lost"
    ):
        submit(first)
    assert close(second, END + 60 * MINUTE) == [second.attempt_id]
    monkeypatch.undo()
    assert close(first, END + 60 * MINUTE) == [first.attempt_id]


@pytest.mark.usefixtures("published")
def test_where_the_clock_runs_on_only_the_grace_is_waited_for(
    db: Database, library: Library, clock: Clock, candidate: Someone
) -> None:
    sitting = sitting_under(db, library, clock, candidate, ClockRules(grace_seconds=10))
    assert close(sitting, END + GRACE - MINUTE / 60) == []
    assert close(sitting, END + GRACE) == [sitting.attempt_id]
    assert sitting.attempt.submitted_at == END


@pytest.mark.usefixtures("published")
def test_where_the_clock_stands_a_silent_sitting_is_not_closed_while_minutes_may_be_given_back(
    db: Database, library: Library, clock: Clock, candidate: Someone
) -> None:
    sitting = sitting_under(db, library, clock, candidate, STANDS)
    heard_of(sitting, START + 95 * MINUTE)
    for later in (GRACE, 10 * MINUTE, 15 * MINUTE + GRACE - MINUTE / 60):
        assert close(sitting, END + later) == []
    assert close(sitting, END + 15 * MINUTE + GRACE) == [sitting.attempt_id]
    assert sitting.attempt.submitted_at == END


@pytest.mark.usefixtures("published")
def test_who_comes_back_after_the_end_goes_on_with_the_minutes_given_back(
    db: Database, library: Library, clock: Clock, candidate: Someone
) -> None:
    sitting = sitting_under(db, library, clock, candidate, STANDS)
    heard_of(sitting, START + 95 * MINUTE)
    assert close(sitting, END + 5 * MINUTE) == []
    heard_of(sitting, END + 5 * MINUTE, was_lost=True)
    assert sitting.attempt.ends_at == END + 10 * MINUTE
    assert close(sitting, END + 15 * MINUTE + GRACE - MINUTE / 60) == [], "5 of the 15 minutes are left"
    assert close(sitting, END + 15 * MINUTE + GRACE) == [sitting.attempt_id]
    assert sitting.attempt.submitted_at == END + 10 * MINUTE


@pytest.mark.usefixtures("published")
def test_time_that_is_granted_while_a_sitting_is_being_closed_is_not_lost(
    db: Database, library: Library, clock: Clock, candidate: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    sitting = sitting_under(db, library, clock, candidate, ClockRules())
    score = results._score
    granted: list[int] = []

    def score_and_grant(*arguments: object) -> object:
        scored = score(*arguments)  # type: ignore[arg-type]
        if not granted:
            granted.append(30)
            sittings.grant_time(
                db, attempt_id=sitting.attempt_id, minutes=30, reason="fire alarm", who="staff", now=clock()
            )
        return scored

    monkeypatch.setattr(results, "_score", score_and_grant)
    clock.at = END + MINUTE
    assert close(sitting, END + MINUTE) == []
    assert granted == [30]
    assert (sitting.attempt.state, sitting.result) == (State.IN_PROGRESS, None)
    assert close(sitting, END + 31 * MINUTE) == [sitting.attempt_id]
    assert sitting.attempt.submitted_at == END + 30 * MINUTE
