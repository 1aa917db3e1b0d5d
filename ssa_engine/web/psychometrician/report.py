"""The technical report of a period: chosen here, made on the spot, sent as HTML or PDF. Nothing is stored."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ssa_engine.actions import reports
from ssa_engine.core.errors import Invalid, NotFound
from ssa_engine.core.report_periods import Period, parse_period
from ssa_engine.core.text import say
from ssa_engine.web import current
from ssa_engine.web.psychometrician.files import attachment

blueprint = Blueprint("report", __name__)

TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


@blueprint.get("/<discipline>/report")
def overview(discipline: str) -> ResponseReturnValue:
    """Choose a period, and be given the links to its report."""
    spec = current.library().bank(discipline).spec
    typed = request.args.get("period", "").strip()
    problem: str | None = None
    period: Period | None = None
    try:
        period = parse_period(typed) if typed else None
    except Invalid as error:
        problem = error.sentence
    page = render_template(
        "psychometrician/report/overview.html",
        discipline=spec.discipline,
        discipline_name=spec.name,
        typed=typed[:40],
        period=period,
        problem=problem,
        suggestions=_suggestions(),
    )
    return page, 422 if problem else 200


@blueprint.get("/<discipline>/report/<period>.<kind>")
def download(discipline: str, period: str, kind: str) -> ResponseReturnValue:
    """Make a report and send it."""
    if kind not in reports.FORMATS:
        raise NotFound(say("A report is made as html or pdf."))
    made = reports.make(current.db(), current.banks(), discipline, parse_period(period), now=current.now())
    return attachment(reports.FORMATS[kind](made), reports.file_name(made, kind), TYPES[kind])


def _suggestions() -> list[Period]:
    """Return this year and quarter and the ones before, as people ask for them most."""
    today = current.now().date()
    quarter = (today.month - 1) // 3 + 1
    before = (today.year, quarter - 1) if quarter > 1 else (today.year - 1, 4)
    names = (str(today.year), str(today.year - 1), f"{today.year}-Q{quarter}", f"{before[0]}-Q{before[1]}")
    return [parse_period(name) for name in (*names, f"{today:%Y-%m}")]
