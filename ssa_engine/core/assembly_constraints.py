"""What a form has to meet and what makes one form better than another: the settings of the optimiser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ssa_engine.core.content_specs import Blueprint
from ssa_engine.core.errors import Invalid


@dataclass(frozen=True, slots=True)
class Count:
    """A number of items: at least `least`, at most `most` (None: as many as there are)."""

    least: int = 0
    most: int | None = None

    def __post_init__(self) -> None:
        if self.least < 0 or (self.most is not None and self.most < self.least):
            raise Invalid(
                f"A count of at least {self.least} and at most {self.most} cannot be met. Give two numbers from 0 up, "
                "the smaller one first."
            )

    def __str__(self) -> str:
        if self.most is None:
            return f"at least {self.least}"
        return f"exactly {self.least}" if self.least == self.most else f"{self.least} to {self.most}"


def exactly(number: int) -> Count:
    """Return the count that is met by one number only."""
    return Count(number, number)


@dataclass(frozen=True, slots=True)
class Constraints:
    """What every form has to meet."""

    length: Count | None = None
    """Scored items on the form."""
    areas: Mapping[str, Count] = field(default_factory=dict)
    """Content area -> scored items. Once an area is named, areas that are not named give none."""
    pilots: Mapping[str, Count] = field(default_factory=dict)
    """Content area -> pilot items, which are shown and not scored. Areas that are not named give none."""
    topics: Mapping[str, Count] = field(default_factory=dict)
    """Topic -> scored items. Topics that are not named are free."""
    formats: Mapping[str, Count] = field(default_factory=dict)
    """Format -> scored items. Formats that are not named are free."""
    keys: Mapping[str, Count] = field(default_factory=dict)
    """Key position -> items shown, pilots included. Items without a key position count nowhere."""
    enemies: tuple[tuple[str, str], ...] = ()
    """Pairs of items of which a form has at most one. Items that are not in the bank are passed over."""
    case_members: Mapping[str, Count] = field(default_factory=dict)
    """Case -> members shown where the case is shown. Cases that are not named are shown whole or not at all."""
    case_sets: Count | None = None
    """Cases on the form."""
    least_information: Mapping[str, float] = field(default_factory=dict)
    """Column of information -> the least sum of it over the scored items."""


def constraints_of(blueprint: Blueprint, enemies: tuple[tuple[str, str], ...] = ()) -> Constraints:
    """Return the constraints of a published blueprint: so many scored and so many pilot items from each area."""
    return Constraints(
        areas={area: exactly(counts.scored) for area, counts in blueprint.areas.items()},
        pilots={area: exactly(counts.pilot) for area, counts in blueprint.areas.items()},
        enemies=enemies,
    )


@dataclass(frozen=True, slots=True)
class Maximin:
    """Make the smallest information over the points as large as possible.

    max y, subject to Σ_i I_i(θ_k) x_i ≥ w_k y at each point k (van der Linden & Boekkooi-Timminga 1989, Psychometrika
    54:237-247). The weights w are the shape of the wanted curve; without them all are 1.
    """

    points: tuple[str, ...]
    """Columns of the bank, one for each value of θ."""
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        _some_points(self.points)
        if self.weights and (len(self.weights) != len(self.points) or min(self.weights) <= 0):
            raise Invalid("Maximin takes one weight above 0 for each point, or none at all.")


@dataclass(frozen=True, slots=True)
class Total:
    """Make the sum of the information over the points as large as possible."""

    points: tuple[str, ...]

    def __post_init__(self) -> None:
        _some_points(self.points)


@dataclass(frozen=True, slots=True)
class Target:
    """Make the largest deviation from a target, |Σ_i I_i(θ_k) x_i − T_k| over the points k, as small as possible."""

    points: tuple[str, ...]
    information: tuple[float, ...]
    """The target T at each point."""

    def __post_init__(self) -> None:
        _some_points(self.points)
        if len(self.information) != len(self.points):
            raise Invalid("A target takes one value of information for each point.")


Objective = Maximin | Total | Target


def _some_points(points: tuple[str, ...]) -> None:
    if not points:
        raise Invalid("The objective names no point. Give at least one column of the bank that has information.")


@dataclass(frozen=True, slots=True)
class Stop:
    """When the search ends."""

    relative_gap: float = 1e-4
    """Distance between the objective and the best bound, as a share of the objective. 1e-4 is what HiGHS takes of
    itself and no proof of optimality; 0 is one, up to its tolerance of 1e-6."""
    absolute_gap: float | None = None
    """The same in units of the objective; where it is given, the relative gap is not used. A deviation from a target
    can be near 0, so that a share of it says nothing."""
    time_limit: float = 30.0
    """Seconds for each call of the solver. What is found then depends on the speed of the machine."""

    def __post_init__(self) -> None:
        if self.relative_gap < 0 or (self.absolute_gap is not None and self.absolute_gap <= 0) or self.time_limit <= 0:
            raise Invalid("A relative gap is 0 or more; an absolute gap and a time limit are above 0.")
