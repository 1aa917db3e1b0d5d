"""Statements of the answering path: compiled once per dialect, run on the driver's own cursor.

SQLAlchemy's execution layer costs about a millisecond an answer there, four times the database itself. A
`Prepared` keeps SQLAlchemy as the language and the types, and skips that layer.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect

Processor = Callable[[Any], Any]


@dataclass(frozen=True)
class _Compiled:
    sql: str
    defaults: dict[str, Any]
    order: tuple[str, ...] | None
    writers: dict[str, Processor]


@dataclass(frozen=True, slots=True)
class Door:
    """All that a prepared statement needs of a connection. SQLAlchemy's own has it too, and costs more to open."""

    dialect: Dialect
    connection: Any


class Prepared:
    """A Core statement whose parameters are given by name."""

    def __init__(self, statement: sa.sql.ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}
        self._readers: dict[str, tuple[tuple[int, Processor], ...]] = {}
        columns = statement.selected_columns.keys() if isinstance(statement, sa.Select) else []
        self._row: Any = namedtuple("Row", columns) if columns else None  # noqa: PYI024 - the columns are the query's

    def all(self, connection: Connection | Door, **values: Any) -> list[Any]:
        """Run it and return its rows as named tuples."""
        cursor = self._execute(connection, values)
        rows = cursor.fetchall()
        readers = self._readers_of(connection.dialect, cursor)
        cursor.close()
        return [self._read(readers, row) for row in rows]

    def first(self, connection: Connection | Door, **values: Any) -> Any | None:
        """Run it and return its first row, or None."""
        cursor = self._execute(connection, values)
        row = cursor.fetchone()
        readers = self._readers_of(connection.dialect, cursor)
        cursor.close()
        return None if row is None else self._read(readers, row)

    def run(self, connection: Connection | Door, **values: Any) -> int:
        """Run it and return how many rows it touched."""
        cursor = self._execute(connection, values)
        touched: int = cursor.rowcount
        cursor.close()
        return touched

    def _execute(self, connection: Connection | Door, values: dict[str, Any]) -> Any:
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self._statement, dialect)
        given = {**compiled.defaults, **values}
        for name, write in compiled.writers.items():
            given[name] = write(given[name])
        cursor = connection.connection.cursor()
        cursor.execute(compiled.sql, given if compiled.order is None else [given[name] for name in compiled.order])
        return cursor

    def _readers_of(self, dialect: Dialect, cursor: Any) -> tuple[tuple[int, Processor], ...]:
        """Return (column, what turns the driver's value into ours); the driver's own types are known only now."""
        readers = self._readers.get(dialect.name)
        if readers is None:
            columns = self._statement.selected_columns if isinstance(self._statement, sa.Select) else ()
            found = [
                (index, column.type.dialect_impl(dialect).result_processor(dialect, cursor.description[index][1]))
                for index, column in enumerate(columns)
            ]
            readers = self._readers[dialect.name] = tuple((index, read) for index, read in found if read)
        return readers

    def _read(self, readers: tuple[tuple[int, Processor], ...], row: tuple[Any, ...]) -> Any:
        if readers:
            cells = list(row)
            for index, read in readers:
                cells[index] = read(cells[index])
            return self._row._make(cells)
        return self._row._make(row)


def _compile(statement: sa.sql.ClauseElement, dialect: Dialect) -> _Compiled:
    compiled: Any = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    writers = {
        compiled.bind_names[bind]: process
        for bind in compiled.bind_names
        if (process := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    }
    order = tuple(compiled.positiontup) if compiled.positional else None
    return _Compiled(str(compiled), dict(compiled.params), order, writers)
