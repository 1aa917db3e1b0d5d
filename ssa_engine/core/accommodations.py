"""Accommodations: what is granted to a person for every sitting of theirs."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from ssa_engine.core.policies import FrozenModel
from ssa_engine.core.text import Sentence, say

NO_LIMIT_SECONDS = 366 * 24 * 3600
"""The clock of an untimed sitting: it is there, and nobody gets to its end."""


class Accommodations(FrozenModel):
    """Time multiplier, extra minutes, no time limit, more scheduled breaks, one-column large text."""

    time_multiplier: Annotated[float, Field(ge=1, le=5)] = 1.0
    extra_minutes: Annotated[int, Field(ge=0, le=600)] = 0
    untimed: bool = False
    extra_breaks: Annotated[int, Field(ge=0, le=10)] = 0
    large_text: bool = False

    def seconds_allowed(self, seconds: int) -> int:
        """Return the time allowed where everybody has `seconds`: multiplied, then extended."""
        if self.untimed:
            return NO_LIMIT_SECONDS
        return math.ceil(seconds * self.time_multiplier) + 60 * self.extra_minutes

    def what_becomes_of(self, seconds: int) -> Sentence:
        """Say what the time that everybody has becomes: '100 minutes become 150.'."""
        minutes, allowed = seconds / 60, self.seconds_allowed(seconds)
        if self.untimed:
            return say("{minutes} minutes become no time limit.", minutes=minutes)
        if allowed == seconds:
            return say("{minutes} minutes, as for everybody.", minutes=minutes)
        return say("{minutes} minutes become {allowed}.", minutes=minutes, allowed=allowed / 60)


def break_positions(items_total: int, breaks: int) -> tuple[int, ...]:
    """Return after which positions the breaks fall: the form in parts of like length, the last perhaps the longest."""
    return tuple(sorted({items_total * number // (breaks + 1) for number in range(1, breaks + 1)} - {0, items_total}))
