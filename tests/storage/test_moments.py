"""Times in SQL say what Python says, on both databases."""

from __future__ import annotations

import datetime as dt
import random

import pandas as pd
import pytest
import sqlalchemy as sa

from ssa_engine.storage.columns import UtcTime
from ssa_engine.storage.db import Database
from ssa_engine.storage.moments import month_of, quarter_of, seconds_between


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+00:00")


def asked(db: Database, first: dt.datetime, second: dt.datetime) -> tuple[str, int]:
    times = [sa.literal(one, UtcTime()) for one in (first, second)]
    with db.read() as connection:
        month, seconds = connection.execute(sa.select(month_of(times[0]), seconds_between(*times))).one()
    return month, seconds


@pytest.mark.parametrize(
    ("first", "second", "month", "seconds"),
    [
        ("2027-03-14T14:02:11.000000", "2027-03-14T15:02:11.000000", "2027-03", 3600),
        ("2026-12-31T23:59:59.999999", "2027-01-01T00:00:00.499998", "2026-12", 0),
        ("2026-12-31T23:59:59.999600", "2027-01-01T00:00:01.999600", "2026-12", 2),
        ("2027-03-14T00:00:00.000000", "2027-03-14T00:00:00.500000", "2027-03", 0),
        ("2027-03-14T00:00:00.000000", "2027-03-14T00:00:01.500000", "2027-03", 2),
        ("2027-03-14T00:00:00.000000", "2027-03-14T00:00:02.500000", "2027-03", 2),
        ("2027-03-14T00:00:00.900000", "2027-03-14T00:00:02.400001", "2027-03", 2),
    ],
)
def test_months_and_whole_seconds(db: Database, first: str, second: str, month: str, seconds: int) -> None:
    assert asked(db, moment(first), moment(second)) == (month, seconds)


def test_the_seconds_are_those_of_the_exports(db: Database) -> None:
    chance = random.Random(4)
    for _ in range(50):
        first = moment("2027-01-01T00:00:00") + dt.timedelta(microseconds=chance.randrange(10**14))
        second = first + dt.timedelta(microseconds=chance.randrange(10**10))
        used = pd.Series([second]) - pd.Series([first])
        assert asked(db, first, second)[1] == int(used.dt.total_seconds().round()[0])


def test_months_lie_in_their_quarters(db: Database) -> None:
    times = [sa.literal(moment(f"2027-{month:02}-28T23:59:59"), UtcTime()) for month in (1, 3, 4, 6, 7, 9, 10, 12)]
    with db.read() as connection:
        row = connection.execute(sa.select(*(quarter_of(one).label(f"q{n}") for n, one in enumerate(times)))).one()
    assert [one[-2:] for one in row] == ["Q1", "Q1", "Q2", "Q2", "Q3", "Q3", "Q4", "Q4"]
    assert {one[:5] for one in row} == {"2027 "}
