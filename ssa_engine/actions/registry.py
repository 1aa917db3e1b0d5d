"""Import people and credentials from a registry. The same file twice changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from ssa_engine.core.errors import NotFound
from ssa_engine.exchange.registry_files import CredentialRow, PersonRow
from ssa_engine.storage import audit, people
from ssa_engine.storage.db import Database

NO_PASSWORD = "!"  # noqa: S105 - matches no password until one is set


def import_people(db: Database, rows: Sequence[PersonRow], *, who: str, now: dt.datetime) -> tuple[int, int]:
    """Add the people who are not there yet; return (added, there already)."""
    added = 0
    with db.write() as connection:
        for row in rows:
            if people.by_email(connection, row.email) is not None:
                continue
            person_id = people.insert(
                connection, email=row.email, name=row.name, password_hash=NO_PASSWORD, roles=set(row.roles), at=now
            )
            audit.add(connection, at=now, who=who, verb="import", noun="person", noun_id=person_id)
            added += 1
    return added, len(rows) - added


def import_credentials(db: Database, rows: Sequence[CredentialRow], *, who: str, now: dt.datetime) -> tuple[int, int]:
    """Add the credentials that are not there yet; return (added, there already).

    Raises
    ------
    NotFound
        If nobody has one of the addresses; then nothing is added.
    """
    added = 0
    with db.write() as connection:
        for row in rows:
            known = people.by_email(connection, row.email)
            if known is None:
                where = f"{row.place}: " if row.place else ""
                raise NotFound(
                    f"{where}Nobody has the address {row.email}. Import the people first; nothing was added."
                )
            held = {own.discipline for own in people.credentials_of(connection, known[0].id)}
            if row.discipline in held:
                continue
            credential_id = people.insert_credential(
                connection, person_id=known[0].id, discipline=row.discipline, earned_on=row.earned_on
            )
            audit.add(connection, at=now, who=who, verb="import", noun="credential", noun_id=credential_id)
            added += 1
    return added, len(rows) - added
