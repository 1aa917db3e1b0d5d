"""ssa items: classical item analysis of files of marked responses, without a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssa_engine.cli.shared import out_option

if TYPE_CHECKING:
    from ssa_engine.core.psychometrics.classical.item_report import ItemReport


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE..."
)
@click.option(
    "--parameters", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Item parameters (item_id,a,b and, for the 3PL, c) to set beside the items.",
)  # fmt: skip
@out_option
def items(files: tuple[Path, ...], parameters: Path | None, out: Path) -> None:
    """Analyse items, their options and the reliability of scores from marked responses (CSV or Parquet).

    The smallest input is attempt_id,item_id,correct with one row for every item of every attempt. Also used where
    given: answer, content_area, form_id, scored, position, seconds. Several files are taken together.

    Writes items.csv, reliability.csv (bank, forms, content areas) and conditional_sem.csv; with answers also
    distractors.csv and traces.csv, with two forms or more also form_items.csv.
    """
    from ssa_engine.core.psychometrics.classical.item_report import item_report
    from ssa_engine.exchange.response_files import read_item_parameters, read_marked_together, write_table

    marked = read_marked_together(files)
    report = item_report(marked, None if parameters is None else read_item_parameters(parameters))
    tables = {
        "items": report.items, "form_items": report.form_items, "distractors": report.distractors,
        "traces": report.traces, "reliability": report.reliability, "conditional_sem": report.conditional_sem,
    }  # fmt: skip
    for name, table in tables.items():
        if table is not None:
            write_table(table, out / f"{name}.csv")
    click.echo(_found(report, marked["attempt_id"].nunique(), out))


def _found(report: ItemReport, attempts: int, out: Path) -> str:
    """Say what was found and where it is."""
    items, bank = report.items, report.reliability.iloc[0]
    against, noted = int((items["point_biserial"] < 0).sum()), int((items["note"] != "").sum())
    counts = f"{attempts} attempts, {len(items)} items, {against} with a negative point-biserial, {noted} with a note"
    if bank["alpha"] == bank["alpha"]:
        how = (
            f"alpha {bank['alpha']:.3f} ({bank['alpha_low']:.3f} to {bank['alpha_high']:.3f}), "
            f"SEM {bank['sem']:.2f} of {bank['items_per_attempt']:g} items"
        )
    else:
        how = f"alpha unknown. {bank['note']}"
    return f"{counts}: {out}\n{how}"


COMMANDS = (items,)
