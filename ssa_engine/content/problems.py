"""Problems of content files: where, what is wrong, and what to do."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ssa_engine.core.errors import Invalid

Loc = tuple[str | int, ...]

SHORT = reprlib.Repr()
"""How a value is shown in a sentence: aliases can make it as long as memory."""
SHORT.maxlevel, SHORT.maxstring, SHORT.maxother = 2, 60, 60


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of one file."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        """Write it as `path:line: message`, the path as seen from here where that is shorter."""
        relative = os.path.relpath(self.path)
        path = str(self.path) if relative.startswith("..") else relative
        return f"{path}:{self.line}: {self.message}"


class ContentInvalid(Invalid):
    """Content that cannot be used, with every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def explain_validation(error: ValidationError) -> list[tuple[Loc, str]]:
    """Turn a pydantic error into (place, sentence) pairs."""
    faults = error.errors()
    places = [tuple(fault["loc"]) for fault in faults]

    def told_within(loc: Loc) -> bool:  # a list seems too short when its entries are not sound, which is told already
        return any(place[: len(loc)] == loc and len(place) > len(loc) for place in places)

    return [
        (loc, _sentence(loc, fault))
        for loc, fault in zip(places, faults, strict=True)
        if not (fault["type"] == "too_short" and told_within(loc))
    ]


def _sentence(loc: Loc, fault: Any) -> str:
    name = next((f"'{part}'" for part in reversed(loc) if isinstance(part, str)), "this value")
    kind, given = fault["type"], SHORT.repr(fault.get("input"))
    context = fault.get("ctx", {})
    if kind == "missing":
        return f"{name} is missing; add it"
    if kind == "extra_forbidden":
        return f"{name} is not a key this has; remove it or mend its spelling"
    if kind == "string_type":
        return f"{name} must be text, not {given}; write it in quotes"
    if kind == "string_pattern_mismatch" and context["pattern"] == r"\S":
        return f"{name} is empty; fill it in"
    if kind == "string_pattern_mismatch":
        return f"{name} is {given}, which does not have the form {context['pattern']}; rename it"
    if kind == "literal_error":
        return f"{name} is {given}; use one of {context['expected']}"
    if kind in ("too_short", "string_too_short"):
        return f"{name} is empty or has too few entries; it needs at least {context['min_length']}"
    if kind == "value_error":
        return str(context["error"])
    wanted = str(fault["msg"]).removeprefix("Input should be ")
    return f"{name} is {given}; it should be {wanted}"
