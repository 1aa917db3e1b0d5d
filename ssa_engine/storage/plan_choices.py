"""Rows of what a candidate chose for the plan of a prescription: activities that are in it, and those that are not."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.claims import USES
from ssa_engine.storage.attempts import of_same_cycle
from ssa_engine.storage.process_tables import claims, plan_choices
from ssa_engine.storage.tables import attempts

Choice = Literal["in", "out"]


def of_attempt(connection: Connection, attempt_id: int) -> dict[int, Choice]:
    """Return activity -> what was chosen for it, in the order in which it was."""
    query = (
        sa.select(plan_choices.c.activity_id, plan_choices.c.choice)
        .where(plan_choices.c.attempt_id == attempt_id)
        .order_by(plan_choices.c.chosen_at, plan_choices.c.activity_id)
    )
    return {row.activity_id: row.choice for row in connection.execute(query)}


def put(
    connection: Connection, attempt_id: int, activity_id: int, choice: Choice | None, at: dt.datetime
) -> Choice | None:
    """Keep a choice in place of the one before, or keep none; return the one before.

    The attempt is locked first, so that of two choices at the same moment the later one stands.
    """
    connection.execute(sa.select(attempts.c.id).where(attempts.c.id == attempt_id).with_for_update())
    own = sa.and_(plan_choices.c.attempt_id == attempt_id, plan_choices.c.activity_id == activity_id)
    before: Choice | None = connection.execute(sa.select(plan_choices.c.choice).where(own)).scalar()
    if before == choice:
        return before
    connection.execute(plan_choices.delete().where(own))
    if choice is not None:
        connection.execute(
            plan_choices.insert().values(attempt_id=attempt_id, activity_id=activity_id, choice=choice, chosen_at=at)
        )
    return before


def claimed(connection: Connection, attempt_id: int) -> set[int]:
    """Return the activities that a claim uses, for whichever attempt of the cycle: it waits, or was approved."""
    query = sa.select(claims.c.activity_id).where(
        claims.c.attempt_id.in_(of_same_cycle(attempt_id)),
        claims.c.activity_id.is_not(None),
        claims.c.state.in_(sorted(USES)),
    )
    return set(connection.execute(query).scalars())
