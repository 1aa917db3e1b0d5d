"""Classical statistics beside those of the R package psych, and cases worked by hand."""

from __future__ import annotations

import math
from statistics import correlation

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.classical.item_statistics import (
    area_summary,
    item_statistics,
    item_total_correlations,
    omission,
    upper_lower_discrimination,
)
from ssa_engine.core.psychometrics.matrix import response_matrix
from tests.reference import published


def marked(*rows: tuple[int, str, bool, bool | None]) -> pd.DataFrame:
    """Return marked responses from (attempt, item, scored, correct)."""
    return pd.DataFrame(list(rows), columns=["attempt_id", "item_id", "scored", "correct"])


def of_strings(*attempts: str, scored: str = "") -> pd.DataFrame:
    """Return marked responses: '10-' is item A correct, B not, C not presented; items in `scored`, else all."""
    rows = [
        (number, letter, not scored or letter in scored, mark == "1")
        for number, marks in enumerate(attempts)
        for letter, mark in zip("ABCDEF", marks, strict=False)
        if mark != "-"
    ]
    return marked(*rows)


@pytest.mark.parametrize(
    ("name", "data"), [("complete_2pl", "complete_2pl"), ("area1", "area1"), ("subscores_total", "subscores")]
)
def test_item_statistics_equal_those_of_psych(name: str, data: str) -> None:
    """R psych 2.2.9: alpha(x, check.keys = FALSE)$item.stats$r.drop and $raw.r."""
    expected = published.expected(f"{name}_ctt_items")
    wide = published.data(data)
    frame = published.long_of(wide)
    raw = item_total_correlations(frame).loc[expected.index]
    np.testing.assert_allclose(raw, expected["r_raw"], rtol=0, atol=1e-9)
    found = item_statistics(frame).loc[expected.index]
    assert found["n"].tolist() == [len(wide)] * len(wide.columns)
    np.testing.assert_allclose(found["p_value"], expected["p"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found["point_biserial"], expected["r_drop"], rtol=0, atol=1e-9)


def test_the_order_of_rows_does_not_matter() -> None:
    frame = published.long_of(published.data("area1"))
    shuffled = item_statistics(frame.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(item_statistics(frame), shuffled, check_exact=False, rtol=0, atol=1e-12)


def test_items_come_in_the_order_of_their_ids() -> None:
    assert item_statistics(of_strings("101", "010", "110")).index.tolist() == ["A", "B", "C"]


def test_the_rest_score_is_the_proportion_of_what_each_attempt_had() -> None:
    found = item_statistics(of_strings("111-", "10-1", "0-00", "01-0", "1-11", "0010"))
    # Item A: the marks, and the share correct of the others that the attempt had.
    expected = correlation([1, 1, 0, 0, 1, 0], [2 / 2, 1 / 2, 0 / 2, 1 / 2, 2 / 2, 1 / 3])
    assert found.loc["A", "n"] == 6
    assert found.loc["A", "p_value"] == 3 / 6
    assert found.loc["A", "point_biserial"] == pytest.approx(expected, abs=1e-12)
    # Item B: presented in the first, second, fourth and sixth attempt.
    expected = correlation([1, 0, 1, 0], [2 / 2, 2 / 2, 0 / 2, 1 / 3])
    assert found.loc["B", "n"] == 4
    assert found.loc["B", "point_biserial"] == pytest.approx(expected, abs=1e-12)


def test_a_pilot_is_held_against_the_scored_items_and_never_counts_in_a_rest_score() -> None:
    found = item_statistics(of_strings("1110", "1001", "0101", "0010", "1100", "0001", scored="ABC"))
    pilot = correlation([0, 1, 1, 0, 0, 1], [3 / 3, 1 / 3, 1 / 3, 1 / 3, 2 / 3, 0 / 3])
    assert found.loc["D", "point_biserial"] == pytest.approx(pilot, abs=1e-12)
    first = correlation([1, 1, 0, 0, 1, 0], [2 / 2, 0 / 2, 1 / 2, 1 / 2, 1 / 2, 0 / 2])
    assert found.loc["A", "point_biserial"] == pytest.approx(first, abs=1e-12)


def test_an_attempt_without_other_scored_items_has_no_rest_score_and_is_left_out_of_the_correlation() -> None:
    found = item_statistics(of_strings("11", "10", "01", "00", "11", "1-", "1-", "0-"))
    expected = correlation([1, 1, 0, 0, 1], [1, 0, 1, 0, 1])
    assert found.loc["A", "n"] == 8
    assert found.loc["A", "p_value"] == 5 / 8
    assert found.loc["A", "point_biserial"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("attempts", "why"),
    [
        (("11", "10"), "only two attempts"),
        (("11", "00", "1-", "0-"), "only two attempts had another item"),
        (("11", "10", "11", "10"), "nobody missed it"),
        (("01", "11", "01", "11"), "the rest score does not vary"),
        (("1", "0", "1", "0"), "there is no other item"),
    ],
)
def test_a_correlation_that_is_not_defined_is_missing_and_not_zero(attempts: tuple[str, ...], why: str) -> None:
    found = item_statistics(of_strings(*attempts))
    assert math.isnan(float(found["point_biserial"].iloc[0])), why
    share = [marks[0] == "1" for marks in attempts].count(True) / len(attempts)
    assert found["p_value"].iloc[0] == share


def test_a_mark_that_is_missing_is_refused_and_never_left_out_in_silence() -> None:
    frame = marked((1, "A", True, True), (1, "B", True, None), (2, "A", True, False), (2, "B", True, True))
    with pytest.raises(Invalid):
        item_statistics(frame)


def scored_so(*attempts: tuple[str, int]) -> pd.DataFrame:
    """Return responses to item A from its mark and the number of 20 other items that were right."""
    rows = [
        (number, item, True, right)
        for number, (mark, others) in enumerate(attempts)
        for item, right in [("A", mark == "1"), *((f"o{place:02d}", place < others) for place in range(20))]
    ]
    return marked(*rows)


def test_upper_lower_discrimination_is_the_difference_between_the_extreme_groups() -> None:
    # Eight attempts, groups of a quarter: totals 0 2 5 7 9 12 16 20 of 21.
    marks = [("0", 0), ("1", 1), ("0", 5), ("1", 6), ("0", 9), ("1", 11), ("0", 16), ("1", 19)]
    found = upper_lower_discrimination(scored_so(*marks), share=0.25)
    assert found["A"] == pytest.approx(1 / 2 - 1 / 2, abs=1e-12)
    marks[6], marks[1] = ("1", 15), ("0", 2)
    assert upper_lower_discrimination(scored_so(*marks), share=0.25)["A"] == pytest.approx(2 / 2 - 0 / 2, abs=1e-12)


def test_a_group_holds_its_share_exactly_and_takes_a_fraction_of_attempts_with_the_same_score() -> None:
    # Ten attempts, 2.7 to a group. Totals: 20, then 15 three times, 10 twice, 5 twice, 0 twice.
    marks = [("1", 19), ("1", 14), ("0", 15), ("1", 14), ("0", 10), ("1", 9), ("1", 4), ("0", 5), ("0", 0), ("0", 0)]
    # Upper: the 20 and 1.7 of the three 15s, of which 2 have A; lower: both 0s and .7 of the two 5s, of which 1 has A.
    upper, lower = (1 + 1.7 * 2 / 3) / 2.7, (0.7 * 1 / 2) / 2.7
    for order in (marks, marks[::-1]):
        assert upper_lower_discrimination(scored_so(*order))["A"] == pytest.approx(upper - lower, abs=1e-12)


def test_upper_lower_discrimination_is_taken_among_the_attempts_that_had_the_item() -> None:
    frame = published.long_of(published.data("sparse_2pl"))
    found = upper_lower_discrimination(frame)
    had = frame[frame["attempt_id"].isin(frame.loc[frame["item_id"] == "i07", "attempt_id"])]
    assert upper_lower_discrimination(had)["i07"] == pytest.approx(found["i07"], abs=1e-12)
    assert found.between(-1, 1).all()


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (scored_so(("1", 5), ("0", 6), ("1", 7)), "27 % of three attempts are less than one"),
        (scored_so(*[("1", 5)] * 6), "all attempts have the same score"),
        (of_strings("1", "0", "1", "0", scored="B"), "no item is scored"),
    ],
)
def test_extreme_groups_that_cannot_be_formed_have_no_difference(frame: pd.DataFrame, why: str) -> None:
    assert math.isnan(float(upper_lower_discrimination(frame)["A"])), why


@pytest.mark.parametrize("share", [0.0, 0.6, -1.0])
def test_extreme_groups_of_more_than_half_or_of_nothing_are_refused(share: float) -> None:
    with pytest.raises(Invalid, match="share"):
        upper_lower_discrimination(of_strings("10", "01"), share=share)


def test_omission_counts_items_presented_and_not_answered() -> None:
    frame = marked(*((attempt, item, True, False) for attempt in range(4) for item in "ABC"))
    frame["answer"] = ["a", "b", "c", "a", None, "c", "", "b", None, None, None, None]
    found = omission(frame)
    assert found["omission"].to_dict() == {"A": 2 / 4, "B": 2 / 4, "C": 2 / 4}
    # In the order of positions: abc, a-c, -b- and ---: reached is what comes no later than the last answer.
    reached = omission(frame.assign(position=[1, 2, 3] * 4).sample(frac=1, random_state=2))
    assert reached["not_reached"].to_dict() == {"A": 1 / 4, "B": 1 / 4, "C": 2 / 4}


def test_a_response_without_an_item_is_refused() -> None:
    frame = of_strings("10", "01").assign(item_id=pd.Series(["A", None, "A", "B"]))
    with pytest.raises(Invalid, match="item_id"):
        item_statistics(frame)


def test_a_cohort_is_summarised_by_area() -> None:
    scores = pd.DataFrame(
        {
            "content_area": ["x", "y", "x", "y", "x", "z"],
            "score": [0.4, 0.9, 0.7, 0.5, 1.0, 0.6],
            "below_standard": [True, False, False, True, False, True],
            "credits": [4.5, 0.0, 0.0, 3.0, 0.0, 3.0],
        }
    )
    summary = area_summary(scores)
    assert summary.index.tolist() == ["x", "y", "z"]
    assert summary["n"].tolist() == [3, 2, 1]
    # x: mean 2.1/3 = .7, deviations -.3, 0, .3, so the variance is .18/2 = .09; y: .7, deviations .2, variance .08.
    assert summary["mean"].tolist() == pytest.approx([0.7, 0.7, 0.6], abs=1e-12)
    assert summary["sd"].tolist() == pytest.approx([0.3, math.sqrt(0.08), math.nan], abs=1e-12, nan_ok=True)
    assert summary["below_n"].tolist() == [1, 1, 1]
    assert summary["below_share"].tolist() == pytest.approx([1 / 3, 1 / 2, 1], abs=1e-12)
    assert summary["mean_credits"].tolist() == pytest.approx([1.5, 1.5, 3.0], abs=1e-12)


def test_what_was_reached_is_unknown_where_a_position_is_missing() -> None:
    frame = pd.DataFrame(
        {
            "attempt_id": ["a", "a", "b", "b"],
            "item_id": ["i", "j", "i", "j"],
            "correct": [True, False, False, False],
            "answer": ["a", None, "b", None],
            "position": [1, 2, np.nan, 2],
        }
    )
    found = omission(frame)
    assert found["omission"].tolist() == [0, 1]
    assert found["not_reached"].isna().tolist() == [True, False]
    assert found["not_reached"].tolist()[1] == 1


@pytest.mark.parametrize("mark", [0.5, 2, -1])
def test_a_mark_between_right_and_not_right_is_refused(mark: float) -> None:
    frame = of_strings("101", "010", "110").astype({"correct": float})
    frame.loc[4, "correct"] = mark
    with pytest.raises(Invalid, match="neither right"):
        response_matrix(frame)


def test_items_of_a_category_stand_in_the_order_of_their_ids_whatever_that_of_the_categories() -> None:
    frame = of_strings("101", "010", "110")
    frame["item_id"] = pd.Categorical(frame["item_id"], categories=["C", "B", "A"])
    assert item_statistics(frame).index.tolist() == ["A", "B", "C"]
    assert response_matrix(frame).items.tolist() == ["A", "B", "C"]
