"""The doors of the database with many at them: a job that raises, readers beside a writer, increments."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa

from ssa_engine.core.errors import Conflict
from ssa_engine.storage import people
from ssa_engine.storage.db import Connection, Database
from ssa_engine.storage.tables import signin_failures
from tests.factories import Clock
from tests.stories.at_once import at_once

ROUNDS = 10


def count(db: Database, query: sa.Select[Any]) -> int:
    with db.read() as connection:
        return int(connection.execute(query).scalar_one())


def test_a_job_that_raises_disturbs_no_other_and_leaves_nothing(db: Database, clock: Clock) -> None:
    def job(name: str) -> Callable[[Connection], str]:
        def run(connection: Connection) -> str:
            people.add_failure(connection, name, clock())
            if name.startswith("bad"):
                raise Conflict(f"{name} went amiss")
            if name.startswith("worse"):
                connection.execute(signin_failures.insert().values(email=None, at=clock()))
            return name

        return run

    def send(name: str) -> str:
        try:
            return db.write_together(job(name))
        except Conflict as error:
            return str(error)
        except sa.exc.IntegrityError:
            return f"{name} broke a constraint"

    sound: set[str] = set()
    for number in range(ROUNDS):
        names = [f"{kind}-{number}-{index}" for index in range(8) for kind in ("good", "bad", "worse")]
        outcomes = at_once([partial(send, name) for name in names])
        endings = {"good": "", "bad": " went amiss", "worse": " broke a constraint"}
        assert outcomes == [f"{name}{endings[name.partition('-')[0]]}" for name in names]
        sound.update(name for name in names if name.startswith("good"))
    with db.read() as connection:
        stored = list(connection.execute(sa.select(signin_failures.c.email)).scalars())
    assert sorted(stored) == sorted(sound)


def test_reading_waits_for_nobody_who_writes(db: Database, clock: Clock) -> None:
    writing, may_end = threading.Event(), threading.Event()

    def write() -> None:
        with db.write() as connection:
            people.add_failure(connection, "slow@test.example", clock())
            writing.set()
            assert may_end.wait(20)

    query = sa.select(sa.func.count()).select_from(signin_failures)
    for number in range(ROUNDS):
        writing.clear()
        may_end.clear()
        thread = threading.Thread(target=write)
        thread.start()
        assert writing.wait(20)
        began = time.monotonic()
        assert count(db, query) == number, "what is not committed is not seen"
        assert time.monotonic() - began < 5, "a reader that waited would wait for the writer, who waits for us"
        may_end.set()
        thread.join()
        assert count(db, query) == number + 1


def test_four_hundred_increments_at_once_lose_none(db: Database, database_url: str) -> None:
    counters = sa.table("counters", sa.column("n", sa.Integer))
    with db.write() as connection:
        connection.exec_driver_sql("CREATE TABLE counters (n INTEGER NOT NULL)")
        connection.execute(counters.insert().values(n=0))
    other = Database(database_url)  # as another process would have it

    def increment(door: Database) -> None:
        for _ in range(40):
            with door.write() as connection:
                n = connection.execute(sa.select(counters.c.n).with_for_update()).scalar_one()
                connection.execute(counters.update().values(n=n + 1))

    at_once([partial(increment, door) for door in (db, other) * 5])
    assert count(db, sa.select(counters.c.n)) == 400
    other.dispose()
