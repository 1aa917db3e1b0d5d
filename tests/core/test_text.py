"""Dates, credits and lists in sentences."""

from __future__ import annotations

import datetime as dt

import pytest

from ssa_engine.core.text import count_credits, listed, long_date


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (dt.date(2027, 3, 4), "4 March 2027"),
        (dt.date(2028, 2, 29), "29 February 2028"),
        (dt.date(2030, 12, 31), "31 December 2030"),
    ],
)
def test_a_date_is_written_out(day: dt.date, written: str) -> None:
    assert long_date(day) == written


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        ([], ""),
        ([3], "3"),
        ([3, 5], "3 and 5"),
        (["a", "b", "c"], "a, b and c"),
        (range(1, 5), "1, 2, 3 and 4"),
    ],
)
def test_a_list_is_written_as_it_is_said(parts: list[object], written: str) -> None:
    assert listed(parts) == written


@pytest.mark.parametrize(
    ("credits", "written"),
    [
        (0.0, "0 credits"),
        (0.5, "0.5 credits"),
        (1.0, "1 credit"),
        (1.5, "1.5 credits"),
        (2.0, "2 credits"),
        (36.0, "36 credits"),
        (12.25, "12.25 credits"),
    ],
)
def test_credits_are_counted(credits: float, written: str) -> None:
    assert count_credits(credits) == written
