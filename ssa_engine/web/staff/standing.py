"""Where a credential stands, in words for staff: never what its result says."""

from __future__ import annotations

from dataclasses import dataclass

from ssa_engine.core.attempts import Attempt, State
from ssa_engine.core.checklists import Standing, standing_of
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.cycles import Cycle, cycle_on
from ssa_engine.core.text import Sentence, say
from ssa_engine.storage import attempts, people
from ssa_engine.storage.db import Connection
from ssa_engine.web import current

WORDS = {
    Standing.NOT_SUBJECT: say("No time limit"),
    Standing.NO_BANK: say("Assessment being prepared"),
    Standing.OPEN: say("Window open, nothing begun"),
    Standing.IN_PROGRESS: say("Assessment under way"),
    Standing.TIME_UP: say("Time over, not yet submitted"),
    Standing.SUBMITTED: say("Assessment submitted"),
    Standing.PRESCRIBED: say("Result released"),
    Standing.COMPLETE: say("Result released"),
}
"""Prescribed and complete read alike: which of the two it is, is the candidate's to know."""


@dataclass(frozen=True, slots=True)
class Held:
    """A credential, where it stands, and its attempts, latest first."""

    spec: ContentSpec
    cycle: Cycle | None
    standing: Standing
    words: Sentence
    attempts: list[Attempt]


def held_by(connection: Connection, person_id: int) -> list[Held]:
    """Return a person's credentials, by discipline."""
    return [_held(connection, own) for own in people.credentials_of(connection, person_id)]


def _held(connection: Connection, own: people.Credential) -> Held:
    spec, now = current.library().spec(own.discipline), current.now()
    cycle = cycle_on(now.date(), own.earned_on, spec.cqr)
    taken = attempts.of_credential(connection, own.id)
    standing = standing_of(
        cycle,
        now.date(),
        now,
        has_bank=spec.discipline in current.library().banks,
        attempt=next((one for one in taken if cycle and one.cycle == cycle.number), None),
        credits=0.0,
    )
    if standing is Standing.NOT_YET and cycle is not None:
        return Held(spec, cycle, standing, say("Window opens on {day}", day=cycle.opens_on), taken)
    return Held(spec, cycle, standing, WORDS[standing], taken)


def state_of(attempt: Attempt) -> Sentence:
    """Return the state of an attempt in words."""
    if attempt.time_is_up(current.now()):
        return WORDS[Standing.TIME_UP]
    return {
        State.IN_PROGRESS: say("Under way"),
        State.SUBMITTED: say("Submitted"),
        State.RELEASED: say("Result released"),
    }[attempt.state]
