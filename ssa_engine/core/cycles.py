"""CQR cycles: dates in, dates out. Where a credential stands on a day, and what is to be told or done about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ssa_engine.core.notices import NoticeKind
from ssa_engine.core.programmes import CqrRules


class CycleEvent(StrEnum):
    """What happened to a credential in a cycle; each at most once."""

    COMPLETED = "completed"
    DISCONTINUED = "discontinued"
    REINSTATED = "reinstated"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a credential in one of its cycles, on a day where the programme is."""

    kind: CycleEvent
    cycle: int
    on: dt.date


@dataclass(frozen=True, slots=True)
class Cycle:
    """One CQR period of a credential. `number` counts from 1."""

    number: int
    starts_on: dt.date
    opens_on: dt.date
    submit_by: dt.date
    """The last day on which a claim may be submitted, so that it can be reviewed before the end."""
    due_on: dt.date

    def is_open(self, today: dt.date) -> bool:
        """Whether the compliance window is open: from the opening day up to and including the due day."""
        return self.opens_on <= today <= self.due_on


class CycleState(StrEnum):
    """Where a credential stands in its cycle."""

    NOT_YET = "not_yet"
    OPEN = "open"
    COMPLETE = "complete"
    DISCONTINUED = "discontinued"


@dataclass(frozen=True, slots=True)
class Position:
    """The cycle that a credential is in on a day, and how it stands there."""

    cycle: Cycle
    state: CycleState
    completed_on: dt.date | None = None
    """Also of a discontinued one: it was completed late and waits to be reinstated."""
    discontinued_on: dt.date | None = None
    following: Cycle | None = None
    """The next cycle, if this one is completed by its due day. After that it is counted from the reinstatement."""

    @property
    def is_complete(self) -> bool:
        """Whether CQR is complete in this cycle, in time or late."""
        return self.state is CycleState.COMPLETE or self.completed_on is not None

    @property
    def may_work(self) -> bool:
        """Whether there is something that the candidate may do: the cycle is open or discontinued, and not done."""
        return self.state in (CycleState.OPEN, CycleState.DISCONTINUED) and self.completed_on is None


@dataclass(frozen=True, slots=True)
class DueNotice:
    """Something that a person is to be told about a cycle by this day. `step` is that of a reminder, in days."""

    kind: NoticeKind
    details: Mapping[str, str | int]
    step: int | None = None


def add_years(day: dt.date, years: int) -> dt.date:
    """Return the same day `years` later; 29 February becomes 28 February in a year that has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def is_time_limited(earned_on: dt.date, rules: CqrRules) -> bool:
    """Whether a credential earned on this day has to be shown to be current."""
    return rules.time_limited_from is None or earned_on >= rules.time_limited_from


def position(
    today: dt.date,
    earned_on: dt.date,
    rules: CqrRules,
    happenings: Iterable[Happening] = (),
    recorded_on: dt.date | None = None,
) -> Position | None:
    """Return where a credential stands on a day.

    Parameters
    ----------
    today : date
        The day where the programme is (`rules.today(now)`). What happened after it is not looked at.
    earned_on : date
        The day from which the first cycle is counted.
    happenings : iterable of Happening
        What happened to this credential, in any order.
    recorded_on : date, optional
        The day it came into this system. Of cycles that were due before nothing is known here, so that they count as
        settled elsewhere.

    Returns
    -------
    Position or None
        None if the credential is not time-limited. A cycle that is not completed by its due day is discontinued from
        the day after, whether or not that was written down, and stays the position until the credential is
        reinstated; from that day on the next cycle is counted.
    """
    if not is_time_limited(earned_on, rules):
        return None
    known = {(one.kind, one.cycle): one.on for one in happenings if one.on <= today}
    touched = {number for _, number in known}
    counted_from, first, number = earned_on, 1, 1
    while True:
        cycle = _cycle(number, number - first, counted_from, rules)
        completed_on = known.get((CycleEvent.COMPLETED, number))
        in_time = completed_on is not None and completed_on <= cycle.due_on
        elsewhere = recorded_on is not None and cycle.due_on < recorded_on and number not in touched
        if today <= cycle.due_on:
            return Position(
                cycle,
                _state(cycle, today, completed_on),
                completed_on,
                following=_cycle(number + 1, number + 1 - first, counted_from, rules),
            )
        if in_time or elsewhere:
            number += 1
            continue
        reinstated_on = known.get((CycleEvent.REINSTATED, number))
        if reinstated_on is None:
            return Position(cycle, CycleState.DISCONTINUED, completed_on, discontinued_on(cycle))
        number += 1
        counted_from, first = reinstated_on, number


def discontinued_on(cycle: Cycle) -> dt.date:
    """Return the day after the due day, the first on which a credential is no longer held unless that was completed."""
    return cycle.due_on + dt.timedelta(days=1)


def first_cycle(number: int, counted_from: dt.date, rules: CqrRules) -> Cycle:
    """Return the cycle that is counted from a day: that of earning or of reinstatement."""
    return _cycle(number, 0, counted_from, rules)


def _cycle(number: int, periods: int, counted_from: dt.date, rules: CqrRules) -> Cycle:
    """Return the cycle `periods` after the first one counted from a day; each day is counted anew, so none drifts."""
    end = (periods + 1) * rules.period_years
    due_on = add_years(counted_from, end)
    return Cycle(
        number,
        starts_on=add_years(counted_from, periods * rules.period_years),
        opens_on=add_years(counted_from, end - rules.window_years),
        submit_by=rules.submit_by(due_on),
        due_on=due_on,
    )


def _state(cycle: Cycle, today: dt.date, completed_on: dt.date | None) -> CycleState:
    if completed_on is not None:
        return CycleState.COMPLETE
    return CycleState.OPEN if cycle.is_open(today) else CycleState.NOT_YET


def due_notices(found: Position, today: dt.date, rules: CqrRules) -> list[DueNotice]:
    """Return what a person is to be told of a cycle by this day.

    Of reminders that have fallen due only the nearest is left: a later one says all that an earlier one would have.
    """
    cycle = found.cycle
    due = {"due_on": cycle.due_on.isoformat()}
    if found.state is CycleState.NOT_YET:
        days = (cycle.opens_on - today).days
        soon: dict[str, str | int] = {"opens_on": cycle.opens_on.isoformat(), **due, "days": days}
        return [
            DueNotice(NoticeKind.WINDOW_OPENS_SOON, soon, step)
            for step in _nearest(rules.notices.before_opening_days, days)
        ]
    if found.state is CycleState.OPEN:
        days = (cycle.due_on - today).days
        near: dict[str, str | int] = {**due, "submit_by": cycle.submit_by.isoformat(), "days": days}
        reminders = [
            DueNotice(NoticeKind.DUE_SOON, near, step) for step in _nearest(rules.notices.before_due_days, days)
        ]
        return [DueNotice(NoticeKind.WINDOW_OPEN, dict(due)), *reminders]
    if found.state is CycleState.DISCONTINUED:
        over: dict[str, str | int] = {"discontinued_on": discontinued_on(cycle).isoformat()}
        if found.completed_on is not None:
            over["is_complete"] = True
        return [DueNotice(NoticeKind.DISCONTINUED, over)]
    return []


def _nearest(steps: Iterable[int], days: int) -> list[int]:
    """Return the smallest step that was reached with so many days left, or none."""
    reached = [step for step in steps if days <= step]
    return [min(reached)] if reached else []
