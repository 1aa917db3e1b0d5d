"""The plan: activities that fill what is open at the least cost, in the least time, or the fewest."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import plans as actions
from ssa_engine.actions.plans import Planned
from ssa_engine.core.plans import Aim, Plan, Plans, steps
from ssa_engine.web import current
from ssa_engine.web.candidate.activities import Offer, no_claims, offer
from ssa_engine.web.htmx import go_to
from ssa_engine.web.signin import own_path

blueprint = Blueprint("plan", __name__)


@dataclass(frozen=True, slots=True)
class Other:
    """Another plan to look at: its place, and how it differs from the one shown."""

    number: int
    plan: Plan
    adds: list[str]
    drops: list[str]


@blueprint.get("/credentials/<id:credential_id>/ce/plan")
def show(credential_id: int) -> ResponseReturnValue:
    """Show the plan, or one of its alternatives."""
    aim = next((one for one in Aim if one == request.args.get("by")), Aim.COST)
    made = actions.planned(
        current.db(),
        current.banks(),
        credential_id=credential_id,
        person_id=current.person().id,
        aim=aim,
        now=current.now(),
    )
    if made is None:
        return redirect(url_for("candidate.ce.show", credential_id=credential_id))
    shown = _shown(made.plans)
    return render_template(
        "candidate/plan/plan.html",
        credential_id=credential_id,
        planned=made,
        made=made.chosen,
        spec=made.chosen.prescription.spec,
        aim=aim,
        aims=list(Aim),
        plans=made.plans,
        number=shown,
        plan=_all(made.plans)[shown - 1] if made.plans else None,
        offers=_offers(made, _all(made.plans)[shown - 1]) if made.plans else [],
        others=_others(made.plans, shown),
        closed=no_claims(made.chosen),
        has_biennium=made.chosen.prescription.rules.biennium is not None,
    )


def _all(plans: Plans | None) -> list[Plan]:
    return [plans.best, *plans.alternatives] if plans else []


def _shown(plans: Plans | None) -> int:
    """Return which plan is asked for, from 1; the best if it is not there any more."""
    wanted = request.args.get("plan", 1, type=int)
    return wanted if 1 <= wanted <= len(_all(plans)) else 1


def _offers(made: Planned, plan: Plan) -> list[Offer]:
    """Return each activity of a plan beside what those before it leave open."""
    return [offer(made.chosen, one, parts) for one, parts in steps(plan, made.chosen.left, made.chosen.discipline)]


def _others(plans: Plans | None, shown: int) -> list[Other]:
    """Return the plans that are not shown."""
    every = _all(plans)
    own = {one.id for one in every[shown - 1].activities} if every else set()
    return [
        Other(
            number,
            other,
            [one.title for one in other.activities if one.id not in own],
            [one.title for one in every[shown - 1].activities if one.id not in {two.id for two in other.activities}],
        )
        for number, other in enumerate(every, start=1)
        if number != shown
    ]


@blueprint.post("/credentials/<id:credential_id>/ce/plan")
def choose(credential_id: int) -> ResponseReturnValue:
    """Put an activity into the plan, keep it out, or leave it to the plan; then go back to where the button stood."""
    person, form = current.person(), request.form
    actions.choose(
        current.db(),
        current.banks(),
        credential_id=credential_id,
        person_id=person.id,
        code=form.get("activity", ""),
        choice=form.get("choice", "?"),
        who=person.email,
        now=current.now(),
    )
    here = url_for("candidate.plan.show", credential_id=credential_id)
    back = own_path(form.get("back") or here)
    return go_to(back if back.startswith(here.removesuffix("plan")) else here)
