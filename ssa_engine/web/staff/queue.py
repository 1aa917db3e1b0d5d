"""Find a person and see where their credentials stand; see who is sitting an assessment now."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ssa_engine.storage import attempts, people
from ssa_engine.storage.db import Connection
from ssa_engine.web import current
from ssa_engine.web.staff.standing import held_by, state_of

blueprint = Blueprint("queue", __name__)

MOST_UNDER_WAY = 100


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """Search people by name or address; without a search, list the attempts under way."""
    query = request.args.get("q", "").strip()[:100]
    with current.db().read() as connection:
        found = [(row, held_by(connection, row.id)) for row in people.search(connection, query)] if query else []
        sitting = [] if query else _under_way(connection)
    return render_template("staff/queue/queue.html", query=query, people=found, sitting=sitting[:MOST_UNDER_WAY])


def _under_way(connection: Connection) -> list[dict[str, object]]:
    return [
        {
            "attempt": attempt,
            "person": people.get(connection, attempt.person_id),
            "state": state_of(attempt),
            "left": None if attempt.is_untimed else attempt.seconds_left(current.now()),
        }
        for attempt in attempts.under_way(connection)[:MOST_UNDER_WAY]
    ]
