"""The biennium: which approved CQR CE also counts in the ordinary CE period, and why or why not."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ssa_engine.core.biennium import biennium_on, count, total
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.storage import biennium, people
from ssa_engine.web import current
from ssa_engine.web.language import in_words

blueprint = Blueprint("biennium", __name__)


@blueprint.get("/biennium")
def show() -> ResponseReturnValue:
    """Show what counts in the biennium that is running."""
    with current.db().read() as connection:
        begun = biennium.begun_on(connection, current.person().id)
        approved = biennium.approved(connection, current.person().id)
        held = [own.discipline for own in people.credentials_of(connection, current.person().id)]
    spec = _with_biennium(held)
    rules = spec.cqr.biennium if spec else None
    period, counted = None, []
    if spec and rules and begun:
        period = biennium_on(spec.cqr.today(current.now()), begun, rules)
        counted = count([one.activity for one in approved], period, rules)
    return render_template(
        "candidate/biennium/biennium.html",
        period=period,
        required=rules.credits if rules else None,
        total=total(counted),
        rows=[(one, in_words(one.reason)) for one in counted],
        contact=spec.cqr.contact if spec else None,
    )


def _with_biennium(disciplines: list[str]) -> ContentSpec | None:
    """Return the first of these disciplines whose programme has a biennium."""
    specs = current.library().specs
    return next((specs[code] for code in disciplines if code in specs and specs[code].cqr.biennium), None)
