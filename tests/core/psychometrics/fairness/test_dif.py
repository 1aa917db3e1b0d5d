"""Mantel–Haenszel, ETS classes and standardised differences beside R's difR, by hand, and where little can be told."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.fairness.dif import (
    ets_class,
    mantel_haenszel,
    mantel_haenszel_dif,
    score_tables,
    standardised_p_difference,
    strata,
)
from ssa_engine.core.psychometrics.matrix import ResponseMatrix, response_matrix
from tests.reference import published

# R 4.2.2, difR 5.1: difMH(X, group, focal.name = "F", correct = …, purify = …, nrIter = 50)
CALLS = {"dif_mh": (True, False), "dif_mh_nocorrection": (False, False), "dif_mh_purified": (True, True)}
COLUMNS = {"chi2": "chi2", "p": "p", "alpha": "alpha", "var_log_alpha": "var_log_alpha", "delta": "delta"}


def reference_data() -> tuple[ResponseMatrix, np.ndarray]:
    data = published.data("dif")
    return response_matrix(published.long_of(data.drop(columns="group"))), (data["group"] == "F").to_numpy()


def of_strings(*attempts: str) -> ResponseMatrix:
    """Return a matrix: '10-' is item A correct, B not, C not presented."""
    values = np.array([[{"1": 1, "0": 0, "-": -1}[mark] for mark in marks] for marks in attempts], dtype=np.int8)
    return ResponseMatrix(
        pd.Index([f"p{number:03}" for number in range(len(attempts))]),
        pd.Index(list("ABCDEF")[: values.shape[1]]),
        values,
    )


@pytest.mark.parametrize("name", list(CALLS))
def test_the_statistics_are_those_of_difr(name: str) -> None:
    correction, purify = CALLS[name]
    responses, focal = reference_data()
    expected = published.expected(name)
    found = mantel_haenszel_dif(responses, focal, correction=correction, purify=purify).loc[expected.index]
    for ours, theirs in (COLUMNS | {"delta_se": "se_delta"}).items():
        np.testing.assert_allclose(found[ours], expected[theirs], rtol=0, atol=1e-10, err_msg=ours)
    assert found["ets_class"].tolist() == expected["ets"].tolist()
    assert found["flagged"].tolist() == expected["flagged_05"].tolist()
    assert found["n_reference"].unique().tolist() == [900]
    assert found["n_focal"].unique().tolist() == [600]
    assert found["note"].unique().tolist() == [""]


def test_the_items_left_out_by_purification_are_the_flagged_ones() -> None:
    responses, focal = reference_data()
    found = mantel_haenszel_dif(responses, focal, purify=True)
    assert found.index[~found["anchor"]].tolist() == ["i04", "i11"]
    assert (found["anchor"] == ~found["flagged"]).all()


def test_the_standardised_p_differences_are_those_of_difr() -> None:
    responses, focal = reference_data()
    expected = published.expected("dif_std")  # difStd(X, group, focal.name = "F")$PDIF
    found = mantel_haenszel_dif(responses, focal).loc[expected.index, "std_p_diff"]
    np.testing.assert_allclose(found, expected["std_p_dif"], rtol=0, atol=1e-12)


def test_berkeley_admissions_give_what_r_prints() -> None:
    # R, stats: mantelhaen.test(UCBAdmissions): X-squared = 1.4269, p-value = 0.2323, common odds ratio 0.9046968.
    men = [(512, 313), (353, 207), (120, 205), (138, 279), (53, 138), (22, 351)]
    women = [(89, 19), (17, 8), (202, 391), (131, 244), (94, 299), (24, 317)]
    counts = np.array([[[[b, a], [d, c]] for (a, b), (c, d) in zip(men, women, strict=True)]])
    found = mantel_haenszel(counts).iloc[0]
    assert found["chi2"] == pytest.approx(1.4269, abs=5e-5)
    assert found["p"] == pytest.approx(0.2323, abs=5e-5)
    assert found["alpha"] == pytest.approx(0.9046968, abs=5e-8)


def test_one_table_by_hand() -> None:
    # Right and wrong: reference 4 and 2, focal 1 and 3. E = 6 × 5 / 10 = 3, V = 6 × 4 × 5 × 5 / (100 × 9) = 2/3.
    counts = np.array([[[[2, 4], [3, 1]]]])
    plain, corrected = mantel_haenszel(counts, correction=False).iloc[0], mantel_haenszel(counts).iloc[0]
    assert plain["chi2"] == pytest.approx(1 / (2 / 3))
    assert corrected["chi2"] == pytest.approx(0.25 / (2 / 3))
    assert plain["alpha"] == pytest.approx(4 * 3 / (2 * 1))
    # With one table the variance is Woolf's: the sum of the reciprocals.
    assert plain["var_log_alpha"] == pytest.approx(1 / 4 + 1 / 2 + 1 / 1 + 1 / 3)
    assert standardised_p_difference(counts)[0] == pytest.approx(1 / 4 - 4 / 6)


def test_a_stratum_of_one_attempt_or_of_one_group_tells_nothing() -> None:
    one = np.array([[[[2, 4], [3, 1]]]])
    more = np.array([[[[2, 4], [3, 1]], [[1, 0], [0, 0]], [[0, 5], [0, 0]]]])
    pd.testing.assert_frame_equal(mantel_haenszel(more), mantel_haenszel(one))
    assert standardised_p_difference(more)[0] == standardised_p_difference(one)[0]


def test_to_swap_the_groups_turns_the_sign_and_nothing_else() -> None:
    responses, focal = reference_data()
    ours, theirs = mantel_haenszel_dif(responses, focal), mantel_haenszel_dif(responses, ~focal)
    np.testing.assert_allclose(ours["chi2"], theirs["chi2"], atol=1e-10)
    np.testing.assert_allclose(ours["delta"], -theirs["delta"], atol=1e-10)
    np.testing.assert_allclose(ours["delta_se"], theirs["delta_se"], atol=1e-10)


@pytest.mark.parametrize(
    ("delta", "se", "expected"),
    [
        (0.99, 0.1, "A"),
        (-1.2, 0.62, "A"),  # 1.2 < 1.96 × .62
        (1.2, 0.6, "B"),  # 1.2 > 1.96 × .6
        (-1.6, 0.4, "B"),  # .6 < 1.645 × .4
        (1.6, 0.36, "C"),  # .6 > 1.645 × .36
        (1.499, 0.01, "B"),
        (math.nan, 0.1, None),
    ],
)
def test_an_ets_class_needs_size_and_significance(delta: float, se: float, expected: str | None) -> None:
    assert ets_class(np.array([delta]), np.array([se]))[0] == expected


def test_where_all_had_as_many_items_the_strata_are_numbers_correct() -> None:
    responses = of_strings("11--", "10--", "--01", "--11", "1-0-", "0--0")
    counts = strata(score_tables(responses, np.array([True] * 3 + [False] * 3), np.ones(4, dtype=bool)))
    # Item A, score 0 of 2: the last attempt (reference, wrong); 1: the fifth and, focal, the second; 2: the first.
    assert counts[0].tolist() == [[[1, 0], [0, 0]], [[0, 1], [0, 1]], [[0, 0], [0, 1]]]


def test_where_some_had_more_items_the_nearest_proportion_of_the_mean_number_counts() -> None:
    responses = of_strings("1111", "110-", "100-", "0---", "10--", "1000")
    counts = strata(score_tables(responses, np.zeros(6, dtype=bool), np.ones(4, dtype=bool)))
    # Six attempts had item A, with 4, 3, 3, 1, 2 and 4 items: 17/6, so thirds. Scores 1, 2/3, 1/3, 0, 1/2, 1/4: a half
    # lies between and goes up, a quarter goes to a third. (The last place is item D's, whose attempts had four.)
    assert counts[0, :, 0, 1].tolist() == [0, 2, 2, 1, 0]
    assert counts[0, :, 0, 0].tolist() == [1, 0, 0, 0, 0]


def test_a_pilot_is_matched_with_itself_and_is_in_no_other_score() -> None:
    responses, focal = reference_data()
    anchors = np.arange(20) != 6
    found = mantel_haenszel_dif(responses, focal, anchors=anchors)
    everything = mantel_haenszel_dif(responses, focal)
    without = mantel_haenszel_dif(responses.of_items(responses.items[anchors]), focal)
    assert found["chi2"].iloc[6] == pytest.approx(everything["chi2"].iloc[6], abs=1e-12)
    np.testing.assert_allclose(found["chi2"][anchors], without["chi2"], atol=1e-12)


def test_a_sparse_design_finds_the_planted_items() -> None:
    # Every attempt loses a random half of its items; items 4 and 11 were planted (.7 and −.6 in difficulty).
    responses, focal = reference_data()
    hidden = np.argsort(np.random.default_rng(5).random(responses.values.shape), axis=1) < 10
    sparse = ResponseMatrix(responses.attempts, responses.items, np.where(hidden, -1, responses.values).astype(np.int8))
    found = mantel_haenszel_dif(sparse, focal)
    assert set(found.nsmallest(2, "p").index) == {"i04", "i11"}
    assert found["delta"]["i04"] < -1 < 1 < found["delta"]["i11"]


@pytest.mark.parametrize("focal", [[True] * 4, [False] * 4])
def test_an_empty_group_is_refused(focal: list[bool]) -> None:
    with pytest.raises(Invalid, match="empty"):
        mantel_haenszel_dif(of_strings("10", "01", "11", "00"), np.array(focal))


def test_rows_that_cannot_be_tested_say_why() -> None:
    # A: all right. B: all wrong. C: nobody of the focal group. D: nobody of the reference group. E: ordinary.
    responses = of_strings("101-1", "100-0", "101-1", "10-11", "10-00", "10-01")
    found = mantel_haenszel_dif(responses, np.array([False] * 3 + [True] * 3))
    assert found["chi2"].isna().tolist()[:4] == [True] * 4
    assert found["ets_class"].isna().tolist()[:4] == [True] * 4
    assert found["note"].iloc[0].startswith("Everybody has this item right")
    assert found["note"].iloc[1].startswith("Nobody has this item right")
    assert found["note"].tolist()[2:4] == [
        "Nobody in the focal group had this item.",
        "Nobody in the reference group had this item.",
    ]
    assert not found["flagged"].any()
    assert found["note"].iloc[4].endswith("Only 3 attempts in the smaller group: read with care.")


def test_one_item_matched_on_itself_has_nothing_to_compare() -> None:
    found = mantel_haenszel_dif(of_strings("1", "0", "1", "0"), np.array([True, True, False, False])).iloc[0]
    assert math.isnan(found["chi2"])
    assert found["note"].startswith("No score level has both groups and both right and wrong answers")


def test_three_attempts_against_many_give_figures_with_a_caution() -> None:
    responses, focal = reference_data()
    keep = ~focal | (np.cumsum(focal) <= 3)
    few = ResponseMatrix(responses.attempts[keep], responses.items, responses.values[keep])
    found = mantel_haenszel_dif(few, focal[keep])
    assert found["n_focal"].unique().tolist() == [3]
    assert found["chi2"].notna().all()
    assert found["note"].str.contains("Only 3 attempts in the smaller group").all()


def test_an_odds_ratio_that_is_not_finite_has_no_delta_but_a_test() -> None:
    responses = of_strings(*["10"] * 6, *["01"] * 6)  # at score 1 the reference group has A, the focal group B
    found = mantel_haenszel_dif(responses, np.array([False] * 6 + [True] * 6), correction=False)
    # One table 6 0 / 0 6: (6 − 3)² / (6⁴ / (144 × 11)) = 11.
    assert found["chi2"].tolist() == pytest.approx([11, 11])
    assert found["delta"].isna().all()
    assert found["note"].str.startswith("All differences go one way").all()
    assert found["flagged"].all()


def test_a_difference_within_the_continuity_correction_is_never_flagged() -> None:
    # At score 1, reference 19 right and 1 wrong, focal 1 right: A − E = 19 − 400/21 = −1/21, V = 400 / 8820.
    responses = of_strings(*["10"] * 19, "01", "10")
    found = mantel_haenszel_dif(responses, np.array([False] * 20 + [True])).iloc[0]
    assert found["chi2"] == pytest.approx((0.5 - 1 / 21) ** 2 / (400 / 8820))
    assert found["p"] < 0.05
    assert not found["flagged"]
    assert found["note"].startswith("All differences go one way")


def test_purification_stops_before_nothing_is_left_to_match_on() -> None:
    responses = of_strings(*["10"] * 20, *["01"] * 20)
    found = mantel_haenszel_dif(responses, np.array([False] * 20 + [True] * 20), purify=True)
    assert found["flagged"].all()
    assert found["note"].str.contains("it would have left no item to match on").all()


def test_no_item_to_match_on_is_refused() -> None:
    with pytest.raises(Invalid, match="matching score"):
        mantel_haenszel_dif(of_strings("10", "01"), np.array([True, False]), anchors=np.array([False, False]))
