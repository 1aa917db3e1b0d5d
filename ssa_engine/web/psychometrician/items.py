"""The items of a bank with what the sittings showed."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ssa_engine.actions import cohort
from ssa_engine.web import current

blueprint = Blueprint("items", __name__)


@blueprint.get("/<discipline>/items")
def overview(discipline: str) -> ResponseReturnValue:
    """List every item with its statistics."""
    spec = current.library().spec(discipline)
    items = cohort.item_table(current.db(), current.banks(), spec)
    return render_template(
        "psychometrician/items/overview.html",
        discipline=spec.discipline,
        items=[{**item, "id": item["item_id"]} for item in items],
    )
