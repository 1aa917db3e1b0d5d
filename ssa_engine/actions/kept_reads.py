"""What was read of a discipline of a database, kept in memory while nothing has come that would change it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from ssa_engine.storage.db import Database

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Place(Generic[T]):
    """Where that of one discipline of one database stands, and the lock of whoever reads it."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    stamp: Hashable = None
    found: T | None = None


class Kept(Generic[T]):
    """What was read, by database and discipline: the latest of each. Safe for threads, of which one reads."""

    def __init__(self) -> None:
        self._places: WeakKeyDictionary[Database, dict[str, _Place[T]]] = WeakKeyDictionary()
        self._lock = threading.RLock()  # held to look a place up, never while something is read

    def get(self, db: Database, discipline: str, stamp: Hashable, read: Callable[[], T]) -> T:
        """Return what is kept if it was read at this stamp, else read it anew."""
        with self._lock:
            place = self._places.setdefault(db, {}).setdefault(discipline, _Place())
        with place.lock:
            if place.found is None or place.stamp != stamp:
                place.found, place.stamp = read(), stamp
            return place.found
