"""The plan, beside every set of activities there is: least cost, least time, fewest, with locks."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from ssa_engine.core.activities import Activity
from ssa_engine.core.plans import Aim, Plan, plan, steps
from tests.catalogue import activity

AREAS = ("dose", "form", "neck")
Key = tuple[Fraction, Fraction]


def offered(code: str, cost: float, minutes: int, **counts: float) -> Activity:
    """An activity of this code, whose number is made of it."""
    worth = sum(counts.values()) or 1.0
    return activity(
        code, counts, id=int(code.strip("abcdefghijklmnopqrstuvwxyz-")), cost=cost, minutes=minutes, credits=worth
    )


def drawn(chance: random.Random, many: int) -> list[Activity]:
    """Activities with credits in quarters, whole costs (some free) and lengths in quarters of an hour."""
    return [
        offered(
            f"a-{number}",
            float(chance.choice((0, 0, 10, 15, 20, 35, 60))),
            15 * chance.randint(1, 12),
            **{area: chance.randint(1, 8) / 4 for area in AREAS if chance.random() < 0.45},
        )
        for number in range(1, many + 1)
    ]


def amount(one: Activity, aim: Aim) -> Fraction:
    return {Aim.COST: Fraction(str(one.cost)), Aim.TIME: Fraction(one.minutes), Aim.FEWEST: Fraction(1)}[aim]


def key(some: Iterable[Activity], aim: Aim) -> Key:
    """What a set has of the aim, and of what breaks ties: time for cost, cost for the others."""
    chosen, second = list(some), Aim.TIME if aim is Aim.COST else Aim.COST
    return sum((amount(one, aim) for one in chosen), Fraction()), sum(
        (amount(one, second) for one in chosen), Fraction()
    )


def filled(some: Iterable[Activity], left: Mapping[str, float]) -> dict[str, Fraction]:
    chosen = list(some)
    return {
        area: min(
            Fraction(str(credits)), sum((Fraction(str(one.counts_in("CT").get(area, 0))) for one in chosen), Fraction())
        )
        for area, credits in left.items()
    }


def every_set(
    activities: Sequence[Activity], inside: Collection[int], out: Collection[int]
) -> Iterable[list[Activity]]:
    """Every set that has all that is locked in and nothing that is locked out."""
    fixed = [one for one in activities if one.id in inside]
    free = [one for one in activities if one.id not in inside and one.id not in out]
    for size in range(len(free) + 1):
        for some in itertools.combinations(free, size):
            yield [*fixed, *some]


def best_of(sets: Iterable[list[Activity]], left: Mapping[str, float], aim: Aim) -> tuple[dict[str, Fraction], Key]:
    """What can be filled at most, and the least of what that takes."""
    found = [(filled(some, left), key(some, aim)) for some in sets]
    most = {area: max(fills[area] for fills, _ in found) for area in left}
    return most, min(costs for fills, costs in found if fills == most)


def ids(made: Plan) -> set[int]:
    return {one.id for one in made.activities}


def case_of(
    seed: int, *, quarters: int = 16, least: int = 1
) -> tuple[dict[str, float], list[Activity], dict[str, set[int]]]:
    """A prescription of up to three areas, activities and locks."""
    chance = random.Random(seed)
    left = {area: chance.randint(1, quarters) / 4 for area in AREAS if chance.random() < 0.8} or {"dose": 1.0}
    activities = drawn(chance, chance.randint(least, 9))
    locks = {one.id: chance.choice(("in", "out", "", "", "", "")) for one in activities}
    return (
        left,
        activities,
        {choice: {one for one, made in locks.items() if made == choice} for choice in ("in", "out")},
    )


@pytest.mark.parametrize("aim", list(Aim))
def test_the_plan_is_the_best_of_every_set_with_locks_and_with_what_cannot_be_filled(aim: Aim) -> None:
    incomplete = 0
    for seed in range(40):
        left, activities, locks = case_of(seed)
        made = plan(left, activities, "CT", aim, locked_in=locks["in"], locked_out=locks["out"], alternatives=0)
        most, least = best_of(every_set(activities, locks["in"], locks["out"]), left, aim)
        best = made.best
        assert {area: Fraction(str(credits)) for area, credits in best.filled.items()} == most, seed
        assert filled(best.activities, left) == most, seed
        assert key(best.activities, aim) == least, seed
        assert (Fraction(str(best.value)), best.gap) == (least[0], 0.0), seed
        assert Fraction(str(best.cost)) == sum((amount(one, Aim.COST) for one in best.activities), Fraction())
        assert best.minutes == sum(one.minutes for one in best.activities)
        assert best.credits == pytest.approx(sum(one.credits for one in best.activities), abs=1e-9)
        assert locks["in"] <= ids(best), seed
        assert not locks["out"] & ids(best), seed
        lacking = {
            area: float(Fraction(str(credits)) - most[area])
            for area, credits in left.items()
            if most[area] < Fraction(str(credits))
        }
        assert made.missing == pytest.approx(lacking, abs=1e-12), seed
        incomplete += bool(lacking)
    assert 5 <= incomplete <= 35


@pytest.mark.parametrize("aim", list(Aim))
def test_alternatives_are_the_next_best_of_every_set_that_lacks_something_of_each_before_it(aim: Aim) -> None:
    compared = 0
    for seed in range(100, 120):
        left, activities, locks = case_of(seed, quarters=6, least=7)
        made = plan(left, activities, "CT", aim, locked_in=locks["in"], locked_out=locks["out"], alternatives=3)
        most, _ = best_of(every_set(activities, locks["in"], locks["out"]), left, aim)
        before = [ids(made.best)]
        for other in made.alternatives:
            sets = (
                some
                for some in every_set(activities, locks["in"], locks["out"])
                if filled(some, left) == most and not any(past <= {one.id for one in some} for past in before)
            )
            assert key(other.activities, aim) == min(key(some, aim) for some in sets), seed
            assert filled(other.activities, left) == most, seed
            assert other.value >= made.best.value
            assert not any(past <= ids(other) for past in before)
            before.append(ids(other))
            compared += 1
        if len(made.alternatives) < 3 and ids(made.best) - locks["in"]:
            rest = every_set(activities, locks["in"], locks["out"])
            assert not [
                some
                for some in rest
                if filled(some, left) == most and not any(past <= {one.id for one in some} for past in before)
            ], seed
    assert compared >= 15


def test_a_plan_is_the_same_whatever_the_order_and_whatever_else_is_offered() -> None:
    activities = [*drawn(random.Random(4), 12), offered("b-90", 0, 15, elsewhere=2.0), offered("b-91", 0, 15)]
    left = {"dose": 2.0, "form": 1.5}
    first = plan(left, activities[:12], "CT", Aim.COST)
    for seed in range(5):
        shuffled = random.Random(seed).sample(activities, len(activities))
        again = plan(left, shuffled, "CT", Aim.COST)
        assert [ids(one) for one in (again.best, *again.alternatives)] == [
            ids(one) for one in (first.best, *first.alternatives)
        ]


def test_tenths_that_a_computer_cannot_hold_fill_an_area_exactly() -> None:
    thirds = [offered(f"a-{number}", 10, 30, dose=0.1) for number in (1, 2, 3)]
    made = plan({"dose": 0.3}, thirds, "CT", Aim.COST)
    assert (ids(made.best), made.missing, made.best.filled) == ({1, 2, 3}, {}, {"dose": 0.3})


def test_what_is_locked_in_counts_first_and_costs_what_it_costs() -> None:
    dear, cheap = offered("a-1", 300, 60, dose=1.5), offered("a-2", 5, 60, dose=1.0)
    made = plan({"dose": 2.0}, [cheap, dear], "CT", Aim.COST, locked_in={1})
    assert [one.code for one in made.best.activities] == ["a-1", "a-2"]
    assert (made.best.cost, made.best.value, made.best.bound) == (305.0, 305.0, 305.0)
    parts = [[(part.fills, part.open_after) for part in own] for _, own in steps(made.best, {"dose": 2.0}, "CT")]
    assert parts == [[(1.5, 0.5)], [(0.5, 0.0)]]


def test_locks_that_fill_everything_leave_nothing_to_choose() -> None:
    made = plan(
        {"dose": 1.0}, [offered("a-1", 9, 60, dose=1.5), offered("a-2", 0, 5, dose=3.0)], "CT", Aim.COST, locked_in={1}
    )
    assert (ids(made.best), made.alternatives, made.missing) == ({1}, (), {})


def test_without_any_activity_everything_is_missing() -> None:
    made = plan({"dose": 1.25, "neck": 2.0}, [offered("a-1", 0, 5, form=3.0)], "CT", Aim.TIME)
    assert (made.best.activities, made.alternatives) == ((), ())
    assert made.missing == {"dose": 1.25, "neck": 2.0}
    assert made.best.filled == {"dose": 0.0, "neck": 0.0}


def test_one_area_that_cannot_be_filled_does_not_keep_the_others_from_being_filled_well() -> None:
    activities = [offered("a-1", 20, 30, dose=0.5), offered("a-2", 50, 30, form=1.0), offered("a-3", 30, 30, form=1.0)]
    made = plan({"dose": 2.0, "form": 1.0}, activities, "CT", Aim.COST)
    assert (ids(made.best), made.missing) == ({1, 3}, {"dose": 1.5})
    assert made.best.filled == {"dose": 0.5, "form": 1.0}
    assert [ids(one) for one in made.alternatives] == [{1, 2}]


def test_credits_of_another_discipline_fill_nothing() -> None:
    other = activity("a-7", id=7, distribution={"RAD": {"dose": 2.0}})
    assert plan({"dose": 1.0}, [other], "CT", Aim.COST).missing == {"dose": 1.0}


def large(seed: int, many: int, areas: int) -> tuple[dict[str, float], list[Activity]]:
    """A prescription of so many areas and a catalogue like a real one."""
    chance, names = random.Random(seed), [f"area-{number}" for number in range(areas)]
    found = []
    for number in range(1, many + 1):
        worth = chance.choice((0.5, 1, 1, 1, 1.5, 2, 2, 3, 4, 6, 8))
        counts: dict[str, float] = {}
        for area in chance.sample(names, chance.choice((1, 1, 1, 2, 2, 3))):
            counts[area] = max(0.25, round(4 * worth * chance.uniform(0.1, 0.5)) / 4)
        cost = float(chance.choice((0, 5, 10, 12, 15, 18, 20, 25)) * worth)
        found.append(offered(f"a-{number}", cost, round(worth * chance.choice((50, 55, 60))), **counts))
    return {area: chance.choice((1.0, 1.5, 2.0, 3.0, 4.0)) for area in names}, found


@pytest.mark.parametrize("aim", list(Aim))
def test_a_large_catalogue_is_planned_to_a_proof_and_not_below_its_relaxation(aim: Aim) -> None:
    left, activities = large(3, 2000, 12)
    best = plan(left, activities, "CT", aim, alternatives=0).best
    assert best.filled == left
    assert (best.gap, best.bound) == (0.0, best.value)
    cover = np.array([[one.counts_in("CT").get(area, 0.0) for one in activities] for area in left])
    costs = np.array([float(amount(one, aim)) for one in activities])
    relaxed = linprog(costs, A_ub=-cover, b_ub=-np.array(list(left.values())), bounds=(0, 1))
    assert relaxed.fun is not None
    assert relaxed.fun - 1e-6 <= best.value <= relaxed.fun * 1.5 + float(costs.max())


def test_to_import_the_plan_loads_no_solver() -> None:
    code = "import sys, ssa_engine.core.plans; print(*{'scipy', 'pandas', 'numpy'} & set(sys.modules))"
    done: Any = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == ""
