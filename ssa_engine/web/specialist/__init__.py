"""The content specialist's pages. A psychometrician may look too."""

from flask import Blueprint

from ssa_engine.core.people import Role
from ssa_engine.web.guard import require
from ssa_engine.web.specialist import preview

blueprint = Blueprint("specialist", __name__, url_prefix="/specialist")
require(blueprint, Role.SPECIALIST, Role.PSYCHOMETRICIAN)
blueprint.register_blueprint(preview.blueprint)
