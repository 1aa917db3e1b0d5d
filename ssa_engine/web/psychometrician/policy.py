"""The policy in force, and the versions before it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ssa_engine.core.prescriptions import describe_rule
from ssa_engine.core.scoring import standards_in_items
from ssa_engine.storage import policies
from ssa_engine.web import current
from ssa_engine.web.language import in_words

blueprint = Blueprint("policy", __name__)


@blueprint.get("/<discipline>/policy")
def show(discipline: str) -> ResponseReturnValue:
    """Show standards and credit rule of the policy in force."""
    spec = current.library().spec(discipline)
    with current.db().read() as connection:
        published = policies.in_force(connection, spec.discipline)
        history = policies.history(connection, spec.discipline)
    counts = {area: counts.scored for area, counts in spec.blueprint.areas.items()}
    needed = standards_in_items(published.policy, counts) if published else {}
    latest = history[0] if history else None
    return render_template(
        "psychometrician/policy/show.html",
        discipline=spec.discipline,
        discipline_name=spec.name,
        version=published.version if published else None,
        published_at=latest.published_at if latest else None,
        published_by=latest.published_by if latest else None,
        reason=latest.reason if latest else None,
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
        rule_text=" ".join(map(in_words, describe_rule(published.policy.credits))) if published else "",
        rule=published.policy.credits.model_dump(exclude={"bands"}, exclude_none=True) if published else {},
        history=history,
    )
