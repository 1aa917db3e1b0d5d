"""Decisions by expected loss: the rule as policy data, what decisions cost, and scores compared on one loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.special import expit

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import DecisionRule, Policy
from ssa_engine.core.prescriptions import decide, prescribe
from ssa_engine.core.psychometrics.matrix import response_matrix
from ssa_engine.core.psychometrics.subscores.estimates import observed_subscores
from ssa_engine.core.psychometrics.subscores.expected_loss import by_raw_score, compare_losses, decision_loss
from ssa_engine.core.psychometrics.subscores.probability_checks import check_probabilities
from ssa_engine.core.psychometrics.subscores.true_scores import below_by_beta_binomial, below_by_normal, cohort_priors
from ssa_engine.core.psychometrics.subscores.true_scores_irt import below_by_irt
from ssa_engine.core.scoring import score_areas
from tests.reference import published

PER_ITEM = {"rule": "per_item", "credits": 1.5}


def rule_of(**settings: Any) -> DecisionRule:
    return DecisionRule.model_validate({"rule": "expected_loss", **settings})


def band(low: float, high: float, rule: str) -> dict[str, object]:
    return {"low": low, "high": high, "rule": rule}


def policy_of(decision: dict[str, object] | None = None, **credits: object) -> Policy:
    """Return a policy of three areas, standard .7."""
    document: dict[str, object] = {"standards": dict.fromkeys("abc", 0.7), "credits": {**PER_ITEM, **credits}}
    return Policy.model_validate(document | ({"decision": decision} if decision else {}))


def scored(policy: Policy, *correct: int, probability_below: list[float] | None = None) -> pd.DataFrame:
    """Return area scores of one attempt: ten items per area."""
    rows = [("1", "abc"[at], True, place < right) for at, right in enumerate(correct) for place in range(10)]
    scores = score_areas(pd.DataFrame(rows, columns=["attempt_id", "content_area", "scored", "correct"]), policy)
    return scores if probability_below is None else scores.assign(probability_below=probability_below)


def test_a_policy_decides_by_raw_scores_unless_it_says_otherwise() -> None:
    policy = policy_of()
    assert policy.decision == DecisionRule(rule="raw", loss_ratio=1.0, indeterminate=None)
    stored = policy.model_dump_json(exclude={"decision"})  # as policies were stored before there were decision rules
    assert Policy.model_validate_json(stored) == policy
    assert Policy.model_validate_json(policy.model_dump_json()) == policy


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        ({"loss_ratio": 0}, "greater than 0"),
        ({"loss_ratio": float("inf")}, "finite number"),
        ({"rule": "gut feeling"}, "'raw', 'augmented', 'irt' or 'expected_loss'"),
        ({"indeterminate": band(0.6, 0.4, "prescribe")}, r"low \(0.6\) must be less than high \(0.4\)"),
        ({"indeterminate": band(0.5, 0.5, "prescribe")}, r"low \(0.5\) must be less than high \(0.5\)"),
        ({"indeterminate": band(-0.1, 0.6, "prescribe")}, "greater than or equal to 0"),
        ({"indeterminate": band(0.4, 1.1, "prescribe")}, "less than or equal to 1"),
        ({"indeterminate": band(0.4, 0.6, "wait")}, "'prescribe', 'prescribe_half' or 'offer_only'"),
        (
            {"loss_ratio": 3, "indeterminate": band(0.4, 0.6, "offer_only")},
            r"the indeterminate band \(0.4 to 0.6\) must hold 0.25, the probability at which both decisions cost the "
            "same with loss_ratio 3; move the band or change the ratio",
        ),
        ({"threshold": 0.5}, "Extra inputs"),
    ],
)
def test_decision_rules_that_make_no_sense_are_refused_with_a_sentence(
    decision: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        policy_of(decision)


def test_a_band_may_begin_or_end_at_the_threshold() -> None:
    for ratio in (1, 1.5, 2, 3, 4, 9, 0.25):
        at = 1 / (1 + ratio)
        assert rule_of(loss_ratio=ratio, indeterminate=band(round(at, 12), 1, "prescribe_half")).threshold == at
        assert rule_of(loss_ratio=ratio, indeterminate=band(0, round(at, 12), "prescribe_half")).threshold == at


def test_prescribe_where_the_ratio_times_the_probability_below_exceeds_the_probability_above() -> None:
    p = np.array([0.0, 0.2, 0.26, 0.49, 0.51, 1.0])
    assert decide(p, rule_of()).tolist() == ["none"] * 4 + ["prescribe"] * 2
    assert decide(p, rule_of(loss_ratio=3)).tolist() == ["none"] * 2 + ["prescribe"] * 4


def test_where_both_decisions_cost_the_same_nothing_is_prescribed() -> None:
    for ratio in (1, 1.5, 2, 3, 4, 9):
        assert decide(np.array(1 / (1 + ratio)), rule_of(loss_ratio=ratio)).tolist() == "none"


@pytest.mark.parametrize("chosen", ["prescribe", "prescribe_half", "offer_only"])
def test_in_the_band_its_own_rule_decides_ends_included(chosen: str) -> None:
    p = np.array([[0.0, 0.19, 0.2], [0.5, 0.8, 0.81]])
    found = decide(p, rule_of(indeterminate=band(0.2, 0.8, chosen)))
    assert found.tolist() == [["none", "none", chosen], [chosen, chosen, "prescribe"]]


def test_a_missing_probability_is_refused_and_never_decided_in_silence() -> None:
    for wrong in (float("nan"), -0.1, 1.1):
        with pytest.raises(Invalid, match="1 of 2 probabilities"):
            decide(np.array([0.5, wrong]), rule_of())


def test_what_decisions_cost_worked_by_hand() -> None:
    decisions = np.array(["prescribe", "prescribe_half", "offer_only", "none"], dtype=object)
    found = decision_loss(decisions, np.array([0.9, 0.6, 0.4, 0.1]), rule_of(loss_ratio=2))
    # Needless: .1 + .5 (.4); missed: .5 (.6) + .4 + .1; over four decisions.
    assert found.needless == pytest.approx(0.3 / 4)
    assert found.missed == pytest.approx(0.8 / 4)
    assert found.wrong == pytest.approx(1.1 / 4)
    assert found.loss == pytest.approx((0.3 + 2 * 0.8) / 4)
    assert (found.n, found.prescribed, found.half, found.offered) == (4, 0.25, 0.25, 0.25)


def test_given_the_truth_the_cost_is_counted() -> None:
    decisions = by_raw_score(np.array([True, True, False, False]))
    found = decision_loss(decisions, np.array([True, False, True, False]), rule_of(loss_ratio=4))
    assert (found.needless, found.missed, found.wrong, found.loss) == (0.25, 0.25, 0.5, 1.25)


def test_decisions_that_cannot_be_costed_are_refused() -> None:
    one = np.array(["prescribe"], dtype=object)
    for decisions, probability in (
        (one, np.array([0.1, 0.2])),
        (one, np.array([np.nan])),
        (np.array(["perhaps"], dtype=object), np.array([0.1])),
        (np.array([], dtype=object), np.array([])),
    ):
        with pytest.raises(Invalid):
            decision_loss(decisions, probability, rule_of())


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=20),
    st.floats(0.05, 20),
    st.lists(st.sampled_from(["prescribe", "prescribe_half", "none"]), min_size=20, max_size=20),
)
def test_no_other_decisions_are_expected_to_cost_less(p: list[float], ratio: float, others: list[str]) -> None:
    rule, below = rule_of(loss_ratio=ratio), np.array(p)
    best = decision_loss(decide(below, rule), below, rule).loss
    assert best <= decision_loss(np.array(others[: len(p)], dtype=object), below, rule).loss + 1e-8


def test_by_expected_loss_credits_follow_the_decision_and_not_the_raw_score() -> None:
    policy = policy_of({"rule": "expected_loss", "loss_ratio": 1})
    found = prescribe(scored(policy, 6, 4, 8, probability_below=[0.3, 0.9, 0.6]), policy)
    assert found["decision"].tolist() == ["none", "prescribe", "prescribe"]
    assert found["below_standard"].tolist() == [True, True, False]
    assert found["short"].tolist() == [1, 3, 0]
    # Area a is short of the standard and not prescribed; c meets it, is prescribed, and counts as one item short.
    assert found["credits"].tolist() == [0, 4.5, 1.5]


def test_half_of_a_prescription_is_rounded_up_to_the_step_and_an_offer_is_worth_none() -> None:
    for chosen, expected in (("prescribe", 4.5), ("prescribe_half", 2.5), ("offer_only", 0)):
        policy = policy_of({"rule": "expected_loss", "indeterminate": band(0.4, 0.6, chosen)})
        found = prescribe(scored(policy, 4, 4, 9, probability_below=[0.5, 0.7, 0.1]), policy)
        assert found["decision"].tolist() == [chosen, "prescribe", "none"]
        assert found["credits_by_rule"].tolist() == [expected, 4.5, 0]  # half of 4.5 is 2.25, the step .5


def test_half_is_never_more_than_the_whole() -> None:
    limits = {"area_maximum": 0.7, "step": 1.0}
    policy = policy_of({"rule": "expected_loss", "indeterminate": band(0, 1, "prescribe_half")}, **limits)
    assert prescribe(scored(policy, 0, probability_below=[0.5]), policy)["credits"].tolist() == [0.7]


def test_the_cap_holds_for_decisions_too_and_is_filled_by_the_largest_gap_first() -> None:
    policy = policy_of({"rule": "expected_loss"}, total_cap=5.0)
    found = prescribe(scored(policy, 8, 4, 6, probability_below=[0.9, 0.9, 0.9]), policy)
    assert found["credits_by_rule"].tolist() == [1.5, 4.5, 1.5]
    assert found["credits"].tolist() == [0, 4.5, 0.5]


def test_by_raw_scores_the_probability_changes_nothing() -> None:
    policy = policy_of({"rule": "raw", "loss_ratio": 4, "indeterminate": band(0.1, 0.3, "offer_only")})
    scores = scored(policy, 6, 4, 8, probability_below=[0.2, 0.0, 1.0])
    found = prescribe(scores, policy)
    assert found["decision"].tolist() == ["prescribe", "prescribe", "none"]
    assert found["credits"].tolist() == [1.5, 4.5, 0]


Simulated = tuple[pd.DataFrame, dict[str, npt.NDArray[np.float64]], npt.NDArray[np.bool_]]


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    """Six areas of ten items, abilities correlated .8: raw scores, probabilities by several scores, the truth."""
    random = np.random.default_rng(17)
    people, areas, each = 3000, list("abcdef"), 10
    names = [f"{area}{place:02}" for area in areas for place in range(each)]
    items = pd.DataFrame(
        {"a": np.exp(random.normal(0, 0.3, 60)), "b": random.normal(-1.0, 0.9, 60)}, index=pd.Index(names)
    )
    theta = np.sqrt(0.8) * random.normal(size=(people, 1)) + np.sqrt(0.2) * random.normal(size=(people, 6))
    p = expit(items["a"].to_numpy() * (np.repeat(theta, each, axis=1) - items["b"].to_numpy()))
    marked = published.long_of(pd.DataFrame((random.random(p.shape) < p).astype(float), columns=names))
    marked["content_area"] = pd.Categorical(marked["item_id"].str[0], categories=areas)
    standards = dict.fromkeys(areas, 0.7)
    scores = score_areas(marked, Policy.model_validate({"standards": standards, "credits": PER_ITEM}))
    area_of = {name: name[0] for name in names}
    matrix = response_matrix(marked)
    normal = below_by_normal(observed_subscores(marked), standards)
    irt = below_by_irt(matrix, items, area_of, standards)
    alone = below_by_irt(matrix, items, area_of, standards, ability="area")
    probabilities = {
        "uniform": scores["probability_below"].to_numpy(dtype=float),
        "beta_binomial": below_by_beta_binomial(scores, cohort_priors(scores)),
        "wainer": normal.to_numpy().ravel(),
        "irt_overall": irt.to_numpy().ravel(),
        "irt_area": alone.to_numpy().ravel(),
    }
    truth = (p.reshape(people, 6, each).mean(axis=2) < 0.7).ravel()
    return scores, probabilities, truth


def test_scores_that_borrow_from_other_areas_cost_less_than_raw_ones_on_the_same_loss(simulated: Simulated) -> None:
    scores, probabilities, truth = simulated
    raw = scores["below_standard"].to_numpy(dtype=bool)
    for ratio in (1.0, 3.0):
        found = compare_losses(raw, probabilities, truth, rule_of(loss_ratio=ratio))
        assert found.index.tolist() == ["raw", "uniform", "beta_binomial", "wainer", "irt_overall", "irt_area"]
        loss = found["loss"]
        assert loss["wainer"] < loss["beta_binomial"] - 0.02
        assert loss["wainer"] < 0.85 * loss["raw"]
        assert loss["irt_overall"] < loss["irt_area"]
        assert loss["beta_binomial"] <= loss["raw"]
        assert np.isnan(found["expected_loss"]["raw"])
        # What Wainer's probabilities expect to lose is nearly what is lost.
        assert found["expected_loss"]["wainer"] == pytest.approx(loss["wainer"], rel=0.1)
    even = compare_losses(raw, probabilities, truth, rule_of())
    assert 0.15 < even["wrong"]["raw"] < 0.25  # the field's figure: one raw decision in five is wrong
    assert 0.10 < even["wrong"]["wainer"] < 0.17


def test_a_larger_ratio_trades_needless_ce_for_missed_need(simulated: Simulated) -> None:
    scores, probabilities, truth = simulated
    raw = scores["below_standard"].to_numpy(dtype=bool)
    rows = [compare_losses(raw, probabilities, truth, rule_of(loss_ratio=ratio)).loc["wainer"] for ratio in (1, 3, 9)]
    assert [row["needless"] for row in rows] == sorted(row["needless"] for row in rows)
    assert [row["missed"] for row in rows] == sorted((row["missed"] for row in rows), reverse=True)


def test_augmented_probabilities_come_true_in_simulation(simulated: Simulated) -> None:
    _, probabilities, truth = simulated
    checked = {name: check_probabilities(given, truth) for name, given in probabilities.items()}
    assert checked["wainer"].calibration_error < 0.03
    assert checked["irt_area"].calibration_error < 0.015
    assert checked["beta_binomial"].calibration_error < 0.04  # items differ, so binomial error is more than there is
    # One theta for areas that correlate .8 is too sure of itself.
    assert checked["irt_overall"].calibration_error > 2 * checked["wainer"].calibration_error
    assert min(checked, key=lambda name: checked[name].brier) == "wainer"


def test_areas_without_a_probability_are_left_out_and_the_note_says_how_many() -> None:
    truth = np.array([True, False, True])
    found = compare_losses(truth, {"wainer": np.array([0.9, np.nan, 0.2])}, truth, rule_of())
    assert found["n"].tolist() == [3, 2]
    assert found["note"].tolist() == ["", "1 areas have no probability and are left out."]
    assert found["missed"].tolist() == [0, 0.5]
    for wrong in (np.full(3, np.nan), np.array([0.5])):
        with pytest.raises(Invalid, match="wainer"):
            compare_losses(truth, {"wainer": wrong}, truth, rule_of())
