"""The psychometrician's console."""

from flask import Blueprint

from ssa_engine.core.people import Role
from ssa_engine.web.guard import require
from ssa_engine.web.psychometrician import cohort, exports, items, policy

blueprint = Blueprint("psychometrician", __name__, url_prefix="/psychometrician")
require(blueprint, Role.PSYCHOMETRICIAN)
for _page in (cohort, exports, items, policy):
    blueprint.register_blueprint(_page.blueprint)
