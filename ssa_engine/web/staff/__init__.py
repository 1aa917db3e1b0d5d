"""Staff pages: the queue of claims, candidate support, the workload."""

from flask import Blueprint

from ssa_engine.core.people import Role
from ssa_engine.web.guard import require
from ssa_engine.web.staff import attendance, claims, mail, people, queue, sittings, support, workload

blueprint = Blueprint("staff", __name__, url_prefix="/staff")
require(blueprint, Role.STAFF)
for part in (queue, claims, attendance, workload, mail, people, support, sittings):
    blueprint.register_blueprint(part.blueprint)
