"""How a sitting goes: agreement, breaks, clock, survey. Programme rules, so data of the content specification."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ssa_engine.core.exhibits import Text
from ssa_engine.core.policies import FrozenModel

Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
QuestionId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]


class Agreement(FrozenModel):
    """The non-disclosure agreement (Markdown), and how long it may be considered."""

    minutes: Positive = 5
    text: Text


class Breaks(FrozenModel):
    """Scheduled breaks: how many, spread evenly over the form, and for how many minutes the clock stops at most."""

    count: Count = 0
    minutes: Positive = 10


class ClockRules(FrozenModel):
    """What the clock does at its edges."""

    warn_minutes: tuple[Positive, ...] = (15, 5, 1)
    grace_seconds: Count = 10
    """For how long after the end an answer that was on its way is still taken, and marked."""
    runs_while_disconnected: bool = True
    disconnected_minutes_at_most: Count = 15
    """If it does not run then: how much time away is given back in all."""


class SurveyQuestion(FrozenModel):
    """One question of the survey after submission: a choice of one, or free text."""

    id: QuestionId
    text: Text
    kind: Literal["choice", "text"] = "choice"
    choices: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _choices_for_choice(self) -> SurveyQuestion:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("a question of the kind 'choice' needs 'choices', one of the kind 'text' has none")
        return self


class Delivery(FrozenModel):
    """What comes before, between and after the items."""

    confirm_identity: bool = True
    agreement: Agreement | None = None
    tutorial: bool = True
    breaks: Breaks = Breaks()
    clock: ClockRules = ClockRules()
    survey: tuple[SurveyQuestion, ...] = ()
