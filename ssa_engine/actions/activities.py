"""Import the catalogue of CE activities. The same file twice changes nothing, and nothing is ever deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ssa_engine.core.activities import Activity
from ssa_engine.storage import activities, audit
from ssa_engine.storage.db import Database


@dataclass(frozen=True, slots=True)
class Imported:
    """The codes that an import added, changed, found as they are, and withdrew."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    withdrawn: tuple[str, ...]


def import_activities(
    db: Database, rows: Sequence[Activity], *, withdraw_missing: bool = False, who: str, now: dt.datetime
) -> Imported:
    """Make the catalogue what a file says.

    Parameters
    ----------
    db : Database
    rows : sequence of Activity
        The activities of a file, each code once.
    withdraw_missing : bool
        Whether activities that the file does not name are offered no longer. They stay, since claims name them; an
        activity that a later file names again is offered again, which counts as changed.
    who : str
    now : datetime
    """
    with db.write() as connection:
        activities.lock(connection)
        held = {one.code: one for one in activities.everything(connection)}
        added = [one for one in rows if one.code not in held]
        changed = [one for one in rows if one.code in held and replace(one, id=held[one.code].id) != held[one.code]]
        named = {one.code for one in rows}
        gone = [one for one in held.values() if withdraw_missing and one.code not in named and not one.withdrawn]
        ids = activities.insert_many(connection, added)
        for one in changed:
            activities.change(connection, held[one.code].id, one)
        activities.withdraw(connection, [one.id for one in gone], now)
        ids |= {code: one.id for code, one in held.items()}
        for verb, some in (("import", added), ("change", changed), ("withdraw", gone)):
            for one in some:
                audit.add(
                    connection, at=now, who=who, verb=verb, noun="activity", noun_id=ids[one.code],
                    code=one.code, **({"before": _told(held[one.code], one)} if verb == "change" else {}),
                )  # fmt: skip
    moved = {one.code for one in (*added, *changed)}
    return Imported(
        tuple(one.code for one in added),
        tuple(one.code for one in changed),
        tuple(one.code for one in rows if one.code not in moved),
        tuple(one.code for one in gone),
    )


def _told(before: Activity, after: Activity) -> dict[str, object]:
    """Return what changed as it was before, for the audit trail."""
    names = [name for name in Activity.__slots__ if name != "id" and getattr(before, name) != getattr(after, name)]
    return {name: _plain(getattr(before, name)) for name in names}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, dt.date) else value
