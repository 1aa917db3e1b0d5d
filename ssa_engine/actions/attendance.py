"""Who of an attendance list has which claim waiting for that activity, who has none, and who is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ssa_engine.storage import claim_queue
from ssa_engine.storage.claim_queue import Queued
from ssa_engine.storage.db import Connection


@dataclass(frozen=True, slots=True)
class Attendee:
    """One address of a list. Nobody has it if there is no `person_id`; `claims` may be of several credentials."""

    address: str
    person_id: int | None
    name: str
    claims: tuple[Queued, ...]


def attendees(connection: Connection, addresses: Sequence[str], *, sponsor: str, title: str) -> list[Attendee]:
    """Return who of a list is known, with their claims for the activity that wait for a reviewer, in its order.

    Two questions to the database, however long the list is.
    """
    known = claim_queue.known(connection, addresses)
    claims: dict[str, list[Queued]] = {}
    for one in claim_queue.of_people(connection, addresses, sponsor=sponsor, title=title):
        claims.setdefault(one.email, []).append(one)
    nobody: tuple[int | None, str] = (None, "")
    found = []
    for address in addresses:
        person_id, name = known.get(address, nobody)
        found.append(Attendee(address, person_id, name, tuple(claims.get(address, ()))))
    return found
