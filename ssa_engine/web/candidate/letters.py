"""Letters to a candidate: all notices there were, one of them, and what a rescoring changed in which areas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import letters
from ssa_engine.storage import notices
from ssa_engine.storage.notices import Notice
from ssa_engine.web import current
from ssa_engine.web.htmx import go_to
from ssa_engine.web.notice_words import RESCORING, rescoring_subject, view_of

blueprint = Blueprint("letters", __name__)


@blueprint.get("/letters")
def index() -> ResponseReturnValue:
    """List all that was written to a candidate, the latest first."""
    with current.db().read() as connection:
        told = notices.of_person(connection, current.person().id)
    return render_template("candidate/letters/index.html", letters=[view_of(one) for one in told])


@blueprint.get("/letters/<id:notice_id>")
def show(notice_id: int) -> ResponseReturnValue:
    """Show a letter. To look at it does not mark it as read."""
    with current.db().read() as connection:
        notice = letters.of_person(connection, notice_id, current.person().id)
    if not notice.kind.startswith(RESCORING):
        return render_template("candidate/letters/notice.html", letter=view_of(notice))
    return _rescoring(notice)


def _rescoring(notice: Notice) -> ResponseReturnValue:
    """Show what a rescoring changed, area by area."""
    spec = current.library().spec(notice.details["discipline"])
    order = {area: place for place, area in enumerate(spec.area_names)}
    areas = sorted(notice.details["areas"], key=lambda area: order.get(area["area"], len(order)))
    before, after = notice.details["credits"]
    return render_template(
        "candidate/letters/letter.html",
        notice=notice,
        subject=rescoring_subject(notice, spec.name),
        event=notice.kind.removeprefix(RESCORING),
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
