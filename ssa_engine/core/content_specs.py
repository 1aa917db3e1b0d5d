"""A content specification: the outline of a discipline, its blueprint and its programme rules."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ssa_engine.core.delivery import Delivery
from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import FrozenModel, Policy
from ssa_engine.core.profiles import ProfileSurvey
from ssa_engine.core.programmes import CqrRules

Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z]+(\.[0-9A-Za-z]+)*$")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Name = Annotated[str, Field(min_length=1)]


class Subtopic(FrozenModel):
    """The finest unit of the outline."""

    code: Code
    name: Name


class Topic(FrozenModel):
    """A topic of a content area."""

    code: Code
    name: Name
    subtopics: tuple[Subtopic, ...] = ()


class ContentArea(FrozenModel):
    """The reporting unit: scores, gaps and credits are per content area."""

    code: Code
    id: Slug
    name: Name
    topics: Annotated[tuple[Topic, ...], Field(min_length=1)]

    def topic_codes(self) -> Iterator[tuple[str, str]]:
        """Yield (code, code of the topic it belongs to) for each topic and subtopic."""
        for topic in self.topics:
            yield topic.code, topic.code
            for subtopic in topic.subtopics:
                yield subtopic.code, topic.code


class Category(FrozenModel):
    """A group of content areas."""

    code: Code
    name: Name
    areas: Annotated[tuple[ContentArea, ...], Field(min_length=1)]


class AreaBlueprint(FrozenModel):
    """How many items a form takes from one content area."""

    scored: Annotated[int, Field(ge=1)]
    pilot: Annotated[int, Field(ge=0)] = 0


class ItemLimits(FrozenModel):
    """How many items of a kind a form takes: at least `least`, at most `most` (as many as there are, without it)."""

    least: Annotated[int, Field(ge=0)] = 0
    most: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _rising(self) -> ItemLimits:
        if self.most is not None and self.most < self.least:
            raise ValueError(f"most ({self.most}) is below least ({self.least})")
        return self


FormatName = Literal["single", "multiple", "sorted", "hotspot", "number"]
KeyPosition = Annotated[str, Field(pattern=r"^[a-j]$")]


class Blueprint(FrozenModel):
    """What one form takes from each content area, the minutes allowed, and how a candidate's form comes about.

    `random`: drawn by chance. `optimal`: drawn by an optimiser near the most information at the standards, another
    form for each candidate. `fixed`: one of `forms` parallel forms that the optimiser makes once for a bank.
    """

    minutes: Annotated[int, Field(ge=1)]
    areas: dict[str, AreaBlueprint]
    assembly: Literal["random", "optimal", "fixed"] = "random"
    forms: Annotated[int, Field(ge=1, le=50)] | None = None
    topics: dict[Code, ItemLimits] = Field(default_factory=dict)
    """Code of a topic -> scored items. Without any, the topics of each area are spread evenly."""
    formats: dict[FormatName, ItemLimits] = Field(default_factory=dict)
    """Format -> scored items."""
    keys: dict[KeyPosition, ItemLimits] = Field(default_factory=dict)
    """Position of the key (a: first) -> items of one best answer whose options are not shuffled, pilots included."""

    @model_validator(mode="after")
    def _agreed(self) -> Blueprint:
        if (self.assembly == "fixed") != (self.forms is not None):
            raise ValueError("'assembly: fixed' needs 'forms', how many parallel forms there are; no other has them")
        for name in ("topics", "formats", "keys"):
            if self.assembly == "random" and getattr(self, name):
                raise ValueError(
                    f"a random draw does not heed '{name}'; remove it, or choose 'assembly: optimal' or 'fixed'"
                )
        return self


class ContentSpec(FrozenModel):
    """The published outline of a discipline with its blueprint and a sample policy."""

    discipline: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9-]*$")]
    name: Name
    edition: Name
    sample: bool = False
    cqr: CqrRules
    categories: Annotated[tuple[Category, ...], Field(min_length=1)]
    blueprint: Blueprint
    delivery: Delivery = Delivery()
    profile: ProfileSurvey | None = None
    sample_policy: Policy

    @cached_property
    def areas(self) -> tuple[ContentArea, ...]:
        """All content areas in outline order."""
        return tuple(area for category in self.categories for area in category.areas)

    @cached_property
    def area_names(self) -> dict[str, str]:
        """Area id -> name, in outline order."""
        return {area.id: area.name for area in self.areas}

    @cached_property
    def topic_areas(self) -> dict[str, str]:
        """Topic or subtopic code -> area id."""
        return {code: area.id for area in self.areas for code, _ in area.topic_codes()}

    @cached_property
    def topic_parents(self) -> dict[str, str]:
        """Topic or subtopic code -> code of its topic."""
        return {code: topic for area in self.areas for code, topic in area.topic_codes()}

    def in_outline_order(self, policy: Policy) -> Policy:
        """Return the policy with its standards in outline order, the order in which equal gaps are filled.

        Raises
        ------
        Invalid
            If the standards do not name exactly the content areas of this outline.
        """
        if set(policy.standards) != set(self.area_names):
            areas = ", ".join(self.area_names)
            raise Invalid(f"The standards must name the content areas of {self.discipline}: {areas}.")
        return policy.model_copy(update={"standards": {area: policy.standards[area] for area in self.area_names}})

    @property
    def seconds_allowed(self) -> int:
        """The time allowed for one form, in seconds."""
        return self.blueprint.minutes * 60
