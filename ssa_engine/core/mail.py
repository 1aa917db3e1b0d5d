"""Mail that waits to be sent: its states, when it is tried again, whom it can reach."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum


class MailState(StrEnum):
    """Where a mail stands. `UNSURE`: the sender stopped in the middle, so it may or may not have gone out."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNSURE = "unsure"


PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
"""How long a mail waits after the first try that did not succeed, the second, and so on; then always the last."""

MOST_TRIES = 10
"""After so many tries (13 hours) a mail is given up."""

SENDING_AT_MOST = dt.timedelta(minutes=15)
"""A mail that is being sent for longer was left by a sender that stopped."""

FRESH_FOR = dt.timedelta(days=14)
"""A mail that could not be sent for so long is out of date: what it says stands on the dashboard."""

_ADDRESS = re.compile(r"([^\s@<>()\[\]\\,;:\"]+)@([^\s@<>()\[\]\\,;:\"]+)")


def next_try(tries: int, now: dt.datetime) -> dt.datetime | None:
    """Return when a mail is tried again after so many tries (from 1) without success; None: never."""
    return None if tries >= MOST_TRIES else now + PAUSES[min(tries, len(PAUSES)) - 1]


def ascii_address(address: str) -> str | None:
    """Return an address as mail servers take it, its domain in ASCII; None if no mail can be sent to it.

    It has one `@` and nothing that means something else in a header; what stands before the `@` is ASCII.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or not address.isprintable() or not found[1].isascii():
        return None
    try:
        return f"{found[1]}@{found[2].encode('idna').decode('ascii')}"
    except UnicodeError:
        return None
