"""Anyone checks a completion record by its code: no sign-in, no list, nothing for a search engine."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.core.completion import read_code
from ssa_engine.storage import completion_records
from ssa_engine.web import current

blueprint = Blueprint("records", __name__, url_prefix="/records")

LONGEST = 60
"""Letters of what somebody typed that are looked at."""


@blueprint.after_request
def unlisted(response: Response) -> Response:
    """Tell search engines to leave these pages alone."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.get("")
def ask() -> ResponseReturnValue:
    """Ask for a code; lead to the record of one that was sent."""
    typed = request.args.get("code", "").strip()[:LONGEST]
    if not typed:
        return make_response(render_template("records/ask.html", typed=""))
    code = read_code(typed)
    return redirect(url_for("records.show", record_code=code)) if code else _unknown(typed)


def _unknown(typed: str) -> Response:
    return make_response(render_template("records/unknown.html", typed=typed), 404)


@blueprint.get("/<record_code>")
def show(record_code: str) -> ResponseReturnValue:
    """Say whether the record of a code stands, for whom and until when; of others nothing but that."""
    typed = record_code.strip()[:LONGEST]
    code = read_code(typed)
    found = None
    if code is not None:
        with current.db().read() as connection:
            found = completion_records.by_code(connection, code)
    if found is None:
        return _unknown(typed)
    if not found.stands:
        return make_response(render_template("records/voided.html", record=found))
    specs = current.library().specs
    name = specs[found.discipline].name if found.discipline in specs else found.discipline
    return make_response(render_template("records/record.html", record=found, discipline_name=name))
