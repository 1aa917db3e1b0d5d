"""The plan: the set of CE activities that fills what is open at the least cost, in the least time, or the fewest."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ssa_engine.core.activities import Activity, Filling, fillings
from ssa_engine.core.ledger import DECIMALS

HUNDREDTHS = 100
"""Credits and costs are counted in whole hundredths, so that sums are exact."""
TIME_LIMIT = 10.0
"""Seconds for one search. What is found by then is shown with its gap."""


class Aim(StrEnum):
    """What a plan has as little of as possible."""

    COST = "cost"
    TIME = "time"
    FEWEST = "fewest"


@dataclass(frozen=True, slots=True)
class Plan:
    """Activities to take, and what they do."""

    activities: tuple[Activity, ...]
    """Those that are locked in first, each part by code."""
    filled: dict[str, float]
    """Content area -> credits of what is open that the plan fills, in the order of what is open."""
    credits: float
    """CE credits, whether they count here or not."""
    cost: float
    minutes: int
    value: float
    """What the plan has of what was to be little: cost, minutes, or activities."""
    bound: float
    """No plan that fills as much has less than this; of an alternative: none that is not among the plans before it."""

    @property
    def gap(self) -> float:
        """How far the plan may be from the best, as a share of its value; 0 if it is proved to be the best."""
        return max(0.0, self.value - self.bound) / self.value if self.value > self.bound else 0.0


@dataclass(frozen=True, slots=True)
class Plans:
    """The best plan, others after it, and what no plan can fill.

    With something missing the plan is the best that fills as much as there is.
    """

    best: Plan
    alternatives: tuple[Plan, ...]
    """Next best first; each lacks some activity of every plan before it, and none is better than one before."""
    missing: dict[str, float]
    """Content area -> credits that all activities together do not reach."""


def steps(chosen: Plan, left: Mapping[str, float], discipline: str) -> list[tuple[Activity, tuple[Filling, ...]]]:
    """Return each activity of a plan with what it fills of what those before it left open."""
    found, now = [], dict(left)
    for one in chosen.activities:
        parts = fillings(one.counts_in(discipline), now)
        found.append((one, parts))
        after = {part.area: part.open_after for part in parts}
        now = {area: after.get(area, credits) for area, credits in now.items() if after.get(area, credits) > 0}
    return found


def plan(
    left: Mapping[str, float],
    activities: Sequence[Activity],
    discipline: str,
    aim: Aim,
    *,
    locked_in: Collection[int] = (),
    locked_out: Collection[int] = (),
    alternatives: int = 2,
    time_limit: float = TIME_LIMIT,
) -> Plans:
    """Choose activities that fill what is open, by integer programming.

    Minimise Σ c_j x_j, x_j ∈ {0, 1}, so that Σ_j a_ij x_j ≥ b_i for every content area i: c_j is the cost, the minutes,
    or 1; a_ij what the activity has in the area, b_i what is open there. What is filled is min(Σ_j a_ij x_j, b_i), so
    that covering and filling are the same. Among plans that are equally good the one is taken that has the least of a
    second objective: time, where the aim is the least cost; cost, where it is another. In a large catalogue ties are
    broken among the activities that look best for that (`plan_model.TIE_CORE`), so that it stays quick. Nothing is left
    to chance, and order does not matter: the same catalogue gives the same plan.

    Parameters
    ----------
    left : mapping of content area to credits
        What is open, above 0.
    activities : sequence of Activity
        Those that can still be taken, each once.
    discipline : str
    aim : Aim
    locked_in, locked_out : collections of activity ids
        Activities that are part of every plan, and those that are part of none.
    alternatives : int
        Other plans to look for after the best.
    time_limit : float
        Seconds for one search.

    Raises
    ------
    Conflict
        If the time was over before any plan was found.
    """
    fixed = sorted((one for one in activities if one.id in locked_in), key=lambda one: one.code)
    need = {area: _up(credits) for area, credits in left.items()}
    for one in fixed:
        for area, credits in one.counts_in(discipline).items():
            if area in need:
                need[area] -= _down(credits)
    need = {area: credits for area, credits in need.items() if credits > 0}
    free = _useful(activities, discipline, need, {*locked_in, *locked_out})
    reach = {area: sum(_down(one.counts_in(discipline).get(area, 0.0)) for one in free) for area in need}
    missing = {area: (need[area] - reach[area]) / HUNDREDTHS for area in need if reach[area] < need[area]}
    within_reach = {area: min(need[area], reach[area]) for area in need if reach[area]}
    found = _search(free, discipline, within_reach, aim, alternatives, time_limit) if within_reach else [([], 0)]
    plans = [_plan((*fixed, *some), slack, left, discipline, aim) for some, slack in found]
    return Plans(plans[0], tuple(plans[1:]), missing)


def _search(
    free: Sequence[Activity],
    discipline: str,
    need: Mapping[str, int],
    aim: Aim,
    alternatives: int,
    time_limit: float,
) -> list[tuple[Sequence[Activity], int]]:
    """Return choices of the free activities, the best first, each with what a better one might have less at most."""
    import numpy as np

    from ssa_engine.core.plan_model import Model

    wanted = np.array(list(need.values()), dtype=np.int64)
    counts = [[_down(one.counts_in(discipline).get(area, 0.0)) for area in need] for one in free]
    model = Model(
        # What an activity has beyond what is open cannot matter, and without it the relaxation is tighter.
        cover=np.minimum(np.array(counts, dtype=np.int64), wanted).T,
        need=wanted,
        amounts=np.array([_amount(one, aim) for one in free], dtype=np.int64),
        ties=np.array([_amount(one, Aim.TIME if aim is Aim.COST else Aim.COST) for one in free], dtype=np.int64),
        time_limit=time_limit,
    )
    found: list[tuple[Sequence[Activity], int]] = []
    while len(found) <= alternatives and (choice := model.search()) is not None:
        found.append(([one for one, take in zip(free, choice.taken, strict=True) if take], choice.slack))
        model.forbid(choice.taken)
    return found


def _up(credits: float) -> int:
    return math.ceil(round(credits * HUNDREDTHS, 6))


def _down(credits: float) -> int:
    return math.floor(round(credits * HUNDREDTHS, 6))


def _useful(
    activities: Sequence[Activity], discipline: str, need: Mapping[str, int], locked: Collection[int]
) -> list[Activity]:
    """Return the free activities that have something where something is open, by code."""
    found = [
        one
        for one in activities
        if one.id not in locked and any(_down(one.counts_in(discipline).get(area, 0.0)) for area in need)
    ]
    return sorted(found, key=lambda one: one.code)


def _amount(activity: Activity, aim: Aim) -> int:
    """Return what an activity adds to what is to be little, in whole numbers."""
    if aim is Aim.COST:
        return round(activity.cost * HUNDREDTHS)
    return activity.minutes if aim is Aim.TIME else 1


def _plan(taken: tuple[Activity, ...], slack: int, left: Mapping[str, float], discipline: str, aim: Aim) -> Plan:
    sums = {area: math.fsum(one.counts_in(discipline).get(area, 0.0) for one in taken) for area in left}
    value = sum(_amount(one, aim) for one in taken)
    unit = HUNDREDTHS if aim is Aim.COST else 1
    return Plan(
        activities=taken,
        filled={area: round(min(credits, sums[area]), DECIMALS) for area, credits in left.items()},
        credits=round(math.fsum(one.credits for one in taken), DECIMALS),
        cost=sum(_amount(one, Aim.COST) for one in taken) / HUNDREDTHS,
        minutes=sum(one.minutes for one in taken),
        value=value / unit,
        bound=(value - slack) / unit,
    )
