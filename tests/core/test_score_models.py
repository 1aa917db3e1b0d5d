"""Scores that decide beside the raw one: published values, cases by hand, one alone as among many."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import Augmentation, TrueScorePrior
from ssa_engine.core.psychometrics.irt.abilities import abilities
from ssa_engine.core.psychometrics.irt.models import probability
from ssa_engine.core.psychometrics.matrix import response_matrix
from ssa_engine.core.psychometrics.subscores.augmentation import augmentation_of
from ssa_engine.core.psychometrics.subscores.estimates import Subscores, observed_subscores
from ssa_engine.core.psychometrics.subscores.true_scores import below_by_normal
from ssa_engine.core.psychometrics.subscores.true_scores_irt import below_by_irt
from ssa_engine.core.score_models import (
    augmented_scores,
    below_by_augmentation,
    below_by_counts,
    below_by_item_parameters,
    expected_scores,
)
from tests.reference import published

AREAS = [f"A{number}" for number in range(1, 7)]
STANDARDS = dict(zip(AREAS, (0.4, 0.5, 0.6, 0.7, 0.8, 0.9), strict=True))


@pytest.fixture(scope="module")
def marked() -> pd.DataFrame:
    """Ten items in each of six areas and 800 people (tests/reference/README.md)."""
    long = published.long_of(published.data("subscores"))
    return long.assign(content_area=long["item_id"].str.split("_").str[0])


@pytest.fixture(scope="module")
def subscores(marked: pd.DataFrame) -> Subscores:
    return observed_subscores(marked)


@pytest.fixture(scope="module")
def parameters(marked: pd.DataFrame) -> pd.DataFrame:
    """Some parameters of the sixty items, from flat to steep."""
    chance = np.random.default_rng(20260301)
    names = pd.Index(sorted(marked["item_id"].unique()), name="item_id")
    return pd.DataFrame({"a": chance.uniform(0.4, 2.2, 60), "b": chance.normal(0, 1, 60)}, index=names)


def two_areas(covariance: float = 0.02) -> Augmentation:
    """Means .7 and .6, true variances .04 and .03, error variances of one item .21 and .24."""
    return Augmentation(
        areas=("x", "y"),
        means=(0.7, 0.6),
        true_covariance=((0.04, covariance), (covariance, 0.03)),
        error_variances=(0.21, 0.24),
    )


def test_augmented_scores_equal_those_of_r_subscore(subscores: Subscores) -> None:
    # subscore::CTTsub(tests, method = "Wainer")$subscore.augmented, first 20 people, number correct of ten.
    expected = published.table("subscores_scores")[[f"wainer{number}" for number in range(1, 7)]]
    population = augmentation_of(subscores)
    estimates, _ = augmented_scores(subscores.raw, np.full((800, 6), 10), population)
    np.testing.assert_allclose(estimates[:20] * 10, expected, rtol=0, atol=1e-8)


def test_one_person_alone_gets_what_is_theirs_among_all(subscores: Subscores) -> None:
    population = augmentation_of(subscores)
    together, sds = augmented_scores(subscores.raw, np.full((800, 6), 10), population)
    for person in (0, 13, 799):
        alone, sd = augmented_scores(subscores.raw[[person]], np.full((1, 6), 10), population)
        np.testing.assert_array_equal(alone[0], together[person])
        np.testing.assert_array_equal(sd[0], sds[person])


def test_probabilities_by_augmentation_equal_the_normal_approximation_of_the_cohort(subscores: Subscores) -> None:
    expected = below_by_normal(subscores, STANDARDS)  # (1 - PRMSE) T: another way to the posterior variance
    found = below_by_augmentation(
        subscores.raw, np.full((800, 6), 10), list(STANDARDS.values()), augmentation_of(subscores)
    )
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_two_areas_by_hand() -> None:
    # x: 6 of 10, y: 9 of 10. T + D = [[.061, .02], [.02, .054]]; its inverse is [[.054, -.02], [-.02, .061]] / .002894.
    # Deviations -.1 and .3, so (T + D)^-1 d = (-.0114, .0203) / .002894;
    # x: .7 + (.04 (-.0114) + .02 (.0203)) / .002894, y: .6 + (.02 (-.0114) + .03 (.0203)) / .002894.
    estimates, sds = augmented_scores([[6, 9]], [[10, 10]], two_areas())
    expected = [0.7 - 0.00005 / 0.002894, 0.6 + 0.000381 / 0.002894]
    np.testing.assert_allclose(estimates, [expected], rtol=0, atol=1e-12)
    # Var x given both: .04 - (.04^2 .054 - 2 (.04)(.02)(.02) + .02^2 .061) / .002894.
    variance = 0.04 - (0.0016 * 0.054 - 2 * 0.04 * 0.02 * 0.02 + 0.0004 * 0.061) / 0.002894
    assert sds[0, 0] == pytest.approx(math.sqrt(variance), abs=1e-12)


def test_an_area_that_an_attempt_lacks_tells_nothing_and_gets_nothing() -> None:
    estimates, sds = augmented_scores([[6, 0], [6, 0]], [[10, 0], [20, 0]], two_areas())
    # Kelley's estimates: reliability .04 / (.04 + .021) of ten items, .04 / (.04 + .0105) of twenty.
    assert estimates[0, 0] == pytest.approx(0.7 - 0.1 * 0.04 / 0.061, abs=1e-12)
    assert estimates[1, 0] == pytest.approx(0.7 - 0.4 * 0.04 / 0.0505, abs=1e-12)
    assert np.isnan([estimates[:, 1], sds[:, 1]]).all()
    below = below_by_augmentation([[6, 0]], [[10, 0]], [0.7, 0.7], two_areas())
    assert (below[0, 0] > 0.5, np.isnan(below[0, 1])) == (True, True)


def test_where_true_scores_do_not_vary_the_mean_decides() -> None:
    flat = Augmentation(areas=("x",), means=(0.6,), true_covariance=((0.0,),), error_variances=(0.24,))
    below = [below_by_augmentation([[points]], [[10]], [standard], flat)[0, 0]
             for points in (0, 10) for standard in (0.5, 0.6, 0.7)]  # fmt: skip
    assert below == [0.0, 0.0, 1.0] * 2


def test_the_population_can_be_taken_in_another_order() -> None:
    turned = two_areas().of(["y", "x"])
    straight, _ = augmented_scores([[6, 9]], [[10, 5]], two_areas())
    np.testing.assert_allclose(augmented_scores([[9, 6]], [[5, 10]], turned)[0], straight[:, ::-1], atol=1e-15)


def test_probabilities_by_counts_are_the_beta_posterior_in_any_shape() -> None:
    # Uniform prior: I_.7(7, 5) = P(Binomial(11, .7) >= 7), and so on; the tails of binomial sums.
    tails = [sum(math.comb(11, k) * 0.7**k * 0.3 ** (11 - k) for k in range(x + 1, 12)) for x in (6, 7, 8)]
    found = below_by_counts([[6, 7], [8, 6]], [[10, 10], [10, 0]], [0.7, 0.7], TrueScorePrior())
    np.testing.assert_allclose(found[0], tails[:2], atol=1e-12)
    assert found[1, 0] == pytest.approx(tails[2], abs=1e-12)
    assert np.isnan(found[1, 1])


def test_probabilities_by_item_parameters_equal_those_of_one_form_by_quadrature(
    marked: pd.DataFrame, parameters: pd.DataFrame
) -> None:
    # Where everybody had all items, the curve over one's own items is the curve over the area's.
    matrix = response_matrix(marked)
    areas = {str(item): str(item).split("_")[0] for item in matrix.items}
    expected = below_by_irt(matrix, parameters, areas, STANDARDS, nodes=121)
    found = below_by_item_parameters(marked, parameters, STANDARDS)
    assert found.index.equals(expected.index)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_a_person_s_own_items_make_the_curve(marked: pd.DataFrame, parameters: pd.DataFrame) -> None:
    people = marked["attempt_id"].unique()[:3]
    own = marked[marked["attempt_id"].isin(people)].reset_index(drop=True)
    chance = np.random.default_rng(3)
    some = own[chance.random(len(own)) < 0.6]
    some = some[(some["attempt_id"] != people[0]) | (some["content_area"] != "A2")]
    below, expected = (
        below_by_item_parameters(some, parameters, STANDARDS),
        expected_scores(some, parameters, AREAS),
    )
    for person in people:
        rows = some[some["attempt_id"] == person]
        matrix = response_matrix(rows)
        areas = {str(item): str(item).split("_")[0] for item in matrix.items}
        cuts = {area: STANDARDS[area] for area in sorted(set(areas.values()))}
        by_quadrature = below_by_irt(matrix, parameters.loc[matrix.items], areas, cuts, nodes=121)
        theta = abilities(matrix, parameters)["theta"].to_numpy()
        curve = probability(theta, parameters.loc[matrix.items])[0]
        for area in AREAS:
            if area not in cuts:
                assert np.isnan([below.loc[person, area], expected.loc[person, area]]).all()
                continue
            assert below.loc[person, area] == pytest.approx(by_quadrature.loc[person, area], abs=1e-5)
            of_area = curve[[areas[str(item)] == area for item in matrix.items]].mean()
            assert expected.loc[person, area] == pytest.approx(of_area, abs=1e-8)


def test_standards_that_everybody_or_nobody_meets_are_certain(marked: pd.DataFrame, parameters: pd.DataFrame) -> None:
    own = marked[marked["attempt_id"] == marked["attempt_id"].iloc[0]]
    found = below_by_item_parameters(own, parameters, {"A1": 0.0, "A2": 1.0})
    assert found.to_numpy().tolist() == [[0.0, 1.0]]


def test_items_without_parameters_are_named(marked: pd.DataFrame, parameters: pd.DataFrame) -> None:
    with pytest.raises(Invalid, match=r"these items have no a and b in the bank: A1_01, A1_02\. Calibrate them"):
        below_by_item_parameters(marked, parameters.iloc[2:], STANDARDS)
    bare = parameters.copy()
    bare.loc[bare.index[:7], "b"] = np.nan
    with pytest.raises(Invalid, match=r"A1_01, A1_02, A1_03, A1_04, A1_05 and 2 more\."):
        expected_scores(marked, bare, AREAS)


@settings(max_examples=60)
@given(st.data())
def test_a_point_more_never_lowers_an_estimate_where_areas_go_together(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 4))
    items = data.draw(st.lists(st.integers(1, 20), min_size=count, max_size=count))
    points = [data.draw(st.integers(0, n - 1)) for n in items]
    alike = data.draw(st.floats(0, 0.02))
    population = Augmentation(
        areas=tuple("abcd"[:count]),
        means=(0.7,) * count,
        true_covariance=tuple(tuple(0.03 if i == j else alike for j in range(count)) for i in range(count)),
        error_variances=(0.2,) * count,
    )
    area = data.draw(st.integers(0, count - 1))
    more = [x + (place == area) for place, x in enumerate(points)]
    (before, sd), (after, _) = (augmented_scores([x], [items], population) for x in (points, more))
    assert (after >= before - 1e-12).all()
    assert (sd <= math.sqrt(0.03) + 1e-12).all()
