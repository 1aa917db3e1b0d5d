"""A person's own credentials."""

from __future__ import annotations

from ssa_engine.core.errors import NotFound
from ssa_engine.core.text import say
from ssa_engine.storage import people
from ssa_engine.storage.db import Connection
from ssa_engine.storage.people import Credential


def of_person(connection: Connection, credential_id: int, person_id: int) -> Credential:
    """Return a person's own credential.

    Raises
    ------
    NotFound
        If it is not theirs or not there.
    """
    found = people.credential(connection, credential_id)
    if found is None or found.person_id != person_id:
        raise NotFound(say("There is no such credential of yours. Go to your start page to see what you hold."))
    return found
