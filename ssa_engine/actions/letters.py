"""Letters to candidates: what a rescoring changed for them; and that they have read it."""

from __future__ import annotations

import datetime as dt

from ssa_engine.core.errors import NotFound
from ssa_engine.core.text import say
from ssa_engine.storage import audit, notices
from ssa_engine.storage.db import Connection, Database
from ssa_engine.storage.notices import Notice


def of_person(connection: Connection, notice_id: int, person_id: int) -> Notice:
    """Return a person's own letter; raise `NotFound` if it is not theirs or not there."""
    found = notices.get(connection, notice_id, person_id)
    if found is None:
        raise NotFound(say("There is no such letter of yours."))
    return found


def read(db: Database, notice_id: int, *, person_id: int, who: str, now: dt.datetime) -> None:
    """Note that a person has read a letter. Repeating it changes nothing.

    Raises
    ------
    NotFound
        If it is not theirs or not there.
    """
    with db.write() as connection:
        of_person(connection, notice_id, person_id)
        if notices.set_read(connection, notice_id, now):
            audit.add(connection, at=now, who=who, verb="read", noun="letter", noun_id=notice_id)
