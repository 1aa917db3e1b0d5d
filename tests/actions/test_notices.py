"""Telling a person something: once per key, its mail in the same transaction, and taken back while nobody knows."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest

from ssa_engine.actions.notices import take_back, tell
from ssa_engine.actions.people import set_display
from ssa_engine.core.display import Display
from ssa_engine.core.mail import MailState
from ssa_engine.core.notices import REMINDERS, NoticeKind
from ssa_engine.storage import mail, notices, people
from ssa_engine.storage.db import Database
from ssa_engine.storage.mail import Mail
from ssa_engine.storage.notices import Notice
from tests.core.test_notices import EXAMPLES
from tests.factories import Clock, Someone, add_someone

Tell = Callable[..., bool]


@pytest.fixture
def tell_of(db: Database, clock: Clock, candidate: Someone) -> Tell:
    """Tell the candidate something, in a transaction of its own."""

    def of(kind: NoticeKind = NoticeKind.WINDOW_OPEN, key: str = "", **given: Any) -> bool:
        who = {"person_id": candidate.id, "credential_id": candidate.credential_id}
        with db.write() as connection:
            return tell(
                connection,
                kind,
                **{
                    "key": key or f"{kind}/{candidate.credential_id}/1",
                    "details": {"discipline": "CT", **EXAMPLES[kind]},
                    "now": clock(),
                    **who,
                    **given,
                },
            )

    return of


def told(db: Database, someone: Someone) -> tuple[list[Notice], list[Mail]]:
    with db.read() as connection:
        return notices.of_person(connection, someone.id), mail.of_person(connection, someone.id)


def test_what_is_told_stands_on_the_dashboard_and_waits_to_be_sent(
    db: Database, clock: Clock, candidate: Someone, tell_of: Tell
) -> None:
    details = {"discipline": "CT", "submit_by": dt.date(2028, 5, 31), "credits": 4.5}
    assert tell_of(NoticeKind.RESULT_RELEASED, details=details)
    [notice], [sent] = told(db, candidate)
    assert (notice.kind, notice.credential_id, notice.attempt_id) == ("result_released", candidate.credential_id, None)
    assert notice.details == {"discipline": "CT", "submit_by": "2028-05-31", "credits": 4.5}
    assert (notice.created_at, notice.read_at) == (clock(), None)
    assert (sent.notice_id, sent.email, sent.kind) == (notice.id, candidate.email, "result_released")
    assert (sent.state, sent.not_before, sent.tries) == (MailState.WAITING, clock(), 0)


def test_of_one_key_there_is_one_notice_and_one_mail(
    db: Database, clock: Clock, candidate: Someone, tell_of: Tell
) -> None:
    assert [tell_of() for _ in range(3)] == [True, False, False]
    clock.advance(days=40)
    assert not tell_of(NoticeKind.COMPLETE, key=f"window_open/{candidate.credential_id}/1")
    assert tell_of(key="window_open/1/2")
    written, mails = told(db, candidate)
    assert [one.kind for one in written] == ["window_open"] * 2
    assert len({one.message_id for one in mails}) == 2


def test_the_message_id_is_the_same_for_the_same_key(db: Database, candidate: Someone, tell_of: Tell) -> None:
    tell_of(key="complete/1/1")
    [first] = told(db, candidate)[1]
    with db.write() as connection:
        assert take_back(connection, "complete/1/1")
    tell_of(key="complete/1/1")
    [second] = told(db, candidate)[1]
    assert first.message_id == second.message_id
    assert second.message_id.isalnum()


def test_two_who_tell_the_same_at_once_tell_it_once(db: Database, candidate: Someone, tell_of: Tell) -> None:
    barrier, answers = threading.Barrier(4), []

    def at_once() -> None:
        barrier.wait()
        answers.append(tell_of())

    threads = [threading.Thread(target=at_once) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, False, False, True]
    written, mails = told(db, candidate)
    assert (len(written), len(mails)) == (1, 1)


def test_a_transaction_that_comes_to_nothing_tells_nothing(db: Database, clock: Clock, candidate: Someone) -> None:
    def told_then_undone() -> None:
        with db.write() as connection:
            tell(
                connection,
                NoticeKind.WINDOW_OPEN,
                key="k",
                person_id=candidate.id,
                credential_id=candidate.credential_id,
                details={"discipline": "CT", "due_on": "2028-05-31"},
                now=clock(),
            )
            raise RuntimeError

    with pytest.raises(RuntimeError):
        told_then_undone()
    assert told(db, candidate) == ([], [])


def test_a_mail_may_be_held_back(db: Database, clock: Clock, candidate: Someone, tell_of: Tell) -> None:
    tell_of(mail_from=clock() + dt.timedelta(seconds=60))
    assert told(db, candidate)[1][0].not_before == clock() + dt.timedelta(minutes=1)


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_reminders_are_sent_by_choice_and_all_else_is_sent(
    db: Database, candidate: Someone, tell_of: Tell, kind: NoticeKind
) -> None:
    assert tell_of(kind, key="1")
    set_display(db, person_id=candidate.id, display=Display(theme="dark"), mail_reminders=False)
    assert tell_of(kind, key="2")
    set_display(db, person_id=candidate.id, display=Display(theme="light"))
    assert tell_of(kind, key="3")
    set_display(db, person_id=candidate.id, display=Display(), mail_reminders=True)
    assert tell_of(kind, key="4")
    written, mails = told(db, candidate)
    assert len(written) == 4
    sent_of = {one.notice_id for one in mails}
    assert [one.id in sent_of for one in reversed(written)] == [
        True,
        kind not in REMINDERS,
        kind not in REMINDERS,
        True,
    ]


def test_a_choice_about_reminders_leaves_how_pages_are_shown(db: Database, candidate: Someone) -> None:
    def shown() -> tuple[int, str, str, bool]:
        with db.read() as connection:
            row = connection.exec_driver_sql(
                f"SELECT text_size, theme, language FROM preferences WHERE person_id = {candidate.id}"
            ).one()
            return row.text_size, row.theme, row.language, people.wants_mail_reminders(connection, candidate.id)

    with db.write() as connection:
        people.set_mail_reminders(connection, candidate.id, False)
    assert shown() == (100, "system", "", False)
    set_display(db, person_id=candidate.id, display=Display(150, "dark", language="es"))
    assert shown() == (150, "dark", "es", False)
    with db.write() as connection:
        people.set_mail_reminders(connection, candidate.id, True)
    assert shown() == (150, "dark", "es", True)


def test_who_has_no_address_that_mail_reaches_is_told_on_the_dashboard_alone(db: Database, clock: Clock) -> None:
    someone = add_someone(db, "a@b@test.example", clock=clock)
    with db.write() as connection:
        assert tell(
            connection,
            NoticeKind.WINDOW_OPEN,
            key="k",
            person_id=someone.id,
            credential_id=someone.credential_id,
            details={"discipline": "CT", "due_on": "2028-05-31"},
            now=clock(),
        )
    written, mails = told(db, someone)
    assert (len(written), mails) == (1, [])


def test_a_notice_that_lacks_what_its_words_need_is_refused(tell_of: Tell) -> None:
    with pytest.raises(ValueError, match="a notice of due_soon needs due_on, submit_by in its details"):
        tell_of(NoticeKind.DUE_SOON, details={"discipline": "CT"})
    with pytest.raises(TypeError, match="use text, numbers and days"):
        tell_of(NoticeKind.WINDOW_OPEN, details={"discipline": "CT", "due_on": dt.datetime(2028, 5, 31, tzinfo=dt.UTC)})


def test_what_waits_and_is_unread_is_taken_back_as_if_never_told(
    db: Database, candidate: Someone, tell_of: Tell
) -> None:
    tell_of(key="claim_approved/1/1")
    tell_of(key="claim_approved/2/1")
    with db.write() as connection:
        assert take_back(connection, "claim_approved/1/1")
        assert take_back(connection, "claim_approved/1/1")
        assert take_back(connection, "nothing/of/that")
    written, mails = told(db, candidate)
    assert (len(written), len(mails)) == (1, 1)
    assert tell_of(key="claim_approved/1/1")


def test_what_never_had_a_mail_is_taken_back_too(db: Database, candidate: Someone, tell_of: Tell) -> None:
    set_display(db, person_id=candidate.id, display=Display(), mail_reminders=False)
    tell_of(NoticeKind.DUE_SOON, key="due_soon/1/1/90")
    with db.write() as connection:
        assert take_back(connection, "due_soon/1/1/90")
    assert told(db, candidate) == ([], [])


def test_what_was_read_stays_and_its_mail_is_never_sent(
    db: Database, clock: Clock, candidate: Someone, tell_of: Tell
) -> None:
    tell_of(key="k")
    before = told(db, candidate)
    with db.write() as connection:
        notices.set_read(connection, before[0][0].id, clock())
    with db.write() as connection:
        assert not take_back(connection, "k")
    after = told(db, candidate)
    assert ([one.id for one in after[0]], len(before[1]), after[1]) == ([before[0][0].id], 1, [])


@pytest.mark.parametrize("state", [MailState.SENDING, MailState.SENT, MailState.REFUSED, MailState.UNSURE])
def test_what_a_sender_has_taken_stays(
    db: Database, clock: Clock, candidate: Someone, tell_of: Tell, state: MailState
) -> None:
    tell_of(key="k")
    with db.write() as connection:
        taken = mail.take(connection, clock())
        assert taken
        if state is not MailState.SENDING:
            assert mail.finish(connection, taken, state=state, at=clock())
    before = told(db, candidate)
    with db.write() as connection:
        assert not take_back(connection, "k")
    assert told(db, candidate) == before
