"""What the cohort page reads: which sittings are wanted and how they stand, one page of them, and all area scores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import State
from ssa_engine.core.cohort_scores import ScoreCells
from ssa_engine.core.cohorts import BY_BANK, BY_GROUP, BY_MONTH, CohortFilter, Period, Wanted
from ssa_engine.core.events import EventKind
from ssa_engine.storage import columnar
from ssa_engine.storage.console_tables import candidate_groups
from ssa_engine.storage.moments import month_of, quarter_of, seconds_between
from ssa_engine.storage.results import latest_results
from ssa_engine.storage.sitting_tables import attempt_events
from ssa_engine.storage.tables import area_scores, attempts, credentials, forms, results

_at = sa.func.coalesce(attempts.c.submitted_at, attempts.c.started_at)
_seconds = seconds_between(attempts.c.started_at, attempts.c.submitted_at)
_timed_out = (
    sa.exists()
    .where(attempt_events.c.attempt_id == attempts.c.id, attempt_events.c.kind == EventKind.TIMED_OUT)
    .correlate(attempts)
)


_sitting = sa.select(
    attempts.c.id,
    credentials.c.person_id,
    attempts.c.form_id,
    attempts.c.state,
    _timed_out.label("timed_out"),
    attempts.c.started_at,
    attempts.c.submitted_at,
    _seconds.label("seconds"),
)
_orders: dict[str, sa.ColumnElement[Any]] = {
    "attempt": attempts.c.id,
    "candidate": credentials.c.person_id,
    "state": attempts.c.state,
    "submitted": attempts.c.submitted_at,
    "minutes": _seconds,
}
FEW = 1_000
"""So many sittings are asked for by their numbers."""


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


@dataclass(frozen=True, eq=False, slots=True)
class Standings:
    """How sittings stand, as columns, with the key each is set beside others by. `seconds` is None while under way."""

    keys: list[str | None]
    attempt_ids: list[int]
    states: list[str]
    timed_out: list[int]
    seconds: list[int | None]

    def __len__(self) -> int:
        """How many sittings."""
        return len(self.attempt_ids)


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


def standings(connection: Connection, wanted: CohortFilter, by: str) -> Standings:
    """Return how the sittings that are wanted stand, each once."""
    columns = (attempts.c.id, attempts.c.state, _timed_out.label("timed_out"), _seconds.label("seconds"))
    found: tuple[list[Any], ...] = ([], [], [], [], [])
    for chunk in columnar.rows(connection, _keyed(wanted, by).add_columns(*columns)):
        for own, values in zip(found, zip(*chunk, strict=True), strict=True):
            own.extend(values)
    return Standings(*found)


def results_stamp(connection: Connection, discipline: str) -> tuple[int, int]:
    """Return what changes when a result of a discipline comes: results are only ever added."""
    counted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.max(results.c.id), 0))
    count, last = connection.execute(counted.where(results.c.discipline == discipline)).one()
    return int(count), int(last)


def score_cells(connection: Connection, discipline: str) -> ScoreCells:
    """Return the area scores of the latest result of every attempt of a discipline."""
    latest, own = latest_results(discipline), area_scores.c
    query = sa.select(
        latest.c.attempt_id,
        own.content_area,
        own.correct,
        own["items"].label("of"),
        own.score,
        own.standard,
        own.below_standard,
        own.credits,
    ).join(latest, latest.c.id == own.result_id)
    found = columnar.columns(connection, query)
    order = found["attempt_id"].argsort(kind="stable")
    names = ("correct", "of", "score", "standard", "below_standard", "credits")
    area = found["content_area"]
    return ScoreCells(
        found["attempt_id"][order], area.codes[order], area.texts, *(found[name][order] for name in names)
    )


def sittings(
    connection: Connection, wanted: CohortFilter, order: str, down: bool, limit: int | None = None, offset: int = 0
) -> list[SittingRow]:
    """Return sittings in an order: what is unknown comes last, equal ones by their number."""
    by = _orders[order]
    first = by.desc().nulls_last() if down else by.asc().nulls_last()
    query = _filtered(_sitting, wanted).order_by(first, attempts.c.id.desc() if down else attempts.c.id)
    return _sitting_rows(connection, query.limit(limit).offset(offset))


def sittings_of(connection: Connection, wanted: CohortFilter, attempt_ids: Sequence[int]) -> list[SittingRow]:
    """Return these of the sittings that are wanted, in this order."""
    query = _filtered(_sitting, wanted)
    if len(attempt_ids) <= FEW:
        query = query.where(attempts.c.id.in_(attempt_ids))
    found = {one.attempt_id: one for one in _sitting_rows(connection, query)}
    return [found[attempt_id] for attempt_id in attempt_ids if attempt_id in found]


def _sitting_rows(connection: Connection, query: sa.Select[Any]) -> list[SittingRow]:
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
