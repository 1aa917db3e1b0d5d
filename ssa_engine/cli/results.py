"""ssa results: release."""

from __future__ import annotations

import datetime as dt

import click

from ssa_engine.cli.shared import now, open_database, who


@click.group()
def results() -> None:
    """Results that wait to be released."""


@results.command()
@click.argument("discipline")
@click.option(
    "--submitted-until",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="Only those submitted up to and on this day, where the programme is.",
)
@click.option("--dry-run", is_flag=True, help="Say how many there are; release none.")
def release(discipline: str, submitted_until: dt.datetime | None, dry_run: bool) -> None:
    """Release the results of DISCIPLINE that wait, whatever their policies say.

    Each person is told once. Results that came while it ran wait on. Safe to repeat.
    """
    from ssa_engine.actions import releases
    from ssa_engine.core.releases import Choice, Which, chosen, counts_of

    db, banks = open_database()
    spec, at = banks.library.spec(discipline), now()
    choice = Choice(seen_at=at)
    if submitted_until is not None:
        choice = Choice(Which.UNTIL, until=submitted_until.date(), seen_at=at)
    with db.read() as connection:
        counts = counts_of(chosen(releases.waiting(connection, spec, at), choice))
    click.echo(
        "{results} results of {people} people wait: {with_credits} with credits, {without_credits} without; "
        "{near} near the promised day, {late} late.".format(**counts)
    )
    if dry_run:
        return
    released = releases.release_chosen(db, banks, spec, choice, who=who(), now=at)
    click.echo("1 result released." if len(released) == 1 else f"{len(released)} results released.")


COMMANDS = (results,)
