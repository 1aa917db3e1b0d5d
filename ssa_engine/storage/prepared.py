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
    readers: tuple[tuple[int, Processor], ...]


class Prepared:
    """A Core statement whose parameters are given by name."""

    def __init__(self, statement: sa.sql.ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}
        columns = statement.selected_columns.keys() if isinstance(statement, sa.Select) else []
        self._row: Any = namedtuple("Row", columns) if columns else None  # noqa: PYI024 - the columns are the query's

    def all(self, connection: Connection, **values: Any) -> list[Any]:
        """Run it and return its rows as named tuples."""
        compiled, cursor = self._execute(connection, values)
        rows = cursor.fetchall()
        cursor.close()
        return [self._read(compiled, row) for row in rows]

    def first(self, connection: Connection, **values: Any) -> Any | None:
        """Run it and return its first row, or None."""
        compiled, cursor = self._execute(connection, values)
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else self._read(compiled, row)

    def run(self, connection: Connection, **values: Any) -> int:
        """Run it and return how many rows it touched."""
        _, cursor = self._execute(connection, values)
        touched: int = cursor.rowcount
        cursor.close()
        return touched

    def _execute(self, connection: Connection, values: dict[str, Any]) -> tuple[_Compiled, Any]:
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self._statement, dialect)
        given = {**compiled.defaults, **values}
        for name, write in compiled.writers.items():
            given[name] = write(given[name])
        cursor = connection.connection.cursor()
        cursor.execute(compiled.sql, given if compiled.order is None else [given[name] for name in compiled.order])
        return compiled, cursor

    def _read(self, compiled: _Compiled, row: tuple[Any, ...]) -> Any:
        if compiled.readers:
            cells = list(row)
            for index, read in compiled.readers:
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
    columns = list(statement.selected_columns) if isinstance(statement, sa.Select) else []
    readers = tuple(
        (index, process)
        for index, column in enumerate(columns)
        if (process := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    )
    order = tuple(compiled.positiontup) if compiled.positional else None
    return _Compiled(str(compiled), dict(compiled.params), order, writers, readers)
