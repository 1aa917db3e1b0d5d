"""The logistic models beside mirt, and beside what can be worked out by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt.models import information, normal_quadrature, probability, score_distribution
from tests.reference import published

GUESSED = pd.DataFrame({"a": [1.5, 0.8, -0.6], "b": [0.3, -1.0, 0.5], "c": [0.2, np.nan, 0.1]}, index=["x", "y", "z"])


def test_probability_is_the_logistic_curve_above_its_lower_asymptote() -> None:
    items = pd.DataFrame({"a": [1.0, 2.0], "b": [0.0, 1.0], "c": [0.0, 0.25]}, index=["x", "y"])
    found = probability(np.array([0.0, np.log(3.0), 1.0]), items)
    np.testing.assert_allclose(found[:2, 0], [1 / 2, 3 / 4], rtol=0, atol=1e-15)  # odds 1 and 3
    assert found[2, 1] == pytest.approx(0.25 + 0.75 / 2, abs=1e-15)


def test_without_a_column_c_and_in_empty_cells_of_it_c_is_0() -> None:
    theta = np.linspace(-3, 3, 7)
    given = probability(theta, GUESSED)[:, 1]
    np.testing.assert_array_equal(given, probability(theta, GUESSED[["a", "b"]])[:, 1])


def test_extreme_abilities_give_0_c_and_1_without_a_warning() -> None:
    items = pd.DataFrame({"a": [9.0, 9.0], "b": [0.0, 0.0], "c": [0.0, 0.2]})
    np.testing.assert_allclose(probability(np.array([-1e3, 1e3]), items), [[0.0, 0.2], [1.0, 1.0]], rtol=0, atol=1e-15)
    np.testing.assert_allclose(information(np.array([-1e3, 1e3]), items), np.zeros((2, 2)), rtol=0, atol=1e-15)


def test_information_is_the_squared_slope_of_the_curve_over_its_variance() -> None:
    theta, step = np.linspace(-3, 3, 13), 1e-5
    p = probability(theta, GUESSED)
    slope = (probability(theta + step, GUESSED) - probability(theta - step, GUESSED)) / (2 * step)
    np.testing.assert_allclose(information(theta, GUESSED), slope**2 / (p * (1 - p)), rtol=0, atol=1e-8)


@pytest.mark.parametrize("model", ["1pl", "2pl"])
def test_information_and_expected_score_of_the_test_equal_those_of_mirt(model: str) -> None:
    # mirt 1.47: testinfo(mod, theta), expected.test(mod, theta), at its own item parameters.
    expected = published.table("complete_information")
    items = published.expected(f"complete_{model}_items")
    theta = expected["theta"].to_numpy(dtype=float)
    np.testing.assert_allclose(information(theta, items).sum(axis=1), expected[f"info_{model}"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(probability(theta, items).sum(axis=1), expected[f"tcc_{model}"], rtol=0, atol=1e-6)


def test_an_item_without_parameters_is_named() -> None:
    items = pd.DataFrame({"a": [1.0, np.nan], "b": [0.0, 0.0]}, index=["x", "y"])
    with pytest.raises(Invalid, match=r"Item 'y' has no a or no b\. Calibrate it or leave it out\."):
        probability(np.zeros(1), items)


def test_a_c_that_is_no_probability_is_named() -> None:
    items = pd.DataFrame({"a": [1.0, 1.0], "b": [0.0, 0.0], "c": [0.2, 1.0]}, index=["x", "y"])
    with pytest.raises(Invalid, match=r"Item 'y': c must lie in \[0, 1\), and is 1\."):
        information(np.zeros(1), items)


def test_normal_quadrature_has_the_moments_of_the_normal_distribution() -> None:
    quadrature = normal_quadrature()
    assert (len(quadrature.points), quadrature.points[0], quadrature.points[-1]) == (61, -6, 6)
    moments = [float(quadrature.weights @ quadrature.points**power) for power in range(5)]
    np.testing.assert_allclose(moments, [1, 0, 1, 0, 3], rtol=0, atol=1e-5)


def test_a_quadrature_far_from_the_middle_still_has_weights() -> None:
    weights = normal_quadrature(3, lower=50, upper=51).weights
    assert weights.sum() == pytest.approx(1, abs=1e-15)
    assert weights[0] > weights[1] > weights[2] > 0


@pytest.mark.parametrize(("nodes", "upper"), [(1, 6.0), (61, -6.0)])
def test_a_quadrature_of_one_point_or_without_width_is_refused(nodes: int, upper: float) -> None:
    with pytest.raises(Invalid, match="A quadrature needs at least 2 nodes"):
        normal_quadrature(nodes, upper=upper)


def test_scores_on_equal_items_are_binomial() -> None:
    found = score_distribution(np.array([[0.3] * 12, [0.9] * 12]))
    np.testing.assert_allclose(found, binom.pmf(np.arange(13), 12, [[0.3], [0.9]]), rtol=0, atol=1e-14)


def test_scores_on_unequal_items_are_the_sum_over_all_patterns() -> None:
    p = np.array([0.2, 0.5, 0.7, 0.95])
    expected = np.zeros(5)
    for pattern in product([0, 1], repeat=4):
        expected[sum(pattern)] += np.prod(np.where(pattern, p, 1 - p))
    np.testing.assert_allclose(score_distribution(p[None])[0], expected, rtol=0, atol=1e-15)


def test_a_test_of_no_items_has_the_score_0() -> None:
    assert score_distribution(np.empty((2, 0))).tolist() == [[1.0], [1.0]]


def test_scores_of_600_items_still_sum_to_1() -> None:
    found = score_distribution(np.random.default_rng(1).random((3, 600)))
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=0, atol=1e-12)
    assert found.min() >= 0


def test_eap_by_sum_score_from_the_distribution_of_scores_equals_that_of_mirt() -> None:
    # mirt 1.47: fscores(mod, method = "EAPsum", full.scores = FALSE, quadpts = 121, theta_lim = c(-6, 6)).
    expected = published.table("complete_2pl_eapsum")
    quadrature = normal_quadrature(121)
    curves = probability(quadrature.points, published.expected("complete_2pl_items"))
    joint = score_distribution(curves) * quadrature.weights[:, None]
    np.testing.assert_allclose(joint.sum(axis=0) * 1500, expected["expected"], rtol=0, atol=1e-4)
    np.testing.assert_allclose(quadrature.points @ joint / joint.sum(axis=0), expected["F1"], rtol=0, atol=1e-5)
