"""The period of a report: a year, a quarter, a month, or from one day to another."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import long_date, say


@dataclass(frozen=True, slots=True)
class Period:
    """From the first moment of one day to the last of another, in UTC."""

    name: str
    """As it is asked for: 2026, 2026-Q3, 2026-07 or 2026-01-01..2026-06-30."""
    first: dt.date
    last: dt.date

    @property
    def starts_at(self) -> dt.datetime:
        """The first moment."""
        return _midnight(self.first)

    @property
    def ends_at(self) -> dt.datetime:
        """The first moment after it."""
        return _midnight(self.last) + dt.timedelta(days=1)

    @property
    def in_words(self) -> str:
        """As '1 January 2026 to 30 June 2026'."""
        return f"{long_date(self.first)} to {long_date(self.last)}"

    @property
    def title(self) -> str:
        """As it stands in a title: a year, quarter or month by its name, else in words."""
        return self.in_words if ".." in self.name else self.name

    def so_far(self, day: dt.date) -> str:
        """Return how it is said on a day, with a word where it is not over or has not begun."""
        if day < self.first:
            return f"{self.in_words} (not begun yet)"
        return f"{self.in_words}{f' (so far, to {long_date(day)})' if day <= self.last else ''}"

    def holds(self, times: pd.Series, until: dt.datetime | None = None) -> pd.Series:
        """Return which times lie in it and not after a moment; missing ones do not."""
        at = pd.to_datetime(times, utc=True)
        held = (at >= self.starts_at) & (at < self.ends_at)
        return held if until is None else held & (at <= until)


def parse_period(text: str) -> Period:
    """Read a period.

    Raises
    ------
    Invalid
        If it is written otherwise, names no day of the calendar, or ends before it begins.
    """
    text = text.strip()
    try:
        found = _period(text)
    except ValueError:
        found = None
    if found is None or not 1900 <= found.first.year <= found.last.year <= 9000:
        raise Invalid(
            say(
                "“{text}” is no period. Write a year (2026), a quarter (2026-Q3), a month (2026-07), or two days "
                "(2026-01-01..2026-06-30).",
                text=text[:40],
            )
        )
    if found.last < found.first:
        raise Invalid(say("The period {text} ends before it begins. Exchange the days.", text=text))
    return found


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


def _period(text: str) -> Period | None:
    if re.fullmatch(r"\d{4}", text):
        return Period(text, dt.date(int(text), 1, 1), dt.date(int(text), 12, 31))
    if quarter := re.fullmatch(r"(\d{4})-[Qq]([1-4])", text):
        year, month = int(quarter[1]), 3 * int(quarter[2])
        return Period(text.upper(), dt.date(year, month - 2, 1), _end_of_month(year, month))
    if month_of := re.fullmatch(r"(\d{4})-(\d\d)", text):
        year, month = int(month_of[1]), int(month_of[2])
        return Period(text, dt.date(year, month, 1), _end_of_month(year, month))
    if days := re.fullmatch(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)", text):
        return Period(text, dt.date.fromisoformat(days[1]), dt.date.fromisoformat(days[2]))
    return None


def _end_of_month(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])
