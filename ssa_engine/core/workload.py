"""How long reviewers take to decide claims, how many of them late; and which promised results are near or broken."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ssa_engine.core.programmes import CqrRules

SECONDS_A_DAY = 86_400
NEAR_DAYS = 3
"""A promise is near from this many days before its day."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A claim that was approved or rejected. Times are UTC; `promised_by` is a day where the programme is."""

    discipline: str
    submitted_at: dt.datetime
    promised_by: dt.date | None
    decided_at: dt.datetime
    decided_by: str

    @property
    def days(self) -> float:
        """Days from submission to decision, parts of a day included."""
        return (self.decided_at - self.submitted_at).total_seconds() / SECONDS_A_DAY

    def is_late(self, rules: CqrRules | None) -> bool:
        """Whether it was decided after the day it was promised by. Without rules the day is that in UTC."""
        return self.promised_by is not None and _day(self.decided_at, rules) > self.promised_by


@dataclass(frozen=True, slots=True)
class Pace:
    """How a group of claims was decided.

    `median_days` and `ninetieth_days` are percentiles of the days from submission to decision.
    """

    decided: int
    late: int
    median_days: float
    ninetieth_days: float


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies.

    Parameters
    ----------
    values : sequence of float
        At least one, in any order.
    share : float
        From 0 to 1: 0.5 is the median.

    Returns
    -------
    float
        Linear between the two nearest values, at (n - 1) * share from the least (Hyndman and Fan's type 7).

    Raises
    ------
    ValueError
        If there are no values.
    """
    if not values:
        raise ValueError("nothing has no percentile")
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def monday_of(day: dt.date) -> dt.date:
    """Return the Monday of the week of a day."""
    return day - dt.timedelta(days=day.weekday())


def by_week(
    decisions: Iterable[Decision], rules: Mapping[str, CqrRules], today: dt.date, weeks: int
) -> dict[dt.date, Pace | None]:
    """Return Monday -> how claims were decided in that week, for the last `weeks` weeks, this one last.

    A week without a decision is None. The week of a decision is that where its programme is; `rules` are by
    discipline.
    """
    mondays = [monday_of(today) - dt.timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]
    found: dict[dt.date, list[Decision]] = {monday: [] for monday in mondays}
    for one in decisions:
        monday = monday_of(_day(one.decided_at, rules.get(one.discipline)))
        if monday in found:
            found[monday].append(one)
    return {monday: _pace(own, rules) if own else None for monday, own in found.items()}


def by_reviewer(decisions: Iterable[Decision], rules: Mapping[str, CqrRules]) -> dict[str, Pace]:
    """Return reviewer -> how they decided, by name."""
    found: dict[str, list[Decision]] = {}
    for one in decisions:
        found.setdefault(one.decided_by, []).append(one)
    return {who: _pace(found[who], rules) for who in sorted(found)}


def overall(decisions: Iterable[Decision], rules: Mapping[str, CqrRules]) -> Pace | None:
    """Return how all claims were decided; None if there are none."""
    own = list(decisions)
    return _pace(own, rules) if own else None


def _pace(own: Sequence[Decision], rules: Mapping[str, CqrRules]) -> Pace:
    days = [one.days for one in own]
    late = sum(one.is_late(rules.get(one.discipline)) for one in own)
    return Pace(len(own), late, percentile(days, 0.5), percentile(days, 0.9))


def _day(at: dt.datetime, rules: CqrRules | None) -> dt.date:
    return rules.today(at) if rules else at.date()


@dataclass(frozen=True, slots=True)
class Unreleased:
    """An attempt that was submitted and whose result is not released."""

    attempt_id: int
    person_id: int
    person_name: str
    discipline: str
    submitted_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Promise:
    """A result that was promised by a day. `days_left` is below 0 when the promise is broken."""

    of: Unreleased
    promised_by: dt.date
    days_left: int

    @property
    def is_broken(self) -> bool:
        """Whether the day has gone by."""
        return self.days_left < 0


def promises(
    waiting: Iterable[Unreleased], rules: Mapping[str, CqrRules], now: dt.datetime, near_days: int = NEAR_DAYS
) -> list[Promise]:
    """Return the results whose promise is near or broken, the most urgent first.

    A result is promised `results_days` after the day of submission, where the programme is; a programme that names
    no days promises nothing.
    """
    found = []
    for one in waiting:
        own = rules.get(one.discipline)
        promised_by = own.result_by(one.submitted_at) if own else None
        if own is None or promised_by is None:
            continue
        days_left = (promised_by - own.today(now)).days
        if days_left <= near_days:
            found.append(Promise(one, promised_by, days_left))
    return sorted(found, key=lambda promise: (promise.days_left, promise.of.attempt_id))
