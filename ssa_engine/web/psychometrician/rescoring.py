"""Rescoring: sessions of a discipline, who changes and how, apply, decide on increases, revert."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import increases, rescoring_reports, rescoring_runs, rescorings
from ssa_engine.actions.rescoring_reports import AREAS, INCREASES, PEOPLE, Consequences, Overview
from ssa_engine.core.errors import Invalid, NotFound
from ssa_engine.core.rescorings import UNDER_WAY, Change, ItemChange, Rescoring, RescoringState, shown_key
from ssa_engine.core.text import say
from ssa_engine.storage import rescoring_lists
from ssa_engine.storage import rescorings as rows
from ssa_engine.web import current
from ssa_engine.web.htmx import go_to
from ssa_engine.web.psychometrician.files import csv_table

blueprint = Blueprint("rescoring", __name__)

TABLES: dict[str, tuple[str, ...]] = {
    "figures": ("measure", "value"),
    "people": PEOPLE,
    "areas": AREAS,
    "increases": INCREASES,
    "decisions": ("attempt_id", "candidate_id", "increase", "decision", "decided_by", "decided_at", "decision_reason"),
}
"""The tables that can be downloaded, with their columns."""

PAGE = 200
"""Rows of the list of who changes on one page."""

AT_ONCE = 2000
"""Attempts that one press on a page rescores; for more of them press again, or use the command."""


@blueprint.get("/<discipline>/rescorings")
def overview(discipline: str) -> ResponseReturnValue:
    """List the sessions of a discipline."""
    return _list(discipline)


@blueprint.post("/<discipline>/rescorings")
def begin(discipline: str) -> ResponseReturnValue:
    """Begin a session."""
    sent = request.form
    try:
        session = rescorings.begin(
            current.db(),
            current.banks(),
            discipline=discipline,
            title=sent.get("title", ""),
            reason=sent.get("reason", ""),
            who=current.person().email,
            now=current.now(),
        )
    except Invalid as error:
        return _list(discipline, problem=error.sentence), 422
    return go_to(_address(session.discipline, session.id))


def _list(discipline: str, problem: str = "") -> str:
    spec = current.library().spec(discipline)
    with current.db().read() as connection:
        sessions = rows.of_discipline(connection, spec.discipline)
        counts = rescoring_lists.counts(connection)
        changes = rows.counts_of_changes(connection)
    return render_template(
        "psychometrician/rescoring/overview.html",
        discipline=spec.discipline,
        sessions=[(one, changes.get(one.id, 0), counts.get(one.id, {})) for one in sessions],
        problem=problem,
        typed=request.form if problem else {},
    )


@blueprint.get("/<discipline>/rescorings/<id:rescoring_id>")
def show(discipline: str, rescoring_id: int) -> ResponseReturnValue:
    """Show a session: what it changes, who changes and how, what waits, what was decided."""
    return _page(discipline, rescoring_id)


@blueprint.get("/<discipline>/rescorings/<id:rescoring_id>/<table_name>.csv")
def download(discipline: str, rescoring_id: int, table_name: str) -> ResponseReturnValue:
    """Send a table of the session as CSV: all of it, to the last digit of the page."""
    found = _found(discipline, rescoring_id)
    told = found.consequences
    cells: list[list[Any]] = []
    columns = TABLES.get(table_name)
    if columns is None:
        raise NotFound(say("There is no such table. There are: {known}.", known=", ".join(TABLES)))
    if table_name == "increases":
        cells = rescoring_reports.table(found.waiting, columns)
    elif table_name == "decisions":
        cells = [[one[name] for name in columns] for one in found.decisions]
    elif table_name == "figures":
        letters = {"letters": found.told[0], "letters_read": found.told[1]}
        cells = [] if told is None else [list(one) for one in (told.figures | letters).items()]
    elif told is not None:
        cells = rescoring_reports.table(told.people if table_name == "people" else told.areas, columns)
    return csv_table(columns, cells, f"rescoring-{rescoring_id}-{table_name}.csv")


@blueprint.post("/<discipline>/rescorings/<id:rescoring_id>/changes")
def change(discipline: str, rescoring_id: int) -> ResponseReturnValue:
    """Say what the session changes about an item, or that it leaves the item as it is."""
    sent, kind = request.form, request.form.get("change", "")
    _require(discipline, rescoring_id)
    who: dict[str, Any] = {"who": current.person().email, "now": current.now(), "expected_revision": _revision()}
    try:
        if kind == "leave":
            rescorings.leave(current.db(), rescoring_id, item_id=sent.get("item", ""), **who)
        elif kind in list(ItemChange):
            rescorings.change(
                current.db(),
                current.banks(),
                rescoring_id,
                item_id=sent.get("item", ""),
                kind=ItemChange(kind),
                key=sent.get("key", ""),
                **who,
            )
        else:
            raise Invalid(say("Choose what is changed about the item."))
    except (Invalid, NotFound) as error:
        return _page(discipline, rescoring_id, mend="change", problem=error.sentence), 422
    return go_to(_address(discipline, rescoring_id))


@blueprint.post("/<discipline>/rescorings/<id:rescoring_id>/apply")
def apply(discipline: str, rescoring_id: int) -> ResponseReturnValue:
    """Apply the session as it was seen, or go on with it."""
    session = _require(discipline, rescoring_id)
    if session.state is RescoringState.DRAFT and request.form.get("confirmed") != "yes":
        problem = say("Say that you have looked at who changes, then apply.")
        return _page(discipline, rescoring_id, mend="apply", problem=problem), 422
    rescoring_runs.apply(
        current.db(),
        current.banks(),
        rescoring_id,
        who=current.person().email,
        now=current.now(),
        expected_revision=_revision(),
        at_most=AT_ONCE,
    )
    return go_to(_address(discipline, rescoring_id))


@blueprint.post("/<discipline>/rescorings/<id:rescoring_id>/revert")
def revert(discipline: str, rescoring_id: int) -> ResponseReturnValue:
    """Revert the session, or go on with that."""
    _require(discipline, rescoring_id)
    try:
        rescoring_runs.revert(
            current.db(),
            current.banks(),
            rescoring_id,
            reason=request.form.get("reason", ""),
            who=current.person().email,
            now=current.now(),
            at_most=AT_ONCE,
        )
    except Invalid as error:
        return _page(discipline, rescoring_id, mend="revert", problem=error.sentence), 422
    return go_to(_address(discipline, rescoring_id))


@blueprint.post("/<discipline>/rescorings/<id:rescoring_id>/increases")
def decide(discipline: str, rescoring_id: int) -> ResponseReturnValue:
    """Accept or decline one increase, or all that wait."""
    _require(discipline, rescoring_id)
    sent = request.form
    one = sent.get("attempt", "")
    attempts = None if one == "all" else [int(one)] if one.isdecimal() and len(one) < 10 else []
    who: dict[str, Any] = {"attempts": attempts, "who": current.person().email, "now": current.now()}
    try:
        if attempts == []:
            raise Invalid(say("Choose an attempt, or all of them."))
        if sent.get("decision") == "accept":
            increases.accept(current.db(), current.banks(), rescoring_id, **who)
        elif sent.get("decision") == "decline":
            increases.decline(current.db(), current.banks(), rescoring_id, reason=sent.get("reason", ""), **who)
        else:
            raise Invalid(say("Accept the increase or decline it."))
    except Invalid as error:
        return _page(discipline, rescoring_id, mend="increases", problem=error.sentence), 422
    return go_to(f"{_address(discipline, rescoring_id)}#increases")


def _address(discipline: str, rescoring_id: int) -> str:
    return url_for("psychometrician.rescoring.show", discipline=discipline, rescoring_id=rescoring_id)


def _revision() -> int | None:
    typed = request.form.get("revision", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else -1


def _require(discipline: str, rescoring_id: int) -> Rescoring:
    """Return the session; raise `NotFound` if it is another discipline's."""
    spec = current.library().spec(discipline)
    with current.db().read() as connection:
        session = rescorings.existing(connection, rescoring_id)
    if session.discipline != spec.discipline:
        raise NotFound(say("There is no rescoring session {number}.", number=rescoring_id))
    return session


def _found(discipline: str, rescoring_id: int) -> Overview:
    """Return the session with all it does."""
    _require(discipline, rescoring_id)
    return rescoring_reports.overview(current.db(), current.banks(), rescoring_id, current.now())


def _page(discipline: str, rescoring_id: int, *, mend: str = "", problem: str = "") -> str:
    """Render the session. `mend` and `problem`: which form of what was sent is to mend, and why."""
    found = _found(discipline, rescoring_id)
    spec, session = current.library().spec(discipline), found.session
    return render_template(
        "psychometrician/rescoring/session.html",
        discipline=spec.discipline,
        session=session,
        changes=[_change(one) for one in found.changes],
        is_draft=session.state is RescoringState.DRAFT,
        is_under_way=session.state in UNDER_WAY,
        found=found,
        area_names=spec.area_names,
        at_once=AT_ONCE,
        mend=mend,
        problem=problem,
        typed=request.form if mend else {},
        **_tables(found.consequences),
        waiting=_rows(rescoring_reports.table(found.waiting, INCREASES, slice(0, PAGE)), INCREASES),
        waiting_count=len(found.waiting),
    )


def _tables(told: Consequences | None) -> dict[str, Any]:
    if told is None:
        return {"figures": None, "people": [], "areas": [], "count": 0, "page": 1, "pages": 1}
    pages = max(1, -(-len(told.people) // PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    shown = slice((page - 1) * PAGE, page * PAGE)
    return {
        "figures": told.figures,
        "people": _rows(rescoring_reports.table(told.people, PEOPLE, shown), PEOPLE),
        "areas": _rows(rescoring_reports.table(told.areas, AREAS), AREAS),
        "count": len(told.people),
        "page": page,
        "pages": pages,
    }


def _rows(cells: list[list[Any]], columns: tuple[str, ...]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in cells]


def _change(one: Change) -> dict[str, Any]:
    return {
        "item_id": one.item_id,
        "change": one.change.value,
        "key": shown_key(one.key) if one.key is not None else "",
    }
