"""Who changes and how: of a session that is tried out, and of one that was applied."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.increases import waiting
from ssa_engine.actions.rescoring_plans import everything, require_sound, run_of
from ssa_engine.actions.rescoring_versions import decision_before, seen_changes
from ssa_engine.actions.rescorings import existing
from ssa_engine.core.attempts import State
from ssa_engine.core.errors import Conflict
from ssa_engine.core.rescorings import Change, Rescoring, RescoringState
from ssa_engine.storage import notices, rescored_attempts, rescoring_lists, rescorings
from ssa_engine.storage.db import Connection, Database

PEOPLE = (
    "attempt_id",
    "candidate_id",
    "state",
    "content_area",
    "points_before",
    "points_after",
    "items_before",
    "items_after",
    "decision_before",
    "decision_after",
    "credits_before",
    "credits_after",
    "credits_kept",
    "credits_waiting",
)
"""Columns of the list of who changes: one row a content area of an attempt in which something changes."""

AREAS = (
    "content_area",
    "attempts",
    "score_up",
    "score_down",
    "prescribed_before",
    "prescribed_after",
    "credits_before",
    "credits_after",
    "credits_waiting",
)
"""Columns of the summary by content area, over the attempts whose marks change."""

INCREASES = ("attempt_id", "candidate_id", "content_area", "credits", "credits_if_accepted", "increase")


@dataclass(frozen=True, eq=False, slots=True)
class Consequences:
    """What a session does. `figures` counts people and credits; `people` and `areas` are tables."""

    figures: dict[str, float]
    people: pd.DataFrame
    areas: pd.DataFrame


@dataclass(frozen=True, eq=False, slots=True)
class Overview:
    """A session as a page shows it."""

    session: Rescoring
    changes: list[Change]
    left: int
    counts: dict[str, int]
    told: tuple[int, int]
    decisions: list[dict[str, object]]
    waiting: pd.DataFrame
    consequences: Consequences | None
    hindrance: str
    """Why a draft cannot be applied as it is; empty if it can."""


def table(frame: pd.DataFrame, columns: Sequence[str], shown: slice | None = None) -> list[list[Any]]:
    """Return the rows of a table as plain cells, None where unknown."""
    part = frame[list(columns)] if shown is None else frame[list(columns)].iloc[shown]
    cells = [part[name].tolist() for name in columns]
    return [
        [None if isinstance(one, float) and np.isnan(one) else one for one in row] for row in zip(*cells, strict=True)
    ]


def preview(db: Database, banks: Banks, rescoring_id: int, now: dt.datetime) -> Consequences:
    """Try a session out: what applying it would do; what reverting it would do, if it was applied. Nothing is written.

    Raises
    ------
    NotFound
        If there is no such session.
    Conflict
        If it changes nothing, waits for another session, or would leave an area without a scored item.
    """
    with db.read() as connection:
        return _preview(connection, banks, existing(connection, rescoring_id), now)


def _preview(connection: Connection, banks: Banks, session: Rescoring, now: dt.datetime) -> Consequences:
    run = run_of(connection, session, now)
    require_sound(connection, banks, run)
    looked_at, parts = 0, []
    for plan in everything(connection, banks, run):
        looked_at += len(plan.attempts)
        if len(plan.areas):
            whose = plan.attempts[["attempt_id", "person_id", "state"]]
            parts.append(plan.areas.merge(whose.rename(columns={"person_id": "candidate_id"}), on="attempt_id"))
    return _consequences(looked_at, pd.concat(parts, ignore_index=True) if parts else None)


def overview(db: Database, banks: Banks, rescoring_id: int, now: dt.datetime) -> Overview:
    """Return everything about a session: of a draft what it would do, else what it did."""
    with db.read() as connection:
        session = existing(connection, rescoring_id)
        changes = rescorings.changes_of(connection, rescoring_id)
        counts = rescoring_lists.counts(connection).get(rescoring_id, {})
        found, hindrance, still = None, "", waiting(connection, rescoring_id, now)
        if session.state is not RescoringState.DRAFT:
            found = _applied(connection, session, counts.get("looked_at", 0), still)
        else:
            try:
                found = _preview(connection, banks, session, now)
            except Conflict as error:
                hindrance = error.sentence
        return Overview(
            session,
            changes,
            rescored_attempts.count(connection, run_of(connection, session, now).scope),
            counts,
            notices.count_of_rescoring(connection, rescoring_id),
            rescoring_lists.decisions(connection, rescoring_id),
            still,
            found,
            hindrance,
        )


def increases(db: Database, rescoring_id: int, now: dt.datetime) -> pd.DataFrame:
    """Return the increases that wait in a session, with the columns of `INCREASES`."""
    with db.read() as connection:
        return waiting(connection, rescoring_id, now)


def _applied(connection: Connection, session: Rescoring, looked_at: int, still: pd.DataFrame) -> Consequences:
    areas = rescoring_lists.areas_of(connection, session.id)
    if not len(areas):
        return _consequences(looked_at, None)
    key = ["attempt_id", "content_area"]
    areas = areas.merge(still[[*key, "increase"]], on=key, how="left")
    areas["waiting"] = areas["increase"].astype(float).fillna(0.0)
    return _consequences(looked_at, areas.assign(target=areas["credits_by_rule"]))


def _consequences(looked_at: int, areas: pd.DataFrame | None) -> Consequences:
    if areas is None:
        figures = dict.fromkeys(FIGURES, 0.0) | {"looked_at": looked_at}
        return Consequences(figures, pd.DataFrame(columns=list(PEOPLE)), pd.DataFrame(columns=list(AREAS)))
    areas = areas.assign(
        decision_before=decision_before(areas),
        decision=areas["decision"].astype("str"),
        up=areas["points"] / areas["items"] > areas["before_points"] / areas["before_items"] + 1e-9,
        down=areas["points"] / areas["items"] < areas["before_points"] / areas["before_items"] - 1e-9,
        seen=seen_changes(areas),
        less=areas["credits"] < areas["before_credits"],
        more=areas["waiting"] > 0,
        given=areas["credits"] > areas["before_credits"],
        held=(areas["credits"] > areas["target"]) & (areas["credits_kept"] > 0),
    )
    by_attempt = areas.groupby("attempt_id")[["up", "down", "seen", "less", "more", "given", "held"]].any()
    released = areas.drop_duplicates("attempt_id").set_index("attempt_id")["state"] == State.RELEASED
    figures = {
        "looked_at": looked_at,
        "changed": len(by_attempt),
        "score_up": int(by_attempt["up"].sum()),
        "score_down": int(by_attempt["down"].sum()),
        "credits_down": int(by_attempt["less"].sum()),
        "credits_up": int(by_attempt["given"].sum()),
        "credits_same": int((~by_attempt["less"] & ~by_attempt["given"]).sum()),
        "waiting": int(by_attempt["more"].sum()),
        "kept": int(by_attempt["held"].sum()),
        "told": int((by_attempt["seen"] & released).sum()),
        "unreleased": int((~released).sum()),
        "sum_before": round(float(areas["before_credits"].sum()), 10),
        "sum_after": round(float(areas["credits"].sum()), 10),
        "sum_waiting": round(float(areas["waiting"].sum()), 10),
    }
    return Consequences(figures, _people(areas), _by_area(areas))


FIGURES = (
    "looked_at", "changed", "score_up", "score_down", "credits_down", "credits_up", "credits_same", "waiting", "kept",
    "told", "unreleased", "sum_before", "sum_after", "sum_waiting",
)  # fmt: skip


def _people(areas: pd.DataFrame) -> pd.DataFrame:
    shown = areas[areas["seen"] | areas["more"]]
    return pd.DataFrame(
        {
            "attempt_id": shown["attempt_id"],
            "candidate_id": shown["candidate_id"],
            "state": shown["state"].astype("str"),
            "content_area": shown["content_area"],
            "points_before": shown["before_points"],
            "points_after": shown["points"],
            "items_before": shown["before_items"],
            "items_after": shown["items"],
            "decision_before": shown["decision_before"],
            "decision_after": shown["decision"],
            "credits_before": shown["before_credits"],
            "credits_after": shown["credits"],
            "credits_kept": np.where(shown["held"], shown["credits_kept"], 0.0),
            "credits_waiting": shown["waiting"],
        },
        columns=list(PEOPLE),
    ).reset_index(drop=True)


def _by_area(areas: pd.DataFrame) -> pd.DataFrame:
    changed = areas[areas["seen"] | areas["more"]]
    grouped = changed.assign(
        prescribed_before=changed["before_credits"] > 0, prescribed_after=changed["credits"] > 0
    ).groupby("content_area", sort=True)
    found = grouped.agg(
        attempts=("attempt_id", "size"),
        score_up=("up", "sum"),
        score_down=("down", "sum"),
        prescribed_before=("prescribed_before", "sum"),
        prescribed_after=("prescribed_after", "sum"),
        credits_before=("before_credits", "sum"),
        credits_after=("credits", "sum"),
        credits_waiting=("waiting", "sum"),
    )
    return found.round(10).reset_index()[list(AREAS)]
