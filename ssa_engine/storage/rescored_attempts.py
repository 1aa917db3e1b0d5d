"""Rows of what rescoring sessions did to attempts; and the attempts, answers and scores that a session looks at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import State
from ssa_engine.core.rescorings import IncreaseDecision
from ssa_engine.storage.console_tables import completed_credits, rescored_attempts
from ssa_engine.storage.tables import (
    area_scores,
    attempts,
    bank_versions,
    credentials,
    form_items,
    forms,
    prescriptions,
    responses,
    results,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which attempts a session looks at: submitted, with a changed item, of a bank stored before it was applied."""

    rescoring_id: int
    discipline: str
    items: tuple[str, ...]
    stored_by: dt.datetime
    reverting: bool = False
    beyond: int = 0
    """The attempts with ids up to this one are done."""
    only_waiting: bool = False
    """Whether only attempts whose increase waits are meant."""


def waiting_scope(scope: Scope) -> Scope:
    """Return the scope of the attempts whose increase waits in the same session."""
    return replace(scope, only_waiting=True)


def _frame(connection: Connection, query: sa.Select[Any]) -> pd.DataFrame:
    found = connection.execute(query)
    return pd.DataFrame([tuple(row) for row in found.fetchall()], columns=list(found.keys()))


def _plain_frame(connection: Connection, query: sa.Select[Any]) -> pd.DataFrame:
    """Read numbers and text as the driver gives them; a cohort's answers are too many to look at each."""
    found = connection.execute(query)
    frame = pd.DataFrame(found.cursor.fetchall() if found.cursor else [], columns=list(found.keys()))
    found.close()
    return frame


_later = results.alias("later")
_newest = (
    sa.select(sa.func.max(_later.c.version))
    .where(_later.c.attempt_id == attempts.c.id)
    .correlate(attempts)
    .scalar_subquery()
)
_earlier = results.alias("earlier")
_first = (
    sa.select(sa.func.min(prescriptions.c.id))
    .join(_earlier, _earlier.c.id == prescriptions.c.result_id)
    .where(_earlier.c.attempt_id == attempts.c.id)
    .correlate(attempts)
    .scalar_subquery()
)
_ledger = (
    sa.select(sa.func.coalesce(sa.func.max(completed_credits.c.id), 0))
    .where(completed_credits.c.attempt_id == attempts.c.id)
    .correlate(attempts)
    .scalar_subquery()
)


def _in_scope(scope: Scope) -> list[sa.ColumnElement[bool]]:
    noted = rescored_attempts.alias("noted")

    def is_noted(*more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        own = (noted.c.rescoring_id == scope.rescoring_id, noted.c.attempt_id == attempts.c.id)
        return sa.exists().where(*own, *more).correlate(attempts)

    scored = sa.exists().where(results.c.attempt_id == attempts.c.id).correlate(attempts)
    conditions = [attempts.c.state != State.IN_PROGRESS, _is_of(scope.discipline), scored]
    if scope.only_waiting:
        return [*conditions, is_noted(noted.c.decision == IncreaseDecision.WAITING)]
    held = sa.exists().where(form_items.c.form_id == attempts.c.form_id, form_items.c.item_id.in_(scope.items))
    done = is_noted(noted.c.revert_result_id.is_not(None)) if scope.reverting else is_noted()
    drawn = forms.alias("drawn")
    from_then = sa.exists().where(
        drawn.c.id == attempts.c.form_id,
        bank_versions.c.version == drawn.c.bank_version,
        bank_versions.c.stored_at <= scope.stored_by,
    )
    return [attempts.c.id > scope.beyond, *conditions, held.correlate(attempts), ~done, from_then.correlate(attempts)]


def _is_of(discipline: str) -> sa.ColumnElement[bool]:
    """Whether an attempt is of a discipline; a condition of its own, so that attempts are read in the order of ids."""
    held = credentials.alias("held")
    condition = (held.c.id == attempts.c.credential_id, held.c.discipline == discipline)
    return sa.exists().where(*condition).correlate(attempts)


def _of(query: sa.Select[Any], scope: Scope) -> sa.Select[Any]:
    """Read attempts first and then what belongs to each: an outer join leaves no other order to the database."""
    return (
        query.select_from(attempts)
        .join(credentials, credentials.c.id == attempts.c.credential_id, isouter=True)
        .join(forms, forms.c.id == attempts.c.form_id, isouter=True)
        .where(*_in_scope(scope))
    )


def count(connection: Connection, scope: Scope) -> int:
    """Return how many attempts the session has not looked at yet."""
    return int(connection.execute(_of(sa.select(sa.func.count()), scope)).scalar_one())


def batch(
    connection: Connection, scope: Scope, *, after: int, until: int | None = None, limit: int | None = None
) -> pd.DataFrame:
    """Return the next attempts to look at, in the order of their ids, each with its present result.

    Columns: `attempt_id`, `person_id`, `credential_id`, `state`, `started_at`, `earned_on`, `recorded_on`,
    `bank_version`, `result_id`, `version`, `policy_version`, `key_version`, `ledger` (the last row of completed
    credits), `issued_at` and `due_on` of the first prescription, `seen` (whether the session has looked at it before)
    and `decision`.
    """
    own = sa.and_(
        rescored_attempts.c.rescoring_id == scope.rescoring_id, rescored_attempts.c.attempt_id == attempts.c.id
    )
    query = (
        _of(
            sa.select(
                attempts.c.id.label("attempt_id"),
                credentials.c.person_id,
                attempts.c.credential_id,
                attempts.c.state,
                attempts.c.started_at,
                credentials.c.earned_on,
                credentials.c.recorded_on,
                forms.c.bank_version,
                results.c.id.label("result_id"),
                results.c.version,
                results.c.policy_version,
                results.c.key_version,
                _ledger.label("ledger"),
                prescriptions.c.issued_at,
                prescriptions.c.due_on,
                rescored_attempts.c.attempt_id.is_not(None).label("seen"),
                rescored_attempts.c.decision,
            ),
            scope,
        )
        .join(results, sa.and_(results.c.attempt_id == attempts.c.id, results.c.version == _newest), isouter=True)
        .join(prescriptions, prescriptions.c.id == _first, isouter=True)
        .join(rescored_attempts, own, isouter=True)
        .where(attempts.c.id > after)
        .order_by(attempts.c.id)
    )
    query = query if until is None else query.where(attempts.c.id <= until)
    return _frame(connection, query if limit is None else query.limit(limit))


def _among(ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """Whether an attempt is one of these; written into the statement, for a driver takes only so many values."""
    return attempts.c.id.in_(sa.bindparam("ids", list(ids), expanding=True, literal_execute=True))


def lock(connection: Connection, ids: Sequence[int]) -> None:
    """Keep others from changing these attempts until this transaction ends; rows that name one may still be added."""
    if connection.dialect.name == "postgresql":
        query = sa.select(attempts.c.id).where(_among(ids)).order_by(attempts.c.id)
        connection.execute(query.with_for_update(key_share=True)).all()


def answers(connection: Connection, ids: Sequence[int], areas: Sequence[str] | None) -> pd.DataFrame:
    """Return the items of these areas (of all, if None) with the counted answers, of these attempts."""
    later = responses.alias("later_response")
    counted = (
        sa.select(sa.func.max(later.c.id))
        .where(later.c.attempt_id == attempts.c.id, later.c.item_id == form_items.c.item_id)
        .correlate(attempts, form_items)
        .scalar_subquery()
    )
    query = (
        sa.select(
            attempts.c.id.label("attempt_id"),
            form_items.c.item_id,
            form_items.c.content_area,
            form_items.c.scored,
            sa.func.nullif(responses.c.answer, "").label("answer"),
        )
        .select_from(attempts)
        .join(form_items, form_items.c.form_id == attempts.c.form_id)
        .join(responses, responses.c.id == counted, isouter=True)
        .where(_among(ids))
    )
    query = query if areas is None else query.where(form_items.c.content_area.in_(areas))
    return _plain_frame(connection, query).astype({"scored": bool, "answer": "str"})


def present_areas(connection: Connection, ids: Sequence[int], *, with_first: bool) -> pd.DataFrame:
    """Return the areas of these attempts' present results, with what was completed and first prescribed in each."""
    completed = (
        sa.select(sa.func.coalesce(sa.func.sum(completed_credits.c.credits), 0.0))
        .where(
            completed_credits.c.attempt_id == attempts.c.id,
            completed_credits.c.content_area == area_scores.c.content_area,
        )
        .correlate(attempts, area_scores)
        .scalar_subquery()
    )
    initial, original = results.alias("initial"), area_scores.alias("original")
    first_credits = (
        sa.select(original.c.credits)
        .join(initial, initial.c.id == original.c.result_id)
        .where(
            initial.c.attempt_id == attempts.c.id,
            initial.c.version == 1,
            original.c.content_area == area_scores.c.content_area,
        )
        .correlate(attempts, area_scores)
        .scalar_subquery()
    )
    given = sa.func.coalesce(first_credits, 0.0) if with_first else sa.literal(0.0)
    query = (
        sa.select(
            attempts.c.id.label("attempt_id"),
            *(column for column in area_scores.c if column.name != "result_id"),
            completed.label("completed"),
            given.label("first_credits"),
        )
        .select_from(attempts)
        .join(results, sa.and_(results.c.attempt_id == attempts.c.id, results.c.version == _newest))
        .join(area_scores, area_scores.c.result_id == results.c.id)
        .where(_among(ids))
    )
    frame = _plain_frame(connection, query)
    kinds = {**dict.fromkeys(["score_se", "completed", "first_credits"], float), "below_standard": bool}
    return frame.astype(kinds).assign(completed=lambda own: own["completed"].round(10))


def insert_many(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Note what a session did to attempts it looked at for the first time."""
    if rows:
        connection.execute(rescored_attempts.insert(), list(rows))


def update_many(connection: Connection, rescoring_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Change what is noted of attempts; each row has `attempt_id` and the same other columns."""
    if not rows:
        return
    names = [name for name in rows[0] if name != "attempt_id"]
    statement = (
        rescored_attempts.update()
        .where(rescored_attempts.c.rescoring_id == rescoring_id, rescored_attempts.c.attempt_id == sa.bindparam("own"))
        .values({name: sa.bindparam(f"new_{name}", type_=rescored_attempts.c[name].type) for name in names})
    )
    connection.execute(
        statement, [{"own": row["attempt_id"], **{f"new_{name}": row[name] for name in names}} for row in rows]
    )


def lapse(connection: Connection, ids: Sequence[int], but: int, *, who: str, at: dt.datetime, reason: str) -> None:
    """Let increases that wait in other sessions lapse for these attempts: they have a newer result."""
    if ids:
        waiting = (
            rescored_attempts.c.rescoring_id != but,
            rescored_attempts.c.decision == IncreaseDecision.WAITING,
            rescored_attempts.c.attempt_id == sa.bindparam("own"),
        )
        told = {"decision": IncreaseDecision.DECLINED, "decided_by": who, "decided_at": at, "decision_reason": reason}
        connection.execute(rescored_attempts.update().where(*waiting).values(told), [{"own": one} for one in ids])


def lapse_own(connection: Connection, rescoring_id: int, *, who: str, at: dt.datetime, reason: str) -> None:
    """Let the increases lapse that still wait in a session although nothing of it is in force any more."""
    statement = rescored_attempts.update().where(
        rescored_attempts.c.rescoring_id == rescoring_id,
        rescored_attempts.c.decision == IncreaseDecision.WAITING,
        rescored_attempts.c.revert_result_id.is_(None),
    )
    told = {"decision": IncreaseDecision.DECLINED, "decided_by": who, "decided_at": at, "decision_reason": reason}
    connection.execute(statement.values(told))
