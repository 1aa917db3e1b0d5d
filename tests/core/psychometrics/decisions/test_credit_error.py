"""Errors of credits and of whole profiles: by hand, by the model simulated, and on a retest simulated."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import stats

from ssa_engine.core.policies import Band, CreditRule
from ssa_engine.core.psychometrics.decisions.area_groups import area_groups
from ssa_engine.core.psychometrics.decisions.beta_binomial import BetaTrueScores
from ssa_engine.core.psychometrics.decisions.classification import beta_binomial, sweep
from ssa_engine.core.psychometrics.decisions.credit_error import (
    Area,
    AreaForm,
    area_credits,
    cut_distribution,
    draw_profiles,
    profile_consistency,
    total_credits,
)
from ssa_engine.core.psychometrics.decisions.profile_tables import ALL_AREAS, NO_RULE, profile_table, true_correlations

Array = npt.NDArray[np.float64]
RULE = CreditRule(rule="bands", bands=(Band(short=1, credits=1.5), Band(short=3, credits=4)))
FLAT = CreditRule(rule="flat", credits=2)


def an_area(*, standard_error: float = 0.0, name: str = "A", items: int = 10, standard: float = 0.7) -> Area:
    return Area(name, standard, standard_error, (AreaForm(items, 1.0, BetaTrueScores.given(0, 1, 4.0, 2.0)),))


# The error of the cut


def test_a_standard_without_error_needs_one_number_of_items() -> None:
    assert cut_distribution(0.7, 0.0, 10).tolist() == [0] * 7 + [1, 0, 0, 0]
    assert cut_distribution(0.71, 0.0, 10).tolist() == [0] * 8 + [1, 0, 0]
    assert cut_distribution(0.0, 0.0, 3).tolist() == [1, 0, 0, 0]


def test_the_error_of_a_standard_spreads_it_over_the_items_needed() -> None:
    # Needs 7 where the standard drawn lies in (.6, .7], 8 in (.7, .8]: one SD of .1 each.
    found = cut_distribution(0.7, 0.1, 10)
    assert found[7] == pytest.approx(stats.norm.cdf(0) - stats.norm.cdf(-1))
    assert found[8] == pytest.approx(stats.norm.cdf(1) - stats.norm.cdf(0))
    assert found[10] == pytest.approx(stats.norm.sf(2)), "what lies above 1 is held to 1"
    assert found.sum() == pytest.approx(1)
    assert cut_distribution(0.02, 0.1, 10)[0] == pytest.approx(stats.norm.cdf(-0.2)), "below 0 is held to 0"


# Credits


def test_flat_credits_of_one_area_by_hand() -> None:
    # Two of two needed, everybody at .5: below with 3/4, so 2 credits x 3/4, and variance 4 x 3/4 x 1/4.
    point = BetaTrueScores.given(0.5, 0.5, 1, 1)
    found = area_credits(Area("A", 1.0, 0.0, (AreaForm(2, 1.0, point),)), FLAT)
    assert (found.mean, found.retest_variance) == pytest.approx((1.5, 0.75))
    assert found.sd_with_cut == found.retest_sd == pytest.approx(math.sqrt(0.75))


def simulated(area: Area, rule: CreditRule, size: int = 400_000) -> tuple[float, float]:
    """Mean, and variance within a person, of credits: two tests with a panel each, straight from the model."""
    random = np.random.default_rng(11)
    form = area.forms[0]
    true = random.beta(form.true_scores.alpha[0], form.true_scores.beta[0], size)
    totals = []
    for _ in range(2):
        standard = np.clip(random.normal(area.standard, area.standard_error, size), 0, 1)
        short = np.ceil(standard * form.items - 1e-9) - random.binomial(form.items, true)
        totals.append(np.select([short >= 3, short >= 1], [4.0, 1.5], 0.0))
    assert rule is RULE
    return float(np.mean(totals)), float(((totals[0] - totals[1]) ** 2).mean() / 2)


@pytest.mark.parametrize("standard_error", [0.0, 0.06])
def test_credits_of_an_area_are_those_of_simulated_tests_and_panels(standard_error: float) -> None:
    area = an_area(standard_error=standard_error)
    mean, variance = simulated(area, RULE)
    found = area_credits(area, RULE)
    assert found.mean_with_cut == pytest.approx(mean, abs=0.01)
    assert found.variance_with_cut == pytest.approx(variance, rel=0.01)
    if not standard_error:
        assert (found.mean, found.retest_variance) == pytest.approx((found.mean_with_cut, found.variance_with_cut))


def test_the_error_of_the_panel_adds_to_the_error_of_measurement() -> None:
    # With a standard amid two numbers of items (.65 of 10), so that its error does not raise the cut on the whole.
    found = [area_credits(an_area(standard=0.65, standard_error=error), FLAT) for error in (0.0, 0.05, 0.1)]
    with_cut = [one.variance_with_cut for one in found]
    assert with_cut == sorted(with_cut)
    assert with_cut[2] > with_cut[0] * 1.02
    assert {round(one.retest_variance, 12) for one in found} == {round(found[0].retest_variance, 12)}


def test_without_a_cap_totals_add_up_and_a_cap_nobody_reaches_changes_nothing_but_by_simulation() -> None:
    areas = [an_area(name=name, standard_error=0.05) for name in "ABC"]
    correlation = np.full((3, 3), 0.7) + 0.3 * np.eye(3)
    one = area_credits(areas[0], RULE)
    total = total_credits(areas, RULE, correlation, seed=3)
    assert (total.mean, total.retest_variance) == pytest.approx((3 * one.mean, 3 * one.retest_variance))
    capped = total_credits(areas, RULE.model_copy(update={"total_cap": 1000.0}), correlation, seed=3)
    assert capped.mean == pytest.approx(total.mean, rel=0.01)
    assert capped.retest_sd == pytest.approx(total.retest_sd, rel=0.01)
    assert capped.sd_with_cut == pytest.approx(total.sd_with_cut, rel=0.01)


def test_a_cap_holds_totals_and_their_error_down() -> None:
    areas = [an_area(name=name) for name in "ABCD"]
    free, capped = (
        total_credits(areas, RULE.model_copy(update={"total_cap": cap}), np.eye(4), seed=3) for cap in (None, 4.0)
    )
    assert capped.mean < free.mean
    assert capped.mean < 4
    assert capped.retest_sd < free.retest_sd


# Profiles


def consistency(area: Area) -> float:
    form = area.forms[0]
    return float(sweep(form.true_scores, form.items).consistency[0, 7])


def test_areas_that_have_nothing_in_common_multiply() -> None:
    areas = [an_area(name=name) for name in "ABC"]
    assert profile_consistency(areas, np.eye(3), seed=5) == pytest.approx(consistency(areas[0]) ** 3, abs=0.004)


def test_areas_with_one_true_score_agree_more_often_than_the_product() -> None:
    areas = [an_area(name=name) for name in "ABC"]
    # All areas measure one thing: the mean over the beta of (p^2 + (1 - p)^2)^3.
    y = stats.beta(4, 2).ppf((np.arange(200_000) + 0.5) / 200_000)
    below = stats.binom.cdf(6, 10, y)
    expected = float(np.mean((below**2 + (1 - below) ** 2) ** 3))
    assert expected > consistency(areas[0]) ** 3 + 0.02
    assert profile_consistency(areas, np.ones((3, 3)), seed=5) == pytest.approx(expected, abs=0.004)


def test_one_area_is_a_profile_with_its_own_consistency() -> None:
    area = an_area()
    assert profile_consistency([area], np.ones((1, 1)), seed=5) == pytest.approx(consistency(area), abs=0.004)


def test_drawn_profiles_have_the_distributions_and_correlations_asked_for() -> None:
    skewed = Area("B", 0.7, 0.0, (AreaForm(10, 1.0, BetaTrueScores.given(0.1, 0.9, 0.5, 3.0)),))
    correlation = np.array([[1, 0.6], [0.6, 1]])
    true, _ = draw_profiles([an_area(), skewed], correlation, np.random.default_rng(2))
    assert np.asarray(np.corrcoef(true.T))[0, 1] == pytest.approx(0.6, abs=0.01)
    assert true.mean(axis=0) == pytest.approx([4 / 6, 0.1 + 0.8 / 7], abs=0.004)
    assert true.std(axis=0) == pytest.approx([stats.beta(4, 2).std(), 0.8 * stats.beta(0.5, 3).std()], abs=0.004)


def two_areas(people: int, seed: int) -> tuple[pd.DataFrame, Array]:
    """Simulate two tests of six items in each of two areas whose true scores go together."""
    random = np.random.default_rng(seed)
    z = random.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], people)
    true = stats.beta(4, 2).ppf(stats.norm.cdf(z))
    tests = random.random((2, people, 2, 6)) < true[None, :, :, None]
    rows = [
        pd.DataFrame(tests[0, :, area], columns=[f"{name}{i}" for i in range(6)]).assign(attempt_id=range(people))
        for area, name in enumerate("AB")
    ]
    long = pd.concat([row.melt(id_vars="attempt_id", var_name="item_id", value_name="correct") for row in rows])
    below = tests.sum(axis=3) < 4
    return long.assign(content_area=long["item_id"].str[0]), (below[0] == below[1]).astype(float)


def test_the_consistency_of_profiles_is_what_a_simulated_retest_shows() -> None:
    frame, same = two_areas(20_000, seed=4)
    table = profile_table(area_groups(frame), {"A": 0.6, "B": 0.6}, seed=1).set_index("content_area")
    assert table.loc[["A", "B"], "consistency"].to_numpy() == pytest.approx(same.mean(axis=0), abs=0.015)
    assert table.loc[[ALL_AREAS], "consistency"].item() == pytest.approx(same.all(axis=1).mean(), abs=0.015)
    assert table["note"].tolist() == [NO_RULE] * 3


def test_correlations_are_those_of_true_scores_and_not_of_scores() -> None:
    frame, _ = two_areas(20_000, seed=6)
    groups = area_groups(frame)
    areas = [
        Area(name, 0.6, 0, (AreaForm(6, 1.0, beta_binomial(part[0].frequencies, cut=4, true_cut=0.6).true_scores),))
        for name, part in groups.items()
    ]
    found, notes = true_correlations(groups, areas)
    assert found[0, 1] == pytest.approx(0.79, abs=0.03)
    assert notes == []
