"""The candidate's pages."""

from flask import Blueprint

from ssa_engine.core.people import Role
from ssa_engine.web.candidate import (
    activities,
    assessment,
    beginning,
    biennium,
    breaks,
    ce,
    claims,
    dashboard,
    documents,
    letters,
    outline,
    plan,
    profile,
    result,
    review,
    sitting,
    survey,
)
from ssa_engine.web.candidate import help as questions
from ssa_engine.web.guard import require

blueprint = Blueprint("candidate", __name__, url_prefix="/candidate")
require(blueprint, Role.CANDIDATE)
for _page in (
    dashboard,
    ce,
    claims,
    activities,
    plan,
    outline,
    questions,
    documents,
    profile,
    beginning,
    biennium,
    assessment,
    breaks,
    sitting,
    review,
    survey,
    result,
    letters,
):
    blueprint.register_blueprint(_page.blueprint)
