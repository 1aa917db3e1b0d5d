"""An attempt: its states and transitions, its parts between breaks, and what a save may do to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from ssa_engine.core.accommodations import NO_LIMIT_SECONDS
from ssa_engine.core.errors import AttemptClosed, Conflict
from ssa_engine.core.text import say


class State(StrEnum):
    """Where an attempt stands."""

    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    RELEASED = "released"


TRANSITIONS: tuple[tuple[str, State | None, State, str], ...] = (
    ("start", None, State.IN_PROGRESS, "the form is drawn and stored, the clock starts"),
    ("answer", State.IN_PROGRESS, State.IN_PROGRESS, "a response is appended"),
    ("move", State.IN_PROGRESS, State.IN_PROGRESS, "another item is shown"),
    ("flag", State.IN_PROGRESS, State.IN_PROGRESS, "an item is flagged or no longer flagged"),
    ("take_break", State.IN_PROGRESS, State.IN_PROGRESS, "the clock stops, the items before the break lock"),
    ("end_break", State.IN_PROGRESS, State.IN_PROGRESS, "the clock goes on"),
    ("continue_here", State.IN_PROGRESS, State.IN_PROGRESS, "the page in another window is no longer the live one"),
    ("grant_time", State.IN_PROGRESS, State.IN_PROGRESS, "staff give more time"),
    ("submit", State.IN_PROGRESS, State.SUBMITTED, "the candidate submits; the result is computed"),
    ("time_out", State.IN_PROGRESS, State.SUBMITTED, "the time is over; submitted_at is the end of the clock"),
    ("release", State.SUBMITTED, State.RELEASED, "the candidate may see the result"),
)
"""(event, from, to, what happens); the table in docs/reference/attempt-states.md is drawn from it."""


def after(event: str, state: State | None) -> State:
    """Return the state that `event` leads to.

    Raises
    ------
    AttemptClosed
        If the event is not possible in this state.
    """
    for name, origin, target, _ in TRANSITIONS:
        if name == event and origin == state:
            return target
    raise AttemptClosed(
        say("This assessment was submitted, so it can no longer be changed. Your result is on its page.")
    )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One candidate's sitting of one form. Times are UTC."""

    id: int
    person_id: int
    credential_id: int
    cycle: int
    discipline: str
    form_id: int
    bank_version: str
    state: State
    started_at: dt.datetime
    seconds_allowed: int
    paused_seconds: float
    submitted_at: dt.datetime | None
    released_at: dt.datetime | None
    position: int
    items_total: int
    render_token: str
    rendered_at: dt.datetime
    break_after: tuple[int, ...] = ()
    break_seconds: int = 0
    breaks_done: int = 0
    break_began_at: dt.datetime | None = None
    locked_through: int = 0

    @property
    def is_untimed(self) -> bool:
        """Whether it has no time limit."""
        return self.seconds_allowed >= NO_LIMIT_SECONDS

    @property
    def ends_at(self) -> dt.datetime:
        """The moment the time allowed is over. A break under way is counted in full until it is ended."""
        standing = self.break_seconds if self.break_began_at else 0
        return self.started_at + dt.timedelta(seconds=self.seconds_allowed + self.paused_seconds + standing)

    def on_break(self, now: dt.datetime) -> bool:
        """Whether a break is under way that has not used up its time."""
        return self.break_began_at is not None and now < self.break_ends_at

    @property
    def break_ends_at(self) -> dt.datetime:
        """The moment the clock goes on by itself."""
        return (self.break_began_at or self.started_at) + dt.timedelta(seconds=self.break_seconds)

    def seconds_left(self, now: dt.datetime) -> int:
        """Whole seconds of the time allowed that are left, never below 0. It stands during a break."""
        moment = max(now, self.break_ends_at) if self.break_began_at else now
        return max(0, int((self.ends_at - moment).total_seconds()))

    def is_open(self, now: dt.datetime) -> bool:
        """Whether it may still be answered, now or after a break."""
        return self.state is State.IN_PROGRESS and now < self.ends_at

    def time_is_up(self, now: dt.datetime) -> bool:
        """Whether its time ended and nobody has recorded that yet."""
        return self.state is State.IN_PROGRESS and now >= self.ends_at

    def closing(self, now: dt.datetime) -> tuple[str, dt.datetime]:
        """Return the event that closes it now, and the moment that is recorded: never after the end."""
        return ("time_out", self.ends_at) if now >= self.ends_at else ("submit", now)

    @property
    def reach(self) -> int:
        """The last position that may be opened: that before the next break, or the last of the form."""
        return self.break_after[self.breaks_done] if self.breaks_done < len(self.break_after) else self.items_total

    @property
    def break_is_next(self) -> bool:
        """Whether a scheduled break lies ahead."""
        return self.reach < self.items_total


def require_open(attempt: Attempt, now: dt.datetime, grace_seconds: int = 0) -> bool:
    """Raise `AttemptClosed` unless the attempt may be answered at `now`. Return whether that is in the grace only."""
    after("answer", attempt.state)
    if attempt.on_break(now):
        raise Conflict(say("You are on your break, and the clock is standing. End the break to go on."))
    if attempt.time_is_up(now):
        if now < attempt.ends_at + dt.timedelta(seconds=grace_seconds):
            return True
        raise AttemptClosed(say("The time for this assessment is over. Everything saved until then counts."))
    return False


def require_reachable(attempt: Attempt, position: int) -> None:
    """Raise `Conflict` if a break lies before this position, or this position before a break that was taken."""
    if position <= attempt.locked_through:
        raise Conflict(
            say(
                "Questions 1 to {last} locked when you took your break. Your answers to them are saved and count.",
                last=attempt.locked_through,
            )
        )
    if position > attempt.reach:
        raise Conflict(say("Question {position} comes after your break. Go on to the break first.", position=position))


class Verdict(StrEnum):
    """What a save does."""

    ACCEPT = "accept"
    NOTHING_NEW = "nothing new"
    STALE = "stale"


def judge_save(
    *, token_is_current: bool, saved_with_token: str | None, answer: str | None, counted: str | None
) -> Verdict:
    """Decide what to do with a save.

    Every rendered page carries a token that is spent by the first save made from it. A save with the
    current token is accepted. One with a spent token is harmless if it repeats the save that spent it
    (`saved_with_token`: a retried request), or asks for nothing that is not already `counted`; anything
    else comes from a page that is older than the attempt and must not overwrite what was saved since.
    An empty `answer` takes an answer back.
    """
    if token_is_current:
        return Verdict.ACCEPT
    if answer is None or answer in (saved_with_token, counted or ""):
        return Verdict.NOTHING_NEW
    return Verdict.STALE


def next_position(go: str, position: int, items_total: int) -> int:
    """Return the position shown after the button `go` at `position` (from 1)."""
    step = {"next": 1, "previous": -1}.get(go, 0)
    return min(max(position + step, 1), items_total)
