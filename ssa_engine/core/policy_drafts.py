"""A draft of a policy: its states on the way to a published version, and what sets two policies apart."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from ssa_engine.core.policies import Policy


class DraftState(StrEnum):
    """Where a draft stands. A proposed one waits for another person to publish it."""

    OPEN = "open"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """A draft as stored. `from_version` is the latest version when it began; `revision` counts its changes."""

    id: int
    discipline: str
    title: str
    policy: Policy
    from_version: int
    revision: int
    state: DraftState
    created_by: str
    created_at: dt.datetime
    changed_by: str
    changed_at: dt.datetime
    reason: str
    effective_at: dt.datetime | None
    proposed_by: str
    proposed_at: dt.datetime | None
    published_version: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two policies say differently; None where one of them does not say it.

    `part` is standards, decision, credits, true_score_prior, augmentation, release, release_after_days or record;
    `name` the content area or the field within the part, empty where the part is one thing.
    """

    part: str
    name: str
    before: object
    after: object


PARTS = (
    "standards",
    "decision",
    "augmentation",
    "true_score_prior",
    "credits",
    "release",
    "release_after_days",
    "record",
)


def compare(before: Policy, after: Policy) -> list[Difference]:
    """Return what sets two policies apart, part by part; standards in the order of `after`."""
    found = []
    for part in PARTS:
        old, new = _fields(before, part), _fields(after, part)
        names = [*new, *(name for name in old if name not in new)]
        found += [
            Difference(part, name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)
        ]
    return found


def _fields(policy: Policy, part: str) -> dict[str, object]:
    """Return the fields of a part, or the part itself under an empty name."""
    value = policy.model_dump(mode="json")[part]
    if value is None:
        return {}
    return dict(value) if isinstance(value, dict) else {"": value}
