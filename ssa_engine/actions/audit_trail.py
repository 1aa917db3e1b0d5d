"""What is read of the audit trail: a page of it, or all that a filter leaves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ssa_engine.core.audit_trail import AuditEntry, AuditFilter
from ssa_engine.storage import audit
from ssa_engine.storage.db import Database

PAGE = 100


@dataclass(frozen=True, slots=True)
class Trail:
    """One page of entries, latest first; `kinds` are every (noun, verb) there is."""

    entries: tuple[AuditEntry, ...]
    kinds: tuple[tuple[str, str], ...]
    count: int
    page: int
    pages: int


def trail(db: Database, wanted: AuditFilter, page: int = 1) -> Trail:
    """Read page `page` (from 1) of the entries that are wanted."""
    with db.read() as connection:
        count = audit.count(connection, wanted)
        pages = max(1, -(-count // PAGE))
        page = max(1, min(page, pages))
        shown = audit.entries(connection, wanted, PAGE, (page - 1) * PAGE)
        return Trail(tuple(shown), tuple(audit.kinds(connection)), count, page, pages)


def all_rows(db: Database, wanted: AuditFilter) -> tuple[list[str], list[list[Any]]]:
    """Return every entry that is wanted as columns and rows, latest first."""
    with db.read() as connection:
        entries = audit.entries(connection, wanted)
    columns = ["audit_id", "at", "who", "verb", "noun", "noun_id", "detail"]
    return columns, [
        [one.id, one.at, one.who, one.verb, one.noun, one.noun_id, json.dumps(one.detail, sort_keys=True)]
        for one in entries
    ]
