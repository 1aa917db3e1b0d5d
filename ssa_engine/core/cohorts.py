"""A cohort as a psychometrician asks for it: which sittings, in what order, set side by side by what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import say

LARGEST_ID = 999_999_999
YEARS = range(1900, 3000)


@dataclass(frozen=True, slots=True)
class Period:
    """Days in UTC, both included; None leaves an end open."""

    since: dt.date | None = None
    until: dt.date | None = None

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins."""
        if self.since and self.until and self.since > self.until:
            raise Invalid(say("The first day lies after the last. Swap “from” and “to”."))

    @property
    def begins(self) -> dt.datetime | None:
        """The first moment."""
        return _midnight(self.since) if self.since else None

    @property
    def ends(self) -> dt.datetime | None:
        """The moment after the last."""
        return _midnight(self.until) + dt.timedelta(days=1) if self.until else None

    def holds(self, moment: dt.datetime) -> bool:
        """Whether a moment lies in the period."""
        begins, ends = self.begins, self.ends
        return (begins is None or moment >= begins) and (ends is None or moment < ends)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


ALWAYS = Period()


class Wanted(StrEnum):
    """Which sittings, by how they stand."""

    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    RELEASED = "released"
    CLOSED = "closed"
    TIMED_OUT = "timed_out"


BY_QUARTER, BY_MONTH, BY_BANK, BY_GROUP = "quarter", "month", "bank", "group:"
"""By what sittings may be set side by side; `group:` is followed by the name of a grouping."""

ORDERS = ("attempt", "candidate", "state", "submitted", "minutes", "credits")
"""By what sittings may be sorted, beside the ids of content areas."""


@dataclass(frozen=True, slots=True)
class CohortFilter:
    """Which sittings of a discipline; empty or None leaves a part open.

    The day of a sitting is that of its submission; while it is under way, that of its start.
    """

    discipline: str
    period: Period = ALWAYS
    bank: str = ""
    form: int | None = None
    grouping: str = ""
    value: str = ""
    state: Wanted | None = None


def read_filter(discipline: str, given: Mapping[str, str]) -> CohortFilter:
    """Read a filter from `from`, `to`, `bank`, `form`, `group` (`grouping:value`) and `state`.

    Raises
    ------
    Invalid
        If a part cannot be read.
    """
    state = given.get("state", "")
    if state and state not in set(Wanted):
        raise Invalid(say("There is no state “{state}”. Choose one of the list.", state=state))
    form = given.get("form", "").strip()
    if form and not (form.isascii() and form.isdigit() and 0 < int(form[:10]) <= LARGEST_ID):
        raise Invalid(say("A form is a number, as in the column form_id of the exports."))
    grouping, _, value = given.get("group", "").partition(":")
    if grouping and not value:
        raise Invalid(say("A group is written as grouping:value, such as setting:hospital."))
    return CohortFilter(
        discipline,
        read_period(given),
        given.get("bank", ""),
        int(form) if form else None,
        grouping,
        value,
        Wanted(state) if state else None,
    )


def read_period(given: Mapping[str, str]) -> Period:
    """Read a period from `from` and `to`; raise `Invalid` if a day cannot be read or the first lies after the last."""
    return Period(_read_day(given, "from"), _read_day(given, "to"))


def _read_day(given: Mapping[str, str], name: str) -> dt.date | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = dt.date.max
    if day.year not in YEARS:
        raise Invalid(say("“{text}” is no day. Write it as 2027-03-14.", text=text))
    return day


LONGEST = {"grouping": 40, "value": 100}


def read_group_name(part: str, text: str) -> str:
    """Return the name of a grouping, or a value in one, as it is stored; raise `Invalid` if it cannot be one.

    `part` says which: "grouping" or "value". A grouping's name has no colon: addresses write grouping:value.
    """
    name = text.strip()
    most = LONGEST[part]
    if not name or len(name) > most or not name.isprintable():
        raise Invalid(
            say(
                "The {part} '{text}' must have 1 to {most} characters that can be printed.",
                part=part,
                text=text,
                most=most,
            )
        )
    if part == "grouping" and ":" in name:
        raise Invalid(say("The grouping '{text}' holds a colon; use another name.", text=text))
    return name


def read_order(text: str, areas: Mapping[str, str]) -> tuple[str, bool]:
    """Read an order such as `-credits`: by what, and whether the largest come first; the latest attempts if unknown."""
    name = text.removeprefix("-")
    known = name in ORDERS or name in areas
    return (name, text.startswith("-")) if known else ("attempt", True)
