"""Many result versions at once: what a rescoring adds beside the results there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.storage.tables import area_scores, prescription_areas, prescriptions, results

AREA_COLUMNS = tuple(column.name for column in area_scores.c if column.name != "result_id")


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
