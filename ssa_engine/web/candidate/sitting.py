"""What an item page says and asks beside the answer: pulse, reports, tools, the receipt of everything received."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import attempts as actions
from ssa_engine.actions import evidence, sittings
from ssa_engine.core.attempts import State
from ssa_engine.core.receipts import receipt_rows
from ssa_engine.exchange.receipt import to_csv
from ssa_engine.storage import places
from ssa_engine.web import current
from ssa_engine.web.candidate.assessment import seconds_left
from ssa_engine.web.htmx import go_to

blueprint = Blueprint("sitting", __name__)


@blueprint.post("/attempts/<id:attempt_id>/pulse")
def pulse(attempt_id: int) -> ResponseReturnValue:
    """Say how much time is left; a page asks every few seconds, so granted time shows without a reload."""
    attempt = evidence.pulse(
        current.db(),
        current.banks(),
        attempt_id=attempt_id,
        person_id=current.person().id,
        was_lost=request.form.get("lost") == "yes",
        now=current.now(),
    )
    if attempt.state is not State.IN_PROGRESS:
        return go_to(url_for("candidate.result.show", attempt_id=attempt_id))
    left = seconds_left(attempt)
    return make_response(render_template("candidate/assessment/_time.html", pulse=request.path, seconds_left=left))


@blueprint.post("/attempts/<id:attempt_id>/events")
def report(attempt_id: int) -> ResponseReturnValue:
    """Keep what the browser reports: left the window, came back, lost the connection."""
    evidence.report(
        current.db(),
        attempt_id=attempt_id,
        person_id=current.person().id,
        kind=request.form.get("kind", ""),
        position=request.form.get("position", type=int),
        detail=request.form.get("detail", "")[:200],
        now=current.now(),
    )
    return Response(status=204)


@blueprint.post("/attempts/<id:attempt_id>/items/<id:position>/tools")
def tools(attempt_id: int, position: int) -> ResponseReturnValue:
    """Keep options struck out, highlights and the note of an item; take a comment."""
    form = request.form
    sittings.use_tools(
        current.db(),
        attempt_id=attempt_id,
        person_id=current.person().id,
        position=position,
        struck=form["struck"].split(",") if "struck" in form else None,
        highlights=form.get("highlights"),
        note=form.get("note"),
        said=form.get("comment", "").strip(),
        now=current.now(),
    )
    return Response(status=204)


@blueprint.get("/attempts/<id:attempt_id>/receipt.csv")
def receipt(attempt_id: int) -> ResponseReturnValue:
    """Send what was received of this person and when, in order."""
    with current.db().read() as connection:
        attempt = actions.of_person(connection, attempt_id, current.person().id)
        shown = places.places(connection, attempt)
        log = places.response_log(connection, attempt_id)
    orders = {place.item_id: (place.position, place.options) for place in shown}
    text = to_csv(receipt_rows(orders, [(row.item_id, row.answer, row.answered_at, row.late) for row in log]))
    headers = {"Content-Disposition": f'attachment; filename="receipt-{attempt_id}.csv"'}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)
