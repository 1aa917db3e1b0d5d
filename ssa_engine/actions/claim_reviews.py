"""What reviewers do with CE claims: take, assign, approve, reject, ask for more, undo; one, or a sponsor's list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.claims_as_seen import (
    claim_as_seen,
    claim_to_decide,
    decision_key,
    prescription_behind,
    step,
    tell_decision,
    undo_until,
)
from ssa_engine.actions.completion import settle, unsettle
from ssa_engine.actions.notices import take_back
from ssa_engine.actions.prescribed_work import Prescription
from ssa_engine.core.claim_rules import LONGEST_TEXT, check_distribution, used_before
from ssa_engine.core.claims import DECISIONS, Claim, ClaimEvent, Verb, after
from ssa_engine.core.errors import Conflict, Invalid, SsaError
from ssa_engine.core.ledger import DECIMALS
from ssa_engine.core.text import say
from ssa_engine.storage import certificates, claim_queue, completed_credits
from ssa_engine.storage import claims as rows
from ssa_engine.storage.db import Connection, Database


def take(db: Database, claim_id: int, revision: int, *, who: str, now: dt.datetime) -> Claim:
    """Begin to review a claim that waits. `revision` is the one the reviewer saw.

    Raises
    ------
    NotFound
        If there is no such claim.
    Conflict
        If it does not wait, or somebody did something with it meanwhile (the sentence says who, what and when).
    """
    with db.write() as connection:
        claim = claim_as_seen(connection, claim_id, revision)
        return step(connection, claim, Verb.TAKE, who, now)


def assign(db: Database, claim_id: int, revision: int, *, to: str, who: str, now: dt.datetime) -> Claim:
    """Give a claim to a reviewer, known by address; to the one who has it already changes nothing.

    Raises
    ------
    Invalid
        If nobody of that address reviews claims.
    NotFound, Conflict
        As `take`.
    """
    with db.write() as connection:
        claim = claim_as_seen(connection, claim_id, revision)
        if to not in dict(claim_queue.reviewers(connection)):
            raise Invalid(say("{address} does not review claims. Choose somebody who does.", address=to))
        if claim.assigned_to == to:
            return claim
        return step(connection, claim, Verb.ASSIGN, who, now, to=to)


def approve(
    db: Database,
    banks: Banks,
    claim_id: int,
    revision: int,
    *,
    distribution: Mapping[str, float] | None = None,
    who: str,
    now: dt.datetime,
) -> Claim:
    """Approve a claim: its credits count, the person is told, and CQR is complete if this was the last of it.

    Parameters
    ----------
    distribution : mapping of content area to credits, optional
        What is awarded; left out, what the claim carries. Areas left at 0 are not awarded.

    Raises
    ------
    Invalid
        If an area is not of the outline, or the areas have more together than the activity is worth.
    NotFound, Conflict
        As `take`; or if another reviewer has it.
    """
    with db.write() as connection:
        return _approve(connection, banks, claim_id, revision, distribution, who, now)


def _approve(
    connection: Connection,
    banks: Banks,
    claim_id: int,
    revision: int,
    distribution: Mapping[str, float] | None,
    who: str,
    now: dt.datetime,
) -> Claim:
    claim = claim_to_decide(connection, claim_id, revision, who, now)
    found = prescription_behind(connection, banks, claim, now)
    given = claim.distribution if distribution is None else distribution
    awarded = {area: float(credits) for area, credits in given.items() if credits}
    check_distribution(awarded, claim.credits, found.spec.area_names)
    was_open = sum(rows.ledger_of(connection, found.attempt.id).open.values())
    completed_credits.append(
        connection, claim.attempt_id, awarded, source=claim.source, completed_on=claim.finished_on, at=now
    )
    approved = step(connection, claim, Verb.APPROVE, who, now, distribution=awarded)
    left = sum(rows.ledger_of(connection, found.attempt.id).open.values())
    details = {"credits": round(was_open - left, DECIMALS), "open": round(left, DECIMALS)}
    tell_decision(connection, found, approved, Verb.APPROVE, now, details)
    spec = banks.library.spec(found.credential.discipline)
    settle(
        connection,
        credential_id=found.credential.id,
        spec=spec,
        who=who,
        now=now,
        mail_from=undo_until(found, now),
    )
    return approved


def reject(
    db: Database, banks: Banks, claim_id: int, revision: int, *, reason: str, who: str, now: dt.datetime
) -> Claim:
    """Decide that a claim does not count; the person is told the reason.

    Raises
    ------
    Invalid
        If there is no reason.
    NotFound, Conflict
        As `approve`.
    """
    return _with_reason(db, banks, claim_id, revision, Verb.REJECT, reason, who, now)


def ask_more(
    db: Database, banks: Banks, claim_id: int, revision: int, *, reason: str, who: str, now: dt.datetime
) -> Claim:
    """Ask the candidate for what is missing; the person is told what.

    Raises
    ------
    Invalid
        If it is not said what is missing.
    NotFound, Conflict
        As `approve`.
    """
    return _with_reason(db, banks, claim_id, revision, Verb.ASK_MORE, reason, who, now)


def _with_reason(
    db: Database, banks: Banks, claim_id: int, revision: int, verb: Verb, reason: str, who: str, now: dt.datetime
) -> Claim:
    words = reason.strip()
    if not words:
        raise Invalid(say("Say why, in words that the candidate can act on; they read them."))
    if len(words) > LONGEST_TEXT:
        raise Invalid(say("This is too long. Use at most {most} characters.", most=LONGEST_TEXT))
    with db.write() as connection:
        claim = claim_to_decide(connection, claim_id, revision, who, now)
        found = prescription_behind(connection, banks, claim, now)
        decided = step(connection, claim, verb, who, now, reason=words)
        tell_decision(connection, found, decided, verb, now, {"reason": words})
    return decided


def undo(db: Database, banks: Banks, claim_id: int, revision: int, *, who: str, now: dt.datetime) -> Claim:
    """Take a decision back, within the programme's `undo_seconds` and by the reviewer who made it.

    What was awarded leaves the ledger, the notice is taken back with its mail, and a completion that came of it too.

    Raises
    ------
    NotFound
        If there is no such claim.
    Conflict
        If it is too late, another reviewer decided, there is no decision to take back, or the candidate has claimed
        the activity anew since it was rejected.
    """
    with db.write() as connection:
        claim = claim_as_seen(connection, claim_id, revision)
        found = prescription_behind(connection, banks, claim, now)
        after(Verb.UNDO, claim.state)
        decision = rows.events(connection, claim_id)[-1]
        _may_undo(found, decision, who, now)
        if decision.verb is Verb.REJECT:
            _require_unused(connection, found, claim)
        was_filled = rows.ledger_of(connection, claim.attempt_id).is_filled
        completed_credits.remove(connection, claim.attempt_id, claim.source)
        undone = step(connection, claim, Verb.UNDO, who, now)
        take_back(connection, decision_key(decision.verb, claim))
        if decision.verb is Verb.APPROVE and was_filled:
            unsettle(connection, credential_id=found.credential.id, cycle=found.attempt.cycle, who=who, now=now)
    return undone


def _may_undo(found: Prescription, decision: ClaimEvent, who: str, now: dt.datetime) -> None:
    if decision.verb not in DECISIONS:
        raise Conflict(say("There is no decision here that could be taken back."))
    if decision.who != who:
        raise Conflict(say("{who} decided this claim, and only they can take it back.", who=decision.who))
    seconds = found.rules.claims.undo_seconds
    if now > decision.at + dt.timedelta(seconds=seconds):
        raise Conflict(
            say(
                "A decision can be taken back for {seconds} seconds. This one stands: what was decided counts, and the "
                "candidate has been told.",
                seconds=seconds,
            )
        )


def _require_unused(connection: Connection, found: Prescription, claim: Claim) -> None:
    """Raise `Conflict` if what a rejected claim set free, its activity or a certificate, is in another claim by now."""
    others = [one for one in rows.of_attempt(connection, claim.attempt_id) if one.id != claim.id]
    again = used_before(claim.title, claim.sponsor, claim.activity_id, others)
    sent = {one.sent_sha256 for one in certificates.of_claim(connection, claim.id)}
    taken = {claim_id for _, claim_id in certificates.claims_with(connection, found.credential.person_id, sent)}
    again = again or next((one for one in others if one.id in taken), None)
    if again is not None:
        raise Conflict(
            say(
                "The candidate has reported this anew since, as claim {number}, and it counts once. Decide that claim; "
                "this decision stands.",
                number=again.id,
            )
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of one claim of a list: approved, or the sentence why not."""

    claim_id: int
    claim: Claim | None
    problem: str = ""


def approve_list(
    db: Database, banks: Banks, claims: Sequence[tuple[int, int]], *, who: str, now: dt.datetime
) -> list[Listed]:
    """Approve the claims of a sponsor's attendance list, (claim, revision as seen), each in a transaction of its own.

    Each is awarded what it carries. One that cannot be approved keeps none of the others back; the list says why.
    """
    told = []
    for claim_id, revision in claims:
        try:
            told.append(Listed(claim_id, approve(db, banks, claim_id, revision, who=who, now=now)))
        except SsaError as error:
            told.append(Listed(claim_id, None, error.sentence))
    return told
