"""Rows of what surrounds the answers of a sitting: preparation, tools, comments, survey."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.preparations import Outcome, Preparation
from ssa_engine.storage.sitting_tables import comments, item_tools, preparations, survey_answers


def latest_preparation(connection: Connection, credential_id: int, cycle: int) -> Preparation | None:
    """Return the latest preparation for a credential in one cycle, or None."""
    query = (
        preparations.select()
        .where(preparations.c.credential_id == credential_id, preparations.c.cycle == cycle)
        .order_by(preparations.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    outcome = Outcome(row.outcome) if row.outcome else None
    return Preparation(row.id, row.began_at, row.agree_by, row.agreed_at, outcome)


def begin_preparation(
    connection: Connection, *, credential_id: int, cycle: int, at: dt.datetime, agree_by: dt.datetime | None
) -> int:
    """Insert a preparation; return its id."""
    row = {"credential_id": credential_id, "cycle": cycle, "began_at": at, "agree_by": agree_by}
    return int(connection.execute(preparations.insert().values(row).returning(preparations.c.id)).scalar_one())


def accept_agreement(connection: Connection, preparation_id: int, at: dt.datetime) -> None:
    """Note that the agreement was accepted."""
    connection.execute(preparations.update().where(preparations.c.id == preparation_id).values(agreed_at=at))


def end_preparation(connection: Connection, preparation_id: int, outcome: Outcome) -> None:
    """Note how a preparation ended."""
    connection.execute(preparations.update().where(preparations.c.id == preparation_id).values(outcome=outcome))


def set_tools(connection: Connection, attempt_id: int, item_id: str, **values: str) -> None:
    """Set what is given of `struck`, `highlights`, `note` for an item. Repeating it changes nothing."""
    at = sa.and_(item_tools.c.attempt_id == attempt_id, item_tools.c.item_id == item_id)
    if connection.execute(item_tools.update().where(at).values(values)).rowcount == 0:
        connection.execute(item_tools.insert().values(attempt_id=attempt_id, item_id=item_id, **values))


def add_comment(connection: Connection, *, attempt_id: int, item_id: str, text: str, at: dt.datetime) -> bool:
    """Append a comment on an item; whether it is new: the same words a second time are one comment."""
    own = sa.and_(comments.c.attempt_id == attempt_id, comments.c.item_id == item_id, comments.c.text == text)
    if connection.execute(sa.select(comments.c.id).where(own)).first() is not None:
        return False
    connection.execute(comments.insert().values(attempt_id=attempt_id, item_id=item_id, text=text, at=at))
    return True


def comments_on(connection: Connection, item_id: str, most: int = 100) -> list[tuple[dt.datetime, str]]:
    """Return when and what was said of an item, latest first."""
    columns = (comments.c.at, comments.c.text)
    query = sa.select(*columns).where(comments.c.item_id == item_id).order_by(comments.c.id.desc()).limit(most)
    return [(row.at, row.text) for row in connection.execute(query)]


def save_survey(connection: Connection, attempt_id: int, answers: Mapping[str, str], at: dt.datetime) -> None:
    """Store the answers to the survey in place of any given before."""
    connection.execute(survey_answers.delete().where(survey_answers.c.attempt_id == attempt_id))
    rows = [{"attempt_id": attempt_id, "question_id": one, "answer": text, "at": at} for one, text in answers.items()]
    if rows:
        connection.execute(survey_answers.insert(), rows)


def survey_of(connection: Connection, attempt_id: int) -> dict[str, str]:
    """Return question id -> answer of an attempt's survey; empty if it was not answered."""
    query = survey_answers.select().where(survey_answers.c.attempt_id == attempt_id)
    return {row.question_id: row.answer for row in connection.execute(query)}
