"""Times in SQL, alike on both databases: the month and the quarter of one, and the whole seconds between two."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

MICROSECONDS = 1_000_000


class month_of(FunctionElement[str]):  # noqa: N801 - reads as the SQL function it is
    """The month of a time in UTC, as '2027-03'."""

    type = sa.String()
    inherit_cache = True


class quarter_of(FunctionElement[str]):  # noqa: N801
    """The quarter of a time in UTC, as '2027 Q1'."""

    type = sa.String()
    inherit_cache = True


class _microseconds_between(FunctionElement[int]):  # noqa: N801
    """From the first time to the second."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(month_of, "sqlite")
def _month_as_text(element: month_of, compiler: SQLCompiler, **given: Any) -> str:
    return f"substr({compiler.process(element.clauses, **given)}, 1, 7)"


@compiles(month_of, "postgresql")
def _month_of_time(element: month_of, compiler: SQLCompiler, **given: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **given)} AT TIME ZONE 'UTC', 'YYYY-MM')"


@compiles(quarter_of, "sqlite")
def _quarter_as_text(element: quarter_of, compiler: SQLCompiler, **given: Any) -> str:
    text = compiler.process(element.clauses, **given)
    return f"(substr({text}, 1, 4) || ' Q' || ((CAST(substr({text}, 6, 2) AS INTEGER) + 2) / 3))"


@compiles(quarter_of, "postgresql")
def _quarter_of_time(element: quarter_of, compiler: SQLCompiler, **given: Any) -> str:
    return f"""to_char({compiler.process(element.clauses, **given)} AT TIME ZONE 'UTC', 'YYYY "Q"Q')"""


@compiles(_microseconds_between, "sqlite")
def _between_texts(element: _microseconds_between, compiler: SQLCompiler, **given: Any) -> str:
    first, second = (compiler.process(one, **given) for one in element.clauses)
    seconds = f"(strftime('%s', substr({second}, 1, 19)) - strftime('%s', substr({first}, 1, 19)))"
    fractions = f"(CAST(substr({second}, 21, 6) AS INTEGER) - CAST(substr({first}, 21, 6) AS INTEGER))"
    return f"({seconds} * {MICROSECONDS} + {fractions})"


@compiles(_microseconds_between, "postgresql")
def _between_times(element: _microseconds_between, compiler: SQLCompiler, **given: Any) -> str:
    first, second = (compiler.process(one, **given) for one in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({second} - {first})) * {MICROSECONDS} AS BIGINT)"


def seconds_between(first: sa.ColumnElement[Any], second: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """Return the seconds from a time to a later one, rounded; half a second to the even one, as in the exports."""
    between: sa.ColumnElement[int] = _microseconds_between(first, second)
    rounded = (between + MICROSECONDS // 2) // MICROSECONDS
    half = sa.and_(between % MICROSECONDS == MICROSECONDS // 2, rounded % 2 == 1)
    return sa.case((half, rounded - 1), else_=rounded)
