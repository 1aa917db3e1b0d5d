"""Reads item files: each item on its own, so that one bad item hides no other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ssa_engine.content.problems import SHORT, Loc, Problem, explain_validation
from ssa_engine.content.reader import Document
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.exhibits import Exhibit
from ssa_engine.core.item_bank import Case
from ssa_engine.core.items import FORMATS, HotspotItem, Item

RAW_HTML = re.compile(r"</?[A-Za-z][^>]{0,40}>|<!--")

FILE_KEYS = ("discipline", "area", "items")
MAY_HAVE = ("cases",)


@dataclass
class ItemFile:
    """One item file as read: what it is for, its items, and where each id stands."""

    document: Document
    discipline: str
    area: str
    items: list[Item] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    places: dict[str, Loc] = field(default_factory=dict)
    case_places: dict[str, Loc] = field(default_factory=dict)
    enemies: list[tuple[Loc, str, str]] = field(default_factory=list)
    media: list[tuple[Loc, str]] = field(default_factory=list)


def read_item_file(document: Document, specs: dict[str, ContentSpec]) -> tuple[ItemFile, list[Problem]]:
    """Validate an item file against its specification."""
    data = document.data
    problems = [document.problem(f"'{key}' is missing; add it") for key in FILE_KEYS if key not in data]
    problems += [
        document.problem(f"'{key}' is not a key an item file has; remove it", (str(key),))
        for key in data
        if key not in (*FILE_KEYS, *MAY_HAVE)
    ]
    discipline, area = _word(data.get("discipline", "")), _word(data.get("area", ""))
    spec = specs.get(discipline)
    if "discipline" in data and spec is None:
        known = ", ".join(sorted(specs)) or "none"
        problems.append(
            document.problem(f"there is no content specification for '{discipline}' (known: {known})", ("discipline",))
        )
    if "area" in data and spec is not None and area not in spec.area_names:
        known = ", ".join(spec.area_names)
        problems.append(document.problem(f"'{area}' is no content area of {discipline}; use one of {known}", ("area",)))
    file = ItemFile(document, discipline, area)
    problems += read_entries(file, "cases", _read_case)
    problems += read_entries(file, "items", lambda file, at, row: read_item(file, at, row, spec))
    return file, problems


def read_entries(
    file: ItemFile, key: str, read: Callable[[ItemFile, Loc, Any], Iterator[Problem]]
) -> Iterator[Problem]:
    """Read each entry of a list of the file."""
    rows = file.document.data.get(key, [])
    if not isinstance(rows, list):
        yield file.document.problem(f"'{key}' must be a list; begin each entry with '- id:'", (key,))
        return
    for index, row in enumerate(rows):
        yield from read(file, (key, index), row)


def _read_case(file: ItemFile, at: Loc, row: Any) -> Iterator[Problem]:
    """Validate one case."""
    if not isinstance(row, dict):
        yield file.document.problem("a case must be a mapping that begins with 'id:'", at)
        return
    try:
        case = Case.model_validate(row)
    except ValidationError as error:
        for loc, message in explain_validation(error):
            yield file.document.problem(message, (*at, *loc))
    else:
        file.cases.append(case)
        file.media += [(_place_in_exhibits(at, case.exhibit, name), name) for name in case.files]
    name = row.get("id")
    if isinstance(name, str):
        if name in file.case_places:
            first = file.document.line((*file.case_places[name], "id"))
            yield file.document.problem(f"the case '{name}' was used before, in line {first}", (*at, "id"))
        file.case_places.setdefault(name, at)
    yield from _check_markup(file.document, at, row)


def read_item(file: ItemFile, at: Loc, row: Any, spec: ContentSpec | None) -> Iterator[Problem]:
    """Validate one item; what is sound about it is kept in `file` even if the rest is not."""
    if not isinstance(row, dict):
        yield file.document.problem("an item must be a mapping that begins with 'id:'", at)
        return
    kind = FORMATS.get(row["format"]) if isinstance(row.get("format"), str) else None
    if kind is None and "format" in row:
        given, known = SHORT.repr(row["format"]), ", ".join(f"'{name}'" for name in FORMATS)
        yield file.document.problem(f"'format' is {given}; use one of {known}", (*at, "format"))
    try:  # of a format that is not known, what every item has
        shared = {name: value for name, value in row.items() if name in Item.model_fields}
        item = kind.model_validate(row) if kind else Item.model_validate(shared)
        if kind:
            file.items.append(item)
            file.media += [(_place_of(at, item, name), name) for name in item.files]
    except ValidationError as error:
        for loc, message in explain_validation(error):
            if kind or "format" not in row or loc[:1] != ("format",):
                yield file.document.problem(message, (*at, *loc))
    name = row.get("id")
    if isinstance(name, str):
        if name in file.places:
            first = file.document.line((*file.places[name], "id"))
            yield file.document.problem(f"the id '{name}' was used before, in line {first}", (*at, "id"))
        file.places.setdefault(name, at)
    yield from _check_options(file.document, at, row)
    yield from _check_markup(file.document, at, row)
    yield from _check_topic(file, at, row, spec)
    for place, enemy in enumerate(_texts(row.get("enemies"))):
        file.enemies.append(((*at, "enemies", place), str(name), enemy))


def _place_of(at: Loc, item: Item, name: str) -> Loc:
    """Where an item names a media file."""
    if isinstance(item, HotspotItem) and item.target.image == name:
        return (*at, "target", "image")
    return _place_in_exhibits(at, item.exhibit, name)


def _place_in_exhibits(at: Loc, exhibits: tuple[Exhibit, ...], name: str) -> Loc:
    """Where a list of exhibits, or the only one, names a media file."""
    index = next(index for index, exhibit in enumerate(exhibits) if name in exhibit.files)
    key = {"webm": "video", "mp4": "video", "vtt": "captions"}.get(name.rpartition(".")[2], "image")
    return (*at, "exhibit", index, key)


def _check_options(document: Document, at: Loc, row: dict[str, Any]) -> Iterator[Problem]:
    options = row.get("options")
    if not isinstance(options, list):
        return
    names = [option.get("id") for option in options if isinstance(option, dict)]
    for place, name in enumerate(names):
        if name is not None and name in names[:place]:
            yield document.problem(f"the option id '{name}' stands twice in this item", (*at, "options", place, "id"))
    key, shown = row.get("key"), ", ".join(str(name) for name in names)
    for one in [key] if isinstance(key, str) else _texts(key):
        if one not in names:
            yield document.problem(f"the key '{one}' is no option of this item; its options are {shown}", (*at, "key"))


def _check_markup(document: Document, at: Loc, row: dict[str, Any]) -> Iterator[Problem]:
    for loc, text in _markdown_of(row):
        tag = RAW_HTML.search(text) if isinstance(text, str) else None
        if tag:
            yield document.problem(f"'{loc[-1]}' has raw HTML ({tag[0]}); write it in Markdown", (*at, *loc))


def _markdown_of(row: dict[str, Any]) -> Iterator[tuple[Loc, Any]]:
    """Yield the place and the value of everything in an item or a case that is Markdown."""
    for name in ("stem", "rationale", "scenario"):
        yield (name,), row.get(name)
    for part, names in (
        ("options", ("text",)),
        ("exhibit", ("description", "table")),
        ("target", ("description",)),
    ):
        entries = row.get(part)
        for place, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            if isinstance(entry, dict):
                yield from (((part, place, name), entry.get(name)) for name in names)


def _check_topic(file: ItemFile, at: Loc, row: dict[str, Any], spec: ContentSpec | None) -> Iterator[Problem]:
    topic = row.get("topic")
    if spec is None or not isinstance(topic, str):
        return
    area = spec.topic_areas.get(topic)
    if area is None:
        message = f"the topic '{topic}' is not in the {spec.discipline} content specification; use one of its codes"
        yield file.document.problem(message, (*at, "topic"))
    elif area != file.area and file.area in spec.area_names:
        message = f"the topic '{topic}' belongs to the content area '{area}', and this file is for '{file.area}'"
        yield file.document.problem(message, (*at, "topic"))


def _word(value: Any) -> str:
    return value if isinstance(value, str) else SHORT.repr(value)


def _texts(value: Any) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []
