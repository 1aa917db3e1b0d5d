"""What the tables are made of: names of constraints, UTC times, and columns that many have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String
from sqlalchemy.engine import Dialect

# PostgreSQL sorts NaN above every number, so a range with an upper end keeps it out.
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(sa.TypeDecorator[dt.datetime]):
    """An aware UTC time: `timestamptz` on PostgreSQL, sortable ISO 8601 text on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Return text where the database has no time with a zone."""
        return dialect.type_descriptor(String(27) if dialect.name == "sqlite" else sa.DateTime(timezone=True))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """Refuse a time without a zone; write UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        utc = value.astimezone(dt.UTC)
        return f"{utc.replace(tzinfo=None).isoformat(timespec='microseconds')}Z" if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Read UTC."""
        if value is None:
            return None
        return dt.datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(dt.UTC)


def one_of(column: str, values: Iterable[str], name: str) -> CheckConstraint:
    """A constraint: the column has one of the values."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(str(value)) for value in values)})", name=name)


NUMBER = sa.BigInteger().with_variant(Integer, "sqlite")


def id_column() -> Column[int]:
    """The column of a row's own number."""
    return Column("id", NUMBER, primary_key=True, autoincrement=True)


def reference(name: str, target: str, **options: Any) -> Column[Any]:
    """A column that names a row of another table."""
    return Column(name, ForeignKey(target), nullable=False, **options)


def maybe(name: str, target: str) -> Column[Any]:
    """A column that may name a row of another table by its number."""
    return Column(name, NUMBER, ForeignKey(target))
