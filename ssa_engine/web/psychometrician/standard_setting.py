"""Standard setting: a panel's sheet sent and kept, what follows from it, and a policy draft made of it."""

from __future__ import annotations

import math
from typing import Any, cast

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import panel_templates, standard_setting
from ssa_engine.actions.panel_sheets import PanelSheet
from ssa_engine.actions.standard_setting import Opened
from ssa_engine.core.errors import Invalid, NotFound
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.psychometrics.panels.standard_setting import Placement
from ssa_engine.core.text import say
from ssa_engine.exchange.table_files import Cell, to_text
from ssa_engine.web import current
from ssa_engine.web.psychometrician.audit import csv_file

blueprint = Blueprint("standard_setting", __name__)

ALL = "/<discipline>/standard-setting"
ONE = f"{ALL}/<id:setting_id>"
LARGEST_SHEET = 8 * 1024 * 1024
JUDGES, MOST_JUDGES = 10, 60


@blueprint.url_value_preprocessor
def take_large_sheets(endpoint: str | None, values: dict[str, Any] | None) -> None:  # noqa: ARG001 - Flask's signature
    """Let a sheet be larger than other requests; this comes before anything reads the form."""
    if endpoint == f"psychometrician.{blueprint.name}.add":
        request.max_content_length = request.max_form_memory_size = LARGEST_SHEET


@blueprint.get(ALL)
def overview(discipline: str) -> ResponseReturnValue:
    """List the panels whose sheets are kept, and take another."""
    return _overview(_bank(discipline), PanelSheet(title="", method="angoff", sheet=""), [])


@blueprint.post(ALL)
def add(discipline: str) -> ResponseReturnValue:
    """Keep a sheet, or say everything that is the matter with it beside the text that was sent."""
    bank = _bank(discipline)
    sent = _sent()
    try:
        setting_id = standard_setting.add(current.db(), bank, sent, who=current.person().email, now=current.now())
    except Invalid as problem:
        return _overview(bank, sent, str(problem.sentence).splitlines()), 422
    return redirect(url_for(".show", discipline=bank.discipline, setting_id=setting_id), code=303)


@blueprint.get(f"{ALL}/template.csv")
def template(discipline: str) -> ResponseReturnValue:
    """Send an empty sheet to fill in."""
    bank = _bank(discipline)
    method = request.args.get("method", "angoff")
    judges = max(1, min(request.args.get("judges", JUDGES, type=int), MOST_JUDGES))
    text = panel_templates.template(bank, method, judges)
    return csv_file(text, f"{bank.discipline.lower()}-{method}-sheet")


@blueprint.get(ONE)
def show(discipline: str, setting_id: int) -> ResponseReturnValue:
    """Show what follows from a sheet: all areas in one table, one of them in detail."""
    bank = _bank(discipline)
    found = _opened(bank, setting_id)
    standards = {each.area: each for each in found.standards}
    area = request.args.get("area", "")
    chosen = standards[area] if area in standards else found.standards[0]
    others = [one for one in standard_setting.listed(current.db(), bank.spec) if one.id != setting_id]
    return render_template(
        "psychometrician/standard_setting/show.html",
        discipline=bank.discipline,
        found=found,
        setting=found.setting,
        names=bank.spec.area_names,
        area=chosen.area,
        standards=standards,
        tables={name: _records(found, name) for name in found.tables},
        own={name: _records(found, name, chosen.area) for name in found.tables},
        series=_series(found, chosen.area),
        round_number=request.args.get("round", type=int) or max(found.rounds, default=0),
        chosen_round=chosen.used,
        others=others,
        also=_also(),
        keep=_keep(),
        apart=_apart(found),
        can_draft=found.in_force is not None and None not in found.record["standards"].values(),
    )


@blueprint.get(f"{ONE}/sheet.csv")
def sheet(discipline: str, setting_id: int) -> ResponseReturnValue:
    """Send the sheet as it was sent."""
    found = _opened(_bank(discipline), setting_id)
    return csv_file(found.setting.sheet, f"standard-setting-{setting_id}-sheet")


@blueprint.get(f"{ONE}/<panel_table>.csv")
def table(discipline: str, setting_id: int, panel_table: str) -> ResponseReturnValue:
    """Send one table as CSV, to the last digit; of one area where the address says so."""
    found = _opened(_bank(discipline), setting_id)
    name = panel_table
    if name not in found.tables:
        raise NotFound(say("There is no table with that name. There are: {known}.", known=", ".join(found.tables)))
    rows = _records(found, name, request.args.get("area"))
    columns = [str(column) for column in found.tables[name].columns]
    text = to_text(columns, [[cast(Cell, row[column]) for column in columns] for row in rows])
    return csv_file(text, f"standard-setting-{setting_id}-{name}")


@blueprint.post(f"{ONE}/draft")
def draft(discipline: str, setting_id: int) -> ResponseReturnValue:
    """Make a policy draft with these standards and their record."""
    bank = _bank(discipline)
    made = standard_setting.make_draft(
        current.db(),
        bank,
        setting_id,
        who=current.person().email,
        now=current.now(),
        round_number=request.form.get("round", type=int),
    )
    page = "psychometrician.tuning.show"
    if page in current_app.view_functions:
        return redirect(url_for(page, discipline=bank.discipline, draft_id=made.id), code=303)
    return redirect(url_for("psychometrician.policy.show", discipline=bank.discipline), code=303)


def _bank(discipline: str) -> ItemBank:
    return current.library().bank(discipline)


def _overview(bank: ItemBank, sent: PanelSheet, problems: list[str]) -> str:
    return render_template(
        "psychometrician/standard_setting/overview.html",
        discipline=bank.discipline,
        discipline_name=bank.spec.name,
        kept=standard_setting.listed(current.db(), bank.spec),
        areas=bank.spec.area_names,
        sent=sent,
        problems=problems,
        judges=JUDGES,
        most_judges=MOST_JUDGES,
    )


def _sent() -> PanelSheet:
    """Read the form: a file goes before the text in its field."""
    form, upload = request.form, request.files.get("file")
    text, name = form.get("sheet", ""), "sheet.csv"
    if upload is not None and upload.filename:
        name = upload.filename[:200]
        try:
            text = upload.stream.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            text = f"\ufffd {name} is no text in UTF-8. Save it as CSV in UTF-8 and choose it again."
    probability = form.get("response_probability", type=float)
    placements: tuple[Placement, ...] = ("at", "before", "between")
    return PanelSheet(
        title=form.get("title", "")[:400],
        method=form.get("method", ""),
        sheet=text.replace("\r\n", "\n").replace("\x00", "\ufffd"),
        file=name,
        percent="percent" in form,
        area=form.get("area", "")[:100],
        held_on=form.get("held_on", "")[:20],
        response_probability=probability if probability is not None and 0 < probability < 1 else 0.67,
        placement=next((one for one in placements if one == form.get("placement")), "at"),
        centre="median" if form.get("centre") == "median" else "mean",
        parameters=form.get("parameters", ""),
    )


def _opened(bank: ItemBank, setting_id: int) -> Opened:
    return standard_setting.opened(
        current.db(),
        bank,
        setting_id,
        now=current.now(),
        round_number=request.args.get("round", type=int),
        also=_also(),
    )


def _also() -> list[int]:
    """Return the other panels that are drawn as well."""
    return [int(one) for one in request.args.getlist("also") if one.isdecimal() and len(one) < 10][:8]


def _keep() -> dict[str, Any]:
    """Return what of this address its tables need to say the same."""
    return {name: value for name, value in (("round", request.args.get("round", type=int)), ("also", _also())) if value}


def _apart(found: Opened) -> list[str]:
    """Return the judges who stand apart in the round that counts, in any area."""
    used = {each.area: each.used or 1 for each in found.standards}
    rows = _records(found, "judges")
    return list(dict.fromkeys(row["judge"] for row in rows if row["outlying"] and row["round"] == used[row["area"]]))


def _records(found: Opened, name: str, area: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of a table, of one area if it is named; None where nothing is known."""
    frame = found.tables[name]
    column = "area" if "area" in frame else "content_area"
    if area and column in frame:
        frame = frame[frame[column] == area]
    columns = [str(one) for one in frame.columns]
    return [
        {key: _known(value) for key, value in zip(columns, row, strict=True)}
        for row in frame.astype(object).itertuples(index=False, name=None)
    ]


def _known(value: Any) -> Any:
    """Return a value as Python's own, None where it is missing."""
    plain = value.item() if hasattr(value, "item") else value
    missing = plain is None or str(plain) == "<NA>" or (isinstance(plain, float) and math.isnan(plain))
    return None if missing else plain


def _series(found: Opened, area: str) -> dict[str, Any]:
    """Return one area's cumulative curve in percent, the cuts on it, and the band of the first one's error."""
    own = next(each for each in found.standards if each.area == area)
    points = (
        []
        if own.curve is None
        else [(x, y) for x, y in zip(own.curve.score.tolist(), own.curve.share_below.tolist(), strict=True) if x <= 1]
    )
    cuts = [row for row in _records(found, "cut", area) if row["cut_proportion"] is not None]
    if found.others is not None:
        other = found.others[found.others["area"] == area]
        known = other["cut_proportion"].notna()
        pairs = zip(other.loc[known, "method"].tolist(), other.loc[known, "cut_proportion"].tolist(), strict=True)
        cuts += [{"method": method, "cut_proportion": cut, "low": None, "high": None} for method, cut in pairs]
    first = cuts[0] if cuts else None
    band = [(first["low"], first["high"], first["method"])] if first and first["low"] is not None else []
    marks = [(row["cut_proportion"], row["method"]) for row in cuts]
    return {"points": points, "marks": marks, "regions": band, "cuts": cuts}
