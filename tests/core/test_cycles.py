"""CQR cycles: leap days, month ends, days of a time zone; completed, discontinued, reinstated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.core.cycles import (
    Cycle,
    CycleEvent,
    CycleState,
    Happening,
    Position,
    add_years,
    first_cycle,
    is_time_limited,
    position,
)
from ssa_engine.core.programmes import ClaimRules, CqrRules, NoticeRules
from tests.core.banks import RULES

ALWAYS = CqrRules(time_limited_from=None, period_years=10, window_years=3)
REGISTRY = CqrRules(
    time_limited_from=dt.date(2011, 1, 1),
    period_years=10,
    window_years=3,
    time_zone="America/Chicago",
    notices=NoticeRules(before_opening_days=(90, 30), before_due_days=(365, 180, 90, 30)),
    claims=ClaimRules(submit_by_days=14),
)
ONE_DAY = dt.timedelta(days=1)
day = dt.date
EARNED = day(2018, 6, 1)
FIRST = Cycle(1, EARNED, day(2025, 6, 1), day(2028, 5, 18), day(2028, 6, 1))
SECOND = Cycle(2, day(2028, 6, 1), day(2035, 6, 1), day(2038, 5, 18), day(2038, 6, 1))


def found(
    today: dt.date,
    earned_on: dt.date = EARNED,
    rules: CqrRules = RULES,
    happenings: Sequence[Happening] = (),
    recorded_on: dt.date | None = None,
) -> Position:
    """Return the position, which there must be."""
    stands = position(today, earned_on, rules, happenings, recorded_on)
    assert stands is not None
    return stands


def completed(on: dt.date, cycle: int = 1) -> Happening:
    return Happening(CycleEvent.COMPLETED, cycle, on)


def reinstated(on: dt.date, cycle: int = 1) -> Happening:
    return Happening(CycleEvent.REINSTATED, cycle, on)


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
    for today in (EARNED, day(2025, 5, 31), day(2027, 3, 14), day(2028, 6, 1)):
        assert found(today, rules=REGISTRY).cycle == FIRST


@pytest.mark.parametrize(
    ("today", "state", "is_open", "may_work"),
    [
        (day(2018, 6, 1), CycleState.NOT_YET, False, False),
        (day(2025, 5, 31), CycleState.NOT_YET, False, False),
        (day(2025, 6, 1), CycleState.OPEN, True, True),
        (day(2028, 5, 19), CycleState.OPEN, True, True),
        (day(2028, 6, 1), CycleState.OPEN, True, True),
        (day(2028, 6, 2), CycleState.DISCONTINUED, False, True),
        (day(2050, 1, 1), CycleState.DISCONTINUED, False, True),
    ],
)
def test_the_window_is_open_on_its_first_and_its_last_day_and_then_the_credential_is_discontinued(
    today: dt.date, state: CycleState, is_open: bool, may_work: bool
) -> None:
    stands = found(today, rules=REGISTRY)
    assert (stands.cycle, stands.state, stands.may_work) == (FIRST, state, may_work)
    assert stands.cycle.is_open(today) == is_open
    over = state is CycleState.DISCONTINUED
    assert (stands.completed_on, stands.discontinued_on) == (None, day(2028, 6, 2) if over else None)
    assert stands.following == (None if over else SECOND)


def test_a_completed_cycle_stays_until_its_due_day_is_over_and_then_the_next_one_begins() -> None:
    done = [completed(day(2026, 1, 5))]
    assert found(day(2026, 1, 4), rules=REGISTRY, happenings=done).state is CycleState.OPEN
    for today in (day(2026, 1, 5), day(2028, 6, 1)):
        stands = found(today, rules=REGISTRY, happenings=done)
        assert stands == Position(FIRST, CycleState.COMPLETE, day(2026, 1, 5), None, SECOND)
        assert not stands.may_work
    third = Cycle(3, day(2038, 6, 1), day(2045, 6, 1), day(2048, 5, 18), day(2048, 6, 1))
    after = found(day(2028, 6, 2), rules=REGISTRY, happenings=done)
    assert after == Position(SECOND, CycleState.NOT_YET, following=third)
    both = [*done, completed(day(2038, 6, 1), 2)]
    assert found(day(2038, 6, 2), rules=REGISTRY, happenings=both).cycle == third


def test_the_last_day_is_in_time_and_the_day_after_is_not() -> None:
    assert found(day(2028, 6, 2), happenings=[completed(day(2028, 6, 1))]).cycle.number == 2
    late = found(day(2028, 6, 2), happenings=[completed(day(2028, 6, 2))])
    assert (late.cycle.number, late.state, late.completed_on) == (1, CycleState.DISCONTINUED, day(2028, 6, 2))
    assert not late.may_work


def test_work_goes_on_in_a_discontinued_cycle_and_a_reinstatement_begins_the_next_one() -> None:
    happened = [
        Happening(CycleEvent.DISCONTINUED, 1, day(2028, 6, 2)),
        completed(day(2029, 2, 10)),
        reinstated(day(2029, 2, 28)),
    ]
    over = day(2028, 6, 2)
    for today in (day(2028, 6, 2), day(2029, 2, 9)):
        stands = found(today, rules=REGISTRY, happenings=happened)
        assert stands == Position(FIRST, CycleState.DISCONTINUED, None, over)
    for today in (day(2029, 2, 10), day(2029, 2, 27)):
        assert found(today, rules=REGISTRY, happenings=happened) == Position(
            FIRST, CycleState.DISCONTINUED, day(2029, 2, 10), over
        )
    begun = Cycle(2, day(2029, 2, 28), day(2036, 2, 28), day(2039, 2, 14), day(2039, 2, 28))
    assert first_cycle(2, day(2029, 2, 28), REGISTRY) == begun
    again = Cycle(3, day(2039, 2, 28), day(2046, 2, 28), day(2049, 2, 14), day(2049, 2, 28))
    assert found(day(2029, 2, 28), rules=REGISTRY, happenings=happened) == Position(
        begun, CycleState.NOT_YET, following=again
    )
    assert found(day(2039, 2, 28), rules=REGISTRY, happenings=happened).state is CycleState.OPEN
    assert found(day(2039, 3, 1), rules=REGISTRY, happenings=happened).discontinued_on == day(2039, 3, 1)


def test_a_second_discontinuation_is_counted_from_the_second_reinstatement() -> None:
    happened = [completed(day(2029, 1, 1)), reinstated(day(2029, 1, 1))]
    happened += [completed(day(2039, 5, 1), 2), reinstated(day(2040, 2, 29), 2)]
    stands = found(day(2049, 7, 1), rules=REGISTRY, happenings=happened)
    assert stands.cycle == Cycle(3, day(2040, 2, 29), day(2047, 2, 28), day(2050, 2, 14), day(2050, 2, 28))


def test_a_credential_earned_on_a_leap_day_keeps_its_day_where_the_year_has_it() -> None:
    first = found(day(2020, 1, 1), day(2012, 2, 29)).cycle
    assert (first.opens_on, first.due_on) == (day(2019, 2, 28), day(2022, 2, 28))
    second = found(day(2022, 3, 1), day(2012, 2, 29), happenings=[completed(day(2022, 2, 28))]).cycle
    # 2032 is a leap year: the second cycle is counted from the day it was earned, not from the shortened one.
    assert second == Cycle(2, day(2022, 2, 28), day(2029, 2, 28), day(2032, 2, 29), day(2032, 2, 29))


@pytest.mark.parametrize(
    ("earned_on", "limited"),
    [(day(2010, 12, 31), False), (day(2011, 1, 1), True), (day(1985, 5, 5), False), (day(2026, 1, 1), True)],
)
def test_a_credential_earned_before_2011_has_no_time_limit(earned_on: dt.date, limited: bool) -> None:
    assert is_time_limited(earned_on, RULES) == limited
    assert (position(day(2027, 3, 14), earned_on, RULES) is not None) == limited


def test_a_discipline_without_a_first_day_is_always_time_limited() -> None:
    assert is_time_limited(day(1985, 5, 5), ALWAYS)
    stands = found(day(2027, 3, 14), day(1985, 5, 5), ALWAYS, recorded_on=day(2026, 11, 26))
    assert stands.cycle == Cycle(5, day(2025, 5, 5), day(2032, 5, 5), day(2035, 5, 5), day(2035, 5, 5))


def test_cycles_due_before_the_credential_came_into_the_system_are_settled_elsewhere() -> None:
    def number(today: dt.date, recorded_on: dt.date | None, *happened: Happening) -> tuple[int, CycleState]:
        stands = found(today, rules=REGISTRY, happenings=happened, recorded_on=recorded_on)
        return stands.cycle.number, stands.state

    today = day(2030, 1, 1)
    assert number(today, None) == (1, CycleState.DISCONTINUED)
    assert number(today, day(2028, 6, 1)) == (1, CycleState.DISCONTINUED)  # its last day was still to come here
    assert number(today, day(2028, 6, 2)) == (2, CycleState.NOT_YET)
    assert number(day(2027, 1, 1), today) == (1, CycleState.OPEN)  # looking back, it was its cycle
    assert number(today, day(2028, 6, 2), completed(day(2029, 1, 1))) == (1, CycleState.DISCONTINUED)
    assert number(day(2060, 1, 1), day(2039, 1, 1)) == (3, CycleState.DISCONTINUED)


def test_several_credentials_of_one_person_have_each_its_own_dates() -> None:
    held = {"RAD": day(2009, 5, 4), "CT": day(2018, 6, 1), "MRI": day(2019, 12, 31)}
    today = day(2026, 11, 26)
    stands = {name: position(today, earned_on, REGISTRY) for name, earned_on in held.items()}
    assert stands["RAD"] is None
    opens = {name: (one.cycle.opens_on, one.cycle.due_on, one.state) for name, one in stands.items() if one}
    assert opens == {
        "CT": (day(2025, 6, 1), day(2028, 6, 1), CycleState.OPEN),
        "MRI": (day(2026, 12, 31), day(2029, 12, 31), CycleState.NOT_YET),
    }


def test_other_boards_have_other_periods() -> None:
    rules = CqrRules(time_limited_from=day(2020, 1, 1), period_years=4, window_years=1)
    stands = found(day(2027, 3, 14), day(2020, 2, 29), rules, [completed(day(2024, 2, 29))])
    assert stands.cycle == Cycle(2, day(2024, 2, 29), day(2027, 2, 28), day(2028, 2, 29), day(2028, 2, 29))


@pytest.mark.parametrize(
    ("zone", "last", "first"),
    [
        # 1 June 2028 in Chicago ends at 05:00 UTC, in summer time; in Auckland, 12 hours ahead, at noon UTC.
        ("America/Chicago", "2028-06-02T04:59:59.999999", "2028-06-02T05:00:00"),
        ("Pacific/Auckland", "2028-06-01T11:59:59.999999", "2028-06-01T12:00:00"),
        ("UTC", "2028-06-01T23:59:59.999999", "2028-06-02T00:00:00"),
    ],
)
def test_a_deadline_is_the_end_of_its_day_where_the_programme_is(zone: str, last: str, first: str) -> None:
    rules = REGISTRY.model_copy(update={"time_zone": zone})
    rules = CqrRules.model_validate(rules.model_dump())
    for moment, state in ((last, CycleState.OPEN), (first, CycleState.DISCONTINUED)):
        now = dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)
        assert found(rules.today(now), rules=rules).state is state, moment


@pytest.mark.parametrize(
    ("changes_on", "begins", "ends"),
    [
        (day(2027, 3, 14), "2027-03-14T06:00", "2027-03-15T05:00"),  # 23 hours: the clock goes forward
        (day(2027, 11, 7), "2027-11-07T05:00", "2027-11-08T06:00"),  # 25 hours: it goes back
    ],
    ids=["spring", "autumn"],
)
def test_a_day_on_which_the_clock_changes_is_one_day(changes_on: dt.date, begins: str, ends: str) -> None:
    begin, end = (dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC) for text in (begins, ends))
    moments = (begin - dt.timedelta.resolution, begin, end - dt.timedelta.resolution, end)
    days = [REGISTRY.today(moment) for moment in moments]
    assert days == [changes_on - ONE_DAY, changes_on, changes_on, changes_on + ONE_DAY]


@given(st.dates(day(2011, 1, 1), day(2030, 12, 31)), st.integers(0, 60 * 366))
def test_every_day_falls_in_exactly_one_cycle(earned_on: dt.date, later: int) -> None:
    today = earned_on + dt.timedelta(days=later)
    always = [completed(found(earned_on, earned_on).cycle.due_on)]
    while (stands := found(today, earned_on, happenings=always)).state is CycleState.DISCONTINUED:
        always.append(completed(stands.cycle.due_on, stands.cycle.number))
    cycle = stands.cycle
    assert cycle.starts_on < cycle.opens_on < cycle.due_on
    assert cycle.starts_on <= today <= cycle.due_on
    assert cycle.number == 1 or cycle.starts_on < today
    always.append(completed(cycle.due_on, cycle.number))
    after = found(cycle.due_on + ONE_DAY, earned_on, happenings=always).cycle
    assert (after.number, after.starts_on) == (cycle.number + 1, cycle.due_on)


def test_a_window_that_would_open_before_its_period_is_refused() -> None:
    assert CqrRules(time_limited_from=None, period_years=3, window_years=3).window_years == 3
    with pytest.raises(ValueError, match="the window opens before its period begins; give fewer 'window_years'"):
        CqrRules(time_limited_from=None, period_years=3, window_years=4)
