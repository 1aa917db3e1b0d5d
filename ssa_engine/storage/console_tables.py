"""The tables of the console: policy drafts, rescoring sessions, the ledger of completed credits, notices, groups."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Float, Index, Integer, String, Table, Text, UniqueConstraint

from ssa_engine.core.policy_drafts import DraftState
from ssa_engine.core.rescorings import IncreaseDecision, ItemChange, RescoringState
from ssa_engine.storage.columns import NUMBER, UtcTime, id_column, maybe, metadata, one_of, reference

policy_drafts = Table(
    "policy_drafts",
    metadata,
    id_column(),
    Column("discipline", String(20), nullable=False),
    Column("title", String(200), nullable=False),
    Column("document", Text, nullable=False),
    Column("from_version", Integer, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("state", String(20), nullable=False, server_default=DraftState.OPEN),
    Column("created_by", String(254), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_by", String(254), nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("effective_at", UtcTime),
    Column("proposed_by", String(254), nullable=False, server_default=""),
    Column("proposed_at", UtcTime),
    Column("published_version", Integer),
    sa.ForeignKeyConstraint(["discipline", "published_version"], ["policies.discipline", "policies.version"]),
    one_of("state", DraftState, "state_known"),
    CheckConstraint("revision >= 1 AND from_version >= 0", name="counted"),
    CheckConstraint("(state = 'published') = (published_version IS NOT NULL)", name="published_when"),
    CheckConstraint("(proposed_by = '') = (proposed_at IS NULL)", name="proposed_by_whom"),
    CheckConstraint("state <> 'proposed' OR proposed_at IS NOT NULL", name="proposed_when"),
    Index(None, "discipline", "state"),
)

rescorings = Table(
    "rescorings",
    metadata,
    id_column(),
    Column("discipline", String(20), nullable=False),
    Column("title", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("state", String(20), nullable=False, server_default=RescoringState.DRAFT),
    Column("created_by", String(254), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("applied_by", String(254), nullable=False, server_default=""),
    Column("applied_at", UtcTime),
    Column("reverted_by", String(254), nullable=False, server_default=""),
    Column("reverted_at", UtcTime),
    Column("revert_reason", Text, nullable=False, server_default=""),
    Column("reverted_up_to", NUMBER, nullable=False, server_default="0"),
    one_of("state", RescoringState, "state_known"),
    CheckConstraint("revision >= 1", name="counted"),
    CheckConstraint("(applied_by = '') = (applied_at IS NULL)", name="applied_by_whom"),
    CheckConstraint("(reverted_by = '') = (reverted_at IS NULL)", name="reverted_by_whom"),
    CheckConstraint("(state = 'draft') = (applied_at IS NULL)", name="applied_when"),
    CheckConstraint("(state IN ('reverting', 'reverted')) = (reverted_at IS NOT NULL)", name="reverted_when"),
    Index(None, "discipline", "state"),
)

rescoring_changes = Table(
    "rescoring_changes",
    metadata,
    reference("rescoring_id", "rescorings.id", primary_key=True),
    Column("item_id", String(64), primary_key=True),
    Column("change", String(20), nullable=False),
    Column("key", Text),
    one_of("change", ItemChange, "change_known"),
    CheckConstraint("(change = 'key') = (key IS NOT NULL)", name="key_where_changed"),
)

rescored_attempts = Table(
    "rescored_attempts",
    metadata,
    reference("rescoring_id", "rescorings.id", primary_key=True),
    reference("attempt_id", "attempts.id", primary_key=True),
    reference("before_result_id", "results.id"),
    maybe("after_result_id", "results.id"),
    Column("increase", Float, nullable=False, server_default="0"),
    Column("decision", String(20), nullable=False),
    Column("decided_by", String(254), nullable=False, server_default=""),
    Column("decided_at", UtcTime),
    Column("decision_reason", Text, nullable=False, server_default=""),
    maybe("increase_result_id", "results.id"),
    maybe("revert_result_id", "results.id"),
    one_of("decision", IncreaseDecision, "decision_known"),
    CheckConstraint("(increase > 0) = (decision <> 'not_needed')", name="decided_where_more"),
    CheckConstraint("(decided_by = '') = (decided_at IS NULL)", name="decided_by_whom"),
    CheckConstraint("(decision IN ('accepted', 'declined')) = (decided_at IS NOT NULL)", name="decided_when"),
    Index(None, "decision"),
    Index(None, "attempt_id"),
)

completed_credits = Table(
    "completed_credits",
    metadata,
    id_column(),
    reference("attempt_id", "attempts.id"),
    Column("content_area", String(100), nullable=False),
    Column("credits", Float, nullable=False),
    Column("completed_on", sa.Date, nullable=False),
    Column("source", String(100), nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    UniqueConstraint("attempt_id", "source", "content_area"),
    CheckConstraint("credits > 0 AND credits <= 1000000", name="credits_in_range"),
)

notices = Table(
    "notices",
    metadata,
    id_column(),
    reference("person_id", "people.id", index=True),
    maybe("attempt_id", "attempts.id"),
    Column("kind", String(40), nullable=False),
    Column("key", String(100), nullable=False, unique=True),
    Column("details", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("read_at", UtcTime),
    maybe("credential_id", "credentials.id"),
)

candidate_groups = Table(
    "candidate_groups",
    metadata,
    reference("person_id", "people.id", primary_key=True),
    Column("grouping", String(40), primary_key=True),
    Column("value", String(100), nullable=False),
)

standard_settings = Table(
    "standard_settings",
    metadata,
    id_column(),
    Column("discipline", String(20), nullable=False),
    Column("title", String(200), nullable=False),
    Column("method", String(40), nullable=False),
    Column("sheet", Text, nullable=False),
    Column("settings", Text, nullable=False, server_default="{}"),
    Column("created_by", String(254), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "discipline"),
)
