"""ssa items: classical item analysis of files of marked responses, without a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssa_engine.cli.shared import out_option

if TYPE_CHECKING:
    import pandas as pd

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
    from ssa_engine.exchange.response_files import write_table

    marked = _pooled(files)
    report = item_report(marked, None if parameters is None else _parameters(parameters))
    tables = {
        "items": report.items, "form_items": report.form_items, "distractors": report.distractors,
        "traces": report.traces, "reliability": report.reliability, "conditional_sem": report.conditional_sem,
    }  # fmt: skip
    for name, table in tables.items():
        if table is not None:
            write_table(table, out / f"{name}.csv")
    click.echo(_found(report, marked["attempt_id"].nunique(), out))


def _pooled(files: tuple[Path, ...]) -> pd.DataFrame:
    """Read the files as one, once sure that they have the same columns and no attempt in common."""
    import pandas as pd

    from ssa_engine.core.errors import Invalid
    from ssa_engine.exchange.response_files import read_marked

    frames = [read_marked(path) for path in files]
    first = frames[0]
    seen = pd.Series(first["attempt_id"].unique())
    for path, frame in zip(files[1:], frames[1:], strict=True):
        differing = sorted(set(first.columns) ^ set(frame.columns))
        if differing:
            names = ", ".join(differing)
            raise Invalid(f"{path}: has not the same columns as {files[0]} ({names}). Give both files the same.")
        attempts = pd.Series(frame["attempt_id"].unique())
        again = attempts[attempts.isin(seen)]
        if len(again):
            raise Invalid(f"{path}: attempt '{again.iloc[0]}' is in an earlier file as well. Keep each attempt once.")
        seen = pd.concat([seen, attempts])
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else first


def _parameters(path: Path) -> pd.DataFrame:
    """Read item parameters: index `item_id`."""
    import pandas as pd

    from ssa_engine.core.errors import Invalid
    from ssa_engine.exchange.response_files import read_responses

    frame = read_responses(path)
    missing = [name for name in ("item_id", "a", "b") if name not in frame]
    if missing:
        raise Invalid(f"{path}: has no column {' and no column '.join(repr(name) for name in missing)}.")
    again = frame["item_id"].duplicated()
    if again.any() or frame["item_id"].isna().any():
        what = f"item '{frame['item_id'][again].iloc[0]}' twice" if again.any() else "a row without item_id"
        raise Invalid(f"{path}: has {what}. Give each item one row.")
    for name in ("a", "b", "c"):
        if name in frame:
            numbers = pd.to_numeric(frame[name], errors="coerce")
            bad = numbers.isna() & frame[name].notna()
            if bad.any():
                raise Invalid(f"{path}:{int(bad.to_numpy().argmax()) + 2}: '{name}' is no number.")
            frame[name] = numbers
    return frame.set_index("item_id")


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
