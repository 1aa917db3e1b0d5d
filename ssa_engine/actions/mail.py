"""Mail: send what waits in the outbox, each once; and send again what a person says is to be sent again."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from ssa_engine.actions.notices import path_of
from ssa_engine.content.library import Library
from ssa_engine.core.display import LANGUAGES
from ssa_engine.core.errors import Conflict, NotFound
from ssa_engine.core.mail import FRESH_FOR, SENDING_AT_MOST, MailState, ascii_address, next_try
from ssa_engine.core.notices import REMINDERS, NoticeKind, words_of
from ssa_engine.core.programmes import Contact
from ssa_engine.core.text import Sentence, say
from ssa_engine.exchange.mail import Letter, message_of
from ssa_engine.exchange.smtp import Delivery, Line, MailServerTrouble, Outcome, PostOffice, line_to
from ssa_engine.exchange.translations import said_in
from ssa_engine.storage import audit, mail, notices
from ssa_engine.storage.db import Connection, Database
from ssa_engine.storage.mail import Mail
from ssa_engine.storage.notices import Notice

VERBS = {MailState.SENT: "send", MailState.REFUSED: "give up", MailState.UNSURE: "leave in doubt"}
"""What the audit trail calls that a mail has come to this state."""

STOPPED = "The sender stopped in the middle, so this mail may or may not have gone out."
OUT_OF_DATE = f"It waited for more than {FRESH_FOR.days} days, so it is out of date. The dashboard shows the notice."


@dataclass(frozen=True, slots=True)
class Sender:
    """What sending needs: the content, the way to the server, who sends, and a clock, as a run takes its time."""

    db: Database
    library: Library
    office: PostOffice
    who: str
    clock: Callable[[], dt.datetime]


def send_waiting(sender: Sender) -> Counter[MailState]:
    """Send each mail whose time has come, on one connection; return how many came to which state.

    A mail is taken before the server hears of it, in a transaction of its own, so that no two senders send it and one
    that is killed leaves it marked: after `SENDING_AT_MOST` such a mail is in doubt, and is not sent again by itself.

    Raises
    ------
    MailServerTrouble
        If the server cannot be used. What waits goes on waiting, and no try is counted.
    """
    done = Counter({MailState.UNSURE: _leave_in_doubt(sender)})
    with sender.db.read() as connection:
        if not mail.is_due(connection, sender.clock()):
            return +done
    with line_to(sender.office) as line:
        while (taken := _take(sender)) is not None:
            done[_send(sender, line, *taken)] += 1
    return +done


def send_again(db: Database, mail_id: int, *, who: str, now: dt.datetime) -> None:
    """Let a mail wait once more that was given up or is in doubt. Whoever says so has found that it did not arrive.

    Raises
    ------
    NotFound
        If there is no such mail.
    Conflict
        If it waits already, is being sent or was sent.
    """
    with db.write() as connection:
        found = mail.get(connection, mail_id)
        if found is None:
            raise NotFound(say("There is no mail with the number {number}.", number=mail_id))
        if not mail.send_again(connection, mail_id, now):
            raise Conflict(
                say(
                    "Mail {number} waits to be sent, is being sent or was sent. "
                    "Only mail that was refused or is in doubt can be sent again.",
                    number=mail_id,
                )
            )
        audit.add(connection, at=now, who=who, verb="send again", noun="mail", noun_id=mail_id, was=found.state)


def _leave_in_doubt(sender: Sender) -> int:
    """Mark what a sender took and said nothing of since; return how many there were."""
    now = sender.clock()
    with sender.db.write() as connection:
        left = mail.left_sending(connection, now - SENDING_AT_MOST)
        for one in left:
            mail.finish(connection, one, state=MailState.UNSURE, at=now, trouble=STOPPED)
            _note(connection, sender, one, MailState.UNSURE, now)
    return len(left)


def _take(sender: Sender) -> tuple[Mail, Notice] | None:
    with sender.db.write() as connection:
        taken = mail.take(connection, sender.clock())
        notice = notices.get(connection, taken.notice_id, taken.person_id) if taken else None
    return (taken, notice) if taken and notice else None


def _send(sender: Sender, line: Line, taken: Mail, notice: Notice) -> MailState:
    """Send one mail and note what became of it."""
    if sender.clock() - taken.not_before > FRESH_FOR:
        return _finish(sender, taken, Delivery(Outcome.REFUSED, OUT_OF_DATE))
    address = ascii_address(taken.email)
    if address is None:
        return _finish(sender, taken, Delivery(Outcome.REFUSED, "No mail can be sent to the address of this person."))
    spec = sender.library.specs.get(notice.details["discipline"])
    contact = spec.cqr.contact if spec else None
    message = message_of(
        _letter(sender, taken, notice, spec.name if spec else notice.details["discipline"], contact),
        sender=(sender.office.sender_name, sender.office.sender),
        to=(taken.name, address),
        message_id=taken.message_id,
        at=sender.clock(),
        reply_to=(ascii_address(contact.email) or "") if contact else "",
    )
    try:
        delivery = line.send(message, address)
    except MailServerTrouble as trouble:
        _put_back(sender, taken, trouble)
        raise
    return _finish(sender, taken, delivery)


def _letter(sender: Sender, taken: Mail, notice: Notice, discipline_name: str, contact: Contact | None) -> Letter:
    """Write the letter of a notice in the person's language."""
    language, site = taken.language or LANGUAGES[0], sender.office.public_url
    kind = NoticeKind(notice.kind)
    words = words_of(kind, notice.details, discipline_name)
    path = path_of(words.page, credential_id=notice.credential_id, attempt_id=notice.attempt_id)
    closing = [say("You get this mail because you hold a credential in {discipline}.", discipline=discipline_name)]
    if contact:
        reach = ", ".join(part for part in (contact.name, contact.email, contact.telephone) if part)
        closing.append(say("If you have a question, ask: {contact}", contact=reach))
    if kind in REMINDERS:
        closing.append(say("You may choose to get no reminders by mail: {address}", address=f"{site}/display"))

    def said(sentence: Sentence) -> str:
        return str(said_in(sentence, language))

    return Letter(
        language,
        said(words.subject),
        (said(say("Dear {name},", name=taken.name)), *map(said, words.paragraphs)),
        f"{site}{path}",
        said(words.action),
        tuple(map(said, closing)),
    )


def _finish(sender: Sender, taken: Mail, delivery: Delivery) -> MailState:
    """Note what became of a mail; return its state."""
    now = sender.clock()
    again = next_try(taken.tries, now) if delivery.outcome is Outcome.LATER else None
    state = {
        Outcome.SENT: MailState.SENT,
        Outcome.LATER: MailState.WAITING if again else MailState.REFUSED,
        Outcome.REFUSED: MailState.REFUSED,
        Outcome.UNSURE: MailState.UNSURE,
    }[delivery.outcome]
    values = {"trouble": delivery.trouble, "not_before": again or taken.not_before}
    with sender.db.write() as connection:
        if mail.finish(connection, taken, state=state, at=now, **values) and state in VERBS:
            _note(connection, sender, taken, state, now)
    return state


def _put_back(sender: Sender, taken: Mail, trouble: MailServerTrouble) -> None:
    """Let a mail wait that the server heard nothing of, as if it had not been tried."""
    now = sender.clock()
    values = {"tries": taken.tries - 1, "not_before": next_try(1, now), "trouble": trouble.sentence}
    with sender.db.write() as connection:
        mail.finish(connection, taken, state=MailState.WAITING, at=now, **values)


def _note(connection: Connection, sender: Sender, one: Mail, state: MailState, now: dt.datetime) -> None:
    audit.add(connection, at=now, who=sender.who, verb=VERBS[state], noun="mail", noun_id=one.id, kind=one.kind)
