"""Rows of the groups that candidates belong to: one value for each grouping, such as setting: hospital."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.storage.console_tables import candidate_groups
from ssa_engine.storage.tables import credentials, people

CHUNK = 500
T = TypeVar("T")


class GroupValue(NamedTuple):
    """One person's value in one grouping."""

    person_id: int
    grouping: str
    value: str


def group_values(connection: Connection, discipline: str) -> list[GroupValue]:
    """Return the groups of everybody who holds a credential of the discipline, by person and grouping."""
    groups = candidate_groups.c
    query = (
        sa.select(groups.person_id, groups.grouping, groups.value)
        .join(credentials, credentials.c.person_id == groups.person_id)
        .where(credentials.c.discipline == discipline)
        .order_by(groups.person_id, groups.grouping)
    )
    return [GroupValue(*row) for row in connection.execute(query)]


def of_people(connection: Connection, person_ids: Iterable[int]) -> dict[tuple[int, str], str]:
    """Return (person, grouping) -> value of these people."""
    found: dict[tuple[int, str], str] = {}
    for some in _chunks(sorted(set(person_ids))):
        query = candidate_groups.select().where(candidate_groups.c.person_id.in_(some))
        found |= {(row.person_id, row.grouping): row.value for row in connection.execute(query)}
    return found


def ids_of(connection: Connection, addresses: Iterable[str]) -> dict[str, int]:
    """Return address -> person of those of the addresses that are known; addresses are in small letters."""
    found: dict[str, int] = {}
    for some in _chunks(sorted(set(addresses))):
        rows = connection.execute(sa.select(people.c.email, people.c.id).where(people.c.email.in_(some)))
        found |= {row.email: row.id for row in rows}
    return found


def insert(connection: Connection, values: Iterable[GroupValue]) -> None:
    """Insert values that are not there yet."""
    rows = [one._asdict() for one in values]
    if rows:
        connection.execute(candidate_groups.insert(), rows)


def change(connection: Connection, one: GroupValue) -> None:
    """Give a person another value in a grouping."""
    connection.execute(
        candidate_groups.update()
        .where(candidate_groups.c.person_id == one.person_id, candidate_groups.c.grouping == one.grouping)
        .values(value=one.value)
    )


def _chunks(values: list[T]) -> Iterable[list[T]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
