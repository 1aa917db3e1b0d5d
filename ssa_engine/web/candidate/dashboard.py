"""The candidate's start page: what is next and by when, for each credential; and what they were told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.core.checklist_words import Step, days_left, steps, what_is_next
from ssa_engine.core.checklists import Move, ProfileStage, Standing, Work
from ssa_engine.core.claims import Claim, ClaimState
from ssa_engine.core.milestones import Milestone, deadlines, milestones
from ssa_engine.core.programmes import Contact
from ssa_engine.storage import claims, notices
from ssa_engine.web import current
from ssa_engine.web.candidate.standing import Held, all_held
from ssa_engine.web.language import gettext, in_words
from ssa_engine.web.notice_words import view_of

blueprint = Blueprint("dashboard", __name__)


@dataclass(frozen=True, slots=True)
class Link:
    """Where a button leads and what it says."""

    href: str
    label: str


@dataclass(frozen=True, slots=True)
class Card:
    """One credential on the dashboard, in the language of this request."""

    credential_id: int
    discipline_name: str
    state: str
    next: str
    left: str
    steps: list[Step]
    milestones: list[Milestone]
    button: Link | None
    other: Link | None
    papers: list[Link]
    today: dt.date
    discontinued_on: dt.date | None
    awaits_reinstatement: bool
    asks: Contact | None
    """Whom to ask, where something went past its day."""


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """Show what is next, then each credential with its checklist."""
    with current.db().read() as connection:
        held = all_held(connection)
        told = notices.of_person(connection, current.person().id)
        reported = claims.of_person(connection, current.person().id)
    cards = [_card(one) for one in held]
    letters = [view_of(one) for one in told]
    has_biennium = any(one.spec.cqr.biennium for one in held)
    return render_template(
        "candidate/dashboard/dashboard.html",
        cards=cards,
        letters=letters,
        asked=_asked(held, reported),
        has_biennium=has_biennium,
    )


def _asked(held: list[Held], reported: list[Claim]) -> list[Link]:
    """Where to send what a reviewer asks for, with the title of each claim that waits for the person."""
    owner = {one.work.attempt.id: one.credential.id for one in held if one.work.attempt}
    return [
        Link(
            url_for("candidate.claims.show", credential_id=owner[claim.attempt_id], claim_id=claim.id),
            claim.title,
        )
        for claim in reported
        if claim.state is ClaimState.MORE_ASKED and claim.attempt_id in owner
    ]


def _card(held: Held) -> Card:
    work = held.work
    left = days_left(work)
    button, other = (_link(move, held) for move in work.moves)
    return Card(
        credential_id=held.credential.id,
        discipline_name=held.spec.name,
        state=work.standing.value,
        next=in_words(what_is_next(work)),
        left=in_words(left) if left else "",
        steps=[replace(step, label=in_words(step.label), note=in_words(step.note)) for step in steps(work)]
        if work.position
        else [],
        milestones=[replace(one, words=in_words(one.words)) for one in milestones(work)],
        button=button,
        other=other,
        papers=_papers(held, {button.href if button else "", other.href if other else ""}),
        today=work.today,
        discontinued_on=work.discontinued_on,
        awaits_reinstatement=work.standing is Standing.COMPLETE and work.discontinued_on is not None,
        asks=held.spec.cqr.contact if _may_ask(work) else None,
    )


def _may_ask(work: Work) -> bool:
    """Whether something went past its day, so that a person may want to ask."""
    late = work.standing is Standing.SUBMITTED and work.result_by is not None and work.result_by < work.today
    closed = (
        work.standing is Standing.PRESCRIBED
        and work.position is not None
        and work.today > work.position.cycle.submit_by
    )
    return bool(work.discontinued_on) or late or closed


def _link(move: Move | None, held: Held) -> Link | None:
    """Return where a move leads; none where there is nothing to lead to."""
    work = held.work
    own: dict[str, Any] = {"credential_id": held.credential.id}
    if move is Move.PROFILE:
        begun = work.profile is ProfileStage.UNDER_WAY
        label = gettext("Go on with my professional profile") if begun else gettext("Begin my professional profile")
        return Link(url_for("candidate.profile.show", **own), label)
    if move is Move.ASSESSMENT:
        begun = work.standing is Standing.IN_PROGRESS
        label = gettext("Go on with my assessment") if begun else gettext("Look at the self-assessment")
        return Link(url_for("candidate.beginning.begin", **own), label)
    if move is Move.CE:
        return Link(url_for("candidate.ce.show", **own), gettext("Go on with my continuing education"))
    if move is Move.RECORD and held.record is not None:
        return Link(url_for("candidate.documents.record", **own), gettext("Download my completion record"))
    if move is not None and work.attempt is not None:
        if move is Move.SUBMIT:
            href = url_for("candidate.review.show", attempt_id=work.attempt.id)
            return Link(href, gettext("Submit my assessment"))
        return Link(url_for("candidate.result.show", attempt_id=work.attempt.id), gettext("See my result"))
    return None


def _papers(held: Held, shown: set[str]) -> list[Link]:
    """What can be read, kept or printed beside the next step, without what stands there already."""
    work = held.work
    own: dict[str, Any] = {"credential_id": held.credential.id}
    found = []
    if work.profile is ProfileStage.DONE:
        found.append(Link(url_for("candidate.profile.show", **own), gettext("See my professional profile")))
    if work.submitted_on and work.attempt:
        found.append(Link(url_for("candidate.result.show", attempt_id=work.attempt.id), gettext("See my result")))
    if work.released_on:
        found.append(Link(url_for("candidate.documents.letter", **own), gettext("Letter about my result (PDF)")))
    if work.ledger.areas:
        found.append(Link(url_for("candidate.ce.show", **own), gettext("My continuing education")))
    if held.record is not None:
        found.append(Link(url_for("candidate.documents.record", **own), gettext("My completion record (PDF)")))
    found.append(Link(url_for("candidate.outline.show", **own), gettext("Read the outline")))
    if deadlines(work):
        found.append(Link(url_for("candidate.documents.deadlines", **own), gettext("Dates for my calendar")))
    return [link for link in found if link.href not in shown]
