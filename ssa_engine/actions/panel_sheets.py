"""A panel's sheet as it is sent through the console, and the standards it gives on the cohort's scores."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import pandas as pd

from ssa_engine.actions.panel_records import PanelData, methods_in_order, set_standards
from ssa_engine.core.errors import Invalid
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.psychometrics.panels.standard_setting import Centre, Placement
from ssa_engine.core.psychometrics.panels.tables import COMPROMISES, AreaStandard, Method, PanelSettings, cut_table
from ssa_engine.exchange.rating_sheets import read_item_parameters, read_sheet_of
from ssa_engine.exchange.sheet_rows import SheetText
from ssa_engine.storage.standard_settings import StandardSetting

SHEET, PARAMETERS = "sheet", "parameters"
LONGEST_SHEET = 4_000_000
"""Characters; a panel of 30 judges, 200 items and 3 rounds has about a fifth of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSheet:
    """What a psychometrician sends: the sheet as text, and how it is to be read."""

    title: str
    method: str
    sheet: str
    file: str = "sheet.csv"
    percent: bool = False
    area: str = ""
    """What a sheet of a compromise method without a column of areas is about."""
    held_on: str = ""
    response_probability: float = 0.67
    placement: Placement = "at"
    centre: Centre = "mean"
    parameters: str = ""
    """`item_id,a,b` as text, where the bank has none; a bookmark needs them."""


def as_sent(setting: StandardSetting) -> PanelSheet:
    """Return what was sent, from its row."""
    return PanelSheet(title=setting.title, method=setting.method, sheet=setting.sheet, **setting.settings)


def held_on(sent: PanelSheet) -> dt.date | None:
    """Return the day of the panel, if it is named; raise `Invalid` if it is no day."""
    try:
        return dt.date.fromisoformat(sent.held_on) if sent.held_on else None
    except ValueError:
        raise Invalid(f"'{sent.held_on}' is no date. Write it as 2027-03-14, or leave it out.") from None


def standards_of_sheet(
    bank: ItemBank, sent: PanelSheet, scores: pd.DataFrame, round_number: int | None
) -> list[AreaStandard]:
    """Set the standards of a sheet, on the scores of the cohort, by its method and others that its columns allow."""
    method = methods_in_order([sent.method])[0]
    data = _data(bank, sent, method, scores)
    settings = PanelSettings(
        round_number=round_number,
        response_probability=sent.response_probability,
        placement=sent.placement,
        centre=sent.centre,
    )
    counts = {area: blueprint.scored for area, blueprint in bank.spec.blueprint.areas.items()}
    area = sent.area if "content_area" not in data.sheet else None
    found = set_standards(data, [method], settings, area=area, items=counts)
    others = [name for name in COMPROMISES if name != method] if method in COMPROMISES else []
    for other in methods_in_order(others) if others else []:
        try:
            more = set_standards(data, [other], settings, area=area, items=counts)
        except Invalid:  # the sheet lacks what this one needs, and was not sent for its sake
            continue
        found = [replace(one, cuts=(*one.cuts, *another.cuts)) for one, another in zip(found, more, strict=True)]
    return found


def _data(bank: ItemBank, sent: PanelSheet, method: Method, scores: pd.DataFrame) -> PanelData:
    area_of = {item.id: bank.area_of(item) for item in bank.items}
    sheet = read_sheet_of(method, SheetText(SHEET, sent.sheet), percent=sent.percent, area_of=area_of)
    if "content_area" not in sheet and sent.area not in bank.spec.area_names:
        raise Invalid(
            "The sheet does not say which content area it is about. Choose one, or add a column content_area."
        )
    own = scores[["attempt_id", "content_area", "score", "items"]] if len(scores) else None
    known = pd.Series({item.id: item.statistics.p for item in bank.items if item.statistics.p is not None}, dtype=float)
    return PanelData(
        sheet=sheet,
        sheet_name=SHEET,
        scores=own,
        scores_name="The cohort",
        parameters=_parameters(bank, sent, area_of) if method == "bookmark" else None,
        parameters_name=PARAMETERS,
        p_values=known if len(known) else None,
    )


def _parameters(bank: ItemBank, sent: PanelSheet, area_of: dict[str, str]) -> pd.DataFrame:
    """Return the parameters that were sent, else those of the bank, with the area of each item."""
    if sent.parameters.strip():
        found = read_item_parameters(SheetText(PARAMETERS, sent.parameters))
        unknown = [str(item) for item in found.index if item not in area_of]
        if unknown:
            raise Invalid(f"{PARAMETERS}: no item of this item bank: {', '.join(unknown[:10])}.")
    else:
        known = {
            i.id: (i.statistics.a, i.statistics.b) for i in bank.items if None not in (i.statistics.a, i.statistics.b)
        }
        if not known:
            raise Invalid("The item bank has no parameters a and b, which a bookmark needs. Send item_id,a,b as well.")
        found = pd.DataFrame.from_dict(known, orient="index", columns=["a", "b"], dtype=float)
        found.index.name = "item_id"
    return found.assign(content_area=[area_of[str(item)] for item in found.index])


def cuts_of_others(bank: ItemBank, kept: list[StandardSetting], scores: pd.DataFrame) -> pd.DataFrame | None:
    """Return the cuts of other panels, each method with the title of its panel."""
    found = []
    for setting in kept:
        cuts = cut_table(standards_of_sheet(bank, as_sent(setting), scores, None))
        found.append(cuts.assign(method=[f"{method} ({setting.title})" for method in cuts["method"]]))
    return pd.concat(found, ignore_index=True) if found else None
