"""Standard setting: a panel's sheet sent and kept, what follows from it, and a policy draft made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import panel_templates, standard_setting
from ssa_engine.actions.panel_sheets import PanelSheet
from ssa_engine.actions.shown_tables import ShownTable
from ssa_engine.actions.standard_setting import Opened
from ssa_engine.core.errors import Invalid, NotFound
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.psychometrics.panels.standard_setting import Placement
from ssa_engine.core.psychometrics.panels.tables import AreaStandard
from ssa_engine.core.text import say
from ssa_engine.storage import standard_settings
from ssa_engine.web import current
from ssa_engine.web.psychometrician.files import CSV, attachment, csv_table

blueprint = Blueprint("standard_setting", __name__)

ALL = "/<discipline>/standard-setting"
ONE = f"{ALL}/<id:setting_id>"
LARGEST_SHEET = 8 * 1024 * 1024
JUDGES, MOST_JUDGES = 10, 60

Row = Mapping[str, Any]


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
    return attachment(text, f"{bank.discipline.lower()}-{method}-sheet.csv", CSV)


@blueprint.get(ONE)
def show(discipline: str, setting_id: int) -> ResponseReturnValue:
    """Show what follows from a sheet: all areas in one table, one of them in detail."""
    bank = _bank(discipline)
    found = _opened(bank, setting_id)
    of_area = {each.area: each for each in found.standards}
    standards = {area: of_area[area] for area in bank.spec.area_names if area in of_area}
    chosen = standards.get(request.args.get("area", "")) or next(iter(standards.values()))
    tables = {name: _rows(bank, ShownTable(frame)) for name, frame in found.tables.items()}
    own = {name: [row for row in rows if _area(row) in (None, chosen.area)] for name, rows in tables.items()}
    others = [one for one in standard_setting.listed(current.db(), bank.spec) if one.id != setting_id]
    return render_template(
        "psychometrician/standard_setting/show.html",
        discipline=bank.discipline,
        found=found,
        setting=found.setting,
        names=bank.spec.area_names,
        area=chosen.area,
        standards=standards,
        tables=tables,
        own=own,
        series=_series(found, chosen, own["cut"]),
        round_number=request.args.get("round", type=int) or max(found.rounds, default=0),
        chosen_round=chosen.used,
        others=others,
        also=_also(),
        keep=_keep(),
        apart=_apart(found, tables["judges"]),
        can_draft=found.in_force is not None and None not in found.record["standards"].values(),
    )


@blueprint.get(f"{ONE}/sheet.csv")
def sheet(discipline: str, setting_id: int) -> ResponseReturnValue:
    """Send the sheet as it was sent.

    Nothing is computed: it can be had whatever has become of the item bank since.
    """
    spec = current.library().spec(discipline)
    with current.db().read() as connection:
        kept = standard_settings.get(connection, spec.discipline, setting_id)
    if kept is None:
        raise NotFound(say("There is no such standard setting. It is in the list of them, if it was kept."))
    return attachment(kept.sheet, f"standard-setting-{setting_id}-sheet.csv", CSV)


@blueprint.get(f"{ONE}/<panel_table>.csv")
def table(discipline: str, setting_id: int, panel_table: str) -> ResponseReturnValue:
    """Send one table as CSV, to the last digit; of one area where the address says so."""
    bank = _bank(discipline)
    tables = _opened(bank, setting_id).tables
    if panel_table not in tables:
        raise NotFound(say("There is no table with that name. There are: {known}.", known=", ".join(tables)))
    found, area = ShownTable(tables[panel_table]), request.args.get("area")
    rows = [row for row in _rows(bank, found) if not area or _area(row) in (None, area)]
    return csv_table(found.columns, rows, f"standard-setting-{setting_id}-{panel_table}.csv")


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
    return redirect(url_for("psychometrician.tuning.tune", discipline=bank.discipline, draft_id=made.id), code=303)


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


def _apart(found: Opened, judges: list[Row]) -> list[str]:
    """Return the judges who stand apart in the round that counts, in any area."""
    used = {each.area: each.used or 1 for each in found.standards}
    return list(dict.fromkeys(row["judge"] for row in judges if row["outlying"] and row["round"] == used[row["area"]]))


def _rows(bank: ItemBank, table: ShownTable) -> list[Row]:
    """Return the rows of a table, content areas in the order of the outline."""
    place = {area: number for number, area in enumerate(bank.spec.area_names)}
    return sorted(table.rows, key=lambda row: place.get(_area(row) or "", len(place)))


def _area(row: Row) -> str | None:
    """Return the content area that a row is about, or None."""
    found: str | None = row.get("area", row.get("content_area"))
    return found


def _series(found: Opened, own: AreaStandard, rows: list[Row]) -> dict[str, Any]:
    """Return one area's cumulative curve in percent, the cuts on it, and the band of the first one's error."""
    points = (
        []
        if own.curve is None
        else [(x, y) for x, y in zip(own.curve.score.tolist(), own.curve.share_below.tolist(), strict=True) if x <= 1]
    )
    others = [] if found.others is None else [row for row in ShownTable(found.others).rows if row["area"] == own.area]
    marks = [(row["cut_proportion"], row["method"]) for row in (*rows, *others) if row["cut_proportion"] is not None]
    first = next((row for row in rows if row["cut_proportion"] is not None), None)
    band = [(first["low"], first["high"], first["method"])] if first and first["low"] is not None else []
    return {"points": points, "marks": marks, "regions": band}
