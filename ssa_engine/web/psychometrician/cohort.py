"""The cohort of a discipline: completion, time, scores by area, sittings side by side, and every sitting."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import cohort
from ssa_engine.core.cohorts import BY_QUARTER, CohortFilter, read_filter, read_order
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import NotFound
from ssa_engine.core.text import say
from ssa_engine.web import current
from ssa_engine.web.psychometrician.files import csv_table
from ssa_engine.web.psychometrician.navigation import chosen_discipline

blueprint = Blueprint("cohort", __name__)

LARGEST_PAGE = 1_000_000
FILTERS = ("from", "to", "bank", "form", "group", "state")
SITTINGS = "attempts"


@blueprint.get("/")
def overview() -> ResponseReturnValue:
    """Show the cohort of a discipline that the query may name."""
    return _page(current.library().spec(chosen_discipline()))


@blueprint.get("/<discipline>/cohort")
def of_discipline(discipline: str) -> ResponseReturnValue:
    """Show the cohort of this discipline."""
    return _page(current.library().spec(discipline))


@blueprint.get("/<discipline>/cohort/<dataset>.csv")
def download(discipline: str, dataset: str) -> ResponseReturnValue:
    """Send one table of the page as CSV: exactly what the filter leaves."""
    spec = current.library().spec(discipline)
    wanted = read_filter(spec.discipline, request.args)
    if dataset == SITTINGS:
        columns, rows = cohort.sitting_rows(spec, cohort.all_sittings(current.db(), spec, wanted, _order(spec)))
    elif dataset in cohort.TABLES:
        columns, rows = cohort.TABLES[dataset](_read(spec, wanted))
    else:
        known = ", ".join([SITTINGS, *cohort.TABLES])
        raise NotFound(say("There is no table with that name. There are: {known}.", known=known))
    return csv_table(columns, rows, f"{spec.discipline.lower()}-{dataset}.csv")


def _order(spec: ContentSpec) -> tuple[str, bool]:
    return read_order(request.args.get("sort", ""), spec.area_names)


def _read(spec: ContentSpec, wanted: CohortFilter) -> cohort.Cohort:
    page = max(1, min(request.args.get("page", 1, type=int), LARGEST_PAGE))
    by = request.args.get("by", BY_QUARTER)
    return cohort.overview(current.db(), spec, wanted, page=page, order=_order(spec), by=by)


def _page(spec: ContentSpec) -> ResponseReturnValue:
    wanted = read_filter(spec.discipline, request.args)
    found = _read(spec, wanted)
    query: dict[str, Any] = {name: request.args[name] for name in (*FILTERS, "by") if request.args.get(name)}
    files = {
        table: url_for("psychometrician.cohort.download", discipline=spec.discipline, dataset=table, **query)
        for table in cohort.TABLES
    }
    order = request.args.get("sort") or None
    files[SITTINGS] = url_for(
        "psychometrician.cohort.download", discipline=spec.discipline, dataset=SITTINGS, sort=order, **query
    )
    return render_template(
        "psychometrician/cohort/overview.html",
        discipline=spec.discipline,
        areas=[{"id": area.id, "name": area.name, "short": area.code} for area in spec.areas],
        found=found,
        wanted=wanted,
        filtered=wanted != CohortFilter(spec.discipline),
        order=_order(spec),
        files=files,
    )
