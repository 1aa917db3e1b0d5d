"""From a panel's sheet to standards, to the record of how they came about, and to a policy that has both."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import Policy
from ssa_engine.core.psychometrics.panels.tables import (
    COMPROMISES,
    METHODS,
    AreaStandard,
    Method,
    PanelSettings,
    curve_table,
    set_standard,
)

RECORD_LENGTH = 2000
"""Of the word on how standards came about, in a policy."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PanelData:
    """A panel's sheet and what is read beside it. A name stands before what is said of the table."""

    sheet: pd.DataFrame
    sheet_name: str = "The sheet"
    scores: pd.DataFrame | None = None
    scores_name: str = "The scores"
    parameters: pd.DataFrame | None = None
    parameters_name: str = "The item parameters"
    p_values: pd.Series | None = None


def methods_in_order(names: Sequence[str]) -> list[Method]:
    """Return the methods asked for; the first sets the standard.

    Raises
    ------
    Invalid
        If there is none, one is unknown, or several are asked for that do not share a sheet.
    """
    if not names or set(names) - set(METHODS):
        raise Invalid(f"Choose one of the methods {', '.join(METHODS)}.")
    if len(names) > 1 and set(names) - set(COMPROMISES):
        raise Invalid("angoff and bookmark have sheets of their own. Run them one by one, and draw one with --also.")
    return [method for name in names for method in METHODS if method == name]


def set_standards(
    data: PanelData,
    methods: Sequence[Method],
    settings: PanelSettings,
    *,
    area: str | None = None,
    items: Mapping[str, int] | None = None,
) -> list[AreaStandard]:
    """Set the standard of each area on a sheet.

    Parameters
    ----------
    data : PanelData
        `scores` and `parameters` with a column `content_area` are of the areas they name, else of every area.
    methods : sequence
        As `methods_in_order` returns them.
    settings : PanelSettings
    area : str, optional
        The one area that is wanted; or how to call what a sheet without areas is about.
    items : mapping, optional
        Items on a form by area, where they differ; goes before the settings'.

    Raises
    ------
    Invalid
        If an area is not on the sheet or has no scores, or as `set_standard` does.
    """
    whole = area is None and "content_area" not in data.sheet
    standards = []
    for name, own in _areas(data, area):
        booklet = data.parameters if whole else _of_area(data.parameters, name, data.parameters_name)
        scores = _of_area(data.scores, name, data.scores_name)
        chosen = settings if items is None else replace(settings, items=items.get(name, settings.items))
        standards.append(
            set_standard(name, own, methods, chosen, scores=scores, parameters=booklet, p_values=data.p_values)
        )
    return standards


def _areas(data: PanelData, area: str | None) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the sheet of each area; a sheet without areas is about one, which may be given a name."""
    sheet = data.sheet
    if "content_area" not in sheet:
        yield area or "total", sheet
        return
    names = list(sheet["content_area"].drop_duplicates())
    if area is not None and area not in names:
        raise Invalid(f"{data.sheet_name}: has no content area '{area}'; it has {', '.join(names)}.")
    yield from ((name, sheet[sheet["content_area"] == name]) for name in names if area in (None, name))


def _of_area(table: pd.DataFrame | None, area: str, where: str) -> pd.DataFrame | None:
    """Return the scores or parameters of one area, where the table says which area they are of."""
    if table is None or "content_area" not in table:
        return table
    own = table[table["content_area"] == area]
    if not len(own):
        names = ", ".join(table["content_area"].drop_duplicates())
        raise Invalid(f"{where}: has nothing of '{area}'; it has {names}. Say with --area which the sheet is about.")
    return own


def tables_of(
    standards: Sequence[AreaStandard], cuts: pd.DataFrame, others: pd.DataFrame | None = None
) -> dict[str, pd.DataFrame]:
    """Return the tables of all areas by the name of their file; those that would be empty are left out.

    `others` are cuts of other panels, which are placed on the curve as well.
    """
    found = {"cut": cuts}
    for name, frames in (
        ("judges", [each.judges.assign(area=each.area) for each in standards]),
        ("agreement", [each.agreement.assign(area=each.area) for each in standards]),
        ("rounds", [each.rounds.reset_index().assign(area=each.area) for each in standards if each.rounds is not None]),
    ):
        if frames:
            table = pd.concat(frames, ignore_index=True)
            front = [column for column in ("area", "round", "judge", "measure") if column in table]
            found[name] = table[[*front, *table.columns.difference(front, sort=False)]]
    if any(each.curve is not None for each in standards):
        drawn = cuts if others is None else pd.concat([cuts, others], ignore_index=True)
        found["curve"] = curve_table(standards, drawn)
    return found


def record_of(
    standards: Sequence[AreaStandard],
    cuts: pd.DataFrame,
    *,
    sheet_name: str,
    sheet: bytes,
    method: str,
    held_on: dt.date | None,
) -> dict[str, Any]:
    """Return what a policy draft keeps of how its standards came about; `cuts` as `cut_table` returns it."""
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
    return {
        "method": method,
        "date": held_on.isoformat() if held_on else None,
        "interval": 0.95,
        "sheet": {"file": sheet_name, "sha256": hashlib.sha256(sheet).hexdigest()},
        "standards": {row["area"]: row["cut_proportion"] for row in areas if row["method"] == method},
        "areas": areas,
    }


def with_standards(base: Policy, record: dict[str, Any]) -> Policy:
    """Return the policy with the panel's standards, four decimals of them, and a word on how they came about.

    Raises
    ------
    Invalid
        If the record has an area that the policy has not, or an area without a cut.
    """
    unknown = sorted(set(record["standards"]) - set(base.standards))
    if unknown:
        raise Invalid(
            f"The policy has no content area '{unknown[0]}'; it has {', '.join(base.standards)}. "
            "Say with --area which one the sheet is about, or give the sheet a column content_area."
        )
    unset = sorted(area for area, cut in record["standards"].items() if cut is None)
    if unset:
        raise Invalid(f"There is no cut for {', '.join(unset)}, so no policy is drafted. See the note in cut.csv.")
    standards = base.standards | {area: round(cut, 4) for area, cut in record["standards"].items()}
    return base.model_copy(update={"standards": standards, "record": record_in_words(record)})


def record_in_words(record: dict[str, Any]) -> str:
    """Say in a sentence or two how standards came about."""
    told = []
    for area in (one for one in record["areas"] if one["method"] == record["method"]):
        error = "" if area["se"] is None else f", standard error {area['se']:.4f}"
        told.append(f"{area['area']} {area['cut_proportion']:.4f}{error}, {area['judges']} judges")
    held = f" on {record['date']}" if record["date"] else ""
    words = f"{record['method']}{held}: {'; '.join(told)}. Sheet {record['sheet']['sha256'][:12]}."
    return words[:RECORD_LENGTH]
