"""What a session keeps of an attempt: a person's decision stays, whatever is reverted later."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from ssa_engine.actions import increases, rescoring_notes, rescoring_runs
from ssa_engine.core.rescorings import Rescoring
from ssa_engine.storage.console_tables import rescored_attempts
from ssa_engine.storage.db import Database
from tests.actions.rescoring_cohort import Cohort, answers_of, cohort_in
from tests.factories import Clock


@pytest.fixture
def cohort(db: Database, clock: Clock) -> Cohort:
    """A cohort of nobody."""
    return cohort_in(db, clock)


def test_what_a_person_decided_stays_on_record_when_sessions_are_reverted(cohort: Cohort) -> None:
    declined, accepted, undecided = (cohort.sit(answers_of({"a": 3, "b": 3})) for _ in range(3))
    first = cohort.apply(("a-0", "key", "b"))  # a credit more in a for each of the three
    decided: dict[str, Any] = {"who": "nora", "now": cohort.clock()}
    increases.decline(cohort.db, cohort.banks, first.id, attempts=[declined], reason="no", **decided)
    increases.accept(cohort.db, cohort.banks, first.id, attempts=[accepted], **decided)
    cohort.clock.advance(days=1)
    second = cohort.apply(("b-0", "key", "b"))  # and one in b

    def noted(session: Rescoring) -> list[tuple[object, ...]]:
        shown = [rescored_attempts.c[name] for name in ("decision", "decided_by", "decided_at", "decision_reason")]
        query = sa.select(*shown).where(rescored_attempts.c.rescoring_id == session.id)
        with cohort.db.read() as connection:
            return [tuple(row) for row in connection.execute(query.order_by(rescored_attempts.c.attempt_id))]

    by_person = [("declined", "nora", decided["now"], "no"), ("accepted", "nora", decided["now"], "")]
    waits = ("waiting", "", None, "")
    assert noted(first)[:2] == by_person
    cohort.clock.advance(days=1)
    cohort.revert(first)  # what is left in b waits where nobody has decided
    assert noted(first) == [*by_person, waits]
    assert noted(second)[:2] == [waits, waits]
    assert [cohort.credits(one) for one in (declined, accepted, undecided)] == [{"a": 0, "b": 0}] * 3
    cohort.clock.advance(days=1)
    cohort.revert(second)
    lapsed = ("declined", "ingrid", cohort.clock())
    assert noted(first) == [*by_person, (*lapsed, rescoring_runs.LAPSED)]
    assert noted(second)[:2] == [(*lapsed, rescoring_notes.REVERTED)] * 2
