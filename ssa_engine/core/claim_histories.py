"""A claim's history in words, as its candidate reads it."""

from __future__ import annotations

from collections.abc import Sequence

from ssa_engine.core.claims import ClaimEvent, Verb
from ssa_engine.core.text import Sentence, say

HISTORY: dict[Verb, Sentence] = {
    Verb.REPORT: say("You reported it"),
    Verb.TAKE: say("A reviewer began to look at it"),
    Verb.ASSIGN: say("It was given to a reviewer"),
    Verb.APPROVE: say("Approved"),
    Verb.REJECT: say("Not approved"),
    Verb.ASK_MORE: say("You were asked for more"),
    Verb.MEND: say("You sent what was asked for"),
    Verb.WITHDRAW: say("You withdrew it"),
    Verb.UNDO: say("The decision was taken back, to look again"),
}
"""What a step is called where the candidate reads it."""


def told_to_candidate(events: Sequence[ClaimEvent]) -> list[ClaimEvent]:
    """Return the steps that matter to a candidate: a decision taken back at once is none, nor who passed it to whom."""
    kept: list[ClaimEvent] = []
    for event in events:
        if event.verb is Verb.UNDO:
            kept.pop()
        elif event.verb is not Verb.ASSIGN:
            kept.append(event)
    return kept
