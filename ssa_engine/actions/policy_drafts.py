"""Drafts of policies: create, save, propose, withdraw, discard, publish. Each is one transaction with its trail."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.drafts_as_seen import draft_as_seen, draft_of
from ssa_engine.actions.policies import add_version, published_version
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Invalid, NotAllowed, NotFound
from ssa_engine.core.policies import Policy, PublishedPolicy
from ssa_engine.core.policy_drafts import DraftState, PolicyDraft, compare
from ssa_engine.core.text import say
from ssa_engine.storage import audit, policies
from ssa_engine.storage import policy_drafts as rows
from ssa_engine.storage.db import Connection, Database

LONGEST_TITLE = 200
OPEN, PROPOSED = DraftState.OPEN, DraftState.PROPOSED


def create(
    db: Database,
    spec: ContentSpec,
    *,
    title: str,
    who: str,
    now: dt.datetime,
    policy: Policy | None = None,
    version: int | None = None,
    draft_id: int | None = None,
) -> PolicyDraft:
    """Create a draft of a policy (a file, a panel), a version (to revert), another draft, or what is in force.

    Raises
    ------
    Invalid
        If it has no title, more than one origin is named, or its areas are not the discipline's.
    NotFound
        If there is no such version or draft; or, where none is named, no policy in force.
    """
    if sum(origin is not None for origin in (policy, version, draft_id)) > 1:
        raise Invalid(say("A draft begins with one thing: a policy, a version or another draft. Name one of them."))
    with db.write() as connection:
        chosen, origin = _origin(connection, spec, policy, version, draft_id, now)
        latest = policies.history(connection, spec.discipline)
        made = rows.insert(
            connection,
            policy=spec.in_outline_order(chosen),
            discipline=spec.discipline,
            title=_title(title),
            from_version=latest[0].version if latest else 0,
            created_by=who,
            created_at=now,
            changed_by=who,
            changed_at=now,
        )
        _note(connection, spec, made, "create", who, now, title=_title(title), **origin)
        return _stored(connection, made)


def _origin(
    connection: Connection,
    spec: ContentSpec,
    policy: Policy | None,
    version: int | None,
    draft_id: int | None,
    now: dt.datetime,
) -> tuple[Policy, dict[str, int]]:
    if policy is not None:
        return policy, {}
    if draft_id is not None:
        return draft_of(connection, spec, draft_id).policy, {"from_draft": draft_id}
    if version is not None:
        return published_version(connection, spec, version).policy, {"from_version": version}
    current = policies.in_force(connection, spec.discipline, now)
    if current is None:
        raise NotFound(
            say(
                "No policy for {discipline} is in force to begin a draft with. Begin with a file.",
                discipline=spec.discipline,
            )
        )
    return current.policy, {"from_version": current.version}


def save(
    db: Database,
    spec: ContentSpec,
    draft_id: int,
    policy: Policy,
    *,
    revision: int,
    who: str,
    now: dt.datetime,
    title: str | None = None,
) -> PolicyDraft:
    """Save an open draft with these contents. `revision` is the one the person saw.

    Raises
    ------
    Invalid
        If its areas are not the discipline's, or the title is empty.
    Conflict
        If somebody changed it meanwhile (the sentence says who and when), or it is not open.
    """
    ordered = spec.in_outline_order(policy)
    with db.write() as connection:
        draft = draft_as_seen(connection, spec, draft_id, revision, OPEN)
        changes = [".".join(filter(None, (one.part, one.name))) for one in compare(draft.policy, ordered)]
        named = draft.title if title is None else _title(title)
        rows.update(connection, draft, policy=ordered, title=named, changed_by=who, changed_at=now)
        _note(connection, spec, draft_id, "save", who, now, revision=revision + 1, changes=changes)
        return _stored(connection, draft_id)


def propose(
    db: Database,
    spec: ContentSpec,
    draft_id: int,
    *,
    revision: int,
    reason: str,
    who: str,
    now: dt.datetime,
    effective_at: dt.datetime | None = None,
) -> PolicyDraft:
    """Propose an open draft for publication, with the reason and from when on it should hold (None: at once).

    Raises
    ------
    Invalid
        If there is no reason, or it would begin in the past.
    Conflict
        As `save`.
    """
    if not reason.strip():
        raise Invalid(say("Say why this policy is proposed; whoever publishes it reads the reason."))
    if effective_at is not None and effective_at < now:
        raise Invalid(
            say(
                "A policy cannot come into force in the past. Choose {day} or later, or no day: at once.",
                day=now.date(),
            )
        )
    with db.write() as connection:
        draft = draft_as_seen(connection, spec, draft_id, revision, OPEN)
        rows.update(
            connection,
            draft,
            state=PROPOSED,
            reason=reason.strip(),
            effective_at=effective_at,
            proposed_by=who,
            proposed_at=now,
        )
        detail = {"effective_at": effective_at.isoformat()} if effective_at else {}
        _note(connection, spec, draft_id, "propose", who, now, revision=revision + 1, reason=reason.strip(), **detail)
        return _stored(connection, draft_id)


def withdraw(
    db: Database, spec: ContentSpec, draft_id: int, *, revision: int, who: str, now: dt.datetime
) -> PolicyDraft:
    """Take a proposed draft back, so that it can be changed again. Errors as for `save`."""
    with db.write() as connection:
        draft = draft_as_seen(connection, spec, draft_id, revision, PROPOSED)
        rows.update(connection, draft, state=OPEN, proposed_by="", proposed_at=None, changed_by=who, changed_at=now)
        _note(connection, spec, draft_id, "withdraw", who, now, revision=revision + 1)
        return _stored(connection, draft_id)


def discard(
    db: Database, spec: ContentSpec, draft_id: int, *, revision: int, who: str, now: dt.datetime
) -> PolicyDraft:
    """Discard an open or proposed draft. It stays readable. Errors as for `save`."""
    with db.write() as connection:
        draft = draft_as_seen(connection, spec, draft_id, revision, OPEN, PROPOSED)
        rows.update(connection, draft, state=DraftState.DISCARDED, changed_by=who, changed_at=now)
        _note(connection, spec, draft_id, "discard", who, now, revision=revision + 1)
        return _stored(connection, draft_id)


def publish(
    db: Database,
    spec: ContentSpec,
    draft_id: int,
    *,
    revision: int,
    expected_version: int,
    reason: str,
    who: str,
    now: dt.datetime,
    effective_at: dt.datetime | None = None,
    banks: Banks | None = None,
    second_person: bool = False,
    replace_scheduled: bool = False,
) -> PublishedPolicy:
    """Publish a draft as the version after `expected_version`. Parameters as for `actions.policies.publish`.

    Raises
    ------
    Conflict
        If the draft was changed, published or discarded meanwhile, or another version was published.
    NotAllowed
        If two persons have to publish (`second_person`) and this one proposed or last changed the draft, or nobody
        proposed it.
    Invalid
        As `actions.policies.publish`.
    """
    with db.write() as connection:
        policies.lock(connection, spec.discipline)
        draft = draft_as_seen(connection, spec, draft_id, revision, OPEN, PROPOSED)
        if second_person:
            _require_second_person(draft, who)
        published = add_version(
            connection,
            spec,
            draft.policy,
            expected_version=expected_version,
            reason=reason,
            who=who,
            now=now,
            effective_at=effective_at,
            banks=banks,
            replace_scheduled=replace_scheduled,
            proposed_by=draft.proposed_by,
            draft=draft_id,
        )
        rows.update(connection, draft, state=DraftState.PUBLISHED, published_version=published.version)
        _note(connection, spec, draft_id, "publish", who, now, revision=revision + 1, version=published.version)
        return published


def _require_second_person(draft: PolicyDraft, who: str) -> None:
    if draft.state is not PROPOSED:
        raise NotAllowed(
            say("Two persons publish a policy here. Propose the draft; then another person can publish it.")
        )
    if who in (draft.proposed_by, draft.changed_by):
        raise NotAllowed(
            say(
                "Two persons publish a policy here, and you have proposed or last changed draft {draft}. Ask another "
                "person to look at it and to publish it.",
                draft=draft.id,
            )
        )


def _title(title: str) -> str:
    named = " ".join(title.split())
    if not named or len(named) > LONGEST_TITLE:
        raise Invalid(say("Give the draft a title, of at most {longest} characters.", longest=LONGEST_TITLE))
    return named


def _note(
    connection: Connection, spec: ContentSpec, draft_id: int, verb: str, who: str, now: dt.datetime, **detail: Any
) -> None:
    audit.add(
        connection, at=now, who=who, verb=verb, noun="policy_draft", noun_id=draft_id, discipline=spec.discipline,
        **detail,
    )  # fmt: skip


def _stored(connection: Connection, draft_id: int) -> PolicyDraft:
    draft = rows.get(connection, draft_id)
    if draft is None:
        raise LookupError(draft_id)
    return draft
