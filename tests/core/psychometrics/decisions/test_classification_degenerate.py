"""Classification of scores that hold little: no variance, no reliability, undefined moments, one item, one person."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.decisions.beta_binomial import ONE_POINT, UNDEFINED
from ssa_engine.core.psychometrics.decisions.classification import (
    Estimate,
    beta_binomial,
    classify,
    hanson_brennan,
    kr21_of_samples,
    livingston_lewis,
)
from tests.core.psychometrics.decisions.test_classification import area1, frequencies

Method = Callable[[npt.NDArray[np.float64]], Estimate]
METHODS: list[Method] = [
    lambda scores: beta_binomial(scores, cut=2, true_cut=0.5),
    lambda scores: livingston_lewis(scores, np.array([0.0]), cut=2, true_cut=0.5),
    lambda scores: hanson_brennan(scores, np.array([-0.3]), cut=2, true_cut=0.5),
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("counts", [(0, 0, 0, 0, 9), (9, 0, 0, 0, 0), (0, 0, 5, 0, 0), (0, 1, 3, 1, 0)])
def test_scores_that_vary_no_more_than_chance_are_all_error(method: Method, counts: tuple[float, ...]) -> None:
    found = method(frequencies(*counts))
    assert found.true_scores.fit.tolist() == [ONE_POINT]
    mean = np.average(range(5), weights=counts) / 4
    result = classify(found.probabilities)
    side = result.missed if mean >= 0.5 else result.needless
    assert side.item() == 0
    assert result.accuracy.item() + result.needless.item() + result.missed.item() == pytest.approx(1, abs=1e-13)


@pytest.mark.parametrize("method", METHODS)
def test_one_item_and_one_person_are_told(method: Method) -> None:
    with pytest.raises(Invalid, match="One item"):
        method(frequencies(2, 3))
    with pytest.raises(Invalid, match="One attempt"):
        method(frequencies(0, 1, 0))


def test_a_reliability_of_one_is_missing_and_no_crash() -> None:
    result = classify(livingston_lewis(frequencies(3, 0, 4), np.array([1.0]), cut=1, true_cut=0.5).probabilities)
    assert np.isnan([result.accuracy.item(), result.consistency.item(), result.kappa.item()]).all()


def test_three_people_are_enough_for_figures() -> None:
    scores = frequencies(1, 0, 0, 1, 0, 1)
    for found in (
        beta_binomial(scores, cut=3, true_cut=0.6),
        livingston_lewis(scores, np.array([0.7]), cut=3, true_cut=0.6),
        hanson_brennan(scores, np.array([0.7]), cut=3, true_cut=0.6),
    ):
        assert 0 < classify(found.probabilities).accuracy.item() < 1


@pytest.mark.parametrize("method", [livingston_lewis, hanson_brennan])
def test_without_a_reliability_the_row_is_missing_and_the_others_are_not(method: Callable[..., Estimate]) -> None:
    scores = np.concatenate([area1()] * 2)
    found = method(scores, np.array([np.nan, 0.64]), cut=7, true_cut=0.7)
    result = classify(found.probabilities)
    for values in (result.accuracy, result.consistency, result.kappa, result.needless, result.missed):
        assert np.isnan(values[:, 0]).tolist() == [True, False]
    assert found.true_scores.fit[0] == UNDEFINED


def test_moments_of_two_items_that_hanson_and_brennan_cannot_use_are_undefined() -> None:
    # Scores 0, 1 and 2, once each: room = m (n - m) = 1 = s^2, so k = -1 for any reliability and n (n - 1) + 2 k = 0.
    for reliability in (0.1, 0.5, 2 / 3, 0.9):
        found = hanson_brennan(frequencies(1, 1, 1), np.array([reliability]), cut=1, true_cut=0.5)
        assert found.lords_k.item() == pytest.approx(-1)
        assert found.true_scores.fit.tolist() == [UNDEFINED]
        assert np.isnan(classify(found.probabilities).accuracy.item())


def test_scores_that_do_not_vary_have_no_reliability() -> None:
    assert np.isnan(kr21_of_samples(frequencies(0, 0, 7))).all()
    assert np.isnan(beta_binomial(frequencies(0, 0, 7), cut=1, true_cut=0.5).reliability).all()
    for method in (livingston_lewis, hanson_brennan):
        found = method(frequencies(0, 7, 0), np.array([np.nan]), cut=1, true_cut=0.5)
        assert found.true_scores.fit.tolist() == [ONE_POINT]
        assert classify(found.probabilities).accuracy.item() == pytest.approx(0.75)  # P(1 or 2 of 2 right), at .5
