"""The timeline of a sitting as staff read it: what happened in words, answers in letters, search, what it tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ssa_engine.core.attempts import Attempt
from ssa_engine.core.events import Event, EventKind
from ssa_engine.core.receipts import in_letters
from ssa_engine.core.text import Sentence, say

ANSWERED, CHANGED, CLEARED = "answered", "changed", "cleared"
ANSWERS = frozenset({ANSWERED, CHANGED, CLEARED})

WHAT: dict[str, Sentence] = {
    ANSWERED: say("Answered"),
    CHANGED: say("Answer changed"),
    CLEARED: say("Answer taken back"),
    EventKind.STARTED: say("Started"),
    EventKind.RENDERED: say("Question shown"),
    EventKind.FLAGGED: say("Flagged"),
    EventKind.UNFLAGGED: say("Flag removed"),
    EventKind.COMMENTED: say("Comment left"),
    EventKind.STALE_PAGE: say("Older page refused"),
    EventKind.CONTINUED_HERE: say("Continued in another window"),
    EventKind.LEFT_WINDOW: say("Left the window"),
    EventKind.CAME_BACK: say("Came back to the window"),
    EventKind.LOST_CONNECTION: say("Connection lost"),
    EventKind.RECONNECTED: say("Connection back"),
    EventKind.TIME_GIVEN_BACK: say("Time given back"),
    EventKind.EXHIBIT_MISSING: say("Exhibit did not load"),
    EventKind.WARNED: say("Warned of the time"),
    EventKind.TIME_GRANTED: say("Time granted by staff"),
    EventKind.UNLOCKED: say("Unlocked by staff"),
    EventKind.BREAK_BEGAN: say("Break began"),
    EventKind.BREAK_SKIPPED: say("Break left out"),
    EventKind.BREAK_ENDED: say("Break ended"),
    EventKind.SUBMITTED: say("Submitted"),
    EventKind.TIMED_OUT: say("Time over"),
    EventKind.RELEASED: say("Result released"),
}
"""What each kind of entry is called, in the order of the choices."""

NOT_FROM_THE_PAGE = frozenset({EventKind.TIME_GRANTED, EventKind.UNLOCKED, EventKind.TIMED_OUT, EventKind.RELEASED})
"""What happens to a sitting without the candidate's page having a part in it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `detail` is an answer in the letters the candidate saw, a reason, a device."""

    at: dt.datetime
    kind: str
    question: int | None
    detail: str
    late: bool = False

    @property
    def what(self) -> Sentence:
        """What happened, in words."""
        return WHAT[self.kind]

    @property
    def is_answer(self) -> bool:
        """Whether it is a response that was received."""
        return self.kind in ANSWERS


def entries_of(events: Iterable[Event], options: Mapping[int, tuple[str, ...]]) -> list[Entry]:
    """Return the lines of a timeline. `options`: position -> the options of its item in the order shown."""
    return [
        Entry(one.at, one.kind, one.position, _detail(one, options.get(one.position or 0, ())), one.late)
        for one in events
    ]


def _detail(event: Event, shown: tuple[str, ...]) -> str:
    return in_letters(event.detail, shown) if event.kind in ANSWERS else event.detail


@dataclass(frozen=True, slots=True)
class Search:
    """What to find: entries of one kind, of one question, that hold all of these words. Empty finds everything."""

    kind: str = ""
    question: int | None = None
    words: str = ""
    newest_first: bool = True

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.kind or self.question or self.words)

    def of(self, entries: Sequence[Entry], written: Callable[[Entry], str]) -> list[Entry]:
        """Return what is found, in the order wished. `written`: the text of an entry as people read it."""
        wanted = self.words.casefold().split()
        found = [
            one
            for one in entries
            if self.kind in ("", one.kind)
            and self.question in (None, one.question)
            and (not wanted or all(word in written(one).casefold() for word in wanted))
        ]
        return found[::-1] if self.newest_first else found


def last_sign(entries: Sequence[Entry]) -> Entry | None:
    """Return the last thing that was heard of the candidate's page."""
    return next((one for one in reversed(entries) if one.kind not in NOT_FROM_THE_PAGE), None)


def device(entries: Sequence[Entry]) -> str:
    """Return what the browser called itself in which the sitting was last started or continued."""
    kinds = (EventKind.STARTED, EventKind.CONTINUED_HERE)
    return next((one.detail for one in reversed(entries) if one.kind in kinds and one.detail), "")


def away_since(entries: Sequence[Entry]) -> dt.datetime | None:
    """Return since when the candidate is in another window, None if they are not."""
    kinds = (EventKind.LEFT_WINDOW, EventKind.CAME_BACK)
    last = next((one for one in reversed(entries) if one.kind in kinds), None)
    return last.at if last is not None and last.kind == EventKind.LEFT_WINDOW else None


@dataclass(frozen=True, slots=True)
class Break:
    """A scheduled break of a sitting: after which question, and what became of it."""

    after: int
    skipped: bool = False
    began_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None


def breaks_of(attempt: Attempt, entries: Sequence[Entry]) -> list[Break]:
    """Return the scheduled breaks in order. One that nobody ended is over when its time is."""
    began = {one.question: one.at for one in entries if one.kind == EventKind.BREAK_BEGAN}
    skipped = {one.question for one in entries if one.kind == EventKind.BREAK_SKIPPED}
    ended = [one.at for one in entries if one.kind == EventKind.BREAK_ENDED]
    return [
        Break(after, after in skipped, began.get(after), _end(began.get(after), ended, attempt))
        for after in attempt.break_after
    ]


def _end(began_at: dt.datetime | None, ended: list[dt.datetime], attempt: Attempt) -> dt.datetime | None:
    if began_at is None or began_at == attempt.break_began_at:
        return None
    over_at = began_at + dt.timedelta(seconds=attempt.break_seconds)
    return min([at for at in ended if at >= began_at] + [over_at])


def seconds_used(attempt: Attempt, now: dt.datetime) -> int:
    """Return how much of the time allowed went by: until the attempt was closed, or until now."""
    return attempt.seconds_allowed - attempt.seconds_left(attempt.submitted_at or now)


def seconds_stood(attempt: Attempt, now: dt.datetime) -> int:
    """Return for how long the clock stood, a break under way included."""
    standing = 0.0
    if attempt.break_began_at is not None:
        until = min(attempt.submitted_at or now, attempt.break_ends_at)
        standing = max(0.0, (until - attempt.break_began_at).total_seconds())
    return int(attempt.paused_seconds + standing)
