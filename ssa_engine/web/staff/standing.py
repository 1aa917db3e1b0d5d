"""Where a credential stands, in words for staff: never what its result says."""

from __future__ import annotations

from dataclasses import dataclass

from ssa_engine.core.attempts import Attempt, State
from ssa_engine.core.checklists import Standing, standing_of
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.cycles import Cycle, CycleState, Position
from ssa_engine.core.text import Sentence, say
from ssa_engine.storage import allowed_attempts, attempts, cycles, people
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
    Standing.FILLED: say("Result released"),
    Standing.COMPLETE: say("CQR complete"),
}
"""Prescribed and filled read alike: which of the two it is, stands with the claims alone."""


@dataclass(frozen=True, slots=True)
class Held:
    """A credential, where it stands, and its attempts, latest first."""

    credential: people.Credential
    spec: ContentSpec
    position: Position | None
    standing: Standing
    words: Sentence
    attempts: list[Attempt]
    another_is_allowed: bool
    """Whether staff allowed another attempt that is not begun."""

    @property
    def cycle(self) -> Cycle | None:
        """The cycle it is in."""
        return self.position.cycle if self.position else None

    @property
    def may_be_allowed(self) -> bool:
        """Whether it makes sense to allow another attempt: one of this cycle is over, and the work is not done."""
        own = [one for one in self.attempts if self.cycle and one.cycle == self.cycle.number]
        is_over = bool(own) and own[0].state is not State.IN_PROGRESS and not self.another_is_allowed
        return is_over and self.position is not None and self.position.may_work

    @property
    def waits_for_release(self) -> Attempt | None:
        """The attempt whose result is not released."""
        return next((one for one in self.attempts if one.state is State.SUBMITTED), None)

    @property
    def may_be_reinstated(self) -> bool:
        """Whether it was discontinued and is complete since."""
        found = self.position
        return found is not None and found.state is CycleState.DISCONTINUED and found.completed_on is not None


def held_by(connection: Connection, person_id: int) -> list[Held]:
    """Return a person's credentials, by discipline."""
    return [_held(connection, own) for own in people.credentials_of(connection, person_id)]


def _held(connection: Connection, own: people.Credential) -> Held:
    spec, now = current.library().spec(own.discipline), current.now()
    found = cycles.position_of(connection, own, spec.cqr, spec.cqr.today(now))
    taken = attempts.of_credential(connection, own.id)
    latest = next((one for one in taken if found and one.cycle == found.cycle.number), None)
    counted = allowed_attempts.counted(connection, own.id, found.cycle.number) if found and latest else None
    has_bank = spec.discipline in current.library().banks
    standing = standing_of(found, now, has_bank=has_bank, attempt=counted)
    return Held(own, spec, found, standing, _words(standing, found), taken, latest is not None and counted is None)


def _words(standing: Standing, found: Position | None) -> Sentence:
    if found is not None and found.discontinued_on is not None:
        return say("Discontinued on {day}. {standing}", day=found.discontinued_on, standing=WORDS[standing])
    if standing is Standing.NOT_YET and found is not None:
        return say("Window opens on {day}", day=found.cycle.opens_on)
    return WORDS[standing]


def state_of(attempt: Attempt) -> Sentence:
    """Return the state of an attempt in words."""
    if attempt.time_is_up(current.now()):
        return WORDS[Standing.TIME_UP]
    return {
        State.IN_PROGRESS: say("Under way"),
        State.SUBMITTED: say("Submitted"),
        State.RELEASED: say("Result released"),
    }[attempt.state]
