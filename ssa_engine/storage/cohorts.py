"""A discipline's latest area scores as matrices, in a few queries whatever their number, and a stamp of their state."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.tuning.cohort import Cohort, Objects
from ssa_engine.storage.console_tables import candidate_groups
from ssa_engine.storage.results import latest_results
from ssa_engine.storage.tables import area_scores, attempts, credentials, results

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when a result comes, or groups are loaded: a cohort read under the same stamp is the same."""

    latest_result: int
    results: int
    groups: str
    """A digest of the groups of everybody who holds the discipline."""


def stamp(connection: Connection, discipline: str) -> Stamp:
    """Return the state of a discipline's results and of its holders' groups. Results are only ever added."""
    counted = sa.select(sa.func.coalesce(sa.func.max(results.c.id), 0), sa.func.count()).where(
        results.c.discipline == discipline
    )
    latest, number = connection.execute(counted).one()
    return Stamp(int(latest), int(number), _digest_of_groups(connection, discipline))


def _digest_of_groups(connection: Connection, discipline: str) -> str:
    groups = candidate_groups.c
    query = (
        sa.select(groups.person_id, groups.grouping, groups.value)
        .join(credentials, credentials.c.person_id == groups.person_id)
        .where(credentials.c.discipline == discipline)
        .order_by(groups.person_id, groups.grouping)
    )
    digest = hashlib.blake2b(digest_size=16)
    for chunk in _rows(connection, query):
        digest.update(repr([tuple(row) for row in chunk]).encode())
    return digest.hexdigest()


def read_cohort(connection: Connection, discipline: str, areas: Sequence[str]) -> Cohort:
    """Read the latest result of every submitted attempt of a discipline.

    Parameters
    ----------
    areas : sequence of str
        The columns; scores of other areas are left out.

    Returns
    -------
    Cohort
        Sittings by attempt id, with submission date, bank version (as `form`) and every grouping of candidates.
    """
    ids, people, submitted, forms, row_of = _sittings(connection, discipline)
    shape = (len(ids), len(areas))
    items, correct, points = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape)
    column_of = {area: column for column, area in enumerate(areas)}
    for chunk in _rows(connection, _scores(discipline)):
        result, area, of, right, earned = zip(*chunk, strict=True)
        column = np.array([column_of.get(name, -1) for name in area])
        row = np.array([row_of[one] for one in result])
        known = column >= 0
        at = row[known], column[known]
        items[at], correct[at], points[at] = np.array(of)[known], np.array(right)[known], np.array(earned)[known]
    return Cohort(
        np.array(ids, dtype=np.int64),
        np.array(people, dtype=np.int64),
        tuple(areas),
        items,
        points,
        correct,
        _groups(connection, people),
        np.array(submitted, dtype="datetime64[D]"),
        np.array(forms, dtype=object),
    )


def _sittings(
    connection: Connection, discipline: str
) -> tuple[list[int], list[int], list[dt.date | None], list[str], dict[int, int]]:
    """Return attempt, person, date of submission and bank version of each sitting, and the row of each result."""
    newest = latest_results(discipline)
    query = (
        sa.select(newest.c.id, attempts.c.id, credentials.c.person_id, attempts.c.submitted_at, newest.c.bank_version)
        .join_from(newest, attempts, attempts.c.id == newest.c.attempt_id)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .order_by(attempts.c.id)
    )
    found = [row for chunk in _rows(connection, query) for row in chunk]
    row_of = {row[0]: number for number, row in enumerate(found)}
    dates = [_date(row[3]) for row in found]
    return [row[1] for row in found], [row[2] for row in found], dates, [row[4] for row in found], row_of


def _date(value: Any) -> dt.date | None:
    """Return the UTC date of a time as the driver gives it: text on SQLite."""
    if value is None:
        return None
    return dt.date.fromisoformat(value[:10]) if isinstance(value, str) else value.astimezone(dt.UTC).date()


def _scores(discipline: str) -> sa.Select[Any]:
    newest, own = latest_results(discipline), area_scores.c
    return sa.select(own.result_id, own.content_area, own["items"], own.correct, own.points).join(
        newest, newest.c.id == own.result_id
    )


def _rows(connection: Connection, query: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    """Yield the rows as the driver's own cursor gives them: a million through SQLAlchemy's rows cost seconds."""
    compiled = query.compile(dialect=connection.dialect)
    parameters = compiled.construct_params()
    cursor = connection.connection.cursor()
    try:
        in_order = [parameters[name] for name in compiled.positiontup] if compiled.positiontup else parameters
        cursor.execute(str(compiled), in_order)
        while chunk := cursor.fetchmany(ROWS_AT_ONCE):
            yield chunk
    finally:
        cursor.close()


def _groups(connection: Connection, people: Sequence[int]) -> dict[str, Objects]:
    """Return grouping -> value of each sitting's person, None where unknown."""
    groups = candidate_groups.c
    query = sa.select(groups.person_id, groups.grouping, groups.value).order_by(groups.grouping)
    by_grouping: dict[str, dict[int, str]] = {}
    for chunk in _rows(connection, query):
        for person, grouping, value in chunk:
            by_grouping.setdefault(grouping, {})[person] = value
    found = {}
    for grouping, own in by_grouping.items():
        values = np.array([own.get(person) for person in people], dtype=object)
        if any(value is not None for value in values):
            found[grouping] = values
    return found
