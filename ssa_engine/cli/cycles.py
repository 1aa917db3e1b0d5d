"""ssa cycles: tick."""

from __future__ import annotations

import click

from ssa_engine.cli.shared import now, open_database, who


@click.group()
def cycles() -> None:
    """What falls due."""


@cycles.command()
def tick() -> None:
    """Do what falls due: close attempts whose time is over, as of the end of their clock. Safe to repeat."""
    from ssa_engine.actions.results import close_timed_out

    db, banks = open_database()
    closed = close_timed_out(db, banks, who=who(), now=now())
    click.echo(f"{len(closed)} attempts closed at the end of their time.")


COMMANDS = (cycles,)
