"""Import the groups of candidates. The same file twice changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ssa_engine.core.errors import NotFound
from ssa_engine.exchange.registry_files import GroupRow
from ssa_engine.storage import audit, groups, registry
from ssa_engine.storage.db import Database
from ssa_engine.storage.groups import GroupValue


@dataclass(frozen=True, slots=True)
class Imported:
    """How many values an import added, changed and found as they are."""

    added: int
    changed: int
    known: int


def import_groups(db: Database, rows: Sequence[GroupRow], *, who: str, now: dt.datetime) -> Imported:
    """Give people the values of their groups: all of them, or none if somebody is not known.

    Raises
    ------
    NotFound
        If nobody has one of the addresses; every such row is named.
    """
    with db.write() as connection:
        known = registry.people_at(connection, {row.email for row in rows})
        ids = {address: person.id for address, person in known.items()}
        lost = [row for row in rows if row.email not in ids]
        if lost:
            named = "\n".join(f"{row.place or row.email}: nobody has the address {row.email}" for row in lost)
            raise NotFound(f"{named}\nImport the people first; nothing was changed.")
        held = groups.of_people(connection, ids.values())
        wanted = {(ids[row.email], row.grouping): row.value for row in rows}
        added = [GroupValue(*key, value) for key, value in wanted.items() if key not in held]
        changed = [GroupValue(*key, value) for key, value in wanted.items() if held.get(key, value) != value]
        groups.insert(connection, added)
        for one in changed:
            groups.change(connection, one)
        for one in (*added, *changed):
            before = held.get((one.person_id, one.grouping))
            audit.add(
                connection, at=now, who=who, verb="set group", noun="person", noun_id=one.person_id,
                grouping=one.grouping, value=one.value, before=before,
            )  # fmt: skip
    return Imported(len(added), len(changed), len(rows) - len(added) - len(changed))
