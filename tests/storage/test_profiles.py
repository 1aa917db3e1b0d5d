"""Rows of profiles: which of several counts, whose is left out, and what may leave the system."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy.exc import IntegrityError

from ssa_engine.content.library import Library
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.storage import profiles
from ssa_engine.storage.db import Database
from tests.actions.filling import library_with_profile
from tests.core.surveys import NEVER, OFTEN, SMALL, SOMETIMES
from tests.factories import START, Clock, add_someone


@dataclass
class Rows:
    """Profiles of many people, written row by row."""

    db: Database
    clock: Clock
    people: int = 0

    def somebody(self, discipline: str = "CT") -> int:
        """Add a person; return the credential."""
        self.people += 1
        email = f"p{self.people}@test.example"
        return add_someone(self.db, email, clock=self.clock, discipline=discipline).credential_id

    def profile(
        self, credential_id: int, answers: dict[str, int], *, cycle: int = 1, done: bool = True, discipline: str = "CT"
    ) -> None:
        """Write a profile; breadth is the sum of the values and depth their number, so that each tells whose it is."""
        with self.db.write() as connection:
            profile_id = profiles.insert(
                connection, credential_id=credential_id, cycle=cycle, discipline=discipline, at=START
            )
            profiles.save_answers(connection, profile_id, answers, START)
            if done:
                profiles.complete(connection, profile_id, breadth=sum(answers.values()), depth=len(answers), at=START)


@pytest.fixture
def rows(db: Database, clock: Clock) -> Rows:
    """An empty database to write to."""
    return Rows(db, clock)


@pytest.fixture
def spec(library: Library) -> ContentSpec:
    """CT with the small profile, hiding counts of fewer than 3."""
    return library_with_profile(library, SMALL, least_peers=3).spec("CT")


def test_the_latest_finished_profile_of_each_other_counts(rows: Rows) -> None:
    own, other, unfinished, elsewhere = (rows.somebody() for _ in range(4))
    radiographer = rows.somebody("RAD")
    rows.profile(own, {"a1": 9})
    rows.profile(other, {"a1": 1})
    rows.profile(other, {"a1": 2, "a2": 3}, cycle=2)
    rows.profile(other, {"a1": 4}, cycle=3, done=False)
    rows.profile(unfinished, {"a1": 5}, done=False)
    rows.profile(elsewhere, {"a1": 3, "a2": 3, "b1": 3})
    rows.profile(radiographer, {"a1": 6}, discipline="RAD")
    with rows.db.read() as connection:
        assert profiles.others(connection, "CT", own) == ([5, 9], [2, 3])
        assert profiles.counts(connection, "CT", own) == {"a1": {2: 1, 3: 1}, "a2": {3: 2}, "b1": {3: 1}}
        assert profiles.counts(connection, "CT") == {"a1": {2: 1, 3: 1, 9: 1}, "a2": {3: 2}, "b1": {3: 1}}
        assert profiles.others(connection, "MRI", own) == ([], [])
        assert profiles.done_of_many(connection, [own, other, unfinished]) == {(own, 1), (other, 1), (other, 2)}
        assert profiles.done_of_many(connection, []) == set()


def test_answers_are_replaced_one_by_one(rows: Rows) -> None:
    own = rows.somebody()
    rows.profile(own, {"a1": 1, "a2": 2}, done=False)
    with rows.db.write() as connection:
        found = profiles.of_cycle(connection, own, 1)
        assert found is not None
        rows.clock.advance(minutes=1)
        profiles.save_answers(connection, found.id, {"a2": 0, "b1": 1}, rows.clock())
        profiles.save_answers(connection, found.id, {}, rows.clock())
    with rows.db.read() as connection:
        found = profiles.of_cycle(connection, own, 1)
        assert profiles.of_cycle(connection, own, 2) is None
    assert found is not None
    assert (found.answers, found.saved_at) == ({"a1": 1, "a2": 0, "b1": 1}, rows.clock())


def test_a_cycle_has_one_profile(rows: Rows) -> None:
    own = rows.somebody()
    rows.profile(own, {"a1": 1})
    with pytest.raises(IntegrityError):
        rows.profile(own, {"a1": 2})


def test_what_may_leave_the_system_has_no_small_count(rows: Rows, spec: ContentSpec) -> None:
    # Seven people. a1: 4 often, 3 never. a2: 1 sometimes, 6 often. a3: all often. b1: 3, 2 and 2. b2: 4, 3 and 0.
    chosen = {
        "a1": [OFTEN] * 4 + [NEVER] * 3,
        "a2": [SOMETIMES] + [OFTEN] * 6,
        "a3": [OFTEN] * 7,
        "b1": [NEVER] * 3 + [SOMETIMES] * 2 + [OFTEN] * 2,
        "b2": [SOMETIMES] * 3 + [OFTEN] * 4,
    }
    for turn in range(7):
        rows.profile(rows.somebody(), {name: steps[turn] for name, steps in chosen.items()})
    with rows.db.read() as connection:
        found = profiles.aggregate(connection, spec)
        none = profiles.aggregate(connection, spec.model_copy(update={"profile": None}))
    assert list(found) == ["a1", "a2", "b1", "b2", "a3"]  # in the order of the screens
    assert {name: list(counts.values()) for name, counts in found.items()} == {
        "a1": [None, None, 4],  # nobody chose "sometimes", which the sum of a row would tell: 3 more are hidden
        "a2": [None, None, None],  # 0 and 1 are too few, and so is their sum
        "b1": [3, None, None],
        "b2": [None, None, 4],
        "a3": [None, None, None],
    }
    assert none == {}


def test_where_nobody_has_finished_everything_is_hidden(rows: Rows, spec: ContentSpec) -> None:
    with rows.db.read() as connection:
        found = profiles.aggregate(connection, spec)
    assert {tuple(counts.values()) for counts in found.values()} == {(None, None, None)}
