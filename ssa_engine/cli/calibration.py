"""ssa calibrate: item response theory from files of marked responses, without a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from ssa_engine.core.psychometrics.irt.calibration import Calibration
    from ssa_engine.core.psychometrics.irt.irt_report import IrtReport
    from ssa_engine.core.psychometrics.irt.linking import Linking, Method

READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, required=True, type=READABLE, metavar="FILE...")
@click.option(
    "--model", default="2pl", show_default=True, type=click.Choice(["1pl", "2pl", "3pl"]),
    help="1pl: one slope for all items.",
)  # fmt: skip
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write, CSV or Parquet."
)
@click.option(
    "--report", type=click.Path(file_okay=False, path_type=Path),
    help="Folder for abilities, fit of items and persons, information, sum scores and the model.",
)  # fmt: skip
@click.option("--bank", type=READABLE, help="Item parameters (item_id,a,b) whose scale the new ones are put on.")
@click.option(
    "--link", "method", default="stocking-lord", show_default=True,
    type=click.Choice(["mean-sigma", "mean-mean", "stocking-lord", "haebara"]),
    help="How to find the bank's scale from the items in common.",
)  # fmt: skip
@click.option(
    "--iterations", default=2000, show_default=True, type=click.IntRange(1), help="After how many to give up."
)
def calibrate(
    files: tuple[Path, ...],
    model: str,
    out: Path,
    report: Path | None,
    bank: Path | None,
    method: Method,
    iterations: int,
) -> None:
    """Calibrate the items of marked responses (CSV or Parquet: attempt_id,item_id,correct).

    Logistic metric, abilities standard normal. An item that was not presented has no row. Several files are taken
    together. Writes item_id, a, b and their standard errors, for the 3pl c as well, n and a note that says what is
    missing or not to be trusted.

    With --bank, a, b and their errors are on the bank's scale, and so is the report. The report: abilities.csv (EAP,
    MAP, WLE), item_fit.csv, person_fit.csv, information.csv, model.csv; where all attempts had the same items also
    eap_by_sum_score.csv and s_x2_tables.csv; with --bank also linking.csv and anchors.csv.
    """
    from ssa_engine.core.psychometrics.irt.bank_scale import bank_link, on_scale
    from ssa_engine.core.psychometrics.irt.calibration import calibrate as calibrated
    from ssa_engine.core.psychometrics.irt.irt_report import irt_report
    from ssa_engine.core.psychometrics.matrix import response_matrix
    from ssa_engine.exchange.response_files import read_item_parameters, read_marked_together, write_table

    if not bank and click.get_current_context().get_parameter_source("method") is not ParameterSource.DEFAULT:
        raise click.UsageError("--link says how to link to a bank: give its item parameters with --bank.")
    known = read_item_parameters(bank) if bank else None
    responses = response_matrix(read_marked_together(files))
    found = calibrated(responses, model=model, most_iterations=iterations)
    linking, note = (None, "") if known is None else bank_link(found.items, known, method=method)
    tables = irt_report(responses, found, linking=linking, link_note=note) if report else None
    write_table(on_scale(found.items, linking).drop(columns=["d", "d_se"]).reset_index(), out)
    _say_calibration(found, out)
    if linking and bank:
        _say_linking(linking, note, bank)
    if tables and report:
        _write_report(tables, report)


def _say_calibration(found: Calibration, out: Path) -> None:
    """Say what was found and where it is; on stderr, what is amiss."""
    click.echo(
        f"{found.model.upper()}, {found.items['a'].notna().sum()} of {len(found.items)} items, "
        f"{found.persons} attempts: log-likelihood {found.log_likelihood:.4f} after {found.iterations} iterations: "
        f"{out}"
    )
    noted = int((found.items["note"] != "").sum())
    for remark in (*found.remarks, *([f"Items with a note: {noted}. See the column 'note'."] if noted else [])):
        click.echo(remark, err=True)


def _say_linking(linking: Linking, note: str, bank: Path) -> None:
    """Say that the parameters are on the bank's scale, and how they came there."""
    intercept = round(linking.intercept, 4) + 0.0  # no -0.0000
    click.echo(
        f"a, b and their errors are on the scale of {bank}: theta_bank = {linking.slope:.4f} theta_new "
        f"{intercept:+.4f}, {linking.method} over {len(linking.anchors)} anchors"
    )
    if note:
        click.echo(note, err=True)


def _write_report(tables: IrtReport, folder: Path) -> None:
    """Write the tables there are, and name them."""
    from ssa_engine.exchange.response_files import write_table

    every = {
        "model": tables.model, "abilities": tables.abilities, "item_fit": tables.item_fit,
        "s_x2_tables": tables.s_x2_tables, "person_fit": tables.person_fit, "information": tables.information,
        "eap_by_sum_score": tables.eap_by_sum_score, "linking": tables.linking, "anchors": tables.anchors,
    }  # fmt: skip
    written = {f"{name}.csv": table for name, table in every.items() if table is not None}
    for name, table in written.items():
        write_table(table, folder / name)
    click.echo(f"{', '.join(written)}: {folder}")
    for remark in tables.remarks:
        click.echo(remark, err=True)


COMMANDS = (calibrate,)
