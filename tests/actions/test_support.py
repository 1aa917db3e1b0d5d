"""What candidate support does: another attempt allowed once and begun once, sign-in freed; each audited."""

from __future__ import annotations

import datetime as dt

import pytest

from ssa_engine.actions import people as signing
from ssa_engine.actions import preparations, support
from ssa_engine.actions.banks import Banks
from ssa_engine.core.attempts import State
from ssa_engine.core.audit_trail import AuditFilter
from ssa_engine.core.errors import Conflict, Invalid, NotAllowed, NotFound
from ssa_engine.core.people import Role
from ssa_engine.storage import attempts, audit, people
from ssa_engine.storage.db import Database
from tests.actions.lives import AREAS, Life
from tests.factories import Clock, Someone


@pytest.fixture
def life(db: Database, banks: Banks, clock: Clock, candidate: Someone, published: None) -> Life:
    """A candidate's credential in CT."""
    return Life(db, banks, clock, candidate)


def allow(life: Life, reason: str = "The sitting was cut short by a fire alarm.") -> int:
    return support.allow_attempt(
        life.db, life.banks, credential_id=life.someone.credential_id, reason=reason, who="staff", now=life.clock()
    )


def noted(db: Database, verb: str) -> list[tuple[str, str, str, object]]:
    with db.read() as connection:
        found = audit.entries(connection, AuditFilter(verb=verb))
    return [(one.who, one.noun, one.noun_id, one.detail) for one in found]


def begin(life: Life) -> int:
    """Go through what comes before the clock, and start it."""
    own = {
        "credential_id": life.someone.credential_id, "person_id": life.someone.id, "who": life.someone.email,
        "now": life.clock(),
    }  # fmt: skip
    preparations.confirm_identity(life.db, life.banks, **own)  # type: ignore[arg-type]
    preparations.answer_agreement(life.db, life.banks, accepts=True, **own)  # type: ignore[arg-type]
    return preparations.start(life.db, life.banks, seed=5, token="t", **own)  # type: ignore[arg-type]


def test_another_attempt_is_begun_once_and_what_was_taken_stays(life: Life) -> None:
    first = life.finish({AREAS[0]: 3.0})
    with pytest.raises(Conflict, match="You have taken the assessment of this period"):
        begin(life)
    assert allow(life) == 2
    second = begin(life)
    with life.db.read() as connection:
        own = attempts.of_credential(connection, life.someone.credential_id)
    assert [(one.id, one.state) for one in own] == [(second, State.IN_PROGRESS), (first, State.RELEASED)]
    assert begin(life) == second
    with life.db.write() as connection:
        attempts.set_state(connection, second, State.SUBMITTED, submitted_at=life.clock())
    with pytest.raises(Conflict, match="You have taken the assessment of this period"):
        begin(life)
    assert allow(life) == 3


def test_it_is_noted_with_its_reason(life: Life) -> None:
    life.finish()
    allow(life, "Fire alarm")
    detail = {"cycle": 1, "number": 2, "reason": "Fire alarm"}
    assert noted(life.db, "allow attempt") == [("staff", "credential", str(life.someone.credential_id), detail)]


def test_another_attempt_is_allowed_only_where_it_makes_sense(life: Life) -> None:
    with pytest.raises(Conflict, match="No attempt was taken in this period yet"):
        allow(life)
    with pytest.raises(Invalid, match="Say why"):
        allow(life, " ")
    running = begin(life)
    with pytest.raises(Conflict, match=f"Attempt {running} is under way"):
        allow(life)
    with life.db.write() as connection:
        attempts.set_state(connection, running, State.SUBMITTED, submitted_at=life.clock())
    allow(life)
    with pytest.raises(Conflict, match="Another attempt is allowed already"):
        allow(life)
    with pytest.raises(NotFound, match="no such credential"):
        support.allow_attempt(life.db, life.banks, credential_id=987654, reason="x", who="staff", now=life.clock())
    assert len(noted(life.db, "allow attempt")) == 1


def test_after_cqr_is_complete_no_attempt_is_allowed(life: Life) -> None:
    life.finish()
    life.profile()
    assert life.settle() is not None
    with pytest.raises(Conflict, match="CQR is complete in this period"):
        allow(life)


def test_the_second_result_counts_for_the_cycle(life: Life) -> None:
    life.finish({AREAS[0]: 3.0})
    life.profile()
    assert life.settle() is None
    life.finish(number=2)
    assert life.settle() is not None


def test_who_tried_too_often_can_sign_in_at_once(db: Database, clock: Clock) -> None:
    person_id = signing.add(
        db,
        email="ann@x.example",
        name="Ann",
        password="a long password",
        roles=[Role.CANDIDATE],
        who="test",
        now=clock(),
    )

    def enter(password: str) -> None:
        signing.sign_in(db, email="ann@x.example", password=password, token="t", now=clock())

    for _ in range(signing.FAILURES_ALLOWED):
        with pytest.raises(NotAllowed, match="do not belong together"):
            enter("not the password")
    with pytest.raises(NotAllowed, match="too many tries"):
        enter("a long password")
    clock.advance(minutes=1)
    assert support.let_sign_in(db, person_id=person_id, who="staff", now=clock()) == 10
    assert support.let_sign_in(db, person_id=person_id, who="staff", now=clock()) == 0
    enter("a long password")
    with db.read() as connection:
        assert people.count_failures(connection, "ann@x.example", clock() - dt.timedelta(days=1)) == 0
    assert noted(db, "let sign in") == [("staff", "person", str(person_id), {"tries": 10})]


def test_nobody_is_let_in_who_is_not_there(db: Database, clock: Clock) -> None:
    with pytest.raises(NotFound, match="no such person"):
        support.let_sign_in(db, person_id=987654, who="staff", now=clock())
