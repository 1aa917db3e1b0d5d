"""A candidate's sitting through the actions, without the web: start, answer, and what is stored of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pytest

from ssa_engine.actions import attempts as actions
from ssa_engine.actions import preparations
from ssa_engine.actions import results as results_actions
from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.core.attempts import Attempt, State
from ssa_engine.core.delivery import Delivery
from ssa_engine.core.events import Event
from ssa_engine.core.items import Item
from ssa_engine.storage import attempts as rows
from ssa_engine.storage import audit, events, frames, places, results
from ssa_engine.storage.db import Database
from ssa_engine.storage.places import Place
from ssa_engine.storage.results import Result
from tests.factories import Clock, Someone, values_of

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
    saves: int = 0

    @property
    def attempt(self) -> Attempt:
        """The attempt as stored now."""
        with self.db.read() as connection:
            found = rows.get(connection, self.attempt_id)
        assert found is not None
        return found

    @property
    def mine(self) -> dict[str, Any]:
        """Whose attempt it is, and when."""
        return {"attempt_id": self.attempt_id, "person_id": self.someone.id, "now": self.clock()}

    @property
    def timeline(self) -> list[Event]:
        """Everything that happened."""
        with self.db.read() as connection:
            return events.timeline(connection, self.attempt_id)

    @property
    def happened(self) -> list[tuple[str, int | None, str]]:
        """Kind, position and detail of everything that happened."""
        return [(one.kind, one.position, one.detail) for one in self.timeline]

    @property
    def places(self) -> list[Place]:
        """Every position as stored now."""
        with self.db.read() as connection:
            return places.places(connection, self.attempt)

    def item(self, position: int) -> Item:
        """The item at a position."""
        attempt = self.attempt
        with self.db.read() as connection:
            place = places.place(connection, attempt, position)
        assert place is not None
        return self.banks.at(attempt.bank_version).item(place.item_id)

    @property
    def result(self) -> Result | None:
        """The latest result."""
        with self.db.read() as connection:
            return results.latest(connection, self.attempt_id)

    def answer(self, position: int, choice: str | None) -> None:
        """Save an answer, as it is stored, or go past the item without one."""
        item = self.item(position)
        self.save(position, answer=[] if choice is None else values_of(item, choice), go="next")

    def save(self, position: int, **sent: Any) -> actions.Saved:
        """Save what a page sends, with the live token unless another is given."""
        self.saves += 1
        fresh = f"t{self.saves}"
        given = {"answer": [], "token": self.token, "go": "save", **sent}
        save = actions.Save(self.attempt_id, self.someone.id, position, **given)
        saved = actions.save(self.db, self.banks, save, new_token=fresh, now=self.clock())
        self.token = saved.attempt.render_token
        return saved

    def answer_all(self, choose: Choice) -> dict[str, str | None]:
        """Answer every item; return item id -> answer."""
        given = {}
        for place in self.places:
            given[place.item_id] = choose(place)
            self.answer(place.position, given[place.item_id])
            self.clock.advance(seconds=20)
        return given


def of(someone: Someone, clock: Clock) -> dict[str, Any]:
    """Return whose preparation it is, and when."""
    return {
        "credential_id": someone.credential_id,
        "person_id": someone.id,
        "who": someone.email,
        "now": clock(),
    }


def begin(db: Database, banks: Banks, clock: Clock, someone: Someone, *, seed: int = 5) -> Sitting:
    """Confirm who one is, accept the agreement, start an attempt."""
    preparations.confirm_identity(db, banks, **of(someone, clock))
    if banks.library.spec("CT").delivery.agreement:
        preparations.answer_agreement(db, banks, **of(someone, clock), accepts=True)
    attempt_id = preparations.start(db, banks, **of(someone, clock), seed=seed, token="t0")
    return Sitting(db, banks, clock, someone, attempt_id, "t0")


def submit(sitting: Sitting) -> State:
    """Submit as the candidate."""
    someone = sitting.someone
    closed = results_actions.submit(
        sitting.db,
        sitting.banks,
        attempt_id=sitting.attempt_id,
        person_id=someone.id,
        who=someone.email,
        now=sitting.clock(),
    )
    assert closed == sitting.attempt
    return closed.state


def close_late(sitting: Sitting) -> list[int]:
    """Close what timed out, as the clock in the background does."""
    return results_actions.close_timed_out(sitting.db, sitting.banks, who="clock", now=sitting.clock())


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


def library_with(library: Library, **delivery: Any) -> Library:
    """Return the library with another delivery of CT: no identity, no agreement, and what is given."""
    rules = Delivery(**{"confirm_identity": False, **delivery})
    spec = library.specs["CT"].model_copy(update={"delivery": rules})
    bank = library.bank("CT").model_copy(update={"spec": spec})
    return replace(library, specs={**library.specs, "CT": spec}, banks={**library.banks, "CT": bank})
