"""The candidate's pages."""

from flask import Blueprint

from ssa_engine.core.people import Role
from ssa_engine.web.candidate import assessment, beginning, breaks, dashboard, letters, result, review, sitting, survey
from ssa_engine.web.guard import require

blueprint = Blueprint("candidate", __name__, url_prefix="/candidate")
require(blueprint, Role.CANDIDATE)
for _page in (dashboard, beginning, assessment, breaks, sitting, review, survey, result, letters):
    blueprint.register_blueprint(_page.blueprint)
