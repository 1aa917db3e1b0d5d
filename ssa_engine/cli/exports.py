"""ssa export: datasets as CSV with a data package."""

from __future__ import annotations

import click

from ssa_engine.cli.shared import now, open_database, out_option


@click.command()
@click.argument("datasets", metavar="DATASET...", nargs=-1, required=True)
@out_option
@click.option("--for-spreadsheet", is_flag=True, help="Neutralise text that a spreadsheet would run as a formula.")
def export(datasets: tuple[str, ...], out: str, for_spreadsheet: bool) -> None:
    """Export attempts, responses, area_scores, prescriptions, items, cycles, claims, biennium … or all.

    With them goes datapackage.json, which says what each column holds.
    """
    from pathlib import Path

    from ssa_engine.actions.exports import names_of, read_datasets
    from ssa_engine.exchange.data_package import package_files, write_files

    names_of(datasets)
    db, banks = open_database()
    frames = read_datasets(db, banks, datasets, now=now())
    write_files(Path(out), package_files(frames, now(), for_spreadsheet=for_spreadsheet))
    for name, frame in frames.items():
        click.echo(f"{name}.csv: {len(frame)} rows")


COMMANDS = (export,)
