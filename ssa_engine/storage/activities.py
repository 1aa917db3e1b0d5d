"""Rows of the catalogue of CE activities and of their credit distributions. None is ever deleted: claims name them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.activities import ANY, Activity, ActivityFormat, ActivityQuery
from ssa_engine.storage.chunks import chunks
from ssa_engine.storage.process_tables import activities, activity_credits

PAGE = 20

_COLUMNS = (
    "code", "title", "sponsor", "format", "credits", "minutes", "cost", "starts_on", "ends_on", "mechanism", "biennium",
    "url",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what a search found."""

    activities: tuple[Activity, ...]
    count: int
    page: int
    pages: int


def lock(connection: Connection) -> None:
    """Keep others from changing the catalogue until this transaction ends; SQLite writes one at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("activities", 0))))


def get(connection: Connection, activity_id: int) -> Activity | None:
    """Return an activity, withdrawn or not, or None."""
    return next(iter(of_ids(connection, [activity_id])), None)


def by_code(connection: Connection, code: str) -> Activity | None:
    """Return the activity of a code, withdrawn or not, or None."""
    return next(iter(_read(connection, activities.select().where(activities.c.code == code))), None)


def of_ids(connection: Connection, ids: Collection[int]) -> list[Activity]:
    """Return activities, withdrawn or not, by code."""
    found: list[Activity] = []
    for some in chunks(sorted(ids)):
        found += _read(connection, activities.select().where(activities.c.id.in_(some)))
    return sorted(found, key=lambda one: one.code)


def everything(connection: Connection) -> list[Activity]:
    """Return the whole catalogue, by code."""
    return _read(connection, activities.select().order_by(activities.c.code))


def that_fill(connection: Connection, discipline: str, areas: Collection[str], today: dt.date) -> list[Activity]:
    """Return what is offered, is not over and has credits in one of the areas, by code."""
    fitting = sa.select(activity_credits.c.activity_id).where(
        activity_credits.c.discipline == discipline, activity_credits.c.content_area.in_(sorted(areas))
    )
    query = activities.select().where(_offered(today), activities.c.id.in_(fitting)).order_by(activities.c.code)
    return _read(connection, query)


def sponsors(connection: Connection, today: dt.date) -> list[str]:
    """Return who sponsors what is offered, by name."""
    query = sa.select(activities.c.sponsor).where(_offered(today)).distinct().order_by(activities.c.sponsor)
    return list(connection.execute(query).scalars())


def search(
    connection: Connection,
    wanted: ActivityQuery,
    discipline: str,
    left: Mapping[str, float],
    today: dt.date,
    *,
    last_day: dt.date | None = None,
    mechanisms: Collection[str] = (),
) -> Found:
    """Return a page of what is asked for among what is offered and is not over: three queries.

    Parameters
    ----------
    left : mapping of content area to credits
        What is open, for filters and order. Where nothing is, every activity is looked at.
    last_day : date, optional
        Unless all activities are asked for, those that begin after it are left out: they cannot be claimed in time.
    mechanisms : collection of str
        Those that the ordinary CE period recognises; without any, it takes every one that is named.
    """
    fills = _fills(discipline, left)
    chosen = sa.select(activities).join(fills, fills.c.activity_id == activities.c.id, isouter=True)
    chosen = chosen.where(_offered(today), *_asked(wanted, discipline))
    if wanted.biennium:
        chosen = chosen.where(_recognised(mechanisms))
    if wanted.area != ANY:
        chosen = chosen.where(fills.c.fills > 0) if left else chosen
        chosen = chosen.where(_begins_by(last_day)) if last_day else chosen
    count = int(connection.execute(sa.select(sa.func.count()).select_from(chosen.subquery())).scalar_one())
    pages = max(1, -(-count // PAGE))
    page = max(1, min(wanted.page, pages))
    rows = chosen.order_by(*_order(wanted, fills)).limit(PAGE).offset((page - 1) * PAGE)
    return Found(tuple(_read(connection, rows)), count, page, pages)


def _offered(today: dt.date) -> sa.ColumnElement[bool]:
    not_over = sa.or_(activities.c.ends_on.is_(None), activities.c.ends_on >= today)
    return sa.and_(activities.c.withdrawn_at.is_(None), not_over)


def _begins_by(day: dt.date) -> sa.ColumnElement[bool]:
    return sa.or_(activities.c.starts_on.is_(None), activities.c.starts_on <= day)


def _recognised(mechanisms: Collection[str]) -> sa.ColumnElement[bool]:
    """What `BienniumRules.recognises` says, of the rows."""
    own = activities.c.mechanism
    return own.in_(sorted(mechanisms)) if mechanisms else own != ""


def _fills(discipline: str, left: Mapping[str, float]) -> sa.Subquery:
    """Return activity_id and the credits of what is open that it fills, as a table to join."""
    own = activity_credits.c
    capped = sa.case(
        *(
            (sa.and_(own.content_area == area, own.credits > credits), sa.literal(credits, sa.Float))
            for area, credits in left.items()
        ),
        else_=own.credits,
    ) if left else own.credits  # fmt: skip
    query = sa.select(own.activity_id, sa.func.sum(capped).label("fills"))
    query = query.where(own.discipline == discipline, own.content_area.in_(sorted(left)))
    return query.group_by(own.activity_id).subquery()


def _asked(wanted: ActivityQuery, discipline: str) -> Iterable[sa.ColumnElement[bool]]:
    """Yield a condition for each part of the query that is not left open."""
    own = activities.c
    if wanted.area not in ("", ANY):
        area = activity_credits.c
        yield own.id.in_(
            sa.select(area.activity_id).where(area.discipline == discipline, area.content_area == wanted.area)
        )
    if wanted.text:
        yield sa.or_(
            *(
                sa.func.lower(column).contains(wanted.text.lower(), autoescape=True)
                for column in (own.title, own.sponsor, own.code)
            )
        )
    if wanted.format is not None:
        yield own.format == wanted.format
    if wanted.cost is not None:
        yield own.cost <= wanted.cost
    if wanted.least is not None:
        yield own.minutes >= wanted.least
    if wanted.most is not None:
        yield own.minutes <= wanted.most
    if wanted.on is not None:
        yield _begins_by(wanted.on)
        yield sa.or_(own.ends_on.is_(None), own.ends_on >= wanted.on)
    if wanted.biennium:
        yield own.biennium
    if wanted.sponsor:
        yield own.sponsor == wanted.sponsor


def _order(wanted: ActivityQuery, fills: sa.Subquery) -> tuple[sa.ColumnElement[Any], ...]:
    most = sa.func.coalesce(fills.c.fills, 0).desc()
    cost, minutes, code = activities.c.cost, activities.c.minutes, activities.c.code
    return {
        "fills": (most, cost, minutes, code),
        "cost": (cost, most, minutes, code),
        "minutes": (minutes, most, cost, code),
    }[wanted.sort]


def insert_many(connection: Connection, rows: Sequence[Activity]) -> dict[str, int]:
    """Insert activities with their distributions; return code -> id."""
    if not rows:
        return {}
    connection.execute(activities.insert(), [_cells(one) for one in rows])
    ids: dict[str, int] = {}
    for some in chunks(one.code for one in rows):
        found = connection.execute(sa.select(activities.c.code, activities.c.id).where(activities.c.code.in_(some)))
        ids |= {row.code: row.id for row in found}
    _insert_credits(connection, [(ids[one.code], one) for one in rows])
    return ids


def change(connection: Connection, activity_id: int, to: Activity) -> None:
    """Give an activity what it has in a newer catalogue, and offer it again if it was withdrawn."""
    connection.execute(
        activities.update().where(activities.c.id == activity_id).values(**_cells(to), withdrawn_at=None)
    )
    connection.execute(activity_credits.delete().where(activity_credits.c.activity_id == activity_id))
    _insert_credits(connection, [(activity_id, to)])


def withdraw(connection: Connection, ids: Collection[int], at: dt.datetime) -> None:
    """Offer activities no longer. They stay, since claims and plans name them."""
    for some in chunks(sorted(ids)):
        connection.execute(activities.update().where(activities.c.id.in_(some)).values(withdrawn_at=at))


def _cells(one: Activity) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _COLUMNS}


def _insert_credits(connection: Connection, owned: Sequence[tuple[int, Activity]]) -> None:
    rows = [
        {"activity_id": activity_id, "discipline": discipline, "content_area": area, "credits": credits}
        for activity_id, one in owned
        for discipline, areas in one.distribution.items()
        for area, credits in areas.items()
    ]
    if rows:
        connection.execute(activity_credits.insert(), rows)


def _read(connection: Connection, query: sa.Select[Any]) -> list[Activity]:
    """Run a query of activities and read their distributions: two queries for a few hundred."""
    rows = connection.execute(query).all()
    shared: dict[int, dict[str, dict[str, float]]] = {row.id: {} for row in rows}
    for some in chunks(shared):
        parts = activity_credits.select().where(activity_credits.c.activity_id.in_(some))
        for part in connection.execute(parts.order_by(*activity_credits.primary_key.columns)):
            shared[part.activity_id].setdefault(part.discipline, {})[part.content_area] = part.credits
    return [
        Activity(
            row.id,
            distribution=shared[row.id],
            withdrawn=row.withdrawn_at is not None,
            **{name: getattr(row, name) for name in _COLUMNS} | {"format": ActivityFormat(row.format)},
        )
        for row in rows
    ]
