"""The tables. Times are UTC; states, ranges and who-with-when are constraints of the database."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Float, Index, Integer, String, Table, Text, UniqueConstraint

from ssa_engine.core.attempts import State
from ssa_engine.core.people import Role
from ssa_engine.core.policies import Decision
from ssa_engine.core.rescorings import Cause
from ssa_engine.storage.columns import UtcTime, id_column, maybe, metadata, one_of, reference

people = Table(
    "people",
    metadata,
    id_column(),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("biennium_from", sa.Date),
    CheckConstraint("email = lower(email)", name="email_lower"),
)

person_roles = Table(
    "person_roles",
    metadata,
    reference("person_id", "people.id", primary_key=True),
    Column("role", String(20), primary_key=True),
    one_of("role", Role, "role_known"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    reference("person_id", "people.id", index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)

signin_failures = Table(
    "signin_failures",
    metadata,
    id_column(),
    Column("email", String(254), nullable=False),
    Column("at", UtcTime, nullable=False),
    Index(None, "email", "at"),
)

credentials = Table(
    "credentials",
    metadata,
    id_column(),
    reference("person_id", "people.id"),
    Column("discipline", String(20), nullable=False),
    Column("earned_on", sa.Date, nullable=False),
    Column("recorded_on", sa.Date),
    UniqueConstraint("person_id", "discipline"),
)

bank_versions = Table(
    "bank_versions",
    metadata,
    Column("version", String(16), primary_key=True),
    Column("discipline", String(20), nullable=False),
    Column("key_version", String(16), nullable=False),
    Column("content", Text, nullable=False),
    Column("stored_at", UtcTime, nullable=False),
)

bank_media = Table(
    "bank_media",
    metadata,
    reference("bank_version", "bank_versions.version", primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("content", sa.LargeBinary, nullable=False),
)

policies = Table(
    "policies",
    metadata,
    Column("discipline", String(20), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("published_by", String(254), nullable=False),
    Column("published_at", UtcTime, nullable=False),
    Column("effective_at", UtcTime),
    Column("proposed_by", String(254), nullable=False, server_default=""),
    CheckConstraint("version >= 1", name="version_from_1"),
)

forms = Table(
    "forms",
    metadata,
    id_column(),
    Column("discipline", String(20), nullable=False),
    reference("bank_version", "bank_versions.version"),
    Column("seed", sa.BigInteger, nullable=False),
    Column("drawn_at", UtcTime, nullable=False),
)

form_items = Table(
    "form_items",
    metadata,
    reference("form_id", "forms.id", primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("item_id", String(64), nullable=False),
    Column("content_area", String(100), nullable=False),
    Column("scored", sa.Boolean(create_constraint=True, name="scored_bool"), nullable=False),
    Column("options", String(100), nullable=False),
    UniqueConstraint("form_id", "item_id"),
    CheckConstraint("position >= 1", name="position_from_1"),
)

attempts = Table(
    "attempts",
    metadata,
    id_column(),
    reference("credential_id", "credentials.id"),
    Column("cycle", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    reference("form_id", "forms.id", unique=True),
    Column("state", String(20), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("seconds_allowed", Integer, nullable=False),
    Column("submitted_at", UtcTime),
    Column("released_at", UtcTime),
    Column("position", Integer, nullable=False),
    Column("items_total", Integer, nullable=False),
    Column("render_token", String(32), nullable=False),
    Column("rendered_at", UtcTime, nullable=False),
    Column("paused_seconds", Float, nullable=False, server_default="0"),
    Column("break_after", String(100), nullable=False, server_default=""),
    Column("break_seconds", Integer, nullable=False, server_default="0"),
    Column("breaks_done", Integer, nullable=False, server_default="0"),
    Column("break_began_at", UtcTime),
    Column("locked_through", Integer, nullable=False, server_default="0"),
    Column("seen_at", UtcTime),
    Column("given_back_seconds", Float, nullable=False, server_default="0"),
    UniqueConstraint("credential_id", "cycle", "number"),
    one_of("state", State, "state_known"),
    CheckConstraint("cycle >= 1 AND number >= 1", name="counted_from_1"),
    CheckConstraint("seconds_allowed > 0", name="time_allowed"),
    CheckConstraint("position BETWEEN 1 AND items_total", name="position_on_form"),
    CheckConstraint("(state = 'in_progress') = (submitted_at IS NULL)", name="submitted_when"),
    CheckConstraint("(state = 'released') = (released_at IS NOT NULL)", name="released_when"),
    CheckConstraint("submitted_at >= started_at", name="submitted_after_start"),
    Index(
        "uq_attempts_one_open",
        "credential_id",
        unique=True,
        sqlite_where=sa.text("state = 'in_progress'"),
        postgresql_where=sa.text("state = 'in_progress'"),
    ),
)

responses = Table(
    "responses",
    metadata,
    id_column(),
    reference("attempt_id", "attempts.id"),
    Column("item_id", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    Column("token", String(32), nullable=False),
    Column("answered_at", UtcTime, nullable=False),
    Column("seconds", Float, nullable=False),
    UniqueConstraint("attempt_id", "token"),
    Column("late", sa.Boolean, nullable=False, server_default=sa.false()),
    CheckConstraint("seconds BETWEEN 0 AND 1000000000", name="seconds_in_range"),
    Index(None, "attempt_id", "item_id", "id"),
)

results = Table(
    "results",
    metadata,
    id_column(),
    reference("attempt_id", "attempts.id"),
    Column("version", Integer, nullable=False),
    Column("discipline", String(20), nullable=False),
    Column("policy_version", Integer, nullable=False),
    reference("bank_version", "bank_versions.version"),
    Column("key_version", String(16), nullable=False),
    Column("scored_at", UtcTime, nullable=False),
    Column("cause", String(20), nullable=False, server_default=Cause.SUBMISSION),
    maybe("rescoring_id", "rescorings.id"),
    UniqueConstraint("attempt_id", "version"),
    one_of("cause", Cause, "cause_known"),
    sa.ForeignKeyConstraint(["discipline", "policy_version"], ["policies.discipline", "policies.version"]),
    CheckConstraint("version >= 1", name="version_from_1"),
)

area_scores = Table(
    "area_scores",
    metadata,
    reference("result_id", "results.id", primary_key=True),
    Column("content_area", String(100), primary_key=True),
    Column("items", Integer, nullable=False),
    Column("correct", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("score_se", Float),
    Column("standard", Float, nullable=False),
    Column("gap", Float, nullable=False),
    Column("below_standard", sa.Boolean(create_constraint=True, name="below_standard_bool"), nullable=False),
    Column("probability_below", Float, nullable=False),
    Column("credits_by_rule", Float, nullable=False),
    Column("credits", Float, nullable=False),
    Column("points", Float, nullable=False, server_default="0"),
    Column("decision", String(20)),
    Column("credits_kept", Float, nullable=False, server_default="0"),
    CheckConstraint("items > 0 AND correct BETWEEN 0 AND items", name="correct_of_items"),
    CheckConstraint("score BETWEEN 0 AND 1 AND standard BETWEEN 0 AND 1 AND gap BETWEEN 0 AND 1", name="proportions"),
    CheckConstraint("probability_below BETWEEN 0 AND 1 AND score_se BETWEEN 0 AND 1", name="uncertainty"),
    CheckConstraint(
        "credits >= 0 AND (credits <= credits_by_rule OR credits <= credits_kept) "
        "AND credits_by_rule <= 1000000 AND credits_kept BETWEEN 0 AND 1000000",
        name="credits_capped",
    ),
    one_of("decision", Decision, "decision_known"),
)

prescriptions = Table(
    "prescriptions",
    metadata,
    id_column(),
    reference("result_id", "results.id", unique=True),
    Column("issued_at", UtcTime, nullable=False),
    Column("due_on", sa.Date, nullable=False),
)

prescription_areas = Table(
    "prescription_areas",
    metadata,
    reference("prescription_id", "prescriptions.id", primary_key=True),
    Column("content_area", String(100), primary_key=True),
    Column("credits", Float, nullable=False),
    Column("sentence", Text, nullable=False),
    CheckConstraint("credits > 0 AND credits <= 1000000", name="credits_in_range"),
)

audit = Table(
    "audit",
    metadata,
    id_column(),
    Column("at", UtcTime, nullable=False),
    Column("who", String(254), nullable=False),
    Column("verb", String(40), nullable=False),
    Column("noun", String(40), nullable=False),
    Column("noun_id", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "noun", "noun_id"),
)
