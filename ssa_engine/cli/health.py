"""ssa health: the health of the bank and of the sittings, from files of responses."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssa_engine.cli.shared import out_option

if TYPE_CHECKING:
    import pandas as pd

    from ssa_engine.core.psychometrics.health.health_report import HealthReport

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
TABLES = ("exposure", "overlap", "drift", "rapid", "rapid_items", "alike")


def _threshold(_context: click.Context, _option: click.Parameter, text: str) -> float | None:
    """Read seconds; None stands for normative thresholds."""
    if text == "normative":
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise click.BadParameter(f"'{text}' is neither 'normative' nor a number of seconds above 0.")
    return seconds


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option("--before", multiple=True, type=FILE, help="Marked responses of an earlier period; may be repeated.")
@click.option("--parameters", type=FILE, help="Item parameters (item_id,a,b): compares right answers as well.")
@click.option("--parameters-before", type=FILE, help="Those of the earlier period, on a scale of the same unit.")
@click.option(
    "--threshold", "seconds", default="normative", show_default=True, callback=_threshold, metavar="normative|SECONDS",
    help="An answer quicker than this is a rapid guess. normative: a tenth of the item's mean time, at most 10 s.",
)  # fmt: skip
@click.option(
    "--level", default=0.001, show_default=True, type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Probability of naming a pair of attempts, at most, where all worked alone.",
)  # fmt: skip
@out_option
def health(
    files: tuple[Path, ...],
    before: tuple[Path, ...],
    parameters: Path | None,
    parameters_before: Path | None,
    seconds: float | None,
    level: float,
    out: Path,
) -> None:
    """Look at how items are exposed, what forms share, what drifts, who guessed, and who answered alike.

    FILES are responses of one discipline (CSV or Parquet): attempt_id, item_id. Writes exposure.csv and overlap.csv
    (forms: form_id); where there are seconds, rapid.csv and rapid_items.csv; where there are answer and correct,
    alike.csv; with --before (correct) or the parameters of two periods, drift.csv.
    """
    from ssa_engine.core.errors import Invalid
    from ssa_engine.core.psychometrics.health.health_report import health_report
    from ssa_engine.exchange.response_files import read_item_parameters, write_table

    if parameters_before and not parameters:
        raise Invalid("There is nothing to compare --parameters-before with. Give --parameters as well.")
    seen = _pooled(files)
    report = health_report(
        seen,
        before=_pooled(before) if before else None,
        parameters=read_item_parameters(parameters) if parameters else None,
        parameters_before=read_item_parameters(parameters_before) if parameters_before else None,
        seconds=seconds,
        level=level,
    )
    written = [name for name in TABLES if getattr(report, name) is not None]
    for name in written:
        write_table(getattr(report, name), out / f"{name}.csv")
    for line in (
        *_found(report, seen["attempt_id"].nunique()),
        f"{', '.join(f'{name}.csv' for name in written)}: {out}",
    ):
        click.echo(line)
    for sentence in report.left_out:
        click.echo(sentence, err=True)


def _pooled(files: tuple[Path, ...]) -> pd.DataFrame:
    """Read the files as one, with the columns that all of them have."""
    import pandas as pd

    return pd.concat([_seen(path) for path in files], join="inner", ignore_index=True)


def _seen(path: Path) -> pd.DataFrame:
    """Read who saw what."""
    from ssa_engine.core.errors import Invalid
    from ssa_engine.exchange.response_files import read_responses, require_columns

    frame = read_responses(path)
    require_columns(path, frame, "attempt_id", "item_id")
    if not len(frame):
        raise Invalid(f"{path}: has no responses, only a head.")
    return frame


def _found(report: HealthReport, attempts: int) -> list[str]:
    """Say how many attempts and items there are, and how many of each are flagged."""
    share, mean = report.exposure["share"], report.overlap["share"].iloc[0]
    line = f"{attempts} attempts, {len(share)} items: exposure {share.min():.3f} to {share.max():.3f}"
    flagged = []
    if report.drift is not None:
        flagged.append(f"{report.drift['flagged'].sum()} of {len(report.drift)} items that drift")
    if report.rapid is not None:
        flagged.append(f"{report.rapid['flagged'].sum()} attempts of low effort")
    if report.alike is not None:
        counts = report.alike["compared"].value_counts()
        flagged += [f"{counts.get(name, 0)} of {pairs} pairs by {name}" for name, pairs in report.pairs.items()]
    lines = [f"{line}." if math.isnan(mean) else f"{line}, two attempts share {mean:.1%} of their items."]
    return [*lines, f"Flagged: {', '.join(flagged)}."] if flagged else lines


COMMANDS = (health,)
