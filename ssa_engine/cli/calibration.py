"""ssa calibrate: item parameters from a file of marked responses."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("responses", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--model", required=True, type=click.Choice(["1pl", "2pl", "3pl"]), help="1pl: one slope for all items.")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write, CSV or Parquet."
)
@click.option(
    "--iterations", default=2000, show_default=True, type=click.IntRange(1), help="After how many to give up."
)
def calibrate(responses: Path, model: str, out: Path, iterations: int) -> None:
    """Calibrate the items of a file of marked responses (CSV or Parquet: attempt_id,item_id,correct).

    Logistic metric, abilities standard normal. An item that was not presented has no row. Writes item_id, a, b and
    their standard errors, for the 3pl c as well, n and a note that says what is missing or not to be trusted.
    """
    from ssa_engine.core.psychometrics.irt.calibration import calibrate as calibrated
    from ssa_engine.core.psychometrics.matrix import response_matrix
    from ssa_engine.exchange.response_files import read_marked, write_table

    found = calibrated(response_matrix(read_marked(responses)), model=model, most_iterations=iterations)
    write_table(found.items.drop(columns=["d", "d_se"]).reset_index(), out)
    click.echo(
        f"{model.upper()}, {found.items['a'].notna().sum()} of {len(found.items)} items, {found.persons} attempts: "
        f"log-likelihood {found.log_likelihood:.4f} after {found.iterations} iterations: {out}"
    )
    noted = int((found.items["note"] != "").sum())
    for remark in (*found.remarks, *([f"Items with a note: {noted}. See the column 'note'."] if noted else [])):
        click.echo(remark, err=True)


COMMANDS = (calibrate,)
