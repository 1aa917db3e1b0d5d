"""The review screen, and submission."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import attempts as actions
from ssa_engine.actions import results
from ssa_engine.core.attempts import Attempt, State
from ssa_engine.storage import places as place_rows
from ssa_engine.web import current
from ssa_engine.web.candidate.assessment import seconds_left
from ssa_engine.web.htmx import go_to

blueprint = Blueprint("review", __name__)


def _read(attempt_id: int) -> tuple[Attempt, list[place_rows.Place]]:
    with current.db().read() as connection:
        attempt = actions.of_person(connection, attempt_id, current.person().id)
        return attempt, place_rows.places(connection, attempt)


FILTERS = ("all", "unanswered", "flagged", "noted")


def _page(attempt: Attempt, places: list[place_rows.Place], *, confirming: bool) -> str:
    now = current.now()
    rows = [_row(attempt, place) for place in places]
    unanswered = [place.position for place in places if place.answer is None]
    openable = [position for position in unanswered if attempt.locked_through < position <= attempt.reach]
    shown = request.args.get("show", "all")
    delivery = current.banks().at(attempt.bank_version).spec.delivery
    return render_template(
        "candidate/assessment/review.html",
        attempt_id=attempt.id,
        items_total=attempt.items_total,
        rows=rows,
        filters={name: [row for row in rows if name == "all" or row[name]] for name in FILTERS},
        shown=shown if shown in FILTERS else "all",
        unanswered=unanswered,
        flagged=[place.position for place in places if place.flagged],
        seconds_left=seconds_left(attempt),
        warn_minutes=delivery.clock.warn_minutes,
        on_break=attempt.on_break(now),
        break_is_next=attempt.break_is_next,
        time_is_up=attempt.time_is_up(now),
        token=attempt.render_token,
        back_to=attempt.position if attempt.position in openable or not openable else openable[0],
        confirming=confirming,
        notice=None,
    )


def _row(attempt: Attempt, place: place_rows.Place) -> dict[str, int | bool]:
    """What the review says of one question."""
    return {
        "position": place.position,
        "answered": place.answer is not None,
        "unanswered": place.answer is None,
        "flagged": place.flagged,
        "noted": bool(place.note),
        "locked": place.position <= attempt.locked_through,
        "ahead": place.position > attempt.reach,
    }


@blueprint.get("/attempts/<id:attempt_id>/review")
def show(attempt_id: int) -> ResponseReturnValue:
    """Show what is answered, unanswered and flagged."""
    attempt, places = _read(attempt_id)
    if attempt.state is not State.IN_PROGRESS:
        return redirect(url_for("candidate.result.show", attempt_id=attempt_id))
    return _page(attempt, places, confirming=False)


@blueprint.post("/attempts/<id:attempt_id>/review")
def submit(attempt_id: int) -> ResponseReturnValue:
    """Submit; but first name what is open, once."""
    attempt, places = _read(attempt_id)
    open_or_flagged = any(place.answer is None or place.flagged for place in places)
    asks = attempt.is_open(current.now()) and open_or_flagged and request.form.get("confirmed") != "yes"
    if asks:
        return _page(attempt, places, confirming=True)
    results.submit(
        current.db(),
        current.banks(),
        attempt_id=attempt_id,
        person_id=current.person().id,
        who=current.person().email,
        now=current.now(),
    )
    return go_to(url_for("candidate.result.show", attempt_id=attempt_id))
