"""Publish a policy: a new version, immutable from then on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ssa_engine.actions.banks import Banks
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Conflict, Invalid, NotAllowed, NotFound
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.policies import Policy, PublishedPolicy
from ssa_engine.core.policy_checks import effective_from, items_without_parameters, require_scorable
from ssa_engine.core.text import say
from ssa_engine.storage import audit, policies
from ssa_engine.storage.db import Connection, Database

A_MOMENT = dt.timedelta(microseconds=1)
"""The least by which two stored times differ."""


def publish(
    db: Database,
    spec: ContentSpec,
    policy: Policy,
    *,
    expected_version: int,
    reason: str,
    who: str,
    now: dt.datetime,
    effective_at: dt.datetime | None = None,
    banks: Banks | None = None,
    second_person: bool = False,
    replace_scheduled: bool = False,
) -> PublishedPolicy:
    """Publish a policy as the version after `expected_version`, the latest that the person saw (0: none yet).

    Parameters
    ----------
    effective_at : datetime, optional
        From when on it holds; at once without it. Never for an attempt that is submitted already: if one was after
        `now`, while this request waited, it holds from just after that.
    banks : Banks, optional
        Needed where the policy decides by item response theory.
    second_person : bool
        Whether two persons have to publish: then only a draft can be.
    replace_scheduled : bool
        Whether it may begin before a version that waits to come into force, which then never will.

    Raises
    ------
    Invalid
        If the standards do not name exactly the content areas of the discipline, there is no reason, it would begin in
        the past, or its rule cannot be applied: scored items without parameters, no population to borrow from.
    Conflict
        If another version was published meanwhile, or it would begin before one that waits.
    NotAllowed
        If two persons have to publish.
    """
    if second_person:
        raise NotAllowed(
            say("Two persons publish a policy here. Make a draft and propose it; then another person can publish it.")
        )
    with db.write() as connection:
        policies.lock(connection, spec.discipline)
        return add_version(
            connection,
            spec,
            policy,
            expected_version=expected_version,
            reason=reason,
            who=who,
            now=now,
            effective_at=effective_at,
            banks=banks,
            replace_scheduled=replace_scheduled,
        )


def add_version(
    connection: Connection,
    spec: ContentSpec,
    policy: Policy,
    *,
    expected_version: int,
    reason: str,
    who: str,
    now: dt.datetime,
    effective_at: dt.datetime | None,
    banks: Banks | None,
    replace_scheduled: bool,
    proposed_by: str = "",
    **detail: Any,
) -> PublishedPolicy:
    """Add a version inside a transaction that holds `policies.lock`. See `publish`; `detail` goes into the trail."""
    policy = spec.in_outline_order(policy)
    if not reason.strip():
        raise Invalid(say("Say why this policy is published; the reason stays with the version."))
    _require_latest(connection, spec, expected_version)
    earliest = _after_submissions(connection, spec.discipline, now)
    waiting = policies.scheduled(connection, spec.discipline, earliest)
    begins = max(earliest, effective_from(effective_at, now, waiting, replace=replace_scheduled))
    for bank in _banks_to_score(connection, spec, policy, banks):
        require_scorable(policy, bank)
    published = PublishedPolicy(discipline=spec.discipline, version=expected_version + 1, policy=policy)
    policies.insert(
        connection, published, reason=reason.strip(), published_by=who, at=now, effective_at=begins,
        proposed_by=proposed_by,
    )  # fmt: skip
    if begins != now:
        detail["effective_at"] = begins.isoformat()
    replaced = [one.version for one in waiting if one.effective_at >= begins]
    if replaced:
        detail["replaces"] = replaced
    audit.add(
        connection, at=now, who=who, verb="publish", noun="policy", noun_id=f"{spec.discipline}/{published.version}",
        reason=reason.strip(), **detail,
    )  # fmt: skip
    return published


def _after_submissions(connection: Connection, discipline: str, now: dt.datetime) -> dt.datetime:
    """Return the first moment from `now` on at which nothing stored under an earlier version was submitted."""
    last = policies.last_submission(connection, discipline, now)
    return now if last is None else last + A_MOMENT


def _require_latest(connection: Connection, spec: ContentSpec, expected: int) -> None:
    """Raise `Conflict` unless the latest version is the one that the person saw; say who published what, and when."""
    versions = policies.history(connection, spec.discipline)
    latest = versions[0] if versions else None
    if (latest.version if latest else 0) == expected:
        return
    if latest is None:
        raise Conflict(
            say(
                "No version of the {discipline} policy is published yet, so version {seen} cannot be the latest.",
                discipline=spec.discipline,
                seen=expected,
            )
        )
    raise Conflict(
        say(
            "Version {version} of the {discipline} policy is the latest, not {seen} as you saw it: {who} published it "
            "on {day} at {time} UTC ({reason}). Look at it, then publish again.",
            version=latest.version,
            discipline=spec.discipline,
            seen=expected,
            who=latest.published_by,
            day=latest.published_at.date(),
            time=f"{latest.published_at:%H:%M}",
            reason=latest.reason,
        )
    )


def _banks_to_score(
    connection: Connection, spec: ContentSpec, policy: Policy, banks: Banks | None
) -> list[ItemBank | None]:
    """Return the banks of attempts that it may score: the present one, and those of attempts under way."""
    if policy.decision.model != "irt" or banks is None:
        return [None]
    under_way = policies.bank_versions_under_way(connection, spec.discipline)
    return [banks.library.bank(spec.discipline), *(banks.at(version) for version in under_way)]


def require_usable(connection: Connection, bank: ItemBank, now: dt.datetime) -> None:
    """Raise `Conflict` unless a policy is in force, and it and those that wait can score attempts on this bank."""
    discipline = bank.discipline
    current = policies.in_force(connection, discipline, now)
    if current is None:
        raise Conflict(
            say(
                "No policy is published for {discipline} yet, so it cannot be started. Try again later.",
                discipline=bank.spec.name,
            )
        )
    waiting = [
        policies.get(connection, discipline, one.version) for one in policies.scheduled(connection, discipline, now)
    ]
    by_irt = any(one is not None and one.policy.decision.model == "irt" for one in (current, *waiting))
    if by_irt and items_without_parameters(bank):
        raise Conflict(
            say(
                "The policy for {discipline} cannot be applied to all of its questions yet, so it cannot be started. "
                "Try again later.",
                discipline=bank.spec.name,
            )
        )


def published_version(connection: Connection, spec: ContentSpec, version: int) -> PublishedPolicy:
    """Return a published version, or raise `NotFound`."""
    found = policies.get(connection, spec.discipline, version)
    if found is None:
        raise NotFound(
            say(
                "There is no version {version} of the {discipline} policy. `ssa policies list` lists what there is.",
                version=version,
                discipline=spec.discipline,
            )
        )
    return found
