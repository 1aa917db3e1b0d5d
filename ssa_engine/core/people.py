"""People and what they may be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ssa_engine.core.display import USUAL, Display
from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import say

ADDRESS_LENGTH = 254
NAME_LENGTH = 200


class Role(StrEnum):
    """What a person may do; one may have several."""

    CANDIDATE = "candidate"
    PSYCHOMETRICIAN = "psychometrician"
    SPECIALIST = "specialist"
    STAFF = "staff"


def read_address(text: str) -> str:
    """Return an e-mail address as it is stored; raise `Invalid` if it is none."""
    address = text.strip().lower()
    spaced = any(letter.isspace() or not letter.isprintable() for letter in address)
    if "@" not in address[1:-1] or len(address) > ADDRESS_LENGTH or spaced:
        raise Invalid(say("'{text}' is not an e-mail address.", text=text))
    return address


def read_name(text: str) -> str:
    """Return a name as it is stored; raise `Invalid` if it cannot be one."""
    name = text.strip()
    if len(name) > NAME_LENGTH or not name.isprintable():
        raise Invalid(
            say(
                "The name is too long or holds what cannot be printed; use at most {most} characters.", most=NAME_LENGTH
            )
        )
    return name


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in."""

    id: int
    email: str
    name: str
    roles: frozenset[Role]
    display: Display = USUAL
