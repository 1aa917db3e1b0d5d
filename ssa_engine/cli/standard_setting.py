"""ssa standard-setting: a panel's sheets to cuts, with their error, their record and a chart."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ssa_engine.cli.shared import out_option

if TYPE_CHECKING:
    import pandas as pd

    from ssa_engine.core.policies import Policy
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
    from ssa_engine.content.specs import read_policy
    from ssa_engine.core.psychometrics.panels.tables import cut_table

    base = read_policy(options["policy_file"]) if options["policy_file"] else None
    standards = _standards(ratings, methods, options)
    cuts = cut_table(standards)
    record = _record(standards, cuts, ratings, methods[0], options["held_on"])
    draft = None if base is None else _draft(base, record)
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
    from ssa_engine.core.errors import Invalid
    from ssa_engine.core.psychometrics.panels.tables import COMPROMISES, METHODS, PanelSettings, set_standard
    from ssa_engine.exchange import rating_sheets as sheets

    if len(methods) > 1 and set(methods) - set(COMPROMISES):
        raise Invalid("angoff and bookmark have sheets of their own. Run them one by one, and draw one with --also.")
    chosen = [method for name in methods for method in METHODS if method == name]
    percent, items = options["percent"], options["items"]
    if methods[0] == "angoff":
        sheet = sheets.read_ratings(ratings, percent=percent)
    elif methods[0] == "bookmark":
        sheet = sheets.read_bookmarks(ratings)
    else:
        sheet = sheets.read_cuts_and_shares(ratings, percent=percent)
    scores = sheets.read_scores(options["scores_file"], items=items) if options["scores_file"] else None
    parameters = sheets.read_item_parameters(options["parameters_file"]) if options["parameters_file"] else None
    p_values = sheets.read_p_values(options["p_values_file"]) if options["p_values_file"] else None
    settings = PanelSettings(
        round_number=options["round_number"],
        response_probability=options["response_probability"],
        placement=options["placement"],
        centre=options["centre"],
        items=items,
    )
    whole = options["area"] is None and "content_area" not in sheet
    standards = []
    for area, own in _areas(sheet, options["area"], ratings):
        booklet = parameters if whole else _of_area(parameters, area, options["parameters_file"])
        of_area = _of_area(scores, area, options["scores_file"])
        standards.append(
            set_standard(area, own, chosen, settings, scores=of_area, parameters=booklet, p_values=p_values)
        )
    return standards


def _areas(sheet: pd.DataFrame, area: str | None, path: Path) -> list[tuple[str, pd.DataFrame]]:
    """Return the sheet of each area; a sheet without areas is about one, which may be given a name."""
    from ssa_engine.core.errors import Invalid

    if "content_area" not in sheet:
        return [(area or "total", sheet)]
    names = list(sheet["content_area"].drop_duplicates())
    if area is not None and area not in names:
        raise Invalid(f"{path}: has no content area '{area}'; it has {', '.join(names)}.")
    return [(name, sheet[sheet["content_area"] == name]) for name in names if area in (None, name)]


def _of_area(table: pd.DataFrame | None, area: str, path: Path | None) -> pd.DataFrame | None:
    """Return the scores or parameters of one area, where the file says which area they are of."""
    from ssa_engine.core.errors import Invalid

    if table is None or "content_area" not in table:
        return table
    own = table[table["content_area"] == area]
    if not len(own):
        names = ", ".join(table["content_area"].drop_duplicates())
        raise Invalid(f"{path}: has nothing of '{area}'; it has {names}. Say with --area which the sheet is about.")
    return own


def _write(standards: list[AreaStandard], cuts: pd.DataFrame, also: Path | None, out: Path) -> None:
    """Write the tables and the charts."""
    import pandas as pd

    from ssa_engine.core.psychometrics.panels.tables import curve_table
    from ssa_engine.exchange.rating_sheets import read_cuts
    from ssa_engine.exchange.response_files import write_table
    from ssa_engine.exchange.standard_chart import standard_chart

    drawn = cuts if also is None else pd.concat([cuts, read_cuts(also)], ignore_index=True)
    write_table(cuts, out / "cut.csv")
    for name, frames in (
        ("judges", [each.judges.assign(area=each.area) for each in standards]),
        ("agreement", [each.agreement.assign(area=each.area) for each in standards]),
        ("rounds", [each.rounds.reset_index().assign(area=each.area) for each in standards if each.rounds is not None]),
    ):
        if frames:
            table = pd.concat(frames, ignore_index=True)
            front = [column for column in ("area", "round", "judge", "measure") if column in table]
            write_table(table[[*front, *table.columns.difference(front, sort=False)]], out / f"{name}.csv")
    if any(each.curve is not None for each in standards):
        write_table(curve_table(standards, drawn), out / "curve.csv")
    for number, each in enumerate(standards, start=1):
        curve, own = each.curve, drawn[drawn["area"] == each.area]
        score, share = ([], []) if curve is None else (curve.score.tolist(), curve.share_below.tolist())
        chart = standard_chart(each.area, score, share, own, candidates=0 if curve is None else curve.candidates)
        name = "curve.svg" if len(standards) == 1 else f"curve-{number}.svg"
        (out / name).write_text(chart, encoding="utf-8")


def _record(
    standards: list[AreaStandard], cuts: pd.DataFrame, ratings: Path, method: str, held_on: dt.datetime | None
) -> dict[str, Any]:
    """Return what a policy draft keeps of how its standards came about."""
    areas = json.loads(cuts.to_json(orient="records", double_precision=12))
    by_area = {each.area: each for each in standards}
    for row in areas:
        each = by_area[row["area"]]
        sat = each.judges[each.judges["cut"].notna()]
        sat = sat if each.used is None else sat[sat["round"] == each.used]
        row["panel"] = sorted(str(judge) for judge in sat["judge"])
        row["round"] = each.used
        if each.curve is not None and row["cut_proportion"] is not None:
            row["share_below"] = each.curve.candidates_below(row["cut_proportion"])
    first = {row["area"]: row["cut_proportion"] for row in areas if row["method"] == method}
    return {
        "method": method,
        "date": held_on.date().isoformat() if held_on else None,
        "interval": 0.95,
        "sheet": {"file": ratings.name, "sha256": hashlib.sha256(ratings.read_bytes()).hexdigest()},
        "standards": first,
        "areas": areas,
    }


def _draft(base: Policy, record: dict[str, Any]) -> Policy:
    """Return the policy with the panel's standards, four decimals of them, and a word on how they came about."""
    from ssa_engine.core.errors import Invalid

    unknown = sorted(set(record["standards"]) - set(base.standards))
    if unknown:
        raise Invalid(
            f"The policy has no content area '{unknown[0]}'; it has {', '.join(base.standards)}. "
            "Say with --area which one the sheet is about, or give the sheet a column content_area."
        )
    unset = sorted(area for area, cut in record["standards"].items() if cut is None)
    if unset:
        raise Invalid(f"There is no cut for {', '.join(unset)}, so no policy is drafted. See the note in cut.csv.")
    told = []
    for area in (one for one in record["areas"] if one["method"] == record["method"]):
        error = "" if area["se"] is None else f", standard error {area['se']:.4f}"
        told.append(f"{area['area']} {area['cut_proportion']:.4f}{error}, {area['judges']} judges")
    held = f" on {record['date']}" if record["date"] else ""
    words = f"{record['method']}{held}: {'; '.join(told)}. Sheet {record['sheet']['sha256'][:12]}."
    standards = base.standards | {area: round(cut, 4) for area, cut in record["standards"].items()}
    return base.model_copy(update={"standards": standards, "record": words[:2000]})


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
