"""Results that wait to be released: when each would be by itself, by when it is promised, and which are chosen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ssa_engine.core.cohorts import LARGEST_ID, YEARS
from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import Policy
from ssa_engine.core.programmes import CqrRules
from ssa_engine.core.text import say
from ssa_engine.core.workload import NEAR_DAYS


@dataclass(frozen=True, slots=True)
class Held:
    """A result as stored that is not released. Times are UTC."""

    attempt_id: int
    candidate_id: int
    submitted_at: dt.datetime
    scored_at: dt.datetime
    policy_version: int
    credits: float


class Promise(StrEnum):
    """How near the promised day is. `NONE`: the programme promises none."""

    LATE = "late"
    TODAY = "today"
    NEAR = "near"
    IN_TIME = "in_time"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A result that waits. Days are those where the programme is.

    `release_on` is the day on which it is released by itself, None where a person releases it; `days_left` is below 0
    when the promise is broken, None where nothing is promised.
    """

    attempt_id: int
    candidate_id: int
    submitted_at: dt.datetime
    submitted_on: dt.date
    scored_at: dt.datetime
    policy_version: int
    credits: float
    release_on: dt.date | None
    promised_by: dt.date | None
    days_left: int | None

    @property
    def promise(self) -> Promise:
        """How near the promised day is."""
        if self.days_left is None:
            return Promise.NONE
        if self.days_left < 0:
            return Promise.LATE
        if self.days_left == 0:
            return Promise.TODAY
        return Promise.NEAR if self.days_left <= NEAR_DAYS else Promise.IN_TIME


def waiting_results(
    held: Iterable[Held], policies: Mapping[int, Policy], rules: CqrRules, now: dt.datetime
) -> list[Waiting]:
    """Return what is to be known of results that wait, in the same order.

    Parameters
    ----------
    held : iterable of Held
    policies : mapping
        Version -> policy, of every version that the results were computed under.
    rules : CqrRules
        They say where the programme is and by when it promises a result.
    now : datetime
    """
    found = []
    for one in held:
        at = policies[one.policy_version].released_at(one.submitted_at)
        promised_by = rules.result_by(one.submitted_at)
        found.append(
            Waiting(
                attempt_id=one.attempt_id,
                candidate_id=one.candidate_id,
                submitted_at=one.submitted_at,
                submitted_on=rules.today(one.submitted_at),
                scored_at=one.scored_at,
                policy_version=one.policy_version,
                credits=one.credits,
                release_on=rules.today(at) if at else None,
                promised_by=promised_by,
                days_left=(promised_by - rules.today(now)).days if promised_by else None,
            )
        )
    return found


class Which(StrEnum):
    """Which of the waiting results are to be released."""

    ALL = "all"
    UNTIL = "until"
    SOME = "some"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which waiting results are chosen: all, those submitted up to a day (included), or single ones.

    `seen_at`: only results that were computed by then, so that what is released is what was looked at.
    """

    which: Which = Which.ALL
    until: dt.date | None = None
    attempt_ids: frozenset[int] = frozenset()
    seen_at: dt.datetime | None = None

    def keeps(self, one: Waiting) -> bool:
        """Whether a result is chosen."""
        if self.seen_at is not None and one.scored_at > self.seen_at:
            return False
        if self.which is Which.UNTIL:
            return self.until is not None and one.submitted_on <= self.until
        return self.which is Which.ALL or one.attempt_id in self.attempt_ids


def read_choice(which: str, until: str, attempts: Sequence[str], seen_at: dt.datetime | None = None) -> Choice:
    """Read a choice as a form sends it.

    Raises
    ------
    Invalid
        If nothing is chosen, or the day or a number cannot be read.
    """
    if which not in list(Which):
        raise Invalid(say("Choose which results to release: all, those submitted up to a day, or single ones."))
    if which == Which.UNTIL:
        return Choice(Which.UNTIL, until=_day(until), seen_at=seen_at)
    if which == Which.ALL:
        return Choice(seen_at=seen_at)
    if not attempts:
        raise Invalid(say("No result is chosen. Tick the results to release in the table, then look again."))
    return Choice(Which.SOME, attempt_ids=frozenset(map(_number, attempts)), seen_at=seen_at)


def _day(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        day = dt.date.max
    if day.year not in YEARS:
        raise Invalid(say("Give the last day of submission, as 2027-03-14."))
    return day


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID))):
        raise Invalid(say("“{text}” is not the number of an attempt.", text=text))
    return int(text)


def chosen(waiting: Iterable[Waiting], choice: Choice) -> list[Waiting]:
    """Return the results that a choice keeps."""
    return [one for one in waiting if choice.keeps(one)]


def counts_of(waiting: Sequence[Waiting]) -> dict[str, int]:
    """Count results that wait.

    Returns
    -------
    dict
        `results`; `people`, whose they are; those `with_credits` and `without_credits`; those that wait `for_a_person`
        however many days go by; those whose promised day is `near` (today among them), and those that are `late`.
    """
    with_credits = sum(one.credits > 0 for one in waiting)
    return {
        "results": len(waiting),
        "people": len({one.candidate_id for one in waiting}),
        "with_credits": with_credits,
        "without_credits": len(waiting) - with_credits,
        "for_a_person": sum(one.release_on is None for one in waiting),
        "near": sum(one.promise in (Promise.TODAY, Promise.NEAR) for one in waiting),
        "late": sum(one.promise is Promise.LATE for one in waiting),
    }
