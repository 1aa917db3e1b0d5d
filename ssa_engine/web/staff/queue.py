"""Find a person and see where their credentials stand."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ssa_engine.storage import attempts, people
from ssa_engine.storage.db import Connection
from ssa_engine.web import current

blueprint = Blueprint("queue", __name__)

STATE_TEXT = {"in_progress": "assessment under way", "submitted": "assessment submitted", "released": "result released"}


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """Search people by name or address."""
    query = request.args.get("q", "").strip()[:100]
    with current.db().read() as connection:
        found = [_person(connection, row) for row in people.search(connection, query)] if query else []
    return render_template("staff/queue/queue.html", query=query, people=found)


def _person(connection: Connection, row: people.Found) -> dict[str, object]:
    credentials = []
    for own in people.credentials_of(connection, row.id):
        latest = attempts.latest(connection, own.id)
        credentials.append(
            {
                "discipline": own.discipline,
                "state_text": STATE_TEXT[latest.state] if latest else "nothing begun",
                "attempt_id": latest.id if latest else None,
            }
        )
    return {"name": row.name, "email": row.email, "credentials": credentials}
