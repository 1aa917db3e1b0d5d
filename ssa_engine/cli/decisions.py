"""ssa decisions: what a set of standards does to a file of responses."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssa_engine.cli.shared import out_option

if TYPE_CHECKING:
    import pandas as pd

    from ssa_engine.core.policies import CreditRule, Policy

READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, required=True, type=READABLE)
@click.option(
    "--standards", multiple=True,
    help="VALUE for all areas, AREA=VALUE, or a CSV file with content_area,standard. Proportions; may be repeated.",
)  # fmt: skip
@click.option("--policy", "policy_file", type=READABLE, help="Policy as YAML: its standards and its credit rule.")
@click.option("--credits", "credits_file", type=READABLE, help="Policy as YAML: its credit rule alone.")
@click.option("--items", "items_file", type=READABLE, help="Item parameters (item_id,a,b): adds Lee's and Rudner's.")
@click.option("--cut-se", multiple=True, help="AREA=SE or SE: standard error of a standard, a proportion.")
@click.option("--loss-ratio", type=click.FloatRange(min=0), help="How many times as bad a missed need is.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the bootstrap and profiles.")
@click.option(
    "--replications", default=1000, show_default=True, type=click.IntRange(1, 100_000), help="Bootstrap samples."
)
@out_option
def decisions(
    files: tuple[Path, ...],
    standards: tuple[str, ...],
    policy_file: Path | None,
    credits_file: Path | None,
    items_file: Path | None,
    cut_se: tuple[str, ...],
    loss_ratio: float | None,
    seed: int,
    replications: int,
    out: Path,
) -> None:
    """Say how often decisions at a cut are right, and how often a retest would repeat them.

    FILES are marked responses (CSV or Parquet): attempt_id, item_id, correct, content_area. Writes areas.csv,
    sweep.csv, profile.csv and decisions.csv.
    """
    import pandas as pd

    from ssa_engine.content.specs import read_policy
    from ssa_engine.core.psychometrics.decisions.area_groups import area_groups
    from ssa_engine.core.psychometrics.decisions.decision_tables import area_table, sweep_table
    from ssa_engine.core.psychometrics.decisions.profile_tables import decision_table, profile_table
    from ssa_engine.exchange.response_files import read_marked, write_table

    policy = read_policy(policy_file) if policy_file else None
    rule = _rule(policy, read_policy(credits_file) if credits_file else None)
    marked = pd.concat([read_marked(path, "content_area") for path in files], ignore_index=True)
    groups = area_groups(marked)
    cuts = _standards(standards, policy, groups)
    errors = _by_area(cut_se, groups, "--cut-se")
    items = _items(items_file) if items_file else None
    tables = {
        "areas": area_table(groups, cuts, items=items, replications=replications, seed=seed),
        "sweep": sweep_table(groups),
        "profile": profile_table(groups, cuts, rule=rule, standard_errors=errors, seed=seed),
        "decisions": decision_table(groups, cuts, loss_ratio=loss_ratio),
    }
    for name, table in tables.items():
        write_table(table, out / f"{name}.csv")
    click.echo(_said(tables["areas"], tables["profile"]))
    click.echo(f"areas.csv, sweep.csv, profile.csv, decisions.csv: {out}")


def _rule(policy: Policy | None, credits: Policy | None) -> CreditRule | None:
    chosen = credits or policy
    return chosen.credits if chosen else None


def _standards(given: tuple[str, ...], policy: Policy | None, areas: Iterable[str]) -> dict[str, float]:
    """Return the standard of each area; what is given by --standards goes before the policy's."""
    from ssa_engine.core.errors import Invalid

    found = dict(policy.standards) if policy else {}
    found |= _by_area(given, areas, "--standards")
    lacking = [area for area in areas if area not in found]
    if lacking:
        raise Invalid(f"There is no standard for: {', '.join(lacking)}. Give --standards AREA=VALUE or --policy FILE.")
    return {area: found[area] for area in areas}


def _by_area(given: tuple[str, ...], areas: Iterable[str], option: str) -> dict[str, float]:
    """Read VALUE, AREA=VALUE and files; a VALUE alone holds for the areas that no other names."""
    from ssa_engine.core.errors import Invalid

    known = set(areas)
    common: dict[str, float] = {}
    named: dict[str, float] = {}
    for text in given:
        if Path(text).is_file():
            named |= _file(Path(text))
            continue
        area, equals, value = text.rpartition("=")
        read = _proportion(value, f"{option} {text}")
        if equals and area not in known:
            raise Invalid(f"{option} {text}: no response has the content area '{area}'.")
        if equals:
            named[area] = read
        else:
            common = dict.fromkeys(known, read)
    return common | named


def _file(path: Path) -> dict[str, float]:
    """Read standards from a CSV file with content_area,standard, or from a policy in YAML."""
    from ssa_engine.content.specs import read_policy

    if path.suffix.lower() in (".yaml", ".yml"):
        return dict(read_policy(path).standards)
    table = _read(path, "content_area", "standard")
    return {
        str(area): _proportion(str(value), f"{path}:{row}")
        for row, (area, value) in enumerate(zip(table["content_area"], table["standard"], strict=True), start=2)
    }


def _proportion(text: str, where: str) -> float:
    from ssa_engine.core.errors import Invalid

    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise Invalid(f"{where}: '{text}' is no proportion. Give a number from 0 to 1, or a file that exists.")
    return value


def _items(path: Path) -> pd.DataFrame:
    """Read item parameters: index item_id."""
    import pandas as pd

    from ssa_engine.core.errors import Invalid

    table = _read(path, "item_id", "a", "b").set_index("item_id")
    names = [name for name in ("a", "b", "c") if name in table]
    numbers: pd.DataFrame = table[names].apply(pd.to_numeric, errors="coerce")
    if (bad := (numbers.isna() & table[names].notna()).any(axis=1)).any():
        raise Invalid(f"{path}: the parameters of '{table.index[bad][0]}' are no numbers.")
    if numbers.index.has_duplicates:
        raise Invalid(f"{path}: item '{numbers.index[numbers.index.duplicated()][0]}' stands twice.")
    return numbers


def _read(path: Path, *needed: str) -> pd.DataFrame:
    """Read a table as text, with these columns at least."""
    import pandas as pd

    from ssa_engine.core.errors import Invalid

    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            table = pd.read_parquet(path)
        else:
            table = pd.read_csv(path, dtype="str", encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise Invalid(f"{path}: cannot be read as a table ({str(error).splitlines()[0]}).") from None
    missing = [name for name in needed if name not in table]
    if missing:
        raise Invalid(f"{path}: has no column {' and no column '.join(map(repr, missing))}.")
    table[needed[0]] = table[needed[0]].astype(str)
    return table


def _said(areas: pd.DataFrame, profile: pd.DataFrame) -> str:
    """Say in one line what was found."""
    from ssa_engine.core.psychometrics.decisions.classification import BETA_BINOMIAL

    plain = areas[areas["method"] == BETA_BINOMIAL]
    known = plain["accuracy"].notna()
    if not known.any():
        return f"{len(plain)} areas, and too few attempts or items to say how good decisions are."
    right, again = plain["accuracy"].mean(), plain["consistency"].mean()
    same = profile["consistency"].iloc[-1]
    return (
        f"{known.sum()} of {len(plain)} areas: {right:.1%} of area decisions are right, {again:.1%} would be the same "
        f"on a retest (beta-binomial); all areas the same for {same:.1%}."
    )


COMMANDS = (decisions,)
