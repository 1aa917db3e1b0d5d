"""Increases of credits that a rescoring left to a person: list them, accept them, decline them with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.rescoring_plans import Run, run_of
from ssa_engine.actions.rescoring_versions import as_rows, store, tell
from ssa_engine.actions.rescorings import existing
from ssa_engine.core.errors import Conflict, Invalid
from ssa_engine.core.rescored_results import offer
from ssa_engine.core.rescorings import Cause, IncreaseDecision, RescoringState
from ssa_engine.core.text import say
from ssa_engine.storage import audit, rescored_attempts, result_versions
from ssa_engine.storage.db import Connection, Database

BATCH = 500
"""Attempts decided in one transaction."""


def waiting(connection: Connection, rescoring_id: int, now: dt.datetime) -> pd.DataFrame:
    """Return the increases that wait in a session, one row a content area.

    Columns: `attempt_id`, `candidate_id`, `content_area`, `credits` (prescribed now), `credits_if_accepted` and
    `increase`.
    """
    run = _run_of(connection, rescoring_id, now)
    attempts, areas = _offers(connection, run, None)
    columns = ["attempt_id", "candidate_id", "content_area", "credits", "credits_if_accepted", "increase"]
    if not len(areas):
        return pd.DataFrame(columns=columns)
    shown = areas[areas["credits"] > areas["before_credits"]].merge(
        attempts[["attempt_id", "person_id"]], on="attempt_id"
    )
    found = shown.assign(
        candidate_id=shown["person_id"],
        credits_if_accepted=shown["credits"],
        credits=shown["before_credits"],
        increase=(shown["credits"] - shown["before_credits"]).round(10),
    )
    return found[columns].reset_index(drop=True)


def accept(
    db: Database, banks: Banks, rescoring_id: int, *, attempts: Sequence[int] | None, who: str, now: dt.datetime
) -> int:
    """Accept the increases of these attempts (of all that wait, if None): a further result version each.

    Returns
    -------
    int
        How many were accepted.

    Raises
    ------
    NotFound
        If there is no such session.
    Conflict
        If an attempt that is named does not wait (any more).
    """
    return _decide(db, banks, rescoring_id, attempts, "", who, now)


def decline(
    db: Database,
    banks: Banks,
    rescoring_id: int,
    *,
    attempts: Sequence[int] | None,
    reason: str,
    who: str,
    now: dt.datetime,
) -> int:
    """Decline the increases of these attempts (of all that wait, if None); returns and raises as `accept` does.

    Raises
    ------
    Invalid
        If there is no reason.
    """
    if not reason.strip():
        raise Invalid(say("Say why the increase is declined; the reason stays with the attempt."))
    return _decide(db, banks, rescoring_id, attempts, reason.strip(), who, now)


def _run_of(connection: Connection, rescoring_id: int, now: dt.datetime) -> Run:
    run = run_of(connection, existing(connection, rescoring_id), now)
    return Run(run.session, run.changes, rescored_attempts.waiting_scope(run.scope))


def _offers(
    connection: Connection, run: Run, wanted: Sequence[int] | None, after: int = 0, limit: int | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the attempts that wait, and their areas with what accepting gives."""
    first = after if wanted is None else min(wanted) - 1
    last = None if wanted is None else max(wanted)
    found = rescored_attempts.batch(connection, run.scope, after=first, until=last, limit=limit)
    found = found if wanted is None else found[found["attempt_id"].isin(wanted)]
    if not len(found):
        return found, pd.DataFrame({"attempt_id": []})
    stored = rescored_attempts.present_areas(connection, found["attempt_id"].tolist(), with_first=False)
    stored = result_versions.with_declined(connection, stored, run.session.id)
    parts = [
        offer(stored[stored["attempt_id"].isin(own["attempt_id"])], run.policy(connection, int(str(policy))).policy)
        for policy, own in found.groupby("policy_version", sort=False)
    ]
    return found, pd.concat(parts, ignore_index=True)


def _decide(
    db: Database,
    banks: Banks,
    rescoring_id: int,
    attempts: Sequence[int] | None,
    reason: str,
    who: str,
    now: dt.datetime,
) -> int:
    """Decide on the increases, a batch at a time; with a reason they are declined."""
    total, pending = 0, None if attempts is None else sorted(set(attempts))
    while pending is None or pending:
        batch = None if pending is None else pending[:BATCH]
        with db.write() as connection:
            run = _run_of(connection, rescoring_id, now)
            count = _decide_batch(connection, banks, run, batch, reason, who, now)
        total += count
        if pending is None and not count:
            return total
        pending = None if pending is None else pending[BATCH:]
    return total


def _decide_batch(
    connection: Connection,
    banks: Banks,
    run: Run,
    wanted: Sequence[int] | None,
    reason: str,
    who: str,
    now: dt.datetime,
) -> int:
    found, areas = _locked(connection, run, wanted)
    if not len(found):
        return 0
    decision = IncreaseDecision.DECLINED if reason else IncreaseDecision.ACCEPTED
    ids = {row["attempt_id"]: row["result_id"] for row in as_rows(found, ["attempt_id", "result_id"])}
    if reason:  # the result stays; which one it was that held the increase is noted
        declined = (areas["credits"] - areas["before_credits"]).clip(lower=0).round(10)
        areas = areas.assign(waiting=declined, credits=areas["before_credits"])
    else:
        found = found.assign(new_key_version=found["key_version"])
        ids = store(connection, banks, run, found, areas, Cause.INCREASE, now)
    by = {"decision": decision, "decided_by": who, "decided_at": now, "decision_reason": reason}
    rows = as_rows(found, ["attempt_id"])
    rescored_attempts.update_many(
        connection, run.session.id, [{**row, **by, "increase_result_id": ids.get(row["attempt_id"])} for row in rows]
    )
    told = tell(connection, run, found, areas, str(decision), now, everybody=True)
    audit.add(
        connection,
        at=now,
        who=who,
        verb="accept" if not reason else "decline",
        noun="rescoring",
        noun_id=run.session.id,
        discipline=run.session.discipline,
        attempts=[row["attempt_id"] for row in rows],
        reason=reason,
        told=told,
    )
    return len(rows)


def _locked(connection: Connection, run: Run, wanted: Sequence[int] | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what waits of these attempts, locked; raise `Conflict` if one of them does not wait."""
    if run.session.state is RescoringState.REVERTING:
        raise Conflict(say("This session is being reverted, so its increases lapse."))
    found, areas = _offers(connection, run, wanted, limit=BATCH)
    if len(found):
        rescored_attempts.lock(connection, found["attempt_id"].tolist())
        found, areas = _offers(connection, run, found["attempt_id"].tolist())
    if wanted is not None and len(found) < len(wanted):
        missing = min(set(wanted) - set(found["attempt_id"].tolist()))
        raise Conflict(
            say("The increase of attempt {attempt} does not wait any more. Look at the session again.", attempt=missing)
        )
    return found, areas
