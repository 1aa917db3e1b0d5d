"""Periods of a report: what may be written, and which moments each holds."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.report_periods import parse_period

DATES = {
    "2026": ("2026-01-01", "2026-12-31"),
    "2026-Q3": ("2026-07-01", "2026-09-30"),
    "2026-q1": ("2026-01-01", "2026-03-31"),
    "2028-02": ("2028-02-01", "2028-02-29"),
    " 2026-01-15..2026-06-30 ": ("2026-01-15", "2026-06-30"),
    "2026-06-30..2026-06-30": ("2026-06-30", "2026-06-30"),
}


@pytest.mark.parametrize("text", DATES)
def test_a_period_has_a_first_and_a_last_day(text: str) -> None:
    found = parse_period(text)
    assert (found.first.isoformat(), found.last.isoformat()) == DATES[text]


@pytest.mark.parametrize(
    "text", ["", "26", "2026-Q5", "2026-13", "2026-02-30..2026-03-01", "2026-01-01", "now", "0001"]
)
def test_what_is_no_period_is_said_with_what_would_be(text: str) -> None:
    with pytest.raises(Invalid, match="is no period"):
        parse_period(text)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Invalid, match="ends before it begins"):
        parse_period("2026-06-30..2026-01-01")


def test_the_first_moment_belongs_to_it_and_the_one_after_its_last_day_does_not() -> None:
    period = parse_period("2026-07")
    times = pd.Series(
        [
            dt.datetime(2026, 6, 30, 23, 59, 59, tzinfo=dt.UTC),
            dt.datetime(2026, 7, 1, tzinfo=dt.UTC),
            dt.datetime(2026, 7, 31, 23, 59, 59, tzinfo=dt.UTC),
            dt.datetime(2026, 8, 1, tzinfo=dt.UTC),
            None,
        ]
    )
    assert period.holds(times).tolist() == [False, True, True, False, False]


def test_a_title_says_days_in_words_and_a_year_by_its_number() -> None:
    assert parse_period("2026-Q3").title == "2026-Q3"
    assert parse_period("2026-01-01..2026-06-30").title == "1 January 2026 to 30 June 2026"
