"""CQR complete: exactly when everything is done, taken back with it, reinstated after a discontinuation."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from ssa_engine.actions import preparations, releases
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.completion import settle
from ssa_engine.actions.notices import tell
from ssa_engine.core.attempts import State
from ssa_engine.core.completion import CompletionRecord, read_code
from ssa_engine.core.cycles import CycleState
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.notices import NoticeKind
from ssa_engine.core.text import Sentence
from ssa_engine.storage import completed_credits, completion_records
from ssa_engine.storage.db import Database
from tests.actions.lives import AREAS, Life, details, noon, rows_of, tick
from tests.actions.sittings import audit_of, begin, breaking_off, of, submit
from tests.actions.test_races import AT_ONCE, at_once
from tests.factories import Clock, add_someone

pytestmark = pytest.mark.usefixtures("published")
DOSE, FORMATION = AREAS


@pytest.fixture
def dana(db: Database, banks: Banks, clock: Clock) -> Life:
    """A candidate in CT whose window is open until 1 June 2028; it is 14 March 2027."""
    return Life(db, banks, clock, add_someone(db, "dana@test.example", clock=clock))


def record_of(life: Life, code: str) -> CompletionRecord | None:
    with life.db.read() as connection:
        return completion_records.by_code(connection, code)


def test_a_cycle_is_complete_when_profile_result_and_credits_are_there_and_not_before(dana: Life) -> None:
    assert dana.settle() is None
    attempt = dana.finish({DOSE: 2.0, FORMATION: 1.0})
    assert dana.settle() is None
    dana.earn(attempt, {DOSE: 2.5, FORMATION: 0.5})
    dana.profile()
    assert (dana.settle(), dana.happened, dana.told) == (None, [], [])
    dana.earn(attempt, {FORMATION: 0.5}, "claim/2")
    record = dana.settle()
    assert record is not None
    today = dt.date(2027, 3, 14)
    assert dana.happened == [("completed", 1, today)]
    assert (record.name, record.discipline, record.cycle, record.completed_on) == ("dana", "CT", 1, today)
    assert (record.next_due_on, record.issued_at, record.stands) == (dt.date(2038, 6, 1), dana.clock(), True)
    assert (read_code(record.code), record_of(dana, record.code)) == (record.code, record)
    assert details(dana.db, f"complete/{dana.someone.credential_id}/1") == {
        "discipline": "CT", "completed_on": "2027-03-14", "code": record.code, "next_opens_on": "2035-06-01",
        "next_due_on": "2038-06-01", "to_reinstate": False,
    }  # fmt: skip
    assert dana.position.state is CycleState.COMPLETE


def test_settling_again_changes_nothing(dana: Life) -> None:
    dana.finish()
    dana.profile()
    assert dana.settle() is not None
    state = (dana.happened, dana.told, rows_of(dana.db, "completion_records"), rows_of(dana.db, "audit"))
    dana.clock.advance(days=30)
    assert (dana.settle(), dana.settle()) == (None, None)
    assert (dana.happened, dana.told, rows_of(dana.db, "completion_records"), rows_of(dana.db, "audit")) == state
    assert audit_of(dana.db, "credential") == [("test", "complete", str(dana.someone.credential_id))]


def test_several_who_settle_at_once_issue_one_record(dana: Life) -> None:
    dana.finish()
    dana.profile()
    found = at_once(dana.settle)
    assert [one for one in found if isinstance(one, Exception)] == []
    assert sum(one is not None for one in found) == 1
    assert (rows_of(dana.db, "completion_records"), dana.told) == (1, ["complete/1"])


def test_a_result_that_is_not_released_completes_nothing(dana: Life) -> None:
    dana.profile()
    attempt = dana.finish(state=State.SUBMITTED)
    assert dana.settle() is None
    assert releases.release(dana.db, dana.banks, attempt_ids=[attempt], who="ingrid", now=dana.clock()) == [attempt]
    assert dana.told == [f"result_released/1/{attempt}", "complete/1"]
    assert releases.release(dana.db, dana.banks, attempt_ids=[attempt], who="ingrid", now=dana.clock()) == []
    assert audit_of(dana.db, "attempt") == [("ingrid", "release", str(attempt))]


def test_another_attempt_under_way_is_the_one_that_counts(dana: Life) -> None:
    dana.profile()
    dana.finish()
    dana.finish(state=State.SUBMITTED, number=2)
    assert dana.settle() is None


def test_nothing_is_complete_before_the_window_or_without_a_time_limit(
    db: Database, banks: Banks, clock: Clock
) -> None:
    for name, earned_on in (("early", dt.date(2022, 9, 30)), ("free", dt.date(2009, 5, 4))):
        life = Life(db, banks, clock, add_someone(db, f"{name}@test.example", clock=clock, earned_on=earned_on))
        life.profile()
        life.finish()
        assert (life.settle(), life.happened) == (None, [])


def test_a_completion_is_taken_back_with_its_notice_and_its_record_says_so(dana: Life) -> None:
    dana.profile()
    attempt = dana.finish({DOSE: 1.0})
    dana.earn(attempt, {DOSE: 1.0})
    until = dana.clock() + dt.timedelta(seconds=60)
    record = dana.settle(mail_from=until)
    assert record is not None
    assert not dana.unsettle(), "what is still filled stays complete"
    with dana.db.write() as connection:
        completed_credits.remove(connection, attempt, "claim/1")
    assert dana.unsettle()
    assert not dana.unsettle()
    assert (dana.happened, dana.told, rows_of(dana.db, "mail")) == ([], [], 0)
    voided = record_of(dana, record.code)
    assert voided is not None
    assert (voided.stands, voided.voided_at) == (False, dana.clock())
    assert dana.position.state is CycleState.OPEN
    verbs = [verb for _, verb, _ in audit_of(dana.db, "credential")]
    dana.earn(attempt, {DOSE: 1.0})
    again = dana.settle(mail_from=until)
    assert again is not None
    assert again.code != record.code
    assert (verbs, dana.told) == (["complete", "take back completion"], ["complete/1/2"])
    with dana.db.read() as connection:
        assert completion_records.of_credential(connection, dana.someone.credential_id) == [again]


def test_a_completion_that_breaks_off_leaves_nothing_behind(dana: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    dana.profile()
    dana.finish()
    with breaking_off(monkeypatch):
        dana.settle()
    assert (dana.happened, dana.told, rows_of(dana.db, "completion_records")) == ([], [], 0)
    assert dana.settle() is not None


def discontinued(life: Life) -> int:
    """Let the window of a life end with credits open; return its attempt."""
    life.profile()
    attempt = life.finish({DOSE: 1.0})
    life.clock.at = noon(2028, 6, 2)
    tick(life.db, life.banks, life.clock())
    return attempt


def test_who_missed_the_deadline_completes_the_same_cycle_and_is_reinstated_into_the_next(dana: Life) -> None:
    attempt = discontinued(dana)
    assert (dana.position.state, dana.position.may_work) == (CycleState.DISCONTINUED, True)
    dana.clock.at = noon(2028, 9, 10)
    dana.earn(attempt, {DOSE: 1.0})
    record = dana.settle()
    assert record is not None
    assert details(dana.db, f"complete/{dana.someone.credential_id}/1")["to_reinstate"] is True
    assert (dana.position.state, dana.position.may_work) == (CycleState.DISCONTINUED, False)
    dana.clock.at = noon(2028, 9, 29)
    assert dana.reinstate(dt.date(2028, 9, 20)) == dt.date(2038, 9, 20)
    assert dana.happened == [
        ("discontinued", 1, dt.date(2028, 6, 2)),
        ("completed", 1, dt.date(2028, 9, 10)),
        ("reinstated", 1, dt.date(2028, 9, 20)),
    ]
    stands = dana.position
    assert (stands.cycle.number, stands.state, stands.cycle.opens_on) == (2, CycleState.NOT_YET, dt.date(2035, 9, 20))
    stored = record_of(dana, record.code)
    assert stored is not None
    assert (stored.next_due_on, stored.stands) == (dt.date(2038, 9, 20), True)
    assert dana.told == ["discontinued/1", "complete/1", "reinstated/1"]
    assert details(dana.db, f"reinstated/{dana.someone.credential_id}/1") == {
        "discipline": "CT", "reinstated_on": "2028-09-20", "next_due_on": "2038-09-20",
    }  # fmt: skip
    assert ("staff", "reinstate", str(dana.someone.credential_id)) in audit_of(dana.db, "credential")
    assert tick(dana.db, dana.banks, dana.clock()).told.total() == 0
    with pytest.raises(Conflict, match="not discontinued"):
        dana.reinstate(dt.date(2028, 9, 20))


def test_the_assessment_may_be_begun_after_the_window_ended_and_not_once_all_is_complete(dana: Life) -> None:
    dana.clock.at = noon(2028, 6, 5)
    sitting = begin(dana.db, dana.banks, dana.clock, dana.someone)
    submit(sitting)
    result = sitting.result
    assert (sitting.attempt.cycle, result and result.due_on) == (1, dt.date(2028, 6, 1))
    dana.someone = add_someone(dana.db, "eve@test.example", clock=dana.clock, earned_on=dt.date(2020, 1, 1))
    dana.profile()
    dana.finish()
    assert dana.settle() is not None
    with pytest.raises(Conflict, match="CQR is complete for this credential"):
        preparations.confirm_identity(dana.db, dana.banks, **of(dana.someone, dana.clock))


def test_a_reinstatement_notes_a_discontinuation_that_nobody_has_noted(dana: Life) -> None:
    dana.profile()
    attempt = dana.finish({DOSE: 1.0})
    dana.clock.at = noon(2028, 9, 10)
    dana.earn(attempt, {DOSE: 1.0})
    assert dana.settle() is not None
    dana.reinstate(dt.date(2028, 9, 10))
    assert {kind for kind, _, _ in dana.happened} == {"completed", "discontinued", "reinstated"}


@pytest.mark.parametrize(
    ("on", "error", "says"),
    [
        (
            dt.date(2028, 9, 9),
            Invalid,
            "from the day CQR was complete, 10 September 2028, to today, 29 September 2028.",
        ),
        (dt.date(2028, 9, 30), Invalid, "Give a day between them."),
    ],
)
def test_a_reinstatement_on_a_day_that_cannot_be_is_refused(
    on: dt.date, error: type[Exception], says: str, dana: Life
) -> None:
    attempt = discontinued(dana)
    dana.clock.at = noon(2028, 9, 10)
    dana.earn(attempt, {DOSE: 1.0})
    dana.settle()
    dana.clock.at = noon(2028, 9, 29)
    before = (dana.happened, dana.told)
    with pytest.raises(error) as caught:
        dana.reinstate(on)
    assert says in str(caught.value)
    assert isinstance(caught.value.args[0], Sentence)
    assert (dana.happened, dana.told) == before


def test_who_is_not_discontinued_or_not_complete_is_not_reinstated(dana: Life) -> None:
    with pytest.raises(Conflict, match="not discontinued"):
        dana.reinstate(dt.date(2027, 3, 14))
    discontinued(dana)
    with pytest.raises(Conflict, match="not complete for this credential yet"):
        dana.reinstate(dt.date(2028, 6, 2))
    dana.someone = add_someone(dana.db, "eve@test.example", clock=dana.clock)
    object.__setattr__(dana.someone, "credential_id", 987654)
    with pytest.raises(NotFound):
        dana.reinstate(dt.date(2028, 6, 2))


def test_a_completion_that_a_reinstatement_followed_is_not_taken_back(dana: Life) -> None:
    attempt = discontinued(dana)
    dana.earn(attempt, {DOSE: 1.0})
    dana.settle()
    dana.reinstate(dt.date(2028, 6, 2))
    with dana.db.write() as connection:
        completed_credits.remove(connection, attempt, "claim/1")
    with pytest.raises(Conflict, match="was reinstated since"):
        dana.unsettle()
    assert len(dana.happened) == 3


def test_several_who_told_the_same_person_something_lock_the_credential_one_after_the_other(dana: Life) -> None:
    """A notice names the credential, which holds its row: on PostgreSQL all hold it before any locks it."""
    all_told = threading.Barrier(AT_ONCE if dana.db.engine.dialect.name == "postgresql" else 1)

    def tell_and_settle(key: str) -> bool:
        with dana.db.write() as connection:
            new = tell(
                connection,
                NoticeKind.WINDOW_OPEN,
                key=key,
                person_id=dana.someone.id,
                credential_id=dana.someone.credential_id,
                details={"discipline": "CT", "due_on": "2028-06-01"},
                now=dana.clock(),
            )
            all_told.wait(5)
            settle(connection, credential_id=dana.someone.credential_id, spec=dana.spec, who="test", now=dana.clock())
        return new

    each = [{"key": f"window_open/{number}"} for number in range(AT_ONCE)]
    assert at_once(tell_and_settle, each=each) == [True] * AT_ONCE
