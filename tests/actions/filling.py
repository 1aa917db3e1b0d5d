"""A candidate's profile filled in through the actions: screen by screen, as chosen, and finished."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ssa_engine.actions import profiles as actions
from ssa_engine.content.library import Library
from ssa_engine.core.profiles import ClinicalActivity, ProfileSurvey
from ssa_engine.storage.db import Database
from tests.factories import Clock, Someone

Choose = Callable[[ClinicalActivity], int]


def library_with_profile(library: Library, profile: ProfileSurvey | None, **rules: Any) -> Library:
    """Return the library with another profile in CT, and other rules of it."""
    spec = library.spec("CT")
    cqr = spec.cqr.model_copy(update={"profile": spec.cqr.profile.model_copy(update=rules)})
    changed = spec.model_copy(update={"profile": profile, "cqr": cqr})
    return dataclasses.replace(library, specs={**library.specs, "CT": changed})


@dataclass
class Filling:
    """A profile that somebody fills in."""

    db: Database
    library: Library
    clock: Clock
    someone: Someone

    @property
    def mine(self) -> dict[str, Any]:
        """Whose profile it is, and when."""
        return {"credential_id": self.someone.credential_id, "person_id": self.someone.id, "now": self.clock()}

    @property
    def standing(self) -> actions.Standing:
        """Where it stands."""
        with self.db.read() as connection:
            return actions.stand(connection, self.library, **self.mine)

    @property
    def answers(self) -> dict[str, int]:
        """What is stored."""
        return self.standing.answers

    def save(
        self, number: int, posted: Mapping[str, object], shown: Mapping[str, object] | None = None
    ) -> tuple[str, ...]:
        """Send a screen; without `shown` the page was made just before."""
        texts = {name: str(value) for name, value in posted.items()}
        before = {name: str(value) for name, value in (self.answers if shown is None else shown).items()}
        saved = actions.save(self.db, self.library, **self.mine, number=number, posted=texts, shown=before)
        return saved.elsewhere

    def fill(self, choose: Choose) -> None:
        """Answer every activity."""
        for number, screen in enumerate(self.standing.survey.screens, 1):
            self.save(number, {one.id: choose(one) for one in screen.activities})

    def finish(self) -> None:
        """Finish it."""
        actions.finish(self.db, self.library, **self.mine, who=self.someone.email)

    def complete(self, choose: Choose) -> None:
        """Answer every activity and finish."""
        self.fill(choose)
        self.finish()
