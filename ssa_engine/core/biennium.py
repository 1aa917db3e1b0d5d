"""The biennium: the ordinary CE period that runs beside CQR, and which CQR CE also counts in it, and why or why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ssa_engine.core.cycles import add_years
from ssa_engine.core.ledger import DECIMALS
from ssa_engine.core.programmes import BienniumRules, CqrRules
from ssa_engine.core.text import Sentence, say


@dataclass(frozen=True, slots=True)
class Biennium:
    """One ordinary CE period; both days belong to it."""

    starts_on: dt.date
    ends_on: dt.date

    def holds(self, day: dt.date) -> bool:
        """Whether a day lies in it."""
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True)
class ApprovedActivity:
    """A finished activity that was approved for CQR."""

    claim_id: int
    activity_code: str
    """Code in the catalogue; empty for an activity that is not in it."""
    title: str
    credits: float
    """Its own credits, whatever part of them fills a prescription."""
    finished_on: dt.date
    mechanism: str
    eligible: bool
    """Whether the catalogue says that it may count for the biennium."""


@dataclass(frozen=True, slots=True)
class Counted:
    """An approved activity, and what of it counts for the biennium and why."""

    activity: ApprovedActivity
    credits: float
    reason: Sentence


def biennium_on(today: dt.date, first_from: dt.date, rules: BienniumRules) -> Biennium:
    """Return the period that `today` falls in, or the first one if that has not begun; a date in, dates out."""
    number = 0
    while (following := _begins(first_from, (number + 1) * rules.years)) is not None and following <= today:
        number += 1
    starts_on = add_years(first_from, number * rules.years)
    return Biennium(starts_on, following - dt.timedelta(days=1) if following else dt.date.max)


def _begins(first_from: dt.date, years: int) -> dt.date | None:
    """Return the first day of the period that begins so many years later; None if the calendar ends before it."""
    return add_years(first_from, years) if first_from.year + years <= dt.MAXYEAR else None


def rules_of(disciplines: Iterable[str], rules: Mapping[str, CqrRules]) -> CqrRules | None:
    """Return the programme whose biennium somebody is in: that of the first discipline held, by code, that has one."""
    programmes = (rules[code] for code in sorted(disciplines) if code in rules)
    return next((one for one in programmes if one.biennium is not None), None)


def count(activities: Iterable[ApprovedActivity], biennium: Biennium, rules: BienniumRules) -> list[Counted]:
    """Say of each approved activity whether it counts in a biennium.

    It counts with all of its own credits if it was finished in the biennium, the catalogue says that it may, one of
    the recognised mechanisms approved it, and it has not been counted there already: an activity that fills two
    prescriptions counts once, the first time that it was finished.

    Returns
    -------
    list of Counted
        In the order in which they were finished.
    """
    found: list[Counted] = []
    used: set[str] = set()
    for one in sorted(activities, key=lambda activity: (activity.finished_on, activity.claim_id)):
        reason = _reason_against(one, biennium, rules, used)
        if reason is None:
            used.add(one.activity_code)
            reason = say("Finished in this biennium and approved by {mechanism}.", mechanism=one.mechanism)
            found.append(Counted(one, one.credits, reason))
        else:
            found.append(Counted(one, 0.0, reason))
    return found


def total(counted: Iterable[Counted]) -> float:
    """Return the credits that count."""
    return round(sum(one.credits for one in counted), DECIMALS)


def _reason_against(one: ApprovedActivity, biennium: Biennium, rules: BienniumRules, used: set[str]) -> Sentence | None:
    """Say why an activity does not count; None if it does."""
    if not biennium.holds(one.finished_on):
        return say(
            "Finished on {day}, outside this biennium ({first} to {last}).",
            day=one.finished_on,
            first=biennium.starts_on,
            last=biennium.ends_on,
        )
    if not one.activity_code:
        return say("Not in the catalogue, so it is not known which mechanism approved it.")
    if not one.eligible:
        return say("The catalogue says that it does not count for the biennium.")
    if not rules.recognises(one.mechanism):
        return say("It was not approved by a recognised evaluation mechanism.")
    if one.activity_code in used:
        return say("Counted already: the same activity counts once in a biennium.")
    return None
