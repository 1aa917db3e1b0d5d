"""Beta true scores and exact probabilities at cuts, beside R's betafunctions, BB-CLASS and a quadrature of our own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats
from scipy.special import beta as beta_function
from scipy.special import roots_jacobi

from ssa_engine.core.psychometrics.decisions.beta_binomial import (
    FOUR_MOMENTS,
    ONE_POINT,
    THREE_MOMENTS,
    TWO_MOMENTS,
    TWO_POINTS,
    UNDEFINED,
    BetaTrueScores,
    cut_probabilities,
    fit_true_scores,
    true_score_moments,
)
from ssa_engine.core.psychometrics.decisions.classification import Classification, classify, classify_categories
from tests.reference import published

Array = npt.NDArray[np.float64]

EXACT = published.table("classification_exact").set_index("case")
BETAFUNCTIONS = published.table("classification_betafunctions").set_index("case")


def at(true_scores: BetaTrueScores, items: int, cut: int, true_cut: float, lords_k: float = 0.0) -> Classification:
    """Classify at one cut."""
    found = cut_probabilities(
        true_scores, items=items, cuts=np.array([cut]), true_cuts=np.array([true_cut]), lords_k=lords_k
    )
    return classify(found)


def named(found: Classification) -> dict[str, float]:
    """Return the cells under the names of the reference tables."""
    return {
        "below_below": found.below_below.item(),
        "above_above": found.above_above.item(),
        "obs_below_true_above": found.needless.item(),
        "obs_above_true_below": found.missed.item(),
        "accuracy": found.accuracy.item(),
        "consistency": found.consistency.item(),
        "chance": found.chance.item(),
        "kappa": found.kappa.item(),
        "c11": found.below_twice.item(),
    }


def of_case(case: str) -> dict[str, float]:
    row = EXACT.loc[[case]].iloc[0]
    given = BetaTrueScores.given(row["l"], row["u"], row["alpha"], row["beta"])
    return named(at(given, int(row["n"]), int(row["cut"]), row["true_cut"], row["lords_k"]))


@pytest.mark.parametrize("case", EXACT.index)
def test_classification_at_given_parameters_equals_the_exact_values(case: str) -> None:
    # exact.py: Gauss-Jacobi with 120 nodes split at the cut, confirmed by mpmath with 30 digits.
    for name, value in of_case(case).items():
        assert value == pytest.approx(EXACT.loc[case, name], abs=1e-9), name


@pytest.mark.parametrize("case", EXACT.index)
def test_classification_agrees_with_betafunctions(case: str) -> None:
    # R 4.2.2, betafunctions 1.9.0, LL.CA(...) and HB.CA(...), which integrate numerically.
    for name, value in of_case(case).items():
        assert value == pytest.approx(BETAFUNCTIONS.loc[case, name], abs=1e-4), name


def test_the_printed_figures_of_act_mathematics() -> None:
    # Brennan (2004), BB-CLASS manual, CASMA Research Report 9: Hanson-Brennan, 40 items, cut 24, binomial errors.
    found = named(at(BetaTrueScores.given(0.223171822772, 1, 0.523778789077, 1.62569256887), 40, 24, 0.6))
    printed = {
        "accuracy": 0.944271,
        "consistency": 0.922037,
        "chance": 0.680307,
        "kappa": 0.756131,
        "obs_below_true_above": 0.017783,
        "obs_above_true_below": 0.037946,
    }
    assert {name: round(found[name], 6) for name in printed} == printed


def test_three_categories_give_the_printed_figures_of_livingston_and_lewis() -> None:
    # Brennan (2004), BB-CLASS manual: range 100 to 200, effective length 68, cuts 140 and 160.
    given = BetaTrueScores.given(0.00929874991, 0.808076758, 2.58674261, 1.21748531)
    cuts = np.rint(68 * np.array([0.4, 0.6])).astype(int)
    found = classify_categories(cut_probabilities(given, items=68, cuts=cuts, true_cuts=np.array([0.4, 0.6])))
    assert found.accuracy.item() == pytest.approx(0.843856, abs=1e-6)
    assert found.consistency.item() == pytest.approx(0.782125, abs=1e-6)
    assert found.kappa.item() == pytest.approx(0.654890, abs=1e-6)


def test_the_example_on_the_help_page_of_betafunctions() -> None:
    # LL.CA(list(l = .25, u = .75, alpha = 5, beta = 3, etl = 50), cut = 50, min = 0, max = 100)
    found = named(at(BetaTrueScores.given(0.25, 0.75, 5, 3), 50, 25, 0.5))
    assert (found["accuracy"], found["consistency"], found["kappa"]) == pytest.approx(
        (0.83698, 0.77499, 0.39789), abs=1e-5
    )


def test_one_cut_gives_the_same_as_two_categories() -> None:
    found = cut_probabilities(
        BetaTrueScores.given(0.1, 0.9, 3, 2), items=12, cuts=np.array([7]), true_cuts=np.array([0.55])
    )
    one, two = classify(found), classify_categories(found)
    pairs = [(one.accuracy, two.accuracy), (one.consistency, two.consistency), (one.kappa, two.kappa)]
    assert [a.item() for a, _ in pairs] == pytest.approx([b.item() for _, b in pairs], abs=1e-14)


def below(p: Array, items: int, cut: int, k: float) -> Array:
    """P(X < cut | p) under Lord's two-term approximation, straight from its definition."""
    scores = np.arange(cut)[:, None]
    short = [stats.binom.pmf(scores - step, items - 2, p) for step in range(3)]
    chances = stats.binom.pmf(scores, items, p) - k * p * (1 - p) * (short[0] - 2 * short[1] + short[2])
    return np.asarray(chances.sum(axis=0))


def by_quadrature(
    parameters: tuple[float, float, float, float], items: int, cut: int, true_cut: float, k: float
) -> Array:
    """Accuracy and consistency by Gauss-Jacobi, split at the cut."""
    low, high, alpha, beta = parameters
    inside = (true_cut - low) / (high - low)
    x, w = roots_jacobi(150, 0, alpha - 1)
    y0 = inside * (x + 1) / 2
    w0 = w * (inside / 2) ** alpha * (1 - y0) ** (beta - 1) / beta_function(alpha, beta)
    x, w = roots_jacobi(150, beta - 1, 0)
    y1 = inside + (1 - inside) * (x + 1) / 2
    w1 = w * ((1 - inside) / 2) ** beta * y1 ** (alpha - 1) / beta_function(alpha, beta)
    f0, f1 = (below(low + (high - low) * y, items, cut, k) for y in (y0, y1))
    again = w0 @ (f0**2 + (1 - f0) ** 2) + w1 @ (f1**2 + (1 - f1) ** 2)
    return np.array([w0 @ f0 + w1 @ (1 - f1), again])


@pytest.mark.parametrize(
    ("parameters", "items", "cut", "true_cut", "k"),
    [
        ((0.0, 1.0, 0.6, 0.4), 5, 3, 0.6, 0.0),
        ((0.2, 0.9, 0.7, 2.5), 24, 13, 0.55, 0.0),
        ((0.1, 1.0, 12.0, 4.0), 60, 45, 0.75, 1.5),
        ((0.3, 0.95, 30.0, 20.0), 100, 66, 0.66, 3.0),
        ((0.0, 0.8, 2.0, 2.0), 2, 1, 0.3, 0.2),
    ],
)
def test_finite_sums_are_what_gauss_jacobi_quadrature_gives(
    parameters: tuple[float, float, float, float], items: int, cut: int, true_cut: float, k: float
) -> None:
    found = at(BetaTrueScores.given(*parameters), items, cut, true_cut, k)
    expected = by_quadrature(parameters, items, cut, true_cut, k)
    assert [found.accuracy.item(), found.consistency.item()] == pytest.approx(expected, abs=1e-11)


def moments_of(low: float, high: float, alpha: float, beta: float) -> Array:
    """The raw moments of a four-parameter beta, from scipy's."""
    return np.array([[stats.beta(alpha, beta, loc=low, scale=high - low).moment(order) for order in (1, 2, 3, 4)]])


def parameters_of(found: BetaTrueScores) -> list[float]:
    return [found.lower.item(), found.upper.item(), found.alpha.item(), found.beta.item()]


def test_four_moments_give_the_parameters_back() -> None:
    found = fit_true_scores(moments_of(0.15, 0.97, 3.2, 1.7))
    assert found.fit.tolist() == [FOUR_MOMENTS]
    assert parameters_of(found) == pytest.approx([0.15, 0.97, 3.2, 1.7], abs=1e-8)


def act_moments() -> Array:
    """Moments as of ACT Mathematics whose kurtosis asks for an upper limit above 1."""
    moments = moments_of(0.223171822772, 1, 0.523778789077, 1.62569256887)
    wider = moments_of(0.223171822772, 1.027, 0.523778789077, 1.62569256887)
    moments[0, 3] *= wider[0, 3] / moments[0, 3] * (moments[0, 0] / wider[0, 0]) ** 4
    return moments


def test_a_fit_beyond_one_falls_back_to_three_moments_and_says_so() -> None:
    # l, alpha and beta as BB-CLASS has them on ACT Mathematics (Brennan 2004).
    found = fit_true_scores(act_moments())
    assert found.fit.tolist() == [THREE_MOMENTS]
    assert parameters_of(found) == pytest.approx([0.223171822772, 1, 0.523778789077, 1.62569256887], abs=1e-9)


def test_the_fallback_of_betafunctions_gives_another_kappa_on_the_same_data() -> None:
    # BB-CLASS .756131; betafunctions .660 (two moments).
    three, two = (fit_true_scores(act_moments(), fallback=name) for name in ("three", "two"))
    assert two.fit.tolist() == [TWO_MOMENTS]
    assert at(three, 40, 24, 0.6).kappa.item() == pytest.approx(0.756131, abs=1e-6)
    assert at(two, 40, 24, 0.6).kappa.item() == pytest.approx(0.660, abs=5e-4)


def test_where_neither_fits_two_moments_are_left() -> None:
    mean, variance = 0.5, 0.04
    wild = np.array([[mean, mean**2 + variance, 0.9, 0.01]])
    found = fit_true_scores(wild)
    assert found.fit.tolist() == [TWO_MOMENTS]
    assert parameters_of(found) == pytest.approx([0, 1, 2.625, 2.625])  # .25 / .04 - 1 = 5.25, half of it each


def test_rows_are_fitted_each_by_itself() -> None:
    rows = [moments_of(0.15, 0.97, 3.2, 1.7), act_moments(), np.array([[0.6, 0.36, 0.2, 0.1]]), np.array([[0.3] * 4])]
    found = fit_true_scores(np.concatenate(rows))
    assert found.fit.tolist() == [FOUR_MOMENTS, THREE_MOMENTS, ONE_POINT, TWO_POINTS]


def test_where_the_variance_is_missing_the_parameters_are() -> None:
    found = fit_true_scores(np.array([[0.6, np.nan, 0.2, 0.1], [0.6, np.inf, 0.2, 0.1], [0.6, 0.4, 0.3, 0.25]]))
    assert found.fit.tolist()[:2] == [UNDEFINED] * 2
    assert np.isnan([found.lower, found.upper, found.alpha, found.beta]).tolist() == [[True, True, False]] * 4


def test_moments_with_no_items_to_divide_by_are_missing() -> None:
    # n (n - 1) + 2 k is 0 with k = -1 of two items, n (n - 1) + 6 k with k = -2 of four.
    two = true_score_moments(np.array([[0.0, 1, 2]]), np.ones((1, 3)), np.array([2.0]), np.array([-1 + 1e-16]))
    assert np.isnan(two[0]).tolist() == [False, True, True, True]
    four = true_score_moments(np.array([[0.0, 2, 4]]), np.ones((1, 3)), np.array([4.0]), np.array([-2.0]))
    assert np.isnan(four[0]).tolist() == [False, False, True, True]


def test_a_score_below_r_counts_nothing_in_the_r_th_moment() -> None:
    # One person with 1 of 4, one with 3: E[x] = 2, E[x (x - 1)] = 3, E[x (x - 1) (x - 2)] = 3, fourth 0.
    moments = true_score_moments(np.array([[1.0, 3.0]]), np.ones((1, 2)), np.array([4.0]), np.zeros(1))
    assert moments[0].tolist() == pytest.approx([2 / 4, 3 / 12, 3 / 24, 0])
    # Stretched to 4.4 items 1.1 counts nothing in the second, and 3.3 x 2.3 x 1.3 is all of the third.
    moments = true_score_moments(np.array([[1.1, 3.3]]), np.ones((1, 2)), np.array([4.4]), np.zeros(1))
    falling = 4.4 * 3.4 * 2.4
    assert moments[0, 1:3].tolist() == pytest.approx([3.3 * 2.3 / 2 / (4.4 * 3.4), 3.3 * 2.3 * 1.3 / 2 / falling])


def test_a_test_of_two_items_has_two_moments() -> None:
    moments = true_score_moments(np.array([[0.0, 1, 2]]), np.array([[3.0, 4, 5]]), np.array([2.0]), np.zeros(1))
    assert np.isnan(moments[0]).tolist() == [False, False, True, True]
    assert fit_true_scores(moments).fit.tolist() == [TWO_MOMENTS]


def test_without_variance_everybody_is_at_the_mean_and_the_rest_is_binomial() -> None:
    found = at(fit_true_scores(np.array([[0.6, 0.36, 0.216, 0.1296]])), 10, 7, 0.7)
    falls = stats.binom.cdf(6, 10, 0.6)
    assert (found.accuracy.item(), found.needless.item(), found.missed.item()) == pytest.approx((falls, 0, 1 - falls))
    assert found.consistency.item() == pytest.approx(falls**2 + (1 - falls) ** 2)
    assert found.kappa.item() == pytest.approx(0, abs=1e-12)


def test_who_is_exactly_at_the_standard_is_not_below_it() -> None:
    point = fit_true_scores(np.array([[0.5, 0.25, 0.125, 0.0625]]))
    assert at(point, 4, 2, 0.5).below_below.item() == 0
    assert at(point, 4, 2, 0.5 + 1e-9).missed.item() == pytest.approx(stats.binom.sf(1, 4, 0.5))


def test_true_scores_at_both_ends_are_decided_without_error() -> None:
    found = at(fit_true_scores(np.array([[0.3, 0.3, 0.3, 0.3]])), 8, 8, 1.0)
    assert (found.accuracy.item(), found.consistency.item(), found.kappa.item()) == pytest.approx((1, 1, 1), abs=1e-6)
    assert found.below_share.item() == pytest.approx(0.7, abs=1e-6)


@pytest.mark.parametrize(("cut", "true_cut", "share"), [(0, 0.0, 0.0), (-3, 0.0, 0.0), (11, 1.0, 1.0), (99, 1.0, 1.0)])
def test_a_cut_at_no_item_or_above_all_leaves_one_side_and_no_kappa(cut: int, true_cut: float, share: float) -> None:
    found = at(BetaTrueScores.given(0.1, 0.9, 3, 2), 10, cut, true_cut)
    assert (found.below_share.item(), found.accuracy.item(), found.consistency.item()) == pytest.approx((share, 1, 1))
    assert np.isnan(found.kappa.item())


def test_hardly_any_variance_is_as_good_as_none() -> None:
    narrow = at(BetaTrueScores.given(0, 1, 6e13, 4e13), 10, 7, 0.7)
    point = at(fit_true_scores(np.array([[0.6, 0.36, np.nan, np.nan]])), 10, 7, 0.7)
    assert [*named(narrow).values()] == pytest.approx([*named(point).values()], abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_cells_are_shares_that_add_up_to_one_and_agreement_is_never_below_chance(seed: int) -> None:
    random = np.random.default_rng(seed)
    low, high = np.sort(random.random(2))
    given = BetaTrueScores.given(low, high, *np.exp(random.normal(0.5, 1, 2)))
    items = int(random.integers(4, 80))
    cut = int(random.integers(1, items + 1))
    found = at(given, items, cut, cut / items)
    cells = [found.below_below, found.above_above, found.needless, found.missed]
    assert min(cell.item() for cell in cells) >= -1e-14
    assert sum(cell.item() for cell in cells) == pytest.approx(1, abs=1e-12)
    assert found.consistency.item() >= found.chance.item() - 1e-14
