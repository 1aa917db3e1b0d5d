"""A policy: the standards, the rule that turns gaps into credits, and when results are released."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Proportion = Annotated[float, Field(ge=0, le=1)]
Credits = Annotated[float, Field(ge=0)]

ROUNDING = 1e-9
"""By so much decimal numbers may miss each other in binary floats."""


class Decision(StrEnum):
    """What may be decided about an area."""

    PRESCRIBE = "prescribe"
    PRESCRIBE_HALF = "prescribe_half"
    OFFER_ONLY = "offer_only"
    NONE = "none"


class FrozenModel(BaseModel):
    """A value that cannot change and knows every key it may have."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Band(FrozenModel):
    """From `short` items below the standard on, an area is worth `credits`."""

    short: Annotated[int, Field(ge=1)]
    credits: Credits


class CreditRule(FrozenModel):
    """How an area below its standard becomes CE credits.

    `flat`: `credits` for every such area. `per_item`: `credits` for every item short of the standard.
    `bands`: the credits of the last band reached. Then, in this order: round up to a multiple of
    `step`, raise to `area_minimum`, lower to `area_maximum`; and over all areas of one prescription
    `total_cap`, filled by the largest gap first.
    """

    rule: Literal["flat", "per_item", "bands"]
    credits: Credits | None = None
    bands: tuple[Band, ...] = ()
    step: Annotated[float, Field(gt=0)] = 0.5
    area_minimum: Credits = 0.0
    area_maximum: Credits | None = None
    total_cap: Credits | None = None

    @field_validator("bands")
    @classmethod
    def _rising(cls, bands: tuple[Band, ...]) -> tuple[Band, ...]:
        shorts, credits = [band.short for band in bands], [band.credits for band in bands]
        if shorts != sorted(set(shorts)) or credits != sorted(credits):
            raise ValueError("bands must rise: more items short, and never fewer credits")
        if bands and shorts[0] != 1:
            raise ValueError("the first band must begin at 'short: 1', else the smallest gap has no rule")
        return bands

    @model_validator(mode="after")
    def _complete(self) -> CreditRule:
        if self.rule == "bands":
            if not self.bands:
                raise ValueError("the rule 'bands' needs a list of bands; give at least one")
            if self.credits is not None:
                raise ValueError("the rule 'bands' takes its credits from the bands; remove 'credits'")
        elif self.credits is None:
            raise ValueError(f"the rule '{self.rule}' needs 'credits'")
        elif self.bands:
            raise ValueError(f"the rule '{self.rule}' has no bands; remove them or use the rule 'bands'")
        if self.area_maximum is not None and self.area_maximum < self.area_minimum:
            raise ValueError("area_maximum is below area_minimum")
        return self


class TrueScorePrior(FrozenModel):
    """Beta prior of a candidate's true area score; (1, 1) is uniform."""

    alpha: Annotated[float, Field(gt=0)] = 1.0
    beta: Annotated[float, Field(gt=0)] = 1.0


class IndeterminateBand(FrozenModel):
    """Probabilities of lying below the standard, from `low` to `high`, that are too near to even for a plain decision.

    `prescribe`: decided like a certain need. `prescribe_half`: half the credits, rounded up to the credit rule's
    step. `offer_only`: no credits; the area is marked as one in which CE is offered.
    """

    low: Proportion
    high: Proportion
    rule: Literal["prescribe", "prescribe_half", "offer_only"]

    @model_validator(mode="after")
    def _rising(self) -> IndeterminateBand:
        if not self.low < self.high:
            raise ValueError(f"low ({self.low:g}) must be less than high ({self.high:g})")
        return self


class DecisionRule(FrozenModel):
    """Whether an area is prescribed: by its raw score, or by the expected loss of either decision.

    `raw`: where the score is below the standard. `expected_loss`: where `loss_ratio` times the probability that the
    true score lies below the standard exceeds the probability that it does not; so `loss_ratio` says how many times
    worse a missed need is than needless CE. Inside the band `indeterminate` its own rule decides.
    """

    rule: Literal["raw", "expected_loss"] = "raw"
    loss_ratio: Annotated[float, Field(gt=0)] = 1.0
    indeterminate: IndeterminateBand | None = None

    @property
    def threshold(self) -> float:
        """The probability of lying below the standard at which both decisions cost the same."""
        return 1.0 / (1.0 + self.loss_ratio)

    @model_validator(mode="after")
    def _band_around_the_threshold(self) -> DecisionRule:
        band = self.indeterminate
        if band is not None and not band.low - ROUNDING <= self.threshold <= band.high + ROUNDING:
            raise ValueError(
                f"the indeterminate band ({band.low:g} to {band.high:g}) must hold {self.threshold:.3g}, the "
                f"probability at which both decisions cost the same with loss_ratio {self.loss_ratio:g}; "
                "move the band or change the ratio"
            )
        return self


class Policy(FrozenModel):
    """Standards per content area (proportion correct), the credit rule, and the release of results."""

    standards: dict[str, Proportion]
    credits: CreditRule
    decision: DecisionRule = DecisionRule()
    true_score_prior: TrueScorePrior = TrueScorePrior()
    release_after_days: Annotated[int, Field(ge=0)] = 0
    record: Annotated[str, Field(max_length=2000)] = ""
    """How the standards came about: the panel, its method, where its papers are."""


class PublishedPolicy(FrozenModel):
    """A policy as published: immutable and numbered within its discipline."""

    discipline: str
    version: int
    policy: Policy
