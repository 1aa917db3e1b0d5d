"""The audit trail as it is read: which entries are wanted, and one of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ssa_engine.core.cohorts import ALWAYS, Period, read_period


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries; `who` is a part of an address, `thing` the number of one; what is empty is left open."""

    noun: str = ""
    verb: str = ""
    who: str = ""
    thing: str = ""
    period: Period = ALWAYS


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to what, when, with details that tell it from others of its kind."""

    id: int
    at: dt.datetime
    who: str
    verb: str
    noun: str
    noun_id: str
    detail: Mapping[str, Any] = field(default_factory=dict)


def read_audit_filter(given: Mapping[str, str]) -> AuditFilter:
    """Read a filter from `noun`, `verb`, `who`, `thing` (the number of one), `from` and `to`.

    Raises
    ------
    Invalid
        If a day cannot be read, or the first lies after the last.
    """
    noun, verb, who, thing = (given.get(name, "").strip() for name in ("noun", "verb", "who", "thing"))
    return AuditFilter(noun, verb, who, thing, read_period(given))
