"""Publish a policy: a new version, immutable from then on."""

from __future__ import annotations

import datetime as dt

from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Conflict, Invalid
from ssa_engine.core.policies import Policy, PublishedPolicy
from ssa_engine.storage import audit, policies
from ssa_engine.storage.db import Database


def publish(
    db: Database, spec: ContentSpec, policy: Policy, *, expected_version: int, reason: str, who: str, now: dt.datetime
) -> PublishedPolicy:
    """Publish a policy as the version after `expected_version`, the one in force that the person saw.

    Raises
    ------
    Invalid
        If the standards do not name exactly the content areas of the discipline, there is no reason, or areas are
        decided by expected loss, which letters to candidates cannot explain yet.
    Conflict
        If another version was published meanwhile.
    """
    policy = spec.in_outline_order(policy)
    if not reason.strip():
        raise Invalid("Say why this policy is published; the reason stays with the version.")
    if policy.decision.rule != "raw":
        raise Invalid(
            "A policy that decides by expected loss cannot be published yet: pages to candidates explain decisions by "
            "the raw score. Leave out 'decision' to publish; try expected loss with ssa decisions."
        )
    with db.write() as connection:
        policies.lock(connection, spec.discipline)
        before = policies.in_force(connection, spec.discipline)
        version = before.version if before else 0
        if version != expected_version:
            raise Conflict(
                f"Version {version} of the {spec.discipline} policy is in force, not {expected_version} as you saw it. "
                "Look at it, then publish again."
            )
        published = PublishedPolicy(discipline=spec.discipline, version=version + 1, policy=policy)
        policies.insert(connection, published, reason=reason.strip(), published_by=who, at=now)
        audit.add(
            connection,
            at=now,
            who=who,
            verb="publish",
            noun="policy",
            noun_id=f"{spec.discipline}/{published.version}",
            reason=reason.strip(),
        )
    return published
