"""Prepared statements give the same rows as SQLAlchemy's own execution of the same statement."""

from __future__ import annotations

import datetime as dt
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.people import hash_token
from ssa_engine.storage import attempts, people, places
from ssa_engine.storage.columns import UtcTime
from ssa_engine.storage.db import Database
from ssa_engine.storage.prepared import Prepared
from tests.actions.sittings import begin
from tests.factories import Clock, Someone, right, session_of

FEW = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

sample = sa.Table(
    "sample",
    sa.MetaData(),
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("words", sa.Text),
    sa.Column("at", UtcTime),
    sa.Column("day", sa.Date),
    sa.Column("yes", sa.Boolean),
    sa.Column("number", sa.Float),
    sa.Column("raw", sa.LargeBinary),
)
COLUMNS = [column.name for column in sample.columns]
APPEND = Prepared(
    sample.insert().inline().values({name: sa.bindparam(name, type_=sample.c[name].type) for name in COLUMNS})
)
ALL = sa.select(sample).order_by(sample.c.id)
SINCE = ALL.where(sample.c.at >= sa.bindparam("since", type_=UtcTime))
BESIDE = (
    sa.select(sample.c.id, sample.c.words.label("text"), (other := sample.alias("other")).c.at.label("next"))
    .join(other, other.c.id == sample.c.id + 1, isouter=True)
    .order_by(sample.c.id)
)
moments = st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2200, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001
rows = st.lists(
    st.fixed_dictionaries(
        {
            "words": st.none()
            | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12),
            "at": st.none() | moments,
            "day": st.none() | st.dates(dt.date(1970, 1, 1), dt.date(2200, 1, 1)),
            "yes": st.none() | st.booleans(),
            "number": st.none() | st.floats(allow_nan=False, allow_infinity=False, width=64),
            "raw": st.none() | st.binary(max_size=8),
        }
    ),
    max_size=5,
)


def test_rows_of_every_type_are_written_and_read_alike(db: Database) -> None:
    with db.write() as connection:
        sample.create(connection)

    @FEW
    @given(rows, moments)
    def write_and_read(written: list[dict[str, Any]], since: dt.datetime) -> None:
        numbered = [{"id": number, **row} for number, row in enumerate(written, start=1)]
        with db.write() as connection:
            connection.execute(sample.delete())
            assert [APPEND.run(connection, **row) for row in numbered] == [1] * len(numbered)
        with db.read() as connection:
            for statement, values in ((ALL, {}), (SINCE, {"since": since}), (BESIDE, {})):
                core, prepared = connection.execute(statement, values), Prepared(statement)
                expected = [row._asdict() for row in core]
                assert [row._asdict() for row in prepared.all(connection, **values)] == expected
                first = prepared.first(connection, **values)
                assert (first and first._asdict()) == (expected[0] if expected else None)
        assert expected_rows(db) == numbered

    write_and_read()


def expected_rows(db: Database) -> list[dict[str, Any]]:
    with db.read() as connection:
        return [dict(row) for row in connection.execute(ALL).mappings()]


def test_a_change_says_how_many_rows_it_touched(db: Database) -> None:
    update = Prepared(
        sample.update().where(sample.c.id > sa.bindparam("above")).values(words=sa.bindparam("new", type_=sa.Text))
    )
    with db.write() as connection:
        sample.create(connection)
        connection.execute(sample.insert(), [{"id": number, "words": "old"} for number in range(1, 6)])
        assert update.run(connection, above=2, new="new") == 3
        assert update.run(connection, above=9, new="none") == 0
        assert [row["words"] for row in connection.execute(ALL).mappings()] == ["old", "old", "new", "new", "new"]


def test_it_runs_in_the_transaction_of_its_connection(db: Database) -> None:
    blank = dict.fromkeys(COLUMNS)
    with db.write() as connection:
        sample.create(connection)

    def go_amiss() -> None:
        with db.write() as connection:
            APPEND.run(connection, **{**blank, "id": 1})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        go_amiss()
    assert expected_rows(db) == []


def prepared_in(module: ModuleType) -> dict[str, Prepared]:
    return {name: one for name, one in vars(module).items() if isinstance(one, Prepared)}


def test_what_the_answering_path_reads_is_what_core_would_read(
    db: Database, banks: Banks, published: None, clock: Clock, candidate: Someone
) -> None:
    token = session_of(db, candidate, clock())
    sitting = begin(db, banks, clock, candidate)
    attempt, item_id = sitting.attempt, sitting.item(1).id
    sitting.save(1, answer=right(sitting.item(1)), go="flag", note="Why?")
    values = {
        "attempt_id": attempt.id,
        "form_id": attempt.form_id,
        "position": 1,
        "item_id": item_id,
        "token": "t0",
        "token_hash": hash_token(token),
    }
    read = 0
    for name, one in {**prepared_in(attempts), **prepared_in(places), **prepared_in(people)}.items():
        statement = one._statement
        if isinstance(statement, sa.Select):
            own = {key: values[key] for key in statement.compile().params if key in values}
            with db.write() as connection:
                expected = [row._asdict() for row in connection.execute(statement, own)]
                assert [row._asdict() for row in one.all(connection, **own)] == expected, name
            assert expected != [], name
            read += 1
    assert read >= 6


def test_a_lone_thread_reads_while_connections_are_kept_for_looking_and_for_batches(db: Database) -> None:
    narrow = Database(db.url.render_as_string(hide_password=False), pool_size=1)
    one = sa.select(sa.literal(1))
    narrow.write_together(lambda connection: connection.execute(one).scalar_one())
    with narrow.look():
        pass
    with narrow.read() as connection:  # the pool gives up after half a minute if none is free
        assert connection.execute(one).scalar_one() == 1
    narrow.dispose()
