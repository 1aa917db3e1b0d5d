"""Rows read as columns, on either database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ssa_engine.storage import columnar
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import people
from tests.factories import Clock, add_someone


def test_texts_numbers_and_truths_are_what_the_rows_have(
    db: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columnar, "ROWS_AT_ONCE", 2)
    for place, name in enumerate("bacab"):
        add_someone(db, f"{name}@{place}.example", clock=clock)
    query = sa.select(
        people.c.id,
        people.c.password_hash.label("hash"),
        people.c.name.label("letter"),
        (people.c.id > 2).label("late"),
        (people.c.id * 0.5).cast(sa.Float).label("half"),
    ).order_by(people.c.id)
    with db.read() as connection:
        rows = [tuple(row) for row in connection.execute(query)]
        found = columnar.columns(connection, query)
        assert [row for chunk in columnar.rows(connection, query) for row in chunk] == rows
        empty = columnar.columns(connection, query.where(people.c.id < 0))
    assert len(rows) == 5
    assert found["id"].tolist() == [row[0] for row in rows]
    assert found["hash"].texts == ("!",)
    assert found["letter"].texts == ("a", "b", "c")
    assert found["letter"].codes.tolist() == [1, 0, 2, 0, 1]
    assert found["letter"].categorical().tolist() == [row[2] for row in rows]
    assert (found["late"].dtype, found["late"].tolist()) == (bool, [False, False, True, True, True])
    assert found["half"].tolist() == [row[4] for row in rows]
    assert (empty["letter"].texts, len(empty["letter"].codes)) == ((), 0)
    assert [len(empty[name]) for name in ("id", "late", "half")] == [0, 0, 0]


def test_a_type_that_would_be_misread_is_refused(db: Database) -> None:
    with db.read() as connection, pytest.raises(TypeError, match="created_at"):
        columnar.columns(connection, sa.select(people.c.created_at))
