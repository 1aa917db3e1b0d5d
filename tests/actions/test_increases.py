"""Increases: what was declined stays declined, what lapsed waits again, every decision is written about truly."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from ssa_engine.actions import increases
from ssa_engine.core.attempts import State
from ssa_engine.core.rescorings import Rescoring
from ssa_engine.storage import attempts
from ssa_engine.storage.console_tables import notices, rescored_attempts
from ssa_engine.storage.db import Database
from tests.actions.rescoring_cohort import Cohort, answers_of, cohort_in
from tests.factories import Clock


@pytest.fixture
def cohort(db: Database, clock: Clock) -> Cohort:
    """A cohort of nobody."""
    return cohort_in(db, clock)


def letters(cohort: Cohort, attempt: int) -> list[tuple[str, dict[str, Any]]]:
    """Event and details of what was written about an attempt, in order."""
    with cohort.db.read() as connection:
        rows = connection.execute(sa.select(notices).order_by(notices.c.id)).all()
    return [(row.kind.removeprefix("rescoring_"), json.loads(row.details)) for row in rows if row.attempt_id == attempt]


def waiting(cohort: Cohort, session: Rescoring) -> list[tuple[str, float, float]]:
    """Area, credits now and if accepted, of what waits in a session."""
    with cohort.db.read() as connection:
        found = increases.waiting(connection, session.id, cohort.clock())
    return [tuple(row) for row in found[["content_area", "credits", "credits_if_accepted"]].to_numpy().tolist()]


def decline(cohort: Cohort, session: Rescoring) -> int:
    """Decline what waits."""
    by: dict[str, Any] = {"who": "ingrid", "now": cohort.clock()}
    return increases.decline(cohort.db, cohort.banks, session.id, attempts=None, reason="too late", **by)


def accept(cohort: Cohort, session: Rescoring) -> int:
    """Accept what waits."""
    return increases.accept(cohort.db, cohort.banks, session.id, attempts=None, who="ingrid", now=cohort.clock())


def test_a_pilot_question_scores_nobody_again(cohort: Cohort) -> None:
    attempt = cohort.sit(answers_of({"a": 3, "b": 3}))
    decline(cohort, cohort.apply(("a-0", "key", "b")))
    session = cohort.apply(("b-4", "full_credit", ""), ("a-4", "full_credit", ""))
    assert len(cohort.versions(attempt)) == 2
    assert waiting(cohort, session) == []


def test_what_was_declined_does_not_come_back_through_another_session(cohort: Cohort) -> None:
    attempt = cohort.sit(answers_of({"a": 3, "b": 3}))
    decline(cohort, cohort.apply(("a-0", "key", "b")))  # 2 of 4, 1 short: a credit, declined
    second = cohort.apply(("b-0", "key", "b"))
    assert waiting(cohort, second) == [("b", 0.0, 1.0)]
    assert accept(cohort, second) == 1
    assert cohort.credits(attempt) == {"a": 0, "b": 1}
    # 1 of 4 is 2 short: of two credits one was declined. Then 0 of 4: of three, one was declined and one accepted.
    third = cohort.apply(("a-1", "key", "a"))
    assert waiting(cohort, third) == [("a", 0.0, 1.0)]
    assert accept(cohort, third) == 1
    assert cohort.credits(attempt) == {"a": 1, "b": 1}
    fourth = cohort.apply(("a-2", "key", "a"))
    assert waiting(cohort, fourth) == [("a", 1.0, 2.0)]
    decline(cohort, fourth)
    # Without the second session b asks for nothing again; a stays at what was accepted.
    cohort.revert(second)
    assert cohort.credits(attempt) == {"a": 1, "b": 0}
    assert waiting(cohort, second) == []


def test_an_offer_that_lapsed_waits_again_in_the_session_that_took_its_place(cohort: Cohort) -> None:
    cohort.sit(answers_of({"a": 3, "b": 3}))
    first = cohort.apply(("a-0", "key", "b"))
    second = cohort.apply(("b-0", "key", "b"))
    assert waiting(cohort, first) == []
    assert waiting(cohort, second) == [("a", 0.0, 1.0), ("b", 0.0, 1.0)]


def test_the_total_limit_is_no_decline(db: Database, clock: Clock) -> None:
    cohort = cohort_in(db, clock, total_cap=3)
    attempt = cohort.sit(answers_of({"a": 0, "b": 3}))
    # b comes to 1 of 4, so to 2 credits, of which the limit of 3 leaves none; a offers nothing more.
    assert waiting(cohort, cohort.apply(("b-0", "key", "b"), ("b-1", "key", "a"))) == []
    # With two right in a, that asks for 1, so 2 are left for b.
    session = cohort.apply(("a-0", "full_credit", ""), ("a-1", "full_credit", ""))
    assert cohort.credits(attempt) == {"a": 1, "b": 0}
    assert waiting(cohort, session) == [("b", 0.0, 2.0)]


def test_an_offer_of_another_session_goes_on_there_and_its_decision_is_written_about_too(cohort: Cohort) -> None:
    attempt = cohort.sit(answers_of({"a": 3, "b": 3}))
    first = cohort.apply(("a-0", "key", "b"))
    assert accept(cohort, first) == 1
    second = cohort.apply(("b-0", "key", "b"))
    cohort.revert(first)
    assert (waiting(cohort, first), waiting(cohort, second)) == ([], [("b", 0.0, 1.0)])
    assert accept(cohort, second) == 1
    assert [event for event, _ in letters(cohort, attempt)] == [
        "applied", "accepted", "applied", "reverted", "accepted",
    ]  # fmt: skip
    assert cohort.credits(attempt) == {"a": 0, "b": 1}


def test_an_increase_that_the_reverted_session_hid_waits_in_the_session_that_asks_for_it(cohort: Cohort) -> None:
    cohort.sit(answers_of({"a": 3, "b": 3}))
    first = cohort.apply(("a-0", "key", "b"), ("b-3", "full_credit", ""))
    decline(cohort, first)
    second = cohort.apply(("b-0", "key", "b"))  # 3 of 4 with the full credit, 2 of 4 without it
    assert waiting(cohort, second) == []
    cohort.revert(first)
    assert (waiting(cohort, first), waiting(cohort, second)) == ([], [("b", 0.0, 1.0)])


def test_a_decline_noted_without_its_result_does_not_hide_the_offer_either(cohort: Cohort) -> None:
    cohort.sit(answers_of({"a": 3, "b": 3}))
    first = cohort.apply(("a-0", "key", "b"))
    decline(cohort, first)
    with cohort.db.write() as connection:
        connection.execute(rescored_attempts.update().values(increase_result_id=None))
    second = cohort.apply(("b-0", "key", "b"))
    assert waiting(cohort, second) == [("b", 0.0, 1.0)]
    cohort.clock.advance(days=1)
    cohort.revert(first)
    assert waiting(cohort, second) == [("b", 0.0, 1.0)]


def test_only_what_was_declined_of_the_result_then_present_stays_declined(cohort: Cohort) -> None:
    attempt = cohort.sit(answers_of({"a": 3, "b": 3}))
    first = cohort.apply(("a-0", "key", "b"))
    decline(cohort, first)
    second = cohort.apply(("a-1", "key", "a"))  # 2 short, of which one credit was declined
    assert waiting(cohort, second) == [("a", 0.0, 1.0)]
    cohort.revert(first)  # 1 short by the second session alone
    assert waiting(cohort, second) == [("a", 0.0, 1.0)]
    decline(cohort, second)
    third = cohort.apply(("b-0", "key", "b"))
    assert waiting(cohort, third) == [("b", 0.0, 1.0)]
    fourth = cohort.apply(("a-2", "key", "a"))  # 2 short again, of which one credit was declined
    assert waiting(cohort, fourth) == [("a", 0.0, 1.0), ("b", 0.0, 1.0)]
    assert cohort.credits(attempt) == {"a": 0, "b": 0}


def test_a_letter_that_nothing_more_is_asked_names_what_was_declined(cohort: Cohort) -> None:
    attempt = cohort.sit(answers_of({"a": 3, "b": 3}))
    decline(cohort, cohort.apply(("a-0", "key", "b")))
    event, details = letters(cohort, attempt)[-1]
    assert (event, details["credits"], details["told_before"]) == ("declined", [0.0, 0.0], True)
    assert [(area["area"], area["points"], area["credits"], area["waiting"]) for area in details["areas"]] == [
        ("a", [2.0, 2.0], [0.0, 0.0], 1.0)
    ]


def test_a_letter_knows_whether_there_was_one_before(cohort: Cohort) -> None:
    told = cohort.sit(answers_of({"a": 0, "b": 3}, a_0="b"))
    released_later = cohort.sit(answers_of({"a": 3, "b": 3}), State.SUBMITTED)
    session = cohort.apply(("a-0", "key", "b"))
    with cohort.db.write() as connection:
        attempts.set_state(connection, released_later, State.RELEASED, released_at=cohort.clock())
    assert accept(cohort, session) == 1
    cohort.revert(session)
    found = [
        [(event, details["told_before"]) for event, details in letters(cohort, one)] for one in (told, released_later)
    ]
    assert found == [
        [("applied", False), ("reverted", True)],
        [("accepted", False), ("reverted", True)],
    ]
    other = cohort.sit(answers_of({"a": 3, "b": 3}), State.SUBMITTED)
    session = cohort.apply(("a-1", "full_credit", ""), ("a-3", "full_credit", ""))
    with cohort.db.write() as connection:
        attempts.set_state(connection, other, State.RELEASED, released_at=cohort.clock())
    cohort.revert(session)
    assert [(event, details["told_before"]) for event, details in letters(cohort, other)] == [("reverted", False)]
