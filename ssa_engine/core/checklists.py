"""The checklist of one credential: where CQR stands, what is next and by when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from ssa_engine.core.attempts import Attempt, State
from ssa_engine.core.cycles import Cycle
from ssa_engine.core.text import count_credits, say


class Standing(StrEnum):
    """Where a credential stands in its cycle."""

    NOT_SUBJECT = "not_subject"
    NOT_YET = "not_yet"
    NO_BANK = "no_bank"
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    TIME_UP = "time_up"
    SUBMITTED = "submitted"
    PRESCRIBED = "prescribed"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the checklist. `state` is done, now or later."""

    label: str
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """What a candidate reads about one credential."""

    standing: Standing
    next: str
    steps: tuple[Step, ...]


def standing_of(
    cycle: Cycle | None, today: dt.date, now: dt.datetime, *, has_bank: bool, attempt: Attempt | None, credits: float
) -> Standing:
    """Say where a credential stands. `attempt` is that of this cycle; `credits` what its result prescribes."""
    if cycle is None:
        return Standing.NOT_SUBJECT
    if attempt is not None:
        if attempt.state is State.IN_PROGRESS:
            return Standing.TIME_UP if attempt.time_is_up(now) else Standing.IN_PROGRESS
        if attempt.state is State.SUBMITTED:
            return Standing.SUBMITTED
        return Standing.PRESCRIBED if credits > 0 else Standing.COMPLETE
    if not cycle.is_open(today):
        return Standing.NOT_YET
    return Standing.OPEN if has_bank else Standing.NO_BANK


def checklist(standing: Standing, cycle: Cycle | None, discipline_name: str, credits: float) -> Checklist:
    """Write the checklist of a credential in this standing."""
    told = {
        "discipline": discipline_name,
        "opens": cycle.opens_on if cycle else "",
        "due": cycle.due_on if cycle else "",
        "credits": count_credits(credits),
    }
    sentences = {
        Standing.NOT_SUBJECT: say("{discipline} has no time limit. There is nothing to do.", **told),
        Standing.NOT_YET: say("Nothing to do yet. The window for {discipline} opens on {opens}.", **told),
        Standing.NO_BANK: say("The {discipline} assessment is being prepared. You have until {due}.", **told),
        Standing.OPEN: say("Take the {discipline} self-assessment by {due}.", **told),
        Standing.IN_PROGRESS: say("Go on with your {discipline} self-assessment. Your clock is running.", **told),
        Standing.TIME_UP: say("The time for your {discipline} self-assessment is over. Submit what was saved.", **told),
        Standing.SUBMITTED: say(
            "Your {discipline} self-assessment is submitted. Your result will appear here.", **told
        ),
        Standing.PRESCRIBED: say("Earn {credits} of continuing education for {discipline} by {due}.", **told),
        Standing.COMPLETE: say("CQR complete for {discipline}. There is nothing left to do in this period.", **told),
    }
    return Checklist(standing, sentences[standing], _steps(standing, credits))


def _steps(standing: Standing, credits: float) -> tuple[Step, ...]:
    done = {
        Standing.SUBMITTED: 1,
        Standing.PRESCRIBED: 2,
        Standing.COMPLETE: 4,
    }.get(standing, 0)
    waiting = standing in (Standing.NOT_SUBJECT, Standing.NOT_YET, Standing.NO_BANK)
    labels = (
        say("Structured Self-Assessment"),
        say("Results by content area"),
        say("Prescribed continuing education"),
        say("CQR complete"),
    )
    notes = {2: count_credits(credits) if credits else say("None prescribed")} if done >= 2 else {}
    return tuple(
        Step(
            label,
            "done" if index < done else "now" if index == done and not waiting else "later",
            notes.get(index, ""),
        )
        for index, label in enumerate(labels)
    )
