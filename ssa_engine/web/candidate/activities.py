"""The catalogue of CE activities: what fills a prescription, and one activity with its arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import plans
from ssa_engine.actions.plans import Chosen, Why
from ssa_engine.core.activities import (
    ANY,
    SORTS,
    Activity,
    ActivityFormat,
    Filling,
    arithmetic,
    fillings,
    read_activity_query,
)
from ssa_engine.core.claim_rules import closed, used_before
from ssa_engine.core.claims import Claim
from ssa_engine.core.errors import NotFound
from ssa_engine.core.text import Sentence, say, say_count
from ssa_engine.storage import activities as rows
from ssa_engine.storage import claims
from ssa_engine.web import current

blueprint = Blueprint("activities", __name__)


@dataclass(frozen=True, slots=True)
class Offer:
    """An activity beside a prescription."""

    activity: Activity
    says: Sentence
    """What it is worth and what of it counts."""
    choice: str
    """in, out, or empty."""
    why_not: str
    """Why it cannot be part of the plan; empty if it can."""
    serves_biennium: bool
    may_be_finished: bool
    """Whether it can be reported: it has begun, is not reported, and claims are taken."""


def no_claims(made: Chosen) -> Sentence | None:
    """Say why nothing can be claimed for a prescription now; None if it can."""
    found = made.prescription
    return closed(found.position, found.today, found.spec.name)


def offer(made: Chosen, activity: Activity, parts: Sequence[Filling], used: Claim | None = None) -> Offer:
    """Set an activity beside a prescription, of which it fills these parts; `used`: the claim that counts it."""
    found, why = made.prescription, Why.REPORTED if used else made.why_not(activity)
    reported = why is Why.REPORTED
    return Offer(
        activity,
        _counts_once(activity) if reported else arithmetic(activity.credits, parts, found.spec.area_names),
        made.choices.get(activity.id, ""),
        why or "",
        activity.serves(found.rules.biennium),
        may_be_finished=not (reported or activity.begins_after(found.today) or no_claims(made)),
    )


def _counts_once(activity: Activity) -> Sentence:
    worth = say_count("{count} CE credit", "{count} CE credits", activity.credits)
    return say("{worth}; you have reported it, and it counts once", worth=worth)


@blueprint.get("/credentials/<id:credential_id>/ce/activities")
def search(credential_id: int) -> ResponseReturnValue:
    """Look for activities that fill what is open."""
    wanted, problems = read_activity_query(request.args)
    with current.db().read() as connection:
        made = plans.chosen(connection, current.banks(), **_whose(credential_id))
        if made is None:
            return redirect(url_for("candidate.ce.show", credential_id=credential_id))
        today, biennium = made.prescription.today, made.prescription.rules.biennium
        found = rows.search(
            connection,
            wanted,
            made.discipline,
            made.left,
            today,
            last_day=made.last_day,
            mechanisms=biennium.mechanisms if biennium else (),
        )
        sponsors = rows.sponsors(connection, today)
    page = render_template(
        "candidate/activities/search.html",
        credential_id=credential_id,
        made=made,
        spec=made.prescription.spec,
        wanted=wanted,
        problems=problems,
        found=found,
        offers=[offer(made, one, fillings(one.counts_in(made.discipline), made.left)) for one in found.activities],
        sponsors=sponsors,
        formats=list(ActivityFormat),
        sorts=SORTS,
        any_area=ANY,
        closed=no_claims(made),
        has_biennium=biennium is not None,
    )
    return make_response(page, 422 if problems else 200)


@blueprint.get("/credentials/<id:credential_id>/ce/activities/<code>")
def show(credential_id: int, code: str) -> ResponseReturnValue:
    """Show one activity: what it is worth, what of it counts, when and where."""
    with current.db().read() as connection:
        made = plans.chosen(connection, current.banks(), **_whose(credential_id))
        if made is None:
            return redirect(url_for("candidate.ce.show", credential_id=credential_id))
        activity = rows.by_code(connection, code)
        reported = claims.of_attempt(connection, made.prescription.attempt.id)
    if activity is None:
        raise NotFound(plans.NO_SUCH_ACTIVITY)
    used = used_before(activity.title, activity.sponsor, activity.id, reported)
    counts = activity.counts_in(made.discipline)
    parts = fillings(counts, made.left)
    fills = {part.area: part for part in parts}
    spec = made.prescription.spec
    return render_template(
        "candidate/activities/show.html",
        credential_id=credential_id,
        made=made,
        spec=spec,
        offer=offer(made, activity, parts, used),
        used=used,
        closed=no_claims(made),
        areas=[(name, counts[area], fills.get(area)) for area, name in spec.area_names.items() if area in counts],
        has_biennium=made.prescription.rules.biennium is not None,
    )


def _whose(credential_id: int) -> dict[str, Any]:
    return {"credential_id": credential_id, "person_id": current.person().id, "now": current.now()}
