"""ssa mail: send what waits, list what did not arrive, send it again; to a real server on this machine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from ssa_engine.actions.notices import tell
from ssa_engine.core.notices import NoticeKind
from ssa_engine.storage import mail
from ssa_engine.storage.db import Database
from ssa_engine.storage.frames import audit_frame
from tests import post
from tests.cli.shell import Run, ssa
from tests.factories import Clock, Someone, add_someone

Shell = Callable[..., Run]


@pytest.fixture
def clock() -> Clock:
    """The commands ask the real time."""
    return Clock(dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(minutes=10))


@pytest.fixture
def people(db: Database, clock: Clock) -> list[Someone]:
    """Two people who have been told that their window is open."""
    found = [add_someone(db, f"{name}@test.example", clock=clock) for name in ("ann", "bo")]
    for one in found:
        with db.write() as connection:
            tell(
                connection,
                NoticeKind.WINDOW_OPEN,
                key=f"window_open/{one.credential_id}/1",
                person_id=one.id,
                credential_id=one.credential_id,
                details={"discipline": "CT", "due_on": dt.date(2030, 5, 31)},
                now=clock(),
            )
    return found


def shell(database_url: str, port: int | None) -> Shell:
    """A shell whose commands use one database and the mail server at this port."""
    settings = {"mail_from": post.MAIL_FROM, "public_url": post.PUBLIC_URL}
    if port:
        settings["smtp_url"] = f"smtp://127.0.0.1:{port}?starttls=off"
    return lambda *arguments: ssa(*arguments, database_url=database_url, **settings)


def test_send_list_and_again(database_url: str, db: Database, people: list[Someone]) -> None:
    mailbox = post.Mailbox(to_recipients={"bo@test.example": "550 5.1.1 No such person"})
    with post.server(mailbox) as port:
        run = shell(database_url, port)
        assert run("mail", "send").out == (
            "1 mails sent, 0 to be tried again, 1 refused, 0 in doubt. `ssa mail list` shows why.\n"
        )
        assert run("mail", "send").out == "0 mails sent, 0 to be tried again, 0 refused, 0 in doubt.\n"
        with db.read() as connection:
            [refused] = mail.troubled(connection)
        listed = run("mail", "list").out.splitlines()
        assert listed[0].startswith(f"{refused.id}  refused  ")
        assert listed[0].endswith("window_open to bo@test.example")
        assert listed[1:] == ["    550 5.1.1 No such person", "0 waiting, 0 sending, 1 sent, 1 refused, 0 unsure"]
        as_json = run("mail", "list", "--json").json
        assert as_json["counts"] == {"waiting": 0, "sending": 0, "sent": 1, "refused": 1, "unsure": 0}
        assert [one["email"] for one in as_json["mails"]] == ["bo@test.example"]
        mailbox.to_recipients.clear()
        assert run("mail", "again", refused.id).out == f"Mail {refused.id} waits to be sent.\n"
        assert run("mail", "send").out == "1 mails sent, 0 to be tried again, 0 refused, 0 in doubt.\n"
    assert mailbox.addresses == ["ann@test.example", "bo@test.example"]
    with db.read() as connection:
        trail = audit_frame(connection)
    assert list(trail[trail["noun"] == "mail"]["verb"]) == ["send", "give up", "send again", "send"]


def test_what_cannot_be_done_is_said_in_a_sentence(database_url: str, db: Database, people: list[Someone]) -> None:
    with post.server(post.Mailbox()) as port:
        pass
    run = shell(database_url, port)
    assert run("mail", "send").sentence().startswith(f"The mail server 127.0.0.1:{port} cannot be used (")
    assert run("mail", "again", 999).sentence() == ("There is no mail with the number 999.")
    with db.read() as connection:
        waiting = mail.of_person(connection, people[0].id)[0]
    assert run("mail", "again", waiting.id).sentence() == (
        f"Mail {waiting.id} waits to be sent, is being sent or was sent. "
        "Only mail that was refused or is in doubt can be sent again."
    )
    none = shell(database_url, None)
    assert none("mail", "send").sentence().startswith("No mail server is set, so no mail is sent. Set SSA_SMTP_URL")


def test_tick_sends_what_waits_after_all_else(database_url: str, db: Database, people: list[Someone]) -> None:
    mailbox = post.Mailbox()
    with post.server(mailbox) as port:
        ticked = shell(database_url, port)("cycles", "tick")
        assert (ticked.code, ticked.err) == (0, "")
        [done, sent] = ticked.out.splitlines()
        assert "attempts closed" in done
        assert sent == f"{len(mailbox.arrived)} mails sent, 0 to be tried again, 0 refused, 0 in doubt."
        assert set(mailbox.addresses) == {one.email for one in people}
    ticked = shell(database_url, None)("cycles", "tick")
    assert (ticked.code, len(ticked.out.splitlines())) == (0, 1)


def test_tick_does_all_else_while_the_mail_server_is_down(
    database_url: str, db: Database, people: list[Someone]
) -> None:
    with post.server(post.Mailbox()) as port:
        pass
    ticked = shell(database_url, port)("cycles", "tick")
    assert ticked.code == 1
    assert "attempts closed" in ticked.out
    assert ticked.err.startswith(f"The mail server 127.0.0.1:{port} cannot be used (")
    with db.read() as connection:
        assert [one.tries for one in mail.of_person(connection, people[0].id)][-1] == 0
