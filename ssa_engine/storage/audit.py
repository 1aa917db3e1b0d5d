"""Rows of the audit trail, written in the transaction of the change they describe."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy.engine import Connection

from ssa_engine.storage.tables import audit


def add(
    connection: Connection, *, at: dt.datetime, who: str, verb: str, noun: str, noun_id: object, **detail: Any
) -> None:
    """Note who did what to what, when, with the details that tell it from others of its kind."""
    connection.execute(
        audit.insert().values(
            at=at, who=who, verb=verb, noun=noun, noun_id=str(noun_id), detail=json.dumps(detail, sort_keys=True)
        )
    )
