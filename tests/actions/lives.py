"""A credential's way through a cycle, short: a finished attempt, a profile, credits earned, what was told and noted."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from ssa_engine.actions import completion
from ssa_engine.actions import cycles as actions
from ssa_engine.actions.banks import Banks
from ssa_engine.core.attempts import State
from ssa_engine.core.completion import CompletionRecord
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.cycles import Position
from ssa_engine.core.form_assembly import draw_form
from ssa_engine.storage import attempts, completed_credits, cycles, forms, people, profiles, results
from ssa_engine.storage.db import Database
from ssa_engine.storage.results import AreaResult
from ssa_engine.storage.schema import metadata
from tests.factories import Clock, Someone

AREAS = ("radiation-safety-and-dose", "image-formation")


def noon(year: int, month: int, day: int) -> dt.datetime:
    """Return noon in UTC, when it is the same day in Chicago."""
    return dt.datetime(year, month, day, 12, tzinfo=dt.UTC)


def area_of(area: str, credits: float) -> AreaResult:
    """Return a result of ten items with so many credits."""
    below = credits > 0
    return AreaResult(
        content_area=area, items=10, correct=5 if below else 9, points=5.0 if below else 9.0,
        score=0.5 if below else 0.9, score_se=None, standard=0.7, gap=0.2 if below else 0.0, below_standard=below,
        probability_below=1.0, credits_by_rule=credits, credits=credits, sentence="because" if below else "",
    )  # fmt: skip


@dataclass
class Life:
    """One person's credential in CT."""

    db: Database
    banks: Banks
    clock: Clock
    someone: Someone

    @property
    def spec(self) -> ContentSpec:
        """The specification of CT."""
        return self.banks.library.specs["CT"]

    def finish(
        self, credits: Mapping[str, float] | None = None, state: State = State.RELEASED, cycle: int = 1, number: int = 1
    ) -> int:
        """Store a finished attempt that prescribes these credits; return its id."""
        bank, now = self.banks.library.bank("CT"), self.clock()
        prescribed = {**dict.fromkeys(AREAS, 0.0), **(credits or {})}
        with self.db.write() as connection:
            self.banks.store(connection, bank, now)
            form_id = forms.insert(connection, draw_form(bank, number), now)
            attempt_id = attempts.insert(
                connection, credential_id=self.someone.credential_id, cycle=cycle, number=number, form_id=form_id,
                state=state, started_at=now, seconds_allowed=6000, submitted_at=now,
                released_at=now if state is State.RELEASED else None, position=1, items_total=80, render_token="t",
                rendered_at=now,
            )  # fmt: skip
            results.insert(
                connection, areas=[area_of(*one) for one in prescribed.items()], due_on=dt.date(2028, 6, 1),
                attempt_id=attempt_id, version=1, discipline="CT", policy_version=1, bank_version=bank.version,
                key_version=bank.key_version, scored_at=now,
            )  # fmt: skip
        return attempt_id

    def profile(self, cycle: int = 1) -> None:
        """Finish the professional profile."""
        own = {"credential_id": self.someone.credential_id, "cycle": cycle}
        with self.db.write() as connection:
            profile_id = profiles.insert(connection, **own, discipline="CT", at=self.clock())
            profiles.complete(connection, profile_id, breadth=10, depth=5, at=self.clock())

    def earn(self, attempt_id: int, credits: Mapping[str, float], source: str = "claim/1") -> None:
        """Award credits."""
        with self.db.write() as connection:
            completed_credits.append(
                connection, attempt_id, credits, source=source, completed_on=self.clock().date(), at=self.clock()
            )

    def settle(self, mail_from: dt.datetime | None = None) -> CompletionRecord | None:
        """See whether the cycle is complete."""
        with self.db.write() as connection:
            return completion.settle(
                connection, credential_id=self.someone.credential_id, spec=self.spec, who="test", now=self.clock(),
                mail_from=mail_from,
            )  # fmt: skip

    def unsettle(self, cycle: int = 1) -> bool:
        """Take the completion back."""
        credential_id = self.someone.credential_id
        with self.db.write() as connection:
            return completion.unsettle(
                connection, credential_id=credential_id, cycle=cycle, who="test", now=self.clock()
            )

    def reinstate(self, on: dt.date) -> dt.date:
        """Reinstate; return the day the new cycle is due."""
        credential_id = self.someone.credential_id
        cycle = completion.reinstate(
            self.db, self.banks, credential_id=credential_id, on=on, who="staff", now=self.clock()
        )
        return cycle.due_on

    @property
    def position(self) -> Position:
        """Where the credential stands today."""
        rules = self.spec.cqr
        with self.db.read() as connection:
            credential = people.credential(connection, self.someone.credential_id)
            assert credential is not None
            stands = cycles.position_of(connection, credential, rules, rules.today(self.clock()))
        assert stands is not None
        return stands

    @property
    def happened(self) -> list[tuple[str, int, dt.date]]:
        """What happened to the credential: kind, cycle, day."""
        with self.db.read() as connection:
            own = cycles.happenings(connection, self.someone.credential_id)
        return [(one.kind.value, one.cycle, one.on) for one in own]

    @property
    def told(self) -> list[str]:
        """What the person was told, in order: kind, and step or number behind the cycle."""
        return [key.replace(f"/{self.someone.credential_id}", "", 1) for key in keys(self.db, self.someone)]


def keys(db: Database, someone: Someone | None = None) -> list[str]:
    """Return the keys of all notices, or of a person's, in order."""
    notices = metadata.tables["notices"]
    query = sa.select(notices.c.key).order_by(notices.c.id)
    with db.read() as connection:
        own = query if someone is None else query.where(notices.c.person_id == someone.id)
        return list(connection.execute(own).scalars())


def details(db: Database, key: str) -> dict[str, object]:
    """Return the details of a notice."""
    notices = metadata.tables["notices"]
    with db.read() as connection:
        text = connection.execute(sa.select(notices.c.details).where(notices.c.key == key)).scalar_one()
    found: dict[str, object] = json.loads(text)
    return found


def rows_of(db: Database, table: str) -> int:
    """Return how many rows a table has."""
    with db.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(metadata.tables[table])).scalar_one())


def tick(db: Database, banks: Banks, now: dt.datetime) -> actions.Ticked:
    """Do what falls due."""
    return actions.tick(db, banks, who="clock", now=now)
