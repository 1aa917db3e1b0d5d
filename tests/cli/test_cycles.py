"""ssa cycles: what falls due on a day, in one line; and reinstatement."""

from __future__ import annotations

import datetime as dt

import pytest

from ssa_engine.actions.banks import Banks
from ssa_engine.storage.db import Database
from tests.actions.lives import AREAS, Life
from tests.cli.shell import Run, ssa
from tests.factories import Clock, add_someone

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture
def clock() -> Clock:
    """The commands ask the real time."""
    return Clock(dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(minutes=5))


@pytest.fixture
def dana(db: Database, banks: Banks, clock: Clock) -> Life:
    """A candidate whose window ended yesterday, with an attempt and credits open."""
    today = banks.library.specs["CT"].cqr.today(clock())
    earned_on = dt.date(today.year - 10, today.month, min(today.day, 28)) - dt.timedelta(days=1)
    life = Life(db, banks, clock, add_someone(db, "dana@test.example", clock=clock, earned_on=earned_on))
    life.profile()
    return life


def line(**counts: int) -> str:
    """Write what a run did."""
    names = ("closed", "released", "completed", "discontinued", "soon", "opened", "due")
    numbers = [counts.get(name, 0) for name in names]
    return (
        "{} attempts closed at the end of their time, {} results released, {} cycles complete, {} credentials "
        "discontinued; told: {} that their window opens soon, {} that it is open, {} that it ends soon.\n"
    ).format(*numbers)


def test_what_falls_due_on_a_day_is_said_in_one_line(database_url: str, db: Database, clock: Clock) -> None:
    add_someone(db, "dana@test.example", clock=clock)

    def tick(day: str) -> Run:
        return ssa("cycles", "tick", "--today", day, database_url=database_url)

    expected = [
        ("2025-03-02", line()),
        ("2025-03-03", line(soon=1)),
        ("2028-05-20", line(opened=1, due=1)),
        ("2028-05-20", line()),
        ("2028-06-02", line(discontinued=1)),
        ("2028-06-02", line()),
    ]
    for day, said in expected:
        run = tick(day)
        assert (run.code, run.err, run.out.startswith(said)) == (0, "", True), (day, run.out)
    assert "--today" in tick("yesterday").sentence(code=2)


def test_a_credential_is_reinstated_from_the_shell(database_url: str, db: Database, dana: Life) -> None:
    def reinstate(*arguments: object) -> Run:
        return ssa("cycles", "reinstate", *arguments, database_url=database_url)

    attempt = dana.finish({AREAS[0]: 1.0})
    refused = reinstate("dana@test.example", "CT").sentence()
    assert refused == "CQR is not complete for this credential yet. It can be reinstated once it is."
    dana.earn(attempt, {AREAS[0]: 1.0})
    assert ssa("cycles", "tick", database_url=database_url).out.startswith(line(completed=1, discontinued=1))
    today = dana.spec.cqr.today(dt.datetime.now(dt.UTC))
    due = dt.date(today.year + 10, today.month, min(today.day, 28))
    told = reinstate("dana@test.example", "ct").out
    assert told.startswith(f"dana@test.example is reinstated in CT from {today}. CQR is next due by {due:%Y-%m}-")
    dana.clock.at = dt.datetime.now(dt.UTC)
    assert dana.position.cycle.number == 2
    assert "nothing to reinstate" in reinstate("dana@test.example", "CT", "--on", "2028-09-20").sentence()
    assert reinstate("no@test.example", "CT").sentence() == "Nobody has the address no@test.example."
    assert reinstate("dana@test.example", "RAD").sentence() == "dana@test.example holds no credential in RAD."
    assert "There is no content specification for 'XX'" in reinstate("dana@test.example", "XX").sentence()
