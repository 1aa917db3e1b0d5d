"""The plan of a prescription: what a candidate chose for it, and the activities that fill what is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from ssa_engine.actions import credentials, prescribed_work
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.prescribed_work import Prescription
from ssa_engine.core.activities import Activity, left_to_find
from ssa_engine.core.cycles import CycleState
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.plans import Aim, Plans, plan
from ssa_engine.core.text import say
from ssa_engine.storage import activities, audit, plan_choices
from ssa_engine.storage.db import Connection, Database
from ssa_engine.storage.plan_choices import Choice

NO_SUCH_ACTIVITY = say("There is no activity with this code in the catalogue. Look for it by its title.")
ALTERNATIVES = 2


class Why(StrEnum):
    """Why an activity that was chosen for the plan is not in it."""

    REPORTED = "reported"
    WITHDRAWN = "withdrawn"
    OVER = "over"
    TOO_LATE = "too_late"
    """It begins after the last day on which a claim can be submitted."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a candidate chose for the plan of a prescription, and what is open of it."""

    prescription: Prescription
    left: dict[str, float]
    """Content area -> credits that neither what is awarded nor what waits for review would fill, in outline order."""
    choices: dict[int, Choice]
    claimed: set[int]

    @property
    def discipline(self) -> str:
        """The discipline."""
        return self.prescription.spec.discipline

    @property
    def last_day(self) -> dt.date | None:
        """The last day on which a claim can be submitted; None where the period is over and work goes on."""
        position = self.prescription.position
        return position.cycle.submit_by if position.state is CycleState.OPEN else None

    def why_not(self, activity: Activity) -> Why | None:
        """Return why an activity cannot be part of the plan, or None."""
        if activity.id in self.claimed:
            return Why.REPORTED
        if activity.withdrawn:
            return Why.WITHDRAWN
        if activity.is_over(self.prescription.today):
            return Why.OVER
        return Why.TOO_LATE if activity.begins_after(self.last_day) else None


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan of a prescription."""

    chosen: Chosen
    plans: Plans | None
    """None where nothing is open."""
    left_out: tuple[tuple[Activity, Why], ...]
    """Activities that the candidate chose and that cannot be part of the plan."""
    ruled_out: tuple[Activity, ...]
    """Activities that the candidate does not want."""


def chosen(
    connection: Connection, banks: Banks, *, credential_id: int, person_id: int, now: dt.datetime
) -> Chosen | None:
    """Return what a candidate chose for the present prescription of a credential; None while there is none.

    Raises
    ------
    NotFound
        If the credential is not this person's.
    """
    credential = credentials.of_person(connection, credential_id, person_id)
    found = prescribed_work.find(connection, banks, credential, now)
    if found is None:
        return None
    attempt_id, left = found.attempt.id, left_to_find(found.ledger)
    outline = [area for area in found.spec.area_names if area in left]
    return Chosen(
        found,
        {area: left[area] for area in (*outline, *sorted(left.keys() - set(outline)))},
        plan_choices.of_attempt(connection, attempt_id),
        plan_choices.claimed(connection, attempt_id),
    )


def planned(
    db: Database, banks: Banks, *, credential_id: int, person_id: int, aim: Aim, now: dt.datetime
) -> Planned | None:
    """Make the plan; None while nothing is prescribed. The database is not held while it is made.

    Raises
    ------
    NotFound
        If the credential is not this person's.
    Conflict
        If the time was over before any plan was found.
    """
    with db.read() as connection:
        made = chosen(connection, banks, credential_id=credential_id, person_id=person_id, now=now)
        if made is None:
            return None
        own = activities.of_ids(connection, made.choices)
        offered = activities.that_fill(connection, made.discipline, made.left, made.prescription.today)
    wanted = [one for one in own if made.choices[one.id] == "in"]
    usable = {one.id: one for one in (*offered, *wanted) if made.why_not(one) is None}
    return Planned(
        made,
        _plans(made.left, usable, made.discipline, aim, made.choices) if made.left else None,
        tuple((one, why) for one in wanted if (why := made.why_not(one)) is not None),
        tuple(one for one in own if made.choices[one.id] == "out"),
    )


def _plans(
    left: Mapping[str, float], usable: Mapping[int, Activity], discipline: str, aim: Aim, choices: Mapping[int, Choice]
) -> Plans:
    def locked(choice: Choice) -> Collection[int]:
        return {one for one, made in choices.items() if made == choice}

    return plan(
        left,
        list(usable.values()),
        discipline,
        aim,
        locked_in=locked("in"),
        locked_out=locked("out"),
        alternatives=ALTERNATIVES,
    )


def choose(
    db: Database,
    banks: Banks,
    *,
    credential_id: int,
    person_id: int,
    code: str,
    choice: str,
    who: str,
    now: dt.datetime,
) -> None:
    """Put an activity into the plan (`in`), keep it out (`out`), or leave it to the plan (empty).

    Choosing what is chosen already changes nothing.

    Raises
    ------
    NotFound
        If the credential is not this person's, or there is no such activity.
    Conflict
        If nothing is prescribed, or the activity was reported or withdrawn.
    Invalid
        If the choice is none of these.
    """
    with db.write() as connection:
        made = chosen(connection, banks, credential_id=credential_id, person_id=person_id, now=now)
        if made is None:
            raise Conflict(say("Nothing is prescribed for this credential now, so there is nothing to plan."))
        if choice not in ("in", "out", ""):
            raise Invalid(say("Choose whether the activity is part of your plan. Use the buttons beside it."))
        activity = activities.by_code(connection, code)
        if activity is None:
            raise NotFound(NO_SUCH_ACTIVITY)
        if choice == "in":
            _require_usable(made.why_not(activity))
        wanted = cast(Choice, choice) if choice else None
        attempt_id = made.prescription.attempt.id
        before = plan_choices.put(connection, attempt_id, activity.id, wanted, now)
        if before != wanted:
            audit.add(
                connection, at=now, who=who, verb="choose for plan", noun="attempt", noun_id=attempt_id,
                activity=activity.code, choice=wanted, before=before,
            )  # fmt: skip


def _require_usable(why: Why | None) -> None:
    if why is Why.REPORTED:
        raise Conflict(say("You have reported this activity already. It stands among your claims."))
    if why is Why.WITHDRAWN:
        raise Conflict(say("This activity is offered no longer. If you finished it, you can still report it."))
    if why is Why.OVER:
        raise Conflict(say("The dates of this activity are over. If you finished it, you can still report it."))
    if why is Why.TOO_LATE:
        raise Conflict(
            say("This activity begins after the last day on which you can submit a claim. Choose an earlier one.")
        )
