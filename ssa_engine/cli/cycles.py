"""ssa cycles: tick, reinstate."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from ssa_engine.cli.mail import send_waiting
from ssa_engine.cli.shared import now, open_database, who
from ssa_engine.core.errors import NotFound
from ssa_engine.core.notices import NoticeKind

if TYPE_CHECKING:
    from ssa_engine.actions.cycles import Ticked

NOON = dt.time(12, tzinfo=dt.UTC)
day_type = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def cycles() -> None:
    """CQR cycles: what falls due, and reinstatement."""


@cycles.command()
@click.option("--today", type=day_type, help="Do what falls due by noon UTC of this day: for demos and tests.")
def tick(today: dt.datetime | None) -> None:
    """Do what falls due. Safe to repeat, to run late, and to run twice at once; run it once a day or oftener.

    Closes attempts whose time is over, as of the end of their clock, once the grace for an answer on its way and the
    minutes that a lost connection may still be given back are over too. Releases the results whose days have gone by.
    Tells people that their window will open or has opened, reminds those who are not complete, and discontinues
    credentials whose window ended. Of the reminders that a late run finds, it tells the nearest alone. Counts the
    claims and results whose promised day is over. Then it sends the mail that waits, if a mail server is set.
    """
    from ssa_engine.actions import cycles as actions

    db, banks = open_database()
    at = now() if today is None else dt.datetime.combine(today.date(), NOON)
    _say(actions.tick(db, banks, who=who(), now=at))
    if (sent := send_waiting(db, banks.library, now if today is None else lambda: at)) is not None:
        click.echo(sent)


def _say(done: Ticked) -> None:
    told = done.told
    click.echo(
        f"{done.closed} attempts closed at the end of their time, {done.released} results released, "
        f"{done.completed} cycles complete, {done.discontinued} credentials discontinued; told: "
        f"{told[NoticeKind.WINDOW_OPENS_SOON]} that their window opens soon, "
        f"{told[NoticeKind.WINDOW_OPEN]} that it is open, {told[NoticeKind.DUE_SOON]} that it ends soon."
    )
    if done.overdue_reviews or done.overdue_results:
        click.echo(
            f"Past the promised day: {done.overdue_reviews} claims, {done.overdue_results} results. See /staff/."
        )


@cycles.command()
@click.argument("email")
@click.argument("discipline")
@click.option("--on", type=day_type, help="The day from which the next period is counted; today if left out.")
def reinstate(email: str, discipline: str, on: dt.datetime | None) -> None:
    """Reinstate a credential that was discontinued and whose CQR is complete since."""
    from ssa_engine.actions import completion
    from ssa_engine.storage import people

    db, banks = open_database()
    spec = banks.library.spec(discipline)
    with db.read() as connection:
        known = people.by_email(connection, email)
        if known is None:
            raise NotFound(f"Nobody has the address {email}.")
        held = {one.discipline: one.id for one in people.credentials_of(connection, known[0].id)}
    if spec.discipline not in held:
        raise NotFound(f"{email} holds no credential in {spec.discipline}.")
    day = spec.cqr.today(now()) if on is None else on.date()
    begun = completion.reinstate(db, banks, credential_id=held[spec.discipline], on=day, who=who(), now=now())
    click.echo(f"{email} is reinstated in {spec.discipline} from {day}. CQR is next due by {begun.due_on}.")


COMMANDS = (cycles,)
