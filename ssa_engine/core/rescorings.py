"""Rescoring sessions: what may be changed about an item, the states of a session, why a result came about."""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """Why a result came about."""

    SUBMISSION = "submission"
    RESCORING = "rescoring"
    INCREASE = "increase"
    REVERT = "revert"


class RescoringState(StrEnum):
    """Where a rescoring session stands."""

    DRAFT = "draft"
    APPLYING = "applying"
    APPLIED = "applied"
    REVERTING = "reverting"
    REVERTED = "reverted"


class ItemChange(StrEnum):
    """What a session changes about an item: its key, full credit to all, no longer scored, scored again."""

    KEY = "key"
    FULL_CREDIT = "full_credit"
    DROP = "drop"
    RE_ADD = "re_add"


class IncreaseDecision(StrEnum):
    """What was decided about an attempt whose credits would increase."""

    NOT_NEEDED = "not_needed"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
