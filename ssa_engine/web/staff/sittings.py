"""One sitting: where it stands, its clock, its timeline; grant time, unlock."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import sittings, timelines
from ssa_engine.actions.timelines import Record
from ssa_engine.core.attempts import State
from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import Sentence, say
from ssa_engine.core.timelines import (
    WHAT,
    Entry,
    Search,
    away_since,
    breaks_of,
    device,
    last_sign,
    seconds_stood,
    seconds_used,
)
from ssa_engine.exchange.timeline import to_csv
from ssa_engine.web import current
from ssa_engine.web.htmx import go_to
from ssa_engine.web.language import in_words
from ssa_engine.web.staff.browsers import browser_name
from ssa_engine.web.staff.standing import state_of

blueprint = Blueprint("sittings", __name__)

PAGE = 200
"""Entries of the timeline on one page."""


@blueprint.get("/attempts/<id:attempt_id>")
def show(attempt_id: int) -> ResponseReturnValue:
    """Show a sitting; what is searched in its timeline stands in the address."""
    return _page(attempt_id)


@blueprint.get("/attempts/<id:attempt_id>/timeline.csv")
def timeline(attempt_id: int) -> ResponseReturnValue:
    """Send the timeline as CSV: what the search finds, all of it without one."""
    record = _record(attempt_id)
    search, _ = _search(record)
    text = to_csv(search.of(record.entries, _written))
    headers = {"Content-Disposition": f'attachment; filename="timeline-{attempt_id}.csv"'}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.post("/attempts/<id:attempt_id>/time")
def grant(attempt_id: int) -> ResponseReturnValue:
    """Give more time."""
    minutes = _whole(request.form.get("minutes", ""))
    try:
        sittings.grant_time(
            current.db(),
            attempt_id=attempt_id,
            minutes=minutes,
            reason=request.form.get("reason", "").strip(),
            who=current.person().email,
            now=current.now(),
        )
    except Invalid as error:
        mend = "grant-reason" if 1 <= minutes <= sittings.MOST_MINUTES else "minutes"
        return _page(attempt_id, mend=mend, problem=error.sentence)
    return go_to(url_for("staff.sittings.show", attempt_id=attempt_id, done="granted"))


@blueprint.post("/attempts/<id:attempt_id>/unlock")
def unlock(attempt_id: int) -> ResponseReturnValue:
    """Open what locked at a break, and free the attempt from the window it is live in."""
    try:
        sittings.unlock(
            current.db(),
            attempt_id=attempt_id,
            reason=request.form.get("reason", "").strip(),
            new_token=secrets.token_urlsafe(12),
            who=current.person().email,
            now=current.now(),
        )
    except Invalid as error:
        return _page(attempt_id, mend="unlock-reason", problem=error.sentence)
    return go_to(url_for("staff.sittings.show", attempt_id=attempt_id, done="unlocked"))


def _whole(typed: str) -> int:
    """Read a whole number of few digits; 0 for anything else."""
    digits = typed.strip()
    return int(digits) if digits.isdecimal() and len(digits) < 5 else 0


def _record(attempt_id: int) -> Record:
    with current.db().read() as connection:
        return timelines.record_of(connection, attempt_id)


def _search(record: Record) -> tuple[Search, Sentence | None]:
    """Read the search from the address, and what is to mend in it."""
    asked = request.args
    typed = asked.get("question", "").strip()
    question = _whole(typed)
    on_form = 1 <= question <= record.attempt.items_total
    problem = say("Give a question from 1 to {last}.", last=record.attempt.items_total)
    search = Search(
        kind=asked.get("kind", "") if asked.get("kind") in WHAT else "",
        question=question if on_form else None,
        words=asked.get("words", "").strip()[:100],
        newest_first=asked.get("order") != "oldest",
    )
    return search, problem if typed and not on_form else None


def _written(entry: Entry) -> str:
    return f"{in_words(entry.what)} {entry.detail}"


def _page(attempt_id: int, *, mend: str = "", problem: str | None = None) -> ResponseReturnValue:
    """Render the sitting. `mend` and `problem`: which field of what was sent is to mend, and why."""
    record = _record(attempt_id)
    search, search_problem = _search(record)
    found = search.of(record.entries, _written)
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    rendered = render_template(
        "staff/sittings/sitting.html",
        record=record,
        attempt=record.attempt,
        discipline=current.banks().at(record.attempt.bank_version).spec.name,
        state=state_of(record.attempt),
        is_running=record.attempt.state is State.IN_PROGRESS,
        **_clock(record),
        what=WHAT,
        search=search,
        search_problem=search_problem,
        question_typed=request.args.get("question", "")[:10],
        query=_query(search),
        entries=found[(page - 1) * PAGE : page * PAGE],
        count=len(found),
        page=page,
        pages=pages,
        done=request.args.get("done", ""),
        mend=mend,
        problem=problem,
        typed=request.form if mend else {},
        browser_name=browser_name,
    )
    return rendered, 422 if problem else 200


def _query(search: Search) -> Mapping[str, Any]:
    """The search as parts of an address, so that a link to what is shown can be sent."""
    order = None if search.newest_first else "oldest"
    return {"kind": search.kind or None, "question": search.question, "words": search.words or None, "order": order}


def _clock(record: Record) -> dict[str, Any]:
    """The figures of the clock, and what is known of the page."""
    attempt, now = record.attempt, current.now()
    return {
        "used": seconds_used(attempt, now),
        "stood": seconds_stood(attempt, now),
        "left": attempt.seconds_left(now) if attempt.state is State.IN_PROGRESS else None,
        "on_break": attempt.state is State.IN_PROGRESS and attempt.on_break(now),
        "breaks": breaks_of(attempt, record.entries),
        "last": last_sign(record.entries),
        "away_since": away_since(record.entries) if attempt.state is State.IN_PROGRESS else None,
        "device": browser_name(device(record.entries)),
    }
