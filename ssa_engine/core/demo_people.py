"""The people of the demo. Nobody else is called this."""

from __future__ import annotations

from dataclasses import dataclass

from ssa_engine.core.people import Role
from ssa_engine.core.text import say

DEMO_PASSWORD = "demo"  # noqa: S105 - the demo serves loopback only


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One of them, and what they are."""

    email: str
    name: str
    role: Role
    what: str


DEMO_PEOPLE = (
    DemoPerson("candidate@example.org", "Dana Whitfield", Role.CANDIDATE, say("candidate with an open window in CT")),
    DemoPerson("accommodated@example.org", "Noor Haddad", Role.CANDIDATE, say("candidate with time and a half in CT")),
    DemoPerson("prescribed@example.org", "Luis Ferreira", Role.CANDIDATE, say("candidate with CE prescribed in CT")),
    DemoPerson("complete@example.org", "Amara Nwosu", Role.CANDIDATE, say("candidate whose CQR is complete")),
    DemoPerson("psychometrician@example.org", "Ingrid Solheim", Role.PSYCHOMETRICIAN, say("psychometrician")),
    DemoPerson("specialist@example.org", "Tomás Keller", Role.SPECIALIST, say("content specialist")),
    DemoPerson("staff@example.org", "Priya Raman", Role.STAFF, say("CE reviewer and candidate support")),
)
