"""People and credentials read in sets, as an import compares them with a registry's file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.storage.chunks import chunks
from ssa_engine.storage.tables import credentials, people


class Known(NamedTuple):
    """A person who is there already."""

    id: int
    biennium_from: dt.date | None


def people_at(connection: Connection, addresses: Collection[str]) -> dict[str, Known]:
    """Return address -> person of those of the addresses that are known; addresses are in small letters."""
    found: dict[str, Known] = {}
    for some in chunks(set(addresses)):
        query = sa.select(people.c.email, people.c.id, people.c.biennium_from).where(people.c.email.in_(some))
        found |= {row.email: Known(row.id, row.biennium_from) for row in connection.execute(query)}
    return found


def set_biennium(connection: Connection, person_id: int, biennium_from: dt.date) -> None:
    """Keep the first day of a biennium of a person's."""
    connection.execute(people.update().where(people.c.id == person_id).values(biennium_from=biennium_from))


def earned(connection: Connection, person_ids: Collection[int]) -> dict[tuple[int, str], dt.date]:
    """Return (person, discipline) -> the day it was earned, of every credential of these people."""
    found: dict[tuple[int, str], dt.date] = {}
    for some in chunks(set(person_ids)):
        query = sa.select(credentials.c.person_id, credentials.c.discipline, credentials.c.earned_on)
        rows = connection.execute(query.where(credentials.c.person_id.in_(some)))
        found |= {(row.person_id, row.discipline): row.earned_on for row in rows}
    return found
