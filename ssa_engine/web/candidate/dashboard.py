"""The candidate's start page: what is next and by when, for each credential."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.core.checklists import Checklist, Standing, Step, checklist, standing_of
from ssa_engine.core.cycles import Cycle, cycle_on
from ssa_engine.storage import attempts, notices, people, results
from ssa_engine.storage.db import Connection
from ssa_engine.web import current
from ssa_engine.web.language import gettext, in_words

blueprint = Blueprint("dashboard", __name__)

URGENCY = (
    Standing.TIME_UP,
    Standing.IN_PROGRESS,
    Standing.OPEN,
    Standing.PRESCRIBED,
    Standing.SUBMITTED,
    Standing.NO_BANK,
    Standing.COMPLETE,
    Standing.NOT_YET,
    Standing.NOT_SUBJECT,
)


@dataclass(frozen=True, slots=True)
class Card:
    """One credential on the dashboard."""

    credential_id: int
    discipline: str
    discipline_name: str
    cycle: Cycle | None
    checklist: Checklist
    action: dict[str, str] | None
    attempt_id: int | None

    @property
    def state(self) -> str:
        """Where the credential stands."""
        return self.checklist.standing.value

    @property
    def next(self) -> str:
        """What is next and by when, in the language of this request."""
        return str(in_words(self.checklist.next))

    @property
    def steps(self) -> list[Step]:
        """The checklist, in the language of this request."""
        return [replace(step, label=in_words(step.label), note=in_words(step.note)) for step in self.checklist.steps]


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """Show what is next, then each credential with its checklist."""
    with current.db().read() as connection:
        cards = [_card(connection, own) for own in people.credentials_of(connection, current.person().id)]
        told = notices.of_person(connection, current.person().id)
    cards.sort(key=lambda card: URGENCY.index(card.checklist.standing))
    specs = current.library().specs
    letters = [one for one in told if one.kind.startswith("rescoring_")]
    names = {one.id: specs[one.details["discipline"]].name for one in letters if one.details["discipline"] in specs}
    return render_template("candidate/dashboard/dashboard.html", cards=cards, letters=letters, letter_names=names)


def _card(connection: Connection, credential: people.Credential) -> Card:
    spec = current.library().spec(credential.discipline)
    now = current.now()
    cycle = cycle_on(now.date(), credential.earned_on, spec.cqr)
    latest = attempts.latest(connection, credential.id, cycle.number) if cycle else None
    result = results.latest(connection, latest.id) if latest else None
    credits = result.total_credits if result else 0.0
    standing = standing_of(
        cycle,
        now.date(),
        now,
        has_bank=spec.discipline in current.library().banks,
        attempt=latest,
        credits=credits,
    )
    return Card(
        credential.id,
        spec.discipline,
        spec.name,
        cycle,
        checklist(standing, cycle, spec.name, credits),
        _action(standing, credential.id, latest.id if latest else None),
        latest.id if latest else None,
    )


def _action(standing: Standing, credential_id: int, attempt_id: int | None) -> dict[str, str] | None:
    begin = url_for("candidate.beginning.begin", credential_id=credential_id)
    if standing is Standing.OPEN:
        return {"href": begin, "label": gettext("Look at the self-assessment")}
    if standing is Standing.IN_PROGRESS:
        return {"href": begin, "label": gettext("Go on with my assessment")}
    if standing is Standing.TIME_UP:
        href = url_for("candidate.review.show", attempt_id=attempt_id)
        return {"href": href, "label": gettext("Submit my assessment")}
    if standing in (Standing.PRESCRIBED, Standing.COMPLETE, Standing.SUBMITTED):
        href = url_for("candidate.result.show", attempt_id=attempt_id)
        return {"href": href, "label": gettext("See my result")}
    return None
