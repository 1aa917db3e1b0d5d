"""What a psychometrician reads about a cohort: its figures, and its sittings page by page."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ssa_engine.actions.kept_reads import Kept
from ssa_engine.core import cohort_summary
from ssa_engine.core.cohort_scores import Cell, ScoreCells, in_order
from ssa_engine.core.cohort_summary import AreaSummary, Completion, Count, Side
from ssa_engine.core.cohorts import BY_BANK, BY_GROUP, BY_MONTH, BY_QUARTER, CohortFilter
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.psychometrics.classical.distributions import Distribution
from ssa_engine.storage import cohort as rows
from ssa_engine.storage.db import Connection, Database

PAGE = 100


@dataclass(frozen=True, slots=True)
class Sitting:
    """One attempt in the cohort's table. `cells` follow the areas of the outline."""

    attempt_id: int
    candidate_id: int
    state: str
    timed_out: bool
    started_at: dt.datetime
    submitted_at: dt.datetime | None
    seconds: int | None
    minutes: float | None
    form_id: int
    cells: tuple[Cell | None, ...]
    credits: float | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What filters offer: bank versions, groups as (grouping, value), and by what to set side by side."""

    banks: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]
    sides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cohort:
    """One page of sittings, and the figures of all that were asked for. Times are in minutes."""

    sittings: tuple[Sitting, ...]
    completion: Completion
    time: Distribution | None
    time_bins: tuple[tuple[float, float, int], ...]
    summary: tuple[AreaSummary, ...]
    by: str
    sides: tuple[Side, ...]
    choices: Choices
    count: int
    page: int
    pages: int


def overview(
    db: Database,
    spec: ContentSpec,
    wanted: CohortFilter,
    *,
    page: int = 1,
    order: tuple[str, bool] = ("attempt", True),
    by: str = BY_QUARTER,
) -> Cohort:
    """Read the cohort: page `page` (from 1) of its sittings in an order, and the figures of all of them.

    `by` is `quarter`, `month`, `bank` or `group:` and a grouping; an unknown one counts as `quarter`.
    """
    with db.read() as connection:
        banks, groups = rows.choices(connection, spec.discipline)
        groupings = tuple(f"{BY_GROUP}{name}" for name in dict.fromkeys(name for name, _ in groups))
        choices = Choices(tuple(banks), tuple(groups), (BY_QUARTER, BY_MONTH, BY_BANK, *groupings))
        by = by if by in choices.sides else BY_QUARTER
        standings = rows.standings(connection, wanted, by)
        cells = _score_cells(db, connection, spec.discipline)
        pages = max(1, -(-len(standings) // PAGE))
        page = max(1, min(page, pages))
        shown = _sittings(connection, spec, wanted, order, cells, standings.attempt_ids, page)
    alike = Counter(zip(standings.keys, standings.states, standings.timed_out, standings.seconds, strict=True))
    counted = [Count(key, state, bool(out), seconds, n) for (key, state, out, seconds), n in alike.items()]
    scores = cells.counts(dict(zip(standings.attempt_ids, standings.keys, strict=True)))
    completion = cohort_summary.completion_of(counted)
    time, time_bins = cohort_summary.minutes_used(counted)
    sides = cohort_summary.side_by_side(counted, scores, spec.area_names)
    names = {area.id: (area.name, area.code) for area in spec.areas}
    return Cohort(
        shown,
        completion,
        time,
        tuple(time_bins),
        cohort_summary.area_summaries(scores, names, [side.key for side in sides]),
        by,
        sides,
        choices,
        completion.started,
        page,
        pages,
    )


def all_sittings(
    db: Database, spec: ContentSpec, wanted: CohortFilter, order: tuple[str, bool] = ("attempt", True)
) -> tuple[Sitting, ...]:
    """Read every sitting that is wanted, in an order."""
    with db.read() as connection:
        found = rows.standings(connection, wanted, BY_QUARTER).attempt_ids
        return _sittings(connection, spec, wanted, order, _score_cells(db, connection, spec.discipline), found, None)


def _sittings(
    connection: Connection,
    spec: ContentSpec,
    wanted: CohortFilter,
    order: tuple[str, bool],
    cells: ScoreCells,
    found: Sequence[int],
    page: int | None,
) -> tuple[Sitting, ...]:
    """Return a page, or all, of the sittings that were found; their scores, and orders by these, are in memory."""
    name, down = order
    limit, offset = (None, 0) if page is None else (PAGE, (page - 1) * PAGE)
    if name in {*spec.area_names, "credits"}:
        ordered = in_order(found, cells.values(name), down=down)
        shown = rows.sittings_of(connection, wanted, ordered[offset : limit and offset + limit])
    else:
        shown = rows.sittings(connection, wanted, name, down, limit, offset)
    own = cells.of(one.attempt_id for one in shown)
    areas = list(spec.area_names)
    return tuple(_sitting(one, own.get(one.attempt_id), areas) for one in shown)


_kept: Kept[ScoreCells] = Kept()


def _score_cells(db: Database, connection: Connection, discipline: str) -> ScoreCells:
    """Return the area scores of the latest results; from memory while none has come."""
    stamp = rows.results_stamp(connection, discipline)
    return _kept.get(db, discipline, stamp, lambda: rows.score_cells(connection, discipline))


def _sitting(one: rows.SittingRow, own: dict[str, Cell] | None, areas: list[str]) -> Sitting:
    return Sitting(
        one.attempt_id,
        one.candidate_id,
        one.state,
        one.timed_out,
        one.started_at,
        one.submitted_at,
        one.seconds,
        None if one.seconds is None else one.seconds / cohort_summary.MINUTES,
        one.form_id,
        tuple((own or {}).get(area) for area in areas),
        None if own is None else sum(cell.credits for cell in own.values()),
    )


Rows = list[list[Any]]


def _completion_rows(found: Cohort) -> tuple[list[str], Rows]:
    one = found.completion
    names = ["started", "in_progress", "submitted", "released", "timed_out", "closed_share", "timed_out_share"]
    return ["measure", "value"], [[name, getattr(one, name)] for name in names]


def _time_rows(found: Cohort) -> tuple[list[str], Rows]:
    return ["minutes_from", "minutes_to", "sittings"], [list(one) for one in found.time_bins]


def _time_used_rows(found: Cohort) -> tuple[list[str], Rows]:
    columns = [field.name for field in fields(Distribution)]
    return columns, [[getattr(found.time, name) for name in columns]] if found.time else []


def _summary_rows(found: Cohort) -> tuple[list[str], Rows]:
    columns = ["content_area", "n", "mean", "sd", "below_n", "below_share", "mean_credits", "median"]
    summaries: Rows = [
        [
            one.area,
            one.distribution.n,
            one.distribution.mean,
            one.distribution.sd,
            one.below_n,
            one.below_share,
            one.mean_credits,
            one.distribution.median,
        ]
        for one in found.summary
    ]
    return columns, summaries


def _score_rows(found: Cohort) -> tuple[list[str], Rows]:
    columns = ["content_area", "score_from", "score_to", "sittings"]
    return columns, [[one.area, *bin_] for one in found.summary for bin_ in one.bins]


def _side_rows(found: Cohort) -> tuple[list[str], Rows]:
    areas = [one.area for one in found.summary]
    fixed = [found.by.removeprefix(BY_GROUP), "started", "closed", "timed_out", "median_minutes", "mean_credits"]
    columns = [*fixed, *(f"mean_{area}" for area in areas), *(f"below_share_{area}" for area in areas)]
    sides: Rows = [
        [
            side.key,
            side.completion.started,
            side.completion.submitted + side.completion.released,
            side.completion.timed_out,
            side.time.median if side.time else None,
            side.mean_credits,
            *(side.means[area] for area in areas),
            *(side.below[area] for area in areas),
        ]
        for side in found.sides
    ]
    return columns, sides


TABLES: dict[str, Callable[[Cohort], tuple[list[str], Rows]]] = {
    "completion": _completion_rows,
    "time": _time_rows,
    "time_used": _time_used_rows,
    "summary": _summary_rows,
    "scores": _score_rows,
    "sides": _side_rows,
}
"""Each table of the page, as columns and rows."""


def sitting_rows(spec: ContentSpec, sittings: Sequence[Sitting]) -> tuple[list[str], Rows]:
    """Return the table of sittings as columns and rows; the columns of areas hold items correct."""
    fixed = ["attempt_id", "candidate_id", "state", "timed_out", "submitted_at", "minutes"]
    columns = [*fixed, *spec.area_names, "credits", "started_at", "seconds_used", "form_id"]
    table: Rows = [
        [
            *(one.attempt_id, one.candidate_id, one.state, one.timed_out, one.submitted_at, one.minutes),
            *(cell.correct if cell else None for cell in one.cells),
            *(one.credits, one.started_at, one.seconds, one.form_id),
        ]
        for one in sittings
    ]
    return columns, table
