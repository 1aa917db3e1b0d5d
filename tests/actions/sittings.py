"""A candidate's sitting through the actions, without the web: start, answer, and what is stored of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from ssa_engine.actions import attempts as actions
from ssa_engine.actions.banks import Banks
from ssa_engine.core.attempts import Attempt
from ssa_engine.storage import attempts as rows
from ssa_engine.storage import audit, frames, results
from ssa_engine.storage.attempts import Place
from ssa_engine.storage.db import Database
from ssa_engine.storage.results import Result
from tests.factories import Clock, Someone

Choice = Callable[[Place], str | None]


@dataclass
class Sitting:
    """An attempt under way."""

    db: Database
    banks: Banks
    clock: Clock
    someone: Someone
    attempt_id: int
    token: str

    @property
    def attempt(self) -> Attempt:
        """The attempt as stored now."""
        with self.db.read() as connection:
            found = rows.get(connection, self.attempt_id)
        assert found is not None
        return found

    @property
    def places(self) -> list[Place]:
        """Every position as stored now."""
        with self.db.read() as connection:
            return rows.places(connection, self.attempt)

    @property
    def result(self) -> Result | None:
        """The latest result."""
        with self.db.read() as connection:
            return results.latest(connection, self.attempt_id)

    def answer(self, position: int, choice: str | None) -> None:
        """Save an answer, or go past the item without one."""
        fresh = f"t{self.token[1:]}{position}"[-30:]
        sent = actions.Save(
            self.attempt_id, self.someone.id, position, [] if choice is None else [choice], self.token, "next"
        )
        actions.save(self.db, self.banks, sent, new_token=fresh, now=self.clock())
        self.token = fresh

    def answer_all(self, choose: Choice) -> dict[str, str | None]:
        """Answer every item; return item id -> answer."""
        given = {}
        for place in self.places:
            given[place.item_id] = choose(place)
            self.answer(place.position, given[place.item_id])
            self.clock.advance(seconds=20)
        return given


def begin(db: Database, banks: Banks, clock: Clock, someone: Someone, *, seed: int = 5) -> Sitting:
    """Start an attempt."""
    attempt_id = actions.start(
        db,
        banks,
        credential_id=someone.credential_id,
        person_id=someone.id,
        who=someone.email,
        seed=seed,
        token="t0",
        now=clock(),
    )
    return Sitting(db, banks, clock, someone, attempt_id, "t0")


def frame_of(sitting: Sitting, answers: Mapping[str, str | None]) -> pd.DataFrame:
    """Return the answers as `ssa score` would read them from its smallest input."""
    rows = [(sitting.attempt_id, item, answer) for item, answer in answers.items()]
    return pd.DataFrame(rows, columns=["attempt_id", "item_id", "answer"])


def audit_of(db: Database, noun: str) -> list[tuple[str, str, str]]:
    """Return (who, verb, id) of every audit row about a noun, in order."""
    with db.read() as connection:
        frame = frames.audit_frame(connection)
    own = frame[frame["noun"] == noun]
    return list(zip(own["who"], own["verb"], own["noun_id"], strict=True))


@contextmanager
def breaking_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the power go right after the audit row was written; expect it to be noticed."""
    note = audit.add

    def note_and_stop(*arguments: Any, **details: Any) -> None:
        note(*arguments, **details)
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(audit, "add", note_and_stop)
        with pytest.raises(RuntimeError, match="the power went"):
            yield
