"""Papers a candidate takes along: the prescription letter, the dates for a calendar, the completion record."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.core.checklist_words import what_is_next
from ssa_engine.core.milestones import Milestone, MilestoneKind, deadlines
from ssa_engine.core.policies import PublishedPolicy
from ssa_engine.core.prescription_letters import AreaAsked, Days, Letter, write_letter
from ssa_engine.core.text import Sentence
from ssa_engine.exchange import calendar
from ssa_engine.exchange.calendar import CalendarDay, to_ics
from ssa_engine.exchange.completion_record import RecordSheet, record_pdf
from ssa_engine.exchange.letter import letter_pdf
from ssa_engine.storage import policies, results
from ssa_engine.storage.results import Result
from ssa_engine.web import current
from ssa_engine.web.candidate.standing import Held, held
from ssa_engine.web.language import day, gettext, in_words, language

blueprint = Blueprint("documents", __name__)

PDF = "application/pdf"
WEEK_BEFORE = 7
"""A calendar also reminds so many days before, whatever notices the programme sends."""

Said = TypeVar("Said")


@blueprint.get("/credentials/<id:credential_id>/ce/letter.pdf")
def letter(credential_id: int) -> ResponseReturnValue:
    """Send the prescription letter of a released result; until there is one, lead to the start page."""
    with current.db().read() as connection:
        own = held(connection, credential_id)
        attempt = own.work.attempt
        result = results.latest(connection, attempt.id) if attempt and own.work.released_on else None
        policy = policies.get(connection, result.discipline, result.policy_version) if result else None
    if result is None or policy is None:
        return redirect(url_for("candidate.dashboard.show"))
    written = in_language(_letter(own, result, policy))
    content = letter_pdf(written, language=language(), day=day(written.written_on))
    return _file(content, f"prescription-{own.spec.discipline.lower()}.pdf", PDF)


def _letter(own: Held, result: Result, policy: PublishedPolicy) -> Letter:
    """Write the letter about the result of somebody whose cycle is known."""
    work, areas = own.work, {area.content_area: area for area in result.areas}
    cycle = work.position.cycle if work.position else None
    released = work.released_on or work.today
    due = result.due_on or (cycle.due_on if cycle else released)
    return write_letter(
        name=current.person().name,
        discipline=own.spec.name,
        rules=own.spec.cqr,
        policy=policy.policy,
        areas=[
            AreaAsked(name, areas[id_].credits, areas[id_].credits_by_rule, areas[id_].sentence)
            for id_, name in own.spec.area_names.items()
            if id_ in areas
        ],
        days=Days(
            submitted_on=work.submitted_on or released,
            written_on=released,
            submit_by=cycle.submit_by if cycle else due,
            due_on=due,
        ),
    )


def in_language(value: Said) -> Said:
    """Say every sentence within a value in the language of this request."""
    if isinstance(value, Sentence):
        said: Said = in_words(value)
        return said
    if isinstance(value, tuple):
        return tuple(in_language(one) for one in value)  # type: ignore[return-value]
    if is_dataclass(value) and not isinstance(value, type):
        changed: dict[str, Any] = {one.name: in_language(getattr(value, one.name)) for one in fields(value)}
        return replace(value, **changed)
    return value


@blueprint.get("/credentials/<id:credential_id>/deadlines.ics", endpoint="deadlines")
def calendar_file(credential_id: int) -> ResponseReturnValue:
    """Send the days ahead as a calendar file; where there is none, lead to the start page."""
    with current.db().read() as connection:
        own = held(connection, credential_id)
    ahead = [_calendar_day(own, one) for one in deadlines(own.work)]
    if not ahead:
        return redirect(url_for("candidate.dashboard.show"))
    name = f"{gettext('CQR')}: {own.spec.name}"
    content = to_ics(ahead, name=name, language=language(), at=current.now())
    return _file(content, f"cqr-{own.spec.discipline.lower()}.ics", calendar.MEDIA_TYPE)


def _calendar_day(own: Held, one: Milestone) -> CalendarDay:
    """Write a milestone for a calendar. The next window has the id that it will have once it is this one."""
    number = own.work.position.cycle.number if own.work.position else 0
    kind, rules = one.kind, own.spec.cqr.notices
    if kind in (MilestoneKind.NEXT_OPENS, MilestoneKind.NEXT_DUE):
        kind = MilestoneKind.OPENS if kind is MilestoneKind.NEXT_OPENS else MilestoneKind.DUE
        number += 1
    before = rules.before_opening_days if kind is MilestoneKind.OPENS else rules.before_due_days
    start = url_for("home.start", _external=True)
    return CalendarDay(
        uid=f"cqr-{own.credential.id}-{number}-{kind}@{request.host}",
        on=one.on,
        title=f"{gettext('CQR')}, {own.spec.name}: {in_words(one.words)}",
        text=f"{in_words(what_is_next(own.work))}\n{start}",
        remind_days=tuple(sorted({*before, WEEK_BEFORE}, reverse=True)),
    )


@blueprint.get("/credentials/<id:credential_id>/record.pdf")
def record(credential_id: int) -> ResponseReturnValue:
    """Send the latest completion record; where there is none, lead to the start page."""
    with current.db().read() as connection:
        own = held(connection, credential_id)
    found = own.record
    if found is None:
        return redirect(url_for("candidate.dashboard.show"))
    address = url_for("records.show", record_code=found.code, _external=True)
    contact = own.spec.cqr.contact
    sheet = RecordSheet(
        language=language(),
        issued_on=own.spec.cqr.today(found.issued_at),
        title=gettext("Record of completion"),
        lead=gettext("Continuing Qualifications Requirements were completed by"),
        name=found.name,
        facts=(
            (gettext("Discipline"), own.spec.name),
            (gettext("Completed on"), day(found.completed_on)),
            (gettext("Next due on"), day(found.next_due_on)),
            *([(gettext("Issued by"), contact.name)] if contact else []),
        ),
        code_label=gettext("Code of this record"),
        code=found.code,
        how_to_check=gettext("Anyone can check this record at {address}").format(address=address),
    )
    return _file(record_pdf(sheet), f"cqr-{own.spec.discipline.lower()}.pdf", PDF)


def _file(content: bytes, name: str, kind: str) -> Response:
    return Response(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
