"""The psychometrician's console."""

from flask import Blueprint

from ssa_engine.core.people import Role
from ssa_engine.web.guard import require
from ssa_engine.web.psychometrician import (
    areas,
    audit,
    cohort,
    drafts,
    exports,
    items,
    navigation,
    policy,
    releases,
    report,
    rescoring,
    standard_setting,
    tuning,
)

blueprint = Blueprint("psychometrician", __name__, url_prefix="/psychometrician")
require(blueprint, Role.PSYCHOMETRICIAN)
blueprint.record(
    lambda state: state.app.jinja_env.globals.update(
        console_navigation=navigation.console, this_page=navigation.this_page
    )
)
for _page in (
    areas,
    audit,
    cohort,
    drafts,
    exports,
    items,
    navigation,
    policy,
    releases,
    rescoring,
    tuning,
    report,
    standard_setting,
):
    blueprint.register_blueprint(_page.blueprint)
