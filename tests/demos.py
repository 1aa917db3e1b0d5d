"""A demo cohort in a test database: built once in a process, then poured into the database of each test."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from typing import cast

import sqlalchemy as sa
from psycopg import Connection as PgConnection
from psycopg import sql

from ssa_engine.actions import demo
from ssa_engine.actions.banks import Banks
from ssa_engine.storage.db import Database
from ssa_engine.storage.schema import metadata

_SQLITE: dict[tuple[object, ...], bytes] = {}
_POSTGRESQL: dict[tuple[object, ...], dict[str, bytes]] = {}


def build(db: Database, banks: Banks, *, cohort: int, seed: int, now: dt.datetime) -> None:
    """Build the demo of `actions.demo.build` in an empty, upgraded database."""
    known = _SQLITE if db.is_sqlite else _POSTGRESQL
    key = (cohort, seed, now, tuple(sorted(bank.version for bank in banks.library.banks.values())))
    if key not in known:
        demo.build(db, banks, cohort=cohort, seed=seed, now=now)
    if db.is_sqlite:
        _of_sqlite(db, key)
    else:
        _of_postgresql(db, key)


def _of_sqlite(db: Database, key: tuple[object, ...]) -> None:
    with closing(sqlite3.connect(str(db.url.database))) as file:
        if key not in _SQLITE:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            content = bytearray(file.serialize())
            content[18:20] = b"\x01\x01"  # not in WAL mode, which a database in memory cannot be in
            _SQLITE[key] = bytes(content)
            return
        with closing(sqlite3.connect(":memory:")) as kept:
            kept.deserialize(_SQLITE[key])
            kept.backup(file)


def _of_postgresql(db: Database, key: tuple[object, ...]) -> None:
    tables = metadata.sorted_tables
    with db.write() as connection:
        driver = cast("PgConnection[tuple[object, ...]]", connection.connection.driver_connection)
        if key not in _POSTGRESQL:
            _POSTGRESQL[key] = {one.name: _copied(driver, one) for one in tables}
            return
        for one in tables:
            with driver.cursor() as cursor, cursor.copy(_copy(one, "FROM STDIN")) as copy:
                copy.write(_POSTGRESQL[key][one.name])
            if "id" in one.c and isinstance(one.c.id.type, sa.Integer | sa.BigInteger):
                _count_on(driver, one)


def _copied(driver: PgConnection[tuple[object, ...]], one: sa.Table) -> bytes:
    with driver.cursor() as cursor, cursor.copy(_copy(one, "TO STDOUT")) as copy:
        return b"".join(bytes(part) for part in copy)


def _copy(one: sa.Table, where: str) -> sql.Composed:
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in one.columns)
    return sql.SQL("COPY {} ({}) " + where).format(sql.Identifier(one.name), columns)


def _count_on(driver: PgConnection[tuple[object, ...]], one: sa.Table) -> None:
    """Let new rows be numbered after those that are there."""
    statement = sql.SQL(
        "SELECT setval(pg_get_serial_sequence({}, 'id'), greatest(max(id), 1), max(id) IS NOT NULL) FROM {}"
    )
    driver.execute(statement.format(sql.Literal(one.name), sql.Identifier(one.name)))
