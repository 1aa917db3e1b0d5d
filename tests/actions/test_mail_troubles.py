"""Mail where something goes badly: a server that refuses, is down or hangs up, a sender that is killed or slow."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from ssa_engine.actions import mail as actions
from ssa_engine.actions.mail import Sender
from ssa_engine.content.library import Library
from ssa_engine.core.errors import Conflict, NotFound
from ssa_engine.core.mail import MailState
from ssa_engine.exchange.smtp import MailServerTrouble
from ssa_engine.storage import mail
from ssa_engine.storage.db import Database
from tests import post
from tests.actions.outbox import REFUSED, SENDING, SENT, UNSURE, WAITING, audited, inform, mails, only
from tests.factories import Clock, Someone, add_someone


class Killed(BaseException):
    """The sender is no more."""


def test_a_recipient_refused_for_good_is_tried_once_and_stops_nobody(
    db: Database, clock: Clock, candidate: Someone, sender: Sender, mailbox: post.Mailbox
) -> None:
    other = add_someone(db, "other@test.example", clock=clock)
    inform(db, clock, candidate)
    inform(db, clock, other)
    mailbox.to_recipients[candidate.email] = "550 5.1.1 No such person here"
    assert actions.send_waiting(sender) == Counter({REFUSED: 1, SENT: 1})
    found = only(db, candidate)
    assert (found.state, found.tries, found.trouble) == (REFUSED, 1, "550 5.1.1 No such person here")
    mailbox.to_recipients.clear()
    clock.advance(days=1)
    assert actions.send_waiting(sender) == Counter()
    assert mailbox.addresses == [other.email]
    actions.send_again(db, found.id, who="staff@test.example", now=clock())
    assert actions.send_waiting(sender) == Counter({SENT: 1})
    assert mailbox.addresses == [other.email, candidate.email]
    assert [verb for verb, noun_id in audited(db) if noun_id == str(found.id)] == ["give up", "send again", "send"]


def test_a_recipient_refused_for_now_is_tried_again_ever_more_rarely_then_given_up(
    db: Database, clock: Clock, candidate: Someone, sender: Sender, mailbox: post.Mailbox
) -> None:
    inform(db, clock, candidate)
    mailbox.to_recipients[candidate.email] = "451 4.7.1 Try again later"
    pauses = []
    while actions.send_waiting(sender) == Counter({WAITING: 1}):
        found = only(db, candidate)
        assert (found.state, found.tried_at, found.trouble) == (WAITING, clock(), "451 4.7.1 Try again later")
        pauses.append((found.not_before - clock()).total_seconds() / 60)
        clock.at = found.not_before - dt.timedelta(seconds=1)
        assert actions.send_waiting(sender) == Counter(), "not before its time"
        clock.at = found.not_before
    assert pauses == [1, 5, 30, 120, 120, 120, 120, 120, 120]
    assert (only(db, candidate).state, only(db, candidate).tries) == (REFUSED, 10)


@pytest.mark.parametrize(("answer", "state"), [("554 5.7.1 Not wanted", REFUSED), ("452 4.3.1 Full", WAITING)])
def test_what_a_server_says_of_a_whole_mail_counts(
    db: Database,
    clock: Clock,
    candidate: Someone,
    sender: Sender,
    mailbox: post.Mailbox,
    answer: str,
    state: MailState,
) -> None:
    inform(db, clock, candidate)
    mailbox.to_mail = answer
    assert actions.send_waiting(sender) == Counter({state: 1})
    assert only(db, candidate).trouble == answer


def test_a_server_that_is_down_costs_no_try_and_nothing_is_lost(
    db: Database, clock: Clock, candidate: Someone, library: Library, mailbox: post.Mailbox
) -> None:
    inform(db, clock, candidate)
    with post.server(post.Mailbox()) as port:
        pass
    down = Sender(db, library, post.office_at(port), "test", clock)
    before = mails(db, candidate)
    for _ in range(2):
        with pytest.raises(MailServerTrouble, match=f"The mail server 127.0.0.1:{port} cannot be used"):
            actions.send_waiting(down)
    assert mails(db, candidate) == before
    with post.server(mailbox) as port:
        up = Sender(db, library, post.office_at(port), "test", clock)
        assert actions.send_waiting(up) == Counter({SENT: 1})
    assert mailbox.addresses == [candidate.email]


def test_a_server_that_takes_no_mail_of_ours_gives_nobody_s_mail_up(
    db: Database, clock: Clock, candidate: Someone, sender: Sender, mailbox: post.Mailbox
) -> None:
    inform(db, clock, candidate)
    inform(db, clock, candidate, number=2)
    for setting, answer in (("to_sender", "550 5.7.1 Not from you"), ("to_recipients", "530 5.7.0 Sign in first")):
        setattr(mailbox, setting, {candidate.email: answer} if setting == "to_recipients" else answer)
        with pytest.raises(MailServerTrouble, match=f"it takes no mail from here: {answer}"):
            actions.send_waiting(sender)
        assert [(one.state, one.tries) for one in mails(db, candidate)] == [(WAITING, 0), (WAITING, 0)]
        setattr(mailbox, setting, {} if setting == "to_recipients" else "")
        clock.advance(minutes=1)
    assert actions.send_waiting(sender) == Counter({SENT: 2})


def test_a_server_that_hangs_up_after_the_mail_leaves_it_in_doubt(
    db: Database, clock: Clock, candidate: Someone, sender: Sender, mailbox: post.Mailbox
) -> None:
    other = add_someone(db, "other@test.example", clock=clock)
    inform(db, clock, candidate)
    inform(db, clock, other)
    mailbox.hangs_up = True
    assert actions.send_waiting(sender) == Counter({UNSURE: 2})
    assert mailbox.connections == 2
    mailbox.hangs_up = False
    clock.advance(days=1)
    assert actions.send_waiting(sender) == Counter()
    assert mailbox.addresses == [candidate.email, other.email]


def test_a_mail_whose_sender_was_killed_is_in_doubt_and_not_sent_again_by_itself(
    db: Database,
    clock: Clock,
    candidate: Someone,
    sender: Sender,
    mailbox: post.Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def killed(*_: object) -> MailState:
        raise Killed

    inform(db, clock, candidate)
    with monkeypatch.context() as patched:
        patched.setattr(actions, "_finish", killed)
        with pytest.raises(Killed):
            actions.send_waiting(sender)
    assert mailbox.addresses == [candidate.email]
    assert only(db, candidate).state == SENDING
    clock.advance(minutes=15)
    assert actions.send_waiting(sender) == Counter(), "it may still be on its way"
    clock.advance(seconds=1)
    assert actions.send_waiting(sender) == Counter({UNSURE: 1})
    for _ in range(3):
        clock.advance(days=1)
        assert actions.send_waiting(sender) == Counter()
    found = only(db, candidate)
    assert (found.state, found.trouble) == (UNSURE, actions.STOPPED)
    assert mailbox.addresses == [candidate.email]
    actions.send_again(db, found.id, who="staff@test.example", now=clock())
    with pytest.raises(Conflict, match="waits to be sent"):
        actions.send_again(db, found.id, who="staff@test.example", now=clock())
    assert actions.send_waiting(sender) == Counter({SENT: 1})
    first, second = (message for _, message in mailbox.arrived)
    assert first["Message-ID"] == second["Message-ID"], "so that a mail program shows it once"
    assert audited(db) == [(verb, str(found.id)) for verb in ("leave in doubt", "send again", "send")]


def test_a_sender_that_was_only_slow_says_what_became_of_its_mail(
    db: Database, clock: Clock, candidate: Someone, sender: Sender
) -> None:
    inform(db, clock, candidate)
    with db.write() as connection:
        taken = mail.take(connection, clock())
        assert taken
    clock.advance(minutes=16)
    assert actions.send_waiting(sender) == Counter({UNSURE: 1})
    with db.write() as connection:
        assert mail.finish(connection, taken, state=SENT, at=clock())
    assert only(db, candidate).state == SENT


def test_a_mail_that_waited_too_long_is_not_sent_unless_a_person_says_so(
    db: Database, clock: Clock, candidate: Someone, sender: Sender, mailbox: post.Mailbox
) -> None:
    inform(db, clock, candidate)
    clock.advance(days=14, seconds=1)
    assert actions.send_waiting(sender) == Counter({REFUSED: 1})
    assert "waited for more than 14 days" in only(db, candidate).trouble
    assert mailbox.arrived == []
    actions.send_again(db, only(db, candidate).id, who="test", now=clock())
    assert actions.send_waiting(sender) == Counter({SENT: 1})


def test_what_is_no_mail_cannot_be_sent_again(db: Database, clock: Clock) -> None:
    with pytest.raises(NotFound, match="There is no mail with the number 7"):
        actions.send_again(db, 7, who="test", now=clock())
