"""The professional profile: clinical activities of a discipline, how often they were performed, what peers do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from pydantic import Field, model_validator

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import FrozenModel
from ssa_engine.core.text import say

ActivityId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Words = Annotated[str, Field(min_length=1)]
Answers = Mapping[str, int]
"""Id of a clinical activity -> value of the step of the scale that was chosen."""

MOST_BINS = 12
"""Bars of a distribution: few enough for a phone."""


class Frequency(FrozenModel):
    """One step of the scale. `performed` counts for breadth, `often` for depth; for `seldom` a refresher is offered."""

    value: Annotated[int, Field(ge=0)]
    label: Words
    performed: bool = True
    often: bool = False
    seldom: bool = False

    @model_validator(mode="after")
    def _one_meaning(self) -> Frequency:
        if self.often and (self.seldom or not self.performed):
            raise ValueError("a step that is 'often' is 'performed' and not 'seldom'; mend its marks")
        return self


class Refresher(FrozenModel):
    """A link to free material for an activity seldom performed."""

    title: Words
    url: Annotated[str, Field(pattern=r"^https://")]


class ClinicalActivity(FrozenModel):
    """Something a technologist of the discipline may do."""

    id: ActivityId
    text: Words
    area: str
    """Id of the content area it belongs to."""
    refresher: Refresher | None = None


class ProfileScreen(FrozenModel):
    """One screen of the profile."""

    id: ActivityId
    title: Words
    activities: Annotated[tuple[ClinicalActivity, ...], Field(min_length=1)]


class ProfileSurvey(FrozenModel):
    """The screens of a discipline's profile and the scale on which they are answered."""

    scale: Annotated[tuple[Frequency, ...], Field(min_length=2)]
    screens: Annotated[tuple[ProfileScreen, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> ProfileSurvey:
        for what, names in (
            ("screen", [screen.id for screen in self.screens]),
            ("clinical activity", [one.id for one in self.activities]),
            ("step of the scale", [str(step.value) for step in self.scale]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"the {what} {', '.join(twice)} stands twice in the profile; keep one of them")
        return self

    @cached_property
    def activities(self) -> tuple[ClinicalActivity, ...]:
        """All clinical activities, in the order of the screens."""
        return tuple(one for screen in self.screens for one in screen.activities)

    @cached_property
    def steps(self) -> dict[int, Frequency]:
        """Value -> step of the scale, in its order."""
        return {step.value: step for step in self.scale}

    def step(self, answers: Answers, activity: ClinicalActivity) -> Frequency | None:
        """Return the step chosen for an activity; None if there is none, or one that the scale no longer has."""
        return self.steps.get(answers.get(activity.id, -1))


@dataclass(frozen=True, slots=True)
class Practice:
    """How many of some clinical activities are performed at all (breadth), and how many often (depth)."""

    activities: int
    performed: int
    often: int


def practice(survey: ProfileSurvey, answers: Answers, area: str | None = None) -> Practice:
    """Count the activities performed, those of one content area or all. What is not answered is not performed."""
    own = [one for one in survey.activities if area in (None, one.area)]
    chosen = [step for one in own if (step := survey.step(answers, one)) is not None]
    return Practice(len(own), sum(step.performed for step in chosen), sum(step.often for step in chosen))


def practice_by_area(survey: ProfileSurvey, answers: Answers) -> dict[str, Practice]:
    """Return content area -> what is performed of its activities, in the order in which the areas come up."""
    return {area: practice(survey, answers, area) for area in dict.fromkeys(one.area for one in survey.activities)}


def unanswered(
    survey: ProfileSurvey, answers: Answers, activities: Iterable[ClinicalActivity] | None = None
) -> tuple[ClinicalActivity, ...]:
    """Return the activities, of these or of all, for which nothing is chosen yet."""
    asked = survey.activities if activities is None else activities
    return tuple(one for one in asked if survey.step(answers, one) is None)


def refreshers(survey: ProfileSurvey, answers: Answers) -> tuple[tuple[Refresher, tuple[ClinicalActivity, ...]], ...]:
    """Return each refresher for what is seldom performed, once, with the activities it is for."""
    wanted: dict[Refresher, list[ClinicalActivity]] = {}
    for one in survey.activities:
        step = survey.step(answers, one)
        if one.refresher is not None and step is not None and step.seldom:
            wanted.setdefault(one.refresher, []).append(one)
    return tuple((refresher, tuple(own)) for refresher, own in wanted.items())


def read_answers(survey: ProfileSurvey, screen: ProfileScreen, posted: Mapping[str, str]) -> dict[str, int]:
    """Read what was chosen on a screen: activity id -> value, without those where nothing was chosen.

    Raises
    ------
    Invalid
        If a value is no step of the scale.
    """
    chosen = {one.id: posted[one.id] for one in screen.activities if posted.get(one.id, "")}
    by_text = {str(value): value for value in survey.steps}
    for value in chosen.values():
        if value not in by_text:
            raise Invalid(say("What was chosen is not on the scale. Reload the page and choose again."))
    return {activity: by_text[value] for activity, value in chosen.items()}


def changes(stored: Answers, shown: Answers, sent: Answers) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return what a page changes, and the activities that were changed elsewhere since it was shown.

    Parameters
    ----------
    stored, shown, sent : mapping
        The answers as they are kept, as the page had them when it was made, and as it sent them. What a page leaves as
        it was shown changes nothing, however old the page is; and sent again, it changes nothing more.
    """
    wanted = {one: value for one, value in sent.items() if value not in (shown.get(one), stored.get(one))}
    elsewhere = tuple(one for one in wanted if stored.get(one) != shown.get(one))
    return {one: value for one, value in wanted.items() if one not in elsewhere}, elsewhere


@dataclass(frozen=True, slots=True)
class Distribution:
    """How a number of activities is spread over people; nobody's place in it is named."""

    bins: tuple[tuple[int, int, int], ...]
    """First number, last number, people: of the same width, touching, from 0 on."""
    people: int
    middle: tuple[int, int]
    """Two numbers between which, both included, at least half of the people lie."""


def distribution(values: Sequence[int], most: int, least_people: int) -> Distribution | None:
    """Spread the numbers over at most `MOST_BINS` bins from 0 to `most`.

    Parameters
    ----------
    values : sequence of int
        One number for each of the others.
    most : int
        The largest number that can be; larger ones, of a longer survey, widen the range.
    least_people : int
        With fewer numbers there is nothing to show: None.
    """
    if not values or len(values) < least_people:
        return None
    width = -(-(max(most, *values) + 1) // MOST_BINS)
    counts = [0] * -(-(max(most, *values) + 1) // width)
    for value in values:
        counts[value // width] += 1
    ranked, quarter = sorted(values), -(-len(values) // 4)
    bins = tuple((at * width, (at + 1) * width - 1, count) for at, count in enumerate(counts))
    return Distribution(bins, len(values), (ranked[quarter - 1], ranked[-(-3 * len(values) // 4) - 1]))


Counts = Mapping[str, Mapping[int, int]]
"""Id of a clinical activity -> value of a step -> how many people chose it."""


def usual_by_area(survey: ProfileSurvey, counts: Counts, least_people: int) -> dict[str, float]:
    """Return content area -> how many of its activities others perform on average.

    An area with an activity that too few others have answered is left out.
    """
    usual: dict[str, float] = {}
    hidden: set[str] = set()
    for one in survey.activities:
        chosen = {value: count for value, count in counts.get(one.id, {}).items() if value in survey.steps}
        people = sum(chosen.values())
        if people < max(1, least_people):
            hidden.add(one.area)
            continue
        performed = sum(count for value, count in chosen.items() if survey.steps[value].performed)
        usual[one.area] = usual.get(one.area, 0.0) + performed / people
    return {area: value for area, value in usual.items() if area not in hidden}


def suppressed(counts: Mapping[int, int], least_people: int) -> dict[int, int | None]:
    """Hide each count of fewer than `least_people`, and as many more as would tell what is hidden.

    All who finish a profile answer every activity, so the sum of a row is known from another row: while what is hidden
    adds up to fewer than `least_people`, the smallest count that is left is hidden too.
    """
    hidden: dict[int, int] = {}
    for value, count in sorted(counts.items(), key=lambda one: (one[1], one[0])):
        if count < least_people or (hidden and sum(hidden.values()) < least_people):
            hidden[value] = count
    return {value: None if value in hidden else count for value, count in counts.items()}
