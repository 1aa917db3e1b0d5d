"""Rows of published policies. They are inserted, never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import State
from ssa_engine.core.policies import Policy, PolicyVersion, PublishedPolicy
from ssa_engine.storage.tables import attempts, credentials, forms, policies

_EFFECTIVE_AT = sa.func.coalesce(policies.c.effective_at, policies.c.published_at, type_=policies.c.published_at.type)
_VERSION = (
    *(policies.c[name] for name in ("discipline", "version", "published_at", "published_by", "proposed_by")),
    _EFFECTIVE_AT.label("effective_at"),
    policies.c.reason,
)


def in_force(connection: Connection, discipline: str, at: dt.datetime) -> PublishedPolicy | None:
    """Return the policy in force at a moment, or None: of the versions that hold by then, the highest."""
    query = (
        policies.select()
        .where(policies.c.discipline == discipline, at >= _EFFECTIVE_AT)
        .order_by(policies.c.version.desc())
        .limit(1)
    )
    return _policy(connection.execute(query).first())


def scheduled(connection: Connection, discipline: str, at: dt.datetime) -> list[PolicyVersion]:
    """Return the versions that will come into force after a moment, soonest first.

    A version that a higher one overtakes never comes into force, so it is not among them.
    """
    coming: list[PolicyVersion] = []
    for one in history(connection, discipline):  # highest first, so each is overtaken by those before it
        if one.effective_at <= at:
            break
        if not coming or one.effective_at < coming[-1].effective_at:
            coming.append(one)
    return coming[::-1]


def lock(connection: Connection, discipline: str, *, shared: bool = False) -> None:
    """Keep others from publishing for this discipline until this transaction ends; SQLite writes one at a time anyway.

    Who stores a result under a policy locks it with others (`shared`), who publishes one locks it alone.
    """
    if connection.dialect.name == "postgresql":
        key = sa.func.hashtextextended(f"policies/{discipline}", 0)
        take = sa.func.pg_advisory_xact_lock_shared if shared else sa.func.pg_advisory_xact_lock
        connection.execute(sa.select(take(key)))


def last_submission(connection: Connection, discipline: str, since: dt.datetime) -> dt.datetime | None:
    """Return when the latest attempt of a discipline was submitted, if that was not before `since`, or None."""
    query = (
        sa.select(sa.func.max(attempts.c.submitted_at, type_=attempts.c.submitted_at.type))
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .where(credentials.c.discipline == discipline, attempts.c.submitted_at >= since)
    )
    return connection.execute(query).scalar()


def get(connection: Connection, discipline: str, version: int) -> PublishedPolicy | None:
    """Return one version of a discipline's policy, or None."""
    query = policies.select().where(policies.c.discipline == discipline, policies.c.version == version)
    return _policy(connection.execute(query).first())


def get_many(connection: Connection, discipline: str, versions: Collection[int]) -> dict[int, Policy]:
    """Return version -> policy, of those of these versions of a discipline that there are."""
    query = policies.select().where(policies.c.discipline == discipline, policies.c.version.in_(sorted(versions)))
    found = (_policy(row) for row in connection.execute(query))
    return {one.version: one.policy for one in found if one is not None}


def version_of(connection: Connection, discipline: str, version: int) -> PolicyVersion | None:
    """Return who published a version, when and why, and from when on it holds; or None."""
    query = sa.select(*_VERSION).where(policies.c.discipline == discipline, policies.c.version == version)
    row = connection.execute(query).first()
    return PolicyVersion(*row) if row else None


def history(connection: Connection, discipline: str) -> list[PolicyVersion]:
    """Return every version of a discipline with who, when and why, the highest first."""
    query = sa.select(*_VERSION).where(policies.c.discipline == discipline).order_by(policies.c.version.desc())
    return [PolicyVersion(*row) for row in connection.execute(query)]


def bank_versions_under_way(connection: Connection, discipline: str) -> list[str]:
    """Return the versions of the item bank that attempts under way were drawn from."""
    query = (
        sa.select(forms.c.bank_version)
        .distinct()
        .join(attempts, attempts.c.form_id == forms.c.id)
        .where(forms.c.discipline == discipline, attempts.c.state == State.IN_PROGRESS)
        .order_by(forms.c.bank_version)
    )
    return list(connection.execute(query).scalars())


def insert(
    connection: Connection,
    published: PublishedPolicy,
    *,
    reason: str,
    published_by: str,
    at: dt.datetime,
    effective_at: dt.datetime | None = None,
    proposed_by: str = "",
) -> None:
    """Insert a version; without `effective_at` it holds at once."""
    connection.execute(
        policies.insert().values(
            discipline=published.discipline,
            version=published.version,
            document=published.policy.model_dump_json(),
            reason=reason,
            published_by=published_by,
            published_at=at,
            effective_at=effective_at or at,
            proposed_by=proposed_by,
        )
    )


def _policy(row: Any) -> PublishedPolicy | None:
    if row is None:
        return None
    policy = Policy.model_validate_json(row.document)
    return PublishedPolicy(discipline=row.discipline, version=row.version, policy=policy)
