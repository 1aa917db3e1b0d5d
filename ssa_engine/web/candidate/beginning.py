"""Before the first item: identity, agreement, what the self-assessment is, tutorial; then start or go on."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import attempts, preparations
from ssa_engine.actions.preparations import Beginning
from ssa_engine.core.attempts import State
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.item_bank import present
from ssa_engine.core.preparations import Outcome, Step
from ssa_engine.core.text import say
from ssa_engine.storage import people
from ssa_engine.web import answer_form, current, rich_text
from ssa_engine.web.candidate.assessment import seconds_left
from ssa_engine.web.htmx import go_to, page_or_fragment
from ssa_engine.web.item_view import ItemView, content_of
from ssa_engine.web.language import in_words
from ssa_engine.web.media_types import send_media

blueprint = Blueprint("beginning", __name__)


@blueprint.get("/credentials/<id:credential_id>/assessment")
def begin(credential_id: int) -> ResponseReturnValue:
    """Show the step the candidate is at. Changes nothing."""
    now = current.now()
    with current.db().read() as connection:
        beginning = preparations.stand(connection, current.banks(), credential_id, current.person().id, now)
        granted = people.accommodations_of(connection, current.person().id)
    attempt = beginning.attempt
    if attempt is not None and attempt.time_is_up(now):
        return redirect(url_for("candidate.review.show", attempt_id=attempt.id))
    if attempt is not None and attempt.state is not State.IN_PROGRESS:
        return redirect(url_for("candidate.result.show", attempt_id=attempt.id))
    shown = _shown(beginning)
    if attempt is not None or shown["why_not"]:
        return render_template("candidate/beginning/start.html", **shown, granted=granted)
    page = {Step.IDENTITY: "identity", Step.AGREEMENT: "agreement", Step.READY: "start"}[beginning.step]
    return render_template(f"candidate/beginning/{page}.html", **shown, granted=granted)


def _shown(beginning: Beginning) -> dict[str, Any]:
    """What the pages of all steps may show."""
    now, spec, attempt = current.now(), beginning.spec, beginning.attempt
    why_not = ""
    if attempt is None:
        try:
            preparations.require_startable(current.banks(), beginning, now)
        except (Conflict, NotFound) as error:
            why_not = in_words(error.sentence)
    preparation, agreement = beginning.preparation, spec.delivery.agreement
    return {
        "credential_id": beginning.credential.id,
        "discipline_name": spec.name,
        "delivery": spec.delivery,
        "items_total": sum(counts.scored + counts.pilot for counts in spec.blueprint.areas.values()),
        "seconds_allowed": spec.seconds_allowed,
        "attempt": attempt,
        "seconds_left": seconds_left(attempt) if attempt else None,
        "why_not": why_not,
        "refused": preparation is not None and preparation.outcome is Outcome.REFUSED,
        "timed_out": preparation is not None and preparation.outcome is None and preparation.has_timed_out(now),
        "agreement_html": rich_text.block(agreement.text) if agreement else None,
        "seconds_to_agree": preparation.seconds_to_agree(now) if preparation else None,
        "tutorial": bool(_formats()) and spec.delivery.tutorial,
    }


@blueprint.post("/credentials/<id:credential_id>/assessment")
def go_on(credential_id: int) -> ResponseReturnValue:
    """Do the step that was confirmed: identity, agreement, or start."""
    step = request.form.get("step", "start")
    mine: dict[str, Any] = {
        "credential_id": credential_id,
        "person_id": current.person().id,
        "who": current.person().email,
        "now": current.now(),
    }
    here = url_for("candidate.beginning.begin", credential_id=credential_id)
    if step == "identity":
        preparations.confirm_identity(current.db(), current.banks(), **mine)
        return go_to(here)
    if step == "agreement":
        accepts = request.form.get("decision") == "accept"
        preparations.answer_agreement(current.db(), current.banks(), **mine, accepts=accepts)
        return go_to(here)
    if step != "start":
        raise Invalid(say("That button is not known here. Reload the page and try again."))
    attempt_id = preparations.start(
        current.db(),
        current.banks(),
        **mine,
        seed=secrets.randbits(48),
        token=secrets.token_urlsafe(12),
        device=current.device(),
    )
    with current.db().read() as connection:
        attempt = attempts.of_person(connection, attempt_id, current.person().id)
    return go_to(url_for("candidate.assessment.item", attempt_id=attempt.id, position=attempt.position))


def _formats() -> list[str]:
    """The formats there is a practice item for, in the order of the tutorial."""
    return list(current.library().practice.items)


@blueprint.route("/credentials/<id:credential_id>/tutorial/<id:number>", methods=["GET", "POST"])
def tutorial(credential_id: int, number: int) -> ResponseReturnValue:
    """Show a practice item of one format. Nothing of it is kept: the answer travels in the address."""
    with current.db().read() as connection:
        beginning = preparations.stand(connection, current.banks(), credential_id, current.person().id, current.now())
    formats = _formats_of_form(beginning)
    if number > len(formats):
        raise NotFound(say("The tutorial has no page with that number. Go back to its first page."))
    here = url_for("candidate.beginning.tutorial", credential_id=credential_id, number=number)
    if request.method == "POST":
        return _practised(credential_id, number, len(formats))
    view = _practice_view(formats, number, here)
    return page_or_fragment(
        "candidate/beginning/tutorial.html",
        "candidate/assessment/_item.html",
        view=view,
        credential_id=credential_id,
        number=number,
        last=len(formats),
    )


def _formats_of_form(beginning: Beginning) -> list[str]:
    """The formats the discipline's bank uses, those there is a practice item for."""
    used = {item.format for item in current.library().bank(beginning.spec.discipline).items if item.status != "retired"}
    return [name for name in _formats() if name in used]


def _practised(credential_id: int, number: int, last: int) -> ResponseReturnValue:
    """Go where the button leads, as in the assessment."""
    go, answer = answer_form.button(), answer_form.answer()
    if go in ("next", "review") and number == last:
        return go_to(url_for("candidate.beginning.begin", credential_id=credential_id))
    step = {"next": 1, "previous": -1}.get(go, 0)
    if step:
        to = max(1, number + step)
        return go_to(url_for("candidate.beginning.tutorial", credential_id=credential_id, number=to))
    return go_to(url_for("candidate.beginning.tutorial", credential_id=credential_id, number=number, answer=answer))


def _practice_view(formats: list[str], number: int, here: str) -> ItemView:
    practice = current.library().practice
    item = practice.items[formats[number - 1]]
    posted = [value for value in request.args.getlist("answer") if value]
    problem = answer = None
    try:
        answer = item.read(posted, practice.sizes.get(next(iter(item.files), ""))) if posted else None
    except Invalid as error:
        problem = in_words(error.sentence)
    return ItemView(
        **content_of(
            present(item, item.option_ids),
            lambda name: url_for("candidate.beginning.practice_media", name=name),
            practice.sizes,
            answer,
        ),  # type: ignore[arg-type]
        position=number,
        items_total=len(formats),
        reach=len(formats),
        mode="tutorial",
        typed=posted[-1] if problem and posted else None,
        problem=problem,
        saved_at=current.now() if answer else None,
        action=here,
    )


@blueprint.get("/practice/<name>")
def practice_media(name: str) -> ResponseReturnValue:
    """Send a picture of the tutorial."""
    path = current.library().practice.media.get(name)
    if path is None:
        raise NotFound(say("There is no such picture in the tutorial."))
    return send_media(path.read_bytes(), name)
