"""Release of results: which wait and by when they are promised; choose some, see how many, release them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from ssa_engine.actions import releases as actions
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Invalid, NotFound
from ssa_engine.core.releases import Choice, Waiting, Which, chosen, counts_of, read_choice
from ssa_engine.core.text import say
from ssa_engine.web import current
from ssa_engine.web.htmx import go_to
from ssa_engine.web.psychometrician.files import csv_table

blueprint = Blueprint("releases", __name__)

TABLES: dict[str, tuple[str, ...]] = {
    "waiting": (
        "attempt_id", "candidate_id", "submitted_on", "credits", "policy_version", "release_on", "promised_by",
        "days_left", "promise", "submitted_at",
    ),
    "figures": ("measure", "value"),
}  # fmt: skip
"""The tables that can be downloaded, with their columns."""

PAGE = 100
"""Rows of the list on one page."""


@blueprint.get("/<discipline>/releases")
def overview(discipline: str) -> ResponseReturnValue:
    """Show the results that wait, and how many of them a choice keeps."""
    try:
        return _page(current.library().spec(discipline), request.args, choice=_choice())
    except Invalid as error:
        return _page(current.library().spec(discipline), request.args, error.sentence)


@blueprint.get("/<discipline>/releases/<release_table>.csv")
def download(discipline: str, release_table: str) -> ResponseReturnValue:
    """Send what waits, or its counts, as CSV: of those that the address chooses, else of all."""
    spec = current.library().spec(discipline)
    columns = TABLES.get(release_table)
    if columns is None:
        raise NotFound(say("There is no such table. There are: {known}.", known=", ".join(TABLES)))
    kept = chosen(_waiting(spec), _choice() or Choice())
    name = f"{spec.discipline}-releases-{release_table}.csv"
    if release_table == "figures":
        return csv_table(columns, counts_of(kept).items(), name)
    return csv_table(columns, ([getattr(one, column) for column in columns] for one in kept), name)


@blueprint.post("/<discipline>/releases")
def release(discipline: str) -> ResponseReturnValue:
    """Release the results that were chosen and looked at; what came since waits on."""
    spec, sent = current.library().spec(discipline), request.form
    try:
        choice = _read(sent, _seen())
    except Invalid as error:
        return _page(spec, sent, error.sentence)
    done = actions.release_chosen(
        current.db(), current.banks(), spec, choice, who=current.person().email, now=current.now()
    )
    return go_to(url_for(".overview", discipline=spec.discipline, done="released" if done else "nothing"))


def _seen() -> dt.datetime:
    """Return when the counts were looked at."""
    try:
        seen = dt.datetime.fromisoformat(request.form.get("seen", ""))
    except ValueError:
        seen = None
    if seen is None or seen.tzinfo is None:
        raise Invalid(say("Look first at how many results you release, then release them."))
    return seen


def _choice() -> Choice | None:
    """Read what the address chooses; None if it chooses nothing."""
    return _read(request.args) if "which" in request.args else None


def _read(sent: MultiDict[str, str], seen_at: dt.datetime | None = None) -> Choice:
    return read_choice(sent.get("which", ""), sent.get("until", ""), sent.getlist("attempt"), seen_at)


def _waiting(spec: ContentSpec) -> list[Waiting]:
    with current.db().read() as connection:
        return actions.waiting(connection, spec, current.now())


def _page(
    spec: ContentSpec, sent: MultiDict[str, str], problem: str = "", choice: Choice | None = None
) -> ResponseReturnValue:
    """Render the page with what was sent: how many results it chooses, or why it cannot be read."""
    waiting = _waiting(spec)
    pages = max(1, -(-len(waiting) // PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    text = render_template(
        "psychometrician/releases/overview.html",
        discipline=spec.discipline,
        waiting=waiting[(page - 1) * PAGE : page * PAGE],
        figures=counts_of(waiting),
        choice=choice,
        picked=counts_of(chosen(waiting, choice)) if choice else None,
        typed={"which": sent.get("which", Which.ALL.value), "until": sent.get("until", "")},
        ticked=frozenset(sent.getlist("attempt")),
        query=_query(choice),
        seen=current.now().isoformat(),
        problem=problem,
        done=request.args.get("done", ""),
        page=page,
        pages=pages,
    )
    return text, 422 if problem else 200


def _query(choice: Choice | None) -> dict[str, Any]:
    """Return the parts of an address or a form that choose the same."""
    if choice is None:
        return {}
    query = {
        "which": [choice.which.value],
        "until": [choice.until.isoformat()] if choice.until else [],
        "attempt": [str(one) for one in sorted(choice.attempt_ids)],
    }
    return {name: values for name, values in query.items() if values}
