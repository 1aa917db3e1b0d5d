"""Days as a calendar file (iCalendar, RFC 5545): all-day events with reminders, the same event again under its id."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MEDIA_TYPE = "text/calendar; charset=utf-8"
LONGEST_LINE = 75
"""Octets of a line, its end not counted (RFC 5545, 3.1)."""


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day to remember. `uid` stays the same for the same thing, so that a calendar moves it when its day moves."""

    uid: str
    on: dt.date
    title: str
    text: str = ""
    remind_days: tuple[int, ...] = ()
    """So many days before, a calendar reminds of it."""


def to_ics(days: Iterable[CalendarDay], *, name: str, language: str, at: dt.datetime) -> bytes:
    """Write a calendar file.

    Parameters
    ----------
    days : iterable of CalendarDay
        At least one: a calendar file without any is not sound.
    name : str
        What the calendar is called.
    at : datetime
        When it was made, UTC.

    Returns
    -------
    bytes
        UTF-8, lines folded at 75 octets and ended by CRLF.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ssa_engine//CQR//EN", "CALSCALE:GREGORIAN"]
    lines.append(f"X-WR-CALNAME;LANGUAGE={language}:{escaped(name)}")
    for day in days:
        lines += _event(day, language, at)
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in folded(line))


def _event(day: CalendarDay, language: str, at: dt.datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(day.uid)}"
    yield f"DTSTAMP:{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{_date(day.on)}"
    yield f"DTEND;VALUE=DATE:{_date(day.on + dt.timedelta(days=1))}"
    yield f"SUMMARY;LANGUAGE={language}:{escaped(day.title)}"
    if day.text:
        yield f"DESCRIPTION;LANGUAGE={language}:{escaped(day.text)}"
    yield "TRANSP:TRANSPARENT"
    yield "CLASS:PRIVATE"
    for days in day.remind_days:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:-P{days}D", f"DESCRIPTION:{escaped(day.title)}")
        yield "END:VALARM"
    yield "END:VEVENT"


def _date(day: dt.date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def escaped(text: str) -> str:
    """Write text as a value: what would end or part it is escaped, a new line is written as such (RFC 5545, 3.3.11)."""
    for sign in "\\;,":
        text = text.replace(sign, f"\\{sign}")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(one for one in text if one == "\t" or one >= " ")


def folded(line: str) -> Sequence[bytes]:
    """Part a line after at most 75 octets, never within a character; what follows begins with a blank."""
    parts, now = [], b""
    for letter in line:
        octets = letter.encode()
        if len(now) + len(octets) > LONGEST_LINE:
            parts.append(now)
            now = b" "
        now += octets
    return [*parts, now]
