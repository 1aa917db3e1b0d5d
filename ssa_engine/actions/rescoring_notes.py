"""What a session keeps of each attempt: the results it made, and the increases that wait for a person or lapsed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd

from ssa_engine.actions.rescoring_plans import Run
from ssa_engine.actions.rescoring_versions import Row, as_rows
from ssa_engine.core.rescorings import IncreaseDecision
from ssa_engine.storage import rescored_attempts, rescoring_lists
from ssa_engine.storage.db import Connection

REVERTED = "Lapsed: the session was reverted."

NOBODY = {"decided_by": "", "decided_at": None, "decision_reason": ""}


def note_rescoring(
    connection: Connection, run: Run, attempts: pd.DataFrame, ids: Mapping[int, int], waiting: Mapping[int, float]
) -> None:
    """Note that a session looked at these attempts; `ids` are the new results, `waiting` the increases, by attempt."""
    rows = [_first_row(run, row, ids, waiting) for row in as_rows(attempts, ["attempt_id", "result_id"])]
    rescored_attempts.insert_many(connection, [{**row, "after_result_id": ids.get(row["attempt_id"])} for row in rows])


def _first_row(run: Run, row: Row, ids: Mapping[int, int], waiting: Mapping[int, float]) -> Row:
    more = waiting.get(row["attempt_id"], 0.0) if row["attempt_id"] in ids else 0.0
    return {
        "rescoring_id": run.session.id,
        "attempt_id": row["attempt_id"],
        "before_result_id": row["result_id"],
        "increase": more,
        "decision": IncreaseDecision.WAITING if more > 0 else IncreaseDecision.NOT_NEEDED,
    }


def note_revert(
    connection: Connection,
    run: Run,
    attempts: pd.DataFrame,
    ids: Mapping[int, int],
    waiting: Mapping[int, float],
    who: str,
    now: dt.datetime,
) -> None:
    """Note the results of a revert; an increase that waited lapses.

    One that the revert leaves waits here, unless a person decided about the attempt in this session: that decision
    stays on record, and what is left waits in the session in force that asks for it.
    """
    changed = [
        row for row in as_rows(attempts, ["attempt_id", "result_id", "seen", "decision"]) if row["attempt_id"] in ids
    ]
    new = [row for row in changed if not row["seen"]]
    rescored_attempts.insert_many(
        connection, [{**_first_row(run, row, ids, waiting), "revert_result_id": ids[row["attempt_id"]]} for row in new]
    )
    old = [row for row in changed if row["seen"]]
    number = run.session.id
    rescored_attempts.update_many(
        connection,
        number,
        [{"attempt_id": one["attempt_id"], "revert_result_id": ids[one["attempt_id"]]} for one in old],
    )
    more = [one["attempt_id"] for one in old if waiting.get(one["attempt_id"], 0.0) > 0]
    decided = rescoring_lists.decided_by_a_person(connection, number, more)
    _wait(connection, number, [one for one in more if one not in decided], waiting)
    elsewhere: dict[int, list[int]] = {}
    for attempt, session in rescoring_lists.open_in_force(connection, number, sorted(decided)).items():
        elsewhere.setdefault(session, []).append(attempt)
    for session, own in elsewhere.items():
        _wait(connection, session, own, waiting)
    lapsed = {one["attempt_id"] for one in old if one["decision"] == IncreaseDecision.WAITING} - set(more)
    by = {"decided_by": who, "decided_at": now, "decision_reason": REVERTED}
    rescored_attempts.update_many(
        connection,
        number,
        [{"attempt_id": one, "decision": IncreaseDecision.DECLINED, **by} for one in sorted(lapsed)],
    )


def _wait(connection: Connection, rescoring_id: int, attempts: Sequence[int], waiting: Mapping[int, float]) -> None:
    """Let the increases of these attempts wait in a session."""
    rescored_attempts.update_many(
        connection,
        rescoring_id,
        [
            {"attempt_id": one, "increase": waiting[one], "decision": IncreaseDecision.WAITING, **NOBODY}
            for one in attempts
        ],
    )
