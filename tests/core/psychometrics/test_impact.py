"""What a policy would do: seeds and processes, the simulated truth, and figures that can be worked out otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.integrate import quad

from ssa_engine.core.errors import Invalid
from ssa_engine.core.form_assembly import Form, draw_form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.policies import DecisionRule
from ssa_engine.core.psychometrics.impact import AREA_MEASURES, TOTAL_MEASURES, Impact, simulate_impact
from ssa_engine.core.psychometrics.simulate import Population
from tests.core.banks import bank_of, item_of, policy_of, scoring_bank, spec_of

NO_OMISSION = Population(omission=0.0)
STANDARDS = {"x": 0.6, "y": 0.7}
POLICY = policy_of(STANDARDS, rule="per_item", credits=1.5)


def alike(a: float, b: float, items: int = 10) -> ItemBank:
    """Return two areas whose items all have the same parameters."""
    spec = spec_of({"x": (items, 0), "y": (items, 0)})
    names = [(area, number) for area in "xy" for number in range(items)]
    return bank_of(spec, [item_of(f"{area}{n}", f"1.{area.upper()}.{n % 3 + 1}", a=a, b=b) for area, n in names])


def run(bank: ItemBank, **settings: object) -> Impact:
    chosen = {"candidates": 400, "replications": 12, "seed": 7, "policy": POLICY, "population": NO_OMISSION} | settings
    forms: list[Form] = [draw_form(bank, seed) for seed in (1, 2)]
    return simulate_impact(bank, forms, **chosen)  # type: ignore[arg-type]


def area(found: Impact, name: str) -> pd.DataFrame:
    return found.areas[found.areas["content_area"] == name].set_index("measure")


def number(table: pd.DataFrame, measure: str, column: str = "value") -> float:
    return float(table[column].to_dict()[measure])


def integrated(value: Callable[[float], float]) -> float:
    """Return the mean of a function of a standard normal ability."""
    return float(quad(lambda t: value(t) * stats.norm.pdf(t), -8, 8, epsabs=1e-10, limit=200, points=[0])[0])


def test_the_same_seed_gives_the_same_figures_in_any_number_of_processes() -> None:
    bank = scoring_bank({"x": 6, "y": 6})
    one = run(bank, replications=3, candidates=40)
    two = run(bank, replications=3, candidates=40, processes=2)
    pd.testing.assert_frame_equal(one.areas, two.areas)
    pd.testing.assert_frame_equal(one.total, two.total)
    other = run(bank, replications=3, candidates=40, seed=8)
    assert not one.areas["value"].equals(other.areas["value"])


def test_every_area_and_the_total_have_every_measure_with_its_error() -> None:
    found = run(scoring_bank({"x": 6, "y": 6}))
    assert found.areas["measure"].tolist() == list(AREA_MEASURES) * 2
    assert found.areas["content_area"].tolist() == ["x"] * len(AREA_MEASURES) + ["y"] * len(AREA_MEASURES)
    assert found.total["measure"].tolist() == list(TOTAL_MEASURES)
    assert found.areas["mc_se"].notna().all()
    assert (found.candidates, found.replications) == (400, 12)


def test_shares_agree_with_the_model_integrated_over_ability() -> None:
    # All items alike: the score is binomial given theta, and the true score P(theta) itself.
    a, b, items = 1.3, -0.8, 10
    found = run(alike(a, b), candidates=2000, replications=20)

    def right(theta: float) -> float:
        return 1 / (1 + math.exp(-a * (theta - b)))

    def below(theta: float) -> float:
        return float(stats.binom.cdf(5, items, right(theta)))  # 6 of 10 meet .6

    edge = b + math.log(0.6 / 0.4) / a
    expected = {
        "prescribed_share": integrated(below),
        "need_share": float(stats.norm.cdf(edge)),
        "needless_share": quad(lambda t: below(t) * stats.norm.pdf(t), edge, 8)[0],
        "missed_share": quad(lambda t: (1 - below(t)) * stats.norm.pdf(t), -8, edge)[0],
        "retest_same_share": integrated(lambda t: below(t) ** 2 + (1 - below(t)) ** 2),
        "mean_credits": integrated(
            lambda t: sum(1.5 * (6 - x) * float(stats.binom.pmf(x, items, right(t))) for x in range(6))
        ),
    }
    own = area(found, "x")
    for measure, value in expected.items():
        assert abs(number(own, measure) - value) < 4 * number(own, measure, "mc_se"), measure
    first = expected["prescribed_share"]
    chance = first**2 + (1 - first) ** 2
    kappa = (expected["retest_same_share"] - chance) / (1 - chance)
    assert number(own, "retest_kappa") == pytest.approx(kappa, abs=4 * number(own, "retest_kappa", "mc_se"))


def test_prescribed_and_needed_differ_by_needless_and_missed() -> None:
    for name in STANDARDS:
        own = area(run(scoring_bank({"x": 6, "y": 6})), name)["value"]
        assert own["prescribed_share"] - own["need_share"] == pytest.approx(own["needless_share"] - own["missed_share"])


def test_the_total_adds_up_over_areas() -> None:
    found = run(scoring_bank({"x": 6, "y": 6}))
    total = found.total.set_index("measure")["value"]
    sums = found.areas.groupby("measure")["value"].sum()
    assert total["mean_credits"] == pytest.approx(sums["mean_credits"])
    assert total["mean_areas_prescribed"] == pytest.approx(sums["prescribed_share"])
    assert total["mean_areas_needless"] == pytest.approx(sums["needless_share"])
    assert total["mean_areas_missed"] == pytest.approx(sums["missed_share"])
    quantiles = [total[f"q{at}_credits"] for at in ("05", "25", "50", "75", "95")]
    assert quantiles == sorted(quantiles)


def test_where_the_items_leave_no_chance_every_decision_is_right_and_comes_again() -> None:
    spec = spec_of({"x": (1, 0), "y": (1, 0)})
    bank = bank_of(spec, [item_of(f"{name}1", f"1.{name.upper()}.1", a=1e15, b=0.0) for name in "xy"])
    found = run(bank)
    own, total = area(found, "x")["value"], found.total.set_index("measure")["value"]
    assert (own["needless_share"], own["missed_share"], own["retest_same_share"]) == (0, 0, 1)
    assert own["retest_kappa"] == pytest.approx(1)
    assert (total["retest_sd_credits"], total["retest_same_profile_share"]) == (0, 1)
    assert total["retest_correlation"] == pytest.approx(1)
    assert own["need_share"] == pytest.approx(0.5, abs=4 * math.sqrt(0.25 / (400 * 12)))


def test_a_cap_lowers_credits_and_no_decision() -> None:
    bank = scoring_bank({"x": 6, "y": 6})
    free = run(bank)
    held = run(bank, policy=policy_of(STANDARDS, rule="per_item", credits=1.5, total_cap=2))
    assert number(held.total.set_index("measure"), "q95_credits") <= 2
    decided = ["prescribed_share", "needless_share", "retest_same_share"]
    for name in STANDARDS:
        pd.testing.assert_frame_equal(area(free, name).loc[decided], area(held, name).loc[decided])


def test_a_policy_that_fears_missed_need_prescribes_more() -> None:
    bank = scoring_bank({"x": 6, "y": 6})
    wary = POLICY.model_copy(update={"decision": DecisionRule(rule="expected_loss", loss_ratio=4)})
    raw, careful = area(run(bank), "x")["value"], area(run(bank, policy=wary), "x")["value"]
    assert careful["prescribed_share"] > raw["prescribed_share"]
    assert careful["missed_share"] < raw["missed_share"]
    assert careful["needless_share"] > raw["needless_share"]
    assert careful["need_share"] == raw["need_share"]


def test_the_error_shrinks_with_the_root_of_the_replications() -> None:
    bank = scoring_bank({"x": 6, "y": 6})
    few, many = (run(bank, candidates=50, replications=count) for count in (50, 800))
    ratio = float(np.median(few.total["mc_se"].iloc[:2] / many.total["mc_se"].iloc[:2]))
    assert ratio == pytest.approx(4, rel=0.25)


def test_where_nothing_varies_there_is_no_kappa_but_a_sentence() -> None:
    found = run(scoring_bank({"x": 6, "y": 6}), policy=policy_of({"x": 0.0, "y": 0.0}))
    own = area(found, "x")
    assert math.isnan(number(own, "retest_kappa"))
    assert own.loc["retest_kappa", "note"] == "No value in 12 of 12 replications: nothing varied there."
    assert found.total.set_index("measure").loc["mean_credits", "value"] == 0


def test_one_replication_has_figures_without_errors_and_a_sentence() -> None:
    found = run(scoring_bank({"x": 6, "y": 6}), replications=1)
    assert found.total["value"].notna().all()
    assert found.total["mc_se"].isna().all()
    assert found.total["note"].str.startswith("One replication").all()


def test_what_cannot_be_simulated_is_refused() -> None:
    bank = scoring_bank({"x": 6, "y": 6})
    with pytest.raises(Invalid, match="no standard for: y"):
        run(bank, policy=policy_of({"x": 0.7}))
    with pytest.raises(Invalid, match="at least 2 candidates"):
        run(bank, candidates=1)
