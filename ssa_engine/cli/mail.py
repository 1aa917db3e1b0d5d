"""ssa mail: send, list, again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ssa_engine.cli.shared import json_option, now, open_database, say_json, who
from ssa_engine.config import read_settings
from ssa_engine.core.errors import Invalid

if TYPE_CHECKING:
    from ssa_engine.content.library import Library
    from ssa_engine.storage.db import Database


@click.group()
def mail() -> None:
    """Mail to candidates, from the outbox."""


@mail.command()
def send() -> None:
    """Send the mails whose time has come. Safe to repeat, and to run twice at once.

    `ssa cycles tick` does it too. A mail that could not be sent is tried again later: after 1, 5, 30 and 120 minutes,
    then every two hours, ten times in all. One that was being sent when its sender was stopped is not sent again by
    itself.
    """
    db, banks = open_database()
    said = send_waiting(db, banks.library, now)
    if said is None:
        raise Invalid("No mail server is set, so no mail is sent. Set SSA_SMTP_URL, SSA_MAIL_FROM and SSA_PUBLIC_URL.")
    click.echo(said)


def send_waiting(db: Database, library: Library, clock: Callable[[], dt.datetime]) -> str | None:
    """Send what waits; return what to say of it, or None if no mail server is set."""
    from ssa_engine.actions import mail as actions
    from ssa_engine.core.mail import MailState
    from ssa_engine.exchange.smtp import post_office

    settings = read_settings()
    if not settings.smtp_url:
        return None
    office = post_office(settings.smtp_url, settings.mail_from, settings.public_url)
    done = actions.send_waiting(actions.Sender(db, library, office, who(), clock))
    troubled = done[MailState.REFUSED] + done[MailState.UNSURE]
    return (
        f"{done[MailState.SENT]} mails sent, {done[MailState.WAITING]} to be tried again, "
        f"{done[MailState.REFUSED]} refused, {done[MailState.UNSURE]} in doubt."
        + (" `ssa mail list` shows why." if troubled else "")
    )


@mail.command("list")
@json_option
def list_troubled(as_json: bool) -> None:
    """List the mails that were refused or are in doubt, and say how many wait and were sent."""
    from ssa_engine.storage import mail as rows

    db, _ = open_database()
    with db.read() as connection:
        counts, troubled = rows.counts(connection), rows.troubled(connection)
    if as_json:
        wanted = ("id", "state", "tried_at", "tries", "person_id", "email", "kind", "trouble")
        found = [{name: getattr(one, name) for name in wanted} for one in troubled]
        say_json({"counts": counts, "mails": found})
        return
    for one in troubled:
        tried = f"{one.tried_at:%Y-%m-%d %H:%M} UTC" if one.tried_at else "not tried"
        click.echo(f"{one.id}  {one.state}  {tried}  {one.kind} to {one.email}\n    {one.trouble}")
    click.echo(", ".join(f"{number} {state}" for state, number in counts.items()))


@mail.command()
@click.argument("mail_ids", metavar="ID...", nargs=-1, required=True, type=click.IntRange(1))
def again(mail_ids: tuple[int, ...]) -> None:
    """Let mails wait once more that were refused or are in doubt.

    Ask the mail server or the person first whether one in doubt arrived: it is sent once more.
    """
    from ssa_engine.actions import mail as actions

    db, _ = open_database()
    for mail_id in mail_ids:
        actions.send_again(db, mail_id, who=who(), now=now())
        click.echo(f"Mail {mail_id} waits to be sent.")


COMMANDS = (mail,)
