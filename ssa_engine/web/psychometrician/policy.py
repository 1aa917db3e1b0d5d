"""The policy in force, versions that wait, drafts, and the versions before it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ssa_engine.actions import tuning
from ssa_engine.core.policies import never_in_force
from ssa_engine.core.prescription_words import describe_release, describe_rule
from ssa_engine.core.scoring import standards_in_items
from ssa_engine.web import current
from ssa_engine.web.language import in_words

blueprint = Blueprint("policy", __name__)


@blueprint.get("/<discipline>/policy")
def show(discipline: str) -> ResponseReturnValue:
    """Show standards and credit rule of the policy in force, and the way to change it."""
    spec = current.library().spec(discipline)
    shelf = tuning.shelf(current.db(), spec, current.now())
    published = shelf.in_force
    counts = {area: counts.scored for area, counts in spec.blueprint.areas.items()}
    needed = standards_in_items(published.policy, counts) if published else {}
    held = next((one for one in shelf.history if published and one.version == published.version), None)
    return render_template(
        "psychometrician/policy/show.html",
        discipline=spec.discipline,
        discipline_name=spec.name,
        version=published.version if published else None,
        published_at=held.published_at if held else None,
        published_by=held.published_by if held else None,
        reason=held.reason if held else None,
        areas=[
            {
                "name": name,
                "standard": published.policy.standards[area],
                "standard_items": needed[area],
                "items": counts[area],
            }
            for area, name in spec.area_names.items()
            if published
        ],
        rule_text=" ".join(map(in_words, describe_rule(published.policy.credits, published.policy.decision)))
        if published
        else "",
        decision=published.policy.decision if published else None,
        release_text=describe_release(published.policy) if published else "",
        rule=published.policy.credits.model_dump(exclude={"bands"}, exclude_none=True) if published else {},
        history=shelf.history,
        replaced=never_in_force(shelf.history),
        shelf=shelf,
    )
