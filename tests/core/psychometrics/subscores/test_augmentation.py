"""The population that augmented scores borrow from: beside the cohort's own moments, by hand, and where none is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import CreditRule, Policy
from ssa_engine.core.psychometrics.subscores.augmentation import augmentation_of, subscores_of
from ssa_engine.core.psychometrics.subscores.estimates import Subscores, observed_subscores
from ssa_engine.core.scoring import score_areas
from tests.core.psychometrics.subscores.test_estimates import with_covariances
from tests.reference import published


def area_scores(*attempts: tuple[tuple[int, float], ...]) -> pd.DataFrame:
    """Return area scores from (items, points) of each attempt in A, B …"""
    rows = [
        (f"{number}", area, items, points)
        for number, own in enumerate(attempts)
        for area, (items, points) in zip("ABC", own, strict=False)
        if items
    ]
    return pd.DataFrame(rows, columns=["attempt_id", "content_area", "items", "points"])


def test_the_figures_are_the_cohort_s_moments_as_proportions() -> None:
    # Ten items, mean 5; variances 4 and 2.25, covariance 1.5; reliabilities .75 and .6.
    found = augmentation_of(with_covariances([[4, 1.5], [1.5, 2.25]], [0.75, 0.6]), source="a cohort")
    assert (found.areas, found.means, found.source) == (("A", "B"), (0.5, 0.5), "a cohort")
    np.testing.assert_allclose(np.array(found.true_covariance), [[0.03, 0.015], [0.015, 0.0135]], atol=1e-12)
    # Error variances of ten items .01 and .009; of one item ten times as much.
    np.testing.assert_allclose(found.error_variances, [0.1, 0.09], atol=1e-12)


def test_an_area_without_reliability_has_no_true_variance_and_lends_nothing() -> None:
    found = augmentation_of(with_covariances([[4, 1.5], [1.5, 2.25]], [0.75, -0.2]))
    np.testing.assert_allclose(np.array(found.true_covariance), [[0.03, 0.0], [0.0, 0.0]], atol=1e-12)
    assert found.error_variances[1] == pytest.approx(0.225)


def test_true_covariances_that_no_population_has_become_the_nearest_that_one_has() -> None:
    # T = [[.01, .02], [.02, .01]]: eigenvalues .03 and -.01 along (1, 1) and (1, -1); without the second: all .015.
    found = augmentation_of(with_covariances([[4, 2], [2, 4]], [0.25, 0.25]))
    np.testing.assert_allclose(np.array(found.true_covariance), [[0.015, 0.015], [0.015, 0.015]], atol=1e-12)


def test_where_nothing_is_known_of_an_area_s_errors_it_is_refused() -> None:
    for reliability in (float("nan"), 1.0):
        with pytest.raises(Invalid, match=r"^Nothing is known of the errors of the scores in 'B'"):
            augmentation_of(with_covariances([[4, 1.5], [1.5, 2.25]], [0.75, reliability]))


def test_area_scores_give_what_marked_responses_give_but_the_reliability() -> None:
    long = published.long_of(published.data("subscores"))
    marked = long.assign(content_area=pd.Categorical(long["item_id"].str.split("_").str[0]), scored=True)
    policy = Policy(
        standards=dict.fromkeys(marked["content_area"].cat.categories, 0.7), credits=CreditRule(rule="flat", credits=1)
    )
    found, expected = subscores_of(score_areas(marked, policy)), observed_subscores(marked)
    np.testing.assert_allclose(found.raw, expected.raw, atol=1e-9)
    assert (found.areas.tolist(), found.left_out) == (expected.areas.tolist(), 0)
    assert (found.reliability < expected.reliability).all()  # KR-21 is never above alpha (Lord & Novick 1968, ch. 4)


def test_kr21_from_points_by_hand() -> None:
    # A: 2, 6, 10 of 10: proportions .2, .6, 1; variance .16; mean p (1 - p) / 9 = (.16 + .24) / 27; 1 - .0148148 / .16.
    found = subscores_of(area_scores(((10, 2), (4, 1)), ((10, 6), (4, 2)), ((10, 10), (4, 4))))
    assert found.reliability[0] == pytest.approx(1 - 0.4 / 27 / 0.16)
    assert found.raw.tolist() == [[2, 1], [6, 2], [10, 4]]


def test_forms_of_different_length_count_by_their_proportions() -> None:
    found = subscores_of(area_scores(((10, 5), (4, 1)), ((20, 15), (4, 2)), ((0, 0), (4, 4))))
    assert (found.left_out, found.items.tolist(), found.raw[:, 0].tolist()) == (1, [15, 4], [7.5, 11.25])


def test_fewer_than_two_attempts_with_every_area_are_no_cohort() -> None:
    with pytest.raises(Invalid, match=r"^Fewer than two attempts have items in every content area"):
        subscores_of(area_scores(((10, 5), (4, 1)), ((10, 5), (0, 0))))


def test_everybody_alike_is_no_cohort_either() -> None:
    alike: Subscores = subscores_of(area_scores(*[((10, 5), (4, points)) for points in (1, 2, 3)]))
    with pytest.raises(Invalid, match="in 'A': everybody has the same score there, or it has one item"):
        augmentation_of(alike)
