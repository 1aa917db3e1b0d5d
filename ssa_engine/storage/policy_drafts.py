"""Rows of policy drafts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.policies import Policy
from ssa_engine.core.policy_drafts import DraftState, PolicyDraft
from ssa_engine.storage.console_tables import policy_drafts


def get(connection: Connection, draft_id: int, *, lock: bool = False) -> PolicyDraft | None:
    """Return a draft, or None; with `lock` to change it."""
    query = policy_drafts.select().where(policy_drafts.c.id == draft_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    return None if row is None else _draft(row)


def of_discipline(connection: Connection, discipline: str) -> list[PolicyDraft]:
    """Return all drafts of a discipline, those last changed first."""
    query = (
        policy_drafts.select()
        .where(policy_drafts.c.discipline == discipline)
        .order_by(policy_drafts.c.changed_at.desc(), policy_drafts.c.id.desc())
    )
    return [_draft(row) for row in connection.execute(query).mappings()]


def insert(connection: Connection, *, policy: Policy, **values: Any) -> int:
    """Insert a draft; return its id."""
    document = policy.model_dump_json()
    inserted = policy_drafts.insert().values(document=document, **values).returning(policy_drafts.c.id)
    return int(connection.execute(inserted).scalar_one())


def update(connection: Connection, draft: PolicyDraft, *, policy: Policy | None = None, **values: Any) -> None:
    """Change a draft that was read under a lock; its revision goes up by one."""
    if policy is not None:
        values["document"] = policy.model_dump_json()
    changed = sa.update(policy_drafts).where(policy_drafts.c.id == draft.id)
    connection.execute(changed.values(revision=draft.revision + 1, **values))


def _draft(row: sa.RowMapping) -> PolicyDraft:
    values: dict[str, Any] = {str(name): value for name, value in row.items()}
    policy = Policy.model_validate_json(values.pop("document"))
    return PolicyDraft(**{**values, "policy": policy, "state": DraftState(values["state"])})
