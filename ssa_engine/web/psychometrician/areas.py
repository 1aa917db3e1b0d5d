"""The content areas of a discipline: what each score is worth, and what more items would buy."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ssa_engine.actions import areas
from ssa_engine.actions.shown_tables import ShownTable
from ssa_engine.web import current
from ssa_engine.web.psychometrician import area_columns
from ssa_engine.web.psychometrician.figure_columns import FigureColumn
from ssa_engine.web.psychometrician.files import csv_table

blueprint = Blueprint("areas", __name__)


@blueprint.get("/<discipline>/areas")
def overview(discipline: str) -> ResponseReturnValue:
    """List the content areas."""
    spec = current.library().spec(discipline)
    found = areas.review(current.db(), current.banks(), spec, current.now())
    codes = {area.id: area.code for area in spec.areas}
    return render_template(
        "psychometrician/areas/overview.html",
        discipline=spec.discipline,
        found=found,
        tables={name: table.rows for name, table in found.tables.items()},
        columns=area_columns,
        correlation_columns=[FigureColumn(area, codes[area], "fixed") for area in spec.area_names],  # type: ignore[arg-type]
        names=spec.area_names,
        codes=codes,
    )


@blueprint.get("/<discipline>/areas/<areas_table>.csv")
def download(discipline: str, areas_table: str) -> ResponseReturnValue:
    """Send one table of the list."""
    spec = current.library().spec(discipline)
    found = ShownTable(areas.review_table(current.db(), current.banks(), spec, current.now(), areas_table))
    return csv_table(found.columns, found.rows, f"{spec.discipline}-{areas_table.replace('_', '-')}.csv")


@blueprint.get("/<discipline>/areas/<area>")
def area(discipline: str, area: str) -> ResponseReturnValue:
    """Show one content area in depth."""
    spec = current.library().spec(discipline)
    page = areas.area_page(current.db(), current.banks(), spec, area, current.now())
    return render_template(
        "psychometrician/areas/area.html",
        discipline=spec.discipline,
        page=page,
        figures=page.figures,
        tables={name: table.rows for name, table in page.tables.items()},
        columns=area_columns,
    )


@blueprint.get("/<discipline>/areas/<area>/<area_table>.csv")
def table_of_area(discipline: str, area: str, area_table: str) -> ResponseReturnValue:
    """Send one table of an area's page."""
    spec = current.library().spec(discipline)
    found = ShownTable(areas.area_page_table(current.db(), current.banks(), spec, area, current.now(), area_table))
    return csv_table(found.columns, found.rows, f"{area}-{area_table.replace('_', '-')}.csv")
