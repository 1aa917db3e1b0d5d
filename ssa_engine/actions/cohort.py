"""What a psychometrician reads about a cohort."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.exports import items_of_bank, marked_responses
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.psychometrics.classical.item_statistics import area_summary
from ssa_engine.storage import frames
from ssa_engine.storage.db import Database

PAGE = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """How one attempt did in one content area."""

    correct: int
    items: int
    below: bool


@dataclass(frozen=True, slots=True)
class Sitting:
    """One attempt in the cohort's table. `cells` follow the areas of the outline."""

    attempt_id: str
    candidate_id: str
    state: str
    submitted_at: dt.datetime | None
    minutes: float | None
    cells: tuple[Cell | None, ...]
    credits: float | None


@dataclass(frozen=True, slots=True)
class AreaSummary:
    """One content area over the cohort. Scores are proportions."""

    name: str
    n: int
    mean: float
    sd: float | None
    below_n: int
    below_share: float
    mean_credits: float


@dataclass(frozen=True, slots=True)
class Cohort:
    """One page of sittings, and the summary of all of them."""

    sittings: tuple[Sitting, ...]
    summary: tuple[AreaSummary, ...]
    count: int
    pages: int


def overview(db: Database, spec: ContentSpec, page: int) -> Cohort:
    """Read the cohort of a discipline: page `page` (from 1) of its sittings, latest first."""
    with db.read() as connection:
        attempts = frames.attempt_frame(connection, spec.discipline)
        scores = frames.area_score_frame(connection, spec.discipline)
    attempts = attempts.iloc[::-1]
    shown = attempts.iloc[(page - 1) * PAGE : page * PAGE]
    by_attempt = {
        str(attempt): own
        for attempt, own in scores[scores["attempt_id"].isin(shown["attempt_id"])].groupby("attempt_id")
    }
    areas = list(spec.area_names)
    return Cohort(
        tuple(_sitting(row, by_attempt.get(row["attempt_id"]), areas) for row in shown.to_dict("records")),
        _summary(scores, spec),
        len(attempts),
        max(1, -(-len(attempts) // PAGE)),
    )


def _sitting(row: Mapping[Any, Any], scores: pd.DataFrame | None, areas: list[str]) -> Sitting:
    records: list[dict[Any, Any]] = [] if scores is None else scores.to_dict("records")
    own = {record["content_area"]: record for record in records}
    used = row["seconds_used"]
    submitted = row["submitted_at"]
    cells = tuple(
        Cell(score["correct"], score["items"], score["below_standard"]) if (score := own.get(area)) else None
        for area in areas
    )
    return Sitting(
        row["attempt_id"],
        row["candidate_id"],
        row["state"],
        None if pd.isna(submitted) else submitted,
        None if pd.isna(used) else used / 60,
        cells,
        None if scores is None else float(scores["credits"].sum()),
    )


def _summary(scores: pd.DataFrame, spec: ContentSpec) -> tuple[AreaSummary, ...]:
    if not len(scores):
        return ()
    rows: dict[Any, dict[Any, Any]] = area_summary(scores).to_dict("index")
    return tuple(
        AreaSummary(
            name,
            int(row["n"]),
            float(row["mean"]),
            None if pd.isna(row["sd"]) else float(row["sd"]),
            int(row["below_n"]),
            float(row["below_share"]),
            float(row["mean_credits"]),
        )
        for area, name in spec.area_names.items()
        if (row := rows.get(area)) is not None
    )


def item_table(db: Database, banks: Banks, spec: ContentSpec) -> list[dict[str, Any]]:
    """Return the items of today's bank with what sittings under this version showed; None where unknown."""
    bank = banks.library.bank(spec.discipline)
    with db.read() as connection:
        responses = marked_responses(connection, banks, spec.discipline)
    closed = responses[responses["correct"].notna() & (responses["bank_version"] == bank.version)]
    rows = items_of_bank(bank, closed).assign(area_name=lambda frame: frame["content_area"].map(spec.area_names))
    records: list[dict[str, Any]] = rows.to_dict("records")  # type: ignore[assignment]
    return [{name: None if pd.isna(value) else value for name, value in record.items()} for record in records]
