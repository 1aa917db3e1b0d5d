"""The queue of claims with its filters; find a person; see who is sitting an assessment now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ssa_engine.core.claims import ClaimState
from ssa_engine.core.text import Sentence, say
from ssa_engine.storage import attempts, claim_queue, people
from ssa_engine.storage.claim_queue import FOR_STAFF, QueueFilter
from ssa_engine.storage.db import Connection
from ssa_engine.web import current
from ssa_engine.web.staff.decided import decided_before
from ssa_engine.web.staff.standing import held_by, state_of

blueprint = Blueprint("queue", __name__)

MOST_UNDER_WAY = 100
PAGE = 50
"""Claims on one page."""

CLAIM_STATES: dict[ClaimState, Sentence] = {
    ClaimState.REPORTED: say("Reported"),
    ClaimState.IN_REVIEW: say("In review"),
    ClaimState.MORE_ASKED: say("More asked for"),
    ClaimState.APPROVED: say("Approved"),
    ClaimState.REJECTED: say("Rejected"),
    ClaimState.WITHDRAWN: say("Withdrawn"),
}
FILTERED_STATES = (ClaimState.REPORTED, ClaimState.IN_REVIEW, ClaimState.MORE_ASKED)
WHOSE = ("mine", "unassigned")


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of the queue as they stand in the address; what is not offered is left out."""

    whose: str = ""
    state: str = ""
    sponsor: str = ""
    discipline: str = ""
    overdue: bool = False

    @classmethod
    def of_address(cls) -> Asked:
        """Read them from the address of this request."""
        asked = request.args
        return cls(
            whose=asked.get("whose", "") if asked.get("whose") in WHOSE else "",
            state=asked.get("state", "") if asked.get("state") in FILTERED_STATES else "",
            sponsor=asked.get("sponsor", "")[:200],
            discipline=asked.get("discipline", "") if asked.get("discipline") in current.library().specs else "",
            overdue=asked.get("overdue") == "yes",
        )

    def __bool__(self) -> bool:
        """Whether they leave anything out."""
        return self != Asked()

    @property
    def query(self) -> dict[str, Any]:
        """What of an address says them again."""
        found = {"whose": self.whose, "state": self.state, "sponsor": self.sponsor, "discipline": self.discipline}
        found["overdue"] = "yes" if self.overdue else ""
        return {name: value for name, value in found.items() if value}

    @property
    def filter(self) -> QueueFilter:
        """What to read."""
        return QueueFilter(
            states=(ClaimState(self.state),) if self.state else FOR_STAFF,
            assigned_to={"mine": current.person().email, "unassigned": ""}.get(self.whose),
            sponsor=self.sponsor,
            discipline=self.discipline,
            overdue_on=days() if self.overdue else None,
        )


def days() -> dict[str, dt.date]:
    """Return discipline -> what day it is where its programme is."""
    now = current.now()
    return {discipline: spec.cqr.today(now) for discipline, spec in current.library().specs.items()}


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """Show the queue, and the attempts under way; or the people who are searched for by name or address."""
    query = request.args.get("q", "").strip()[:100]
    with current.db().read() as connection:
        if query:
            found = [(row, held_by(connection, row.id)) for row in people.search(connection, query)]
            return render_template("staff/queue/people.html", query=query, people=found)
        return _queue(connection)


def _queue(connection: Connection) -> str:
    asked, today = Asked.of_address(), days()
    tally = claim_queue.tally(connection, current.person().email, today)
    count = claim_queue.count(connection, asked.filter) if asked else tally.waiting
    pages = max(1, -(-count // PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    sponsors, disciplines = claim_queue.choices(connection)
    names = dict(claim_queue.reviewers(connection))
    return render_template(
        "staff/queue/queue.html",
        asked=asked,
        tally=tally,
        count=count,
        page=page,
        pages=pages,
        claims=claim_queue.waiting(connection, asked.filter, PAGE, (page - 1) * PAGE),
        today=today,
        sponsors=sponsors,
        disciplines=disciplines,
        names=names,
        claim_states=CLAIM_STATES,
        filtered_states=FILTERED_STATES,
        sitting=_under_way(connection),
        decided=decided_before(connection),
    )


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
