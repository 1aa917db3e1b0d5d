"""The profile through the actions: saved as one goes, finished once, two windows, and who may see whose."""

from __future__ import annotations

import datetime as dt
import json
import threading

import pytest
import sqlalchemy as sa

from ssa_engine.actions import profiles as actions
from ssa_engine.content.library import Library
from ssa_engine.core.cycles import CycleEvent
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.profiles import Distribution
from ssa_engine.storage import cycles, profiles
from ssa_engine.storage.db import Database
from ssa_engine.storage.process_tables import profiles as profile_table
from ssa_engine.storage.tables import audit
from tests.actions.filling import Filling, library_with_profile
from tests.core.surveys import NEVER, OFTEN, SMALL, SOMETIMES
from tests.factories import START, Clock, Someone, add_someone
from tests.web.walk import snapshot

DONE = "Your profile of this period is finished and is not changed any more."


@pytest.fixture
def small(library: Library) -> Library:
    """A library whose CT profile has five activities, and shows others from two on."""
    return library_with_profile(library, SMALL, least_peers=2)


@pytest.fixture
def filling(db: Database, small: Library, clock: Clock, candidate: Someone) -> Filling:
    """A profile that is not begun."""
    return Filling(db, small, clock, candidate)


def another(filling: Filling, name: str, **how: object) -> Filling:
    """Return the profile of somebody else."""
    someone = add_someone(filling.db, f"{name}@test.example", clock=filling.clock, **how)  # type: ignore[arg-type]
    return Filling(filling.db, filling.library, filling.clock, someone)


def row_of(filling: Filling) -> tuple[object, ...]:
    """Return cycle, discipline, began, finished, breadth, depth as stored."""
    columns = ("cycle", "discipline", "started_at", "completed_at", "breadth", "depth")
    with filling.db.read() as connection:
        query = sa.select(*(profile_table.c[name] for name in columns))
        return tuple(
            connection.execute(query.where(profile_table.c.credential_id == filling.someone.credential_id)).one()
        )


def test_the_first_choice_begins_a_profile_and_finishing_keeps_breadth_and_depth(filling: Filling) -> None:
    assert (filling.standing.profile, filling.standing.resume_at) == (None, 1)
    filling.save(1, {"a1": SOMETIMES})
    assert row_of(filling) == (1, "CT", START, None, None, None)
    filling.clock.advance(minutes=5)
    filling.save(1, {"a1": SOMETIMES, "a2": OFTEN, "b1": NEVER})
    assert filling.standing.resume_at == 2
    filling.save(2, {"b2": OFTEN, "a3": OFTEN})
    assert filling.standing.resume_at is None
    filling.clock.advance(minutes=5)
    filling.finish()
    # a1, a2, a3 and b2 are performed; a2, a3 and b2 often.
    assert row_of(filling) == (1, "CT", START, START + dt.timedelta(minutes=10), 4, 3)
    with filling.db.read() as connection:
        credential = filling.someone.credential_id
        assert [profiles.is_done(connection, credential, cycle) for cycle in (1, 2)] == [True, False]


def test_the_audit_trail_says_that_it_was_finished_and_nothing_of_what_was_chosen(filling: Filling) -> None:
    filling.complete(lambda one: OFTEN)
    with filling.db.read() as connection:
        found = connection.execute(audit.select().where(audit.c.noun == "profile")).all()
    assert [(row.who, row.verb, json.loads(row.detail), row.at) for row in found] == [
        ("candidate@test.example", "complete", {}, START)
    ]


def test_gaps_may_stay_on_a_screen_and_not_at_the_end(filling: Filling) -> None:
    with pytest.raises(Invalid, match=r"^5 clinical activities are not answered yet\. Answer them, then finish"):
        filling.finish()
    filling.save(1, {"a1": OFTEN, "a2": OFTEN})
    filling.save(2, {"a3": OFTEN, "b2": OFTEN})
    with pytest.raises(
        Invalid, match=r"^1 clinical activity is not answered yet\. Answer it, then finish your profile\.$"
    ):
        filling.finish()
    assert row_of(filling)[3:] == (None, None, None)
    filling.save(1, {"b1": NEVER})
    filling.finish()
    assert row_of(filling)[4:] == (4, 4)


def test_a_screen_sent_again_changes_nothing_and_neither_does_finishing_again(filling: Filling) -> None:
    filling.save(1, {"a1": OFTEN, "a2": NEVER}, {})
    before = snapshot(filling.db)
    filling.clock.advance(minutes=1)
    assert filling.save(1, {"a1": OFTEN, "a2": NEVER}, {}) == ()
    assert snapshot(filling.db) == before
    filling.complete(lambda one: SOMETIMES)
    before = snapshot(filling.db)
    filling.clock.advance(minutes=1)
    filling.finish()
    assert filling.save(1, {"a1": SOMETIMES}, {}) == ()
    assert snapshot(filling.db) == before


def test_two_windows_change_what_was_chosen_in_each_and_tell_of_what_both_changed(filling: Filling) -> None:
    filling.save(1, {"a1": NEVER, "a2": NEVER, "b1": NEVER})
    shown = filling.answers  # both windows are opened now
    assert filling.save(1, {"a1": OFTEN, "a2": NEVER, "b1": NEVER}, shown) == ()
    assert filling.save(1, {"a1": NEVER, "a2": OFTEN, "b1": NEVER}, shown) == ()
    assert filling.answers == {"a1": OFTEN, "a2": OFTEN, "b1": NEVER}
    assert filling.save(1, {"a1": SOMETIMES, "a2": OFTEN, "b1": SOMETIMES}, shown) == ("a1",)
    assert filling.answers == {"a1": OFTEN, "a2": OFTEN, "b1": SOMETIMES}


def test_a_finished_profile_is_not_changed_any_more(filling: Filling) -> None:
    filling.complete(lambda one: SOMETIMES)
    before = snapshot(filling.db)
    shown: dict[str, object] | None
    for shown in (None, {}):
        with pytest.raises(Conflict) as refused:
            filling.save(1, {"a1": OFTEN}, shown)
        assert str(refused.value) == DONE
    assert snapshot(filling.db) == before


def test_a_screen_takes_its_own_activities_and_steps_of_the_scale_alone(filling: Filling) -> None:
    assert filling.save(1, {"a3": OFTEN, "other": OFTEN}) == ()
    assert filling.standing.profile is None
    with pytest.raises(Invalid):
        filling.save(1, {"a1": 3, "a2": OFTEN})
    for number in (0, 3):
        with pytest.raises(NotFound, match=r"^The profile has no screen with that number\."):
            filling.save(number, {"a1": OFTEN})
    assert filling.standing.profile is None


def test_nothing_is_saved_before_the_window_opens_or_after_the_cycle_is_complete(filling: Filling) -> None:
    early = another(filling, "early", earned_on=dt.date(2022, 9, 30))
    with pytest.raises(
        Conflict, match=r"^The window for this credential opens on 30 September 2029\. Come back then\.$"
    ):
        early.save(1, {"a1": OFTEN})
    with pytest.raises(Conflict, match="The window for this credential opens"):
        early.finish()
    with filling.db.write() as connection:
        cycles.insert_event(
            connection,
            credential_id=filling.someone.credential_id,
            cycle=1,
            kind=CycleEvent.COMPLETED,
            on=START.date(),
            at=START,
        )
    with pytest.raises(Conflict, match=r"^CQR of this period is complete for this credential"):
        filling.save(1, {"a1": OFTEN})


def test_a_discontinued_credential_is_worked_on_in_the_cycle_that_was_missed(filling: Filling) -> None:
    filling.clock.at = dt.datetime(2028, 6, 2, 12, tzinfo=dt.UTC)  # the day after the cycle was due
    filling.complete(lambda one: OFTEN)
    assert row_of(filling)[0] == 1


def test_days_are_those_of_the_programme(filling: Filling) -> None:
    # Earned on 14 March 2020: the window opens on 14 March 2027, in Chicago 6 hours after it does in UTC (5 in summer).
    opening = another(filling, "opening", earned_on=dt.date(2020, 3, 14))
    filling.clock.at = dt.datetime(2027, 3, 14, 5, 59, tzinfo=dt.UTC)
    with pytest.raises(Conflict, match="opens on 14 March 2027"):
        opening.save(1, {"a1": OFTEN})
    filling.clock.advance(minutes=1)
    assert opening.save(1, {"a1": OFTEN}) == ()


def test_nobody_sees_or_fills_the_profile_of_another(filling: Filling) -> None:
    stranger = another(filling, "stranger")
    filling.save(1, {"a1": OFTEN})
    theirs = Filling(
        filling.db,
        filling.library,
        filling.clock,
        Someone(stranger.someone.id, stranger.someone.email, filling.someone.credential_id),
    )
    before = snapshot(filling.db)
    for step in (lambda: theirs.standing, lambda: theirs.save(1, {"a1": NEVER}, {}), theirs.finish):
        with pytest.raises(NotFound, match=r"^There is no such credential of yours\."):
            step()
    assert snapshot(filling.db) == before


def test_without_a_profile_or_a_time_limit_there_is_none(filling: Filling, library: Library) -> None:
    unlimited = another(filling, "unlimited", earned_on=dt.date(2005, 5, 5))
    with pytest.raises(Conflict, match="This credential has no time limit"):
        _ = unlimited.standing
    filling.library = library_with_profile(library, None)
    with pytest.raises(NotFound, match=r"^There is no professional profile in Computed Tomography\.$"):
        _ = filling.standing


def test_others_are_shown_from_enough_of_them_on_with_oneself_left_out(filling: Filling) -> None:
    def others() -> actions.Others | None:
        with filling.db.read() as connection:
            return actions.others(connection, filling.standing)

    filling.complete(lambda one: OFTEN)
    another(filling, "first").complete(lambda one: OFTEN if one.area == "y" else SOMETIMES)
    assert others() is None
    another(filling, "second").complete(lambda one: SOMETIMES if one.id == "a1" else NEVER)
    another(filling, "unfinished").fill(lambda one: OFTEN)
    # The first performs all 5, 2 of them often; the second 1, none often. Of x 3 and 1, 2 on average; of y 2 and 0, 1.
    assert others() == actions.Others(
        breadth=Distribution(((0, 0, 0), (1, 1, 1), (2, 2, 0), (3, 3, 0), (4, 4, 0), (5, 5, 1)), 2, (1, 5)),
        depth=Distribution(((0, 0, 1), (1, 1, 0), (2, 2, 1), (3, 3, 0), (4, 4, 0), (5, 5, 0)), 2, (0, 2)),
        usual={"x": 2.0, "y": 1.0},
    )


@pytest.mark.parametrize("database_url", ["postgresql", "sqlite"], indirect=True)
def test_windows_that_save_and_finish_at_once_lose_nothing_and_finish_once(filling: Filling) -> None:
    filling.fill(lambda one: NEVER)
    shown, barrier, refused = filling.answers, threading.Barrier(6), []

    def work(turn: int) -> None:
        barrier.wait()
        try:
            if turn % 2:
                filling.finish()
            else:
                filling.save(1, {**shown, ("a1", "a2", "b1")[turn // 2]: OFTEN}, shown)
        except Conflict as error:
            refused.append((turn, str(error)))

    threads = [threading.Thread(target=work, args=(turn,)) for turn in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {text for _, text in refused} <= {DONE}
    late = {("a1", "a2", "b1")[turn // 2] for turn, _ in refused}
    kept = {name for name in ("a1", "a2", "b1") if filling.answers[name] == OFTEN}
    assert kept | late == {"a1", "a2", "b1"}
    assert kept & late == set()
    assert row_of(filling)[4:] == (len(kept), len(kept))
    with filling.db.read() as connection:
        assert len(connection.execute(audit.select().where(audit.c.noun == "profile")).all()) == 1
