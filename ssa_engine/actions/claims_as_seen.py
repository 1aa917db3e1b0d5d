"""A claim as a reviewer saw it: locked, unchanged since, in their hands; its steps, and what the candidate is told."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ssa_engine.actions import prescribed_work
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.notices import tell
from ssa_engine.actions.prescribed_work import Prescription
from ssa_engine.core.claims import Claim, ClaimEvent, ClaimState, Verb, after, collided
from ssa_engine.core.errors import Conflict, NotFound
from ssa_engine.core.notices import NoticeKind
from ssa_engine.core.text import say
from ssa_engine.storage import attempts, audit
from ssa_engine.storage import claims as rows
from ssa_engine.storage.db import Connection

KINDS = {
    Verb.APPROVE: NoticeKind.CLAIM_APPROVED,
    Verb.REJECT: NoticeKind.CLAIM_REJECTED,
    Verb.ASK_MORE: NoticeKind.CLAIM_MORE_ASKED,
}


def claim_as_seen(connection: Connection, claim_id: int, revision: int) -> Claim:
    """Lock a claim and its attempt; raise unless it stands as the reviewer saw it."""
    claim = rows.get(connection, claim_id)
    if claim is None:
        raise NotFound(say("There is no such claim."))
    attempts.lock(connection, claim.attempt_id)
    claim = rows.get(connection, claim_id, lock=True)
    if claim is None:
        raise NotFound(say("There is no such claim."))
    if claim.revision != revision:
        raise Conflict(collided(rows.events(connection, claim_id)[-1]))
    return claim


def claim_to_decide(connection: Connection, claim_id: int, revision: int, who: str, now: dt.datetime) -> Claim:
    """Lock and return a claim that this reviewer may decide; one that still waits is taken first."""
    claim = claim_as_seen(connection, claim_id, revision)
    if claim.state is ClaimState.REPORTED:
        return step(connection, claim, Verb.TAKE, who, now)
    if claim.state is ClaimState.IN_REVIEW and claim.assigned_to != who:
        raise Conflict(
            say("{other} is reviewing this claim. Take it over first, then decide.", other=claim.assigned_to)
        )
    after(Verb.APPROVE, claim.state)
    return claim


def step(connection: Connection, claim: Claim, verb: Verb, who: str, now: dt.datetime, **detail: Any) -> Claim:
    """Do one step, with its row in the claim's history and in the audit trail."""
    made = rows.step(connection, claim, ClaimEvent(now, who, verb, after(verb, claim.state), detail))
    told = {"state": made.state, "revision": made.revision, **detail}
    audit.add(connection, at=now, who=who, verb=verb, noun="claim", noun_id=claim.id, **told)
    return made


def prescription_behind(connection: Connection, banks: Banks, claim: Claim, now: dt.datetime) -> Prescription:
    """Return the prescription that a claim is for; raise `Conflict` if there is none any more."""
    found = prescribed_work.of_attempt(connection, banks, claim.attempt_id, now)
    if found is None:
        raise Conflict(say("There is no prescription any more for which this claim could count."))
    return found


def tell_decision(
    connection: Connection, found: Prescription, claim: Claim, verb: Verb, now: dt.datetime, details: dict[str, Any]
) -> None:
    """Tell the candidate what was decided; the mail waits until the decision can no longer be taken back."""
    tell(
        connection,
        KINDS[verb],
        key=decision_key(verb, claim),
        person_id=found.credential.person_id,
        credential_id=found.credential.id,
        details={"discipline": found.credential.discipline, "title": claim.title, **details},
        now=now,
        attempt_id=claim.attempt_id,
        mail_from=undo_until(found, now),
    )


def decision_key(verb: Verb, claim: Claim) -> str:
    """Return the key of the notice of the decision that a claim stands on."""
    return f"{KINDS[verb]}/{claim.id}/{claim.revision}"


def undo_until(found: Prescription, now: dt.datetime) -> dt.datetime:
    """Return until when a decision made now may be taken back."""
    return now + dt.timedelta(seconds=found.rules.claims.undo_seconds)
