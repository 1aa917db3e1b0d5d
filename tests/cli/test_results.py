"""ssa results release: how many wait, then released, each once; a dry run releases none."""

from __future__ import annotations

import datetime as dt

import pytest

from ssa_engine.actions.banks import Banks
from ssa_engine.core.attempts import State
from ssa_engine.storage.db import Database
from tests.actions.lives import AREAS, Life, keys
from tests.actions.sittings import audit_of
from tests.cli.shell import Run, ssa
from tests.factories import Clock, add_someone

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture
def clock() -> Clock:
    """The commands ask the real time; results are promised fourteen days after submission."""
    return Clock(dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=20))


@pytest.fixture
def ids(db: Database, banks: Banks, clock: Clock) -> list[int]:
    """Results of today, of eight days and of twenty days ago, the oldest first; the oldest has credits."""
    found = []
    for number, days in enumerate((12, 8, 0)):
        life = Life(db, banks, clock, add_someone(db, f"waits{number}@test.example", clock=clock))
        found.append(life.finish({} if number else {AREAS[0]: 3.0}, state=State.SUBMITTED))
        clock.advance(days=days)
    return found


def run(database_url: str, *arguments: object) -> Run:
    return ssa("results", "release", *arguments, database_url=database_url)


def told(results: int, with_credits: int, late: int) -> str:
    without = results - with_credits
    return (
        f"{results} results of {results} people wait: {with_credits} with credits, {without} without; "
        f"0 near the promised day, {late} late.\n"
    )


def test_results_are_counted_then_released_once(database_url: str, db: Database, clock: Clock, ids: list[int]) -> None:
    until = (clock() - dt.timedelta(days=7)).date()
    dry = run(database_url, "CT", "--dry-run")
    assert (dry.code, dry.out) == (0, told(3, 1, late=1))
    assert run(database_url, "CT", "--submitted-until", until, "--dry-run").out == told(2, 1, late=1)
    assert audit_of(db, "attempt") == []
    assert run(database_url, "ct", "--submitted-until", until).out == told(2, 1, late=1) + "2 results released.\n"
    assert [(verb, one) for _, verb, one in audit_of(db, "attempt")] == [("release", str(one)) for one in ids[:2]]
    assert run(database_url, "CT").out == told(1, 0, late=0) + "1 result released.\n"
    assert run(database_url, "CT").out == told(0, 0, late=0) + "0 results released.\n"
    assert len(keys(db)) == 3


def test_a_discipline_or_a_day_that_cannot_be_read_is_told(database_url: str) -> None:
    assert "There is no content specification for 'XX'" in run(database_url, "XX").sentence()
    assert "--submitted-until" in run(database_url, "CT", "--submitted-until", "yesterday").sentence(code=2)
