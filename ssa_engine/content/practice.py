"""Practice items of the tutorial: one a format, about nothing, answered by anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ssa_engine.content.items import ItemFile, read_entries, read_item
from ssa_engine.content.media import image_size, media_paths, media_problems
from ssa_engine.content.problems import Loc, Problem
from ssa_engine.content.reader import Document
from ssa_engine.core.items import Item, Size

IMPLIED = {"topic": "practice", "status": "active", "rationale": "Practice."}


@dataclass
class Practice:
    """Practice items by format, and the pictures they need."""

    items: dict[str, Item] = field(default_factory=dict)
    media: dict[str, Path] = field(default_factory=dict)
    sizes: dict[str, Size] = field(default_factory=dict)


def read_practice(document: Document) -> tuple[Practice, list[Problem]]:
    """Validate a file of practice items: `practice:` with at most one item a format."""

    def read(file: ItemFile, at: Loc, row: Any) -> Iterator[Problem]:
        return read_item(file, at, {**IMPLIED, **row} if isinstance(row, dict) else row, None)

    file, practice = ItemFile(document, "", ""), Practice()
    problems = [*read_entries(file, "practice", read), *media_problems(file)]
    for item in file.items:
        if item.format in practice.items:
            message = f"there is a practice item of the format '{item.format}' before this one; keep one"
            problems.append(document.problem(message, (*file.places[item.id], "format")))
        practice.items.setdefault(item.format, item)
    practice.media = media_paths(file)
    sizes = {name: image_size(path) for name, path in practice.media.items()}
    practice.sizes = {name: size for name, size in sizes.items() if size is not None}
    return practice, problems
