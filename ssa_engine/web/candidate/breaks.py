"""The scheduled break: take it, leave it out, go on after it."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import attempts as actions
from ssa_engine.actions import breaks
from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import say
from ssa_engine.web import current
from ssa_engine.web.candidate.assessment import seconds_left
from ssa_engine.web.htmx import go_to

blueprint = Blueprint("breaks", __name__)


@blueprint.get("/attempts/<id:attempt_id>/break")
def show(attempt_id: int) -> ResponseReturnValue:
    """Show the break that is next, or the one under way. Changes nothing."""
    now = current.now()
    with current.db().read() as connection:
        attempt = actions.of_person(connection, attempt_id, current.person().id)
    if not attempt.is_open(now):
        return redirect(url_for("candidate.review.show", attempt_id=attempt_id))
    if not attempt.break_is_next and attempt.break_began_at is None:
        return redirect(url_for("candidate.assessment.item", attempt_id=attempt_id, position=attempt.position))
    return render_template(
        "candidate/assessment/break.html",
        attempt=attempt,
        on_break=attempt.break_began_at is not None,
        break_over=attempt.break_began_at is not None and not attempt.on_break(now),
        break_seconds_left=max(0, int((attempt.break_ends_at - now).total_seconds())),
        seconds_left=seconds_left(attempt),
    )


@blueprint.post("/attempts/<id:attempt_id>/break")
def decide(attempt_id: int) -> ResponseReturnValue:
    """Take the break, leave it out, or end it."""
    mine: dict[str, Any] = {
        "attempt_id": attempt_id,
        "person_id": current.person().id,
        "new_token": secrets.token_urlsafe(12),
        "now": current.now(),
    }
    go, offered = request.form.get("go", ""), request.form.get("after", type=int)
    if go == "take":
        breaks.take(current.db(), **mine, offered=offered)
        return go_to(url_for("candidate.breaks.show", attempt_id=attempt_id))
    if go == "skip":
        breaks.skip(current.db(), **mine, offered=offered)
    elif go == "end":
        breaks.end(current.db(), **mine)
    else:
        raise Invalid(say("That button is not known here. Reload the page and try again."))
    with current.db().read() as connection:
        attempt = actions.of_person(connection, attempt_id, current.person().id)
    return go_to(url_for("candidate.assessment.item", attempt_id=attempt_id, position=attempt.position))
