"""The way to a mail server, by SMTP: its settings, a connection to it, and what it made of each mail."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

from ssa_engine.core.errors import Invalid, SsaError
from ssa_engine.core.mail import ascii_address
from ssa_engine.exchange.mail import in_one_line

TIMEOUT_SECONDS = 60
"""For each answer of a server."""
TROUBLE_LENGTH = 500
SENDER_REFUSED = frozenset({530, 534, 535, 538})
"""Codes that say that whoever sends has to sign in, or sign in better: no fault of the recipient."""
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class MailServerTrouble(SsaError):
    """The mail server cannot be used at all; no mail is at fault."""


@dataclass(frozen=True, slots=True)
class PostOffice:
    """The mail server, whom mail is from, and where its links lead to."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    is_tls: bool
    """TLS from the first byte."""
    starts_tls: bool
    """TLS before anything is sent; without it there is no mail."""
    sender_name: str
    sender: str
    public_url: str


def post_office(smtp_url: str, mail_from: str, public_url: str) -> PostOffice:
    """Read the settings of mail.

    Parameters
    ----------
    smtp_url : str
        `smtp://[USER:PASSWORD@]HOST[:587]`, made safe by STARTTLS unless it ends in `?starttls=off`; or
        `smtps://…[:465]`. Signs in USER and PASSWORD are written as %XX.

    Raises
    ------
    Invalid
        If one of them cannot be used.
    """
    wrong = "SSA_SMTP_URL is no address of a mail server: use smtp://USER:PASSWORD@HOST:587 or smtps://HOST:465."
    try:
        parts = urlsplit(smtp_url)
        host, port, options = parts.hostname, parts.port, parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise Invalid(wrong) from None
    if parts.scheme not in ("smtp", "smtps") or not host or parts.path not in ("", "/"):
        raise Invalid(wrong)
    starttls = options.pop("starttls", ["required"])
    if options or starttls not in (["required"], ["off"]):
        raise Invalid("SSA_SMTP_URL: after the question mark there may be starttls=required or starttls=off.")
    if parts.password and starttls == ["off"] and parts.scheme == "smtp" and host not in HERE:
        raise Invalid("SSA_SMTP_URL: without TLS the password would be open to others; leave starttls=off out.")
    name, address = parseaddr(mail_from)
    sender = ascii_address(address)
    if sender is None:
        raise Invalid(
            "SSA_MAIL_FROM is no e-mail address; write one as cqr@example.org, or Registry <cqr@example.org>."
        )
    site = urlsplit(public_url)
    if site.scheme not in ("http", "https") or not site.hostname or site.query or site.fragment:
        raise Invalid("SSA_PUBLIC_URL is no address of a site; write one as https://cqr.example.org")
    is_tls = parts.scheme == "smtps"
    return PostOffice(
        host,
        port or (465 if is_tls else 587),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        is_tls,
        not is_tls and starttls == ["required"],
        in_one_line(name),
        sender,
        public_url.rstrip("/"),
    )


class Outcome(StrEnum):
    """What a server made of a mail. `UNSURE`: it got the mail and said nothing any more."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a mail, and what the server said if it was not sent."""

    outcome: Outcome
    trouble: str = ""


class Line:
    """A connection to a mail server, on which one mail goes after the other."""

    def __init__(self, office: PostOffice) -> None:
        self._office = office
        self._server = connect(office)

    def close(self) -> None:
        """Take leave."""
        with suppress(OSError, smtplib.SMTPException):
            self._server.quit()
        self._server.close()

    def send(self, message: EmailMessage, address: str) -> Delivery:
        """Hand a message to the server, on a new connection if this one has been lost.

        Raises
        ------
        MailServerTrouble
            If the server does not take mail of this sender, or cannot be reached any more.
        """
        try:
            return self._hand_over(message, address)
        except smtplib.SMTPException:  # before the mail was on its way: a server takes so many in a row
            self._server.close()
            self._server = connect(self._office)
        try:
            return self._hand_over(message, address)
        except smtplib.SMTPException:
            raise MailServerTrouble(_sentence(self._office, "it closes the connection")) from None

    def _hand_over(self, message: EmailMessage, address: str) -> Delivery:
        server = self._server
        code, reply = server.mail(self._office.sender)
        if code == 421:
            raise smtplib.SMTPServerDisconnected
        if code // 100 == 5:
            raise MailServerTrouble(_sentence(self._office, f"it takes no mail from here: {_said(code, reply)}"))
        if code // 100 == 2:
            code, reply = server.rcpt(address)
            if code in SENDER_REFUSED:
                raise MailServerTrouble(_sentence(self._office, f"it takes no mail from here: {_said(code, reply)}"))
        if code // 100 == 2:
            code, reply = server.docmd("DATA")
        if code == 354:
            return self._hand_over_data(message)
        if code == 421:
            raise smtplib.SMTPServerDisconnected
        with suppress(smtplib.SMTPException):
            server.rset()
        return Delivery(Outcome.REFUSED if code // 100 == 5 else Outcome.LATER, _said(code, reply))

    def _hand_over_data(self, message: EmailMessage) -> Delivery:
        """Send the text, and hear what became of it: from here on, silence leaves it in doubt."""
        lines = re.sub(rb"(?m)^\.", b"..", message.as_bytes(policy=SMTP))
        try:
            self._server.send((lines if lines.endswith(b"\r\n") else lines + b"\r\n") + b".\r\n")
            code, reply = self._server.getreply()
        except (OSError, smtplib.SMTPException) as lost:
            self._server.close()
            return Delivery(Outcome.UNSURE, _printable(str(lost)))
        outcomes = {2: Outcome.SENT, 5: Outcome.REFUSED}
        outcome = outcomes.get(code // 100, Outcome.LATER)
        return Delivery(outcome, "" if outcome is Outcome.SENT else _said(code, reply))


@contextmanager
def line_to(office: PostOffice) -> Iterator[Line]:
    """Connect to the mail server, and take leave at the end.

    Raises
    ------
    MailServerTrouble
        If it cannot be reached, has no TLS that can be trusted, or does not let us in.
    """
    line = Line(office)
    try:
        yield line
    finally:
        line.close()


def connect(office: PostOffice) -> smtplib.SMTP:
    """Connect and sign in; raise `MailServerTrouble` where that cannot be done."""
    trusted = ssl.create_default_context()
    server: smtplib.SMTP | None = None
    try:
        if office.is_tls:
            server = smtplib.SMTP_SSL(office.host, office.port, timeout=TIMEOUT_SECONDS, context=trusted)
        else:
            server = smtplib.SMTP(office.host, office.port, timeout=TIMEOUT_SECONDS)
        if office.starts_tls:
            server.starttls(context=trusted)
        if office.user:
            server.login(office.user, office.password)
        server.ehlo_or_helo_if_needed()
    except (OSError, smtplib.SMTPException, UnicodeError) as trouble:
        if server is not None:
            server.close()
        raise MailServerTrouble(_sentence(office, _why(trouble))) from None
    return server


def _why(trouble: Exception) -> str:
    if isinstance(trouble, smtplib.SMTPResponseException):
        return _said(trouble.smtp_code, trouble.smtp_error)
    if isinstance(trouble, smtplib.SMTPNotSupportedError):
        return (
            f"{_printable(str(trouble))} Without TLS, and in a closed network only, end SSA_SMTP_URL in ?starttls=off"
        )
    return _printable(str(trouble))


def _sentence(office: PostOffice, why: str) -> str:
    return f"The mail server {office.host}:{office.port} cannot be used ({why}). No mail is lost; send it later."


def _said(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return _printable(f"{code} {text}")


def _printable(text: str) -> str:
    return in_one_line(text)[:TROUBLE_LENGTH]
