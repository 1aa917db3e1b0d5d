"""ssa dif: items and outcomes compared between groups, from files of marked responses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssa_engine.cli.shared import out_option
from ssa_engine.cli.standards import policy_option, standards_of, standards_option

if TYPE_CHECKING:
    import pandas as pd

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option("--group", "column", default="group", show_default=True, help="Column that names the group.")
@click.option("--focal", help="The group that is to be treated fairly. Without it, of two groups: the smaller one.")
@click.option("--reference", help="The group to compare it with. Without it: all others.")
@click.option("--groups", "groups_file", type=FILE, help="File of attempt_id or candidate_id and the group.")
@click.option("--correction/--no-correction", default=True, show_default=True, help="Continuity correction.")
@click.option("--purify", is_flag=True, help="Leave flagged items out of the score that groups are matched on.")
@standards_option
@policy_option
@out_option
def dif(
    files: tuple[Path, ...],
    column: str,
    focal: str | None,
    reference: str | None,
    groups_file: Path | None,
    correction: bool,
    purify: bool,
    standards: tuple[str, ...],
    policy_file: Path | None,
    out: Path,
) -> None:
    """Look for items that are harder for one group than for equally able others, and for unequal outcomes.

    The files have attempt_id,item_id,correct and the group in a column, or in a file of its own. Writes dif.csv with
    Mantel-Haenszel and logistic regression figures for every item. With standards or a policy, and content_area in
    the files, also groups.csv: how often each group is prescribed something, and its mean score, per area.
    """
    from ssa_engine.core.psychometrics.fairness.group_tables import focal_group
    from ssa_engine.core.psychometrics.fairness.groups import two_groups
    from ssa_engine.core.psychometrics.fairness.logistic_dif import dif_table
    from ssa_engine.core.psychometrics.matrix import response_matrix
    from ssa_engine.exchange.response_files import write_table

    by_outcome = bool(standards or policy_file)
    marked, groups = _read(files, column, groups_file, ("content_area",) if by_outcome else ())
    responses = response_matrix(marked)
    groups = groups.reindex(responses.attempts)
    chosen = focal or focal_group(groups, reference)
    compared, is_focal = two_groups(responses, groups, chosen, reference)
    scored = None
    if "scored" in marked:
        scored = compared.items.isin(marked.loc[marked["scored"].astype(bool), "item_id"])
    table = dif_table(compared, is_focal, correction=correction, purify=purify, anchors=scored)
    outcomes = _outcomes(marked, groups, (chosen, reference), standards, policy_file) if by_outcome else None
    write_table(table, out / "dif.csv")
    why = "" if focal else _why(int((~is_focal).sum()) - int(is_focal.sum()), reference)
    click.echo(f"{len(table)} items, {(~is_focal).sum()} attempts against {is_focal.sum()} of '{chosen}'{why}.")
    click.echo(f"{_classes(table)} Written: {out / 'dif.csv'}")
    if outcomes is not None:
        write_table(outcomes, out / "groups.csv")
        click.echo(f"{_rates(outcomes)} Written: {out / 'groups.csv'}")
    left_out = len(responses.attempts) - len(compared.attempts)
    if left_out:
        click.echo(f"{left_out} attempts of no known group or of other groups were left out.", err=True)


def _read(
    files: tuple[Path, ...], column: str, groups_file: Path | None, needed: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the marked responses of all files, and attempt_id -> group."""
    from ssa_engine.exchange.response_files import read_marked_together

    marked = read_marked_together(files, *(needed if groups_file else (column, *needed)))
    return marked, _groups_of_file(groups_file, column, marked) if groups_file else _groups_of_rows(marked, column)


def _outcomes(
    marked: pd.DataFrame,
    groups: pd.Series,
    chosen: tuple[str, str | None],
    standards: tuple[str, ...],
    policy_file: Path | None,
) -> pd.DataFrame:
    """Prescribe by these standards, and compare all groups with the reference group."""
    from ssa_engine.content.specs import read_policy
    from ssa_engine.core.psychometrics.fairness.group_tables import group_table, prescribed_areas, reference_group

    policy = read_policy(policy_file) if policy_file else None
    scored = marked[marked["scored"].astype(bool)] if "scored" in marked else marked
    areas = sorted(scored["content_area"].dropna().astype(str).unique())
    area_scores = prescribed_areas(marked, standards_of(standards, policy, areas), policy)
    focal, reference = chosen
    return group_table(area_scores, groups, reference=reference or reference_group(groups, focal))


def _why(fewer: int, reference: str | None) -> str:
    """Say why one of two groups is the focal one, which has so many attempts fewer."""
    if reference is not None:
        return ", focal because it is the other of two groups"
    return ", focal because it is " + ("the smaller of two groups" if fewer else "the later of two equal groups")


def _classes(table: pd.DataFrame) -> str:
    """Say how many items have which class, and which are flagged."""
    classes = ", ".join(f"{(table['ets_class'] == name).sum()} {name}" for name in "ABC")
    unknown = int(table["ets_class"].isna().sum())
    without = f", {unknown} without a class" if unknown else ""
    return f"ETS classes: {classes}{without}. Flagged: {', '.join(table.loc[table['flagged'], 'item_id']) or 'none'}."


def _rates(outcomes: pd.DataFrame) -> str:
    """Say how often each group is prescribed anything, and where the four-fifths rule is missed."""
    from ssa_engine.core.psychometrics.fairness.groups import ALL_AREAS

    whole = outcomes[outcomes["content_area"] == ALL_AREAS]
    rates = ", ".join(f"{rate:.1%} of '{name}'" for name, rate in zip(whole["group"], whole["rate"], strict=True))
    below = outcomes[outcomes["below_four_fifths"]]
    where = ", ".join(f"'{name}' in {area}" for name, area in zip(below["group"], below["content_area"], strict=True))
    return f"Prescribed something: {rates}. Below four fifths: {where or 'none'}."


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
