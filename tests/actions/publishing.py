"""Policies of CT in tests: published, drafted, and what is stored of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from ssa_engine.actions import policies as actions
from ssa_engine.actions import policy_drafts
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.policies import CreditRule, Policy, PublishedPolicy
from ssa_engine.core.policy_drafts import PolicyDraft
from ssa_engine.storage import policies as rows
from ssa_engine.storage import policy_drafts as draft_rows
from ssa_engine.storage.db import Database
from tests.factories import START, Clock

Publish = Callable[..., PublishedPolicy]
Verb = Callable[..., Any]


def publisher(db: Database, ct: ContentSpec, clock: Clock) -> Publish:
    """Return a way to publish a policy for CT as version `expected` + 1."""

    def go(
        expected: int, *, policy: Policy | None = None, reason: str = "because", who: str = "ingrid", **how: Any
    ) -> PublishedPolicy:
        return actions.publish(
            db,
            ct,
            policy or ct.sample_policy,
            expected_version=expected,
            reason=reason,
            who=who,
            now=clock(),
            **how,
        )

    return go


def flat(ct: ContentSpec, credits: float) -> Policy:
    """Return a policy that can be told from others by its credits."""
    return ct.sample_policy.model_copy(update={"credits": CreditRule(rule="flat", credits=credits)})


def history(db: Database) -> list[tuple[int, str, str]]:
    """Return (version, by, reason) of CT, latest first."""
    with db.read() as connection:
        return [(row.version, row.published_by, row.reason) for row in rows.history(connection, "CT")]


def get(db: Database, version: int) -> PublishedPolicy | None:
    """Return a version of CT."""
    with db.read() as connection:
        return rows.get(connection, "CT", version)


def in_force(db: Database, at: dt.datetime = START) -> PublishedPolicy | None:
    """Return the version of CT in force at a moment: where the clock stands."""
    with db.read() as connection:
        return rows.in_force(connection, "CT", at)


def scheduled(db: Database, at: dt.datetime = START) -> list[int]:
    """Return the versions of CT that wait, soonest first."""
    with db.read() as connection:
        return [one.version for one in rows.scheduled(connection, "CT", at)]


def creator(db: Database, ct: ContentSpec, clock: Clock) -> Verb:
    """Return a way to create a draft."""

    def go(title: str = "A draft", *, who: str = "ingrid", **origin: Any) -> PolicyDraft:
        return policy_drafts.create(db, ct, title=title, who=who, now=clock(), **origin)

    return go


def doer(db: Database, ct: ContentSpec, clock: Clock) -> Verb:
    """Return a way to save, propose, withdraw, discard or publish a draft, of the revision that is passed."""

    def go(verb: str, draft: PolicyDraft, *more: Any, who: str = "ingrid", **how: Any) -> Any:
        how = {"revision": draft.revision} | how
        return getattr(policy_drafts, verb)(db, ct, draft.id, *more, who=who, now=clock(), **how)

    return go


def stored(db: Database, draft: PolicyDraft) -> PolicyDraft | None:
    """Return a draft as it is stored."""
    with db.read() as connection:
        return draft_rows.get(connection, draft.id)
