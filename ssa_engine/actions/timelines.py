"""Everything staff may see of a sitting: whose it is, where it stands, its timeline. Nothing of keys or results."""

from __future__ import annotations

from dataclasses import dataclass

from ssa_engine.core.attempts import Attempt
from ssa_engine.core.errors import NotFound
from ssa_engine.core.text import say
from ssa_engine.core.timelines import Entry, entries_of
from ssa_engine.storage import attempts as rows
from ssa_engine.storage import events, people, places
from ssa_engine.storage.db import Connection


@dataclass(frozen=True, slots=True)
class Record:
    """A sitting as it stands. `entries` are in the order they happened."""

    attempt: Attempt
    person: people.Found
    answered: int
    flagged: int
    entries: list[Entry]


def record_of(connection: Connection, attempt_id: int) -> Record:
    """Return the record of a sitting; raise `NotFound` if there is none."""
    attempt = rows.get(connection, attempt_id)
    person = people.get(connection, attempt.person_id) if attempt else None
    if attempt is None or person is None:
        raise NotFound(say("There is no attempt {attempt}.", attempt=attempt_id))
    shown = places.places(connection, attempt)
    options = {place.position: place.options for place in shown}
    return Record(
        attempt,
        person,
        sum(place.answer is not None for place in shown),
        sum(place.flagged for place in shown),
        entries_of(events.timeline(connection, attempt_id), options),
    )
