"""Staff pages: candidate support."""

from flask import Blueprint

from ssa_engine.core.people import Role
from ssa_engine.web.guard import require
from ssa_engine.web.staff import people, queue, sittings

blueprint = Blueprint("staff", __name__, url_prefix="/staff")
require(blueprint, Role.STAFF)
for part in (queue, people, sittings):
    blueprint.register_blueprint(part.blueprint)
