"""The biennium: which approved CQR CE also counts in the ordinary CE period, and why or why not."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ssa_engine.core.biennium import biennium_on, count, rules_of, total
from ssa_engine.storage import biennium
from ssa_engine.web import current
from ssa_engine.web.language import in_words

blueprint = Blueprint("biennium", __name__)


@blueprint.get("/biennium")
def show() -> ResponseReturnValue:
    """Show what counts in the biennium that is running."""
    person_id = current.person().id
    with current.db().read() as connection:
        enrolled = biennium.enrolled(connection, person_id).get(person_id)
        approved = [one.activity for one in biennium.approved(connection, person_id)]
    programmes = {code: spec.cqr for code, spec in current.library().specs.items()}
    programme = rules_of(enrolled.disciplines, programmes) if enrolled else None
    rules = programme.biennium if programme else None
    period, counted = None, []
    if programme and rules and enrolled and enrolled.begun_on:
        period = biennium_on(programme.today(current.now()), enrolled.begun_on, rules)
        counted = count(approved, period, rules)
    return render_template(
        "candidate/biennium/biennium.html",
        period=period,
        required=rules.credits if rules else None,
        total=total(counted),
        rows=[(one, in_words(one.reason)) for one in counted],
        contact=programme.contact if programme else None,
    )
