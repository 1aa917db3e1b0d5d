"""A CE claim: a candidate's report of a finished activity, the states it goes through, and how its history made it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ssa_engine.core.errors import Conflict
from ssa_engine.core.text import Sentence, say


class ClaimState(StrEnum):
    """Where a claim stands. `REPORTED`: with a certificate, waiting for a reviewer."""

    REPORTED = "reported"
    IN_REVIEW = "in_review"
    MORE_ASKED = "more_asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """What is done with a claim."""

    REPORT = "report"
    TAKE = "take"
    ASSIGN = "assign"
    APPROVE = "approve"
    REJECT = "reject"
    ASK_MORE = "ask_more"
    MEND = "mend"
    WITHDRAW = "withdraw"
    UNDO = "undo"


CANDIDATE, REVIEWER = "candidate", "reviewer"
SOURCE = "claim/"
"""How the ledger of completed credits names a claim: this and its number."""
_REPORTED, _IN_REVIEW, _MORE_ASKED = ClaimState.REPORTED, ClaimState.IN_REVIEW, ClaimState.MORE_ASKED

TRANSITIONS: tuple[tuple[Verb, ClaimState | None, ClaimState, str, str], ...] = (
    (Verb.REPORT, None, _REPORTED, CANDIDATE, "an activity is reported with its certificate"),
    (Verb.TAKE, _REPORTED, _IN_REVIEW, REVIEWER, "a reviewer begins to look at it"),
    (Verb.ASSIGN, _REPORTED, _REPORTED, REVIEWER, "it is given to a reviewer"),
    (Verb.ASSIGN, _IN_REVIEW, _IN_REVIEW, REVIEWER, "it is given to another reviewer"),
    (Verb.APPROVE, _IN_REVIEW, ClaimState.APPROVED, REVIEWER, "its credits count from now on"),
    (Verb.REJECT, _IN_REVIEW, ClaimState.REJECTED, REVIEWER, "it does not count, for the reason given"),
    (Verb.ASK_MORE, _IN_REVIEW, _MORE_ASKED, REVIEWER, "the candidate is asked for what is missing"),
    (Verb.MEND, _MORE_ASKED, _REPORTED, CANDIDATE, "the candidate gives what was asked for"),
    (Verb.WITHDRAW, _REPORTED, ClaimState.WITHDRAWN, CANDIDATE, "the candidate takes it back"),
    (Verb.WITHDRAW, _IN_REVIEW, ClaimState.WITHDRAWN, CANDIDATE, "the candidate takes it back"),
    (Verb.WITHDRAW, _MORE_ASKED, ClaimState.WITHDRAWN, CANDIDATE, "the candidate takes it back"),
    (Verb.UNDO, ClaimState.APPROVED, _IN_REVIEW, REVIEWER, "the decision is taken back, soon after it was made"),
    (Verb.UNDO, ClaimState.REJECTED, _IN_REVIEW, REVIEWER, "the decision is taken back, soon after it was made"),
    (Verb.UNDO, _MORE_ASKED, _IN_REVIEW, REVIEWER, "the question is taken back, soon after it was asked"),
)
"""(verb, from, to, who, what happens); the table in docs/reference/claim-states.md is drawn from it."""

WAITING = frozenset({_REPORTED, _IN_REVIEW, _MORE_ASKED})
"""Not decided yet."""
USES = WAITING | {ClaimState.APPROVED}
"""States in which a claim uses its activity and its certificates, so that no other claim may."""
DECISIONS = frozenset({Verb.APPROVE, Verb.REJECT, Verb.ASK_MORE})
"""What a reviewer may take back."""

STATE_WORDS: dict[ClaimState, Sentence] = {
    _REPORTED: say("Waiting for a reviewer"),
    _IN_REVIEW: say("In review"),
    _MORE_ASKED: say("More is asked of you"),
    ClaimState.APPROVED: say("Approved"),
    ClaimState.REJECTED: say("Not approved"),
    ClaimState.WITHDRAWN: say("Withdrawn"),
}

STANDS: dict[ClaimState, Sentence] = {
    _REPORTED: say("This claim waits for a reviewer, so this cannot be done with it now."),
    _IN_REVIEW: say("This claim is in review, so this cannot be done with it now."),
    _MORE_ASKED: say("More was asked of the candidate, so this cannot be done with it now."),
    ClaimState.APPROVED: say("This claim is approved, so this can no longer be done with it."),
    ClaimState.REJECTED: say("This claim was decided and not approved, so this can no longer be done with it."),
    ClaimState.WITHDRAWN: say("This claim was withdrawn, so nothing more can be done with it."),
}
"""Why something cannot be done."""


def after(verb: Verb, state: ClaimState | None) -> ClaimState:
    """Return the state that a verb leads to.

    Raises
    ------
    Conflict
        If it is not possible in this state.
    """
    for name, origin, target, _, _ in TRANSITIONS:
        if name is verb and origin == state:
            return target
    raise Conflict(STANDS[state] if state is not None else say("There is no claim yet with which this can be done."))


@dataclass(frozen=True, slots=True)
class ClaimEvent:
    """One step of a claim. `detail` is what the step said, in values that JSON can hold."""

    at: dt.datetime
    who: str
    verb: Verb
    state: ClaimState
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it stands.

    `distribution`: content area -> credits of this discipline; once approved, what was awarded. `revision` counts its
    steps, so that who decides says which state of it they saw. `submitted_at`: when it last came to the reviewers.
    """

    id: int
    attempt_id: int
    activity_id: int | None
    title: str
    sponsor: str
    credits: float
    finished_on: dt.date
    distribution: dict[str, float]
    state: ClaimState
    revision: int
    reported_at: dt.datetime
    submitted_at: dt.datetime
    promised_by: dt.date | None
    assigned_to: str = ""
    decided_by: str = ""
    decided_at: dt.datetime | None = None
    reason: str = ""

    @property
    def source(self) -> str:
        """The name under which the ledger of completed credits keeps what it was awarded."""
        return f"{SOURCE}{self.id}"

    @property
    def is_waiting(self) -> bool:
        """Whether it is not decided yet."""
        return self.state in WAITING


def collided(latest: ClaimEvent) -> Sentence:
    """Say who was quicker with a claim: who did what, and when."""
    told = {"who": latest.who, "time": f"{latest.at:%H:%M} UTC", "to": latest.detail.get("to", "")}
    done = {
        Verb.REPORT: say("{who} reported this claim at {time}.", **told),
        Verb.TAKE: say("{who} took this claim at {time} and is reviewing it.", **told),
        Verb.ASSIGN: say("{who} assigned this claim to {to} at {time}.", **told),
        Verb.APPROVE: say("{who} approved this claim at {time}.", **told),
        Verb.REJECT: say("{who} decided at {time} that this claim does not count.", **told),
        Verb.ASK_MORE: say("{who} asked the candidate for more at {time}.", **told),
        Verb.MEND: say("{who} sent what was asked for at {time}.", **told),
        Verb.WITHDRAW: say("{who} withdrew this claim at {time}.", **told),
        Verb.UNDO: say("{who} took a decision back at {time}.", **told),
    }
    return say("{what} Nothing of yours was changed. Look at the claim again.", what=done[latest.verb])


def replay(claim_id: int, attempt_id: int, events: Iterable[ClaimEvent]) -> Claim:
    """Return the claim that these steps make, first to last. Stored claims are written from what this returns.

    Raises
    ------
    Conflict
        If a step is not possible in the state before it.
    """
    history: list[Claim] = []
    for event in events:
        if history:
            history.append(_step(history, event))
        else:
            after(event.verb, None)
            history.append(_reported(claim_id, attempt_id, event))
    return history[-1]


def _reported(claim_id: int, attempt_id: int, event: ClaimEvent) -> Claim:
    told = event.detail
    return Claim(
        id=claim_id,
        attempt_id=attempt_id,
        activity_id=told["activity_id"],
        title=told["title"],
        sponsor=told["sponsor"],
        credits=told["credits"],
        finished_on=dt.date.fromisoformat(told["finished_on"]),
        distribution=dict(told["distribution"]),
        state=ClaimState.REPORTED,
        revision=1,
        reported_at=event.at,
        submitted_at=event.at,
        promised_by=_day(told["promised_by"]),
    )


def _step(history: list[Claim], event: ClaimEvent) -> Claim:
    before, told = history[-1], event.detail
    state = after(event.verb, before.state)
    if event.verb is Verb.UNDO:
        return replace(history[-2], revision=before.revision + 1)
    changes: dict[str, Any] = {}
    if event.verb is Verb.TAKE:
        changes = {"assigned_to": event.who}
    elif event.verb is Verb.ASSIGN:
        changes = {"assigned_to": told["to"]}
    elif event.verb is Verb.APPROVE:
        changes = {"distribution": dict(told["distribution"]), "decided_by": event.who, "decided_at": event.at}
    elif event.verb is Verb.REJECT:
        changes = {"reason": told["reason"], "decided_by": event.who, "decided_at": event.at}
    elif event.verb is Verb.ASK_MORE:
        changes = {"reason": told["reason"]}
    elif event.verb is Verb.MEND:
        finished_on = _day(told["finished_on"]) or before.finished_on
        changes = {"reason": "", "submitted_at": event.at, "promised_by": _day(told["promised_by"])}
        changes["finished_on"] = finished_on
    return replace(before, state=state, revision=before.revision + 1, **changes)


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
