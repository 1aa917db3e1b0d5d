"""Mail goes out once, as text and HTML, in the person's language and by choice, to a real server."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter

import pytest

from ssa_engine.actions import mail as actions
from ssa_engine.actions.mail import Sender
from ssa_engine.actions.notices import take_back
from ssa_engine.actions.people import set_display
from ssa_engine.core.display import Display
from ssa_engine.core.errors import Conflict
from ssa_engine.core.notices import NoticeKind
from ssa_engine.storage import mail, people, tables
from ssa_engine.storage.db import Database
from tests import post
from tests.actions.outbox import SENT, audited, inform, mails, only
from tests.factories import Clock, Someone, add_someone


def test_a_mail_arrives_as_text_and_as_html(
    db: Database, clock: Clock, candidate: Someone, sender: Sender, mailbox: post.Mailbox
) -> None:
    inform(db, clock, candidate, NoticeKind.RESULT_RELEASED)
    assert actions.send_waiting(sender) == Counter({SENT: 1})
    [(address, message)] = mailbox.arrived
    assert address == "candidate@test.example"
    assert message["Subject"] == "Your result for Computed Tomography is here"
    assert message["From"] == "Example Registry <cqr@example.org>"
    assert message["To"] == "candidate <candidate@test.example>"
    assert message["Reply-To"] == "help@imaging-board.example.org"
    assert message["Date"].datetime == clock().replace(microsecond=0)
    assert message["Message-ID"] == f"<{only(db, candidate).message_id}@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    said = "You have 4.5 credits to earn and report by 17 May 2030, in the content areas to strengthen."
    text, html = post.text_of(message), post.text_of(message, "html")
    assert text.startswith("Dear candidate, You can now see the result of your Structured Self-Assessment")
    assert said in text
    assert said in html
    assert "See my result: https://cqr.example.org/candidate/" in text
    assert '<a href="https://cqr.example.org/candidate/">See my result</a>' in html
    assert "help@imaging-board.example.org" in text
    assert '<html lang="en">' in html
    assert "<script" not in html
    found = only(db, candidate)
    assert (found.state, found.sent_at, found.tries, found.trouble) == (SENT, clock(), 1, "")
    assert audited(db) == [("send", str(found.id))]


def test_a_sent_mail_is_never_sent_again(
    db: Database, clock: Clock, candidate: Someone, sender: Sender, mailbox: post.Mailbox
) -> None:
    inform(db, clock, candidate)
    for _ in range(3):
        actions.send_waiting(sender)
        clock.advance(days=1)
    assert mailbox.addresses == [candidate.email]
    with pytest.raises(Conflict, match=r"or was sent\. Only mail that was refused or is in doubt"):
        actions.send_again(db, only(db, candidate).id, who="staff", now=clock())


def test_a_person_who_reads_spanish_gets_spanish(
    db: Database, clock: Clock, candidate: Someone, sender: Sender, mailbox: post.Mailbox
) -> None:
    with db.write() as connection:
        people.set_display(connection, candidate.id, Display(language="es"))
    inform(db, clock, candidate, NoticeKind.RESULT_RELEASED)
    actions.send_waiting(sender)
    [(_, message)] = mailbox.arrived
    assert message["Content-Language"] == "es"
    for kind in ("plain", "html"):
        text = post.text_of(message, kind)
        assert "4,5 créditos" in text
        assert "17 de mayo de 2030" in text
        assert "4.5" not in text
    assert '<html lang="es">' in post.text_of(message, "html")


def test_links_lead_to_the_person_s_own_pages(
    db: Database, clock: Clock, candidate: Someone, sender: Sender, mailbox: post.Mailbox
) -> None:
    inform(db, clock, candidate, NoticeKind.CLAIM_APPROVED)
    inform(db, clock, candidate, NoticeKind.DUE_SOON)
    actions.send_waiting(sender)
    claim, reminder = (post.text_of(message) for _, message in mailbox.arrived)
    assert f"https://cqr.example.org/candidate/credentials/{candidate.credential_id}/ce" in claim
    assert "https://cqr.example.org/display" in reminder
    assert "/display" not in claim


def test_a_mail_is_sent_when_its_time_has_come_and_not_before(
    db: Database, clock: Clock, candidate: Someone, sender: Sender, mailbox: post.Mailbox
) -> None:
    inform(db, clock, candidate, mail_from=clock() + dt.timedelta(seconds=60))
    clock.advance(seconds=59)
    assert actions.send_waiting(sender) == Counter()
    assert mailbox.connections == 0, "nothing is due, so nobody is called"
    clock.advance(seconds=1)
    assert actions.send_waiting(sender) == Counter({SENT: 1})


def test_a_mail_taken_back_is_not_sent(
    db: Database, clock: Clock, candidate: Someone, sender: Sender, mailbox: post.Mailbox
) -> None:
    key = inform(db, clock, candidate, mail_from=clock() + dt.timedelta(seconds=60))
    with db.write() as connection:
        assert take_back(connection, key)
    clock.advance(minutes=2)
    assert actions.send_waiting(sender) == Counter()
    inform(db, clock, candidate)
    actions.send_waiting(sender)
    with db.write() as connection:
        assert not take_back(connection, key)
    assert mailbox.addresses == [candidate.email]


def test_reminders_are_sent_by_choice(
    db: Database, clock: Clock, candidate: Someone, sender: Sender, mailbox: post.Mailbox
) -> None:
    set_display(db, person_id=candidate.id, display=Display(), mail_reminders=False)
    inform(db, clock, candidate, NoticeKind.DUE_SOON)
    inform(db, clock, candidate, NoticeKind.WINDOW_OPEN)
    assert actions.send_waiting(sender) == Counter({SENT: 1})
    [(_, message)] = mailbox.arrived
    assert message["Subject"] == "Your CQR window for Computed Tomography is open"


def test_many_mails_go_on_one_connection(db: Database, clock: Clock, sender: Sender, mailbox: post.Mailbox) -> None:
    everybody = [add_someone(db, f"person{number}@test.example", clock=clock) for number in range(5)]
    for one in everybody:
        inform(db, clock, one)
    assert actions.send_waiting(sender) == Counter({SENT: 5})
    assert mailbox.addresses == [one.email for one in everybody]
    assert mailbox.connections == 1


def test_two_senders_at_once_send_each_mail_once(
    db: Database, clock: Clock, sender: Sender, mailbox: post.Mailbox
) -> None:
    everybody = [add_someone(db, f"person{number}@test.example", clock=clock) for number in range(20)]
    for one in everybody:
        inform(db, clock, one)
    barrier, done = threading.Barrier(2), []

    def at_once() -> None:
        barrier.wait()
        done.append(actions.send_waiting(sender))

    threads = [threading.Thread(target=at_once) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done, Counter()) == Counter({SENT: 20})
    assert sorted(mailbox.addresses) == sorted(one.email for one in everybody)


def test_two_who_take_get_different_mails(db: Database, clock: Clock, candidate: Someone) -> None:
    for number in range(10):
        inform(db, clock, candidate, number=number)
    barrier, taken = threading.Barrier(2), []

    def at_once() -> None:
        barrier.wait()
        while True:
            with db.write() as connection:
                found = mail.take(connection, clock())
            if found is None:
                return
            taken.append(found.id)

    threads = [threading.Thread(target=at_once) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted({one.id for one in mails(db, candidate)})


def test_nothing_in_a_name_becomes_a_header(
    db: Database, clock: Clock, candidate: Someone, sender: Sender, mailbox: post.Mailbox
) -> None:
    name = 'Dana\r\nBcc: all@test.example\r\n\r\n<script>alert(1)</script>, "x" <evil@test.example>'
    with db.write() as connection:
        connection.execute(tables.people.update().where(tables.people.c.id == candidate.id).values(name=name))
    inform(db, clock, candidate)
    assert actions.send_waiting(sender) == Counter({SENT: 1})
    [(address, message)] = mailbox.arrived
    assert address == candidate.email
    assert message["Bcc"] is None
    assert [one.addr_spec for one in message["To"].addresses] == [candidate.email]
    assert sorted(header.lower() for header in message) == [
        "auto-submitted",
        "content-language",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "reply-to",
        "subject",
        "to",
    ]
    assert "<script>" not in post.text_of(message, "html")
