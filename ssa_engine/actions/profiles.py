"""The professional profile: answered as one goes, finished once in a cycle; and how it lies beside that of others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ssa_engine.actions import completion, credentials
from ssa_engine.content.library import Library
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.cycles import CycleState, Position
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.profiles import (
    Distribution,
    ProfileScreen,
    ProfileSurvey,
    changes,
    distribution,
    practice,
    read_answers,
    unanswered,
    usual_by_area,
)
from ssa_engine.core.text import Sentence, say, say_count
from ssa_engine.storage import audit, cycles, people
from ssa_engine.storage import profiles as rows
from ssa_engine.storage.db import Connection, Database
from ssa_engine.storage.people import Credential
from ssa_engine.storage.profiles import Profile

DONE = say("Your profile of this period is finished and is not changed any more.")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a candidate stands with the profile of one credential."""

    spec: ContentSpec
    survey: ProfileSurvey
    credential: Credential
    position: Position
    profile: Profile | None

    @property
    def answers(self) -> dict[str, int]:
        """Id of a clinical activity -> value of the step that was chosen."""
        return self.profile.answers if self.profile else {}

    @property
    def is_done(self) -> bool:
        """Whether it is finished."""
        return self.profile is not None and self.profile.completed_at is not None

    @property
    def why_not(self) -> Sentence | None:
        """Why there is nothing to do on it now; None if there is."""
        if self.is_done:
            return DONE
        if self.position.may_work:
            return None
        if self.position.state is CycleState.NOT_YET:
            day = self.position.cycle.opens_on
            return say("The window for this credential opens on {day}. Come back then.", day=day)
        return say("CQR of this period is complete for this credential, so there is nothing left to do on the profile.")

    @property
    def resume_at(self) -> int | None:
        """Number (from 1) of the first screen with something that is not answered; None if there is none."""
        open_ones = (
            number
            for number, screen in enumerate(self.survey.screens, 1)
            if unanswered(self.survey, self.answers, screen.activities)
        )
        return next(open_ones, None)

    def screen(self, number: int) -> ProfileScreen:
        """Return a screen by its number (from 1); raise `NotFound`."""
        if not 1 <= number <= len(self.survey.screens):
            raise NotFound(say("The profile has no screen with that number. Go back to its first page."))
        return self.survey.screens[number - 1]


def stand(connection: Connection, library: Library, credential_id: int, person_id: int, now: dt.datetime) -> Standing:
    """Return where a person stands with the profile of a credential of theirs.

    Raises
    ------
    NotFound
        If the credential is not this person's, or there is no profile in its discipline.
    Conflict
        If it is not subject to CQR.
    """
    credential = credentials.of_person(connection, credential_id, person_id)
    spec = library.spec(credential.discipline)
    if spec.profile is None:
        raise NotFound(say("There is no professional profile in {discipline}.", discipline=spec.name))
    position = cycles.position_of(connection, credential, spec.cqr, spec.cqr.today(now))
    if position is None:
        raise Conflict(say("This credential has no time limit, so there is nothing to do for it."))
    profile = rows.of_cycle(connection, credential.id, position.cycle.number)
    return Standing(spec, spec.profile, credential, position, profile)


@dataclass(frozen=True, slots=True)
class Saved:
    """Where a candidate stands after a screen was sent."""

    standing: Standing
    elsewhere: tuple[str, ...]
    """The activities that were changed elsewhere since the page was made; of these the stored answer stays."""


def save(
    db: Database,
    library: Library,
    *,
    credential_id: int,
    person_id: int,
    number: int,
    posted: Mapping[str, str],
    shown: Mapping[str, str],
    now: dt.datetime,
) -> Saved:
    """Store what a screen sent; gaps may stay. Repeating it changes nothing.

    Parameters
    ----------
    number : int
        Of the screen, from 1.
    posted, shown : mapping
        Id of a clinical activity -> what is chosen on the page, and what was chosen when the page was made; "" or left
        out for nothing.

    Raises
    ------
    NotFound
        If the credential is not this person's, or there is no such screen.
    Conflict
        If something would change and the profile is finished, or the window is not open.
    Invalid
        If what was chosen is not on the scale.
    """
    with db.write() as connection:
        people.credential(connection, credential_id, for_update=True)
        standing = stand(connection, library, credential_id, person_id, now)
        screen = standing.screen(number)
        sent = read_answers(standing.survey, screen, posted)
        before = {one: int(value) for one, value in shown.items() if value.isascii() and value.isdigit()}
        new, elsewhere = changes(standing.answers, before, sent)
        if new or elsewhere:
            _require_open(standing)
        if new:
            rows.save_answers(connection, _profile_id(connection, standing, now), new, now)
            stored = rows.of_cycle(connection, credential_id, standing.position.cycle.number)
            standing = replace(standing, profile=stored)
    return Saved(standing, elsewhere)


def _require_open(standing: Standing) -> None:
    """Raise `Conflict` if there is nothing to do on the profile now."""
    if standing.why_not is not None:
        raise Conflict(standing.why_not)


def _profile_id(connection: Connection, standing: Standing, now: dt.datetime) -> int:
    """Return the id of the profile of this cycle; the first answer begins it."""
    if standing.profile is not None:
        return standing.profile.id
    return rows.insert(
        connection,
        credential_id=standing.credential.id,
        cycle=standing.position.cycle.number,
        discipline=standing.spec.discipline,
        at=now,
    )


def finish(db: Database, library: Library, *, credential_id: int, person_id: int, who: str, now: dt.datetime) -> None:
    """Finish a profile in which every activity is answered. Repeating it changes nothing.

    The audit trail says that it was done, and nothing of what was answered.

    Raises
    ------
    NotFound
        If the credential is not this person's.
    Conflict
        If the window is not open.
    Invalid
        If something is not answered yet.
    """
    with db.write() as connection:
        people.credential(connection, credential_id, for_update=True)
        standing = stand(connection, library, credential_id, person_id, now)
        if standing.is_done:
            return
        _require_open(standing)
        missing = unanswered(standing.survey, standing.answers)
        if missing or standing.profile is None:
            raise Invalid(
                say_count(
                    "{count} clinical activity is not answered yet. Answer it, then finish your profile.",
                    "{count} clinical activities are not answered yet. Answer them, then finish your profile.",
                    len(missing),
                )
            )
        own = practice(standing.survey, standing.answers)
        rows.complete(connection, standing.profile.id, breadth=own.performed, depth=own.often, at=now)
        audit.add(connection, at=now, who=who, verb="complete", noun="profile", noun_id=standing.profile.id)
        completion.settle(connection, credential_id=credential_id, spec=standing.spec, who=who, now=now)


@dataclass(frozen=True, slots=True)
class Others:
    """What peers of the same discipline do, taken together."""

    breadth: Distribution
    depth: Distribution
    usual: dict[str, float]
    """Content area -> activities performed on average."""


def others(connection: Connection, standing: Standing) -> Others | None:
    """Return what the latest finished profiles of others in the discipline add up to; None while there are too few."""
    discipline, own = standing.spec.discipline, standing.credential.id
    least, most = standing.spec.cqr.profile.least_peers, len(standing.survey.activities)
    breadths, depths = rows.others(connection, discipline, own)
    breadth, depth = distribution(breadths, most, least), distribution(depths, most, least)
    if breadth is None or depth is None:
        return None
    return Others(breadth, depth, usual_by_area(standing.survey, rows.counts(connection, discipline, own), least))
