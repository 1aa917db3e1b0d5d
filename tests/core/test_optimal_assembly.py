"""Form assembly with an optimiser: published optima, exposure, seeds, gaps."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ssa_engine.core.assembly_constraints import (
    Constraints,
    Count,
    Objective,
    Stop,
    Target,
    Total,
    exactly,
)
from ssa_engine.core.optimal_assembly import assemble_form
from tests.core.assembly_banks import (
    BOTH,
    POINTS,
    PROOF,
    every_form,
    form_of,
    meets,
    refused,
    rows_of,
    simulated,
    small_bank,
    worth,
)
from tests.reference import published


@pytest.mark.parametrize("kept", ["kept apart", "ignored"])
@pytest.mark.parametrize(("name", "objective"), [("maximin", BOTH), ("sum of both points", Total(POINTS))])
def test_optima_agree_with_the_reference(name: str, objective: Objective, kept: str) -> None:
    # HiGHS by scipy.optimize.milp with mip_rel_gap=0, and CBC by pulp with gap 0: expected/assembly.csv
    bank = published.data("bank").rename(columns={"item": "item_id", "area": "content_area"})
    pairs = tuple(published.data("bank_enemies").itertuples(index=False, name=None)) if kept == "kept apart" else ()
    constraints = Constraints(areas={str(area): exactly(5) for area in range(1, 5)}, enemies=pairs)
    found = assemble_form(bank, constraints, objective, stop=PROOF)
    table = published.table("assembly").query("objective == @name and enemies == @kept")
    assert set(table["solver"].str.split().str[0]) == {"HiGHS", "CBC"}
    for optimum in table["optimum"]:
        assert found.objective == pytest.approx(optimum, abs=1e-6)
    assert found.proved
    assert found.gap <= 1e-6
    assert len(found.forms[0]) == 20
    assert not any({one, other} <= set(found.forms[0]) for one, other in pairs)


# exposure


def test_a_penalty_by_past_exposure_is_weighed_against_information() -> None:
    items = small_bank(3).assign(case=None, pilot=False)
    asked = Constraints(length=exactly(4))
    forms = list(every_form(items, asked, longest=4))
    for penalty in (0.1, 1.0):
        best = max(worth(form, BOTH) - penalty * sum(row["exposure"] for row in form) for form in forms)
        found = assemble_form(items, asked, BOTH, exposure_penalty=penalty, stop=PROOF)
        assert found.objective == pytest.approx(best, abs=2e-6)
    target = Target(POINTS, (0.8, 0.6))
    best = min(0.1 * sum(row["exposure"] for row in form) - worth(form, target) for form in forms)
    found = assemble_form(items, asked, target, exposure_penalty=0.1, stop=PROOF)
    assert found.objective == pytest.approx(best, abs=2e-6)


def test_the_penalty_spreads_items_over_candidates() -> None:
    items = simulated(120).assign(exposure=0.0)
    asked = Constraints(length=exactly(12))
    for penalty, most in ((0.0, 10), (1.0, 1)):
        items["exposure"] = 0.0
        for _ in range(10):
            chosen = assemble_form(items, asked, BOTH, exposure_penalty=penalty).forms[0]
            items.loc[items["item_id"].isin(chosen), "exposure"] += 1
        assert items["exposure"].max() == most


# seeds


def test_each_seed_gives_another_form_near_the_optimum_and_the_same_one_again() -> None:
    items = simulated(200)
    asked = Constraints(areas={str(area): exactly(5) for area in range(4)}, enemies=(("q0", "q1"), ("q8", "q9")))
    best = assemble_form(items, asked, BOTH, stop=PROOF)
    forms = [assemble_form(items, asked, BOTH, seed=seed, spread=0.3) for seed in range(8)]
    assert len({form.forms for form in forms}) == 8
    for form in forms:
        assert form.status == "perturbed"
        assert (1 - 0.3) * best.objective <= form.objective <= best.objective + 1e-6
        assert form.best_bound >= best.objective - 1e-6
        assert form.gap == pytest.approx((form.best_bound - form.objective) / form.objective)
    assert min(form.objective for form in forms) < best.objective
    assert assemble_form(items, asked, BOTH, seed=3, spread=0.3).forms == forms[3].forms


def test_more_spread_shares_fewer_items() -> None:
    items, asked = simulated(200), Constraints(length=exactly(20))
    shared = []
    for spread in (0.02, 0.2, 1.0):
        forms = [set(assemble_form(items, asked, BOTH, seed=seed, spread=spread).forms[0]) for seed in range(4)]
        shared.append(np.mean([len(one & other) for one, other in itertools.combinations(forms, 2)]))
    assert shared[0] > shared[1] > shared[2]


def test_a_target_with_a_seed_is_bounded_by_0() -> None:
    items, asked = simulated(80), Constraints(length=exactly(10))
    stop = Stop(absolute_gap=0.05)
    found = [assemble_form(items, asked, Target(POINTS, (2.0, 2.0)), seed=seed, stop=stop) for seed in range(3)]
    assert len({form.forms for form in found}) == 3
    assert all(0 <= form.best_bound <= form.objective < 0.2 * 2 + 0.05 for form in found)


def test_without_information_a_seed_draws_any_form_that_meets_the_constraints() -> None:
    items = small_bank(1).drop(columns=[*POINTS, "exposure"])
    asked = Constraints(length=exactly(4), formats={"number": Count(1, 2)})
    found = [assemble_form(items, asked, seed=seed) for seed in range(10)]
    assert len({form.forms for form in found}) >= 5
    assert all(meets(form_of(form, items), rows_of(items), asked) for form in found)
    assert {(form.objective, form.best_bound, form.gap) for form in found} == {(0.0, 0.0, 0.0)}


# gaps


def test_the_default_gap_is_no_proof_and_says_so() -> None:
    items, asked = simulated(60), Constraints(length=exactly(10))
    usual, proof = assemble_form(items, asked, BOTH), assemble_form(items, asked, BOTH, stop=PROOF)
    assert (usual.status, usual.proved) == ("within gap", False)
    assert "stopped at an allowed gap of 0.0001 of it, which is no proof of optimality." in usual.sentence
    assert usual.gap <= 1e-4 + 1e-9
    assert (proof.status, proof.proved) == ("optimal", True)
    assert proof.sentence == (
        f"The objective is {proof.objective:.6g}, the best bound {proof.objective:.6g}: proved optimal, the search "
        "ended with a gap of 0."
    )


@pytest.mark.parametrize("allowed", [0.3, 0.1, 0.02])
def test_an_absolute_gap_stops_the_search_for_a_target(allowed: float) -> None:
    items, asked = simulated(60), Constraints(length=exactly(10))
    wanted = Target(POINTS, (5.0, 5.0))  # out of reach, so that the least deviation is well above 0
    found = assemble_form(items, asked, wanted, stop=Stop(absolute_gap=allowed))
    best = assemble_form(items, asked, wanted, stop=PROOF)
    assert found.status == "within gap"
    assert found.absolute_gap <= allowed + 1e-6
    assert found.best_bound - 1e-6 <= best.objective <= found.objective + 1e-6
    assert f"at an allowed gap of {allowed:g}, which" in found.sentence


def test_an_absolute_gap_stops_a_maximum_as_well() -> None:
    items, asked = simulated(60), Constraints(length=exactly(10))
    best = assemble_form(items, asked, BOTH, stop=PROOF).objective
    found = assemble_form(items, asked, BOTH, stop=Stop(absolute_gap=0.05))
    assert found.absolute_gap <= 0.05 + 1e-6
    assert found.objective - 1e-6 <= best <= found.best_bound + 1e-6


def test_a_time_limit_is_reported_with_the_gap_that_is_left() -> None:
    items, asked = simulated(400), Constraints(length=exactly(20))
    wanted = Target(("info_1", "info_2", "info_3"), (3.9, 4.1, 4.0))
    items["info_3"] = np.random.default_rng(9).gamma(2, 0.1, 400)
    found = assemble_form(items, asked, wanted, stop=Stop(relative_gap=0, time_limit=4.0))
    assert found.status == "time limit"
    assert found.best_bound < found.objective
    assert found.sentence.endswith("the search was stopped after 4 seconds.")


def test_a_search_without_time_for_a_form_says_so() -> None:
    items = simulated(400)
    reason = refused(items, Constraints(length=exactly(20)), objective=BOTH, stop=Stop(time_limit=1e-9))
    assert "before a form was found or ruled out. Allow more time." in reason.args[0]
