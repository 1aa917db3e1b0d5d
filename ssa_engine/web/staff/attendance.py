"""One sponsor's attendance list: who has which claim waiting, then those chosen approved in one go."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ssa_engine.actions import claim_reviews
from ssa_engine.actions.attendance import Attendee, attendees
from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import say
from ssa_engine.exchange.attendance import MOST, Attendance, decode, read_attendance
from ssa_engine.storage import claim_queue
from ssa_engine.storage.db import Connection
from ssa_engine.web import current

blueprint = Blueprint("attendance", __name__)

CHOICE = re.compile(r"([1-9]\d{0,8}):([1-9]\d{0,5})")
"""A claim and the revision that the preview showed."""


@blueprint.get("/attendance")
def show() -> ResponseReturnValue:
    """Show the form: the activity, and the list pasted or uploaded."""
    with current.db().read() as connection:
        return _page(connection, typed=request.args.get("activity", ""))


@blueprint.post("/attendance")
def preview() -> ResponseReturnValue:
    """Say who of the list has which claim waiting. Nothing is changed by that."""
    typed, listed = request.form.get("activity", ""), request.form.get("addresses", "")
    with current.db().read() as connection:
        try:
            sponsor, title = _activity(connection, typed)
            upload = request.files.get("file")
            content = upload.read() if upload and upload.filename else b""
            attendance = read_attendance(decode(content) if content else listed)
        except Invalid as error:
            return _page(connection, typed=typed, listed=listed, problem=error.sentence, status=422)
        found = attendees(connection, attendance.addresses, sponsor=sponsor, title=title)
        names = dict(claim_queue.reviewers(connection))
        return _preview(attendance, found, sponsor=sponsor, title=title, names=names)


@blueprint.post("/attendance/approve")
def approve() -> ResponseReturnValue:
    """Approve the claims chosen, each by itself, and say what became of each."""
    chosen = [match for one in request.form.getlist("claim")[:MOST] if (match := CHOICE.fullmatch(one))]
    if not chosen:
        with current.db().read() as connection:
            problem = say("No claim was chosen, so nothing was approved. Choose at least one.")
            return _page(connection, problem=problem, status=422)
    wanted = [(int(match[1]), int(match[2])) for match in chosen]
    told = claim_reviews.approve_list(
        current.db(), current.banks(), wanted, who=current.person().email, now=current.now()
    )
    with current.db().read() as connection:
        rows = {one.id: one for one in claim_queue.some(connection, [claim_id for claim_id, _ in wanted])}
    page = render_template(
        "staff/attendance/approved.html",
        told=[(rows.get(one.claim_id), one) for one in told],
        approved=sum(one.claim is not None for one in told),
    )
    return page, 200 if any(one.claim for one in told) else 409


def _activity(connection: Connection, typed: str) -> tuple[str, str]:
    """Return sponsor and title of what was chosen: its place in the list, with both, so that none is mistaken."""
    for sponsor, title, _ in claim_queue.activities_claimed(connection):
        if typed == f"{sponsor}\t{title}":
            return sponsor, title
    raise Invalid(say("Choose the activity whose attendance list you have; claims wait for those that are offered."))


def _page(
    connection: Connection, *, typed: str = "", listed: str = "", problem: str = "", status: int = 200
) -> ResponseReturnValue:
    found = claim_queue.activities_claimed(connection)
    sponsors: dict[str, list[tuple[str, int]]] = {}
    for sponsor, title, many in found:
        sponsors.setdefault(sponsor, []).append((title, many))
    page = render_template(
        "staff/attendance/attendance.html", sponsors=sponsors, typed=typed, listed=listed, problem=problem, most=MOST
    )
    return page, status


def _preview(attendance: Attendance, found: list[Attendee], **context: Any) -> ResponseReturnValue:
    return render_template(
        "staff/attendance/preview.html",
        waiting=[one for one in found if one.claims],
        without=[one for one in found if one.person_id and not one.claims],
        unknown=[one for one in found if not one.person_id],
        unread=attendance.unread,
        count=len(attendance.addresses),
        **context,
    )
