"""Delivery: start or resume, one item a page, save and move. The answering path."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import attempts as actions
from ssa_engine.core.attempts import Attempt, State
from ssa_engine.core.cycles import cycle_on
from ssa_engine.core.errors import AttemptClosed, Conflict, Invalid, NotFound, StaleRender
from ssa_engine.core.items import present
from ssa_engine.storage import attempts, banks, people
from ssa_engine.web import current, rich_text
from ssa_engine.web.htmx import go_to, page_or_fragment, wants_fragment
from ssa_engine.web.item_view import ExhibitView, ItemView, option_views
from ssa_engine.web.media_types import MEDIA_TYPES

blueprint = Blueprint("assessment", __name__)

BUTTONS = ("next", "previous", "review", "flag", "save")


@blueprint.get("/credentials/<id:credential_id>/assessment")
def begin(credential_id: int) -> ResponseReturnValue:
    """Say what the self-assessment is, with one button to start or go on."""
    now, person = current.now(), current.person()
    with current.db().read() as connection:
        credential = people.credential(connection, credential_id)
        if credential is None or credential.person_id != person.id:
            raise NotFound("There is no such credential of yours. Go to your start page to see what you hold.")
        spec = current.library().spec(credential.discipline)
        cycle = cycle_on(now.date(), credential.earned_on, spec.cqr)
        latest = attempts.latest(connection, credential_id, cycle.number) if cycle else None
    why_not = ""
    if latest is None or not latest.is_open(now):
        try:
            actions.require_window(cycle, now.date())
            current.library().bank(spec.discipline)
        except (Conflict, NotFound) as error:
            why_not = str(error)
    if latest is not None and latest.time_is_up(now):
        return redirect(url_for("candidate.review.show", attempt_id=latest.id))
    if latest is not None and latest.state is not State.IN_PROGRESS:
        return redirect(url_for("candidate.result.show", attempt_id=latest.id))
    return render_template(
        "candidate/assessment/start.html",
        credential_id=credential_id,
        discipline_name=spec.name,
        items_total=sum(counts.scored + counts.pilot for counts in spec.blueprint.areas.values()),
        minutes=spec.blueprint.minutes,
        attempt=latest,
        seconds_left=latest.seconds_left(now) if latest else spec.seconds_allowed,
        can_start=not why_not,
        why_not=why_not,
    )


@blueprint.post("/credentials/<id:credential_id>/assessment")
def start(credential_id: int) -> ResponseReturnValue:
    """Start the clock, or go on where it was left."""
    attempt_id = actions.start(
        current.db(),
        current.banks(),
        credential_id=credential_id,
        person_id=current.person().id,
        who=current.person().email,
        seed=secrets.randbits(48),
        token=secrets.token_urlsafe(12),
        now=current.now(),
    )
    with current.db().read() as connection:
        attempt = actions.of_person(connection, attempt_id, current.person().id)
    return go_to(url_for("candidate.assessment.item", attempt_id=attempt.id, position=attempt.position))


@blueprint.get("/attempts/<id:attempt_id>/items/<id:position>")
def item(attempt_id: int, position: int) -> ResponseReturnValue:
    """Show one item. Changes nothing."""
    with current.db().read() as connection:
        attempt = actions.of_person(connection, attempt_id, current.person().id)
        place = actions.require_place(attempts.place(connection, attempt, position))
    if not attempt.is_open(current.now()):
        return redirect(url_for("candidate.review.show", attempt_id=attempt_id))
    return _item_page(attempt, place)


@blueprint.post("/attempts/<id:attempt_id>/items/<id:position>")
def save(attempt_id: int, position: int) -> ResponseReturnValue:
    """Save the answer, then show what the button asks for."""
    go = request.form.get("go", "next")
    if go not in BUTTONS:
        raise Invalid("That button is not known here. Reload the page and try again.")
    sent = actions.Save(
        attempt_id=attempt_id,
        person_id=current.person().id,
        position=position,
        answer=request.form.getlist("answer"),
        token=request.form.get("token", "")[:32],
        go=go,
    )
    try:
        saved = actions.save(
            current.db(), current.banks(), sent, new_token=secrets.token_urlsafe(12), now=current.now()
        )
    except StaleRender as stale:
        return _where_it_really_is(attempt_id, str(stale))
    except AttemptClosed:
        return go_to(url_for("candidate.review.show", attempt_id=attempt_id))
    if go == "review":
        return go_to(url_for("candidate.review.show", attempt_id=attempt_id))
    if not wants_fragment():
        return go_to(url_for("candidate.assessment.item", attempt_id=attempt_id, position=saved.place.position))
    if go == "save":
        return make_response(
            render_template(
                "candidate/assessment/_receipt.html",
                saved_at=saved.place.answered_at,
                token=saved.attempt.render_token,
                seconds_left=saved.attempt.seconds_left(current.now()),
            )
        )
    return _item_page(saved.attempt, saved.place)


def _where_it_really_is(attempt_id: int, notice: str) -> Response:
    """Answer a stale page: what is saved, where the attempt stands, and nothing changed."""
    with current.db().read() as connection:
        attempt = actions.of_person(connection, attempt_id, current.person().id)
        place = actions.require_place(attempts.place(connection, attempt, attempt.position))
    response = _item_page(attempt, place, notice=notice, status=409)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#item", "outerHTML"
    return response


def _item_page(attempt: Attempt, place: attempts.Place, *, notice: str | None = None, status: int = 200) -> Response:
    item = present(current.banks().at(attempt.bank_version).item(place.item_id), place.options)
    exhibit = None
    if item.exhibit:
        src = url_for("candidate.assessment.media", attempt_id=attempt.id, name=item.exhibit.image)
        exhibit = ExhibitView(src, item.exhibit.alt)
    action = url_for("candidate.assessment.item", attempt_id=attempt.id, position=place.position)
    view = ItemView(
        attempt_id=attempt.id,
        position=place.position,
        items_total=attempt.items_total,
        item_id=place.item_id,
        stem_html=rich_text.block(item.stem),
        options=option_views(item),
        exhibit=exhibit,
        answer=place.answer,
        flagged=place.flagged,
        token=attempt.render_token,
        saved_at=place.answered_at,
        seconds_left=attempt.seconds_left(current.now()),
        notice=notice,
        action=action,
    )
    response = page_or_fragment(
        "candidate/assessment/item.html", "candidate/assessment/_item.html", status=status, view=view
    )
    response.headers["HX-Push-Url"] = action
    return response


@blueprint.get("/attempts/<id:attempt_id>/media/<name>")
def media(attempt_id: int, name: str) -> ResponseReturnValue:
    """Send an exhibit of the attempt's item bank as it was when the form was drawn."""
    with current.db().read() as connection:
        attempt = actions.of_person(connection, attempt_id, current.person().id)
        content = banks.media(connection, attempt.bank_version, name)
    kind = MEDIA_TYPES.get(name.rpartition(".")[2].lower())
    if content is None or kind is None:
        raise NotFound("There is no such picture in this assessment.")
    return Response(content, content_type=kind)
