"""What the cohort page reads: counts, scores and one page of sittings; the database filters, sorts and counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import State
from ssa_engine.core.cohort_summary import Count, ScoreCount
from ssa_engine.core.cohorts import BY_BANK, BY_GROUP, BY_MONTH, CohortFilter, Period, Wanted
from ssa_engine.core.events import EventKind
from ssa_engine.storage.console_tables import candidate_groups
from ssa_engine.storage.moments import month_of, quarter_of, seconds_between
from ssa_engine.storage.results import latest_results
from ssa_engine.storage.sitting_tables import attempt_events
from ssa_engine.storage.tables import area_scores, attempts, credentials, forms

_at = sa.func.coalesce(attempts.c.submitted_at, attempts.c.started_at)
_seconds = seconds_between(attempts.c.started_at, attempts.c.submitted_at)
_timed_out = (
    sa.exists()
    .where(attempt_events.c.attempt_id == attempts.c.id, attempt_events.c.kind == EventKind.TIMED_OUT)
    .correlate(attempts)
)


@dataclass(frozen=True, slots=True)
class SittingRow:
    """One sitting."""

    attempt_id: int
    candidate_id: int
    form_id: int
    state: str
    timed_out: bool
    started_at: dt.datetime
    submitted_at: dt.datetime | None
    seconds: int | None


@dataclass(frozen=True, slots=True)
class CellRow:
    """One content area of one sitting, from its latest result."""

    attempt_id: int
    content_area: str
    correct: int
    items: int
    below: bool
    credits: float


def choices(connection: Connection, discipline: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Return what may be chosen: bank versions that were sat, latest first, and the groups (grouping, value).

    The groups are those of people who hold the discipline.
    """
    drawn = (
        sa.select(forms.c.bank_version)
        .where(forms.c.discipline == discipline)
        .group_by(forms.c.bank_version)
        .order_by(sa.func.max(forms.c.drawn_at).desc(), forms.c.bank_version)
    )
    holders = sa.select(credentials.c.person_id).where(credentials.c.discipline == discipline)
    named = sa.select(candidate_groups.c.grouping, candidate_groups.c.value).distinct()
    named = named.where(candidate_groups.c.person_id.in_(holders))
    groups = connection.execute(named.order_by(candidate_groups.c.grouping, candidate_groups.c.value))
    return list(connection.execute(drawn).scalars()), [(row.grouping, row.value) for row in groups]


def counts(connection: Connection, wanted: CohortFilter, by: str) -> list[Count]:
    """Return the sittings, counted by key, state and seconds used."""
    columns = (attempts.c.state, _timed_out.label("timed_out"), _seconds.label("seconds"))
    each = _keyed(wanted, by).add_columns(*columns).subquery()
    rows = connection.execute(sa.select(each, sa.func.count().label("n")).group_by(*each.c))
    return [Count(row.key, row.state, bool(row.timed_out), row.seconds, row.n) for row in rows]


def score_counts(connection: Connection, wanted: CohortFilter, by: str) -> list[ScoreCount]:
    """Return the area scores of the latest results, counted by key, area, score and standard."""
    latest = latest_results(wanted.discipline)
    names = ("content_area", "score", "standard", "below_standard", "credits")
    each = (
        _keyed(wanted, by)
        .join(latest, latest.c.attempt_id == attempts.c.id)
        .join(area_scores, area_scores.c.result_id == latest.c.id)
        .add_columns(*(area_scores.c[name] for name in names))
        .subquery()
    )
    alike = [each.c[name] for name in ("key", *names[:-1])]
    query = sa.select(*alike, sa.func.count().label("n"), sa.func.sum(each.c.credits).label("credits"))
    return [
        ScoreCount(row.key, row.content_area, row.score, row.standard, row.below_standard, row.n, row.credits)
        for row in connection.execute(query.group_by(*alike))
    ]


def sittings(
    connection: Connection, wanted: CohortFilter, order: str, down: bool, limit: int | None = None, offset: int = 0
) -> list[SittingRow]:
    """Return sittings in an order: what is unknown comes last, equal ones by their number."""
    query = _filtered(
        sa.select(
            attempts.c.id,
            credentials.c.person_id,
            attempts.c.form_id,
            attempts.c.state,
            _timed_out.label("timed_out"),
            attempts.c.started_at,
            attempts.c.submitted_at,
            _seconds.label("seconds"),
        ),
        wanted,
    )
    query, by = _sorted_by(query, wanted.discipline, order)
    first = by.desc().nulls_last() if down else by.asc().nulls_last()
    query = query.order_by(first, attempts.c.id.desc() if down else attempts.c.id).limit(limit).offset(offset)
    return [
        SittingRow(
            row.id,
            row.person_id,
            row.form_id,
            row.state,
            bool(row.timed_out),
            row.started_at,
            row.submitted_at,
            row.seconds,
        )
        for row in connection.execute(query)
    ]


def cells(connection: Connection, wanted: CohortFilter, attempt_ids: Sequence[int] | None) -> list[CellRow]:
    """Return the area scores of these sittings, or of all that are wanted, from their latest results."""
    latest = latest_results(wanted.discipline)
    columns = ("content_area", "correct", "items", "below_standard", "credits")
    query = _filtered(sa.select(attempts.c.id, *(area_scores.c[name] for name in columns)), wanted)
    query = query.join(latest, latest.c.attempt_id == attempts.c.id).join(
        area_scores, area_scores.c.result_id == latest.c.id
    )
    if attempt_ids is not None:
        query = query.where(attempts.c.id.in_(attempt_ids))
    return [CellRow(*row) for row in connection.execute(query)]


def attempts_between(connection: Connection, period: Period) -> frozenset[str]:
    """Return the attempts of a period, as text."""
    return frozenset(str(found) for found in connection.execute(_in_period(sa.select(attempts.c.id), period)).scalars())


def _filtered(query: sa.Select[Any], wanted: CohortFilter) -> sa.Select[Any]:
    """Join what every question needs, and keep the sittings that are wanted."""
    query = query.select_from(attempts).join(credentials, credentials.c.id == attempts.c.credential_id)
    query = query.where(credentials.c.discipline == wanted.discipline)
    query = _in_period(query, wanted.period)
    if wanted.bank:
        of_bank = sa.select(forms.c.id).where(forms.c.bank_version == wanted.bank)
        query = query.where(attempts.c.form_id.in_(of_bank))
    if wanted.form is not None:
        query = query.where(attempts.c.form_id == wanted.form)
    if wanted.grouping:
        group = candidate_groups.c
        members = sa.select(group.person_id).where(group.grouping == wanted.grouping, group.value == wanted.value)
        query = query.where(credentials.c.person_id.in_(members))
    if wanted.state is Wanted.TIMED_OUT:
        query = query.where(_timed_out)
    elif wanted.state is Wanted.CLOSED:
        query = query.where(attempts.c.state != State.IN_PROGRESS)
    elif wanted.state is not None:
        query = query.where(attempts.c.state == wanted.state.value)
    return query


def _in_period(query: sa.Select[Any], period: Period) -> sa.Select[Any]:
    if period.begins:
        query = query.where(_at >= period.begins)
    return query.where(_at < period.ends) if period.ends else query


def _keyed(wanted: CohortFilter, by: str) -> sa.Select[Any]:
    """Return a query of the key of each sitting: its quarter unless it is to be another."""
    key: sa.ColumnElement[Any] = month_of(_at) if by == BY_MONTH else quarter_of(_at)
    if by == BY_BANK:
        key = forms.c.bank_version
    elif by.startswith(BY_GROUP):
        key = candidate_groups.c.value
    query = _filtered(sa.select(key.label("key")), wanted)
    if by == BY_BANK:
        query = query.join(forms, forms.c.id == attempts.c.form_id)
    elif by.startswith(BY_GROUP):
        of_grouping = candidate_groups.c.grouping == by.removeprefix(BY_GROUP)
        own = sa.and_(candidate_groups.c.person_id == credentials.c.person_id, of_grouping)
        query = query.join(candidate_groups, own, isouter=True)
    return query


def _sorted_by(query: sa.Select[Any], discipline: str, order: str) -> tuple[sa.Select[Any], sa.ColumnElement[Any]]:
    columns: dict[str, sa.ColumnElement[Any]] = {
        "attempt": attempts.c.id,
        "candidate": credentials.c.person_id,
        "state": attempts.c.state,
        "submitted": attempts.c.submitted_at,
        "minutes": _seconds,
    }
    if order in columns:
        return query, columns[order]
    latest = latest_results(discipline)
    found = sa.select(latest.c.attempt_id).join(area_scores, area_scores.c.result_id == latest.c.id)
    if order == "credits":
        found = found.add_columns(sa.func.sum(area_scores.c.credits).label("value")).group_by(latest.c.attempt_id)
    else:
        found = found.add_columns(area_scores.c.correct.label("value")).where(area_scores.c.content_area == order)
    values = found.subquery()
    return query.join(values, values.c.attempt_id == attempts.c.id, isouter=True), values.c.value
