"""Reads content specifications and policies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from ssa_engine.content.problems import ContentInvalid, Loc, Problem, explain_validation
from ssa_engine.content.reader import Document, read_yaml
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.policies import Policy


def read_spec(document: Document) -> tuple[ContentSpec | None, list[Problem]]:
    """Validate a content specification and check that its parts agree."""
    try:
        spec = ContentSpec.model_validate(document.data)
    except ValidationError as error:
        return None, [document.problem(message, loc) for loc, message in explain_validation(error)]
    faults = [*_repeated_codes(spec), *_area_tables(spec), *_unknown_topics(spec), *_areas_of_profile(spec)]
    problems = [document.problem(message, loc) for loc, message in faults]
    return (None if problems else spec), problems


def _repeated_codes(spec: ContentSpec) -> Iterator[tuple[Loc, str]]:
    """Each code of the outline, and each area id, stands once; a code begins with its parent's code."""
    seen: set[str] = set()

    def check(loc: Loc, code: str, parent: str = "") -> Iterator[tuple[Loc, str]]:
        if code in seen:
            yield (*loc, "code"), f"the code '{code}' stands twice in this outline; give each place its own"
        if parent and not code.startswith(f"{parent}."):
            yield (*loc, "code"), f"the code '{code}' lies under '{parent}' and should begin with '{parent}.'"
        seen.add(code)

    area_ids: set[str] = set()
    for c, category in enumerate(spec.categories):
        at: Loc = ("categories", c)
        yield from check(at, category.code)
        for a, area in enumerate(category.areas):
            at_area: Loc = (*at, "areas", a)
            yield from check(at_area, area.code, category.code)
            if area.id in area_ids:
                yield (*at_area, "id"), f"the content area '{area.id}' stands twice in this outline"
            area_ids.add(area.id)
            for t, topic in enumerate(area.topics):
                at_topic: Loc = (*at_area, "topics", t)
                yield from check(at_topic, topic.code, area.code)
                for s, subtopic in enumerate(topic.subtopics):
                    yield from check((*at_topic, "subtopics", s), subtopic.code, topic.code)


def _area_tables(spec: ContentSpec) -> Iterator[tuple[Loc, str]]:
    """Blueprint and standards name every content area of the outline, and no other."""
    known = set(spec.area_names)
    tables: tuple[tuple[Loc, set[str]], ...] = (
        (("blueprint", "areas"), set(spec.blueprint.areas)),
        (("sample_policy", "standards"), set(spec.sample_policy.standards)),
    )
    for loc, named in tables:
        for area in sorted(named - known):
            yield (*loc, area), f"'{area}' is no content area of this outline; mend its spelling or remove it"
        for area in sorted(known - named):
            yield loc, f"the content area '{area}' is missing here; add it"


def _unknown_topics(spec: ContentSpec) -> Iterator[tuple[Loc, str]]:
    """The blueprint limits topics of the outline; a subtopic is counted with its topic."""
    for code in sorted(set(spec.blueprint.topics) - set(spec.topic_parents.values())):
        yield ("blueprint", "topics", code), f"'{code}' is no topic of this outline; name a topic, not a subtopic"


def _areas_of_profile(spec: ContentSpec) -> Iterator[tuple[Loc, str]]:
    """Each clinical activity of the profile belongs to a content area of the outline."""
    known = ", ".join(spec.area_names)
    for s, screen in enumerate(spec.profile.screens if spec.profile else ()):
        for a, activity in enumerate(screen.activities):
            if activity.area not in spec.area_names:
                loc: Loc = ("profile", "screens", s, "activities", a, "area")
                yield loc, f"'{activity.area}' is no content area of this outline; use one of {known}"


def read_policy(path: Path) -> Policy:
    """Read a policy from a YAML file: `standards`, `credits` and the rest of a sample policy.

    Raises
    ------
    ContentInvalid
        With every problem found, by file and line.
    """
    document, problems = read_yaml(path)
    if document is None or problems:
        raise ContentInvalid(problems)
    try:
        return Policy.model_validate(document.data)
    except ValidationError as error:
        raise ContentInvalid(document.problem(text, loc) for loc, text in explain_validation(error)) from None
