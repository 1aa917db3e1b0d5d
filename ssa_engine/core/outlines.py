"""A discipline's outline as candidates read it: how many questions an area has, and what a search finds in it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from ssa_engine.core.content_specs import Category, ContentArea, ContentSpec, Topic


@dataclass(frozen=True, slots=True)
class OutlineFound:
    """The parts of an outline that a search leaves, and how many entries it found."""

    categories: tuple[Category, ...]
    entries: int


def questions_of(spec: ContentSpec) -> dict[str, int]:
    """Return content area -> questions that a form has of it, all that a candidate meets."""
    return {area: counts.scored + counts.pilot for area, counts in spec.blueprint.areas.items()}


def plain(text: str) -> str:
    """Return text as a search compares it: small letters without accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(part for part in parts if not unicodedata.combining(part)).split())


def find(spec: ContentSpec, words: str) -> OutlineFound:
    """Return what of the outline has all these words, each within one name or code.

    A name that is found keeps everything below it; without words the whole outline is there, and nothing is counted.
    """
    wanted = plain(words).split()
    if not wanted:
        return OutlineFound(spec.categories, 0)
    kept, entries = [], 0
    for category in spec.categories:
        areas, found = _areas(category, wanted)
        entries += found + _has(category.code, category.name, wanted)
        if areas:
            kept.append(category.model_copy(update={"areas": areas}))
    return OutlineFound(tuple(kept), entries)


def _has(code: str, name: str, wanted: list[str]) -> bool:
    text = plain(f"{code} {name}")
    return all(word in text for word in wanted)


def _areas(category: Category, wanted: list[str]) -> tuple[tuple[ContentArea, ...], int]:
    whole = _has(category.code, category.name, wanted)
    kept, entries = [], 0
    for area in category.areas:
        here = _has(area.code, area.name, wanted)
        topics, found = _topics(area, wanted)
        entries += found + here
        if whole or here:
            kept.append(area)
        elif topics:
            kept.append(area.model_copy(update={"topics": topics}))
    return tuple(kept), entries


def _topics(area: ContentArea, wanted: list[str]) -> tuple[tuple[Topic, ...], int]:
    kept, entries = [], 0
    for topic in area.topics:
        here = _has(topic.code, topic.name, wanted)
        found = tuple(one for one in topic.subtopics if _has(one.code, one.name, wanted))
        entries += len(found) + here
        if here:
            kept.append(topic)
        elif found:
            kept.append(topic.model_copy(update={"subtopics": found}))
    return tuple(kept), entries
