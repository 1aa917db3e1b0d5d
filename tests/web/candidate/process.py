"""A candidate's way through the process in a few steps: profile done, self-assessment submitted, credits completed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from ssa_engine.actions.completion import settle
from ssa_engine.content.library import Library
from ssa_engine.core.completion import CompletionRecord
from ssa_engine.storage import claims, completed_credits, profiles
from ssa_engine.storage.db import Database
from tests.factories import Clock, Page, Someone, read, session_of, start_attempt


@dataclass
class Process:
    """Somebody with an open window, in a browser."""

    db: Database
    clock: Clock
    library: Library
    browser: FlaskClient
    someone: Someone
    discipline: str = "CT"

    def dashboard(self) -> Page:
        """The start page."""
        return read(self.browser.get("/candidate/"))

    def at(self, moment: dt.datetime) -> None:
        """Move the clock, and sign in again: no session lasts that long."""
        self.clock.at = moment
        self.browser.set_cookie("ssa_session", session_of(self.db, self.someone, moment))

    def card(self) -> dict[str, str]:
        """The attributes of the card of the credential."""
        [found] = [
            row
            for row in self.dashboard().rows("data-credential")
            if row["data-credential"] == str(self.someone.credential_id)
        ]
        return found

    def url(self, rest: str) -> str:
        """An address below the credential."""
        return f"/candidate/credentials/{self.someone.credential_id}/{rest}"

    def do_profile(self, cycle: int = 1) -> None:
        """Have the professional profile done."""
        with self.db.write() as connection:
            made = profiles.insert(
                connection,
                credential_id=self.someone.credential_id,
                cycle=cycle,
                discipline=self.discipline,
                at=self.clock(),
            )
            profiles.complete(connection, made, breadth=3, depth=1, at=self.clock())

    def submit(self) -> int:
        """Submit a self-assessment with no answer; return the attempt's id."""
        attempt = start_attempt(self.browser, self.someone)
        response = self.browser.post(f"/candidate/attempts/{attempt}/review", data={"confirmed": "yes"})
        assert response.status_code == 303
        return attempt

    def fill(self, attempt: int, source: str = "claim/1", share: float = 1.0) -> CompletionRecord | None:
        """Complete a share of what is prescribed, then settle; return the record if CQR is complete."""
        now = self.clock()
        with self.db.write() as connection:
            areas = claims.ledger_of(connection, attempt).areas
            credits = {area: fill.prescribed * share for area, fill in areas.items()}
            completed_credits.append(connection, attempt, credits, source=source, completed_on=now.date(), at=now)
            return self.settle(connection)

    def settle(self, connection: Any) -> CompletionRecord | None:
        """Note that CQR is complete, if it is."""
        spec = self.library.spec(self.discipline)
        return settle(connection, credential_id=self.someone.credential_id, spec=spec, who="test", now=self.clock())
