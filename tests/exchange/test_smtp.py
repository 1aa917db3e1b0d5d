"""The way to a mail server: settings that are read or refused, and TLS that is verified, against a real server."""

from __future__ import annotations

import ssl
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from ssa_engine.core.errors import Invalid
from ssa_engine.exchange.mail import message_of
from ssa_engine.exchange.smtp import MailServerTrouble, Outcome, PostOffice, line_to, post_office
from tests import post
from tests.exchange.test_mail import LETTER

GOOD = {"smtp_url": "smtp://mail.example.org", "mail_from": "cqr@example.org", "public_url": "https://cqr.example.org"}


def way(**given: str) -> tuple[object, ...]:
    found = post_office(**{**GOOD, **given})
    return found.host, found.port, found.user, found.password, found.is_tls, found.starts_tls


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 587, "", "", False, True)),
        ("smtp://mail.example.org:25?starttls=required", ("mail.example.org", 25, "", "", False, True)),
        ("smtp://mail.example.org:25/?starttls=off", ("mail.example.org", 25, "", "", False, False)),
        ("smtp://a%40b:p%3A%2F@mail.example.org", ("mail.example.org", 587, "a@b", "p:/", False, True)),
        ("smtps://u:p@mail.example.org", ("mail.example.org", 465, "u", "p", True, False)),
        ("smtp://u:p@127.0.0.1:2525?starttls=off", ("127.0.0.1", 2525, "u", "p", False, False)),
    ],
)
def test_the_address_of_a_server_is_read(url: str, read: tuple[object, ...]) -> None:
    assert way(smtp_url=url) == read


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"smtp_url": "mail.example.org"}, "SSA_SMTP_URL is no address of a mail server"),
        ({"smtp_url": "https://mail.example.org"}, "SSA_SMTP_URL is no address of a mail server"),
        ({"smtp_url": "smtp://mail.example.org:port"}, "SSA_SMTP_URL is no address of a mail server"),
        ({"smtp_url": "smtp://mail.example.org/x"}, "SSA_SMTP_URL is no address of a mail server"),
        ({"smtp_url": "smtp://mail.example.org?starttls=perhaps"}, "starttls=required or starttls=off"),
        ({"smtp_url": "smtp://mail.example.org?tls=off"}, "starttls=required or starttls=off"),
        ({"smtp_url": "smtp://u:p@mail.example.org?starttls=off"}, "the password would be open to others"),
        ({"mail_from": ""}, "SSA_MAIL_FROM is no e-mail address"),
        ({"mail_from": "Registry"}, "SSA_MAIL_FROM is no e-mail address"),
        ({"public_url": ""}, "SSA_PUBLIC_URL is no address of a site"),
        ({"public_url": "cqr.example.org"}, "SSA_PUBLIC_URL is no address of a site"),
        ({"public_url": "javascript://x"}, "SSA_PUBLIC_URL is no address of a site"),
    ],
)
def test_what_cannot_be_used_is_named(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        post_office(**{**GOOD, **given})
    assert sentence in str(caught.value)
    assert "u:p" not in str(caught.value)


def test_the_sender_may_have_a_name_and_the_password_is_never_shown() -> None:
    office = post_office(
        "smtps://u:secret@mail.example.org", "Example Registry <cqr@example.org>", "https://x.example/a/"
    )
    assert (office.sender_name, office.sender) == ("Example Registry", "cqr@example.org")
    assert office.public_url == "https://x.example/a"
    assert "secret" not in repr(office)


def send(office: PostOffice) -> Outcome:
    message = message_of(LETTER, sender=("", office.sender), to=("", "dana@example.org"), message_id="a", at=post.NOON)
    with line_to(office) as line:
        return line.send(message, "dana@example.org").outcome


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate for this machine, which nobody trusts who is not told to."""
    return post.certificate(tmp_path_factory.mktemp("tls"))


def test_mail_goes_by_tls_to_a_server_that_is_trusted(
    certified: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, context = certified
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    mailbox = post.Mailbox()
    with post.server(mailbox, tls_context=context, require_starttls=True) as port:
        assert send(post.office_at(port, "")) is Outcome.SENT
    assert mailbox.tls == [True]


def test_mail_goes_by_tls_from_the_first_byte(
    certified: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, context = certified
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    mailbox = post.Mailbox()
    with post.server(mailbox, ssl_context=context) as port:
        office = post_office(f"smtps://127.0.0.1:{port}", post.MAIL_FROM, post.PUBLIC_URL)
        assert send(office) is Outcome.SENT
    assert mailbox.addresses == ["dana@example.org"]


def test_a_server_that_nobody_vouches_for_gets_no_mail(certified: tuple[Path, ssl.SSLContext]) -> None:
    _, context = certified
    mailbox = post.Mailbox()
    with post.server(mailbox, tls_context=context) as port:
        with pytest.raises(MailServerTrouble, match="certificate verify failed"):
            send(post.office_at(port, ""))
        assert mailbox.arrived == []


def test_a_server_without_tls_gets_no_mail_unless_that_is_said() -> None:
    mailbox = post.Mailbox()
    with post.server(mailbox) as port:
        with pytest.raises(MailServerTrouble, match=r"STARTTLS.*starttls=off"):
            send(post.office_at(port, ""))
        assert mailbox.arrived == []
        assert send(post.office_at(port)) is Outcome.SENT


def test_who_sends_signs_in_or_is_told_that_it_did_not_work(
    certified: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"cqr", b"p:/@"), handled=False)

    path, context = certified
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    mailbox = post.Mailbox()
    with post.server(mailbox, tls_context=context, authenticator=check, auth_required=True) as port:
        url = f"smtp://cqr:{{}}@127.0.0.1:{port}"
        right = post_office(url.format("p%3A%2F%40"), post.MAIL_FROM, post.PUBLIC_URL)
        assert send(right) is Outcome.SENT
        other = post_office(url.format("else"), post.MAIL_FROM, post.PUBLIC_URL)
        with pytest.raises(MailServerTrouble, match="535"):
            send(other)
        with pytest.raises(MailServerTrouble, match="530"):
            send(post.office_at(port, ""))
    assert mailbox.addresses == ["dana@example.org"]


def test_lines_that_begin_with_a_dot_arrive_as_they_were_written() -> None:
    mailbox, message = post.Mailbox(), EmailMessage()
    message.set_content("one\n.\n..two\n.three\n")
    with post.server(mailbox) as port, line_to(post.office_at(port)) as line:
        assert line.send(message, "dana@example.org").outcome is Outcome.SENT
    assert mailbox.arrived[0][1].get_content().split() == ["one", ".", "..two", ".three"]


def test_a_connection_that_was_lost_is_made_anew() -> None:
    mailbox = post.Mailbox()
    message = message_of(
        LETTER, sender=("", "cqr@example.org"), to=("", "dana@example.org"), message_id="a", at=post.NOON
    )
    with post.server(mailbox, timeout=0.1) as port, line_to(post.office_at(port)) as line:
        time.sleep(0.3)
        assert line.send(message, "dana@example.org").outcome is Outcome.SENT
    assert mailbox.connections == 2
