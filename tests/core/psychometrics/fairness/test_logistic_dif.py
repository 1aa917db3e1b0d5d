"""Logistic regression DIF beside R's difR, where answers are separated, and the table of both methods."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import expit, xlogy

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.fairness.logistic_dif import dif_table, holm, logistic_dif
from ssa_engine.core.psychometrics.matrix import ResponseMatrix
from tests.core.psychometrics.fairness.test_dif import of_strings, reference_data
from tests.reference import published

KINDS = ("uniform", "nonuniform", "both")


def with_answers(responses: ResponseMatrix, item: int, answers: npt.NDArray[np.int8]) -> ResponseMatrix:
    values = responses.values.copy()
    values[:, item] = answers
    return ResponseMatrix(responses.attempts, responses.items, values)


def deviance_on_score(score: npt.NDArray[np.float64], right: npt.NDArray[np.int8]) -> float:
    """-2 log-likelihood of a logistic regression on the score, person by person."""
    design = np.column_stack([np.ones(len(score)), score - score.mean()])
    weights = np.zeros(2)
    for _ in range(40):
        p = expit(design @ weights)
        weights += np.linalg.solve((design.T * (p * (1 - p))) @ design, design.T @ (right - p))
    p = expit(design @ weights)
    return float(-2 * (xlogy(right, p) + xlogy(1 - right, 1 - p)).sum())


@pytest.mark.parametrize(("name", "purify"), [("dif_logistic", False), ("dif_logistic_purified", True)])
def test_the_tests_are_those_of_difr(name: str, purify: bool) -> None:
    # R 4.2.2, difR 5.1: difLogistic(X, group, focal.name = "F", type = "udif" | "nudif" | "both", criterion = "LRT",
    # purify = …, nrIter = 50). Its ΔR² is that of Cox and Snell, whatever its help page calls it.
    responses, focal = reference_data()
    expected = published.expected(name)
    found = logistic_dif(responses, focal, purify=purify).loc[expected.index]
    for kind in KINDS:
        np.testing.assert_allclose(found[f"{kind}_chi2"], expected[f"lrt_{kind}"], rtol=0, atol=1e-9)
        np.testing.assert_allclose(found[f"{kind}_cox_snell_change"], expected[f"dR2_{kind}"], rtol=0, atol=1e-12)
        assert found[f"{kind}_flagged"].tolist() == expected[f"flag_{kind}"].tolist()
    assert found["note"].unique().tolist() == [""]


def test_the_change_of_r2_is_nagelkerkes() -> None:
    # Nagelkerke (1991): Cox and Snell's R² over its largest value, 1 − L0^(2/n); L0 is of the proportion correct alone.
    responses, focal = reference_data()
    found = logistic_dif(responses, focal)
    p = responses.values.mean(axis=0)
    largest = 1 - np.exp(2 * (p * np.log(p) + (1 - p) * np.log(1 - p)))
    expected = published.expected("dif_logistic").loc[found.index]
    np.testing.assert_allclose(found["both_r2_change"], expected["dR2_both"] / largest, rtol=0, atol=1e-12)


def test_the_kinds_add_up() -> None:
    responses, focal = reference_data()
    found = logistic_dif(responses, focal)
    np.testing.assert_allclose(found["uniform_chi2"] + found["nonuniform_chi2"], found["both_chi2"], atol=1e-9)


def test_a_large_difference_is_of_class_b_or_c_and_a_small_one_of_class_a() -> None:
    # Item 1 as the focal group has it right in nineteen of twenty, whatever the score; it is the hard one of the test.
    responses, focal = reference_data()
    random = np.random.default_rng(8).random(len(focal))
    changed = with_answers(responses, 0, np.where(focal, random < 0.95, responses.values[:, 0]).astype(np.int8))
    found = logistic_dif(changed, focal)
    assert found["both_r2_change"].iloc[0] > 0.26
    assert found[["zumbo_thomas", "jodoin_gierl"]].iloc[0].tolist() == ["C", "C"]
    assert (found["zumbo_thomas"].iloc[1:] == "A").all()
    assert found["both_r2_change"]["i17"] < 0.035
    assert found["jodoin_gierl"]["i17"] == "A"


def test_a_group_that_always_has_an_item_right_is_tested_at_the_limit_and_says_so() -> None:
    responses, focal = reference_data()
    changed = with_answers(responses, 2, np.where(focal, 1, responses.values[:, 2]).astype(np.int8))
    found = logistic_dif(changed, focal).iloc[2]
    # With its own infinite intercept the focal group adds nothing to the deviance of the larger model.
    score, right = changed.values.sum(axis=1).astype(float), changed.values[:, 2]
    expected = deviance_on_score(score, right) - deviance_on_score(score[~focal], right[~focal])
    assert found["uniform_chi2"] == pytest.approx(expected, abs=1e-6)
    assert math.isnan(found["nonuniform_chi2"])
    assert "The uniform test is at a limit" in found["note"]
    assert "No non-uniform test: the simpler model already separates" in found["note"]


def test_a_score_that_separates_right_from_wrong_leaves_nothing_to_test() -> None:
    # Item A is right exactly where two or three of three are right.
    responses = of_strings("110", "101", "111", "000", "010", "001", "110", "111", "000", "010")
    found = logistic_dif(responses, np.array([False, True] * 5)).iloc[0]
    assert math.isnan(found["uniform_chi2"])
    assert math.isnan(found["both_chi2"])
    assert "No uniform test: the simpler model already separates right from wrong answers." in found["note"]


def test_rows_that_cannot_be_tested_say_why() -> None:
    responses = of_strings("101-1", "100-0", "101-1", "10-11", "10-00", "10-01")
    found = logistic_dif(responses, np.array([False] * 3 + [True] * 3))
    for kind in KINDS:
        assert found[f"{kind}_chi2"].isna().tolist()[:4] == [True] * 4
    assert found["note"].iloc[0].startswith("Everybody has this item right")
    assert "Nobody in the focal group had this item." in found["note"].iloc[2]
    assert "Nobody in the reference group had this item." in found["note"].iloc[3]


def test_one_attempt_in_a_group_has_no_slope_of_its_own() -> None:
    responses, focal = reference_data()
    keep = ~focal | (np.cumsum(focal) <= 1)
    few = ResponseMatrix(responses.attempts[keep], responses.items, responses.values[keep])
    found = logistic_dif(few, focal[keep])
    assert found["uniform_chi2"].notna().all()
    assert found["nonuniform_chi2"].isna().all()
    assert found["note"].str.contains("No non-uniform test: the scores do not vary enough within the groups").all()


def test_scores_that_are_all_alike_are_refused_row_by_row() -> None:
    found = logistic_dif(of_strings("10", "01", "10", "01", "10", "01"), np.array([False] * 3 + [True] * 3))
    assert found["both_chi2"].isna().all()
    assert found["note"].str.startswith("No uniform test: the scores do not vary enough").all()


def test_an_empty_group_is_refused() -> None:
    with pytest.raises(Invalid, match="empty"):
        logistic_dif(of_strings("10", "01"), np.array([False, False]))


def test_a_sparse_design_is_matched_on_the_proportion_correct() -> None:
    responses, focal = reference_data()
    hidden = np.random.default_rng(2).random(responses.values.shape) < 0.4
    sparse = ResponseMatrix(responses.attempts, responses.items, np.where(hidden, -1, responses.values).astype(np.int8))
    found = logistic_dif(sparse, focal).iloc[3]
    seen = ~hidden[:, 3]
    share = np.where(hidden, 0, responses.values).sum(axis=1) / (~hidden).sum(axis=1)
    right = responses.values[:, 3]
    # β2 and β3 free in both groups is the same as a regression in each group.
    apart = sum(deviance_on_score(share[seen & group], right[seen & group]) for group in (focal, ~focal))
    assert found["both_chi2"] == pytest.approx(deviance_on_score(share[seen], right[seen]) - apart, abs=1e-8)
    assert found["n_focal"] == (seen & focal).sum()


def test_the_table_of_both_methods_names_the_three_planted_items() -> None:
    responses, focal = reference_data()
    found = dif_table(responses, focal)
    assert found.columns.tolist() == [
        "item_id", "n_reference", "n_focal", "mh_chi2", "mh_p", "mh_alpha", "mh_delta", "mh_delta_se", "ets_class",
        "std_p_diff", "lr_uniform_chi2", "lr_uniform_p", "lr_nonuniform_chi2", "lr_nonuniform_p", "lr_r2_change",
        "lr_r2_change_cox_snell", "flagged", "note",
    ]  # fmt: skip
    # make_data.py: items 4 and 11 differ in difficulty, 17 in slope alone; 9 and 18 are significant only one by one.
    assert found.loc[found["flagged"], "item_id"].tolist() == ["i04", "i11", "i17"]


def test_holm_by_hand() -> None:
    # Of three known: 3 × .01, then 2 × .02, then max(.04, 1 × .03).
    found = holm(np.array([0.03, math.nan, 0.01, 0.02]))
    np.testing.assert_allclose(found, [0.04, math.nan, 0.03, 0.04])
