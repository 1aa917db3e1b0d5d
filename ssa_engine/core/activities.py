"""A CE activity: what it is worth, how its credits fall on content areas, and what they do for a prescription."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from ssa_engine.core.ledger import DECIMALS, Ledger
from ssa_engine.core.programmes import BienniumRules
from ssa_engine.core.text import Sentence, say, say_count


class ActivityFormat(StrEnum):
    """How an activity is taken."""

    ONLINE = "online"
    JOURNAL = "journal"
    WEBINAR = "webinar"
    CONFERENCE = "conference"
    SELF_STUDY = "self-study"
    IN_PERSON = "in person"


Distribution = Mapping[str, Mapping[str, float]]
"""Discipline -> content area -> credits; the sum in a discipline is at most what the activity is worth."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity of the catalogue. `id` is 0 until it is stored.

    `credits` are its CE credits, `cost` is in the currency of the programme, `minutes` is what it takes. Without
    `starts_on` or `ends_on` it is not limited on that side. `mechanism` is what evaluated it; `biennium` says whether
    its credits also serve the ordinary CE period.
    """

    id: int
    code: str
    title: str
    sponsor: str
    format: ActivityFormat
    credits: float
    minutes: int
    cost: float
    starts_on: dt.date | None
    ends_on: dt.date | None
    mechanism: str
    biennium: bool
    url: str
    distribution: Distribution = field(default_factory=dict)
    withdrawn: bool = False

    def counts_in(self, discipline: str) -> Mapping[str, float]:
        """Return content area -> credits it has in a discipline."""
        return self.distribution.get(discipline, {})

    def is_over(self, today: dt.date) -> bool:
        """Whether it can no longer be taken."""
        return self.ends_on is not None and self.ends_on < today

    def begins_after(self, day: dt.date | None) -> bool:
        """Whether it can only be taken after a day; never, if there is no such day."""
        return day is not None and self.starts_on is not None and self.starts_on > day

    def serves(self, rules: BienniumRules | None) -> bool:
        """Whether its credits may also count for the ordinary CE period of a programme."""
        return self.biennium and rules is not None and rules.recognises(self.mechanism)


def left_to_find(ledger: Ledger) -> dict[str, float]:
    """Return content area -> credits that neither what is awarded nor what waits for review would fill."""
    left = {area: round(fill.open - fill.waiting, DECIMALS) for area, fill in ledger.areas.items()}
    return {area: credits for area, credits in left.items() if credits > 0}


@dataclass(frozen=True, slots=True)
class Filling:
    """What an activity does for one content area that is open, in credits."""

    area: str
    credits: float
    """What it has in the area."""
    fills: float
    """How much of that is still open."""
    open_after: float


def fillings(counts: Mapping[str, float], left: Mapping[str, float]) -> tuple[Filling, ...]:
    """Return what an activity fills, in the order of `left`.

    Parameters
    ----------
    counts : mapping of content area to credits
        What the activity has in the discipline.
    left : mapping of content area to credits
        What is open, above 0.
    """
    found = []
    for area, credits in left.items():
        given = counts.get(area, 0.0)
        if given > 0:
            fills = min(given, credits)
            found.append(Filling(area, given, fills, round(credits - fills, DECIMALS)))
    return tuple(found)


def sum_of(parts: Sequence[Filling]) -> float:
    """Return the credits that are filled over all areas."""
    return round(math.fsum(part.fills for part in parts), DECIMALS)


def arithmetic(credits: float, parts: Sequence[Filling], names: Mapping[str, str]) -> Sentence:
    """Say what an activity is worth and what of it counts.

    Like "2.5 CE credits; 0.5 of them count here: Radiation Safety and Dose; 1.5 still open after this".

    Parameters
    ----------
    credits : float
        What the activity is worth.
    parts : sequence of Filling
    names : mapping of content area to its name
    """
    worth = say_count("{count} CE credit", "{count} CE credits", credits)
    if not parts:
        return say("{worth}; none of them count for what is open here", worth=worth)
    if len(parts) == 1:
        [part] = parts
        where: object = say("{area}; {rest}", area=names.get(part.area, part.area), rest=_rest(part))
    else:
        where = [
            say("{area} {fills} ({rest})", area=names.get(part.area, part.area), fills=part.fills, rest=_rest(part))
            for part in parts
        ]
    fills, parts_of = sum_of(parts), {"worth": worth, "where": where}
    if credits == 1:
        return say("{worth}; {fills} of it counts here: {where}", fills=fills, **parts_of)
    return say_count(
        "{worth}; {fills} of them counts here: {where}",
        "{worth}; {fills} of them count here: {where}",
        fills,
        fills=fills,
        **parts_of,
    )


def _rest(part: Filling) -> Sentence:
    """Say what is open after it, and what it has beyond that."""
    beyond = round(part.credits - part.fills, DECIMALS)
    if part.open_after:
        return say("{open} still open after this", open=part.open_after)
    if beyond:
        return say("nothing open after this, {beyond} more than is open", beyond=beyond)
    return say("nothing open after this")


Sort = Literal["fills", "cost", "minutes"]
SORTS: tuple[Sort, ...] = ("fills", "cost", "minutes")
ANY = "any"
"""Instead of a content area: activities that fill nothing here, too."""
LONGEST_TEXT = 100
LARGEST = {"cost": 1_000_000.0, "least": 100_000.0, "most": 100_000.0}


@dataclass(frozen=True, slots=True)
class ActivityQuery:
    """Which activities are asked for, and in what order; what is empty or None is left open.

    `area` is one content area that is open; empty: any of those that are; `any`: whatever an activity fills.
    """

    area: str = ""
    text: str = ""
    format: ActivityFormat | None = None
    cost: float | None = None
    """At most."""
    least: float | None = None
    """Minutes."""
    most: float | None = None
    """Minutes."""
    on: dt.date | None = None
    """It can be taken on this day."""
    biennium: bool = False
    """Only what also serves the ordinary CE period."""
    sponsor: str = ""
    sort: Sort = "fills"
    page: int = 1


def read_activity_query(given: Mapping[str, str]) -> tuple[ActivityQuery, dict[str, Sentence]]:
    """Read a query from the parts of an address; what cannot be read is left open.

    Returns
    -------
    ActivityQuery, dict
        The query, and what is the matter with each part that could not be read.
    """
    text = {name: given.get(name, "").strip()[:LONGEST_TEXT] for name in ("area", "text", "format", "sponsor", "sort")}
    problems: dict[str, Sentence] = {}
    numbers = {name: _number(name, given.get(name, "").strip(), problems) for name in LARGEST}
    if numbers["least"] is not None and numbers["most"] is not None and numbers["least"] > numbers["most"]:
        problems["most"] = say("The longest is shorter than the shortest. Swap them.")
        numbers["least"] = numbers["most"] = None
    on = None
    if given.get("on", "").strip():
        try:
            on = dt.date.fromisoformat(given["on"].strip())
        except ValueError:
            problems["on"] = say("Write the day as 2027-04-30.")
    return ActivityQuery(
        area=text["area"],
        text=text["text"],
        format=next((one for one in ActivityFormat if one == text["format"]), None),
        cost=numbers["cost"],
        least=numbers["least"],
        most=numbers["most"],
        on=on,
        biennium=given.get("biennium", "") == "yes",
        sponsor=text["sponsor"],
        sort=next((one for one in SORTS if one == text["sort"]), "fills"),
        page=_page(given.get("page", "")),
    ), problems


def _number(name: str, written: str, problems: dict[str, Sentence]) -> float | None:
    if not written:
        return None
    try:
        value = float(written.replace(",", "."))
    except ValueError:
        value = math.nan
    if not 0 <= value <= LARGEST[name]:
        problems[name] = say("Write a number from 0, such as 25.")
        return None
    return value


def _page(written: str) -> int:
    return max(1, min(int(written), 100_000)) if re.fullmatch("[0-9]{1,9}", written) else 1
