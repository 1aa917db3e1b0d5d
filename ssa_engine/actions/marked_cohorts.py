"""The marked responses of a discipline's cohort, kept in memory until the cohort changes, with what is made of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import pandas as pd

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.exports import by_their_keys
from ssa_engine.actions.kept_reads import Kept
from ssa_engine.storage import cohort_reads
from ssa_engine.storage.db import Connection, Database

T = TypeVar("T")

KEPT_RESULTS = 60
"""Computed tables kept for one cohort, the least lately used given up first."""
COLUMNS = (
    *("attempt_id", "candidate_id", "form_id", "position", "item_id", "content_area", "scored", "answer", "correct"),
    *("seconds", "bank_version"),
)


@dataclass(eq=False)
class MarkedCohort:
    """One state of a cohort. `marked`: its submitted attempts' responses by the keys in force, with `submitted_at`.

    Ids of attempts are text; columns that repeat are categories. Nothing may change `marked`.
    """

    marked: pd.DataFrame
    _made: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` makes, made once for this key; an error is not kept."""
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
                while len(self._made) > KEPT_RESULTS:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            return cast(T, self._made[key])


_kept: Kept[MarkedCohort] = Kept()


def marked_cohort(connection: Connection, db: Database, banks: Banks, discipline: str) -> MarkedCohort:
    """Return the cohort as it is now: from memory if its stamp is still the same, else read and marked anew."""
    stamp = cohort_reads.cohort_stamp(connection, discipline)
    return _kept.get(db, discipline, stamp, lambda: MarkedCohort(_read(connection, banks, discipline)))


def _read(connection: Connection, banks: Banks, discipline: str) -> pd.DataFrame:
    closed = cohort_reads.closed_responses(connection, discipline)
    parts = list(by_their_keys(connection, banks, closed))
    if not parts:
        parts = [closed.assign(correct=False)]
    marked = parts[0] if len(parts) == 1 else pd.concat(parts).sort_index()
    return marked[[*COLUMNS, "submitted_at"]].reset_index(drop=True)
