"""ssa dif: differential item functioning between two groups, from files of marked responses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssa_engine.cli.shared import out_option

if TYPE_CHECKING:
    import pandas as pd

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option("--group", "column", default="group", show_default=True, help="Column that names the group.")
@click.option("--focal", required=True, help="The group that is to be treated fairly.")
@click.option("--reference", help="The group to compare it with. Without it: all others.")
@click.option("--groups", "groups_file", type=FILE, help="File of attempt_id or candidate_id and the group.")
@click.option("--correction/--no-correction", default=True, show_default=True, help="Continuity correction.")
@click.option("--purify", is_flag=True, help="Leave flagged items out of the score that groups are matched on.")
@out_option
def dif(
    files: tuple[Path, ...],
    column: str,
    focal: str,
    reference: str | None,
    groups_file: Path | None,
    correction: bool,
    purify: bool,
    out: Path,
) -> None:
    """Look for items that are harder for one group than for equally able others.

    The files have attempt_id,item_id,correct and the group in a column, or in a file of its own. Writes dif.csv with
    Mantel-Haenszel and logistic regression figures for every item.
    """
    import pandas as pd

    from ssa_engine.core.psychometrics.fairness.groups import two_groups
    from ssa_engine.core.psychometrics.fairness.logistic_dif import dif_table
    from ssa_engine.core.psychometrics.matrix import response_matrix
    from ssa_engine.exchange.response_files import read_marked, write_table

    needed = () if groups_file else (column,)
    marked = pd.concat([read_marked(path, *needed) for path in files], ignore_index=True)
    groups = _groups_of_file(groups_file, column, marked) if groups_file else _groups_of_rows(marked, column)
    responses = response_matrix(marked)
    compared, is_focal = two_groups(responses, groups, focal, reference)
    scored = None
    if "scored" in marked:
        scored = compared.items.isin(marked.loc[marked["scored"].astype(bool), "item_id"])
    table = dif_table(compared, is_focal, correction=correction, purify=purify, anchors=scored)
    write_table(table, out / "dif.csv")
    classes = ", ".join(f"{(table['ets_class'] == name).sum()} {name}" for name in "ABC")
    unknown = int(table["ets_class"].isna().sum())
    without = f", {unknown} without a class" if unknown else ""
    flagged = ", ".join(table.loc[table["flagged"], "item_id"]) or "none"
    click.echo(f"{len(table)} items, {len(is_focal) - is_focal.sum()} attempts against {is_focal.sum()} of '{focal}'.")
    click.echo(f"ETS classes: {classes}{without}. Flagged: {flagged}. Written: {out / 'dif.csv'}")
    left_out = len(responses.attempts) - len(compared.attempts)
    if left_out:
        click.echo(f"{left_out} attempts of no known group or of other groups were left out.", err=True)


def _groups_of_rows(marked: pd.DataFrame, column: str) -> pd.Series:
    """Return attempt_id -> group where every row names it."""
    return _one_each(marked["attempt_id"], marked[column], "Attempt")


def _groups_of_file(path: Path, column: str, marked: pd.DataFrame) -> pd.Series:
    """Return attempt_id -> group from a file by attempts, or by candidates where the responses name them."""
    from ssa_engine.core.errors import Invalid
    from ssa_engine.exchange.response_files import read_responses

    named = read_responses(path)
    key = next((name for name in ("attempt_id", "candidate_id") if name in named and name in marked), None)
    if key is None:
        raise Invalid(f"{path}: has no column 'attempt_id' or 'candidate_id' that the responses have as well.")
    if column not in named:
        raise Invalid(f"{path}: has no column '{column}'. Name the column of the group with --group.")
    groups = _one_each(named[key], named[column], "Attempt" if key == "attempt_id" else "Candidate")
    attempts = marked[["attempt_id", key]].drop_duplicates("attempt_id") if key != "attempt_id" else None
    if attempts is None:
        return groups
    return groups.reindex(attempts[key]).set_axis(attempts["attempt_id"].astype(str))


def _one_each(ids: pd.Series, values: pd.Series, who: str) -> pd.Series:
    """Return id -> group as text."""
    import pandas as pd

    from ssa_engine.core.errors import Invalid

    if pd.api.types.is_float_dtype(values):  # whole numbers beside empty cells
        values = values.astype("Int64") if (values.dropna() % 1 == 0).all() else values
    text = values.astype("str").where(values.notna())
    pairs = pd.DataFrame({"id": ids.astype("str").where(ids.notna()), "group": text}).dropna().drop_duplicates()
    twice = pairs["id"].duplicated()
    if twice.any():
        raise Invalid(f"{who} '{pairs.loc[twice, 'id'].iloc[0]}' is in two groups. Give each one group.")
    return pairs.set_index("id")["group"]


COMMANDS = (dif,)
