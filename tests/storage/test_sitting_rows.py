"""Rows of a sitting: the order of its timeline, what counts as answered, and the tables as data frames."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
import sqlalchemy as sa

from ssa_engine.actions import exports
from ssa_engine.actions import sittings as sitting_actions
from ssa_engine.actions.banks import Banks
from ssa_engine.core.accommodations import Accommodations
from ssa_engine.core.events import EventKind
from ssa_engine.storage import events, frames, places
from ssa_engine.storage.db import Database
from ssa_engine.storage.sitting_tables import attempt_events
from tests.actions.sittings import Sitting, begin, submit
from tests.factories import START, Clock, Someone, other, right

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture
def sitting(db: Database, banks: Banks, clock: Clock, candidate: Someone) -> Sitting:
    """An attempt that has just begun."""
    return begin(db, banks, clock, candidate)


def position_that_can_be_emptied(sitting: Sitting) -> int:
    kinds = ("multiple", "number", "hotspot")
    return next(position for position in range(1, 81) if sitting.item(position).format in kinds)


def test_a_timeline_has_events_and_answers_in_the_order_they_happened(sitting: Sitting) -> None:
    position = position_that_can_be_emptied(sitting)
    item = sitting.item(position)
    for posted, go in ((right(item), "flag"), (other(item), "save"), ([], "save"), (right(item), "next")):
        sitting.clock.advance(seconds=1)
        sitting.save(position, answer=posted, may_clear=True, go=go)
    submit(sitting)
    key, another = item.key_answer, item.read(other(item))
    assert [(kind, at, detail) for kind, at, detail in sitting.happened if kind != "started"] == [
        ("answered", position, key),
        ("flagged", position, ""),
        ("changed", position, another),
        ("cleared", position, ""),
        ("answered", position, key),
        ("rendered", position + 1, ""),
        ("submitted", None, ""),
        ("released", None, ""),
    ]
    seconds = [(one.at - START).total_seconds() for one in sitting.timeline]
    assert seconds == sorted(seconds) == [0, 1, 1, 2, 3, 4, 4, 4, 4]


def test_events_of_the_same_moment_stand_in_the_order_in_which_they_were_noted(sitting: Sitting) -> None:
    kinds = [EventKind.LEFT_WINDOW, EventKind.CAME_BACK, EventKind.LEFT_WINDOW, EventKind.WARNED]
    with sitting.db.write() as connection:
        for kind in kinds:
            events.append(connection, sitting.attempt_id, kind, sitting.clock(), 1)
        assert events.count(connection, sitting.attempt_id) == 1 + len(kinds)
    assert [kind for kind, *_ in sitting.happened] == ["started", *kinds]


def test_an_event_is_kept_to_the_microsecond_and_its_detail_to_500_characters(sitting: Sitting) -> None:
    moment = START + dt.timedelta(microseconds=123_456)
    with sitting.db.write() as connection:
        events.append(connection, sitting.attempt_id, EventKind.WARNED, moment, None, "é" * 900)
    last = sitting.timeline[-1]
    assert (last.at, last.position, last.detail, last.late) == (moment, None, "é" * 500, False)


def test_an_answer_that_was_taken_back_counts_as_not_answered_everywhere(sitting: Sitting) -> None:
    position = position_that_can_be_emptied(sitting)
    item = sitting.item(position)
    sitting.save(position, answer=right(item))
    sitting.clock.advance(seconds=5)
    sitting.save(position, answer=[], may_clear=True)
    place = sitting.places[position - 1]
    assert (place.answer, place.answered_at) == (None, sitting.clock())
    with sitting.db.read() as connection:
        assert frames.attempt_frame(connection)["items_answered"].tolist() == [0]
        log = places.response_log(connection, sitting.attempt_id)
    assert [row.answer for row in log] == [item.key_answer, ""]
    submit(sitting)
    with sitting.db.read() as connection:
        marked = exports.marked_responses(connection, sitting.banks, None)
    row = marked[marked["position"] == position].iloc[0]
    assert (pd.isna(row["answer"]), row["correct"], row["credit"]) == (True, False, 0.0)


def test_only_what_was_answered_late_is_late(sitting: Sitting) -> None:
    first, second = sitting.item(1), sitting.item(2)
    sitting.save(1, answer=right(first))
    sitting.clock.at = sitting.attempt.ends_at
    sitting.save(2, answer=right(second))
    with sitting.db.read() as connection:
        late = frames.response_frame(connection).set_index("position")["late"]
    assert {position: bool(late[position]) for position in (1, 2, 3)} == {1: False, 2: True, 3: False}


def test_events_comments_and_survey_leave_as_frames_of_their_attempt(
    sitting: Sitting, clock: Clock, candidate: Someone
) -> None:
    sitting.save(1, answer=right(sitting.item(1)), comment="Two keys?")
    sitting.save(2, comment="=1+1")
    submit(sitting)
    sitting_actions.answer_survey(
        sitting.db, sitting.banks, **sitting.mine, posted={"remarks": "Fine.", "clear": "Most"}
    )
    data = exports.read_datasets(sitting.db, sitting.banks, ["events", "comments", "survey"], now=START)
    attempt = str(sitting.attempt_id)
    comments = data["comments"][["attempt_id", "item_id", "text", "discipline"]].to_numpy().tolist()
    assert comments == [
        [attempt, sitting.item(1).id, "Two keys?", "CT"],
        [attempt, sitting.item(2).id, "=1+1", "CT"],
    ]
    survey = data["survey"][["attempt_id", "question_id", "answer", "discipline"]].to_numpy().tolist()
    assert survey == [[attempt, "clear", "Most", "CT"], [attempt, "remarks", "Fine.", "CT"]]
    told = data["events"][["attempt_id", "kind", "discipline"]].to_numpy().tolist()
    assert told == [[attempt, kind, "CT"] for kind in ("started", "commented", "commented", "submitted", "released")]
    wanted = ["events", "comments", "survey"]
    other_discipline = exports.read_datasets(sitting.db, sitting.banks, wanted, "RAD", now=START)
    assert [len(frame) for frame in other_discipline.values()] == [0, 0, 0]


def test_an_attempt_says_how_long_its_clock_stood_and_none_that_is_untimed_says_how_long_it_may_take(
    db: Database, banks: Banks, clock: Clock, candidate: Someone
) -> None:
    granted = Accommodations(untimed=True)
    sitting_actions.set_accommodations(db, person_id=candidate.id, granted=granted, who="test", now=clock())
    sitting = begin(db, banks, clock, candidate)
    with db.write() as connection:
        connection.execute(sa.text("UPDATE attempts SET paused_seconds = 240.5"))
        frame = frames.attempt_frame(connection)
    assert frame["paused_seconds"].tolist() == [240.5]
    assert frame["seconds_allowed"].isna().tolist() == [True]
    assert sitting.attempt.is_untimed


def test_no_event_is_ever_changed_by_what_comes_after(sitting: Sitting) -> None:
    with sitting.db.read() as connection:
        before = connection.execute(sa.select(attempt_events).order_by(attempt_events.c.id)).all()
    sitting.save(1, answer=right(sitting.item(1)), go="flag")
    submit(sitting)
    with sitting.db.read() as connection:
        after = connection.execute(sa.select(attempt_events).order_by(attempt_events.c.id)).all()
    assert after[: len(before)] == before
    assert len(after) > len(before)
