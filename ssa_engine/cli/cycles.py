"""ssa cycles: tick."""

from __future__ import annotations

import click

from ssa_engine.cli.shared import now, open_database, who


@click.group()
def cycles() -> None:
    """What falls due."""


@cycles.command()
def tick() -> None:
    """Do what falls due. Safe to repeat, and to run late.

    Closes attempts whose time is over, as of the end of their clock, once the grace for an answer on its way and the
    minutes that a lost connection may still be given back are over too. Releases the results whose days have gone by.
    """
    from ssa_engine.actions.results import close_timed_out, release_due

    db, banks = open_database()
    closed = close_timed_out(db, banks, who=who(), now=now())
    released = release_due(db, who=who(), now=now())
    click.echo(f"{len(closed)} attempts closed at the end of their time, {len(released)} results released.")


COMMANDS = (cycles,)
