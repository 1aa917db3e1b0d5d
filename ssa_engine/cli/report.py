"""ssa report: the technical report of a period as HTML and PDF, with its tables as CSV."""

from __future__ import annotations

from pathlib import Path

import click

from ssa_engine.cli.shared import now, open_database, out_option


@click.command()
@click.argument("period")
@click.option("--discipline", "disciplines", multiple=True, help="May be repeated. Without it: all that have a bank.")
@click.option(
    "--minimum", default=5, show_default=True, type=click.IntRange(1, 1000),
    help="Figures that stand on fewer candidates are not shown.",
)  # fmt: skip
@out_option
def report(period: str, disciplines: tuple[str, ...], minimum: int, out: Path) -> None:
    """Write the technical report of a period: 2026, 2026-Q3, 2026-07, or 2026-01-01..2026-06-30.

    For each discipline technical-report-….html, .pdf, and a folder of the same name with each table as CSV.
    """
    from ssa_engine.actions import reports
    from ssa_engine.core.report_periods import parse_period
    from ssa_engine.exchange.data_package import write_files
    from ssa_engine.exchange.response_files import write_table

    chosen = parse_period(period)
    db, banks = open_database()
    at = now()
    for discipline in disciplines or tuple(sorted(banks.library.banks)):
        made = reports.make(db, banks, discipline, chosen, now=at, minimum=minimum)
        files = {reports.file_name(made, kind): write(made) for kind, write in reports.FORMATS.items()}
        write_files(out, files)
        tables = out / reports.file_name(made, "").rstrip(".")
        for table in made.tables:
            write_table(table.frame(), tables / f"{table.id}.csv")
        click.echo(f"{made.programme}, {chosen.in_words}: {made.sections[0].blocks[0]}")
        click.echo(f"Written to {', '.join(str(out / name) for name in files)} and {tables}")


COMMANDS = (report,)
