"""ssa activities: import, list."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from ssa_engine.cli.shared import json_option, now, open_database, say_json, who


@click.group()
def activities() -> None:
    """The catalogue of CE activities."""


@activities.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--withdraw-missing", is_flag=True, help="Offer no longer what the file does not name.")
@json_option
def import_file(file: Path, withdraw_missing: bool, as_json: bool) -> None:
    """Import activities from CSV. All rows or, if one is bad, none; the same file twice changes nothing.

    Columns: code,title,sponsor,format,credits,minutes,cost,starts_on,ends_on,mechanism,biennium,url,distribution.
    """
    from ssa_engine.actions.activities import import_activities
    from ssa_engine.exchange.activity_files import read_activities

    db, banks = open_database()
    outlines = {code: tuple(spec.area_names) for code, spec in banks.library.specs.items()}
    rows = read_activities(file, outlines)
    done = import_activities(db, rows, withdraw_missing=withdraw_missing, who=who(), now=now())
    if as_json:
        say_json(asdict(done))
        return
    click.echo(
        f"{len(done.added)} activities added, {len(done.changed)} changed, {len(done.unchanged)} unchanged, "
        f"{len(done.withdrawn)} withdrawn."
    )


@activities.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List the catalogue, with what is withdrawn."""
    from ssa_engine.storage import activities as rows

    db, _ = open_database()
    with db.read() as connection:
        found = rows.everything(connection)
    if as_json:
        say_json([{name: value for name, value in asdict(one).items() if name != "id"} for one in found])
        return
    for one in found:
        shared = " ".join(
            f"{discipline}:{area}={credits:g}"
            for discipline, areas in one.distribution.items()
            for area, credits in areas.items()
        )
        state = "withdrawn  " if one.withdrawn else ""
        click.echo(
            f"{one.code}  {state}{one.credits:g} credits  {one.minutes} min  {one.cost:g}  {one.format}  {one.title}  "
            f"({one.sponsor})  {shared}".rstrip()
        )
    if not found:
        click.echo("There are no activities yet: ssa activities import FILE", err=True)


COMMANDS = (activities,)
