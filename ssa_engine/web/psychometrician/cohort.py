"""The cohort: every sitting in one table, every area in another."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ssa_engine.actions import cohort
from ssa_engine.web import current

blueprint = Blueprint("cohort", __name__)


@blueprint.get("/")
def overview() -> ResponseReturnValue:
    """Show one discipline's cohort."""
    library = current.library()
    disciplines = sorted(library.banks)
    spec = library.spec(request.args.get("discipline") or disciplines[0])
    page = max(1, min(request.args.get("page", 1, type=int), 1_000_000))
    found = cohort.overview(current.db(), spec, page)
    return render_template(
        "psychometrician/cohort/overview.html",
        filters={"discipline": spec.discipline, "disciplines": disciplines},
        areas=[{"id": area.id, "name": area.name, "short": area.code} for area in spec.areas],
        rows=found.sittings,
        summary=found.summary,
        count=found.count,
        page=min(page, found.pages),
        pages=found.pages,
    )
