"""Every component in every state: the place to look before making a new one."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ssa_engine.core.people import Role
from ssa_engine.web.guard import require

blueprint = Blueprint("style", __name__, url_prefix="/style")
require(blueprint, Role.SPECIALIST, Role.PSYCHOMETRICIAN)


@blueprint.get("")
def show() -> ResponseReturnValue:
    """Show them."""
    return render_template("style/style.html")
