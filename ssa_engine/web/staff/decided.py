"""What a reviewer decided a moment ago, and for how long it can be undone: the time is the server's."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from ssa_engine.core.claims import DECISIONS, Claim, ClaimEvent, Verb
from ssa_engine.core.text import Sentence, say
from ssa_engine.storage import claim_queue, claims
from ssa_engine.storage.db import Connection
from ssa_engine.web import current

WORDS: dict[Verb, Sentence] = {
    Verb.APPROVE: say("approved"),
    Verb.REJECT: say("rejected"),
    Verb.ASK_MORE: say("the candidate is asked for more"),
}


@dataclass(frozen=True, slots=True)
class Decided:
    """A claim, what was decided, and the whole seconds in which that can be undone; 0: not any more."""

    claim: Claim
    words: Sentence
    seconds_left: int


def decided_before(connection: Connection) -> Decided | None:
    """Return what the address says was decided before this page, if it was, by whoever looks, and stands."""
    claim_id = request.args.get("after", 0, type=int)
    claim = claims.get(connection, claim_id) if 0 < claim_id < 10**9 else None
    queued = claim_queue.get(connection, claim.id) if claim else None
    if claim is None or queued is None:
        return None
    return decided(claim, claims.events(connection, claim.id)[-1], queued.discipline)


def decided(claim: Claim, last: ClaimEvent, discipline: str) -> Decided | None:
    """Return the last step of a claim if it is a decision of the person who looks."""
    spec = current.library().specs.get(discipline)
    if last.verb not in DECISIONS or last.who != current.person().email or spec is None:
        return None
    gone = (current.now() - last.at).total_seconds()
    return Decided(claim, WORDS[last.verb], max(0, int(spec.cqr.claims.undo_seconds - gone)))
