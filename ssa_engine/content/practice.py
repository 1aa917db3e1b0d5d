"""Practice items of the tutorial: one a format, about nothing, answered by anybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from ssa_engine.content.media import MEDIA, image_size
from ssa_engine.content.problems import Problem, explain_validation
from ssa_engine.content.reader import Document
from ssa_engine.core.items import FORMATS, Item, Size

IMPLIED = {"topic": "practice", "status": "active", "rationale": "Practice."}


@dataclass
class Practice:
    """Practice items by format, and the pictures they need."""

    items: dict[str, Item] = field(default_factory=dict)
    media: dict[str, Path] = field(default_factory=dict)
    sizes: dict[str, Size] = field(default_factory=dict)


def read_practice(document: Document) -> tuple[Practice, list[Problem]]:
    """Validate a file of practice items: `practice:` with at most one item a format."""
    practice, problems = Practice(), []
    rows = document.data["practice"]
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        kind = FORMATS.get(row.get("format", "")) if isinstance(row, dict) else None
        if kind is None:
            problems.append(
                document.problem(f"a practice item needs a format: {', '.join(FORMATS)}", ("practice", index))
            )
            continue
        try:
            item = kind.model_validate({**IMPLIED, **row})
        except ValidationError as error:
            faults = explain_validation(error)
            problems += [document.problem(message, ("practice", index, *loc)) for loc, message in faults]
            continue
        for name in item.files:
            path = document.path.parent / MEDIA / name
            size = image_size(path) if path.is_file() else None
            if size is None:
                message = f"the image '{name}' is not in the folder {MEDIA}/ beside this file, or cannot be read"
                problems.append(document.problem(message, ("practice", index, "target")))
                continue
            practice.media[name], practice.sizes[name] = path, size
        practice.items[item.format] = item
    return practice, problems
