"""Linking constants beside those of R, planted constants found again, drifted anchors, and what cannot be linked."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy.optimize import minimize

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt.abilities import eap_by_sum_score
from ssa_engine.core.psychometrics.irt.linking import METHODS, Method, apply, link
from ssa_engine.core.psychometrics.irt.models import normal_quadrature, probability
from tests.core.psychometrics.irt.test_abilities import items_of
from tests.reference import published

NAMES = {
    "mean-sigma": "mean-sigma",
    "mean-mean": "mean-mean",
    "stocking-lord": "Stocking-Lord",
    "haebara": "Haebara",
}


def bank_of(count: int, seed: int, guessing: float = 0.0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    index = pd.Index([f"i{number:02d}" for number in range(count)], name="item_id")
    frame = {"a": random.lognormal(0, 0.3, count), "b": random.normal(0, 1, count), "c": np.full(count, guessing)}
    return pd.DataFrame(frame, index=index)


def seen_from(bank: pd.DataFrame, slope: float, intercept: float) -> pd.DataFrame:
    """The same items on a scale that this slope and intercept take back to the bank's."""
    return bank.assign(a=bank["a"] * slope, b=(bank["b"] - intercept) / slope)


@pytest.mark.parametrize("method", METHODS)
def test_the_constants_equal_those_of_r(method: Method) -> None:
    # R 4.2.2: own formulas; Stocking-Lord and Haebara by optim, then nlm, one direction, theta -4..4 by .1, weights
    # dnorm, normalised. TAM 4.3-25's tam_linking_2studies agrees with them to 5e-7.
    table = published.table("linking_constants")
    expected = table[(table["method"] == NAMES[method]) & table["made_by"].str.startswith("own R")].iloc[0]
    form_x, form_y = (published.expected(f"linking_form_{form}_items") for form in "xy")
    found = link(form_y, form_x, method=method)
    within = 1e-9 if method.startswith("mean") else 1e-7
    assert found.slope == pytest.approx(expected["A"], abs=within)
    assert found.intercept == pytest.approx(expected["B"], abs=within)
    assert found.anchors.index.tolist() == [f"anchor{number:02d}" for number in range(1, 11)]
    assert found.method == method
    assert found.direction == "new to bank: theta_bank = slope * theta_new + intercept"
    curves = "81 points on [-4, 4] of the bank's scale, weights summing to 1"
    assert found.weights == ("none" if method.startswith("mean") else curves)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (1.2, 0.5), (0.6, -1.4), (2.5, 2.0)])
@pytest.mark.parametrize("guessing", [0.0, 0.2])
def test_planted_constants_are_found_again(method: Method, slope: float, intercept: float, guessing: float) -> None:
    bank = bank_of(12, 1, guessing)
    new = seen_from(bank, slope, intercept)
    found = link(new, bank, method=method)
    assert found.slope == pytest.approx(slope, abs=1e-7)
    assert found.intercept == pytest.approx(intercept, abs=1e-7)
    placed = apply(found, new)
    np.testing.assert_allclose(placed[["a", "b", "c"]], bank[["a", "b", "c"]], rtol=0, atol=1e-6)
    assert not found.anchors["suspect"].any()
    theta = np.linspace(-2, 2, 9)
    np.testing.assert_allclose(probability(theta, new), probability(found.theta(theta), placed), rtol=0, atol=1e-12)


def test_the_curves_end_at_the_smallest_distance_anybody_finds() -> None:
    random = np.random.default_rng(4)
    bank = bank_of(6, 2, 0.15)
    new = seen_from(bank, 0.8, 0.3)
    new = new.assign(a=new["a"] * random.lognormal(0, 0.2, 6), b=new["b"] + random.normal(0, 0.3, 6))
    grid = normal_quadrature(81, lower=-4, upper=4)

    def distance(constants: npt.NDArray[np.float64], method: Method) -> float:
        moved = new.assign(a=new["a"] / constants[0], b=constants[0] * new["b"] + constants[1])
        difference = probability(grid.points, bank) - probability(grid.points, moved)
        each = difference.sum(axis=1) ** 2 if method == "stocking-lord" else (difference**2).sum(axis=1)
        return float(grid.weights @ each)

    methods: tuple[Method, ...] = ("stocking-lord", "haebara")
    for method in methods:
        other = minimize(partial(distance, method=method), [1.0, 0.0], method="Nelder-Mead", tol=1e-13)
        found = link(new, bank, method=method)
        assert [found.slope, found.intercept] == pytest.approx(other.x.tolist(), abs=1e-6)


def test_moments_worked_by_hand() -> None:
    new, bank = items_of([1, 2], [-1, 1]), items_of([0.5, 1.5], [0, 3])
    sigma = link(new, bank, method="mean-sigma")
    assert (sigma.slope, sigma.intercept) == pytest.approx((1.5, 1.5), abs=1e-12)  # SDs 1.5 and 1, means 1.5 and 0
    mean = link(new, bank, method="mean-mean")
    assert (mean.slope, mean.intercept) == pytest.approx((1.5, 1.5), abs=1e-12)  # slopes 1.5 over 1


def test_applying_moves_standard_errors_and_other_columns_along() -> None:
    form_x, form_y = (published.expected(f"linking_form_{form}_items") for form in "xy")
    found = link(form_y, form_x)
    form_y = form_y.rename(columns={f"se_{name}": f"{name}_se" for name in "abd"})
    placed = apply(found, form_y)
    assert "d_se" not in placed
    np.testing.assert_allclose(placed["a_se"] * found.slope, form_y["a_se"], rtol=1e-12)
    np.testing.assert_allclose(placed["b_se"] / found.slope, form_y["b_se"], rtol=1e-12)
    np.testing.assert_allclose(placed["d"], -placed["a"] * placed["b"], rtol=1e-12)
    assert placed.index.equals(form_y.index)
    assert form_y.columns.tolist() == ["a", "d", "a_se", "d_se", "b", "b_se"]  # the argument is left as it was
    # A person keeps the same probability of the same score on either scale.
    scores = eap_by_sum_score(form_y)["probability"]
    grid = normal_quadrature(121)
    moved = apply(found, form_y)
    p = probability(found.theta(grid.points), moved)
    assert float(grid.weights @ p.prod(axis=1)) == pytest.approx(scores.iloc[-1], abs=1e-12)


def drifting(noise: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    random = np.random.default_rng(6)
    bank = bank_of(15, 3)
    new = seen_from(bank, 1.2, 0.5)
    new = new.assign(a=new["a"] * np.exp(random.normal(0, noise, 15)), b=new["b"] + random.normal(0, noise, 15))
    drift = np.arange(15)
    return new.assign(b=new["b"] + 1.0 * (drift == 4), a=new["a"] * np.where(drift == 9, 0.4, 1.0)), bank


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_anchors_that_drifted_are_suspect_and_without_them_the_constants_come_back(noise: float) -> None:
    new, bank = drifting(noise)
    bent = link(new, bank, method="mean-sigma")
    found = bent.anchors
    assert found.loc[["i04", "i09"], "suspect"].all()
    odd = {"i04": found["z_b"]["i04"], "i09": found["z_a"]["i09"]}
    for item, z in odd.items():
        agree = "The other anchors agree exactly, so z has no finite value."
        assert found["note"][item] == ("" if noise else agree)
        assert abs(z) > 1.645 if noise else math.isnan(z)
    assert (found["note"].drop(list(odd)) == "").all()
    assert np.isfinite(found[["z_a", "z_b"]].drop(list(odd))).all(axis=None)
    assert found["suspect"].sum() <= (2 if noise == 0 else 6)
    assert found["distance"].nlargest(2).index.isin(["i04", "i09"]).all()
    clean = link(new, bank, method="mean-sigma", anchors=found.index[~found["suspect"]])
    assert abs(clean.intercept - 0.5) < max(abs(bent.intercept - 0.5), 1e-9)
    assert clean.slope == pytest.approx(1.2, abs=0.1 if noise else 1e-9)


def test_the_look_at_drift_does_not_depend_on_the_linking() -> None:
    new, bank = drifting(0.05)
    tables = [link(new, bank, method=method).anchors for method in METHODS]
    for other in tables[1:]:
        np.testing.assert_allclose(other[["z_a", "z_b"]], tables[0][["z_a", "z_b"]], rtol=0, atol=1e-12)


def test_robust_z_worked_by_hand() -> None:
    # Slopes alike, so A = 1; d = b_bank - b_new = 0, 1, 2, 3, 10: median 2, quartiles 1 and 3, z = (d - 2) / 1.4826.
    bank, new = items_of([1] * 5, [0, 1, 2, 3, 10]), items_of([1] * 5, [0] * 5)
    found = link(new, bank, method="haebara").anchors
    expected = [(d - 2) / (0.7413 * 2) for d in (0, 1, 2, 3, 10)]
    assert found["z_b"].tolist() == pytest.approx(expected, abs=1e-12)
    assert found["suspect"].tolist() == [False, False, False, False, True]
    assert found["z_a"].tolist() == [0] * 5


def test_with_three_anchors_nobody_can_tell_which_drifted() -> None:
    bank = bank_of(3, 5)
    found = link(seen_from(bank, 1.1, 0.2), bank).anchors
    assert found[["z_a", "z_b"]].isna().all(axis=None)
    assert not found["suspect"].any()
    assert set(found["note"]) == {"With fewer than 4 anchors nobody can tell which of them drifted."}


@pytest.mark.parametrize("method", METHODS)
def test_fewer_than_two_anchors_are_refused(method: Method) -> None:
    bank = bank_of(5, 1)
    with pytest.raises(Invalid, match="at least 2 anchors, items that both scales have; here: 1"):
        link(bank.iloc[:1], bank, method=method)
    with pytest.raises(Invalid, match="here: 0"):
        link(bank.rename(index=lambda name: f"other-{name}"), bank, method=method)
    with pytest.raises(Invalid, match="here: 1"):
        link(bank, bank, method=method, anchors=["i01", "i01"])


def test_anchors_without_spread_are_refused_by_mean_sigma_alone() -> None:
    bank = items_of([0.8, 1.2, 1.0], [0.5, 0.5, 0.5])
    new = seen_from(bank, 1.3, 0.2)
    with pytest.raises(Invalid, match="In the new calibration the difficulties of the 3 anchors do not vary"):
        link(new, bank, method="mean-sigma")
    with pytest.raises(Invalid, match="In the bank the difficulties"):
        link(new.assign(b=[0.0, 1.0, 2.0]), bank, method="mean-sigma")
    others: tuple[Method, ...] = ("mean-mean", "stocking-lord", "haebara")
    for method in others:
        assert link(new, bank, method=method).slope == pytest.approx(1.3, abs=1e-6)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"a": -0.4}, "Item 'i01' has a = -0.4"),
        ({"a": 0.0}, "Item 'i01' has a = 0"),
        ({"b": math.nan}, "Item 'i01' has no a or no b"),
        ({"b": math.inf}, "Item 'i01' has no a or no b"),
    ],
)
def test_an_anchor_without_usable_parameters_is_refused_by_name(change: dict[str, float], said: str) -> None:
    bank = bank_of(5, 1)
    new = bank.copy()
    for column, value in change.items():
        new.loc["i01", column] = value
    for pair in ((new, bank), (bank, new)):
        with pytest.raises(Invalid, match=said):
            link(*pair)
    assert link(new, bank, anchors=["i00", "i02", "i03"]).slope == pytest.approx(1, abs=1e-9)


def test_an_unknown_method_and_an_anchor_that_is_not_there_are_refused() -> None:
    bank = bank_of(5, 1)
    with pytest.raises(Invalid, match="Choose one of mean-sigma, mean-mean, stocking-lord, haebara"):
        link(bank, bank, method="equipercentile")  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="Item 'elsewhere' has no parameters"):
        link(bank, bank, anchors=["i00", "elsewhere"])


def test_curves_that_cannot_be_brought_together_are_refused() -> None:
    new, bank = items_of([30, 30, 30], [-3, 0, 3]), items_of([0.01, 0.01, 0.01], [-3, 0, 3])
    with pytest.raises(Invalid, match="cannot be brought together"):
        link(new, bank, method="haebara")
