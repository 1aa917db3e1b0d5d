"""The plan: 2,000 activities over 12 content areas, beside a bare call of the solver."""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from ssa_engine.core.activities import Activity, ActivityFormat
from ssa_engine.core.plans import Aim, plan

ACTIVITIES, AREAS, SEED = 2000, 12, 20260401
HIGHEST_RATIO, HIGHEST_SECONDS = 4.0, 1.0
BLINK = 0.1
"""Below this, the floor has nothing to prove: activities that cost nothing fill everything."""

TEMPLATE = """## Making a plan

{table}

{count:,} simulated activities over {areas} content areas, {credits:g} credits open. The floor is one
`scipy.optimize.milp` with matrices written by hand, which breaks no ties, knows no locks and could not say what is
missing; both prove the same optimum. The plan searches twice, the second time for the tie. Medians of {runs} runs, in
seconds of one processor; a page with two other plans takes {page_s:.2f} s at most. The limits are {seconds:g} s for a
plan, and {ratio:g} times the floor where that takes more than {blink:g} s.
"""


@dataclass(frozen=True)
class Timed:
    """One aim, in seconds."""

    aim: Aim
    plan_s: float
    floor_s: float
    page_s: float
    """With two alternatives."""
    value: float
    floor_value: float
    gap: float


@dataclass(frozen=True)
class Result:
    """All aims."""

    timed: tuple[Timed, ...]
    credits: float
    runs: int


def measure(*, runs: int) -> Result:
    """Time the plan of each aim, the same by a bare call, and with two alternatives."""
    left, activities = catalogue()
    plan({"area-0": 1.0}, activities[:10], "CT", Aim.COST)  # loads the solver
    timed = []
    for aim in Aim:
        own, floor, page = [], [], []
        for _ in range(runs):
            begin = time.process_time()
            made = plan(left, activities, "CT", aim, alternatives=0)
            own.append(time.process_time() - begin)
            begin = time.process_time()
            bare = _bare(left, activities, aim)
            floor.append(time.process_time() - begin)
            begin = time.process_time()
            plan(left, activities, "CT", aim, alternatives=2)
            page.append(time.process_time() - begin)
        medians = statistics.median(own), statistics.median(floor), statistics.median(page)
        timed.append(Timed(aim, *medians, made.best.value, bare, made.best.gap))
    return Result(tuple(timed), sum(left.values()), runs)


def section(result: Result) -> str:
    """Return what was measured as a section of the page."""
    rows = [
        f"| {one.aim.value} | {one.plan_s:.3f} | {one.floor_s:.3f} | {one.plan_s / one.floor_s:.2f} | {one.gap:.0%} |"
        for one in result.timed
    ]
    table = "\n".join(("| least | plan, s | floor, s | ratio | gap |", "| --- | --- | --- | --- | --- |", *rows))
    return TEMPLATE.format(
        table=table,
        count=ACTIVITIES,
        areas=AREAS,
        credits=result.credits,
        runs=result.runs,
        page_s=max(one.page_s for one in result.timed),
        seconds=HIGHEST_SECONDS,
        ratio=HIGHEST_RATIO,
        blink=BLINK,
    )


def problems(result: Result) -> list[str]:
    """Say which limits are not kept."""
    found = []
    for one in result.timed:
        if abs(one.value - one.floor_value) > 1e-6 or one.gap:
            found.append(f"The plan of least {one.aim.value} has {one.value:g}, a bare call {one.floor_value:g}.")
        if one.plan_s > HIGHEST_SECONDS:
            found.append(f"The plan of least {one.aim.value} takes {one.plan_s:.2f} s; {HIGHEST_SECONDS:g} s is due.")
        if one.floor_s > BLINK and one.plan_s > HIGHEST_RATIO * one.floor_s:
            found.append(
                f"The plan of least {one.aim.value} takes {one.plan_s / one.floor_s:.1f} × a bare call; at most "
                f"{HIGHEST_RATIO:g} × is allowed."
            )
    return found


def catalogue() -> tuple[dict[str, float], list[Activity]]:
    """Return a prescription and a catalogue like a real one: many small activities, few large ones."""
    chance, names = random.Random(SEED), [f"area-{number}" for number in range(AREAS)]
    activities = []
    for number in range(1, ACTIVITIES + 1):
        credits = chance.choice((0.5, 1, 1, 1, 1.5, 2, 2, 3, 4, 6, 8))
        counts = {
            area: max(0.25, round(4 * credits * chance.uniform(0.1, 0.33)) / 4)
            for area in chance.sample(names, chance.choice((1, 1, 1, 2, 2, 3)))
        }
        activities.append(
            Activity(
                number,
                f"A-{number}",
                f"Simulated {number}",
                "Simulated",
                ActivityFormat.ONLINE,
                credits,
                round(credits * chance.choice((50, 55, 60))),
                float(chance.choice((0, 5, 10, 12, 15, 18, 20, 25)) * credits),
                None,
                None,
                "",
                True,
                "",
                {"CT": counts},
            )
        )
    return {area: chance.choice((1.0, 1.5, 2.0, 3.0, 4.0)) for area in names}, activities


def _bare(left: dict[str, float], activities: list[Activity], aim: Aim) -> float:
    """Return the optimum by one call of the solver with matrices written by hand."""
    amounts = {
        Aim.COST: [one.cost for one in activities],
        Aim.TIME: [float(one.minutes) for one in activities],
        Aim.FEWEST: [1.0] * len(activities),
    }[aim]
    cover = np.array(
        [[min(one.distribution["CT"].get(area, 0.0), need) for one in activities] for area, need in left.items()]
    )
    found = milp(
        np.array(amounts),
        integrality=np.ones(len(activities), dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(cover, np.array(list(left.values())), np.inf),
        options={"mip_rel_gap": 0.0},
    )
    assert found.fun is not None
    return float(found.fun)
