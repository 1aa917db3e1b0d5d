"""The timeline of a cycle for the one who goes through it: what happened, what is promised, what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ssa_engine.core.checklists import Standing, Work
from ssa_engine.core.cycles import Cycle
from ssa_engine.core.text import Sentence, count_credits, say


class MilestoneKind(StrEnum):
    """What a day of a cycle is about. On one day, in this order."""

    REINSTATED = "reinstated"
    STARTS = "starts"
    OPENS = "opens"
    SUBMITTED = "submitted"
    RESULT_BY = "result_by"
    RELEASED = "released"
    SUBMIT_BY = "submit_by"
    COMPLETED = "completed"
    DUE = "due"
    DISCONTINUED = "discontinued"
    NEXT_OPENS = "next_opens"
    NEXT_DUE = "next_due"


HAPPENED = frozenset(
    {
        MilestoneKind.REINSTATED,
        MilestoneKind.STARTS,
        MilestoneKind.SUBMITTED,
        MilestoneKind.RELEASED,
        MilestoneKind.COMPLETED,
        MilestoneKind.DISCONTINUED,
    }
)
"""What is over on its own day; every other day counts until it ends."""

DEADLINES = (
    MilestoneKind.OPENS,
    MilestoneKind.SUBMIT_BY,
    MilestoneKind.DUE,
    MilestoneKind.NEXT_OPENS,
    MilestoneKind.NEXT_DUE,
)
"""What a calendar is told, while it is ahead."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """One day of a cycle. `is_past`: it is over."""

    on: dt.date
    kind: MilestoneKind
    words: Sentence
    is_past: bool


def milestones(work: Work) -> tuple[Milestone, ...]:
    """Return the days of a credential's cycle in their order; none where it has no time limit."""
    order = list(MilestoneKind)
    found = (
        Milestone(on, kind, words, on < work.today or (on == work.today and kind in HAPPENED))
        for on, kind, words in _all(work)
    )
    return tuple(sorted(found, key=lambda one: (one.on, order.index(one.kind))))


def deadlines(work: Work) -> tuple[Milestone, ...]:
    """Return the days ahead that a calendar is told."""
    return tuple(one for one in milestones(work) if one.kind in DEADLINES and not one.is_past)


def _all(work: Work) -> Iterator[tuple[dt.date, MilestoneKind, Sentence]]:
    if work.position is None:
        return
    yield from _of_cycle(work, work.position.cycle)
    yield from _of_result(work)
    if work.position.completed_on is not None:
        yield work.position.completed_on, MilestoneKind.COMPLETED, say("CQR complete")
    if work.discontinued_on:
        yield work.discontinued_on, MilestoneKind.DISCONTINUED, say("The credential was discontinued")
    following = work.position.following
    if following is not None and work.standing is Standing.COMPLETE:
        yield following.opens_on, MilestoneKind.NEXT_OPENS, say("The next window opens")
        yield following.due_on, MilestoneKind.NEXT_DUE, say("The next window ends")


def _of_cycle(work: Work, cycle: Cycle) -> Iterator[tuple[dt.date, MilestoneKind, Sentence]]:
    """Yield the days that follow from the rules alone."""
    today = work.today
    if work.reinstated_on:
        yield work.reinstated_on, MilestoneKind.REINSTATED, say("Your credential was reinstated, and a period began")
    else:
        yield cycle.starts_on, MilestoneKind.STARTS, say("This period began")
    opened = say("The window opened") if cycle.opens_on < today else say("The window opens")
    yield cycle.opens_on, MilestoneKind.OPENS, opened
    if work.standing is Standing.COMPLETE:
        return
    if cycle.submit_by != cycle.due_on:
        last = (
            say("The last day to report continuing education in time")
            if cycle.submit_by < today
            else say("Report continuing education by this day")
        )
        yield cycle.submit_by, MilestoneKind.SUBMIT_BY, last
    ended = say("The window ended") if cycle.due_on < today else say("The window ends")
    yield cycle.due_on, MilestoneKind.DUE, ended


def _of_result(work: Work) -> Iterator[tuple[dt.date, MilestoneKind, Sentence]]:
    """Yield the days of the self-assessment and its result."""
    if work.submitted_on:
        yield work.submitted_on, MilestoneKind.SUBMITTED, say("You submitted your self-assessment")
    if work.released_on:
        words = say("Your result came, and nothing is prescribed")
        if work.prescribed:
            words = say("Your result came; prescribed: {credits}", credits=count_credits(work.prescribed))
        yield work.released_on, MilestoneKind.RELEASED, words
    elif work.result_by:
        yield work.result_by, MilestoneKind.RESULT_BY, say("Your result is promised by this day")
