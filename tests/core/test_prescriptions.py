"""Prescriptions: each rule by hand, the cap, and rules that make no sense."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from ssa_engine.core.policies import CreditRule, Policy
from ssa_engine.core.prescriptions import credits_of, prescribe, score_responses
from ssa_engine.core.scoring import score_areas
from tests.core.banks import policy_of, scoring_bank

BANDS = [{"short": 1, "credits": 3}, {"short": 3, "credits": 4.5}, {"short": 5, "credits": 6}]


def credits_for(shorts: list[int], **rule: Any) -> list[float]:
    """Return the credits of one area for each number of items short."""
    found: list[float] = credits_of(np.array(shorts), CreditRule(**rule)).tolist()
    return found


def prescribed(counts: Mapping[str, tuple[int, int]], policy: Policy) -> pd.DataFrame:
    """Prescribe for one attempt from area -> (items, correct)."""
    rows = [(1, area, True, number < correct) for area, (items, correct) in counts.items() for number in range(items)]
    marked = pd.DataFrame(rows, columns=["attempt_id", "content_area", "scored", "correct"])
    return prescribe(score_areas(marked, policy), policy)


def test_a_flat_rule_is_worth_the_same_however_large_the_gap() -> None:
    assert credits_for([0, 1, 2, 7], rule="flat", credits=3) == [0, 3, 3, 3]


def test_a_rule_per_item_is_worth_its_credits_for_each_item_short() -> None:
    assert credits_for([0, 1, 2, 7], rule="per_item", credits=1.5) == [0, 1.5, 3, 10.5]


def test_bands_are_worth_the_last_band_reached() -> None:
    assert credits_for([0, 1, 2, 3, 4, 5, 6, 40], rule="bands", bands=BANDS) == [0, 3, 3, 4.5, 4.5, 6, 6, 6]


@pytest.mark.parametrize(
    ("each", "step", "expected"),
    [
        (0.7, 0.5, [1.0, 1.5, 2.5, 3.0, 3.5]),  # .7 1.4 2.1 2.8 3.5, each up to the next half; 3.5 is one already
        (0.7, 0.1, [0.7, 1.4, 2.1, 2.8, 3.5]),  # multiples of the step stay, though 3 x .7 is 2.0999… in floats
        (0.1, 0.1, [0.1, 0.2, 0.3, 0.4, 0.5]),
        (1.1, 1.0, [2.0, 3.0, 4.0, 5.0, 6.0]),
        (0.25, 0.25, [0.25, 0.5, 0.75, 1.0, 1.25]),
        (0.01, 5.0, [5.0, 5.0, 5.0, 5.0, 5.0]),
    ],
)
def test_credits_go_up_to_a_multiple_of_the_step(each: float, step: float, expected: list[float]) -> None:
    assert credits_for([1, 2, 3, 4, 5], rule="per_item", credits=each, step=step) == expected


def test_credits_are_never_below_the_minimum_where_there_is_a_gap_and_nothing_where_there_is_none() -> None:
    assert credits_for([0, 1, 2, 3], rule="per_item", credits=1, area_minimum=2) == [0, 2, 2, 3]


def test_credits_are_never_above_the_maximum() -> None:
    assert credits_for([0, 1, 2, 3, 9], rule="per_item", credits=2, area_maximum=5) == [0, 2, 4, 5, 5]


def test_the_minimum_and_the_maximum_come_after_the_step() -> None:
    rule: dict[str, Any] = {"rule": "per_item", "credits": 1.1, "step": 1, "area_minimum": 2.25, "area_maximum": 3.75}
    # 1.1 → 2 → 2.25; 2.2 → 3; 3.3 → 4 → 3.75
    assert credits_for([1, 2, 3], **rule) == [2.25, 3, 3.75]


STANDARDS = {"a": 0.7, "b": 0.7, "c": 0.7, "d": 0.7}


def test_a_cap_is_filled_by_the_largest_gap_first() -> None:
    policy = policy_of(STANDARDS, rule="per_item", credits=1, total_cap=8)
    frame = prescribed({"a": (10, 6), "b": (10, 2), "c": (10, 4), "d": (10, 9)}, policy)
    # Short 1, 5, 3, 0, so 9 credits by the rules; b takes 5, c takes 3, nothing is left for a.
    assert frame["short"].tolist() == [1, 5, 3, 0]
    assert frame["credits_by_rule"].tolist() == [1, 5, 3, 0]
    assert frame["credits"].tolist() == [0, 5, 3, 0]


def test_what_is_left_of_a_cap_goes_to_the_area_at_which_it_runs_out() -> None:
    policy = policy_of(STANDARDS, rule="per_item", credits=1.5, total_cap=10)
    frame = prescribed({"a": (10, 5), "b": (10, 2), "c": (10, 4), "d": (10, 6)}, policy)
    # By the rules 3, 7.5, 4.5, 1.5; b 7.5, then c 2.5 of its 4.5.
    assert frame["credits"].tolist() == [0, 7.5, 2.5, 0]


def test_equal_gaps_share_a_cap_in_the_order_of_the_outline() -> None:
    policy = policy_of(STANDARDS, rule="flat", credits=3, total_cap=7)
    counts = {"d": (10, 5), "c": (10, 5), "b": (10, 5), "a": (10, 5)}
    frame = prescribed(counts, policy)
    assert frame["content_area"].tolist() == ["a", "b", "c", "d"]
    assert frame["credits"].tolist() == [3, 3, 1, 0]


def test_gaps_that_differ_only_by_the_rounding_of_floats_are_equal() -> None:
    # .3 - .2 and .8 - .7 are a tenth each; in floats they are .09999999999999998 and .10000000000000009.
    policy = policy_of({"a": 0.3, "b": 0.8, "c": 0.9}, rule="flat", credits=2, total_cap=3)
    frame = prescribed({"a": (10, 2), "b": (10, 7), "c": (10, 8)}, policy)
    assert frame["credits"].tolist() == [2, 1, 0]


def test_the_gap_counts_and_not_the_number_of_items() -> None:
    policy = policy_of(STANDARDS, rule="flat", credits=2, total_cap=2)
    # a: 10 of 20 is .2 below and 4 items short; b: 2 of 5 is .3 below and 2 short.
    frame = prescribed({"a": (20, 10), "b": (5, 2)}, policy)
    assert frame["short"].tolist() == [4, 2]
    assert frame["credits"].tolist() == [0, 2]


@pytest.mark.parametrize("cap", [9.0, 9.5, 100.0, None])
def test_a_cap_that_is_not_reached_changes_nothing(cap: float | None) -> None:
    policy = policy_of(STANDARDS, rule="per_item", credits=1, total_cap=cap)
    frame = prescribed({"a": (10, 6), "b": (10, 2), "c": (10, 4), "d": (10, 9)}, policy)
    assert frame["credits"].tolist() == [1, 5, 3, 0]


def test_a_cap_of_nothing_leaves_nothing() -> None:
    frame = prescribed({"a": (10, 1), "b": (10, 2)}, policy_of(STANDARDS, rule="flat", credits=3, total_cap=0))
    assert frame["credits"].tolist() == [0, 0]


def test_the_cap_of_one_attempt_is_not_spent_by_another() -> None:
    policy = policy_of({"x": 0.9, "y": 0.9}, rule="flat", credits=3, total_cap=4)
    bank = scoring_bank({"x": 1, "y": 1})
    rows = [(attempt, item, "q") for attempt in (1, 2, 3) for item in ("x-0", "y-0")]
    frame = score_responses(pd.DataFrame(rows, columns=["attempt_id", "item_id", "answer"]), bank, policy)
    assert frame["credits"].tolist() == [3, 1, 3, 1, 3, 1]


def test_a_cap_holds_exactly_for_the_last_of_very_many_attempts() -> None:
    # Sums over everybody before must not leave their rounding in anybody's credits.
    areas, attempts = "abcdefg", 100_000
    correct = np.random.default_rng(1).integers(0, 9, attempts * len(areas))
    scores = pd.DataFrame(
        {
            "attempt_id": np.repeat(np.arange(attempts), len(areas)),
            "content_area": pd.Categorical(np.tile(list(areas), attempts)),
            "items": 10,
            "correct": correct,
            "points": correct.astype(float),
            "standard": 0.7,
            "below_standard": correct < 7,
            "gap": np.where(correct < 7, np.round(0.7 - correct / 10, 10), 0.0),
        }
    )
    policy = policy_of(dict.fromkeys(areas, 0.7), rule="per_item", credits=0.7, step=0.1, total_cap=9.1)
    together = prescribe(scores, policy).iloc[-700:]
    alone = prescribe(scores.iloc[-700:], policy)
    assert together["credits"].tolist() == alone["credits"].tolist()


def test_a_prescription_of_nobody_is_empty() -> None:
    frame = prescribed({"a": (10, 1)}, policy_of(STANDARDS, rule="flat", credits=3, total_cap=2)).iloc[:0]
    again = prescribe(frame, policy_of(STANDARDS, rule="flat", credits=3, total_cap=2))
    assert len(again) == 0
    assert list(again.columns)[-3:] == ["short", "credits_by_rule", "credits"]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"rule": "flat"}, "the rule 'flat' needs 'credits'"),
        ({"rule": "per_item"}, "the rule 'per_item' needs 'credits'"),
        ({"rule": "bands"}, "the rule 'bands' needs a list of bands"),
        ({"rule": "bands", "bands": BANDS, "credits": 3}, "takes its credits from the bands"),
        ({"rule": "flat", "credits": 3, "bands": BANDS}, "the rule 'flat' has no bands"),
        ({"rule": "bands", "bands": BANDS[::-1]}, "bands must rise"),
        ({"rule": "bands", "bands": [BANDS[0], BANDS[0]]}, "bands must rise"),
        ({"rule": "bands", "bands": [{"short": 1, "credits": 3}, {"short": 2, "credits": 2}]}, "bands must rise"),
        ({"rule": "bands", "bands": BANDS[1:]}, "the first band must begin at 'short: 1'"),
        ({"rule": "flat", "credits": 3, "area_minimum": 4, "area_maximum": 3}, "area_maximum is below area_minimum"),
        ({"rule": "flat", "credits": -1}, "greater than or equal to 0"),
        ({"rule": "flat", "credits": 3, "step": 0}, "greater than 0"),
        ({"rule": "flat", "credits": 3, "total_cap": -1}, "greater than or equal to 0"),
        ({"rule": "bands", "bands": [{"short": 0, "credits": 3}]}, "greater than or equal to 1"),
        ({"rule": "steps", "credits": 3}, "'flat', 'per_item' or 'bands'"),
        ({"rule": "flat", "credits": 3, "cap": 3}, "Extra inputs are not permitted"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_the_reason(rule: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CreditRule.model_validate(rule)
    assert says in str(caught.value)


@pytest.mark.parametrize("name", ["credits", "step", "area_minimum", "area_maximum", "total_cap"])
@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_rule_takes_only_numbers_that_can_be_earned(name: str, number: float) -> None:
    # JSON has no infinity: a policy with one could be stored and never read again.
    with pytest.raises(ValidationError):
        CreditRule.model_validate({"rule": "flat", "credits": 3, name: number})


@pytest.mark.parametrize("standard", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_standard_is_a_proportion(standard: float) -> None:
    with pytest.raises(ValidationError):
        policy_of({"a": standard})
