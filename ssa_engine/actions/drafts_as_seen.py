"""A draft as a person saw it: read to be changed, or a sentence on what happened to it meanwhile."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Conflict, NotFound
from ssa_engine.core.policy_drafts import DraftState, PolicyDraft
from ssa_engine.core.text import Sentence, say
from ssa_engine.storage import policies
from ssa_engine.storage import policy_drafts as rows
from ssa_engine.storage.db import Connection


def draft_of(connection: Connection, spec: ContentSpec, draft_id: int, *, lock: bool = False) -> PolicyDraft:
    """Return a draft of this discipline, or raise `NotFound`."""
    draft = rows.get(connection, draft_id, lock=lock)
    if draft is None or draft.discipline != spec.discipline:
        raise NotFound(
            say(
                "There is no draft {draft} of a {discipline} policy. Look at the list of drafts.",
                draft=draft_id,
                discipline=spec.discipline,
            )
        )
    return draft


def draft_as_seen(
    connection: Connection, spec: ContentSpec, draft_id: int, revision: int, *states: DraftState
) -> PolicyDraft:
    """Return a draft to change, once sure that it is in one of the states and of the revision that the person saw.

    Raises
    ------
    NotFound
        If there is no such draft of this discipline.
    Conflict
        If it is not so any more; the sentence says what happened to it, who did it and when.
    """
    draft = draft_of(connection, spec, draft_id, lock=True)
    if draft.state in states and draft.revision == revision:
        return draft
    raise Conflict(_meanwhile(connection, draft))


def _meanwhile(connection: Connection, draft: PolicyDraft) -> Sentence:
    """Say what happened to a draft, who did it and when."""
    if draft.state is DraftState.PUBLISHED and draft.published_version is not None:
        version = policies.version_of(connection, draft.discipline, draft.published_version)
        return say(
            "Draft {draft} was published as version {version} by {who} on {day} at {time} UTC. A published version "
            "stays as it is; to change it, begin a draft with it.",
            version=draft.published_version,
            **_when(draft, version.published_by if version else "", version.published_at if version else None),
        )
    if draft.state is DraftState.DISCARDED:
        return say(
            "Draft {draft} was discarded by {who} on {day} at {time} UTC. To go on with it, begin a draft with it.",
            **_when(draft, draft.changed_by, draft.changed_at),
        )
    if draft.state is DraftState.PROPOSED:
        return say(
            "Draft {draft} was proposed for publication by {who} on {day} at {time} UTC. Look at it again; to change "
            "it, withdraw it first.",
            **_when(draft, draft.proposed_by, draft.proposed_at),
        )
    return say(
        "Draft {draft} is open, and was last changed by {who} on {day} at {time} UTC, so it may not be what you saw. "
        "Look at it again.",
        **_when(draft, draft.changed_by, draft.changed_at),
    )


def _when(draft: PolicyDraft, who: str, at: dt.datetime | None) -> dict[str, Any]:
    at = at or draft.changed_at
    return {"draft": draft.id, "who": who, "day": at.date(), "time": f"{at:%H:%M}"}
