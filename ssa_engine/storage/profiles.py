"""Rows of professional profiles and their answers; and what those of many people add up to, without anybody in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.profiles import suppressed
from ssa_engine.storage.process_tables import profile_answers, profiles


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile of one credential in one cycle, with its answers."""

    id: int
    started_at: dt.datetime
    completed_at: dt.datetime | None
    answers: dict[str, int] = field(default_factory=dict)
    """Id of a clinical activity -> value of the step of the scale."""
    saved_at: dt.datetime | None = None
    """When an answer was stored last."""


def of_cycle(connection: Connection, credential_id: int, cycle: int) -> Profile | None:
    """Return the profile of a credential in a cycle with all its answers, or None if it was not begun."""
    query = (
        sa.select(profiles, profile_answers.c.activity, profile_answers.c.frequency, profile_answers.c.answered_at)
        .join(profile_answers, profile_answers.c.profile_id == profiles.c.id, isouter=True)
        .where(*_of(credential_id, cycle))
    )
    rows = connection.execute(query).all()
    if not rows:
        return None
    answered = [row for row in rows if row.activity is not None]
    return Profile(
        rows[0].id,
        rows[0].started_at,
        rows[0].completed_at,
        {row.activity: row.frequency for row in answered},
        max((row.answered_at for row in answered), default=None),
    )


def _of(credential_id: int, cycle: int) -> tuple[sa.ColumnElement[bool], ...]:
    return profiles.c.credential_id == credential_id, profiles.c.cycle == cycle


def done_at(connection: Connection, credential_id: int, cycle: int) -> dt.datetime | None:
    """Return when the profile of a credential in a cycle was finished, or None if it is not."""
    query = sa.select(profiles.c.completed_at).where(*_of(credential_id, cycle))
    found: dt.datetime | None = connection.execute(query).scalar()
    return found


def is_done(connection: Connection, credential_id: int, cycle: int) -> bool:
    """Return whether the profile of a credential in a cycle is finished."""
    return (credential_id, cycle) in done_of_many(connection, [credential_id])


def done_of_many(connection: Connection, credential_ids: Collection[int]) -> set[tuple[int, int]]:
    """Return (credential, cycle) of every finished profile of these credentials."""
    query = sa.select(profiles.c.credential_id, profiles.c.cycle).where(
        profiles.c.credential_id.in_(credential_ids), profiles.c.completed_at.is_not(None)
    )
    return {(row.credential_id, row.cycle) for row in connection.execute(query)} if credential_ids else set()


def insert(connection: Connection, *, credential_id: int, cycle: int, discipline: str, at: dt.datetime) -> int:
    """Insert a profile that begins; return its id. Whoever calls has locked the credential."""
    row = {"credential_id": credential_id, "cycle": cycle, "discipline": discipline, "started_at": at}
    return int(connection.execute(profiles.insert().values(row).returning(profiles.c.id)).scalar_one())


def save_answers(connection: Connection, profile_id: int, answers: Mapping[str, int], at: dt.datetime) -> None:
    """Store these answers in place of any given before to the same activities, and leave all others."""
    own = profile_answers.c
    connection.execute(profile_answers.delete().where(own.profile_id == profile_id, own.activity.in_(list(answers))))
    rows = [
        {"profile_id": profile_id, "activity": activity, "frequency": frequency, "answered_at": at}
        for activity, frequency in answers.items()
    ]
    if rows:
        connection.execute(profile_answers.insert(), rows)


def complete(connection: Connection, profile_id: int, *, breadth: int, depth: int, at: dt.datetime) -> None:
    """Note that a profile is finished, with how many activities are performed at all and how many often."""
    values = {"completed_at": at, "breadth": breadth, "depth": depth}
    connection.execute(profiles.update().where(profiles.c.id == profile_id).values(values))


def others(connection: Connection, discipline: str, credential_id: int) -> tuple[list[int], list[int]]:
    """Return breadth and depth of the latest finished profile of every other credential of a discipline.

    Each list is sorted by itself, so that nobody's breadth is found beside their depth.
    """
    query = _latest(sa.select(profiles.c.breadth, profiles.c.depth), discipline, credential_id)
    rows = connection.execute(query).all()
    return sorted(row.breadth for row in rows), sorted(row.depth for row in rows)


def counts(connection: Connection, discipline: str, credential_id: int | None = None) -> dict[str, dict[int, int]]:
    """Return activity -> step -> how many chose it in their latest finished profile; one credential may be left out."""
    own = profile_answers.c
    query = sa.select(own.activity, own.frequency, sa.func.count().label("people")).join(
        profiles, profiles.c.id == own.profile_id
    )
    query = _latest(query, discipline, credential_id).group_by(own.activity, own.frequency)
    found: dict[str, dict[int, int]] = {}
    for row in connection.execute(query.order_by(own.activity, own.frequency)):
        found.setdefault(row.activity, {})[row.frequency] = row.people
    return found


def aggregate(connection: Connection, spec: ContentSpec) -> dict[str, dict[int, int | None]]:
    """Return what may leave this system of the profiles of a discipline: how many chose each step for each activity.

    Returns
    -------
    dict
        Id of a clinical activity -> value of each step of the scale -> people, in the order of the profile. None
        where it is hidden: fewer than `least_peers` of the programme, or what would tell of such a count. Empty for a
        discipline without a profile.
    """
    if spec.profile is None:
        return {}
    found = counts(connection, spec.discipline)
    return {
        one.id: suppressed(
            {value: found.get(one.id, {}).get(value, 0) for value in spec.profile.steps}, spec.cqr.profile.least_peers
        )
        for one in spec.profile.activities
    }


def _latest(query: sa.Select, discipline: str, without: int | None) -> sa.Select:  # type: ignore[type-arg]
    """Narrow a query on profiles to the latest finished one of each credential of a discipline."""
    later = profiles.alias("later")
    superseded = sa.exists().where(
        later.c.credential_id == profiles.c.credential_id,
        later.c.cycle > profiles.c.cycle,
        later.c.completed_at.is_not(None),
    )
    query = query.where(profiles.c.discipline == discipline, profiles.c.completed_at.is_not(None), ~superseded)
    return query if without is None else query.where(profiles.c.credential_id != without)
