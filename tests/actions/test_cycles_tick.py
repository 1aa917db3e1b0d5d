"""What falls due is done once: run twice, a month late, killed half-way, two at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from ssa_engine.actions import claim_reviews
from ssa_engine.actions import cycles as actions
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.notices import tell
from ssa_engine.actions.policies import publish
from ssa_engine.core.attempts import State
from ssa_engine.core.notices import NoticeKind
from ssa_engine.storage import people as rows
from ssa_engine.storage.db import Database
from tests.actions.lives import AREAS, Life, details, keys, noon, rows_of, tick
from tests.actions.sittings import audit_of
from tests.actions.test_races import at_once
from tests.claimed import Claimed
from tests.factories import Clock, Someone, add_someone

pytestmark = pytest.mark.usefixtures("published")
YEAR_BEFORE, HALF_BEFORE = noon(2027, 6, 2), noon(2027, 12, 4)
"""365 and 180 days before 1 June 2028, when the window of a credential earned on 1 June 2018 ends."""
OVER = noon(2028, 6, 2)
Add = Callable[..., Life]


@pytest.fixture
def life(db: Database, banks: Banks, clock: Clock) -> Add:
    """Add a person with a credential in CT, earned on 1 June 2018 unless another day is given."""

    def add(name: str = "dana", **given: Any) -> Life:
        return Life(db, banks, clock, add_someone(db, f"{name}@test.example", clock=clock, **given))

    return add


def days(begin: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
    return [begin + dt.timedelta(days=number) for number in range((end - begin).days + 1)]


def test_run_daily_through_a_whole_period_it_tells_each_thing_on_its_day(db: Database, banks: Banks, life: Add) -> None:
    dana = life()
    told: list[tuple[dt.date, str]] = []
    for stretch in (
        days(noon(2025, 3, 1), noon(2025, 6, 3)),
        days(noon(2027, 6, 1), noon(2027, 6, 3)),
        days(noon(2027, 12, 3), noon(2027, 12, 5)),
        days(noon(2028, 3, 2), noon(2028, 3, 4)),
        days(noon(2028, 5, 1), noon(2028, 6, 4)),
    ):
        for now in stretch:
            before = len(dana.told)
            tick(db, banks, now)
            told += [(now.date(), key) for key in dana.told[before:]]
    assert told == [
        (dt.date(2025, 3, 3), "window_opens_soon/1/90"),
        (dt.date(2025, 6, 1), "window_open/1"),
        (dt.date(2027, 6, 2), "due_soon/1/365"),
        (dt.date(2027, 12, 4), "due_soon/1/180"),
        (dt.date(2028, 3, 3), "due_soon/1/90"),
        (dt.date(2028, 5, 2), "due_soon/1/30"),
        (dt.date(2028, 6, 2), "discontinued/1"),
    ]
    assert dana.happened == [("discontinued", 1, dt.date(2028, 6, 2))]
    assert rows_of(db, "mail") == len(told)
    assert audit_of(db, "credential") == [("clock", "discontinue", str(dana.someone.credential_id))]
    assert details(db, keys(db)[5]) == {
        "discipline": "CT", "due_on": "2028-06-01", "submit_by": "2028-05-18", "days": 30,
    }  # fmt: skip


def test_a_deadline_is_over_when_its_day_is_over_in_chicago(db: Database, banks: Banks, life: Add) -> None:
    dana = life()
    last = dt.datetime(2028, 6, 2, 5, tzinfo=dt.UTC) - dt.timedelta.resolution
    assert (tick(db, banks, last).discontinued, dana.happened) == (0, [])
    assert (tick(db, banks, last + dt.timedelta.resolution).discontinued, len(dana.happened)) == (1, 1)


def test_run_twice_it_does_nothing_the_second_time(db: Database, banks: Banks, life: Add) -> None:
    first, other = life("first"), life("other", earned_on=dt.date(2018, 4, 1))
    for now in (YEAR_BEFORE, HALF_BEFORE, OVER):
        done = tick(db, banks, now)
        assert done.told.total() + done.discontinued > 0
        state = (keys(db), first.happened, other.happened, rows_of(db, "audit"), rows_of(db, "mail"))
        assert tick(db, banks, now) == actions.Ticked()
        assert tick(db, banks, now + dt.timedelta(hours=5)) == actions.Ticked()
        assert (keys(db), first.happened, other.happened, rows_of(db, "audit"), rows_of(db, "mail")) == state


def test_run_late_by_a_month_it_tells_the_nearest_reminder_alone_and_each_kind_once(
    db: Database, banks: Banks, life: Add
) -> None:
    dana, over = life(), life("over", earned_on=dt.date(2018, 5, 1))
    late = noon(2028, 5, 20)  # 12 days before the end: all four reminders were due while nobody ran it
    done = tick(db, banks, late)
    assert dana.told == ["window_open/1", "due_soon/1/30"]
    assert details(db, keys(db, dana.someone)[1])["days"] == 12
    # The window of the other one ended on 1 May: what would have been told before is past.
    assert (over.told, over.happened) == (["discontinued/1"], [("discontinued", 1, dt.date(2028, 5, 2))])
    assert (done.discontinued, done.told) == (
        1,
        {NoticeKind.WINDOW_OPEN: 1, NoticeKind.DUE_SOON: 1, NoticeKind.DISCONTINUED: 1},
    )


def test_several_credentials_of_one_person_are_told_each_on_its_own_dates(
    db: Database, banks: Banks, life: Add
) -> None:
    dana = life()
    with db.write() as connection:
        for discipline, earned_on in (("RAD", dt.date(2010, 5, 4)), ("MRI", dt.date(2019, 12, 31))):
            rows.insert_credential(connection, person_id=dana.someone.id, discipline=discipline, earned_on=earned_on)
    tick(db, banks, noon(2026, 11, 26))
    assert [(key.split("/")[0], details(db, key)["discipline"]) for key in keys(db)] == [
        ("window_open", "CT"),
        ("window_opens_soon", "MRI"),
    ]


def test_who_is_complete_or_settled_elsewhere_is_left_in_peace(db: Database, banks: Banks, life: Add) -> None:
    dana = life()
    dana.finish()
    dana.profile()
    assert dana.settle() is not None
    told = dana.told
    with db.write() as connection:
        rows.insert_credential(
            connection, person_id=dana.someone.id, discipline="MRI", earned_on=dt.date(2012, 3, 1),
            recorded_on=dt.date(2026, 11, 26),
        )  # fmt: skip
    for now in (YEAR_BEFORE, noon(2028, 5, 20), OVER):
        assert tick(db, banks, now) == actions.Ticked()
    assert dana.told == told == ["complete/1"]


def test_a_batch_that_is_killed_leaves_nothing_and_the_next_run_finishes(
    db: Database, banks: Banks, life: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [life(f"p{number}") for number in range(7)]
    monkeypatch.setattr(actions, "BATCH", 3)
    calls: list[str] = []

    def tell_until_killed(*arguments: Any, **given: Any) -> bool:
        calls.append(given["key"])
        if len(calls) == 5:  # the second one of the second batch
            raise RuntimeError("the power went")
        return tell(*arguments, **given)

    with monkeypatch.context() as patch:
        patch.setattr(actions, "tell", tell_until_killed)
        with pytest.raises(RuntimeError, match="the power went"):
            tick(db, banks, OVER)
    assert [len(one.told) for one in people] == [1, 1, 1, 0, 0, 0, 0]
    assert [len(one.happened) for one in people] == [1, 1, 1, 0, 0, 0, 0]
    assert rows_of(db, "audit") == rows_of(db, "mail") + 3 == 6  # beside the three policies that were published
    assert tick(db, banks, OVER).discontinued == 4
    assert [one.told for one in people] == [["discontinued/1"]] * 7
    assert [len(one.happened) for one in people] == [1] * 7
    assert (rows_of(db, "cycle_events"), rows_of(db, "mail"), tick(db, banks, OVER)) == (7, 7, actions.Ticked())


def test_several_at_once_tell_and_note_each_thing_once(db: Database, banks: Banks, life: Add) -> None:
    people = [life(f"p{number}") for number in range(5)]
    waiting = people[0].finish({AREAS[0]: 2.0}, State.SUBMITTED)
    total = actions.Ticked()
    for now in (noon(2025, 4, 1), YEAR_BEFORE, OVER):
        for done in at_once(actions.tick, db, banks, who="clock", now=now):
            assert isinstance(done, actions.Ticked), done
            total.told += done.told
            total.discontinued += done.discontinued
            total.released += done.released
    each = ["window_opens_soon/1/90", "window_open/1", "due_soon/1/365", "discontinued/1"]
    begun = [key for key in each if key != "window_open/1"]  # who has begun knows that the window is open
    assert [[key for key in one.told if "result" not in key] for one in people] == [begun, *[each] * 4]
    assert [one.happened for one in people] == [[("discontinued", 1, dt.date(2028, 6, 2))]] * 5
    assert [key for key in people[0].told if "result" in key] == [f"result_released/1/{waiting}"]
    assert (total.told.total(), total.discontinued, total.released) == (19, 5, 1)
    assert rows_of(db, "mail") == 20


def test_it_reads_in_sets_however_many_credentials_there_are(db: Database, banks: Banks, life: Add) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    def quiet(now: dt.datetime) -> int:
        tick(db, banks, now)
        statements.clear()
        sa.event.listen(db.engine, "before_cursor_execute", note)
        assert tick(db, banks, now) == actions.Ticked()
        sa.event.remove(db.engine, "before_cursor_execute", note)
        return len(statements)

    life("first")
    few = quiet(YEAR_BEFORE)
    for number in range(12):
        someone = life(f"p{number}")
        if number % 2:
            someone.finish({AREAS[0]: 1.0})
    assert quiet(YEAR_BEFORE) == few


def test_results_are_released_told_and_complete_a_cycle_in_which_nothing_is_prescribed(
    db: Database, banks: Banks, life: Add
) -> None:
    easy, more, bare = life("easy"), life("more"), life("bare")
    for one in (easy, more):
        one.profile()
    found = [easy.finish(state=State.SUBMITTED), more.finish({AREAS[0]: 2.5}, State.SUBMITTED)]
    found.append(bare.finish(state=State.SUBMITTED))
    now = noon(2027, 3, 20)
    assert tick(db, banks, now).released == 3
    assert easy.told == [f"result_released/1/{found[0]}", "complete/1"]
    assert more.told == [f"result_released/1/{found[1]}"], "who has begun knows that the window is open"
    assert bare.told == [f"result_released/1/{found[2]}"]
    assert (easy.happened, more.happened, bare.happened) == ([("completed", 1, dt.date(2027, 3, 14))], [], [])
    key = f"result_released/{more.someone.credential_id}/1/{found[1]}"
    assert details(db, key) == {"discipline": "CT", "credits": 2.5, "submit_by": "2028-05-18", "is_over": False}
    assert tick(db, banks, now) == actions.Ticked()


def test_a_cycle_that_was_complete_before_this_was_noted_is_noted_by_the_next_run(
    db: Database, banks: Banks, life: Add
) -> None:
    older, partly, unprofiled = life("older"), life("partly"), life("unprofiled")
    for one in (older, partly):
        one.profile()
    attempts = [one.finish({AREAS[0]: 2.0, AREAS[1]: 1.0}) for one in (older, partly)]
    unprofiled.finish()
    older.earn(attempts[0], {AREAS[0]: 2.5, AREAS[1]: 1.0})
    partly.earn(attempts[1], {AREAS[0]: 3.0})
    assert tick(db, banks, YEAR_BEFORE).completed == 1
    assert older.happened == [("completed", 1, dt.date(2027, 3, 14))], "on the day it was, whenever it is noted"
    assert older.told == ["complete/1"]
    assert (partly.happened, unprofiled.happened) == ([], [])
    assert tick(db, banks, YEAR_BEFORE) == actions.Ticked()


def test_a_credential_whose_discipline_is_no_longer_content_is_left_alone(
    db: Database, banks: Banks, clock: Clock
) -> None:
    someone: Someone = add_someone(db, "old@test.example", clock=clock, discipline="OLD")
    assert tick(db, banks, OVER) == actions.Ticked()
    assert keys(db, someone) == []


def test_claims_and_results_past_their_promised_day_are_counted_until_they_are_seen_to(
    db: Database, banks: Banks, life: Add, clock: Clock
) -> None:
    """The claim is promised by 28 March, 14 days after 14 March; the result of the same day as well."""
    claimed = Claimed(db, banks, clock)
    claim_id = claimed.claim("ana", distribution={AREAS[0]: 1.0})
    slow = banks.library.specs["CT"].sample_policy.model_copy(update={"release_after_days": 400})
    publish(db, banks.library.specs["CT"], slow, expected_version=1, reason="Slow", who="test", now=clock())
    dana = life()
    dana.finish(state=State.SUBMITTED)
    with db.write() as connection:
        connection.execute(sa.text("UPDATE results SET policy_version = 2"))

    def overdue(now: dt.datetime) -> tuple[int, int]:
        done = tick(db, banks, now)
        return done.overdue_reviews, done.overdue_results

    assert overdue(noon(2027, 3, 28)) == (0, 0)
    assert overdue(noon(2027, 3, 29)) == (1, 1)
    claim_reviews.reject(db, banks, claim_id, 1, reason="Not read", who="staff", now=noon(2027, 3, 29))
    assert overdue(noon(2027, 3, 30)) == (0, 1)
