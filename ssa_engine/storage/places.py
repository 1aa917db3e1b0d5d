"""The places of a form as one attempt fills them: item, counted response, flag, tools. The log of responses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import Attempt
from ssa_engine.storage.prepared import Prepared
from ssa_engine.storage.sitting_tables import flags, item_tools
from ssa_engine.storage.tables import form_items, responses

_later = responses.alias("later")
_counted = (
    sa.select(sa.func.max(_later.c.id))
    .where(_later.c.attempt_id == sa.bindparam("attempt_id"), _later.c.item_id == form_items.c.item_id)
    .correlate(form_items)
    .scalar_subquery()
)
_place = (
    sa.select(
        form_items.c.position,
        form_items.c.item_id,
        form_items.c.options,
        responses.c.answer,
        responses.c.answered_at,
        flags.c.item_id.label("flag"),
        item_tools.c.struck,
        item_tools.c.highlights,
        item_tools.c.note,
    )
    .select_from(form_items)
    .join(responses, responses.c.id == _counted, isouter=True)
    .join(
        flags,
        sa.and_(flags.c.attempt_id == sa.bindparam("attempt_id"), flags.c.item_id == form_items.c.item_id),
        isouter=True,
    )
    .join(
        item_tools,
        sa.and_(item_tools.c.attempt_id == sa.bindparam("attempt_id"), item_tools.c.item_id == form_items.c.item_id),
        isouter=True,
    )
    .where(form_items.c.form_id == sa.bindparam("form_id"))
)
_PLACE = Prepared(_place.where(form_items.c.position == sa.bindparam("position")))
_PLACES = Prepared(_place.order_by(form_items.c.position))
_SAVED_WITH = Prepared(
    sa.select(responses.c.answer).where(
        responses.c.attempt_id == sa.bindparam("attempt_id"),
        responses.c.token == sa.bindparam("token"),
        responses.c.item_id == sa.bindparam("item_id"),
    )
)
_APPEND = Prepared(
    responses.insert()
    .inline()
    .values(
        {
            name: sa.bindparam(name, type_=responses.c[name].type)
            for name in ("attempt_id", "item_id", "answer", "token", "answered_at", "seconds", "late")
        }
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """One position of an attempt: its item as drawn, the counted response, the flag, the candidate's tools.

    `answer` is None where nothing was answered or the answer was taken back; `answered_at` is when either was saved.
    """

    position: int
    item_id: str
    options: tuple[str, ...]
    answer: str | None
    answered_at: dt.datetime | None
    flagged: bool
    struck: tuple[str, ...] = ()
    highlights: str = ""
    note: str = ""


def place(connection: Connection, attempt: Attempt, position: int) -> Place | None:
    """Return one position of the attempt's form, or None."""
    row = _PLACE.first(connection, attempt_id=attempt.id, form_id=attempt.form_id, position=position)
    return None if row is None else _as_place(row)


def places(connection: Connection, attempt: Attempt) -> list[Place]:
    """Return all positions of the attempt's form, in order."""
    return [_as_place(row) for row in _PLACES.all(connection, attempt_id=attempt.id, form_id=attempt.form_id)]


def saved_with(connection: Connection, attempt_id: int, item_id: str, token: str) -> str | None:
    """Return the answer to this item that was saved with this token, or None."""
    row = _SAVED_WITH.first(connection, attempt_id=attempt_id, item_id=item_id, token=token)
    return None if row is None else str(row.answer)


def append_response(
    connection: Connection,
    *,
    attempt_id: int,
    item_id: str,
    answer: str,
    token: str,
    at: dt.datetime,
    seconds: float,
    late: bool,
) -> None:
    """Append a response. Responses are never changed; the latest one counts. An empty answer takes one back."""
    _APPEND.run(
        connection,
        attempt_id=attempt_id,
        item_id=item_id,
        answer=answer,
        token=token,
        answered_at=at,
        seconds=seconds,
        late=late,
    )


def set_flag(connection: Connection, attempt_id: int, item_id: str, flagged: bool) -> None:
    """Flag an item, or take its flag away. Repeating it changes nothing."""
    connection.execute(flags.delete().where(flags.c.attempt_id == attempt_id, flags.c.item_id == item_id))
    if flagged:
        connection.execute(flags.insert().values(attempt_id=attempt_id, item_id=item_id))


def last_response_id(connection: Connection, attempt_id: int) -> int:
    """Return the id of the latest response of the attempt, 0 if there is none."""
    query = sa.select(sa.func.max(responses.c.id)).where(responses.c.attempt_id == attempt_id)
    return int(connection.execute(query).scalar() or 0)


def response_log(connection: Connection, attempt_id: int) -> list[Any]:
    """Return every response received for the attempt, in the order they were appended."""
    query = responses.select().where(responses.c.attempt_id == attempt_id).order_by(responses.c.id)
    return list(connection.execute(query))


def append_responses(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Append many responses at once; each row has the columns of the table."""
    connection.execute(responses.insert(), rows)


def _as_place(row: Any) -> Place:
    return Place(
        row.position,
        row.item_id,
        split(row.options),
        row.answer or None,
        row.answered_at,
        row.flag is not None,
        split(row.struck),
        row.highlights or "",
        row.note or "",
    )


def split(ids: str | None) -> tuple[str, ...]:
    """Return the ids of a text that joins them with commas."""
    return tuple(ids.split(",")) if ids else ()
