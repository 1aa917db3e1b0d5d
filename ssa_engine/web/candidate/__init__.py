"""The candidate's pages."""

from flask import Blueprint

from ssa_engine.core.people import Role
from ssa_engine.web.candidate import assessment, dashboard, result, review
from ssa_engine.web.guard import require

blueprint = Blueprint("candidate", __name__, url_prefix="/candidate")
require(blueprint, Role.CANDIDATE)
for _page in (dashboard, assessment, review, result):
    blueprint.register_blueprint(_page.blueprint)
