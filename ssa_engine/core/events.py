"""The evidence of a sitting: what can happen, and what a browser may report of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    """What happened. Answers are not here: the log of responses has them."""

    STARTED = "started"
    RENDERED = "rendered"
    FLAGGED = "flagged"
    UNFLAGGED = "unflagged"
    COMMENTED = "commented"
    STALE_PAGE = "stale_page"
    CONTINUED_HERE = "continued_here"
    LEFT_WINDOW = "left_window"
    CAME_BACK = "came_back"
    LOST_CONNECTION = "lost_connection"
    RECONNECTED = "reconnected"
    TIME_GIVEN_BACK = "time_given_back"
    EXHIBIT_MISSING = "exhibit_missing"
    WARNED = "warned"
    TIME_GRANTED = "time_granted"
    BREAK_BEGAN = "break_began"
    BREAK_SKIPPED = "break_skipped"
    BREAK_ENDED = "break_ended"
    UNLOCKED = "unlocked"
    SUBMITTED = "submitted"
    TIMED_OUT = "timed_out"
    RELEASED = "released"


REPORTED_BY_BROWSERS = frozenset(
    {
        EventKind.RENDERED,
        EventKind.LEFT_WINDOW,
        EventKind.CAME_BACK,
        EventKind.LOST_CONNECTION,
        EventKind.RECONNECTED,
        EventKind.EXHIBIT_MISSING,
        EventKind.WARNED,
    }
)
"""What only the candidate's browser can know; it is believed as a report, and decides nothing."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a sitting's timeline, responses included. `kind` is an `EventKind`, answered, changed or cleared.

    `late`: an answer that was taken in the grace after the end of the clock.
    """

    at: dt.datetime
    kind: str
    position: int | None
    detail: str
    late: bool = False
