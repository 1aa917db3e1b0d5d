"""Rows of results, area scores and prescriptions. A rescoring adds a result beside the old one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import State
from ssa_engine.core.policies import Decision
from ssa_engine.storage.tables import area_scores, attempts, prescription_areas, prescriptions, results


@dataclass(frozen=True, slots=True)
class AreaResult:
    """One content area of one result, with its credits and the sentence that explains them."""

    content_area: str
    items: int
    correct: int
    points: float
    score: float
    score_se: float | None
    standard: float
    gap: float
    below_standard: bool
    probability_below: float
    credits_by_rule: float
    credits: float
    sentence: str
    decision: str | None = None
    """What was decided (`core.policies.Decision`); None in results from before decisions were kept."""
    credits_kept: float = 0.0
    """Credits completed before a rescoring, which stand."""

    @property
    def decided(self) -> Decision:
        """The decision; where none was kept, by the raw score."""
        return Decision(self.decision or (Decision.PRESCRIBE if self.below_standard else Decision.NONE))


@dataclass(frozen=True, slots=True)
class Result:
    """A result as stored, with the versions it was computed under."""

    id: int
    attempt_id: int
    version: int
    discipline: str
    policy_version: int
    bank_version: str
    key_version: str
    scored_at: dt.datetime
    due_on: dt.date | None
    areas: tuple[AreaResult, ...]

    @property
    def total_credits(self) -> float:
        """Credits over all areas."""
        return sum(area.credits for area in self.areas)


_AREA_COLUMNS = tuple(name for name in AreaResult.__slots__ if name != "sentence")


def insert(connection: Connection, *, areas: Sequence[AreaResult], due_on: dt.date, **versions: Any) -> int:
    """Insert a result with its area scores, and a prescription if there are credits; return its id."""
    result_id = int(connection.execute(results.insert().values(versions).returning(results.c.id)).scalar_one())
    rows = [{"result_id": result_id, **{name: getattr(area, name) for name in _AREA_COLUMNS}} for area in areas]
    connection.execute(area_scores.insert(), rows)
    prescribed = [area for area in areas if area.credits > 0]
    if prescribed:
        row = {"result_id": result_id, "issued_at": versions["scored_at"], "due_on": due_on}
        prescription_id = connection.execute(
            prescriptions.insert().values(row).returning(prescriptions.c.id)
        ).scalar_one()
        connection.execute(
            prescription_areas.insert(),
            [
                {
                    "prescription_id": prescription_id,
                    "content_area": area.content_area,
                    "credits": area.credits,
                    "sentence": area.sentence,
                }
                for area in prescribed
            ],
        )
    return result_id


def _area_result(row: sa.RowMapping) -> AreaResult:
    """Read one area; only a prescribed one has a sentence."""
    return AreaResult(**{**row, "sentence": row["sentence"] or ""})


def latest(connection: Connection, attempt_id: int) -> Result | None:
    """Return the latest result of an attempt, its areas by id, or None."""
    row = connection.execute(
        sa.select(results, prescriptions.c.id.label("prescription_id"), prescriptions.c.due_on)
        .join(prescriptions, prescriptions.c.result_id == results.c.id, isouter=True)
        .where(results.c.attempt_id == attempt_id)
        .order_by(results.c.version.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    on_area = sa.and_(
        prescription_areas.c.prescription_id == row.prescription_id,
        prescription_areas.c.content_area == area_scores.c.content_area,
    )
    query = (
        sa.select(*(area_scores.c[name] for name in _AREA_COLUMNS), prescription_areas.c.sentence)
        .join(prescription_areas, on_area, isouter=True)
        .where(area_scores.c.result_id == row.id)
        .order_by(area_scores.c.content_area)
    )
    areas = tuple(_area_result(area) for area in connection.execute(query).mappings())
    return Result(
        row.id,
        row.attempt_id,
        row.version,
        row.discipline,
        row.policy_version,
        row.bank_version,
        row.key_version,
        row.scored_at,
        row.due_on,
        areas,
    )


_OTHER = results.alias()
_LATEST = sa.select(sa.func.max(_OTHER.c.version)).where(_OTHER.c.attempt_id == attempts.c.id).scalar_subquery()
_TO_RELEASE = sa.and_(
    results.c.attempt_id == attempts.c.id, results.c.version == _LATEST, attempts.c.state == State.SUBMITTED
)


def policies_to_release(connection: Connection) -> list[tuple[str, int]]:
    """Return (discipline, version) of the policies of results that are not released yet."""
    version = (results.c.discipline, results.c.policy_version)
    query = sa.select(*version).select_from(results).join(attempts, _TO_RELEASE).distinct().order_by(*version)
    return [(str(discipline), int(number)) for discipline, number in connection.execute(query)]


def due_for_release(
    connection: Connection, submitted_by: Mapping[tuple[str, int], dt.datetime], *, limit: int
) -> list[int]:
    """Return the attempts whose results are due and not released, `limit` at most; keep others from changing them.

    `submitted_by` says for each policy, (discipline, version), by when an attempt was submitted that is due now.
    """
    due = sa.or_(
        sa.false(),
        *(
            sa.and_(
                results.c.discipline == discipline,
                results.c.policy_version == version,
                attempts.c.submitted_at <= until,
            )
            for (discipline, version), until in submitted_by.items()
        ),
    )
    query = (
        sa.select(attempts.c.id)
        .select_from(attempts)
        .join(results, _TO_RELEASE)
        .where(due)
        .order_by(attempts.c.id)
        .limit(limit)
        .with_for_update(of=attempts)
    )
    return list(connection.execute(query).scalars())


def latest_results(discipline: str | None = None) -> sa.Subquery:
    """Return the latest result of every attempt (of a discipline), as a table to join."""
    newest = sa.select(results.c.attempt_id, sa.func.max(results.c.version).label("version"))
    if discipline is not None:
        newest = newest.where(results.c.discipline == discipline)
    found = newest.group_by(results.c.attempt_id).subquery()
    same = sa.and_(results.c.attempt_id == found.c.attempt_id, results.c.version == found.c.version)
    return sa.select(results).join(found, same).subquery()
