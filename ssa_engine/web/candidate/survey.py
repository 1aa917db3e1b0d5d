"""The short survey after submission. Optional, and kept apart from the result."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import attempts as actions
from ssa_engine.actions import sittings as sitting_actions
from ssa_engine.core.attempts import State
from ssa_engine.core.errors import NotFound
from ssa_engine.core.text import say
from ssa_engine.storage import sittings
from ssa_engine.web import current
from ssa_engine.web.htmx import go_to

blueprint = Blueprint("survey", __name__)


@blueprint.get("/attempts/<id:attempt_id>/survey")
def show(attempt_id: int) -> ResponseReturnValue:
    """Show the questions, with the answers given before."""
    with current.db().read() as connection:
        attempt = actions.of_person(connection, attempt_id, current.person().id)
        given = sittings.survey_of(connection, attempt_id)
    if attempt.state is State.IN_PROGRESS:
        return redirect(url_for("candidate.review.show", attempt_id=attempt_id))
    questions = current.banks().at(attempt.bank_version).spec.delivery.survey
    if not questions:
        raise NotFound(say("There is no survey for this assessment."))
    return render_template("candidate/survey/survey.html", attempt_id=attempt_id, questions=questions, given=given)


@blueprint.post("/attempts/<id:attempt_id>/survey")
def send(attempt_id: int) -> ResponseReturnValue:
    """Keep the answers, then show the result."""
    sitting_actions.answer_survey(
        current.db(),
        current.banks(),
        attempt_id=attempt_id,
        person_id=current.person().id,
        posted=request.form.to_dict(),
        now=current.now(),
    )
    return go_to(url_for("candidate.result.show", attempt_id=attempt_id))
