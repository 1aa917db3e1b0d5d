"""Calibration beside mirt and published figures, and beside a plain marginal likelihood."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy.special import expit, logsumexp
from scipy.stats import beta, lognorm

from ssa_engine.core.psychometrics.irt import calibration_errors, calibration_fit
from ssa_engine.core.psychometrics.irt.calibration import calibrate
from ssa_engine.core.psychometrics.irt.calibration_models import MODELS, Priors
from ssa_engine.core.psychometrics.irt.marginal_likelihood import patterns_of
from ssa_engine.core.psychometrics.irt.models import normal_quadrature
from ssa_engine.core.psychometrics.matrix import ABSENT, ResponseMatrix
from tests.core.psychometrics.response_data import matrix, simulated
from tests.reference import published

Floats = npt.NDArray[np.float64]

LSAT6 = {
    "00000": 3, "00001": 6, "00010": 2, "00011": 11, "00100": 1, "00101": 1, "00110": 3, "00111": 4, "01000": 1,
    "01001": 8, "01011": 16, "01101": 3, "01110": 2, "01111": 15, "10000": 10, "10001": 29, "10010": 14, "10011": 81,
    "10100": 3, "10101": 28, "10110": 15, "10111": 80, "11000": 16, "11001": 56, "11010": 21, "11011": 173,
    "11100": 11, "11101": 61, "11110": 28, "11111": 298,
}  # fmt: skip
"""Pattern, frequency: Bock & Lieberman (1970), Psychometrika 35:179-197."""


def of_file(name: str) -> ResponseMatrix:
    wide = published.data(name)
    return ResponseMatrix(wide.index.astype("str"), wide.columns, wide.fillna(ABSENT).to_numpy(dtype=np.int8))


def lsat6() -> ResponseMatrix:
    patterns = [[int(mark) for mark in pattern] for pattern in LSAT6]
    return matrix(np.repeat(patterns, list(LSAT6.values()), axis=0))


# Against references


@pytest.mark.parametrize(
    ("data", "expected", "model"),
    [
        ("complete_2pl", "complete_2pl", "2pl"),
        ("complete_2pl", "complete_1pl", "1pl"),
        ("sparse_2pl", "sparse_2pl", "2pl"),
        ("sparse_2pl", "sparse_1pl", "1pl"),
        ("linking_form_x", "linking_form_x", "2pl"),
        ("linking_form_y", "linking_form_y", "2pl"),
    ],
)
def test_estimates_standard_errors_and_likelihood_equal_those_of_mirt(data: str, expected: str, model: str) -> None:
    # mirt 1.47: mirt(x, 1, "2PL", quadpts = 121, TOL = 1e-7, SE = TRUE, SE.type = "Oakes", theta_lim = c(-6, 6)).
    found = calibrate(of_file(data), model=model)
    theirs = published.expected(f"{expected}_items")
    for mine, name in (("a", "a"), ("b", "b"), ("d", "d")):
        np.testing.assert_allclose(found.items[mine], theirs[name], rtol=0, atol=1e-5)
    for mine, name in (("a_se", "se_a"), ("b_se", "se_b"), ("d_se", "se_d")):
        np.testing.assert_allclose(found.items[mine], theirs[name], rtol=0, atol=2e-6)
    summary = published.table("irt_summary").set_index("model").loc[expected]
    assert found.log_likelihood == pytest.approx(summary["logLik"], abs=2e-6)
    assert (found.aic, found.bic) == pytest.approx((summary["AIC"], summary["BIC"]), abs=5e-6)
    assert (found.parameters, found.converged, found.remarks) == (summary["npar"], True, ())
    assert (found.items["note"] == "").all()


def test_lsat6_2pl_has_its_published_values() -> None:
    # mirt 1.47 (201 nodes, TOL 1e-10); data of Bock & Lieberman (1970), model of Bock & Aitkin (1981).
    found = calibrate(lsat6(), model="2pl")
    np.testing.assert_allclose(found.items["a"], [0.82566, 0.72274, 0.89087, 0.68837, 0.65686], rtol=0, atol=1e-4)
    np.testing.assert_allclose(found.items["d"], [2.77323, 0.99020, 0.24915, 1.28476, 2.05327], rtol=0, atol=1e-4)
    expected = [-3.35881, -1.37006, -0.27967, -1.86638, -3.12591]
    np.testing.assert_allclose(found.items["b"], expected, rtol=0, atol=3e-4)
    assert found.log_likelihood == pytest.approx(-2466.65338, abs=1e-5)


def test_lsat6_1pl_has_its_published_values() -> None:
    # mirt 1.47, one slope. Thissen (1982), Psychometrika 47:175-186, prints the same model to three digits.
    found = calibrate(lsat6(), model="1pl")
    np.testing.assert_allclose(found.items["a"], [0.75514] * 5, rtol=0, atol=1e-5)
    np.testing.assert_allclose(found.items["d"], [2.73002, 0.99861, 0.23985, 1.30645, 2.09941], rtol=0, atol=1e-5)
    expected = [-3.61524, -1.32241, -0.31763, -1.73008, -2.78015]
    np.testing.assert_allclose(found.items["b"], expected, rtol=0, atol=5e-5)
    assert found.log_likelihood == pytest.approx(-2466.93760, abs=1e-5)


# Against a plain marginal likelihood, written down here


def plain_log_likelihood(values: npt.NDArray[np.int8], a: Floats, b: Floats, c: Floats) -> float:
    """Sum of log integrals over theta, person by person, on a fine grid."""
    theta = np.linspace(-7, 7, 141)
    p = c + (1 - c) * expit(a * (theta[:, None] - b))
    chosen = np.where(values[:, None, :] == 1, np.log(p), np.log1p(-p)) * (values[:, None, :] != ABSENT)
    return float(logsumexp(chosen.sum(axis=2) - theta**2 / 2, axis=1, b=0.1 / np.sqrt(2 * np.pi)).sum())


def numeric_hessian(function: Callable[[Floats], float], at: Floats, step: float = 1e-3) -> Floats:
    moves = np.eye(len(at)) * step
    return np.array(
        [
            [
                (function(at + u + v) - function(at + u - v) - function(at - u + v) + function(at - u - v))
                / (4 * step**2)
                for v in moves
            ]
            for u in moves
        ]
    )


def test_the_3pl_is_a_mode_with_its_priors_and_has_the_standard_errors_of_its_curvature() -> None:
    values = simulated(250, [1.4, 1.0, 1.8], [-0.3, 0.5, 0.2], 0.2)
    values[:60, 2] = ABSENT
    found = calibrate(matrix(values), model="3pl", priors=Priors(log_a_mean=0.1, log_a_sd=0.4, c_alpha=5, c_beta=17))

    def posterior(flat: Floats) -> float:
        a, b, c = flat.reshape(3, 3)
        prior = lognorm.logpdf(a, s=0.4, scale=np.exp(0.1)) + beta.logpdf(c, 5, 17)
        return plain_log_likelihood(values, a, b, c) + float(prior.sum())

    mode = found.items[["a", "b", "c"]].to_numpy().T.ravel()
    moves = np.eye(9) * 1e-4
    gradient = [(posterior(mode + move) - posterior(mode - move)) / 2e-4 for move in moves]
    np.testing.assert_allclose(gradient, np.zeros(9), rtol=0, atol=1e-4)
    errors = np.sqrt(np.diag(np.linalg.inv(-numeric_hessian(posterior, mode)))).reshape(3, 3).T
    np.testing.assert_allclose(found.items[["a_se", "b_se", "c_se"]], errors, rtol=2e-4)
    assert found.log_likelihood == pytest.approx(plain_log_likelihood(values, *mode.reshape(3, 3)), abs=1e-6)


def test_sparse_2pl_has_the_plain_likelihood_and_no_better_value_nearby() -> None:
    values = simulated(400, [1.0, 1.3, 0.7, 1.1], [-0.5, 0.0, 0.4, 0.9], seed=4)
    values[np.random.default_rng(2).random(values.shape) < 0.25] = ABSENT
    found = calibrate(matrix(values))
    a, b = found.items["a"].to_numpy(), found.items["b"].to_numpy()
    best = plain_log_likelihood(values, a, b, np.zeros(4))
    assert found.log_likelihood == pytest.approx(best, abs=1e-6)
    for index in range(4):
        for move in (-0.02, 0.02):
            step = np.eye(4)[index] * move
            assert plain_log_likelihood(values, a + step, b, np.zeros(4)) < best
            assert plain_log_likelihood(values, a, b + step, np.zeros(4)) < best


@pytest.mark.parametrize("sparse", [False, True])
def test_both_ways_to_sum_what_is_missing_give_the_same_information(sparse: bool) -> None:
    values = simulated(90, [1.0, 1.3, 0.7], [-0.5, 0.0, 0.4])
    if sparse:
        values[:30, 0] = ABSENT
        values[30:50, 2] = ABSENT
    patterns, quadrature, model = patterns_of(values), normal_quadrature(), MODELS["2pl"](Priors())
    at = np.array([[1.1, 0.4], [0.8, -0.1], [1.6, -0.7]])
    curves, arguments = model.curves(at, quadrature.points), (quadrature, at, False)
    general = calibration_errors._missing(patterns, curves, *arguments)
    np.testing.assert_allclose(
        calibration_errors._missing_linear(patterns, curves, *arguments), general, rtol=0, atol=1e-9
    )


# How it goes about it


def test_single_precision_until_near_changes_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    data = of_file("sparse_2pl")
    double = calibrate(data)
    monkeypatch.setattr(calibration_fit, "LARGE", 0)
    single = calibrate(data)
    columns = ["a", "b", "a_se", "b_se", "d", "d_se"]
    assert not single.items[columns].equals(double.items[columns])  # the other way was taken
    np.testing.assert_allclose(single.items[columns], double.items[columns], rtol=0, atol=1e-5)
    assert single.log_likelihood == pytest.approx(double.log_likelihood, abs=1e-6)


def test_persons_in_another_order_give_the_same() -> None:
    values = simulated(200, [1.0] * 40, np.linspace(-2, 2, 40))
    values[np.random.default_rng(2).random(values.shape) < 0.3] = ABSENT
    shuffled = values[np.random.default_rng(3).permutation(200)]
    one, other = calibrate(matrix(values)).items, calibrate(matrix(shuffled)).items
    pd.testing.assert_frame_equal(one, other, check_exact=False, rtol=0, atol=1e-7)


def test_known_slopes_and_difficulties_are_recovered_within_their_standard_errors() -> None:
    random = np.random.default_rng(8)
    a, b = np.exp(random.normal(0, 0.3, 60)), random.normal(0, 1, 60)
    found = calibrate(matrix(simulated(4000, a, b, seed=9))).items
    for name, true in (("a", a), ("b", b)):
        z = (found[name] - true) / found[f"{name}_se"]
        assert np.sqrt(np.mean(z**2)) == pytest.approx(1, abs=0.25)  # 60 items: SD of the root mean square .09
    assert np.sqrt(np.mean((found["a"] - a) ** 2)) < 0.06


def test_3pl_recovers_a_lower_asymptote_that_the_prior_does_not_expect() -> None:
    found = calibrate(matrix(simulated(8000, [1.8] * 12, np.linspace(-0.5, 1.5, 12), 0.35)), model="3pl").items
    z = (found["c"] - 0.35) / found["c_se"]
    assert found["c"].mean() == pytest.approx(0.35, abs=0.03)
    assert np.abs(z).max() < 3.5


def test_long_tests_get_more_nodes_and_the_result_is_that_of_many() -> None:
    values = simulated(400, [2.5] * 80, np.linspace(-1, 1, 80))
    found, fine = calibrate(matrix(values)), calibrate(matrix(values), nodes=301)
    assert 61 < len(found.quadrature.points) < 200
    np.testing.assert_allclose(found.items[["a", "b"]], fine.items[["a", "b"]], rtol=0, atol=2e-5)
    coarse = calibrate(matrix(values), nodes=21)
    assert "21 nodes are too far apart" in coarse.remarks[0]
    assert np.abs(coarse.items["a"] - fine.items["a"]).max() > 0.1  # the remark is true


def test_a_calibration_that_was_cut_short_says_so_and_marks_its_items() -> None:
    found = calibrate(matrix(simulated(300, [1.0, 1.2, 0.8], [0.0, 0.5, 1.0])), most_iterations=2)
    assert not found.converged
    assert found.remarks == ("Not converged after 2 iterations: take these figures as provisional.",)
    assert set(found.items["note"]) == {"EM did not converge: the figures are provisional."}
