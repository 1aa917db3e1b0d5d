"""Accuracy, consistency and kappa from scores and from item parameters, beside betafunctions and cacIRT."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.decisions.beta_binomial import (
    FOUR_MOMENTS,
    TWO_MOMENTS,
    BetaTrueScores,
)
from ssa_engine.core.psychometrics.decisions.classification import (
    beta_binomial,
    classify,
    hanson_brennan,
    kr21_of_samples,
    livingston_lewis,
    pool,
    sweep,
)
from ssa_engine.core.psychometrics.decisions.irt_decisions import lee, rudner, theta_at
from ssa_engine.core.psychometrics.irt.models import normal_quadrature
from tests.reference import published

EXACT = published.table("classification_exact").set_index("case")
BETAFUNCTIONS = published.table("classification_betafunctions").set_index("case")
IRT = published.table("classification_irt_exact")
CACIRT = published.table("classification_cacirt").set_index("index")
GIVEN = published.data("given_items").set_index("item")


def frequencies(*counts: float) -> npt.NDArray[np.float64]:
    return np.array([counts], dtype=float)


def area1() -> npt.NDArray[np.float64]:
    """The scores of 800 people on ten items."""
    return frequencies(*np.bincount(published.data("area1").sum(axis=1), minlength=11))


def alpha_of_area1() -> npt.NDArray[np.float64]:
    # R psych 2.2.9, psych::alpha(x)$total$raw_alpha
    return published.table("ctt_summary").set_index("data").loc[["area1"], "alpha"].to_numpy()


@pytest.mark.parametrize("case", ["LL 4P fail-safe 2P", "LL 2P", "HB 4P fail-safe 2P", "HB 2P"])
def test_fits_to_scores_equal_those_of_betafunctions(case: str) -> None:
    # R betafunctions 1.9.0: LL.CA(x, reliability = alpha, cut = 7, min = 0, max = 10, true.model = "4P" | "2P"),
    # HB.CA(x, reliability = alpha, cut = 7, testlength = 10, ...)
    method = livingston_lewis if case.startswith("LL") else hanson_brennan
    four = "4P" in case
    found = method(area1(), alpha_of_area1(), cut=7, true_cut=0.7, parameters=4 if four else 2)
    row = BETAFUNCTIONS.loc[[case]].iloc[0]
    fitted = found.true_scores
    assert fitted.fit.tolist() == [FOUR_MOMENTS if four else TWO_MOMENTS]
    parameters = [fitted.lower.item(), fitted.upper.item(), fitted.alpha.item(), fitted.beta.item()]
    assert parameters == pytest.approx([row[name] for name in ("l", "u", "alpha", "beta")], abs=1e-8)
    assert found.items.tolist() == [row["n"]]
    assert found.lords_k.item() == pytest.approx(0 if np.isnan(row["lords_k"]) else row["lords_k"], abs=1e-8)
    result = classify(found.probabilities)
    for name in ("accuracy", "consistency", "kappa"):
        assert getattr(result, name).item() == pytest.approx(EXACT.loc[case, name], abs=1e-8)


def test_kr21_is_that_of_the_reference() -> None:
    # n / (n - 1) (1 - mean (n - mean) / (n var(x))), var of R with divisor N - 1
    expected = published.table("ctt_summary").set_index("data").loc["area1", "kr21"]
    assert kr21_of_samples(area1()).item() == pytest.approx(expected, abs=1e-12)


def test_ten_items_with_mean_7_and_sd_2_2_give_huynh_s_figures() -> None:
    # The model of Huynh (1976), J. Educ. Meas. 13:253-264, computed with 30 digits elsewhere: KR-21 .62901745, alpha
    # 4.1284672, beta 1.7693431; accuracy .7999, false pass .139, false fail .061, agreement .7473, kappa .4600.
    # Weights on the scores 2, 7 and 10 give that mean and SD.
    weights = np.linalg.solve([[1, 1, 1], [2, 7, 10], [4, 49, 100]], [1, 7, 49 + 2.2**2])
    counts = np.zeros((1, 11))
    counts[0, [2, 7, 10]] = weights * 1e12  # so many people that N - 1 is N
    found = beta_binomial(counts, cut=7, true_cut=0.7)
    fitted = found.true_scores
    assert found.reliability.item() == pytest.approx(0.62901745, abs=1e-8)
    assert (fitted.alpha.item(), fitted.beta.item()) == pytest.approx((4.1284672, 1.7693431), abs=1e-7)
    result = classify(found.probabilities)
    figures = (result.accuracy, result.consistency, result.kappa)
    assert [figure.item() for figure in figures] == pytest.approx((0.7999, 0.7473, 0.4600), abs=5e-5)
    assert (result.missed.item(), result.needless.item()) == pytest.approx((0.139, 0.061), abs=5e-4)


def test_with_kr21_for_reliability_all_three_models_of_two_parameters_are_one() -> None:
    # Then the effective length is the length, and Lord's k is 0.
    scores = area1()
    kr21 = kr21_of_samples(scores)
    plain = beta_binomial(scores, cut=7, true_cut=0.7)
    effective = livingston_lewis(scores, kr21, cut=7, true_cut=0.7, parameters=2)
    compound = hanson_brennan(scores, kr21, cut=7, true_cut=0.7, parameters=2)
    assert effective.items.item() == 10
    assert compound.lords_k.item() == pytest.approx(0, abs=1e-12)
    results = [classify(one.probabilities).accuracy.item() for one in (plain, effective, compound)]
    assert results[1] == pytest.approx(results[2], abs=1e-12)
    # The moments have the divisor N, KR-21 has N - 1.
    assert results[1] == pytest.approx(results[0], abs=3e-4)


def test_one_cut_is_used_throughout_where_the_effective_length_does_not_divide() -> None:
    # LL.CA rounds n x cut for the confusion matrix and floors it for the consistency; here it is rounded for both.
    scores = area1()
    found = livingston_lewis(scores, np.array([0.66]), cut=7, true_cut=0.7)
    length = found.items.item()
    assert length * 0.7 % 1 > 0.5, "rounding and flooring must differ for this test to say anything"
    result = classify(found.probabilities)
    grid = sweep(found.true_scores, length)
    cut = round(length * 0.7)
    assert result.consistency.item() == pytest.approx(grid.consistency[0, cut], abs=1e-12)
    assert result.below_share.item() == pytest.approx(grid.below_share[0, cut], abs=1e-12)


def test_a_higher_reliability_makes_a_longer_effective_test_and_better_decisions() -> None:
    found = [livingston_lewis(area1(), np.array([r]), cut=7, true_cut=0.7) for r in (0.5, 0.65, 0.8)]
    assert [one.items.item() for one in found] == sorted({one.items.item() for one in found})
    accuracy = [classify(one.probabilities).accuracy.item() for one in found]
    assert accuracy == sorted(accuracy)


def test_samples_are_computed_each_by_itself() -> None:
    scores = np.concatenate(
        [area1(), frequencies(0, 0, 3, 5, 9, 12, 20, 15, 9, 4, 1), frequencies(*[0] * 7, 5, 0, 0, 0)]
    )
    reliability = np.array([0.64, 0.2, 0.0])
    for method in (livingston_lewis, hanson_brennan):
        together = classify(method(scores, reliability, cut=6, true_cut=0.6).probabilities)
        for row in range(3):
            alone = classify(method(scores[[row]], reliability[[row]], cut=6, true_cut=0.6).probabilities)
            assert together.accuracy[row].item() == pytest.approx(alone.accuracy.item(), abs=1e-13)


def test_a_sweep_is_every_cut_by_itself() -> None:
    fitted = beta_binomial(area1(), cut=0, true_cut=0).true_scores
    found = sweep(fitted, 10)
    for cut in range(11):
        alone = classify(beta_binomial(area1(), cut=cut, true_cut=cut / 10).probabilities)
        for name in ("accuracy", "consistency", "needless", "missed", "below_share"):
            assert getattr(found, name)[0, cut] == pytest.approx(getattr(alone, name).item(), abs=1e-13)


def test_forms_are_pooled_by_their_weights() -> None:
    parts = [beta_binomial(area1(), cut=cut, true_cut=0.7).probabilities for cut in (6, 7)]
    pooled = classify(pool(parts, [100, 300]))
    first, second = (classify(part) for part in parts)
    assert pooled.accuracy.item() == pytest.approx(0.25 * first.accuracy.item() + 0.75 * second.accuracy.item())
    # Chance is that of the pooled shares, not the mean of both.
    share = 0.25 * first.below_share.item() + 0.75 * second.below_share.item()
    assert pooled.chance.item() == pytest.approx(share**2 + (1 - share) ** 2)


@pytest.mark.parametrize("row", range(len(IRT)))
def test_lee_and_rudner_equal_the_exact_values(row: int) -> None:
    # exact.py: Lord-Wingersky at 121 points, and by Gauss-Legendre split at the cut (the true integral).
    expected = IRT.iloc[row]
    at = normal_quadrature(121) if expected["rule"].startswith("121") else None
    if expected["index"] == "Lee":
        found = lee(GIVEN, cuts=[7], at=at)
    else:
        found = rudner(GIVEN, theta_cuts=[theta_at(GIVEN, 7.0)], at=at)
    result = classify(found)
    names = {
        "accuracy": result.accuracy,
        "consistency": result.consistency,
        "chance": result.chance,
        "kappa": result.kappa,
        "below_below": result.below_below,
        "above_above": result.above_above,
        "obs_below_true_above": result.needless,
        "obs_above_true_below": result.missed,
    }
    for name, value in names.items():
        assert value.item() == pytest.approx(expected[name], abs=1e-9), name


@pytest.mark.parametrize("index", ["Lee", "Rudner"])
def test_the_logistic_metric_is_cacirt_called_with_slopes_over_1_7(index: str) -> None:
    # R cacIRT 1.4: class.Lee(7, cbind(a/1.7, b, 0), quadrature = list(theta, w), D = 1.7), class.Rud(theta_cut, ...).
    # Called with D = 1 it uses 1.7 all the same in places, and is wrong by .01 and more.
    at = normal_quadrature(121)
    found = lee(GIVEN, cuts=[7], at=at) if index == "Lee" else rudner(GIVEN, theta_cuts=[theta_at(GIVEN, 7.0)], at=at)
    result = classify(found)
    right = CACIRT.loc[index]
    wrong = CACIRT.loc[next(name for name in CACIRT.index if name.startswith(f"{index} called with D=1"))]
    assert (result.accuracy.item(), result.consistency.item()) == pytest.approx(
        (right["accuracy"], right["consistency"]), abs=1e-9
    )
    assert abs(result.accuracy.item() - wrong["accuracy"]) > 0.01


def test_the_cut_of_theta_is_where_the_expected_score_is_the_cut() -> None:
    # uniroot(function(t) sum(plogis(g$a * (t - g$b))) - 7, c(-8, 8), tol = 1e-14)
    assert theta_at(GIVEN, 7.0) == pytest.approx(-0.0597631049079, abs=1e-11)
    assert (theta_at(GIVEN, 0.0), theta_at(GIVEN, 10.0), theta_at(GIVEN, 12.0)) == (-np.inf, np.inf, np.inf)


def test_with_guessing_an_expected_score_at_chance_has_no_theta() -> None:
    guessed = GIVEN.assign(c=0.25)
    assert theta_at(guessed, 2.5) == -np.inf
    assert np.isfinite(theta_at(guessed, 2.6))


@pytest.mark.parametrize(("cut", "share"), [(0, 0.0), (11, 1.0)])
def test_cuts_beyond_all_scores_leave_one_side(cut: int, share: float) -> None:
    for found in (lee(GIVEN, cuts=[cut]), rudner(GIVEN, theta_cuts=[theta_at(GIVEN, float(cut))])):
        result = classify(found)
        assert (result.below_share.item(), result.accuracy.item()) == pytest.approx((share, 1), abs=1e-12)
        assert np.isnan(result.kappa.item())


def test_lee_takes_one_item_and_a_slope_that_falls_is_refused() -> None:
    assert 0.5 < classify(lee(GIVEN.iloc[:1], cuts=[1], true_cuts=[0.5])).accuracy.item() < 1
    with pytest.raises(Invalid, match="slope above 0"):
        lee(GIVEN.assign(a=-1.0), cuts=[7])


def test_lee_matches_simulated_tests() -> None:
    random = np.random.default_rng(7)
    theta = random.standard_normal(200_000)
    chance = 1 / (1 + np.exp(-GIVEN["a"].to_numpy() * (theta[:, None] - GIVEN["b"].to_numpy())))
    below = (random.random(chance.shape) < chance).sum(axis=1) < 7
    truly = chance.sum(axis=1) < 7
    result = classify(lee(GIVEN, cuts=[7]))
    assert result.accuracy.item() == pytest.approx((below == truly).mean(), abs=0.004)
    assert result.missed.item() == pytest.approx((~below & truly).mean(), abs=0.004)


def test_the_sweep_of_many_areas_is_the_sweep_of_each() -> None:
    rows = np.array([[0.0, 0.2], [1.0, 0.9], [3.0, 2.0], [2.0, 5.0]])
    many = BetaTrueScores(rows[0], rows[1], rows[2], rows[3], np.array(["", ""]))
    together = sweep(many, 8)
    for row in range(2):
        alone = sweep(many.rows(np.array([row])), 8)
        pd.testing.assert_frame_equal(
            pd.DataFrame({"a": together.accuracy[row], "k": together.kappa[row]}),
            pd.DataFrame({"a": alone.accuracy[0], "k": alone.kappa[0]}),
        )
