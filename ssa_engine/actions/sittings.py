"""What the candidate keeps beside the answers, and the survey; what staff do to a sitting that is under way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from ssa_engine.actions.attempts import LONGEST_TEXT, NO_SUCH_ATTEMPT, comment, require_place
from ssa_engine.actions.banks import Banks
from ssa_engine.core.accommodations import Accommodations
from ssa_engine.core.attempts import Attempt, State, require_open, require_reachable
from ssa_engine.core.errors import AttemptClosed, Conflict, Invalid, NotFound
from ssa_engine.core.events import EventKind
from ssa_engine.core.text import say
from ssa_engine.storage import attempts as rows
from ssa_engine.storage import audit, events, people, places, sittings
from ssa_engine.storage.db import Connection, Database

MOST_MINUTES = 600
LONGEST_REASON = 400


def use_tools(
    db: Database,
    *,
    attempt_id: int,
    person_id: int,
    position: int,
    struck: list[str] | None = None,
    highlights: str | None = None,
    note: str | None = None,
    said: str = "",
    now: dt.datetime,
) -> None:
    """Set what is given of the tools of one item; None leaves it. `said` is a comment. Repeating it changes nothing."""
    with db.write() as connection:
        attempt = _locked(connection, attempt_id, person_id)
        require_open(attempt, now)
        place = require_place(places.place(connection, attempt, position))
        require_reachable(attempt, position)
        values = {}
        if struck is not None:
            values["struck"] = ",".join(sorted(set(struck) & set(place.options)))
        if highlights is not None:
            values["highlights"] = highlights[:LONGEST_TEXT]
        if note is not None:
            values["note"] = note[:LONGEST_TEXT]
        if values:
            sittings.set_tools(connection, attempt_id, place.item_id, **values)
        if said:
            comment(connection, attempt, place, said, now)


def _locked(connection: Connection, attempt_id: int, person_id: int) -> Attempt:
    """Return a person's own attempt, which two windows then change one after the other."""
    attempt = rows.lock(connection, attempt_id)
    if attempt is None or attempt.person_id != person_id:
        raise NotFound(NO_SUCH_ATTEMPT)
    return attempt


def answer_survey(
    db: Database, banks: Banks, *, attempt_id: int, person_id: int, posted: Mapping[str, str], now: dt.datetime
) -> None:
    """Store the answers to the survey. They are optional, and may be given again.

    Raises
    ------
    Conflict
        If the assessment is not submitted yet.
    Invalid
        If an answer is none of a question's choices.
    """
    with db.write() as connection:
        attempt = _locked(connection, attempt_id, person_id)
        if attempt.state is State.IN_PROGRESS:
            raise Conflict(say("The survey comes after the assessment. Submit it first."))
        questions = banks.at(attempt.bank_version).spec.delivery.survey
        answers = {one.id: posted[one.id].strip()[:LONGEST_TEXT] for one in questions if posted.get(one.id, "").strip()}
        for one in questions:
            if one.id in answers and one.choices and answers[one.id] not in one.choices:
                raise Invalid(say("That is none of the choices of the survey. Reload the page and choose again."))
        sittings.save_survey(connection, attempt_id, answers, now)


def grant_time(db: Database, *, attempt_id: int, minutes: int, reason: str, who: str, now: dt.datetime) -> None:
    """Give an attempt under way more time; its page shows it within seconds.

    Raises
    ------
    NotFound, Conflict, Invalid
        If there is no such attempt, it is closed, or minutes or reason cannot be used.
    """
    if not 1 <= minutes <= MOST_MINUTES:
        raise Invalid(say("Give from 1 to {most} minutes.", most=MOST_MINUTES))
    require_reason(reason)
    with db.write() as connection:
        attempt = _under_way(connection, attempt_id)
        if attempt.is_untimed:
            raise Conflict(say("This attempt has no time limit, so there is nothing to add."))
        rows.change(connection, attempt_id, seconds_allowed=attempt.seconds_allowed + 60 * minutes)
        events.append(connection, attempt_id, EventKind.TIME_GRANTED, now, None, f"{minutes} min: {reason}")
        audit.add(
            connection, at=now, who=who, verb="grant time", noun="attempt", noun_id=attempt_id, minutes=minutes,
            reason=reason,
        )  # fmt: skip


def unlock(db: Database, *, attempt_id: int, reason: str, new_token: str, who: str, now: dt.datetime) -> None:
    """Open the items that locked at a break, and free the attempt from whatever window it is live in.

    Raises
    ------
    NotFound, AttemptClosed, Invalid
        If there is no such attempt, it is closed, or there is no reason.
    """
    require_reason(reason)
    with db.write() as connection:
        attempt = _under_way(connection, attempt_id)
        rows.change(connection, attempt_id, locked_through=0)
        rows.render(connection, attempt_id, position=attempt.position, token=new_token, at=now)
        events.append(connection, attempt_id, EventKind.UNLOCKED, now, None, reason)
        audit.add(connection, at=now, who=who, verb="unlock", noun="attempt", noun_id=attempt_id, reason=reason)


def _under_way(connection: Connection, attempt_id: int) -> Attempt:
    attempt = rows.lock(connection, attempt_id)
    if attempt is None:
        raise NotFound(say("There is no attempt {attempt}.", attempt=attempt_id))
    if attempt.state is not State.IN_PROGRESS:
        raise AttemptClosed(
            say("Attempt {attempt} was submitted, so neither its time nor its locks change.", attempt=attempt_id)
        )
    return attempt


def require_reason(reason: str) -> None:
    """Raise `Invalid` unless a reason is given that is not too long to keep."""
    if not reason.strip():
        raise Invalid(say("Say why; the reason stays with the attempt."))
    if len(reason) > LONGEST_REASON:
        raise Invalid(say("Say why in at most {most} characters.", most=LONGEST_REASON))


def set_accommodations(db: Database, *, person_id: int, granted: Accommodations, who: str, now: dt.datetime) -> None:
    """Keep what is granted to a person for the attempts they start from now on. Repeating it changes nothing."""
    with db.write() as connection:
        if people.get(connection, person_id) is None:
            raise NotFound(say("There is no such person."))
        if people.accommodations_of(connection, person_id) == granted:
            return
        people.set_accommodations(connection, person_id, granted)
        audit.add(
            connection,
            at=now,
            who=who,
            verb="set accommodations",
            noun="person",
            noun_id=person_id,
            **granted.model_dump(),
        )
