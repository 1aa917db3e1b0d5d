"""The workload of reviewers against values worked by hand, and percentiles against a reference package."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.core.programmes import ClaimRules, CqrRules
from ssa_engine.core.workload import (
    Decision,
    Pace,
    Unreleased,
    by_reviewer,
    by_week,
    monday_of,
    overall,
    percentile,
    promises,
)

CHICAGO = CqrRules(
    time_limited_from=None,
    period_years=10,
    window_years=3,
    time_zone="America/Chicago",
    results_days=14,
    claims=ClaimRules(review_days=14),
)
SILENT = CqrRules(time_limited_from=None, period_years=10, window_years=3)
RULES = {"CT": CHICAGO, "RAD": SILENT}


def at(day: str, hour: int = 12) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")


def decision(submitted: str, decided: str, *, by: str = "a@x", promised: str | None = None, hour: int = 12) -> Decision:
    promised_by = dt.date.fromisoformat(promised) if promised else None
    return Decision("CT", at(submitted), promised_by, at(decided, hour), by)


def figures(pace: Pace | None) -> tuple[float, ...]:
    """Decided, late, median and ninetieth."""
    assert pace is not None
    return pace.decided, pace.late, pace.median_days, pace.ninetieth_days


def test_percentiles_of_five_values_are_those_worked_by_hand() -> None:
    days = [8.0, 1.0, 2.0, 4.0, 3.0]
    assert percentile(days, 0.5) == 3.0
    assert percentile(days, 0.9) == pytest.approx(4 + 0.6 * 4)  # at 3.6 of 0..4: between 4 and 8
    assert percentile([5.0], 0.9) == 5.0
    with pytest.raises(ValueError, match="nothing has no percentile"):
        percentile([], 0.5)


@given(st.lists(st.floats(0, 400), min_size=1, max_size=30), st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]))
def test_percentiles_are_those_of_numpy(values: list[float], share: float) -> None:
    assert percentile(values, share) == pytest.approx(float(np.percentile(values, 100 * share)))


def test_the_week_begins_on_monday() -> None:
    assert [monday_of(dt.date(2027, 3, day)) for day in (14, 15, 21)] == [
        dt.date(2027, 3, 8),
        dt.date(2027, 3, 15),
        dt.date(2027, 3, 15),
    ]


def test_decisions_fall_into_weeks_with_their_pace() -> None:
    decisions = [
        decision("2027-03-01", "2027-03-09", promised="2027-03-15"),  # 8 days, week of the 8th
        decision("2027-03-08", "2027-03-10", promised="2027-03-22"),  # 2 days, week of the 8th
        decision("2027-03-01", "2027-03-16", promised="2027-03-15"),  # 15 days, late, week of the 15th
        decision("2027-01-01", "2027-01-02"),  # before the weeks asked for
    ]
    found = by_week(decisions, RULES, dt.date(2027, 3, 17), weeks=3)
    assert list(found) == [dt.date(2027, 3, 1), dt.date(2027, 3, 8), dt.date(2027, 3, 15)]
    empty, second, third = found.values()
    assert empty is None
    assert figures(second) == pytest.approx((2, 0, 5.0, 2 + 0.9 * 6))
    assert figures(third) == (1, 1, 15.0, 15.0)


def test_the_day_of_a_decision_is_that_where_the_programme_is() -> None:
    """At 03:00 UTC of Monday the 15th it is Sunday evening in Chicago: still the week of the 8th, and not late."""
    late = decision("2027-03-01", "2027-03-15", promised="2027-03-14", hour=3)
    assert not late.is_late(CHICAGO)
    assert late.is_late(None)
    found = by_week([late], RULES, dt.date(2027, 3, 15), weeks=2)
    assert {monday: pace and pace.decided for monday, pace in found.items()} == {
        dt.date(2027, 3, 8): 1,
        dt.date(2027, 3, 15): None,
    }


def test_each_reviewer_has_a_pace_of_their_own() -> None:
    decisions = [
        decision("2027-03-01", "2027-03-03", by="b@x"),
        decision("2027-03-01", "2027-03-05", by="a@x"),
        decision("2027-03-01", "2027-03-11", by="a@x", promised="2027-03-10"),
    ]
    found = by_reviewer(decisions, RULES)
    assert list(found) == ["a@x", "b@x"]
    assert figures(found["a@x"]) == pytest.approx((2, 1, 7.0, 4 + 0.9 * 6))
    assert figures(found["b@x"]) == (1, 0, 2.0, 2.0)
    assert figures(overall(decisions, RULES)) == pytest.approx((3, 1, 4.0, 4 + 0.8 * 6))
    assert overall([], RULES) is None


def unreleased(number: int, submitted: str, discipline: str = "CT") -> Unreleased:
    return Unreleased(number, 1, "Ann", discipline, at(submitted))


def test_results_whose_promise_is_near_or_broken_come_with_their_day_the_most_urgent_first() -> None:
    """On 20 March: submitted on the 5th was due on the 19th, on the 6th is due today, on the 9th in three days."""
    waiting = [unreleased(day, f"2027-03-{day:02}") for day in (9, 10, 5, 6)] + [unreleased(1, "2026-01-01", "RAD")]
    found = promises(waiting, RULES, at("2027-03-20"))
    assert [(one.of.attempt_id, one.promised_by, one.days_left, one.is_broken) for one in found] == [
        (5, dt.date(2027, 3, 19), -1, True),
        (6, dt.date(2027, 3, 20), 0, False),
        (9, dt.date(2027, 3, 23), 3, False),
    ]
