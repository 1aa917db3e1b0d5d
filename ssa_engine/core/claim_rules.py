"""Which finished activities may be claimed. Each rule has its own sentence for when it is not met."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ssa_engine.core.activities import Activity
from ssa_engine.core.claims import USES, Claim
from ssa_engine.core.cycles import CycleState, Position
from ssa_engine.core.errors import Conflict, Invalid
from ssa_engine.core.ledger import DECIMALS
from ssa_engine.core.plans import HUNDREDTHS
from ssa_engine.core.programmes import CqrRules
from ssa_engine.core.text import Sentence, count_credits, say

MOST_CREDITS = 1000.0
LONGEST_TITLE, LONGEST_SPONSOR, LONGEST_TEXT = 300, 200, 4000


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend in one field of a form."""

    field: str
    sentence: Sentence


class NotAccepted(Invalid):
    """What was reported cannot be taken as it is; `problems` says why, field by field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].sentence if len(problems) == 1 else " ".join(one.sentence for one in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Report:
    """What a candidate reports. Of an activity of the catalogue its own title, sponsor and credits count."""

    finished_on: dt.date | None
    attended_whole: bool
    activity: Activity | None = None
    title: str = ""
    sponsor: str = ""
    credits: float | None = None
    description: str = ""

    @property
    def names(self) -> tuple[str, str]:
        """Title and sponsor."""
        return (self.activity.title, self.activity.sponsor) if self.activity else (self.title, self.sponsor)

    def distribution(self, discipline: str) -> dict[str, float]:
        """Content area -> credits; empty where a reviewer has to give it."""
        return dict(self.activity.counts_in(discipline)) if self.activity else {}


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a report comes: the prescription, its period, its rules, and what the person has claimed before."""

    discipline: str
    discipline_name: str
    today: dt.date
    issued_on: dt.date
    position: Position
    rules: CqrRules
    own_claims: tuple[Claim, ...]
    """Claims of this prescription."""


def closed(position: Position, today: dt.date, discipline_name: str) -> Sentence | None:
    """Say why nothing can be claimed on a day, whatever it is; None if it can."""
    told = {"discipline": discipline_name}
    if position.is_complete:
        return say("CQR is complete for {discipline}. Nothing has to be reported.", **told)
    if not position.may_work:
        return say(
            "The window for {discipline} opens on {day}. Activities can be reported from then on.",
            day=position.cycle.opens_on,
            **told,
        )
    if position.state is CycleState.OPEN and today > position.cycle.submit_by:
        return say(
            "Claims for {discipline} had to be submitted by {day}, to leave time for review before the window ends, so "
            "none can be taken until it does.",
            day=position.cycle.submit_by,
            **told,
        )
    return None


def require_claimable(setting: Setting) -> None:
    """Raise `Conflict` if nothing can be claimed now."""
    sentence = closed(setting.position, setting.today, setting.discipline_name)
    if sentence is not None:
        raise Conflict(sentence)


def problems_of(report: Report, setting: Setting) -> list[Problem]:
    """Return what keeps a report from being taken, in the order of the form."""
    found = [*_of_activity(report, setting), *day_problems(report.finished_on, setting)]
    if not report.attended_whole:
        sentence = say("Say that you completed the whole activity. For a part of one no credit is given.")
        found.append(Problem("attended_whole", sentence))
    return found


def _of_activity(report: Report, setting: Setting) -> list[Problem]:
    used = used_before(*report.names, report.activity.id if report.activity else None, setting.own_claims)
    if used is not None:
        sentence = say(
            "You have claimed this activity before, on {day}. It counts once for one prescription.",
            day=setting.rules.today(used.reported_at),
        )
        return [Problem("activity" if report.activity else "title", sentence)]
    if report.activity is None:
        return _of_uncoded(report)
    if not report.distribution(setting.discipline):
        sentence = say(
            "This activity is not coded to the content outline of {discipline}, so it cannot fill anything there. "
            "Choose one that is.",
            discipline=setting.discipline_name,
        )
        return [Problem("activity", sentence)]
    return []


def _of_uncoded(report: Report) -> list[Problem]:
    found = []
    for field, text, most, missing in (
        ("title", report.title, LONGEST_TITLE, say("Give the title of the activity, as it stands on the certificate.")),
        ("sponsor", report.sponsor, LONGEST_SPONSOR, say("Say who offered it, as it stands on the certificate.")),
        (
            "description",
            report.description,
            LONGEST_TEXT,
            say("Describe in a few words what it was about, so that a reviewer can code it to the content outline."),
        ),
    ):
        if not text.strip():
            found.append(Problem(field, missing))
        elif len(text) > most:
            found.append(Problem(field, say("This is too long. Use at most {most} characters.", most=most)))
    if report.credits is None or not math.isfinite(report.credits) or not 0 < report.credits <= MOST_CREDITS:
        sentence = say("Give its CE credits as a number above 0, as they stand on the certificate, such as 1.5.")
        found.insert(min(2, len(found)), Problem("credits", sentence))
    elif not _in_hundredths(report.credits):
        sentence = say("Give its CE credits with two decimals at most, such as 1.25. The least is 0.01.")
        found.insert(min(2, len(found)), Problem("credits", sentence))
    return found


def _in_hundredths(credits: float) -> bool:
    """Whether credits above 0 are a whole number of hundredths, as near as such a number can be held."""
    return math.isclose(credits * HUNDREDTHS, max(1, round(credits * HUNDREDTHS)), rel_tol=0, abs_tol=1e-6)


def day_problems(finished_on: dt.date | None, setting: Setting, mended: Claim | None = None) -> list[Problem]:
    """Return what is the matter with the day on which an activity was finished.

    `mended` is the claim that it is another day for; without one, the activity is reported today.
    """
    cycle = setting.position.cycle
    reported_on = setting.rules.today(mended.reported_at) if mended else setting.today
    sentence = None
    if finished_on is None:
        sentence = say("Give the day on which you finished it, as it stands on the certificate.")
    elif finished_on > setting.today:
        sentence = say("You cannot have finished it on {day}: that day is still to come.", day=finished_on)
    elif setting.rules.claims.only_after_prescription and finished_on < setting.issued_on:
        sentence = say(
            "Your prescription was issued on {issued}. An activity finished before that day does not count.",
            issued=setting.issued_on,
        )
    elif setting.position.state is CycleState.OPEN and finished_on > cycle.due_on:
        sentence = say("The window ended on {day}. An activity finished after it does not count.", day=cycle.due_on)
    elif reported_on <= cycle.due_on and finished_on > cycle.submit_by:
        sentence = say(
            "Claims had to be submitted by {day}. An activity finished after that day cannot have been reported in "
            "time, so it does not count.",
            day=cycle.submit_by,
        )
    return [] if sentence is None else [Problem("finished_on", sentence)]


def used_before(title: str, sponsor: str, activity_id: int | None, claims: Iterable[Claim]) -> Claim | None:
    """Return the claim that uses this activity already: by its number, or by its title and sponsor, or None."""
    return next((one for one in claims if one.state in USES and _same(one, title, sponsor, activity_id)), None)


def _same(claim: Claim, title: str, sponsor: str, activity_id: int | None) -> bool:
    if activity_id is not None and claim.activity_id is not None:
        return claim.activity_id == activity_id
    return (_folded(claim.title), _folded(claim.sponsor)) == (_folded(title), _folded(sponsor))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def check_distribution(distribution: Mapping[str, float], credits: float, area_names: Mapping[str, str]) -> None:
    """Check what a reviewer awards: areas of the outline, together no more than the activity is worth.

    Parameters
    ----------
    distribution : mapping of content area to credits
        Above 0 and in hundredths; at least one area.
    credits : float
        What the activity is worth in all.
    area_names : mapping of content area to its name
        The outline.

    Raises
    ------
    Invalid
        With the sentence that says what to change.
    """
    unknown = [area for area in distribution if area not in area_names]
    if unknown:
        raise Invalid(say("'{area}' is no content area of this outline. Choose one that is.", area=unknown[0]))
    if not distribution:
        raise Invalid(say("Give credits to at least one content area, or decide that the claim does not count."))
    for area, amount in distribution.items():
        if not math.isfinite(amount) or amount <= 0:
            raise Invalid(say("Give {area} a number of credits above 0, or leave it empty.", area=area_names[area]))
        if not _in_hundredths(amount):
            raise Invalid(
                say(
                    "Give {area} credits with two decimals at most, such as 1.25. The least is 0.01.",
                    area=area_names[area],
                )
            )
    total = round(sum(distribution.values()), DECIMALS)
    if total > credits:
        raise Invalid(
            say(
                "The areas have {total} together, and the activity is worth {credits}. Give no more than that.",
                total=count_credits(total),
                credits=count_credits(credits),
            )
        )
