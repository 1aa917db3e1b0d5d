"""Rows of published policies. They are inserted, never changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.policies import Policy, PublishedPolicy
from ssa_engine.storage.tables import policies


def in_force(connection: Connection, discipline: str) -> PublishedPolicy | None:
    """Return the latest published policy of a discipline, or None."""
    query = policies.select().where(policies.c.discipline == discipline).order_by(policies.c.version.desc()).limit(1)
    return _policy(connection.execute(query).first())


def lock(connection: Connection, discipline: str) -> None:
    """Keep others from publishing for this discipline until this transaction ends. SQLite writes one at a time."""
    if connection.dialect.name == "postgresql":
        key = sa.func.hashtextextended(f"policies/{discipline}", 0)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def get(connection: Connection, discipline: str, version: int) -> PublishedPolicy | None:
    """Return one version of a discipline's policy, or None."""
    query = policies.select().where(policies.c.discipline == discipline, policies.c.version == version)
    return _policy(connection.execute(query).first())


def history(connection: Connection, discipline: str) -> list[Any]:
    """Return version, published_at, published_by and reason of every version, latest first."""
    columns = (policies.c.version, policies.c.published_at, policies.c.published_by, policies.c.reason)
    query = sa.select(*columns).where(policies.c.discipline == discipline).order_by(policies.c.version.desc())
    return list(connection.execute(query))


def insert(
    connection: Connection, published: PublishedPolicy, *, reason: str, published_by: str, at: dt.datetime
) -> None:
    """Insert a version."""
    connection.execute(
        policies.insert().values(
            discipline=published.discipline,
            version=published.version,
            document=published.policy.model_dump_json(),
            reason=reason,
            published_by=published_by,
            published_at=at,
        )
    )


def _policy(row: Any) -> PublishedPolicy | None:
    if row is None:
        return None
    policy = Policy.model_validate_json(row.document)
    return PublishedPolicy(discipline=row.discipline, version=row.version, policy=policy)
