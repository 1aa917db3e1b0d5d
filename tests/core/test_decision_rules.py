"""Decisions under each rule: what they go by, what is needed for them, and what always holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ssa_engine.core.errors import Invalid
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.policies import Augmentation, Band, CreditRule, DecisionRule, IndeterminateBand, Policy
from ssa_engine.core.prescriptions import credits_of, decide, prescribe, score_responses
from ssa_engine.core.score_models import augmented_scores, expected_scores
from ssa_engine.core.scoring import score_areas
from tests.core.banks import bank_of, item_of, scoring_bank, spec_of, topic_code

STANDARDS = {"x": 0.7, "y": 0.6, "z": 0.8}
POPULATION = Augmentation(
    areas=("x", "y", "z"),
    means=(0.7, 0.65, 0.75),
    true_covariance=((0.03, 0.02, 0.02), (0.02, 0.03, 0.02), (0.02, 0.02, 0.03)),
    error_variances=(0.2, 0.2, 0.2),
)
CREDITS = CreditRule(rule="bands", bands=(Band(short=1, credits=3), Band(short=3, credits=4.5)), total_cap=9)


def policy_by(credits: CreditRule = CREDITS, **decision: Any) -> Policy:
    """Return a policy with this decision rule."""
    return Policy(standards=STANDARDS, credits=credits, decision=DecisionRule(**decision), augmentation=POPULATION)


def scores_of(policy: Policy, *attempts: tuple[int, int, int], items: int = 10) -> pd.DataFrame:
    """Return area scores from the numbers correct of each attempt in x, y and z."""
    rows = [
        (attempt, area, True, number < correct)
        for attempt, counts in enumerate(attempts)
        for area, correct in zip(STANDARDS, counts, strict=True)
        for number in range(items)
    ]
    return score_areas(pd.DataFrame(rows, columns=["attempt_id", "content_area", "scored", "correct"]), policy)


def parametrized_bank(*, without: str = "") -> ItemBank:
    """Return a bank of four items each in x, y and z, keys a, with parameters for all but one."""
    spec = spec_of(dict.fromkeys("xyz", (4, 0)))
    items = [
        item_of(
            f"{area}-{number}",
            topic_code(area, 1),
            key="a",
            a=None if f"{area}-{number}" == without else 0.8 + 0.2 * number,
            b=number / 2 - 1,
        )
        for area in "xyz"
        for number in range(4)
    ]
    return bank_of(spec, items)


def responses_of(*attempts: str) -> pd.DataFrame:
    """Return responses from twelve letters an attempt, in the order of the items."""
    names = [f"{area}-{number}" for area in "xyz" for number in range(4)]
    rows = [(f"A{n}", name, mark) for n, marks in enumerate(attempts) for name, mark in zip(names, marks, strict=True)]
    return pd.DataFrame(rows, columns=["attempt_id", "item_id", "answer"])


def test_by_the_raw_score_areas_below_their_standard_are_prescribed() -> None:
    policy = policy_by(rule="raw")
    found = prescribe(scores_of(policy, (6, 6, 8), (7, 5, 10)), policy)
    assert found["decision"].tolist() == ["prescribe", "none", "none", "none", "prescribe", "none"]
    assert found["credits"].tolist() == [3, 0, 0, 0, 3, 0]


def test_by_augmented_scores_the_other_areas_may_lift_a_score_over_its_standard_and_pull_it_below() -> None:
    policy = policy_by(rule="augmented")
    scores = scores_of(policy, (6, 10, 10), (7, 2, 2))
    estimates, _ = augmented_scores([[6, 10, 10], [7, 2, 2]], np.full((2, 3), 10), POPULATION)
    assert (estimates[0, 0] > 0.7, estimates[1, 0] < 0.7) == (True, True)
    found = prescribe(scores, policy)
    assert found["decision"].tolist() == ["none", "none", "none", "prescribe", "prescribe", "prescribe"]
    np.testing.assert_allclose(found["estimate"], estimates.ravel(), rtol=0, atol=1e-15)
    # An area whose points meet the standard counts as one short; y is 4 short, z 6; the cap of 9 leaves x nothing.
    assert found["short"].tolist() == [1, 0, 0, 0, 4, 6]
    assert found["credits_by_rule"].tolist() == [0, 0, 0, 3, 4.5, 4.5]
    assert found["credits"].tolist() == [0, 0, 0, 0, 4.5, 4.5]
    assert ((found["probability_below"] > 0.5) == (found["decision"] == "prescribe")).all()


def test_by_item_response_theory_the_score_expected_on_one_s_own_items_decides() -> None:
    policy, bank = policy_by(rule="irt"), parametrized_bank()
    found = score_responses(responses_of("aaabaaaaaaaa", "aaabbbbbbbbb", "aaaabbbbbbbb"), bank, policy)
    estimates = found["estimate"].to_numpy().reshape(3, 3)
    below = np.where(estimates < list(STANDARDS.values()), "prescribe", "none")
    assert found["decision"].tolist() == below.ravel().tolist()
    # 3 of 4 in x meets its standard of 3; who has all else right is estimated higher, who has nothing else lower.
    assert (estimates[0, 0] > 0.75, estimates[1, 0] < 0.7, estimates[1, 0] < estimates[2, 0]) == (True,) * 3
    assert found["below_standard"].tolist()[:6:3] == [False, False]
    assert found["decision"].tolist()[:6:3] == ["none", "prescribe"]


@pytest.mark.parametrize("model", ["augmented", "irt"])
def test_expected_loss_takes_the_probability_of_its_own_score(model: str) -> None:
    policy, bank = policy_by(rule="expected_loss", probability=model, loss_ratio=3), parametrized_bank()
    by_score = policy_by(rule=model)
    answers = responses_of("aaabaaaaaaaa", "aaabbbbbbbbb", "abababababab")
    found, other = score_responses(answers, bank, policy), score_responses(answers, bank, by_score)
    assert found["probability_below"].tolist() == other["probability_below"].tolist()
    expected = np.where(found["probability_below"] > 0.25, "prescribe", "none")
    assert found["decision"].tolist() == expected.tolist()
    counted = score_responses(answers, bank, policy_by(rule="expected_loss", loss_ratio=3))
    assert np.abs(found["probability_below"] - counted["probability_below"]).max() > 0.05


def test_who_is_scored_alone_gets_what_is_theirs_among_many() -> None:
    bank, chance = parametrized_bank(), np.random.default_rng(8)
    answers = responses_of(*("".join(chance.choice(list("aabc"), 12)) for _ in range(40)))
    for rule in ("augmented", "irt"):
        policy = policy_by(rule=rule)
        together = score_responses(answers, bank, policy)
        parts = [score_responses(answers[answers["attempt_id"] == f"A{number}"], bank, policy) for number in range(40)]
        alone = pd.concat(parts).sort_values("attempt_id", kind="stable", ignore_index=True)
        pd.testing.assert_frame_equal(alone, together, check_exact=True)


def test_a_score_that_the_rule_lacks_is_asked_for() -> None:
    policy = policy_by(rule="irt")
    with pytest.raises(Invalid, match=r"^Areas are decided by item response theory, and not all of these scores have"):
        prescribe(scores_of(policy, (6, 6, 8)), policy)
    with pytest.raises(Invalid, match=r"these items have no a and b in the bank: y-2\."):
        score_responses(responses_of("aaaaaaaaaaaa"), parametrized_bank(without="y-2"), policy)
    with pytest.raises(Invalid, match="these items have no a and b in the bank"):
        score_responses(
            pd.DataFrame({"attempt_id": 1, "item_id": ["x-0"], "answer": ["a"]}), scoring_bank({"x": 1}), policy
        )


def test_a_policy_by_augmented_scores_carries_its_population() -> None:
    for decision in ({"rule": "augmented"}, {"rule": "expected_loss", "probability": "augmented"}):
        with pytest.raises(ValidationError, match="so the policy needs an 'augmentation'"):
            Policy.model_validate({"standards": STANDARDS, "credits": CREDITS, "decision": decision})
        with pytest.raises(ValidationError, match="the augmentation has no figures for w; estimate it again"):
            Policy.model_validate(
                {"standards": {**STANDARDS, "w": 0.5}, "credits": CREDITS, "decision": decision,
                 "augmentation": POPULATION}
            )  # fmt: skip
    assert Policy.model_validate_json(policy_by(rule="augmented").model_dump_json()) == policy_by(rule="augmented")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"areas": ("x", "x", "z")}, "names an area twice"),
        ({"means": (0.5, 0.5)}, "names 3 areas, so it needs 3 means"),
        ({"true_covariance": ((0.1, 0, 0), (0, 0.1, 0))}, "3 rows of 3 covariances"),
        ({"true_covariance": ((0.1, 0.05, 0), (0, 0.1, 0), (0, 0, 0.1))}, "the same above and below the diagonal"),
        ({"error_variances": (0.2, 0.2, 0)}, "greater than 0"),
        ({"means": (0.5, 0.5, 1.5)}, "less than or equal to 1"),
    ],
)
def test_a_population_that_does_not_fit_together_is_refused(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Augmentation.model_validate(POPULATION.model_dump() | changes)


RULES = st.sampled_from(
    [
        {"rule": "raw"},
        {"rule": "augmented"},
        {"rule": "expected_loss", "loss_ratio": 2.5},
        {"rule": "expected_loss", "probability": "augmented", "loss_ratio": 0.5},
        {"rule": "expected_loss", "indeterminate": {"low": 0.3, "high": 0.6, "rule": "prescribe_half"}},
        {
            "rule": "expected_loss",
            "probability": "augmented",
            "indeterminate": {"low": 0.2, "high": 0.7, "rule": "offer_only"},
        },
    ]
)


@settings(max_examples=80)
@given(RULES, st.lists(st.tuples(*[st.integers(0, 10)] * 3), min_size=1, max_size=5), st.integers(0, 2))
def test_whatever_the_rule_one_more_point_never_raises_the_credits_of_its_area(
    decision: dict[str, Any], attempts: list[tuple[int, int, int]], area: int
) -> None:
    policy = policy_by(CREDITS.model_copy(update={"total_cap": None}), **decision)
    more = [tuple(min(10, n + (place == area)) for place, n in enumerate(counts)) for counts in attempts]
    before, after = (prescribe(scores_of(policy, *counts), policy) for counts in (attempts, more))
    own = (before["content_area"] == list(STANDARDS)[area]).to_numpy()
    assert (after["credits"].to_numpy()[own] <= before["credits"].to_numpy()[own]).all()


@settings(max_examples=80)
@given(RULES, st.lists(st.tuples(*[st.integers(0, 10)] * 3), min_size=1, max_size=5))
def test_whatever_the_rule_the_decision_alone_says_who_gets_credits(
    decision: dict[str, Any], attempts: list[tuple[int, int, int]]
) -> None:
    policy = policy_by(**decision)
    found = prescribe(scores_of(policy, *attempts), policy)
    full = credits_of(np.maximum(found["short"].to_numpy(), 1), policy.credits)
    by_rule, made = found["credits_by_rule"].to_numpy(), found["decision"].to_numpy(dtype=object)
    assert (by_rule[made == "prescribe"] == full[made == "prescribe"]).all()
    halves = by_rule[made == "prescribe_half"]
    assert (halves >= full[made == "prescribe_half"] / 2).all()
    assert (halves < full[made == "prescribe_half"] / 2 + policy.credits.step).all()
    assert (by_rule[(made == "none") | (made == "offer_only")] == 0).all()
    assert (found["credits"] <= found["credits_by_rule"]).all()
    assert (found.groupby("attempt_id")["credits"].sum() <= 9).all()


BANDS = st.sampled_from(["prescribe", "prescribe_half", "offer_only"])


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.05, 20), BANDS)
def test_a_higher_probability_of_lying_below_never_asks_for_less(
    low: float, high: float, ratio: float, rule: Any
) -> None:
    order = {"none": 0, "offer_only": 1, "prescribe_half": 2, "prescribe": 3}
    at = 1 / (1 + ratio)
    band = IndeterminateBand(low=at / 2, high=(1 + at) / 2, rule=rule)
    for given_rule in (DecisionRule(loss_ratio=ratio), DecisionRule(loss_ratio=ratio, indeterminate=band)):
        less, more = decide(np.sort([low, high]), given_rule)
        assert order[less] <= order[more]


def test_expected_scores_of_the_bank_s_items_are_those_the_rule_goes_by() -> None:
    bank = parametrized_bank()
    found = score_responses(responses_of("aaabaaababab"), bank, policy_by(rule="irt"))
    marked = pd.DataFrame(
        {
            "attempt_id": "A0",
            "item_id": [f"{area}-{number}" for area in "xyz" for number in range(4)],
            "content_area": list("xxxxyyyyzzzz"),
            "correct": [mark == "a" for mark in "aaabaaababab"],
        }
    )
    parameters = pd.DataFrame(
        {"a": [0.8, 1.0, 1.2, 1.4] * 3, "b": [-1.0, -0.5, 0.0, 0.5] * 3}, index=pd.Index(marked["item_id"])
    )
    expected = expected_scores(marked, parameters, list("xyz"))
    np.testing.assert_allclose(found["estimate"], expected.to_numpy().ravel(), rtol=0, atol=1e-12)
