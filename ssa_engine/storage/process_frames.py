"""Frames of the CQR process: claims and their credits."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.claims import SOURCE
from ssa_engine.storage.console_tables import completed_credits
from ssa_engine.storage.frames import frame_of, of_discipline
from ssa_engine.storage.process_tables import activities, certificates, claims
from ssa_engine.storage.tables import attempts, credentials

IDS = ("claim_id", "attempt_id", "candidate_id")


def claim_frame(connection: Connection, discipline: str | None = None) -> pd.DataFrame:
    """Return one row per claim, by claim."""
    awarded = (
        sa.select(completed_credits.c.source, sa.func.sum(completed_credits.c.credits).label("credits"))
        .group_by(completed_credits.c.source)
        .subquery()
    )
    files = (
        sa.select(certificates.c.claim_id, sa.func.count().label("files")).group_by(certificates.c.claim_id).subquery()
    )
    query = (
        sa.select(
            claims.c.id.label("claim_id"),
            claims.c.attempt_id,
            credentials.c.person_id.label("candidate_id"),
            credentials.c.discipline,
            sa.func.coalesce(activities.c.code, "").label("activity_code"),
            *(claims.c[name] for name in ("title", "sponsor", "credits", "finished_on", "state", "reported_at")),
            *(claims.c[name] for name in ("submitted_at", "promised_by", "decided_at", "reason")),
            sa.func.coalesce(awarded.c.credits, 0.0).label("credits_awarded"),
            sa.func.coalesce(files.c.files, 0).label("certificates"),
        )
        .join_from(claims, attempts, attempts.c.id == claims.c.attempt_id)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .join(activities, activities.c.id == claims.c.activity_id, isouter=True)
        .join(awarded, awarded.c.source == _source(claims.c.id), isouter=True)
        .join(files, files.c.claim_id == claims.c.id, isouter=True)
        .order_by(claims.c.id)
    )
    return frame_of(connection, of_discipline(query, discipline), IDS)


def claim_credit_frame(connection: Connection, discipline: str | None = None) -> pd.DataFrame:
    """Return one row per content area of each approved claim, by claim and area."""
    query = (
        sa.select(
            claims.c.id.label("claim_id"),
            claims.c.attempt_id,
            credentials.c.person_id.label("candidate_id"),
            credentials.c.discipline,
            *(completed_credits.c[name] for name in ("content_area", "credits", "completed_on", "recorded_at")),
        )
        .join_from(claims, completed_credits, completed_credits.c.source == _source(claims.c.id))
        .join(attempts, attempts.c.id == claims.c.attempt_id)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .order_by(claims.c.id, completed_credits.c.content_area)
    )
    return frame_of(connection, of_discipline(query, discipline), IDS)


def _source(claim_id: sa.ColumnElement[int]) -> sa.ColumnElement[str]:
    return sa.literal(SOURCE) + sa.cast(claim_id, sa.String)
