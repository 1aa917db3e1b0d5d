"""What rescoring sessions did, as lists: areas before and after, decisions on increases, counts of a session."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.rescorings import IN_FORCE, IncreaseDecision
from ssa_engine.storage.console_tables import rescored_attempts, rescorings
from ssa_engine.storage.result_versions import LAPSED
from ssa_engine.storage.tables import area_scores, attempts, credentials


def areas_of(connection: Connection, rescoring_id: int) -> pd.DataFrame:
    """Return every area of every attempt that a session rescored: the result before and the one it made.

    Columns: `attempt_id`, `candidate_id`, `state`, `content_area`, and of both results points, items, decision, credits
    (those before with `before_`), `credits_kept`, `before_below_standard`.
    """
    before, after = area_scores.alias("before"), area_scores.alias("after")
    both = ("points", "items", "decision", "credits")
    query = (
        sa.select(
            attempts.c.id.label("attempt_id"),
            credentials.c.person_id.label("candidate_id"),
            attempts.c.state,
            after.c.content_area,
            *(before.c[name].label(f"before_{name}") for name in (*both, "below_standard")),
            *(after.c[name] for name in (*both, "credits_kept", "credits_by_rule")),
        )
        .join_from(rescored_attempts, attempts, attempts.c.id == rescored_attempts.c.attempt_id)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .join(after, after.c.result_id == rescored_attempts.c.after_result_id)
        .join(
            before,
            sa.and_(
                before.c.result_id == rescored_attempts.c.before_result_id,
                before.c.content_area == after.c.content_area,
            ),
        )
        .where(rescored_attempts.c.rescoring_id == rescoring_id)
        .order_by(attempts.c.id)
    )
    found = connection.execute(query)
    return pd.DataFrame([tuple(row) for row in found], columns=list(found.keys()))


def decisions(connection: Connection, rescoring_id: int) -> list[dict[str, object]]:
    """Return the decisions that were made on increases, the latest first."""
    query = (
        sa.select(
            rescored_attempts.c.attempt_id,
            credentials.c.person_id.label("candidate_id"),
            rescored_attempts.c.increase,
            rescored_attempts.c.decision,
            rescored_attempts.c.decided_by,
            rescored_attempts.c.decided_at,
            rescored_attempts.c.decision_reason,
        )
        .join(attempts, attempts.c.id == rescored_attempts.c.attempt_id)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .where(rescored_attempts.c.rescoring_id == rescoring_id, rescored_attempts.c.decided_at.is_not(None))
        .order_by(rescored_attempts.c.decided_at.desc(), rescored_attempts.c.attempt_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


_by_a_person = sa.and_(
    rescored_attempts.c.decided_at.is_not(None), rescored_attempts.c.decision_reason.not_like(f"{LAPSED}%")
)


def decided_by_a_person(connection: Connection, rescoring_id: int, attempt_ids: Sequence[int]) -> set[int]:
    """Return those of these attempts whose increase a person accepted or declined in a session."""
    if not attempt_ids:
        return set()
    query = sa.select(rescored_attempts.c.attempt_id).where(
        rescored_attempts.c.rescoring_id == rescoring_id,
        rescored_attempts.c.attempt_id.in_(attempt_ids),
        _by_a_person,
    )
    return set(connection.execute(query).scalars())


def open_in_force(connection: Connection, but: int, attempt_ids: Sequence[int]) -> dict[int, int]:
    """Return attempt -> the other session in force that changed it last and in which no person decided about it.

    One that looked at the attempt without changing it serves where there is no better; without either it is left out.
    """
    if not attempt_ids:
        return {}
    query = (
        sa.select(rescored_attempts.c.attempt_id, rescored_attempts.c.rescoring_id)
        .join(rescorings, rescorings.c.id == rescored_attempts.c.rescoring_id)
        .where(
            rescored_attempts.c.rescoring_id != but,
            rescored_attempts.c.attempt_id.in_(attempt_ids),
            rescorings.c.state.in_(IN_FORCE),
            ~_by_a_person,
        )
        .order_by(
            sa.case((rescored_attempts.c.after_result_id.is_(None), 0), else_=1),
            rescorings.c.applied_at,
            rescorings.c.id,
        )
    )
    return {row.attempt_id: row.rescoring_id for row in connection.execute(query)}


def counts(connection: Connection) -> dict[int, dict[str, int]]:
    """Return session -> how many attempts it looked at, changed, reverted, and how the increases stand."""
    query = sa.select(
        rescored_attempts.c.rescoring_id,
        sa.func.count().label("looked_at"),
        sa.func.count(rescored_attempts.c.after_result_id).label("changed"),
        sa.func.count(rescored_attempts.c.revert_result_id).label("reverted"),
        *(
            sa.func.sum(sa.case((rescored_attempts.c.decision == one, 1), else_=0)).label(str(one))
            for one in (IncreaseDecision.WAITING, IncreaseDecision.ACCEPTED, IncreaseDecision.DECLINED)
        ),
    ).group_by(rescored_attempts.c.rescoring_id)
    rows = connection.execute(query).mappings()
    return {row["rescoring_id"]: {name: int(row[name]) for name in row if name != "rescoring_id"} for row in rows}
