"""Letters to a candidate: what changed, in which areas, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import letters
from ssa_engine.web import current
from ssa_engine.web.htmx import go_to

blueprint = Blueprint("letters", __name__)


@blueprint.get("/letters/<id:notice_id>")
def show(notice_id: int) -> ResponseReturnValue:
    """Show a letter. To look at it does not mark it as read."""
    with current.db().read() as connection:
        notice = letters.of_person(connection, notice_id, current.person().id)
    spec = current.library().spec(notice.details["discipline"])
    order = {area: place for place, area in enumerate(spec.area_names)}
    areas = sorted(notice.details["areas"], key=lambda area: order.get(area["area"], len(order)))
    before, after = notice.details["credits"]
    return render_template(
        "candidate/letters/letter.html",
        notice=notice,
        event=notice.kind.removeprefix("rescoring_"),
        told_before=notice.details.get("told_before", True),
        discipline_name=spec.name,
        areas=[_area(area, spec.area_names) for area in areas],
        credits_before=before,
        credits_after=after,
    )


@blueprint.post("/letters/<id:notice_id>")
def read(notice_id: int) -> ResponseReturnValue:
    """Note that it was read."""
    person = current.person()
    letters.read(current.db(), notice_id, person_id=person.id, who=person.email, now=current.now())
    return go_to(url_for("candidate.dashboard.show"))


def _area(area: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {**area, "name": names.get(area["area"], area["area"])}
