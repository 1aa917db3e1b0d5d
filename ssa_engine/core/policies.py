"""A policy: the standards, the rule that turns gaps into credits, and when results are released."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Proportion = Annotated[float, Field(ge=0, le=1)]
Credits = Annotated[float, Field(ge=0)]
ScoreModel = Literal["beta_binomial", "augmented", "irt"]
Release = Literal["after_days", "on_request"]

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
    """Whether an area is prescribed: where a score lies below the standard, or by the expected loss of either decision.

    `raw`: where the proportion correct is below the standard. `augmented`: where the score augmented by the other
    areas' scores is (Wainer et al. 2001; needs the policy's `augmentation`). `irt`: where the score expected on the
    candidate's own items of the area is, at the ability estimated from all items (needs item parameters in the bank).
    `expected_loss`: where `loss_ratio` times the probability that the true score lies below the standard exceeds the
    probability that it does not; so `loss_ratio` says how many times worse a missed need is than needless CE, and
    `probability` which score the probability comes from. Inside the band `indeterminate` its own rule decides.
    """

    rule: Literal["raw", "augmented", "irt", "expected_loss"] = "raw"
    probability: ScoreModel = "beta_binomial"
    loss_ratio: Annotated[float, Field(gt=0)] = 1.0
    indeterminate: IndeterminateBand | None = None

    @property
    def model(self) -> ScoreModel:
        """The score that decides, and whose probability of lying below the standard is stored."""
        if self.rule == "expected_loss":
            return self.probability
        return "beta_binomial" if self.rule == "raw" else self.rule

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


class Augmentation(FrozenModel):
    """What augmented scores need to know of a population, frozen so that one candidate can be scored alone.

    All figures are proportions correct, in the order of `areas`: `means` (K,), `true_covariance` (K, K) of the true
    scores, and `error_variances` (K,) of one item, so that an area with n items has the error variance
    `error_variances / n`. `source` says which cohort they come from.
    """

    areas: Annotated[tuple[str, ...], Field(min_length=1)]
    means: tuple[Proportion, ...]
    true_covariance: tuple[tuple[float, ...], ...]
    error_variances: tuple[Annotated[float, Field(gt=0)], ...]
    source: Annotated[str, Field(max_length=500)] = ""

    @model_validator(mode="after")
    def _fits_together(self) -> Augmentation:
        count = len(self.areas)
        if len(set(self.areas)) < count:
            raise ValueError("the augmentation names an area twice")
        sizes = {len(self.means), len(self.error_variances), len(self.true_covariance)}
        if sizes | {len(row) for row in self.true_covariance} != {count}:
            raise ValueError(
                f"the augmentation names {count} areas, so it needs {count} means, {count} error variances and "
                f"{count} rows of {count} covariances"
            )
        rows = self.true_covariance
        if any(abs(rows[i][j] - rows[j][i]) > ROUNDING for i in range(count) for j in range(i)):
            raise ValueError("the true covariances must be the same above and below the diagonal")
        return self

    def of(self, areas: Sequence[str]) -> Augmentation:
        """Return the figures of these areas, in their order.

        Raises
        ------
        KeyError
            If an area has no figures.
        """
        place = {area: number for number, area in enumerate(self.areas)}
        chosen = [place[area] for area in areas]
        return Augmentation(
            areas=tuple(areas),
            means=tuple(self.means[one] for one in chosen),
            true_covariance=tuple(tuple(self.true_covariance[one][other] for other in chosen) for one in chosen),
            error_variances=tuple(self.error_variances[one] for one in chosen),
            source=self.source,
        )


class Policy(FrozenModel):
    """Standards per content area (proportion correct), the credit rule, and the release of results."""

    standards: dict[str, Proportion]
    credits: CreditRule
    decision: DecisionRule = DecisionRule()
    true_score_prior: TrueScorePrior = TrueScorePrior()
    augmentation: Augmentation | None = None
    """The population that augmented scores borrow from; needed where they decide."""
    release: Release = "after_days"
    """`on_request`: a result waits until a person releases it, however many days go by."""
    release_after_days: Annotated[int, Field(ge=0)] = 0
    record: Annotated[str, Field(max_length=2000)] = ""
    """How the standards came about: the panel, its method, where its papers are."""

    def released_at(self, submitted_at: dt.datetime) -> dt.datetime | None:
        """Return when a result is released by itself; None: it waits for a person."""
        if self.release == "on_request":
            return None
        return submitted_at + dt.timedelta(days=self.release_after_days)

    @model_validator(mode="after")
    def _augmentation_where_needed(self) -> Policy:
        if self.decision.model != "augmented":
            return self
        if self.augmentation is None:
            raise ValueError(
                "areas are decided by augmented scores, so the policy needs an 'augmentation'; estimate it from a "
                "cohort (ssa policies augmentation) or choose another rule"
            )
        missing = [area for area in self.standards if area not in self.augmentation.areas]
        if missing:
            raise ValueError(f"the augmentation has no figures for {', '.join(missing)}; estimate it again")
        return self


class PublishedPolicy(FrozenModel):
    """A policy as published: immutable and numbered within its discipline."""

    discipline: str
    version: int
    policy: Policy


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """When and by whom a version was published, why, and from when on it holds. `proposed_by` may be empty."""

    discipline: str
    version: int
    published_at: dt.datetime
    published_by: str
    proposed_by: str
    effective_at: dt.datetime
    reason: str


def never_in_force(versions: Sequence[PolicyVersion]) -> dict[int, int]:
    """Return version -> the one that replaced it, of those that were replaced before they came into force.

    Parameters
    ----------
    versions : sequence of PolicyVersion
        All of one discipline, in any order.
    """
    found: dict[int, int] = {}
    for one in versions:
        after = [two.version for two in versions if two.version > one.version and two.effective_at <= one.effective_at]
        if after:
            found[one.version] = min(after)
    return found
