"""People and what they may be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do; one may have several."""

    CANDIDATE = "candidate"
    PSYCHOMETRICIAN = "psychometrician"
    SPECIALIST = "specialist"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in."""

    id: int
    email: str
    name: str
    roles: frozenset[Role]
