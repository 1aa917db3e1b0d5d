"""What comes before the first item: identity confirmed, agreement accepted in time, tutorial; then the clock starts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from ssa_engine.core.delivery import Delivery


class Outcome(StrEnum):
    """How a preparation ended. Each but `started` may be followed by a new one: nothing is lost by it."""

    STARTED = "started"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"


class Step(StrEnum):
    """What the candidate does next."""

    IDENTITY = "identity"
    AGREEMENT = "agreement"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Preparation:
    """One way to the first item. Times are UTC."""

    id: int
    began_at: dt.datetime
    agree_by: dt.datetime | None
    agreed_at: dt.datetime | None
    outcome: Outcome | None

    def seconds_to_agree(self, now: dt.datetime) -> int | None:
        """Whole seconds left to accept the agreement, never below 0; None where there is nothing to accept."""
        if self.agree_by is None or self.agreed_at is not None:
            return None
        return max(0, int((self.agree_by - now).total_seconds()))

    def has_timed_out(self, now: dt.datetime) -> bool:
        """Whether the time to accept ran out."""
        return self.agree_by is not None and self.agreed_at is None and now >= self.agree_by


def next_step(delivery: Delivery, latest: Preparation | None, now: dt.datetime) -> Step:
    """Return the step a candidate is at, given the latest preparation of this cycle."""
    if latest is None or latest.outcome is not None or latest.has_timed_out(now):
        nothing_to_do = not delivery.confirm_identity and delivery.agreement is None
        return Step.READY if nothing_to_do else Step.IDENTITY
    return Step.AGREEMENT if delivery.agreement and latest.agreed_at is None else Step.READY
