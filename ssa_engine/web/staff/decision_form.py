"""The decision on a claim as it was filled in: reasons typed or ready, the credits of each area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request

from ssa_engine.core.answers import read_number
from ssa_engine.core.claim_checks import READY
from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import say
from ssa_engine.web.language import in_words

AREA = "area-"


@dataclass(frozen=True)
class Typed:
    """What was sent, to be shown again: the reasons as typed, the credits of each area as text."""

    reasons: dict[str, str] = field(default_factory=dict)
    areas: dict[str, str] = field(default_factory=dict)

    @classmethod
    def sent(cls) -> Typed:
        """Read what was sent."""
        names = [f"{verb}_{part}" for verb in ("reject", "more") for part in ("reason", "ready")]
        reasons = {name: request.form.get(name, "").strip()[:2000] for name in names}
        areas = {name.removeprefix(AREA): value[:10] for name, value in request.form.items() if name.startswith(AREA)}
        return cls(reasons, areas)

    def reason(self, verb: str) -> str:
        """Return the words typed, else those that were ready, else nothing."""
        ready = READY.get(self.reasons[f"{verb}_ready"])
        return self.reasons[f"{verb}_reason"] or (str(in_words(ready)) if ready else "")

    @property
    def distribution(self) -> dict[str, float]:
        """Content area -> credits typed, empty fields aside.

        Raises
        ------
        Invalid
            If something is no number.
        """
        found = {}
        for area, text in self.areas.items():
            if text.strip():
                try:
                    found[area] = float(read_number(text))
                except Invalid:
                    raise Invalid(say("'{text}' is no number of credits. Write one as 1.5.", text=text)) from None
        return found

    def kept(self, names: Mapping[str, str]) -> str:
        """Return all of it as text, for a page that has no fields for it any more."""
        words = [self.reasons[f"{verb}_reason"] for verb in ("more", "reject")]
        given = [f"{names.get(area, area)}: {text}" for area, text in self.areas.items() if text.strip()]
        return "\n".join(filter(None, (*words, *given)))

    @property
    def readable(self) -> dict[str, float]:
        """What can be read of the credits typed."""
        try:
            return self.distribution
        except Invalid:
            return {}
