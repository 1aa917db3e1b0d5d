"""The tables of the CQR process: cycles, mail, profiles, CE activities, claims and certificates, completion."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Float, Index, Integer, String, Table, Text, UniqueConstraint

from ssa_engine.core.claims import ClaimState
from ssa_engine.core.cycles import CycleEvent
from ssa_engine.core.mail import MailState
from ssa_engine.storage.columns import UtcTime, id_column, maybe, metadata, one_of, reference

cycle_events = Table(
    "cycle_events",
    metadata,
    id_column(),
    reference("credential_id", "credentials.id"),
    Column("cycle", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("happened_on", sa.Date, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    UniqueConstraint("credential_id", "cycle", "kind"),
    one_of("kind", CycleEvent, "kind_known"),
    CheckConstraint("cycle >= 1", name="cycle_from_1"),
)

completion_records = Table(
    "completion_records",
    metadata,
    id_column(),
    reference("credential_id", "credentials.id"),
    Column("cycle", Integer, nullable=False),
    Column("code", String(24), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("discipline", String(20), nullable=False),
    Column("completed_on", sa.Date, nullable=False),
    Column("next_due_on", sa.Date, nullable=False),
    Column("issued_at", UtcTime, nullable=False),
    Column("voided_at", UtcTime),
    Index(None, "credential_id", "cycle"),
)

allowed_attempts = Table(
    "allowed_attempts",
    metadata,
    reference("credential_id", "credentials.id", primary_key=True),
    Column("cycle", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("allowed_by", String(254), nullable=False),
    Column("allowed_at", UtcTime, nullable=False),
    CheckConstraint("cycle >= 1 AND number >= 2", name="beyond_the_first"),
)

mail = Table(
    "mail",
    metadata,
    id_column(),
    reference("notice_id", "notices.id", unique=True),
    Column("message_id", String(200), nullable=False, unique=True),
    Column("state", String(20), nullable=False, server_default=MailState.WAITING),
    Column("not_before", UtcTime, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("tried_at", UtcTime),
    Column("sent_at", UtcTime),
    Column("trouble", Text, nullable=False, server_default=""),
    one_of("state", MailState, "state_known"),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_when"),
    Index(None, "state", "not_before"),
)

profiles = Table(
    "profiles",
    metadata,
    id_column(),
    reference("credential_id", "credentials.id"),
    Column("cycle", Integer, nullable=False),
    Column("discipline", String(20), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("completed_at", UtcTime),
    Column("breadth", Integer),
    Column("depth", Integer),
    UniqueConstraint("credential_id", "cycle"),
    CheckConstraint("(completed_at IS NULL) = (breadth IS NULL)", name="breadth_when_complete"),
    CheckConstraint("(completed_at IS NULL) = (depth IS NULL)", name="depth_when_complete"),
    Index(None, "discipline", "completed_at"),
)

profile_answers = Table(
    "profile_answers",
    metadata,
    reference("profile_id", "profiles.id", primary_key=True),
    Column("activity", String(64), primary_key=True),
    Column("frequency", Integer, nullable=False),
    Column("answered_at", UtcTime, nullable=False),
)

activities = Table(
    "activities",
    metadata,
    id_column(),
    Column("code", String(64), nullable=False, unique=True),
    Column("title", String(300), nullable=False),
    Column("sponsor", String(200), nullable=False),
    Column("format", String(20), nullable=False),
    Column("credits", Float, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("cost", Float, nullable=False),
    Column("starts_on", sa.Date),
    Column("ends_on", sa.Date),
    Column("mechanism", String(100), nullable=False, server_default=""),
    Column("biennium", sa.Boolean(create_constraint=True, name="biennium_bool"), nullable=False),
    Column("url", Text, nullable=False, server_default=""),
    Column("withdrawn_at", UtcTime),
    CheckConstraint("credits > 0 AND credits <= 1000", name="credits_in_range"),
    CheckConstraint("minutes > 0 AND cost BETWEEN 0 AND 1000000", name="length_and_cost"),
    CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    Index(None, "sponsor"),
)

activity_credits = Table(
    "activity_credits",
    metadata,
    reference("activity_id", "activities.id", primary_key=True),
    Column("discipline", String(20), primary_key=True),
    Column("content_area", String(100), primary_key=True),
    Column("credits", Float, nullable=False),
    CheckConstraint("credits > 0 AND credits <= 1000", name="credits_in_range"),
    Index(None, "discipline", "content_area"),
)

plan_choices = Table(
    "plan_choices",
    metadata,
    reference("attempt_id", "attempts.id", primary_key=True),
    reference("activity_id", "activities.id", primary_key=True),
    Column("choice", String(10), nullable=False),
    Column("chosen_at", UtcTime, nullable=False),
    one_of("choice", ("in", "out"), "choice_known"),
)

claims = Table(
    "claims",
    metadata,
    id_column(),
    reference("attempt_id", "attempts.id", index=True),
    maybe("activity_id", "activities.id"),
    Column("title", String(300), nullable=False),
    Column("sponsor", String(200), nullable=False),
    Column("credits", Float, nullable=False),
    Column("finished_on", sa.Date, nullable=False),
    Column("distribution", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("reported_at", UtcTime, nullable=False),
    Column("submitted_at", UtcTime, nullable=False),
    Column("promised_by", sa.Date),
    Column("assigned_to", String(254), nullable=False, server_default=""),
    Column("decided_by", String(254), nullable=False, server_default=""),
    Column("decided_at", UtcTime),
    Column("reason", Text, nullable=False, server_default=""),
    one_of("state", ClaimState, "state_known"),
    CheckConstraint("credits > 0 AND credits <= 1000", name="credits_in_range"),
    CheckConstraint("revision >= 1", name="counted"),
    CheckConstraint("(decided_by = '') = (decided_at IS NULL)", name="decided_by_whom"),
    CheckConstraint("(state IN ('approved', 'rejected')) = (decided_at IS NOT NULL)", name="decided_when"),
    Index(
        "uq_claims_activity_once",
        "attempt_id",
        "activity_id",
        unique=True,
        sqlite_where=sa.text("activity_id IS NOT NULL AND state NOT IN ('rejected', 'withdrawn')"),
        postgresql_where=sa.text("activity_id IS NOT NULL AND state NOT IN ('rejected', 'withdrawn')"),
    ),
    Index(None, "state", "submitted_at"),
)

claim_events = Table(
    "claim_events",
    metadata,
    id_column(),
    reference("claim_id", "claims.id", index=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(254), nullable=False),
    Column("verb", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("detail", Text, nullable=False, server_default="{}"),
    one_of("state", ClaimState, "state_known"),
)

certificates = Table(
    "certificates",
    metadata,
    id_column(),
    reference("claim_id", "claims.id", index=True),
    Column("file", String(80), nullable=False, unique=True),
    Column("media_type", String(60), nullable=False),
    Column("size", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("sent_sha256", String(64), nullable=False, index=True),
    Column("sent_name", String(200), nullable=False),
    Column("added_at", UtcTime, nullable=False),
    CheckConstraint("size > 0 AND pages > 0", name="not_empty"),
)
