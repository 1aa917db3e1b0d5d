"""Rapid guesses and pairs of sittings too alike: by hand, by enumeration, and in simulated sittings."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import binom

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.health import sittings as sitting_health
from ssa_engine.core.psychometrics.health.sittings import (
    generalised_binomial_test,
    identical_wrong_answers,
    poisson_binomial_tail,
    rapid_thresholds,
    response_time_effort,
)

OPTIONS = np.array(list("bcd"))


def times(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["attempt_id", "item_id", "seconds"])


def of_answers(*sittings: str, key: str = "") -> pd.DataFrame:
    """Return marked answers: one letter an item, '-' where omitted; the key is 'a' unless given."""
    rows = [
        (f"s{number}", f"i{place:02}", None if letter == "-" else letter, letter == (key[place] if key else "a"))
        for number, letters in enumerate(sittings)
        for place, letter in enumerate(letters)
    ]
    return pd.DataFrame(rows, columns=["attempt_id", "item_id", "answer", "correct"])


def of_pair(found: pd.DataFrame, first: str, second: str) -> Any:
    """Return the row of a pair."""
    return found.set_index(["attempt_a", "attempt_b"]).loc[(first, second)]


def simulated(sittings: int, items: int, seed: int) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.float64]]:
    """Return answers of people who work alone (key 'a', wrong options .6, .3, .1), and their probabilities."""
    random = np.random.default_rng(seed)
    probability = expit(random.normal(size=(sittings, 1)) - random.normal(-0.5, 0.8, items))
    wrong = OPTIONS[random.choice(3, (sittings, items), p=[0.6, 0.3, 0.1])]
    return np.where(random.random((sittings, items)) < probability, "a", wrong), probability


def test_normative_thresholds_are_a_tenth_of_the_mean_and_ten_seconds_at_most() -> None:
    found = rapid_thresholds(
        times(("1", "A", 30), ("2", "A", 50), ("1", "B", 150), ("2", "B", 90), ("1", "C", math.nan))
    )
    assert found["threshold"].tolist()[:2] == [4.0, 10.0]
    assert math.isnan(found["threshold"]["C"])
    assert found["note"].tolist() == ["", "", "No time on this item is known."]


def test_a_fixed_threshold_is_the_same_for_all() -> None:
    found = rapid_thresholds(times(("1", "A", 30), ("1", "B", 500)), method="fixed", seconds=5)
    assert found["threshold"].tolist() == [5, 5]


def test_effort_is_the_share_of_items_that_were_not_guessed_rapidly() -> None:
    rows = [("slow", f"i{i}", 40.0) for i in range(10)]
    rows += [("quick", f"i{i}", 40.0 if i < 8 else 1.0) for i in range(10)]
    rows += [("edge", f"i{i}", 40.0 if i else 3.0) for i in range(9)] + [("none", "i0", math.nan)]
    measured = times(*rows)
    found = response_time_effort(measured, rapid_thresholds(measured, method="fixed"))
    assert found["items"].to_dict() == {"slow": 10, "quick": 10, "edge": 9, "none": 0}
    assert found["rapid"].to_dict() == {"slow": 0, "quick": 2, "edge": 0, "none": 0}  # 3 s is not below 3 s
    assert found["effort"].tolist()[:3] == [1.0, 0.8, 1.0]
    assert found["low_effort"].tolist() == [False, True, False, False]
    assert found.loc["none", "note"] == "No time of this sitting is known."


def test_times_that_are_unknown_or_negative_are_refused() -> None:
    with pytest.raises(Invalid, match="No response time is known"):
        rapid_thresholds(times(("1", "A", math.nan)))
    with pytest.raises(Invalid, match="below 0"):
        rapid_thresholds(times(("1", "A", -1.0)))


def test_the_tail_is_that_of_the_binomial_where_chances_are_equal() -> None:
    chances = np.full((4, 30), 0.3)
    least = np.array([0, 9, 20, 30])
    np.testing.assert_allclose(poisson_binomial_tail(chances, least), binom.sf(least - 1, 30, 0.3), rtol=1e-10)


def test_the_tail_is_that_of_all_outcomes_enumerated() -> None:
    chances = np.array([0.0, 0.2, 0.5, 0.9, 1.0])
    expected = 0.0
    for outcome in itertools.product([0, 1], repeat=5):
        if sum(outcome) >= 3:
            expected += math.prod(c if o else 1 - c for c, o in zip(chances, outcome, strict=True))
    assert poisson_binomial_tail(chances[None], np.array([3]))[0] == pytest.approx(expected, abs=1e-14)


def test_a_pair_of_identical_wrong_answers_by_hand() -> None:
    # Wrong answers: items 1 and 2 b, b and c (shares 2/3, 1/3, alike with 5/9), item 3 b and b and b (alike for sure).
    # Nobody compares the omission, nor the right answers of item 4.
    marked = of_answers("bbba-", "bbba-", "ccbac")
    found = identical_wrong_answers(marked, level=1.1)
    pair = of_pair(found, "s0", "s1")
    assert (pair["items"], pair["alike"]) == (3, 3)
    assert pair["expected"] == pytest.approx(5 / 9 + 5 / 9 + 1)
    assert pair["p"] == pytest.approx(25 / 81)
    assert pair["p_adjusted"] == pytest.approx(3 * 25 / 81)
    assert found.attrs["pairs"] == 3


def test_option_shares_may_be_given() -> None:
    shares = pd.DataFrame({"item_id": ["i00", "i00", "i01"], "answer": ["b", "c", "b"], "share": [0.5, 0.5, 1.0]})
    pair = identical_wrong_answers(of_answers("ba", "ba"), shares=shares, level=1.1).iloc[0]
    assert pair["p"] == 0.5
    with pytest.raises(Invalid, match="no option shares"):
        identical_wrong_answers(of_answers("ba", "ba"), shares=shares[shares["item_id"] == "i01"])


def test_copied_sittings_are_named_and_those_who_worked_alone_are_not() -> None:
    answers, probability = simulated(300, 80, seed=11)
    low = np.argsort((answers == "a").sum(axis=1))[:2]  # with enough wrong answers to tell
    answers[low[1]] = answers[low[0]]
    marked = of_answers(*("".join(row) for row in answers))
    copied = {f"s{low[0]}", f"s{low[1]}"}
    table = pd.DataFrame(probability, marked["attempt_id"].unique(), marked["item_id"].unique())
    wrong = (answers != "a").astype(int)
    both_wrong = int(((wrong @ wrong.T)[np.triu_indices(300, 1)] > 0).sum())
    for found, pairs in (
        (identical_wrong_answers(marked), both_wrong),
        (generalised_binomial_test(marked, table), 300 * 299 / 2),
    ):
        assert [set(pair) for pair in found[["attempt_a", "attempt_b"]].to_numpy()] == [copied]
        assert found["p_adjusted"].iloc[0] < 1e-3
        assert found.attrs["pairs"] == pairs


def test_those_who_worked_alone_have_p_values_no_smaller_than_chance_gives() -> None:
    answers, probability = simulated(150, 60, seed=12)
    marked = of_answers(*("".join(row) for row in answers))
    table = pd.DataFrame(probability, marked["attempt_id"].unique(), marked["item_id"].unique())
    pairs = 150 * 149 / 2
    for found in (
        identical_wrong_answers(marked, level=math.inf),
        generalised_binomial_test(marked, table, level=math.inf),
    ):
        for cut in (0.01, 0.05, 0.2):
            # A discrete tail is below the cut less often than the cut says.
            assert cut / 5 < (found["p"] < cut).sum() / pairs < cut * 1.15


def test_to_look_at_far_pairs_only_loses_none_of_those_named(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, _ = simulated(120, 40, seed=13)
    for copy in range(6):
        answers[copy * 2 + 1, : 30 + copy] = answers[copy * 2, : 30 + copy]
    marked = of_answers(*("".join(row) for row in answers))
    everything = identical_wrong_answers(marked)
    monkeypatch.setattr(sitting_health, "SCREENED_FROM", 10)
    monkeypatch.setattr(sitting_health, "BLOCK", 7)
    pd.testing.assert_frame_equal(identical_wrong_answers(marked), everything)
    assert len(everything) > 0


def test_the_generalised_binomial_test_counts_right_answers_too() -> None:
    # Both right on both items with P .8 and .5: alike with .64 and .25 there, wrong answers alike with .04 and .25.
    marked = of_answers("aab", "aac", "bbb")
    table = pd.DataFrame([[0.8, 0.5, 0.5]] * 3, index=["s0", "s1", "s2"], columns=["i00", "i01", "i02"])
    pair = of_pair(generalised_binomial_test(marked, table, level=1.1), "s0", "s1")
    first, second, third = 0.64 + 0.04, 0.25 + 0.25, 0.25 + 0.25 * (4 / 9 + 1 / 9)
    assert (pair["items"], pair["alike"]) == (3, 2)
    assert pair["expected"] == pytest.approx(first + second + third)
    two = first * second * (1 - third) + first * (1 - second) * third + (1 - first) * second * third
    assert pair["p"] == pytest.approx(two + first * second * third)


def test_sittings_that_share_no_item_are_no_pair() -> None:
    marked = pd.concat([of_answers("bb").iloc[:2], of_answers("", "bb").assign(item_id=["x", "y"])])
    found = identical_wrong_answers(marked, level=1.1)
    assert len(found) == 0
    assert found.attrs["pairs"] == 0


def test_where_nobody_answered_wrongly_no_pair_is_named() -> None:
    found = identical_wrong_answers(of_answers("aa", "aa"), level=1.1)
    assert len(found) == 0


def test_one_sitting_alone_and_missing_probabilities_are_refused() -> None:
    with pytest.raises(Invalid, match="fewer than two"):
        identical_wrong_answers(of_answers("ab"))
    with pytest.raises(Invalid, match="no probability"):
        generalised_binomial_test(of_answers("ab", "ab"), pd.DataFrame({"i00": [0.5, 0.5]}, index=["s0", "s1"]))
