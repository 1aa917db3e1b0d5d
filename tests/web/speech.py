"""What a page says, content aside: its text, what is shown or spoken of its attributes, the words of its scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from ssa_engine.content.library import Library
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.exhibits import TableExhibit
from ssa_engine.core.items import HotspotItem, Item, NumberItem

SHOWN = {"title", "alt", "aria-label", "placeholder", "data-title", "data-label", "label", "summary"}
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "track"}
CONTENT = re.compile(
    r'<(?:div|span|section|li|td)[^>]* (?:id="(?:stem|exhibit-[\w-]+-words)"|'
    r'class="(?:option-text|sort-text|scenario|rationale|agreement|specimen)")|<details class="described"'
)
DATES_AND_FILES = re.compile(r"\b\d{1,2} de [a-z]+ de \d{4}\b|\b\w+\.csv\b")


class Heard(HTMLParser):
    """What a page says: its text in one piece, its attributes and the words of its scripts each on their own."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.attributes: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.feed(html)

    @property
    def is_silent(self) -> bool:
        """Whether this is content. The summary or heading right below something that holds content is not."""
        tags = [tag for tag, _ in self.open]
        first = next((place for place, (_, silent) in enumerate(self.open) if silent), len(tags))
        return first < len(tags) and tags[first + 1 : first + 2] not in (["summary"], ["h2"])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            silent = tag in ("code", "script", "kbd") or CONTENT.match(self.get_starttag_text() or "") is not None
            silent = silent or ("translate", "no") in attrs
            self.open.append((tag, silent))
        if self.is_silent:
            return
        found = {name: value or "" for name, value in attrs}
        self.attributes += [found[name] for name in SHOWN if name in found]
        if tag == "meta" and found.get("name", "").startswith("ssa-"):
            self.attributes += flat(json.loads(found["content"]))

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _ in self.open):
            while self.open.pop()[0] != tag:
                pass
        self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        self.parts.append(" " if self.is_silent else data)

    @property
    def said(self) -> list[str]:
        return ["".join(self.parts), *self.attributes]


def flat(words: object) -> list[str]:
    """All texts in what a script reads."""
    if isinstance(words, dict):
        return [text for one in words.values() for text in flat(one)]
    return [words] if isinstance(words, str) else []


def texts_of_item(item: Item) -> Iterator[str]:
    stem = " ".join(item.stem.split())
    yield from (item.id, stem, stem[:90].rpartition(" ")[0], *item.references, *item.enemies)
    for exhibit in (*item.exhibit, *([item.target] if isinstance(item, HotspotItem) else [])):
        if isinstance(exhibit, TableExhibit):
            yield exhibit.caption
            yield from re.split(r"[|\n]", exhibit.table)
        else:
            yield exhibit.alt
            yield exhibit.description or ""
    if isinstance(item, NumberItem):
        yield item.unit


def texts_of_spec(spec: ContentSpec) -> Iterator[str]:
    yield spec.name
    for area in spec.areas:
        yield from (area.name, area.id)
        for topic in area.topics:
            yield topic.name
            yield from (subtopic.name for subtopic in topic.subtopics)
    for question in spec.delivery.survey:
        yield from (question.text, *question.choices)
    if spec.profile:
        yield from (step.label for step in spec.profile.scale)
        for screen in spec.profile.screens:
            yield screen.title
            for activity in screen.activities:
                yield from (activity.text, activity.refresher.title if activity.refresher else "")


def content_of(library: Library) -> list[str]:
    """Return everything that stays as it was written, the longest first."""
    texts = [text for spec in library.specs.values() for text in texts_of_spec(spec)]
    items = [item for bank in library.banks.values() for item in bank.items] + [*library.practice.items.values()]
    texts += [text for item in items for text in texts_of_item(item)]
    written = {" ".join(way.split()) for text in texts for way in (text, re.sub(r"[*_`]", "", text))}
    return sorted((text for text in written if len(text) > 1), key=len, reverse=True)


def without(content: list[str], text: str) -> str:
    """Take the content out of a text, and what is written alike in every language."""
    text = DATES_AND_FILES.sub(" ", " ".join(text.split()))
    for own in content:
        if own in text:
            text = re.sub(rf"(?<!\w){re.escape(own)}(?!\w)", " ", text)
    return text
