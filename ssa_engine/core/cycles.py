"""CQR cycles: dates in, dates out. Which period a day falls in and when its window is open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ssa_engine.core.content_specs import CqrRules


@dataclass(frozen=True, slots=True)
class Cycle:
    """One CQR period of a credential. `number` counts from 1."""

    number: int
    starts_on: dt.date
    opens_on: dt.date
    due_on: dt.date

    def is_open(self, today: dt.date) -> bool:
        """Whether the compliance window is open: from the opening day up to and including the due day."""
        return self.opens_on <= today <= self.due_on


def add_years(day: dt.date, years: int) -> dt.date:
    """Return the same day `years` later; 29 February becomes 28 February in a year that has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def is_time_limited(earned_on: dt.date, rules: CqrRules) -> bool:
    """Whether a credential earned on this day has to be shown to be current."""
    return rules.time_limited_from is None or earned_on >= rules.time_limited_from


def cycle_on(today: dt.date, earned_on: dt.date, rules: CqrRules) -> Cycle | None:
    """Return the cycle that `today` falls in, or None if the credential is not time-limited."""
    if not is_time_limited(earned_on, rules):
        return None
    number = 1
    while add_years(earned_on, number * rules.period_years) < today:
        number += 1
    due_on = add_years(earned_on, number * rules.period_years)
    starts_on = add_years(earned_on, (number - 1) * rules.period_years)
    opens_on = add_years(earned_on, number * rules.period_years - rules.window_years)
    return Cycle(number, starts_on, opens_on, due_on)
