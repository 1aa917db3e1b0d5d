"""The attempts that a rescoring session looks at: their rows are read and locked, and those of nobody else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ssa_engine.core.attempts import State
from ssa_engine.storage import places, rescored_attempts
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import attempts
from tests.actions.rescoring_cohort import Cohort, answers_of, cohort_in
from tests.factories import Clock


@pytest.fixture
def cohort(db: Database, clock: Clock) -> Cohort:
    """Two who have submitted, and one in between who has not."""
    found = cohort_in(db, clock)
    for state in (State.RELEASED, State.IN_PROGRESS, State.SUBMITTED):
        found.sit(answers_of({"a": 2, "b": 2}), state)
    return found


def test_only_the_attempts_that_are_named_are_read(cohort: Cohort) -> None:
    with cohort.db.read() as connection:
        answers = rescored_attempts.answers(connection, [1, 3], ["a"])
        areas = rescored_attempts.present_areas(connection, [1, 3], with_first=True)
    assert answers.groupby("attempt_id").size().to_dict() == {1: 5, 3: 5}
    assert areas.groupby("attempt_id").size().to_dict() == {1: 2, 3: 2}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite writes one at a time
def test_who_answers_does_not_wait_for_a_batch_but_who_changes_one_of_its_attempts_does(cohort: Cohort) -> None:
    given = {"token": "x", "answered_at": cohort.clock(), "seconds": 1}
    with cohort.db.write() as batch, cohort.db.write() as other:
        rescored_attempts.lock(batch, [1, 3])
        other.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
        other.execute(sa.select(attempts.c.id).where(attempts.c.id == 2).with_for_update())
        places.append_responses(
            other, [{"attempt_id": one, "item_id": "a-0", "answer": "a", **given} for one in (1, 2)]
        )
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"), other.begin_nested():
            other.execute(sa.select(attempts.c.id).where(attempts.c.id == 3).with_for_update())
