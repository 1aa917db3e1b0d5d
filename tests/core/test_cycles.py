"""CQR cycles: leap days, the first and the last day of the window, who has a time limit."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.core.content_specs import CqrRules
from ssa_engine.core.cycles import Cycle, add_years, cycle_on, is_time_limited
from tests.core.banks import RULES

ALWAYS = CqrRules(time_limited_from=None, period_years=10, window_years=3)
ONE_DAY = dt.timedelta(days=1)
day = dt.date


def found(today: dt.date, earned_on: dt.date, rules: CqrRules = RULES) -> Cycle:
    """Return the cycle, which there must be."""
    cycle = cycle_on(today, earned_on, rules)
    assert cycle is not None
    return cycle


@pytest.mark.parametrize(
    ("earned_on", "years", "expected"),
    [
        (day(2012, 2, 29), 10, day(2022, 2, 28)),
        (day(2012, 2, 29), 20, day(2032, 2, 29)),
        (day(2012, 2, 28), 10, day(2022, 2, 28)),
        (day(2013, 3, 1), 7, day(2020, 3, 1)),
        (day(2012, 1, 31), 10, day(2022, 1, 31)),
        (day(2012, 12, 31), 10, day(2022, 12, 31)),
        (day(2012, 4, 30), 0, day(2012, 4, 30)),
    ],
)
def test_the_same_day_of_another_year(earned_on: dt.date, years: int, expected: dt.date) -> None:
    assert add_years(earned_on, years) == expected


def test_a_credential_has_a_window_in_the_last_three_of_its_ten_years() -> None:
    expected = Cycle(1, day(2018, 6, 1), day(2025, 6, 1), day(2028, 6, 1))
    for today in (day(2018, 6, 1), day(2025, 5, 31), day(2027, 3, 14), day(2028, 6, 1)):
        assert found(today, day(2018, 6, 1)) == expected


def test_the_window_is_open_on_its_first_and_its_last_day_and_not_beside_them() -> None:
    cycle = found(day(2027, 3, 14), day(2018, 6, 1))
    days = [day(2025, 5, 31), day(2025, 6, 1), day(2027, 1, 1), day(2028, 6, 1), day(2028, 6, 2)]
    assert [cycle.is_open(one) for one in days] == [False, True, True, True, False]


def test_the_next_cycle_begins_the_day_after_the_last_one_is_due() -> None:
    assert found(day(2028, 6, 1), day(2018, 6, 1)).number == 1
    assert found(day(2028, 6, 2), day(2018, 6, 1)) == Cycle(2, day(2028, 6, 1), day(2035, 6, 1), day(2038, 6, 1))
    assert found(day(2050, 1, 1), day(2018, 6, 1)) == Cycle(4, day(2048, 6, 1), day(2055, 6, 1), day(2058, 6, 1))


def test_a_credential_earned_on_a_leap_day_keeps_its_day_where_the_year_has_it() -> None:
    first = found(day(2020, 1, 1), day(2012, 2, 29))
    assert (first.opens_on, first.due_on) == (day(2019, 2, 28), day(2022, 2, 28))
    second = found(day(2022, 3, 1), day(2012, 2, 29))
    # 2032 is a leap year: the second cycle is counted from the day it was earned, not from the shortened one.
    assert second == Cycle(2, day(2022, 2, 28), day(2029, 2, 28), day(2032, 2, 29))


@pytest.mark.parametrize(
    ("earned_on", "limited"),
    [(day(2010, 12, 31), False), (day(2011, 1, 1), True), (day(1985, 5, 5), False), (day(2026, 1, 1), True)],
)
def test_a_credential_earned_before_2011_has_no_time_limit(earned_on: dt.date, limited: bool) -> None:
    assert is_time_limited(earned_on, RULES) == limited
    assert (cycle_on(day(2027, 3, 14), earned_on, RULES) is not None) == limited


def test_a_discipline_without_a_first_day_is_always_time_limited() -> None:
    assert is_time_limited(day(1985, 5, 5), ALWAYS)
    assert found(day(2027, 3, 14), day(1985, 5, 5), ALWAYS) == Cycle(
        5, day(2025, 5, 5), day(2032, 5, 5), day(2035, 5, 5)
    )


def test_other_boards_have_other_periods() -> None:
    rules = CqrRules(time_limited_from=day(2020, 1, 1), period_years=4, window_years=1)
    assert found(day(2027, 3, 14), day(2020, 2, 29), rules) == Cycle(
        2, day(2024, 2, 29), day(2027, 2, 28), day(2028, 2, 29)
    )


@given(st.dates(day(2011, 1, 1), day(2030, 12, 31)), st.integers(0, 60 * 366))
def test_every_day_falls_in_exactly_one_cycle(earned_on: dt.date, later: int) -> None:
    today = earned_on + dt.timedelta(days=later)
    cycle = found(today, earned_on)
    assert cycle.starts_on < cycle.opens_on < cycle.due_on
    assert cycle.starts_on <= today <= cycle.due_on
    assert cycle.number == 1 or cycle.starts_on < today
    assert found(cycle.due_on, earned_on) == cycle
    after = found(cycle.due_on + ONE_DAY, earned_on)
    assert (after.number, after.starts_on) == (cycle.number + 1, cycle.due_on)
