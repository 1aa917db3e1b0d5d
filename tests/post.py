"""A real SMTP server on this machine, that keeps what it is sent and answers as it is told to."""

from __future__ import annotations

import asyncio
import datetime as dt
import email
import email.policy
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from ssa_engine.exchange.smtp import PostOffice, post_office

PUBLIC_URL = "https://cqr.example.org"
NOON = dt.datetime(2027, 3, 14, 12, 0, tzinfo=dt.UTC)
MAIL_FROM = "Example Registry <cqr@example.org>"


@dataclass
class Mailbox:
    """What arrived, and what is answered: to an address, to any sender, and once a mail has been received."""

    arrived: list[tuple[str, EmailMessage]] = field(default_factory=list)
    to_recipients: dict[str, str] = field(default_factory=dict)
    to_sender: str = ""
    to_mail: str = ""
    hangs_up: bool = False
    """Close the connection after a mail was received, without a word."""
    tls: list[bool] = field(default_factory=list)
    """Of each mail, whether it came by TLS."""
    connections: int = 0

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, name: str, answers: list[str]) -> list[str]:
        session.host_name = name
        self.connections += 1
        return answers

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.to_sender:
            return self.to_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.to_recipients:
            return self.to_recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.to_mail:
            return self.to_mail
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        [address] = envelope.rcpt_tos
        self.arrived.append((address, message))
        self.tls.append(session.ssl is not None)
        if self.hangs_up:
            server.transport.close()
        return "250 OK"

    @property
    def addresses(self) -> list[str]:
        """To whom mail arrived, in order."""
        return [address for address, _ in self.arrived]


class _AnyPort(Controller):
    """A server on a port that is free."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def server(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    """Run a server for a mailbox; give its port, and be sure that it has stopped at the end."""
    controller = _AnyPort(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    mailbox.connections = 0  # the one by which it looked whether it answers
    port = int(controller.port)
    thread = controller._thread
    try:
        yield port
    finally:
        controller.stop()
        assert thread is not None
        assert not thread.is_alive()
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0, "the mail server still listens"


def office_at(port: int, options: str = "?starttls=off") -> PostOffice:
    """Return the way to a server on this machine."""
    return post_office(f"smtp://127.0.0.1:{port}{options}", MAIL_FROM, PUBLIC_URL)


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    """Return what a mail says in one of its parts, its white space folded."""
    part = message.get_body((kind,))
    assert part is not None
    return " ".join(part.get_content().split())


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for 127.0.0.1; return its file, and what a server needs of it."""
    openssl = shutil.which("openssl")
    assert openssl, "the tests of TLS need the program openssl"
    paths = folder / "key.pem", folder / "certificate.pem"
    command = f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    command += f" -addext subjectAltName=IP:127.0.0.1 -keyout {paths[0]} -out {paths[1]}"
    subprocess.run(command.split(), check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(paths[1], paths[0])
    return paths[1], context
