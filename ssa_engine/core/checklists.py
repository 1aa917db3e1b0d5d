"""The checklist of one credential: where CQR stands, its five steps, what is next and which button leads there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from ssa_engine.core.attempts import Attempt, State
from ssa_engine.core.cycles import CycleState, Position
from ssa_engine.core.ledger import DECIMALS, Ledger
from ssa_engine.core.programmes import CqrRules


class Standing(StrEnum):
    """How far the work of a cycle has come."""

    NOT_SUBJECT = "not_subject"
    NOT_YET = "not_yet"
    NO_BANK = "no_bank"
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    TIME_UP = "time_up"
    SUBMITTED = "submitted"
    PRESCRIBED = "prescribed"
    FILLED = "filled"
    """Nothing prescribed is open; what is left is the profile, or to record that CQR is complete."""
    COMPLETE = "complete"


class ProfileStage(StrEnum):
    """How far the professional profile has come. `NONE`: the discipline has none."""

    NONE = "none"
    TO_DO = "to_do"
    UNDER_WAY = "under_way"
    DONE = "done"


class Move(StrEnum):
    """Where a button leads."""

    PROFILE = "profile"
    ASSESSMENT = "assessment"
    SUBMIT = "submit"
    RESULT = "result"
    CE = "ce"
    RECORD = "record"


NOTHING_PRESCRIBED = Ledger({}, {})


@dataclass(frozen=True, slots=True)
class Work:
    """What is known of one credential: where it is in its cycle, and what was done in that cycle."""

    discipline: str
    """The name that people read."""
    rules: CqrRules
    today: dt.date
    """Where the programme is."""
    position: Position | None
    """None: the credential has no time limit."""
    standing: Standing
    profile: ProfileStage = ProfileStage.NONE
    attempt: Attempt | None = None
    """The latest of this cycle."""
    ledger: Ledger = NOTHING_PRESCRIBED
    """Of the released result; until then nothing is known of it here."""
    reinstated_on: dt.date | None = None
    """The day on which this cycle began by reinstatement."""

    @property
    def profile_is_open(self) -> bool:
        """Whether the profile is still to be done."""
        return self.profile in (ProfileStage.TO_DO, ProfileStage.UNDER_WAY)

    @property
    def discontinued_on(self) -> dt.date | None:
        """Since when the credential is discontinued, if it is."""
        return self.position.discontinued_on if self.position else None

    @property
    def submitted_on(self) -> dt.date | None:
        """The day on which the self-assessment was submitted."""
        at = self.attempt.submitted_at if self.attempt else None
        return self.rules.today(at) if at else None

    @property
    def released_on(self) -> dt.date | None:
        """The day on which the result came."""
        at = self.attempt.released_at if self.attempt else None
        return self.rules.today(at) if at else None

    @property
    def result_by(self) -> dt.date | None:
        """The day by which the result is promised."""
        at = self.attempt.submitted_at if self.attempt else None
        return self.rules.result_by(at) if at else None

    @property
    def prescribed(self) -> float:
        """Credits prescribed in all."""
        return round(sum(area.prescribed for area in self.ledger.areas.values()), DECIMALS)

    @property
    def open(self) -> float:
        """Credits still to earn, whatever waits for review."""
        return round(sum(self.ledger.open.values()), DECIMALS)

    @property
    def waiting(self) -> float:
        """Credits that would fill what is open, once they are reviewed."""
        return round(sum(area.waiting for area in self.ledger.areas.values()), DECIMALS)

    @property
    def moves(self) -> tuple[Move | None, Move | None]:
        """What the one obvious button leads to, and what a quiet link beside it; None: there is none."""
        if self.standing is Standing.OPEN and self.profile_is_open:
            return Move.PROFILE, None if self.rules.profile.before_assessment else Move.ASSESSMENT
        if self.standing in (Standing.SUBMITTED, Standing.FILLED) and self.profile_is_open:
            return Move.PROFILE, Move.RESULT
        if self.standing is Standing.NO_BANK and self.profile_is_open:
            return Move.PROFILE, None
        if self.standing is Standing.PRESCRIBED:
            return Move.CE, Move.PROFILE if self.profile_is_open else Move.RESULT
        return MOVES.get(self.standing), None

    @property
    def deadline(self) -> dt.date | None:
        """The next day that matters: the opening, the last day to report, the end; None: there is none to keep."""
        if self.position is None or self.standing is Standing.COMPLETE or self.discontinued_on:
            return None
        cycle = self.position.cycle
        if self.standing is Standing.NOT_YET:
            return cycle.opens_on
        if self.standing is Standing.PRESCRIBED and self.today <= cycle.submit_by:
            return cycle.submit_by
        return cycle.due_on

    @property
    def urgency(self) -> tuple[int, dt.date]:
        """What sorts several credentials: the most urgent first."""
        if self.standing in (Standing.TIME_UP, Standing.IN_PROGRESS):
            rank = 0
        elif self.discontinued_on:
            rank = 1
        elif self.standing in RESTING:
            rank = 4 + RESTING.index(self.standing)
        elif self.standing in (Standing.OPEN, Standing.PRESCRIBED) or self.moves[0] is Move.PROFILE:
            rank = 2
        else:
            rank = 3
        return rank, self.deadline or dt.date.max


MOVES = {
    Standing.OPEN: Move.ASSESSMENT,
    Standing.IN_PROGRESS: Move.ASSESSMENT,
    Standing.TIME_UP: Move.SUBMIT,
    Standing.SUBMITTED: Move.RESULT,
    Standing.FILLED: Move.RESULT,
    Standing.COMPLETE: Move.RECORD,
}


RESTING = (Standing.COMPLETE, Standing.NOT_YET, Standing.NOT_SUBJECT)
"""Where nothing is to be done for now."""


def standing_of(
    position: Position | None, now: dt.datetime, *, has_bank: bool, attempt: Attempt | None, is_filled: bool = True
) -> Standing:
    """Say how far a credential has come.

    Parameters
    ----------
    position : Position or None
        None for a credential without a time limit.
    attempt : Attempt or None
        The latest of this cycle.
    is_filled : bool
        Whether nothing is open of what its released result prescribes.
    """
    if position is None:
        return Standing.NOT_SUBJECT
    if position.is_complete:
        return Standing.COMPLETE
    if attempt is not None:
        if attempt.state is State.IN_PROGRESS:
            return Standing.TIME_UP if attempt.time_is_up(now) else Standing.IN_PROGRESS
        if attempt.state is State.SUBMITTED:
            return Standing.SUBMITTED
        return Standing.FILLED if is_filled else Standing.PRESCRIBED
    if position.state is CycleState.NOT_YET:
        return Standing.NOT_YET
    return Standing.OPEN if has_bank else Standing.NO_BANK
