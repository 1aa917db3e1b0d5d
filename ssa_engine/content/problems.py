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


_TOO_SHORT = "{name} is empty or has too few entries; it needs at least {min_length}"
_TOO_LONG = "{name} is too long or has too many entries; it may have at most {max_length}"
_LIST, _MAPPING = "{name} must be a list, not {given}", "{name} must be a mapping, not {given}"
SENTENCES = {
    "missing": "{name} is missing; add it",
    "extra_forbidden": "{name} is not a key this has; remove it or mend its spelling",
    "string_type": "{name} must be text, not {given}; write it in quotes",
    "string_pattern_mismatch": "{name} is {given}, which does not have the form {pattern}; rename it",
    "literal_error": "{name} is {given}; use one of {expected}",
    "too_short": _TOO_SHORT,
    "string_too_short": _TOO_SHORT,
    "too_long": _TOO_LONG,
    "string_too_long": _TOO_LONG,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "dict_type": _MAPPING,
    "union_tag_not_found": "{discriminator} is missing; add it",
    "union_tag_invalid": "{discriminator} is {tag}; use one of {expected_tags}",
    "value_error": "{error}",
}
"""Kind of fault, as pydantic names it -> what to say."""


def _sentence(loc: Loc, fault: Any) -> str:
    name = next((f"'{part}'" for part in reversed(loc) if isinstance(part, str)), "this value")
    given, context = SHORT.repr(fault.get("input")), dict(fault.get("ctx", {}))
    if context.get("pattern") == r"\S":
        return f"{name} is empty; fill it in"
    if context.get("max_length") == 0:
        return f"{name} is not for this format; remove it"
    if "tag" in context:
        context["tag"] = SHORT.repr(context["tag"])
    wanted = str(fault["msg"]).removeprefix("Input should be ")
    sentence = SENTENCES.get(fault["type"], "{name} is {given}; it should be {wanted}")
    return sentence.format(**{**context, "name": name, "given": given, "wanted": wanted})
