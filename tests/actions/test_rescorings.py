"""Rescoring sessions: sound or told why not, changed by who saw them last; and the keys that they make."""

from __future__ import annotations

from typing import Any

import pytest

from ssa_engine.actions import rescoring_reports, rescoring_runs, rescorings
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.keys import effective_keys
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.rescorings import ItemChange, RescoringState
from ssa_engine.storage.db import Database
from tests.actions.rescoring_cohort import Cohort, answers_of, cohort_in
from tests.actions.sittings import audit_of, begin, submit
from tests.core.banks import bank_of
from tests.factories import Clock, Someone


@pytest.fixture
def cohort(db: Database, clock: Clock) -> Cohort:
    """A cohort of nobody."""
    return cohort_in(db, clock)


def test_later_submissions_are_marked_by_the_changed_keys_and_a_revert_reaches_them(cohort: Cohort) -> None:
    cohort.sit(answers_of({"a": 0, "b": 3}))
    session = cohort.apply(("a-0", "key", "b"))
    with cohort.db.read() as connection:
        keys = effective_keys(connection, cohort.banks, cohort.bank.version)
    assert keys.table.loc["a-0", "key"] == "b"
    assert keys.version != cohort.bank.key_version
    assert len(keys.version) == 16
    cohort.revert(session)
    with cohort.db.read() as connection:
        assert effective_keys(connection, cohort.banks, cohort.bank.version).version == cohort.bank.key_version


def test_a_session_is_sound_or_says_why_not(cohort: Cohort) -> None:
    cohort.sit(answers_of({"a": 0, "b": 3}))
    by: dict[str, Any] = {"who": "ingrid", "now": cohort.clock()}
    empty = cohort.session()
    with pytest.raises(Conflict, match="changes nothing yet"):
        rescoring_runs.apply(cohort.db, cohort.banks, empty.id, **by)
    everything = cohort.session(*((f"a-{number}", "drop", "") for number in range(4)))
    with pytest.raises(Conflict, match="the area a would have no scored item left"):
        rescoring_runs.apply(cohort.db, cohort.banks, everything.id, **by)
    with pytest.raises(NotFound, match="There is no rescoring session 99"):
        rescoring_runs.apply(cohort.db, cohort.banks, 99, **by)
    with pytest.raises(Conflict, match="never applied"):
        rescoring_runs.revert(cohort.db, cohort.banks, empty.id, reason="x", **by)
    for key, sentence in (("e", "does not take the key e"), ("[a]", "does not take the key"), ("", "cannot be read")):
        with pytest.raises(Invalid, match=sentence):
            rescorings.change(cohort.db, cohort.banks, empty.id, item_id="a-0", kind=ItemChange.KEY, key=key, **by)
    with pytest.raises(NotFound, match="an item 'z-9'"):
        rescorings.change(cohort.db, cohort.banks, empty.id, item_id="z-9", kind=ItemChange.DROP, **by)


def test_a_draft_is_changed_by_who_saw_it_last_and_an_applied_one_by_nobody(cohort: Cohort) -> None:
    session = cohort.session(("a-0", "drop", ""))
    by: dict[str, Any] = {"who": "otto", "now": cohort.clock()}
    with pytest.raises(Conflict, match="Somebody changed this session meanwhile"):
        rescorings.leave(cohort.db, session.id, item_id="a-0", expected_revision=session.revision - 1, **by)
    with pytest.raises(Conflict, match="Somebody changed this session meanwhile"):
        rescoring_runs.apply(cohort.db, cohort.banks, session.id, expected_revision=session.revision - 1, **by)
    again = rescorings.leave(cohort.db, session.id, item_id="a-0", expected_revision=session.revision, **by)
    assert again.revision == session.revision + 1
    applied = cohort.apply(("a-0", "drop", ""))
    with pytest.raises(Conflict, match="was applied, so it stays"):
        rescorings.leave(cohort.db, applied.id, item_id="a-0", **by)
    assert audit_of(cohort.db, "rescoring") == [
        ("ingrid", "begin", "1"),
        ("ingrid", "change", "1"),
        ("otto", "leave", "1"),
        ("ingrid", "begin", "2"),
        ("ingrid", "change", "2"),
        ("ingrid", "apply", "2"),
        ("ingrid", "applied", "2"),
    ]


def test_a_bank_that_was_mended_later_is_left_alone(cohort: Cohort) -> None:
    old = cohort.sit(answers_of({"a": 0, "b": 3}, a_0="b"))
    cohort.clock.advance(days=1)
    session = cohort.apply(("a-0", "key", "b"))
    cohort.clock.advance(days=1)
    items = tuple(one.model_copy(update={"stem": f"{one.stem}."}) for one in cohort.bank.items)
    mended = bank_of(cohort.bank.spec, items)
    with cohort.db.write() as connection:
        cohort.banks.store(connection, mended, cohort.clock())
    with cohort.db.read() as connection:
        assert effective_keys(connection, cohort.banks, mended.version).version == mended.key_version
        assert effective_keys(connection, cohort.banks, cohort.bank.version).version != cohort.bank.key_version
    assert len(cohort.versions(old)) == 2
    assert session.state is RescoringState.APPLIED


def test_a_key_that_a_bank_stored_meanwhile_does_not_take_is_refused_when_it_is_applied(cohort: Cohort) -> None:
    cohort.sit(answers_of({"a": 0, "b": 3}))
    session = cohort.session(("a-0", "key", "d"))
    first, *others = cohort.bank.items
    shorter = first.model_copy(update={"options": tuple(one for one in first.options if one.id != "d")})
    with cohort.db.write() as connection:
        cohort.banks.store(connection, bank_of(cohort.bank.spec, [shorter, *others]), cohort.clock())
    sentence = r"^A bank version that is stored does not suit this session\. Item a-0 does not take the key d\."
    with pytest.raises(Conflict, match=sentence):
        rescoring_runs.apply(cohort.db, cohort.banks, session.id, who="ingrid", now=cohort.clock())
    shown = rescoring_reports.overview(cohort.db, cohort.banks, session.id, cohort.clock())
    assert (shown.session.state, shown.consequences) == (RescoringState.DRAFT, None)
    assert shown.hindrance.startswith("A bank version that is stored does not suit this session.")


@pytest.mark.parametrize("later", [("b-0", "key", "c"), ("b-4", "drop", "")])  # one moves their marks, one does not
def test_a_revert_reaches_who_submitted_under_the_session_and_was_rescored_since(
    cohort: Cohort, later: tuple[str, str, str]
) -> None:
    session = cohort.apply(("a-0", "key", "b"))
    cohort.clock.advance(days=1)
    attempt = cohort.sit(answers_of({"a": 3, "b": 3}))
    cohort.apply(later)
    assert cohort.versions(attempt)[-1][2]["a"] == (2, 4, 1, 0)
    cohort.revert(session)
    # By the bank's own key 3 of the 4 are right, which meets the standard.
    assert cohort.versions(attempt)[-1][1] == "revert"
    assert cohort.versions(attempt)[-1][2]["a"] == (3, 4, 0, 0)


def test_a_revert_in_parts_goes_on_behind_those_it_left_as_they_are(cohort: Cohort) -> None:
    same = answers_of({"a": 3, "b": 3}, a_0="c")  # neither key is theirs
    changed = answers_of({"a": 0, "b": 3}, a_0="b")
    attempts = [cohort.sit(one) for one in (same, same, same, changed, same)]
    session = cohort.apply(("a-0", "key", "b"))
    watched: list[tuple[int, int]] = []
    states = [
        rescoring_runs.revert(
            cohort.db, cohort.banks, session.id, reason="x", who="ingrid", now=cohort.clock(), at_most=2,
            watch=lambda done, left: watched.append((done, left)),
        ).state
        for _ in range(3)
    ]  # fmt: skip
    assert states == [RescoringState.REVERTING] * 2 + [RescoringState.REVERTED]
    assert watched == [(2, 5), (2, 3), (1, 1)]
    assert [len(cohort.versions(one)) for one in attempts] == [1, 1, 1, 3, 1]


@pytest.mark.usefixtures("published")
def test_a_submission_is_marked_by_the_keys_in_force_and_a_revert_reaches_it(
    db: Database, banks: Banks, clock: Clock, candidate: Someone
) -> None:
    sitting = begin(db, banks, clock, candidate)
    item = next(sitting.item(n) for n in range(1, 81) if sitting.item(n).status == "active")
    by: dict[str, Any] = {"who": "ingrid", "now": clock()}
    session = rescorings.begin(db, banks, discipline="CT", title="T", reason="R", **by)
    rescorings.change(db, banks, session.id, item_id=item.id, kind=ItemChange.FULL_CREDIT, **by)
    rescoring_runs.apply(db, banks, session.id, **by)
    submit(sitting)
    result = sitting.result
    bank = banks.at(sitting.attempt.bank_version)
    assert result is not None
    assert (result.version, sum(area.correct for area in result.areas)) == (1, 1)
    assert result.key_version != bank.key_version
    rescoring_runs.revert(db, banks, session.id, reason="mistaken", **by)
    again = sitting.result
    assert again is not None
    assert (again.version, sum(area.correct for area in again.areas)) == (2, 0)
    assert again.key_version == bank.key_version
