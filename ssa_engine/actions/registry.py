"""Import people and credentials from a registry. The same file twice changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import long_date
from ssa_engine.exchange.registry_files import CredentialRow, FileRows, PersonRow, Refusal
from ssa_engine.storage import audit, people, registry
from ssa_engine.storage.db import Connection, Database

NO_PASSWORD = "!"  # noqa: S105 - matches no password until one is set


@dataclass(slots=True)
class Imported:
    """What became of the rows of a file."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    """In the order of their lines."""


def import_people(
    db: Database, file: FileRows[PersonRow], *, skip_bad_rows: bool = False, who: str, now: dt.datetime
) -> Imported:
    """Add the people who are not there yet, and the biennium of those who have none.

    A name or roles that differ from what is stored are left as they are; a biennium that differs is refused.

    Raises
    ------
    Invalid
        If a row is refused and bad rows are not to be skipped; every one is named, and nothing is imported.
    """
    done = Imported(refusals=list(file.refusals))
    with db.write() as connection:
        known = registry.people_at(connection, {row.email for row in file.rows})
        for row in file.rows:
            there = known.get(row.email)
            if there is None:
                known[row.email] = registry.Known(_add(connection, row, who, now), row.biennium_from)
                done.added += 1
            elif row.biennium_from in (None, there.biennium_from):
                done.unchanged += 1
            elif there.biennium_from is None and row.biennium_from is not None:
                known[row.email] = there._replace(biennium_from=row.biennium_from)
                _set_biennium(connection, there.id, row.biennium_from, who, now)
                done.changed += 1
            else:
                stored = there.biennium_from.isoformat() if there.biennium_from else ""
                why = f"biennium_from of {row.email} is {row.biennium_from} here and {stored} in the database"
                done.refusals.append(Refusal(row.place, f"{why}; mend the one that is not right"))
        _require(done, skip_bad_rows)
    return done


def _add(connection: Connection, row: PersonRow, who: str, now: dt.datetime) -> int:
    person_id = people.insert(
        connection,
        email=row.email,
        name=row.name,
        password_hash=NO_PASSWORD,
        roles=set(row.roles),
        at=now,
        biennium_from=row.biennium_from,
    )
    audit.add(connection, at=now, who=who, verb="import", noun="person", noun_id=person_id)
    return person_id


def _set_biennium(connection: Connection, person_id: int, day: dt.date, who: str, now: dt.datetime) -> None:
    registry.set_biennium(connection, person_id, day)
    audit.add(
        connection, at=now, who=who, verb="set biennium", noun="person", noun_id=person_id, biennium_from=str(day)
    )


def import_credentials(
    db: Database,
    file: FileRows[CredentialRow],
    specs: Mapping[str, ContentSpec],
    *,
    skip_bad_rows: bool = False,
    who: str,
    now: dt.datetime,
) -> Imported:
    """Add the credentials that are not there yet. Their cycles that were due before today count as settled elsewhere.

    Raises
    ------
    Invalid
        If a row is refused (nobody has the address, the day differs from the one stored or lies ahead) and bad rows
        are not to be skipped; every one is named, and nothing is imported.
    """
    done = Imported(refusals=list(file.refusals))
    with db.write() as connection:
        known = registry.people_at(connection, {row.email for row in file.rows})
        held = registry.earned(connection, {one.id for one in known.values()})
        for row in file.rows:
            today = specs[row.discipline].cqr.today(now)
            why = _why_not(row, known, held, today)
            if why:
                done.refusals.append(Refusal(row.place, why))
                continue
            person_id = known[row.email].id
            if (person_id, row.discipline) in held:
                done.unchanged += 1
                continue
            held[person_id, row.discipline] = row.earned_on
            credential_id = people.insert_credential(
                connection,
                person_id=person_id,
                discipline=row.discipline,
                earned_on=row.earned_on,
                recorded_on=today,
            )
            audit.add(connection, at=now, who=who, verb="import", noun="credential", noun_id=credential_id)
            done.added += 1
        _require(done, skip_bad_rows)
    return done


def _why_not(
    row: CredentialRow,
    known: Mapping[str, registry.Known],
    held: Mapping[tuple[int, str], dt.date],
    today: dt.date,
) -> str:
    """Say why a credential is refused; nothing if it is not."""
    if row.email not in known:
        return f"nobody has the address {row.email}; import the people first"
    if row.earned_on > today:
        return f"earned_on is {row.earned_on}, a day that is still to come"
    stored = held.get((known[row.email].id, row.discipline), row.earned_on)
    if stored != row.earned_on:
        return (
            f"{row.email} earned {row.discipline} on {long_date(row.earned_on)} here and on {long_date(stored)} in the "
            "database; nothing was changed, so find out which is right"
        )
    return ""


def _require(done: Imported, skip_bad_rows: bool) -> None:
    """Put the refusals in the order of their lines, and raise if there are any that are not to be skipped."""
    done.refusals.sort(key=lambda one: one.line)
    if done.refusals and not skip_bad_rows:
        named = "\n".join(map(str, done.refusals))
        raise Invalid(f"{named}\nNothing was imported. Mend these rows, or leave them out with --skip-bad-rows.")
