"""ssa standard-setting: a panel's sheets to cuts, with their error, their record and a chart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ssa_engine.cli.shared import out_option

if TYPE_CHECKING:
    import pandas as pd

    from ssa_engine.core.psychometrics.panels.tables import AreaStandard

METHODS = ("angoff", "bookmark", "hofstee", "beuk", "de-gruijter")
A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("standard-setting")
@click.argument("ratings", type=A_FILE)
@click.option(
    "--method", "methods", default=["angoff"], show_default="angoff", multiple=True, type=click.Choice(METHODS),
    help="Of hofstee, beuk and de-gruijter several may be given; the first sets the standard.",
)  # fmt: skip
@click.option(
    "--scores", "scores_file", type=A_FILE, help="Candidates: attempt_id, score, perhaps content_area, items."
)
@click.option("--parameters", "parameters_file", type=A_FILE, help="Items of a bookmark's booklet: item_id, a, b.")
@click.option("--p-values", "p_values_file", type=A_FILE, help="Proportions right to hold ratings against.")
@click.option("--also", "also_file", type=A_FILE, help="cut.csv of another method, to draw on the same curve.")
@click.option("--round", "round_number", type=click.IntRange(1), help="The round that counts. Without it: the last.")
@click.option("--area", help="Which content area, or how to call what the sheet is about.")
@click.option("--items", type=click.IntRange(1), help="Items on a form; scores are then numbers right of so many.")
@click.option("--percent", is_flag=True, help="Judges wrote 0 to 100 and not 0 to 1.")
@click.option("--response-probability", default=0.67, show_default=True, type=click.FloatRange(0, 1, True, True))
@click.option("--placement", default="at", show_default=True, type=click.Choice(["at", "before", "between"]),
              help="Whose location a bookmark means: the item named, the one before, or half-way.")  # fmt: skip
@click.option("--centre", default="mean", show_default=True, type=click.Choice(["mean", "median"]),
              help="Of the judges' bookmarks.")  # fmt: skip
@click.option("--policy", "policy_file", type=A_FILE,
              help="Policy as YAML: drafts it with these standards and their record.")  # fmt: skip
@click.option("--date", "held_on", type=click.DateTime(["%Y-%m-%d"]), help="When the panel met, for the record.")
@out_option
def standard_setting(ratings: Path, methods: tuple[str, ...], out: Path, **options: Any) -> None:
    """Turn a panel's sheet (CSV or Parquet) into standards.

    angoff: judge,item_id,rating. bookmark: judge,page_item_id. The others: judge and either
    min_cut,max_cut,lowest_share_below,highest_share_below or cut,share_below. round and content_area may be added.
    Writes cut.csv, judges.csv, agreement.csv, rounds.csv, curve.csv, curve.svg and record.json; with --policy also
    policy.json, which ssa policies publish and every --policy take.
    """
    from ssa_engine.actions.panel_records import record_of, with_standards
    from ssa_engine.content.specs import read_policy
    from ssa_engine.core.psychometrics.panels.tables import cut_table

    base = read_policy(options["policy_file"]) if options["policy_file"] else None
    standards = _standards(ratings, methods, options)
    cuts = cut_table(standards)
    held_on = options["held_on"].date() if options["held_on"] else None
    record = record_of(
        standards, cuts, sheet_name=ratings.name, sheet=ratings.read_bytes(), method=methods[0], held_on=held_on
    )
    draft = None if base is None else with_standards(base, record)
    _write(standards, cuts, options["also_file"], out)
    (out / "record.json").write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if draft is not None:
        text = json.dumps(draft.model_dump(mode="json", exclude_none=True), indent=2, ensure_ascii=False)
        (out / "policy.json").write_text(text + "\n", encoding="utf-8")
    for row in cuts.to_dict("records"):
        click.echo(_said(row))
    click.echo(f"Written to {out}")


def _standards(ratings: Path, methods: tuple[str, ...], options: dict[str, Any]) -> list[AreaStandard]:
    """Read what there is and set each area's standard."""
    from ssa_engine.actions.panel_records import PanelData, methods_in_order, set_standards
    from ssa_engine.core.psychometrics.panels.tables import PanelSettings
    from ssa_engine.exchange import rating_sheets as sheets

    chosen = methods_in_order(methods)
    percent, items = options["percent"], options["items"]
    scores, parameters, p_values = (options[f"{name}_file"] for name in ("scores", "parameters", "p_values"))
    data = PanelData(
        sheet=sheets.read_sheet_of(chosen[0], ratings, percent=percent),
        sheet_name=str(ratings),
        scores=sheets.read_scores(scores, items=items) if scores else None,
        scores_name=str(scores),
        parameters=sheets.read_item_parameters(parameters) if parameters else None,
        parameters_name=str(parameters),
        p_values=sheets.read_p_values(p_values) if p_values else None,
    )
    settings = PanelSettings(
        round_number=options["round_number"],
        response_probability=options["response_probability"],
        placement=options["placement"],
        centre=options["centre"],
        items=items,
    )
    return set_standards(data, chosen, settings, area=options["area"])


def _write(standards: list[AreaStandard], cuts: pd.DataFrame, also: Path | None, out: Path) -> None:
    """Write the tables and the charts."""
    from ssa_engine.actions.panel_records import tables_of
    from ssa_engine.exchange.rating_sheets import read_cuts
    from ssa_engine.exchange.response_files import write_table
    from ssa_engine.exchange.standard_chart import area_charts

    others = None if also is None else read_cuts(also)
    for name, table in tables_of(standards, cuts, others).items():
        write_table(table, out / f"{name}.csv")
    charts = area_charts(standards, cuts, others)
    for number, chart in enumerate(charts, start=1):
        (out / ("curve.svg" if len(charts) == 1 else f"curve-{number}.svg")).write_text(chart, encoding="utf-8")


def _said(row: Mapping[Any, Any]) -> str:
    """Say one cut in a line."""
    import pandas as pd

    if pd.isna(row["cut_proportion"]):
        return f"{row['area']}, {row['method']}: no cut. {row['note']}"
    of = f"{row['items']} item{'' if row['items'] == 1 else 's'}"
    items = "" if pd.isna(row["cut"]) else f", {row['cut']} of {of}"
    error = "" if pd.isna(row["se"]) else f", standard error {row['se']:.4f}"
    return f"{row['area']}, {row['method']}: cut {row['cut_proportion']:.4f}{items}{error}. {row['note']}".strip()


COMMANDS = (standard_setting,)
