"""The tables of a sitting beside its answers: what came before, the evidence, the candidate's tools and wishes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Float, Index, Integer, String, Table, Text

from ssa_engine.core.display import TEXT_SIZES, THEMES
from ssa_engine.core.events import EventKind
from ssa_engine.core.preparations import Outcome
from ssa_engine.storage.columns import UtcTime, id_column, metadata, one_of, reference

preparations = Table(
    "preparations",
    metadata,
    id_column(),
    reference("credential_id", "credentials.id"),
    Column("cycle", Integer, nullable=False),
    Column("began_at", UtcTime, nullable=False),
    Column("agree_by", UtcTime),
    Column("agreed_at", UtcTime),
    Column("outcome", String(20)),
    one_of("outcome", Outcome, "outcome_known"),
    Index(None, "credential_id", "id"),
)

attempt_events = Table(
    "attempt_events",
    metadata,
    id_column(),
    reference("attempt_id", "attempts.id"),
    Column("at", UtcTime, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("position", Integer),
    Column("detail", Text, nullable=False, server_default=""),
    one_of("kind", EventKind, "kind_known"),
    Index(None, "attempt_id", "id"),
)

flags = Table(
    "flags",
    metadata,
    reference("attempt_id", "attempts.id", primary_key=True),
    Column("item_id", String(64), primary_key=True),
)

item_tools = Table(
    "item_tools",
    metadata,
    reference("attempt_id", "attempts.id", primary_key=True),
    Column("item_id", String(64), primary_key=True),
    Column("struck", String(100), nullable=False, server_default=""),
    Column("highlights", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
)

comments = Table(
    "comments",
    metadata,
    id_column(),
    reference("attempt_id", "attempts.id", index=True),
    Column("item_id", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

survey_answers = Table(
    "survey_answers",
    metadata,
    reference("attempt_id", "attempts.id", primary_key=True),
    Column("question_id", String(40), primary_key=True),
    Column("answer", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

preferences = Table(
    "preferences",
    metadata,
    reference("person_id", "people.id", primary_key=True),
    Column("text_size", Integer, nullable=False),
    Column("theme", String(20), nullable=False),
    Column("hide_clock", sa.Boolean(create_constraint=True, name="hide_clock_bool"), nullable=False),
    Column("language", String(10), nullable=False),
    Column("mail_reminders", sa.Boolean, nullable=False, server_default=sa.true()),
    CheckConstraint(f"text_size IN ({', '.join(map(str, TEXT_SIZES))})", name="text_size_known"),
    one_of("theme", THEMES, "theme_known"),
)

accommodations = Table(
    "accommodations",
    metadata,
    reference("person_id", "people.id", primary_key=True),
    Column("time_multiplier", Float, nullable=False),
    Column("extra_minutes", Integer, nullable=False),
    Column("untimed", sa.Boolean(create_constraint=True, name="untimed_bool"), nullable=False),
    Column("extra_breaks", Integer, nullable=False),
    Column("large_text", sa.Boolean(create_constraint=True, name="large_text_bool"), nullable=False),
    CheckConstraint("time_multiplier BETWEEN 1 AND 5", name="multiplier_in_range"),
    CheckConstraint("extra_minutes BETWEEN 0 AND 600 AND extra_breaks BETWEEN 0 AND 10", name="extras_in_range"),
)
