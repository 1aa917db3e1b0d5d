"""How dates, credits and lists are written in sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence


def long_date(day: dt.date) -> str:
    """Write a date as '14 March 2027'."""
    return f"{day.day} {day:%B %Y}"


def listed(parts: Sequence[object]) -> str:
    """Write 'a', 'a and b', 'a, b and c'."""
    words = [str(part) for part in parts]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def count_credits(credits: float) -> str:
    """Write a number of credits: '1 credit', '4.5 credits', '0 credits'."""
    return f"{credits:g} credit" if credits == 1 else f"{credits:g} credits"
