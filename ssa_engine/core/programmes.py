"""The rules of a programme: cycles, deadlines, promises, notices, claims, biennium. Data of a content specification.

What a specification leaves out is no rule: no notice is sent, nothing is promised, no deadline lies before the end.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from ssa_engine.core.policies import FrozenModel

Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Text = Annotated[str, Field(min_length=1)]


class Contact(FrozenModel):
    """Whom a candidate may ask."""

    name: Text
    email: str = ""
    telephone: str = ""
    hours: str = ""


class NoticeRules(FrozenModel):
    """On which days before an event candidates are told of it."""

    before_opening_days: tuple[Positive, ...] = ()
    """Days before the window opens; that it has opened is always told."""
    before_due_days: tuple[Positive, ...] = ()
    """Days before the window ends, while CQR is not complete."""


class ProfileRules(FrozenModel):
    """What the professional profile asks for."""

    before_assessment: bool = False
    """Whether the profile has to be done before the assessment can be begun."""
    years_looked_back: Positive = 2
    minutes: Positive = 20
    least_peers: Positive = 10
    """Fewer peers than this, and they are not shown."""


class ClaimRules(FrozenModel):
    """Which finished activities count, and what is promised to those who report them."""

    submit_by_days: Count = 0
    """A claim has to be submitted this many days before the window ends, to leave time for review."""
    review_days: Positive | None = None
    """Days within which a claim is promised to be decided."""
    only_after_prescription: bool = True
    """Whether an activity finished before the prescription was issued does not count."""
    undo_seconds: Count = 60
    """For how long a reviewer may take a decision back."""


class BienniumRules(FrozenModel):
    """The ordinary CE period that runs beside CQR."""

    years: Positive = 2
    credits: Annotated[float, Field(gt=0)] = 24.0
    mechanisms: tuple[Text, ...] = ()
    """Recognised evaluation mechanisms: an activity has to be approved by one of them. None named: any."""

    def recognises(self, mechanism: str) -> bool:
        """Whether what this mechanism approved may count; nothing counts that none approved."""
        return bool(mechanism) and (not self.mechanisms or mechanism in self.mechanisms)


class CqrRules(FrozenModel):
    """When a credential has to be shown to be current, and how the process goes."""

    time_limited_from: dt.date | None
    period_years: Positive
    window_years: Positive
    time_zone: str = "UTC"
    """Where days begin and end: a deadline is the end of its day there."""
    results_days: Positive | None = None
    """Days after submission within which a result is promised."""
    notices: NoticeRules = NoticeRules()
    profile: ProfileRules = ProfileRules()
    claims: ClaimRules = ClaimRules()
    biennium: BienniumRules | None = None
    contact: Contact | None = None

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"'{name}' is not a time zone; write one as America/Chicago, or UTC") from None
        return name

    @model_validator(mode="after")
    def _window_within_period(self) -> CqrRules:
        if self.window_years > self.period_years:
            raise ValueError("the window opens before its period begins; give fewer 'window_years'")
        return self

    @model_validator(mode="after")
    def _submit_within_window(self) -> CqrRules:
        if self.claims.submit_by_days >= 365 * self.window_years:
            raise ValueError("the submit-by date lies before the window opens; give fewer 'submit_by_days'")
        return self

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.time_zone)

    def today(self, now: dt.datetime) -> dt.date:
        """Return the day that `now` (aware) falls on where the programme is."""
        return now.astimezone(self.zone).date()

    def result_by(self, submitted_at: dt.datetime) -> dt.date | None:
        """Return the day by which the result of an attempt submitted then is promised; None: nothing is promised."""
        if self.results_days is None:
            return None
        return self.today(submitted_at) + dt.timedelta(days=self.results_days)

    def submit_by(self, due_on: dt.date) -> dt.date:
        """Return the last day on which CE may be reported for a window that ends on `due_on`."""
        return due_on - dt.timedelta(days=self.claims.submit_by_days)
