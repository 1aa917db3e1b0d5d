"""Rows of the groups that candidates belong to: one value for each grouping, such as setting: hospital."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.storage.chunks import chunks
from ssa_engine.storage.console_tables import candidate_groups
from ssa_engine.storage.tables import credentials


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
    for some in chunks(sorted(set(person_ids))):
        query = candidate_groups.select().where(candidate_groups.c.person_id.in_(some))
        found |= {(row.person_id, row.grouping): row.value for row in connection.execute(query)}
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
