"""From new area results to rows: result versions, prescriptions that go on, and what the people concerned are told."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.rescoring_plans import Run
from ssa_engine.core.attempts import State
from ssa_engine.core.cycles import Happening, position
from ssa_engine.core.policies import Decision, DecisionRule
from ssa_engine.core.prescription_words import explain
from ssa_engine.core.rescorings import Cause
from ssa_engine.core.scoring import standard_beside
from ssa_engine.storage import cycles, notices, result_versions
from ssa_engine.storage.db import Connection

Row = dict[str, Any]


def seen_changes(areas: pd.DataFrame) -> pd.Series:
    """Return for each area whether a person sees that something changed: points, items, credits or the decision."""
    differ = pd.Series(False, index=areas.index)
    for name in ("points", "items", "credits"):
        differ |= areas[name] != areas[f"before_{name}"]
    return differ | (decision_before(areas) != areas["decision"].astype("str"))


def decision_before(areas: pd.DataFrame) -> pd.Series:
    """Return the decisions of the results before; where none was kept, those by the raw score."""
    raw = np.where(areas["before_below_standard"].astype(bool), str(Decision.PRESCRIBE), str(Decision.NONE))
    known = areas["before_decision"].astype(object)
    return known.where(known.notna(), pd.Series(raw, index=areas.index, dtype=object)).astype("str")


def store(
    connection: Connection,
    banks: Banks,
    run: Run,
    attempts: pd.DataFrame,
    areas: pd.DataFrame,
    cause: Cause,
    now: dt.datetime,
) -> dict[int, int]:
    """Store a result version for each attempt that has areas; return attempt -> id of the new result.

    The prescription goes on: it was issued when the first one was, and is due when that is. The first one of an attempt
    is issued as of its first result, because what was earned since then counts.
    """
    if not len(areas):
        return {}
    changed = attempts[attempts["attempt_id"].isin(areas["attempt_id"].unique())]
    own = as_rows(changed, TERMS)
    versions = [
        {
            "attempt_id": row["attempt_id"],
            "version": row["version"] + 1,
            "discipline": run.session.discipline,
            "policy_version": row["policy_version"],
            "bank_version": row["bank_version"],
            "key_version": row["new_key_version"],
            "scored_at": now,
            "cause": cause,
            "rescoring_id": run.session.id,
        }
        for row in own
    ]
    rules = {row["attempt_id"]: run.policy(connection, row["policy_version"]).policy.decision for row in versions}
    new = [row for row in own if pd.isna(row["due_on"])]
    scored = result_versions.first_scored(connection, [row["attempt_id"] for row in new])
    happened = cycles.happenings_of_many(connection, [row["credential_id"] for row in new])
    terms = {row["attempt_id"]: _terms(banks, row, scored, happened) for row in own}
    return result_versions.insert_many(connection, versions, _area_rows(areas, rules), terms)


TERMS = (
    "attempt_id", "version", "policy_version", "bank_version", "new_key_version", "issued_at", "due_on", "started_at",
    "credential_id", "earned_on", "recorded_on",
)  # fmt: skip
"""What of an attempt its next result version and its prescription need."""


def _terms(
    banks: Banks,
    row: Mapping[Any, Any],
    scored: Mapping[int, dt.datetime],
    happened: Mapping[int, tuple[Happening, ...]],
) -> tuple[dt.datetime, dt.date]:
    if not pd.isna(row["due_on"]):
        return pd.Timestamp(row["issued_at"]).to_pydatetime(), row["due_on"]
    rules = banks.at(row["bank_version"]).spec.cqr
    started_on = rules.today(pd.Timestamp(row["started_at"]).to_pydatetime())
    recorded_on = None if pd.isna(row["recorded_on"]) else row["recorded_on"]
    found = position(started_on, row["earned_on"], rules, happened.get(row["credential_id"], ()), recorded_on)
    return scored[row["attempt_id"]], found.cycle.due_on if found else started_on


def _area_rows(areas: pd.DataFrame, rules: Mapping[int, DecisionRule]) -> list[Row]:
    names = ["attempt_id", *result_versions.AREA_COLUMNS, "target"]
    columns = [areas[name].tolist() for name in names]
    rows = [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]
    for row in rows:
        row["score_se"] = None if math.isnan(row["score_se"]) else row["score_se"]
        row["decision"] = str(row["decision"])
        row["sentence"] = _sentence(
            row["items"],
            row["points"],
            row["standard"],
            row["below_standard"],
            row["credits"],
            row["credits_by_rule"],
            row["decision"],
            rules[row["attempt_id"]],
            row["credits_kept"],
            row["target"],
        ) if row["credits"] > 0 else ""  # fmt: skip
    return rows


@lru_cache(maxsize=65_536)
def _sentence(
    items: int,
    points: float,
    standard: float,
    below: bool,
    credits: float,
    by_rule: float,
    decision: str,
    rule: DecisionRule,
    kept: float,
    by_cap: float,
) -> str:
    """Say how an area's credits came about; a cohort has a few hundred different ones."""
    return str(
        explain(
            items=items,
            points=points,
            standard=standard_beside(points, standard=standard, items=items),
            below=below,
            credits=credits,
            credits_by_rule=by_rule,
            decision=decision,
            rule=rule,
            credits_kept=kept,
            credits_by_cap=by_cap,
        )
    )


def tell(
    connection: Connection,
    run: Run,
    attempts: pd.DataFrame,
    areas: pd.DataFrame,
    event: str,
    now: dt.datetime,
    *,
    everybody: bool = False,
) -> int:
    """Write to everyone who has seen the result and for whom it changed (or to `everybody`); return how many.

    Who has not seen a result yet sees the new one when it is released. `told_before` says whether the session (for a
    decision: any session) has written about the attempt before: who was released meanwhile has had no letter.
    """
    released = as_rows(attempts[attempts["state"] == State.RELEASED], ["attempt_id", "person_id", "result_id"])
    people = {row["attempt_id"]: row["person_id"] for row in released}
    replaced = {row["attempt_id"]: row["result_id"] for row in released}
    seen, own = seen_changes(areas), areas["attempt_id"].isin(people)
    shown = areas[(seen | (areas["waiting"] > 0)) & own]
    told = set(people) if everybody else set(areas.loc[seen & own, "attempt_id"].tolist())
    details = _details(shown)
    by = None if everybody else run.session.id
    earlier = notices.told(connection, {people[attempt] for attempt in told}, by)
    before, after = sums(areas, "before_credits"), sums(areas, "credits")
    rows = [
        {
            "person_id": people[attempt],
            "attempt_id": attempt,
            "kind": f"rescoring_{event}",
            "key": f"rescoring/{run.session.id}/attempt/{attempt}/result/{replaced[attempt]}/{event}",
            "details": {
                "discipline": run.session.discipline,
                "credits": [before[attempt], after[attempt]],
                "areas": details.get(attempt, []),
                "told_before": attempt in earlier,
            },
        }
        for attempt in sorted(told)
    ]
    notices.insert_many(connection, rows, now)
    return len(rows)


def _details(shown: pd.DataFrame) -> dict[int, list[Row]]:
    """Return attempt -> what a letter says about each of its areas: before and after."""
    found: dict[int, list[Row]] = {}
    for row in as_rows(shown, [*DETAILS, *(f"before_{name}" for name in ("points", "items", "credits"))]):
        found.setdefault(row["attempt_id"], []).append(
            {
                "area": row["content_area"],
                "points": [row["before_points"], row["points"]],
                "items": [row["before_items"], row["items"]],
                "standard": row["standard"],
                "credits": [row["before_credits"], row["credits"]],
                "kept": row["credits_kept"] if row["credits"] > row["target"] else 0.0,
                "waiting": row["waiting"],
            }
        )
    return found


DETAILS = (
    "attempt_id", "content_area", "points", "items", "standard", "credits", "credits_kept", "target", "waiting",
)  # fmt: skip


def as_rows(frame: pd.DataFrame, names: Sequence[str]) -> list[Row]:
    """Return columns of a frame as plain rows."""
    columns = [frame[name].tolist() for name in names]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def sums(areas: pd.DataFrame, name: str) -> dict[int, float]:
    """Return attempt -> the sum of a column over its areas."""
    if not len(areas):
        return {}
    totals = areas.groupby("attempt_id")[name].sum().round(10)
    return dict(zip(totals.index.tolist(), totals.tolist(), strict=True))
