"""Probabilities of true scores below a standard: fitted priors, numeric integration, and whether they come true."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import beta as beta_distribution
from scipy.stats import betabinom, norm

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import Policy
from ssa_engine.core.psychometrics.subscores.estimates import Subscores, estimated_subscores, observed_subscores
from ssa_engine.core.psychometrics.subscores.probability_checks import check_probabilities, split_halves
from ssa_engine.core.psychometrics.subscores.true_scores import (
    STRONGEST,
    FittedPrior,
    below_by_beta_binomial,
    below_by_normal,
    cohort_priors,
    predicted_below,
    prior_by_likelihood,
    prior_by_moments,
)
from ssa_engine.core.scoring import score_areas
from tests.reference import published

Fit = Callable[..., FittedPrior]
BOTH = pytest.mark.parametrize("fit", [prior_by_moments, prior_by_likelihood])


def scores_of(correct: np.ndarray, items: int | np.ndarray = 10, standard: float = 0.7) -> pd.DataFrame:
    """Return the columns of area scores that matter here, for one area."""
    return pd.DataFrame({"content_area": "A", "items": items, "points": correct, "standard": standard})


def test_the_prior_by_moments_equals_huynhs() -> None:
    # Ten items, mean 7, SD 2.2, KR-21 .62901745: alpha 4.1284672, beta 1.7693431 (Huynh 1976, J. Educ. Meas.
    # 13:253-264, the model; figures of the reference set, to 7 digits). Two people have this mean and SD.
    apart = 2.2 / math.sqrt(2)
    found = prior_by_moments(np.array([7 - apart, 7 + apart]), np.array([10, 10]))
    assert found.alpha == pytest.approx(4.1284672, abs=5e-8)
    assert found.beta == pytest.approx(1.7693431, abs=5e-8)


@pytest.mark.parametrize("area", range(6))
def test_the_prior_by_likelihood_is_where_a_plain_search_over_scipys_beta_binomial_ends(area: int) -> None:
    correct = published.data("subscores").iloc[:, 10 * area : 10 * area + 10].sum(axis=1).to_numpy()
    found = prior_by_likelihood(correct, np.full(len(correct), 10))

    def loss(place: np.ndarray) -> float:
        return -float(np.sum(betabinom.logpmf(correct, 10, *np.exp(place))))

    plain = minimize(loss, [1.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10})
    assert [found.alpha, found.beta] == pytest.approx(np.exp(plain.x).tolist(), rel=1e-5)
    assert found.log_likelihood == pytest.approx(-plain.fun, abs=1e-7)
    assert found.note == ""


@BOTH
def test_a_fitted_prior_recovers_what_the_scores_were_drawn_from(fit: Fit) -> None:
    random = np.random.default_rng(11)
    items = random.integers(6, 15, 40_000)
    correct = random.binomial(items, random.beta(6, 3, len(items)))
    found = fit(correct, items)
    assert found.mean == pytest.approx(2 / 3, abs=0.003)
    assert found.sd == pytest.approx(beta_distribution(6, 3).std(), abs=0.003)


def test_the_likelihood_is_nowhere_larger_than_at_its_fit() -> None:
    random = np.random.default_rng(3)
    items = random.integers(1, 12, 300)
    correct = random.binomial(items, random.beta(2, 5, 300))
    found, moments = prior_by_likelihood(correct, items), prior_by_moments(correct, items)
    assert found.log_likelihood >= moments.log_likelihood
    for alpha, beta in ((1.01, 1), (0.99, 1), (1, 1.01), (1, 0.99), (1.01, 1.01), (0.99, 0.99)):
        other = np.sum(betabinom.logpmf(correct, items, found.alpha * alpha, found.beta * beta))
        assert other < found.log_likelihood


@BOTH
@pytest.mark.parametrize(
    ("correct", "items", "why"),
    [
        ([10, 10, 10], [10, 10, 10], "All answers are right"),
        ([0, 0, 0], [10, 5, 10], "All answers are wrong"),
        ([1, 0, 1, 1], [1, 1, 1, 1], "one item"),
        ([7], [10], "fewer than two attempts"),
        ([], [], "fewer than two attempts"),
    ],
)
def test_where_the_scores_do_not_tell_the_prior_is_uniform_and_says_so(
    fit: Fit, correct: list[int], items: list[int], why: str
) -> None:
    found = fit(np.array(correct), np.array(items))
    assert (found.alpha, found.beta) == (1, 1)
    assert why in found.note
    assert "uniform" in found.note
    assert math.isfinite(found.log_likelihood)


@BOTH
def test_scores_that_vary_less_than_chance_make_one_true_score(fit: Fit) -> None:
    found = fit(np.array([6, 7, 7, 8] * 20), np.full(80, 10))
    assert found.mean == pytest.approx(0.7, abs=1e-6)
    assert found.alpha + found.beta == pytest.approx(STRONGEST, rel=1e-3)
    assert "no more than by chance" in found.note
    below = below_by_beta_binomial(scores_of(np.array([2.0, 7.0]), standard=0.75), _priors(found))
    assert below.tolist() == pytest.approx([1, 1], abs=1e-9)


@BOTH
def test_scores_that_are_all_or_nothing_are_taken_at_their_word(fit: Fit) -> None:
    found = fit(np.array([0, 10] * 30), np.full(60, 10))
    assert "at their word" in found.note
    below = below_by_beta_binomial(scores_of(np.array([0.0, 10.0])), _priors(found))
    assert below.tolist() == pytest.approx([1, 0], abs=1e-3)


@BOTH
def test_three_candidates_are_fitted_with_a_warning(fit: Fit) -> None:
    assert fit(np.array([2, 6, 9]), np.full(3, 10)).note == "Fitted to 3 attempts only."


def test_counts_that_cannot_be_are_refused() -> None:
    for correct, items in (([11], [10]), ([-1], [10]), ([0], [0]), ([1, 2], [10])):
        with pytest.raises(Invalid):
            prior_by_moments(np.array(correct), np.array(items))


def _priors(prior: FittedPrior) -> pd.DataFrame:
    return pd.DataFrame({"alpha": [prior.alpha], "beta": [prior.beta]}, index=["A"])


def test_the_posterior_probability_is_the_integral_of_prior_times_likelihood() -> None:
    prior = pd.DataFrame({"alpha": [5.2], "beta": [2.1]}, index=["A"])
    found = below_by_beta_binomial(scores_of(np.arange(11.0)), prior)
    for correct in range(11):

        def density(p: float, x: int = correct) -> float:
            return math.pow(p, x + 4.2) * math.pow(1 - p, 10 - x + 1.1)

        below, everything = quad(density, 0, 0.7, epsabs=1e-14)[0], quad(density, 0, 1, epsabs=1e-14)[0]
        assert found[correct] == pytest.approx(below / everything, abs=1e-8)
    assert (np.diff(found) < 0).all()


def test_priors_are_fitted_by_area_and_each_row_has_its_own() -> None:
    marked = published.long_of(published.data("subscores"))
    marked["content_area"] = marked["item_id"].str.split("_").str[0]
    policy = Policy.model_validate({"standards": dict.fromkeys(marked["content_area"].unique(), 0.7),
                                    "credits": {"rule": "flat", "credits": 1}})  # fmt: skip
    scores = score_areas(marked, policy)
    priors = cohort_priors(scores)
    assert priors.index.tolist() == ["A1", "A2", "A3", "A4", "A5", "A6"]
    found = pd.Series(below_by_beta_binomial(scores, priors), index=scores.index)
    for area, own in scores.groupby("content_area", observed=True):
        alone = priors.loc[[area]]
        np.testing.assert_array_equal(found[own.index], below_by_beta_binomial(own, alone))
    # A4 is the hardest area (mean 4.4): the same seven of ten say less for a candidate there.
    sevens = scores[(scores["points"] == 7)]
    mean = found[sevens.index].groupby(sevens["content_area"], observed=True).mean()
    assert mean.idxmax() == "A4"
    # The uniform prior is the one that scoring has by default.
    uniform = priors.assign(alpha=1.0, beta=1.0)
    np.testing.assert_allclose(below_by_beta_binomial(scores, uniform), scores["probability_below"], atol=1e-12)
    with pytest.raises(Invalid, match="A6"):
        below_by_beta_binomial(scores, priors.drop(index="A6"))


def test_probabilities_with_the_cohorts_prior_come_true_and_beat_those_with_the_uniform_one() -> None:
    random = np.random.default_rng(21)
    truth = random.beta(9, 4, 60_000)
    scores = scores_of(random.binomial(10, truth).astype(float))
    found = below_by_beta_binomial(scores, cohort_priors(scores))
    checked = check_probabilities(found, truth < 0.7)
    table = checked.table[checked.table["n"] > 50]
    assert len(table) >= 5
    assert ((table["share"] - table["mean_probability"]).abs() < 4 * table["se"]).all()
    uniform = below_by_beta_binomial(scores, pd.DataFrame({"alpha": [1.0], "beta": [1.0]}, index=["A"]))
    plain = check_probabilities(uniform, truth < 0.7)
    assert plain.brier > checked.brier + 0.002
    assert plain.calibration_error > 5 * checked.calibration_error


def test_probabilities_of_held_out_halves_come_true() -> None:
    random = np.random.default_rng(4)
    truth = random.beta(6, 3, 20_000)
    right = random.random((20_000, 12)) < truth[:, None]
    marked = pd.DataFrame(
        {"attempt_id": np.repeat(np.arange(20_000), 12), "content_area": "A", "correct": right.ravel()}
    )
    first, second = (
        half.groupby("attempt_id")["correct"].agg(["sum", "size"]) for half in split_halves(marked, seed=9)
    )
    assert (first["size"] == 6).all()
    assert (second["size"] == 6).all()
    scores = scores_of(first["sum"].to_numpy(dtype=float), 6, 0.6)
    expected = predicted_below(scores, cohort_priors(scores), np.full(len(scores), 6))
    checked = check_probabilities(expected, (second["sum"] < 4).to_numpy())  # .6 of 6 is 3.6, so 4 are needed
    table = checked.table[checked.table["n"] > 50]
    assert ((table["share"] - table["mean_probability"]).abs() < 4 * table["se"]).all()


def test_the_normal_approximation_worked_by_hand() -> None:
    # S = (4 1 / 1 4), T = (2 1 / 1 2): PRMSE 8/15, so the true score's variance given both scores is 2 (7/15).
    apart = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) * math.sqrt(3) / 2
    raw = 5 + apart @ np.linalg.cholesky(np.array([[4.0, 1], [1, 4]])).T
    areas, rho = pd.Index(["A", "B"]), np.array([0.5, 0.5])
    scores = Subscores(pd.Index(list("wxyz")), areas, raw, np.full(2, 10.0), rho, ("alpha",) * 2, ("",) * 2, 0)
    found = below_by_normal(scores, {"A": 0.6, "B": 0.5})
    estimate = 5 + 7 / 15 * (raw[0, 0] - 5) + 2 / 15 * (raw[0, 1] - 5)
    assert found.loc["w", "A"] == pytest.approx(norm.cdf((6 - estimate) / math.sqrt(14 / 15)))
    kelley = below_by_normal(scores, {"A": 0.6, "B": 0.5}, estimate="kelley")
    assert kelley.loc["w", "A"] == pytest.approx(norm.cdf((6 - 5 - 0.5 * (raw[0, 0] - 5)) / 1))
    with pytest.raises(Invalid, match="B"):
        below_by_normal(scores, {"A": 0.6})


def test_the_normal_approximation_is_missing_where_there_is_no_true_variance() -> None:
    wide = published.data("subscores").iloc[:, :21].assign(A4_01=1)
    marked = published.long_of(wide)
    marked["content_area"] = marked["item_id"].str.split("_").str[0]
    scores = observed_subscores(marked)
    found = below_by_normal(scores, dict.fromkeys(scores.areas, 0.7))
    assert found.notna().all().tolist() == [True, True, False, False]
    higher = below_by_normal(scores, dict.fromkeys(scores.areas, 0.8))
    assert (higher[["A1", "A2"]] > found[["A1", "A2"]]).all(axis=None)
    order = estimated_subscores(scores).wainer["A1"].argsort()
    assert np.all(np.diff(found["A1"].to_numpy()[order]) <= 0)
