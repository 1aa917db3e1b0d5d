"""Rows of forms, attempts, responses and flags. What the answering path runs is prepared."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import Attempt, State
from ssa_engine.core.form_assembly import Form, FormItem
from ssa_engine.storage.prepared import Prepared
from ssa_engine.storage.tables import attempts, credentials, flags, form_items, forms, responses

_ATTEMPT = (
    sa.select(
        attempts.c.id,
        credentials.c.person_id,
        attempts.c.credential_id,
        attempts.c.cycle,
        credentials.c.discipline,
        attempts.c.form_id,
        forms.c.bank_version,
        attempts.c.state,
        attempts.c.started_at,
        attempts.c.seconds_allowed,
        attempts.c.submitted_at,
        attempts.c.released_at,
        attempts.c.position,
        attempts.c.items_total,
        attempts.c.render_token,
        attempts.c.rendered_at,
    )
    .join(credentials, credentials.c.id == attempts.c.credential_id)
    .join(forms, forms.c.id == attempts.c.form_id)
)
_BY_ID = _ATTEMPT.where(attempts.c.id == sa.bindparam("attempt_id"))
_GET = Prepared(_BY_ID)
_LOCK = Prepared(_BY_ID.with_for_update(of=attempts))

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
    )
    .select_from(form_items)
    .join(responses, responses.c.id == _counted, isouter=True)
    .join(
        flags,
        sa.and_(flags.c.attempt_id == sa.bindparam("attempt_id"), flags.c.item_id == form_items.c.item_id),
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
            for name in ("attempt_id", "item_id", "answer", "token", "answered_at", "seconds")
        }
    )
)
_RENDER = Prepared(
    attempts.update()
    .where(attempts.c.id == sa.bindparam("attempt_id"))
    .values(
        position=sa.bindparam("to_position", type_=attempts.c.position.type),
        render_token=sa.bindparam("new_token", type_=attempts.c.render_token.type),
        rendered_at=sa.bindparam("at", type_=attempts.c.rendered_at.type),
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """One position of an attempt: its item as drawn, the counted response, the flag."""

    position: int
    item_id: str
    options: tuple[str, ...]
    answer: str | None
    answered_at: dt.datetime | None
    flagged: bool


def get(connection: Connection, attempt_id: int) -> Attempt | None:
    """Return the attempt, or None."""
    return _attempt(_GET.first(connection, attempt_id=attempt_id))


def lock(connection: Connection, attempt_id: int) -> Attempt | None:
    """Return the attempt and keep others from changing it until this transaction ends, or None."""
    return _attempt(_LOCK.first(connection, attempt_id=attempt_id))


def latest(connection: Connection, credential_id: int, cycle: int | None = None) -> Attempt | None:
    """Return the latest attempt for a credential, in one cycle or in all, or None."""
    own = of_credential(connection, credential_id)
    return next((attempt for attempt in own if cycle in (None, attempt.cycle)), None)


def of_credential(connection: Connection, credential_id: int) -> list[Attempt]:
    """Return all attempts for a credential, latest first."""
    rows = connection.execute(_ATTEMPT.where(attempts.c.credential_id == credential_id).order_by(attempts.c.id.desc()))
    return [attempt for row in rows if (attempt := _attempt(row)) is not None]


def timed_out(connection: Connection, now: dt.datetime) -> list[Attempt]:
    """Return the attempts whose time is over and that nobody has closed."""
    rows = connection.execute(_ATTEMPT.where(attempts.c.state == State.IN_PROGRESS))
    return [attempt for row in rows if (attempt := _attempt(row)) is not None and attempt.time_is_up(now)]


def submitted(connection: Connection) -> list[Attempt]:
    """Return the attempts that are submitted and not released, and keep others from changing them."""
    query = _ATTEMPT.where(attempts.c.state == State.SUBMITTED).order_by(attempts.c.id).with_for_update(of=attempts)
    return [attempt for row in connection.execute(query) if (attempt := _attempt(row)) is not None]


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
    connection: Connection, *, attempt_id: int, item_id: str, answer: str, token: str, at: dt.datetime, seconds: float
) -> None:
    """Append a response. Responses are never changed; the latest one counts."""
    _APPEND.run(
        connection,
        attempt_id=attempt_id,
        item_id=item_id,
        answer=answer,
        token=token,
        answered_at=at,
        seconds=seconds,
    )


def render(connection: Connection, attempt_id: int, *, position: int, token: str, at: dt.datetime) -> None:
    """Spend the attempt's render token: note where it stands and the token of the page shown next."""
    _RENDER.run(connection, attempt_id=attempt_id, to_position=position, new_token=token, at=at)


def set_flag(connection: Connection, attempt_id: int, item_id: str, flagged: bool) -> None:
    """Flag an item, or take its flag away. Repeating it changes nothing."""
    connection.execute(flags.delete().where(flags.c.attempt_id == attempt_id, flags.c.item_id == item_id))
    if flagged:
        connection.execute(flags.insert().values(attempt_id=attempt_id, item_id=item_id))


def insert_form(connection: Connection, form: Form, at: dt.datetime) -> int:
    """Store a form as it was drawn; return its id."""
    row = {"discipline": form.discipline, "bank_version": form.bank_version, "seed": form.seed, "drawn_at": at}
    form_id = int(connection.execute(forms.insert().values(row).returning(forms.c.id)).scalar_one())
    connection.execute(
        form_items.insert(),
        [
            {
                "form_id": form_id,
                "position": item.position,
                "item_id": item.item_id,
                "content_area": item.content_area,
                "scored": item.scored,
                "options": ",".join(item.options),
            }
            for item in form.items
        ],
    )
    return form_id


def read_form_items(connection: Connection, form_id: int) -> tuple[FormItem, ...]:
    """Return the items of a stored form, in order."""
    rows = connection.execute(
        form_items.select().where(form_items.c.form_id == form_id).order_by(form_items.c.position)
    )
    return tuple(
        FormItem(row.position, row.item_id, row.content_area, row.scored, tuple(row.options.split(","))) for row in rows
    )


def insert(connection: Connection, **values: Any) -> int:
    """Insert an attempt; return its id."""
    return int(connection.execute(attempts.insert().values(values).returning(attempts.c.id)).scalar_one())


def next_number(connection: Connection, credential_id: int, cycle: int) -> int:
    """Return the number the next attempt of this cycle would have (from 1)."""
    query = sa.select(sa.func.max(attempts.c.number)).where(
        attempts.c.credential_id == credential_id, attempts.c.cycle == cycle
    )
    return int(connection.execute(query).scalar() or 0) + 1


def set_state(connection: Connection, attempt_id: int, state: State, **times: dt.datetime) -> None:
    """Set the state with the times that belong to it."""
    connection.execute(attempts.update().where(attempts.c.id == attempt_id).values(state=state, **times))


def last_response_id(connection: Connection, attempt_id: int) -> int:
    """Return the id of the latest response of the attempt, 0 if there is none."""
    query = sa.select(sa.func.max(responses.c.id)).where(responses.c.attempt_id == attempt_id)
    return int(connection.execute(query).scalar() or 0)


def response_log(connection: Connection, attempt_id: int) -> list[Any]:
    """Return every response received for the attempt, in the order they were appended."""
    query = responses.select().where(responses.c.attempt_id == attempt_id).order_by(responses.c.id)
    return list(connection.execute(query))


def _attempt(row: Any) -> Attempt | None:
    if row is None:
        return None
    cells = row._asdict()
    return Attempt(**{**cells, "state": State(cells["state"])})


def _as_place(row: Any) -> Place:
    return Place(
        row.position, row.item_id, tuple(row.options.split(",")), row.answer, row.answered_at, row.flag is not None
    )


def append_responses(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Append many responses at once; each row has the columns of the table."""
    connection.execute(responses.insert(), rows)
