"""The start page, and what a monitor asks: alive, ready, numbers."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.core.people import Role
from ssa_engine.storage import counts
from ssa_engine.web import current

blueprint = Blueprint("home", __name__)

START_PAGES = (
    (Role.CANDIDATE, "candidate.dashboard.show"),
    (Role.PSYCHOMETRICIAN, "psychometrician.cohort.overview"),
    (Role.STAFF, "staff.queue.show"),
    (Role.SPECIALIST, "specialist.preview.start"),
)


@blueprint.get("/")
def start() -> ResponseReturnValue:
    """Go to the person's own start page."""
    if g.person is None:
        return redirect(url_for("signin.signin"))
    return redirect(url_for(next(page for role, page in START_PAGES if role in g.person.roles)))


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Whether the process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether the database answers too."""
    with current.db().read() as connection:
        counts.attempts_by_state(connection)
    return {"status": "ok"}


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Numbers in the Prometheus text format, read from the database, so the same from every process."""
    with current.db().read() as connection:
        states = counts.attempts_by_state(connection)
        responses = counts.responses(connection)
    lines = ["# HELP ssa_attempts Attempts by state.", "# TYPE ssa_attempts gauge"]
    lines += [f'ssa_attempts{{state="{state}"}} {count}' for state, count in states.items()]
    lines += [
        "# HELP ssa_responses_total Responses received.",
        "# TYPE ssa_responses_total counter",
        f"ssa_responses_total {responses}",
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")
