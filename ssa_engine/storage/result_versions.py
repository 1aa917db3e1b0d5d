"""Many result versions at once: what a rescoring adds to the results there are and asks of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.rescored_results import DECLINED_COLUMNS
from ssa_engine.core.rescorings import IncreaseDecision
from ssa_engine.storage.console_tables import rescored_attempts, rescorings
from ssa_engine.storage.tables import area_scores, prescription_areas, prescriptions, results

AREA_COLUMNS = tuple(column.name for column in area_scores.c if column.name != "result_id")

LAPSED = "Lapsed: "
"""So begins the reason where no person declined an increase, but a newer result took its place."""


def first_scored(connection: Connection, attempt_ids: Sequence[int]) -> dict[int, dt.datetime]:
    """Return attempt -> when its first result was scored."""
    query = sa.select(results.c.attempt_id, results.c.scored_at).where(
        results.c.attempt_id.in_(attempt_ids), results.c.version == 1
    )
    return {row.attempt_id: row.scored_at for row in connection.execute(query)} if attempt_ids else {}


def with_declined(connection: Connection, stored: pd.DataFrame, but: int) -> pd.DataFrame:
    """Add `declined_…` to areas of attempts: what the result held whose increase a person declined last.

    Declined in any session but this one, and not in one that was reverted since. Without such a result the areas come
    back as they are.
    """
    if not len(stored):
        return stored
    noted = rescored_attempts.c
    held = sa.func.coalesce(noted.increase_result_id, noted.revert_result_id, noted.after_result_id)
    # Declines of before the result was noted with them are told apart by the time.
    reverted_since = sa.and_(
        noted.revert_result_id.is_not(None),
        sa.func.coalesce(
            noted.revert_result_id > noted.increase_result_id, rescorings.c.reverted_at > noted.decided_at, sa.false()
        ),
    )
    last = (
        sa.select(noted.attempt_id, sa.func.max(held).label("id"))
        .join(rescorings, rescorings.c.id == noted.rescoring_id)
        .where(
            noted.attempt_id.between(int(stored["attempt_id"].min()), int(stored["attempt_id"].max())),
            noted.decision == IncreaseDecision.DECLINED,
            noted.rescoring_id != but,
            ~reverted_since,
            noted.decision_reason.not_like(f"{LAPSED}%"),
        )
        .group_by(noted.attempt_id)
        .subquery()
    )
    shown = [area_scores.c[name].label(f"declined_{name}") for name in DECLINED_COLUMNS]
    query = sa.select(last.c.attempt_id, area_scores.c.content_area, *shown).join(
        area_scores, area_scores.c.result_id == last.c.id
    )
    found = connection.execute(query)
    declined = pd.DataFrame([tuple(row) for row in found.fetchall()], columns=list(found.keys()))
    if not len(declined):
        return stored
    names = [f"declined_{name}" for name in DECLINED_COLUMNS]
    both = stored.merge(declined, on=["attempt_id", "content_area"], how="left", validate="one_to_one")
    return both.fillna(dict.fromkeys(names, 0.0))


def insert_many(
    connection: Connection,
    versions: Sequence[Mapping[str, Any]],
    areas: Sequence[Mapping[str, Any]],
    terms: Mapping[int, tuple[dt.datetime, dt.date]],
) -> dict[int, int]:
    """Insert one result for each attempt, with areas and a prescription where there are credits.

    Parameters
    ----------
    connection : Connection
        In a write transaction.
    versions : sequence of mappings
        The columns of `results` but the id; one for each attempt.
    areas : sequence of mappings
        `attempt_id`, the columns of `area_scores`, and `sentence`.
    terms : mapping
        Attempt -> when its prescription was first issued, and until when it is due.

    Returns
    -------
    dict
        Attempt -> id of its new result.
    """
    if not versions:
        return {}
    connection.execute(results.insert(), [dict(one) for one in versions])
    ids = _result_ids(connection, versions)
    rows = [{"result_id": ids[area["attempt_id"]], **{name: area[name] for name in AREA_COLUMNS}} for area in areas]
    connection.execute(area_scores.insert(), rows)
    _prescribe(connection, ids, [area for area in areas if area["credits"] > 0], terms)
    return ids


def _result_ids(connection: Connection, versions: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    wanted = {(one["attempt_id"], one["version"]) for one in versions}
    attempts = [attempt for attempt, _ in wanted]
    query = sa.select(results.c.id, results.c.attempt_id, results.c.version).where(
        results.c.attempt_id.between(min(attempts), max(attempts)),
        results.c.version.between(min(version for _, version in wanted), max(version for _, version in wanted)),
    )
    return {row.attempt_id: row.id for row in connection.execute(query) if (row.attempt_id, row.version) in wanted}


def _prescribe(
    connection: Connection,
    ids: Mapping[int, int],
    areas: Sequence[Mapping[str, Any]],
    terms: Mapping[int, tuple[dt.datetime, dt.date]],
) -> None:
    if not areas:
        return
    result_ids = {ids[area["attempt_id"]]: terms[area["attempt_id"]] for area in areas}
    connection.execute(
        prescriptions.insert(),
        [{"result_id": one, "issued_at": issued, "due_on": due} for one, (issued, due) in result_ids.items()],
    )
    query = sa.select(prescriptions.c.id, prescriptions.c.result_id).where(
        prescriptions.c.result_id.between(min(result_ids), max(result_ids))
    )
    prescribed = {row.result_id: row.id for row in connection.execute(query)}
    connection.execute(
        prescription_areas.insert(),
        [
            {
                "prescription_id": prescribed[ids[area["attempt_id"]]],
                "content_area": area["content_area"],
                "credits": area["credits"],
                "sentence": area["sentence"],
            }
            for area in areas
        ],
    )
