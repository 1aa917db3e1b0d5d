"""Problems of content files: where, what is wrong, and what to do."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ssa_engine.core.errors import Invalid

Loc = tuple[str | int, ...]


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
    return [(tuple(fault["loc"]), _sentence(tuple(fault["loc"]), fault)) for fault in error.errors()]


def _sentence(loc: Loc, fault: Any) -> str:
    name = next((f"'{part}'" for part in reversed(loc) if isinstance(part, str)), "this value")
    kind, given = fault["type"], fault.get("input")
    context = fault.get("ctx", {})
    if kind == "missing":
        return f"{name} is missing; add it"
    if kind == "extra_forbidden":
        return f"{name} is not a key this has; remove it or mend its spelling"
    if kind == "string_type":
        return f"{name} must be text, not {given!r}; write it in quotes"
    if kind == "string_pattern_mismatch":
        return f"{name} is {given!r}, which does not have the form {context['pattern']}; rename it"
    if kind == "literal_error":
        return f"{name} is {given!r}; use one of {context['expected']}"
    if kind in ("too_short", "string_too_short"):
        return f"{name} is empty or has too few entries; it needs at least {context['min_length']}"
    if kind == "value_error":
        return str(context["error"])
    wanted = str(fault["msg"]).removeprefix("Input should be ")
    return f"{name} is {given!r}; it should be {wanted}"
