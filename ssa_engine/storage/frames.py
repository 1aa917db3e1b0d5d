"""Tables as DataFrames, with the names the exports have. Ids are text; times are UTC."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.accommodations import NO_LIMIT_SECONDS
from ssa_engine.storage import columnar
from ssa_engine.storage.columns import UtcTime
from ssa_engine.storage.console_tables import completed_credits
from ssa_engine.storage.results import latest_results
from ssa_engine.storage.sitting_tables import attempt_events, comments, survey_answers
from ssa_engine.storage.tables import (
    area_scores,
    attempts,
    audit,
    bank_versions,
    credentials,
    form_items,
    forms,
    prescription_areas,
    prescriptions,
    responses,
)


def frame_of(connection: Connection, query: sa.Select[Any], ids: tuple[str, ...] = ()) -> pd.DataFrame:
    """Read rows as the driver gives them, and make each column at once what SQLAlchemy would make of its values."""
    kinds = {column.name: column.type for column in query.selected_columns}
    gathered: dict[str, list[Any]] = {name: [] for name in kinds}
    for chunk in columnar.rows(connection, query):
        for own, values in zip(gathered.values(), zip(*chunk, strict=True), strict=True):
            own.extend(values)
    frame = pd.DataFrame(gathered)
    for name, kind in kinds.items():
        if len(frame) and isinstance(kind, UtcTime | sa.Boolean | sa.Date):
            frame[name] = _as_meant(frame[name], kind)
    for name in ids:
        numbers, distinct = pd.factorize(frame[name])
        frame[name] = distinct.astype("str").take(numbers)
    return frame


def _as_meant(column: pd.Series, kind: sa.types.TypeEngine[Any]) -> pd.Series:
    """Return times in UTC, truths, or dates from what a driver gives: SQLite has texts and whole numbers for them."""
    if isinstance(kind, sa.Boolean):
        return column.astype(bool)
    if isinstance(kind, sa.Date):
        return pd.Series([dt.date.fromisoformat(one) if isinstance(one, str) else one for one in column], dtype=object)
    if column.isna().all():
        return column
    return pd.to_datetime(column, utc=True, format="ISO8601").dt.as_unit("us")


def of_discipline(query: sa.Select[Any], discipline: str | None) -> sa.Select[Any]:
    """Narrow a query that names credentials to one discipline, or leave it."""
    return query if discipline is None else query.where(credentials.c.discipline == discipline)


_counted = sa.select(sa.func.max(responses.c.id).label("id")).group_by(responses.c.attempt_id, responses.c.item_id)
IDS = ("attempt_id", "candidate_id", "form_id")


def attempt_frame(connection: Connection, discipline: str | None = None) -> pd.DataFrame:
    """Return one row per attempt."""
    counted = _counted.subquery()
    answered = (
        sa.select(responses.c.attempt_id, sa.func.count().label("items_answered"))
        .join(counted, counted.c.id == responses.c.id)
        .where(responses.c.answer != "")
        .group_by(responses.c.attempt_id)
        .subquery()
    )
    query = (
        sa.select(
            attempts.c.id.label("attempt_id"),
            credentials.c.person_id.label("candidate_id"),
            credentials.c.discipline,
            attempts.c.form_id,
            attempts.c.state,
            attempts.c.started_at,
            attempts.c.submitted_at,
            attempts.c.released_at,
            sa.case((attempts.c.seconds_allowed < NO_LIMIT_SECONDS, attempts.c.seconds_allowed)).label(
                "seconds_allowed"
            ),
            sa.func.coalesce(answered.c.items_answered, 0).label("items_answered"),
            attempts.c.items_total,
            attempts.c.paused_seconds,
        )
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .join(answered, answered.c.attempt_id == attempts.c.id, isouter=True)
        .order_by(attempts.c.id)
    )
    frame = frame_of(connection, of_discipline(query, discipline), IDS)
    used = pd.to_datetime(frame["submitted_at"], utc=True) - pd.to_datetime(frame["started_at"], utc=True)
    frame.insert(8, "seconds_used", used.dt.total_seconds().round())
    return frame


def response_frame(connection: Connection, discipline: str | None = None) -> pd.DataFrame:
    """Return the counted response to each item of each attempt; `state` says whether it may be marked yet."""
    counted = _counted.subquery()
    latest = sa.select(responses).join(counted, counted.c.id == responses.c.id).subquery()
    query = (
        sa.select(
            attempts.c.id.label("attempt_id"),
            credentials.c.person_id.label("candidate_id"),
            credentials.c.discipline,
            attempts.c.form_id,
            form_items.c.position,
            form_items.c.item_id,
            form_items.c.content_area,
            form_items.c.scored,
            sa.func.nullif(latest.c.answer, "").label("answer"),
            latest.c.seconds,
            latest.c.answered_at,
            forms.c.bank_version,
            bank_versions.c.key_version,
            sa.func.coalesce(latest.c.late, sa.false()).label("late"),
            attempts.c.state,
        )
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .join(forms, forms.c.id == attempts.c.form_id)
        .join(bank_versions, bank_versions.c.version == forms.c.bank_version)
        .join(form_items, form_items.c.form_id == attempts.c.form_id)
        .join(
            latest,
            sa.and_(latest.c.attempt_id == attempts.c.id, latest.c.item_id == form_items.c.item_id),
            isouter=True,
        )
        .order_by(attempts.c.id, form_items.c.position)
    )
    return frame_of(connection, of_discipline(query, discipline), IDS)


def area_score_frame(connection: Connection, discipline: str | None = None) -> pd.DataFrame:
    """Return one row per content area of each scored attempt, from its latest result."""
    latest = latest_results(discipline)
    query = (
        sa.select(
            attempts.c.id.label("attempt_id"),
            credentials.c.person_id.label("candidate_id"),
            credentials.c.discipline,
            *(column for column in area_scores.c if column.name != "result_id"),
            latest.c.policy_version,
            latest.c.bank_version,
            latest.c.key_version,
            latest.c.scored_at,
        )
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .join(latest, latest.c.attempt_id == attempts.c.id)
        .join(area_scores, area_scores.c.result_id == latest.c.id)
        .order_by(attempts.c.id, area_scores.c.content_area)
    )
    return frame_of(connection, of_discipline(query, discipline), IDS[:2])


def key_versions(connection: Connection, discipline: str | None = None) -> dict[str, str]:
    """Return attempt -> the keys its latest result was computed under."""
    latest = latest_results(discipline)
    query = (
        sa.select(latest.c.attempt_id, latest.c.key_version)
        .join(attempts, attempts.c.id == latest.c.attempt_id)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
    )
    return {str(attempt): version for attempt, version in connection.execute(of_discipline(query, discipline))}


def _completed() -> sa.Subquery:
    """What was completed in a cycle, for whichever attempt of it."""
    own = (attempts.c.credential_id, attempts.c.cycle, completed_credits.c.content_area)
    query = sa.select(*own, sa.func.sum(completed_credits.c.credits).label("credits"))
    return query.join(attempts, attempts.c.id == completed_credits.c.attempt_id).group_by(*own).subquery()


def prescription_frame(connection: Connection, discipline: str | None = None) -> pd.DataFrame:
    """Return one row per content area of each prescription in force, with what the ledger says is completed of it."""
    latest = latest_results(discipline)
    completed = _completed()
    done = sa.func.coalesce(completed.c.credits, 0.0)
    query = (
        sa.select(
            prescriptions.c.id.label("prescription_id"),
            attempts.c.id.label("attempt_id"),
            credentials.c.person_id.label("candidate_id"),
            credentials.c.discipline,
            prescription_areas.c.content_area,
            prescription_areas.c.credits,
            sa.case((done < prescription_areas.c.credits, done), else_=prescription_areas.c.credits).label(
                "credits_filled"
            ),
            latest.c.policy_version,
            prescriptions.c.issued_at,
            prescriptions.c.due_on,
        )
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .join(latest, latest.c.attempt_id == attempts.c.id)
        .join(prescriptions, prescriptions.c.result_id == latest.c.id)
        .join(prescription_areas, prescription_areas.c.prescription_id == prescriptions.c.id)
        .join(
            completed,
            sa.and_(
                completed.c.credential_id == attempts.c.credential_id,
                completed.c.cycle == attempts.c.cycle,
                completed.c.content_area == prescription_areas.c.content_area,
            ),
            isouter=True,
        )
        .order_by(prescriptions.c.id, prescription_areas.c.content_area)
    )
    return frame_of(connection, of_discipline(query, discipline), ("prescription_id", *IDS[:2]))


def event_frame(connection: Connection, discipline: str | None = None) -> pd.DataFrame:
    """Return the evidence of all sittings, one row an event."""
    columns = (attempt_events.c.id.label("event_id"), *(c for c in attempt_events.c if c.name != "id"))
    return _of_attempts(connection, attempt_events, columns, attempt_events.c.id, discipline)


def comment_frame(connection: Connection, discipline: str | None = None) -> pd.DataFrame:
    """Return the comments of candidates on items."""
    columns = (comments.c.id.label("comment_id"), *(c for c in comments.c if c.name != "id"))
    return _of_attempts(connection, comments, columns, comments.c.id, discipline)


def survey_frame(connection: Connection, discipline: str | None = None) -> pd.DataFrame:
    """Return the answers to the survey after submission."""
    return _of_attempts(connection, survey_answers, tuple(survey_answers.c), survey_answers.c.question_id, discipline)


def _of_attempts(
    connection: Connection,
    table: sa.Table,
    columns: tuple[sa.ColumnElement[Any], ...],
    order: sa.ColumnElement[Any],
    discipline: str | None,
) -> pd.DataFrame:
    """Return rows of a table that belongs to attempts, in the order of the attempts."""
    query = (
        sa.select(*columns, credentials.c.discipline)
        .join_from(table, attempts, attempts.c.id == table.c.attempt_id)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .order_by(table.c.attempt_id, order)
    )
    return frame_of(connection, of_discipline(query, discipline), ("attempt_id",))


def audit_frame(connection: Connection) -> pd.DataFrame:
    """Return the audit trail."""
    return frame_of(connection, sa.select(audit).order_by(audit.c.id)).rename(columns={"id": "audit_id"})


def bank_version_frame(connection: Connection) -> pd.DataFrame:
    """Return version and discipline of every stored bank, oldest first."""
    query = sa.select(bank_versions.c.version, bank_versions.c.discipline).order_by(
        bank_versions.c.stored_at, bank_versions.c.version
    )
    return frame_of(connection, query)
