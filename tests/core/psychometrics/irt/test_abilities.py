"""Abilities at given item parameters beside those of R's mirt, closed forms, and cases without an answer."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt import abilities as module
from ssa_engine.core.psychometrics.irt.abilities import METHODS, Method, abilities, eap_by_sum_score
from ssa_engine.core.psychometrics.irt.models import information, normal_quadrature, probability
from ssa_engine.core.psychometrics.matrix import ResponseMatrix, response_matrix
from tests.reference import published

LSAT6_A = [0.82566, 0.72274, 0.89087, 0.68837, 0.65686]
LSAT6_D = [2.77323, 0.99020, 0.24915, 1.28476, 2.05327]


def items_of(a: list[float], b: list[float], c: list[float] | None = None) -> pd.DataFrame:
    frame = pd.DataFrame({"a": a, "b": b}, index=pd.Index(list("ABCDEFGHIJ"[: len(a)]), name="item_id"), dtype=float)
    return frame if c is None else frame.assign(c=c)


def answers(*rows: str) -> ResponseMatrix:
    """'10-' is item A right, B wrong, C not presented."""
    values = np.array([["01-".index(mark) if mark != "-" else -1 for mark in row] for row in rows], dtype=np.int8)
    return ResponseMatrix(
        pd.Index([f"p{n}" for n in range(len(rows))]), pd.Index(list("ABCDEFGHIJ"[: len(rows[0])])), values
    )


def reference(name: str) -> ResponseMatrix:
    """The data in their order, people 1.. as in the expected files."""
    found = response_matrix(published.long_of(published.data(name)))
    order = np.argsort(found.attempts.to_numpy())
    return ResponseMatrix(found.attempts[order], found.items, found.values[order])


@pytest.mark.parametrize("model", ["1pl", "2pl"])
@pytest.mark.parametrize(
    ("method", "within", "within_se"), [("EAP", 1e-8, 1e-8), ("MAP", 1e-5, 1e-4), ("WLE", 1e-5, None)]
)
def test_abilities_equal_those_of_mirt(model: str, method: Method, within: float, within_se: float | None) -> None:
    # mirt 1.47, fscores(mod, method = ..., quadpts = 121, theta_lim = c(-6, 6), full.scores.SE = TRUE)
    expected = published.table(f"complete_{model}_scores")
    found = abilities(reference("complete_2pl"), published.expected(f"complete_{model}_items"), method=method)
    first = found.iloc[: len(expected)]
    assert first["correct"].tolist() == expected["sum"].tolist()
    np.testing.assert_allclose(first["theta"], expected[method.lower()], rtol=0, atol=within)
    if within_se:
        np.testing.assert_allclose(first["se"], expected[f"se_{method.lower()}"], rtol=0, atol=within_se)
    assert set(found["note"]) == {""}


@pytest.mark.parametrize("model", ["1pl", "2pl"])
def test_the_wle_has_two_standard_errors_and_that_of_mirt_is_the_curvature(model: str) -> None:
    expected = published.table(f"complete_{model}_scores")
    items = published.expected(f"complete_{model}_items")
    found = abilities(reference("complete_2pl"), items, method="WLE").iloc[: len(expected)]
    np.testing.assert_allclose(found["se_curvature"], expected["se_wle"], rtol=0, atol=1e-4)
    usual = 1 / np.sqrt(information(found["theta"].to_numpy(), items).sum(axis=1))
    np.testing.assert_allclose(found["se"], usual, rtol=0, atol=1e-12)
    assert (found["se"] - expected["se_wle"]).abs().max() > 0.01  # they are not the same thing


def test_items_that_were_not_presented_are_left_out_as_mirt_does() -> None:
    # mirt 1.47, fscores(method = "EAP", quadpts = 121, theta_lim = c(-6, 6)) on data with NA
    expected = published.table("sparse_2pl_scores")
    found = abilities(reference("sparse_2pl"), published.expected("sparse_2pl_items")).iloc[: len(expected)]
    assert found["items"].tolist() == expected["answered"].tolist()
    np.testing.assert_allclose(found["theta"], expected["eap"], rtol=0, atol=1e-8)
    np.testing.assert_allclose(found["se"], expected["se_eap"], rtol=0, atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_a_gap_is_the_same_as_a_shorter_test(method: Method) -> None:
    items = items_of([0.9, 1.4, 0.7, 1.1], [-1, 0.2, 1, 0.4], [0.1, 0.2, 0, 0.15])
    with_gaps = abilities(answers("1-01", "-110", "0--1"), items, method=method)
    for row, columns, short in ((0, "ACD", "101"), (1, "BCD", "110"), (2, "AD", "01")):
        alone = answers(short)
        alone = ResponseMatrix(alone.attempts, pd.Index(list(columns)), alone.values)
        own = abilities(alone, items, method=method).iloc[0]
        assert with_gaps["theta"].iloc[row] == pytest.approx(own["theta"], abs=1e-10)
        assert with_gaps["se"].iloc[row] == pytest.approx(own["se"], abs=1e-10)


def test_eap_by_sum_score_equals_that_of_mirt() -> None:
    # mirt 1.47, fscores(mod, method = "EAPsum", full.scores = FALSE, quadpts = 121, theta_lim = c(-6, 6)), N = 1,500
    expected = published.table("complete_2pl_eapsum")
    found = eap_by_sum_score(published.expected("complete_2pl_items"))
    assert found.index.tolist() == expected["Sum.Scores"].tolist()
    np.testing.assert_allclose(found["theta"], expected["F1"], rtol=0, atol=1e-8)
    np.testing.assert_allclose(found["se"], expected["SE_F1"], rtol=0, atol=1e-8)
    np.testing.assert_allclose(1500 * found["probability"], expected["expected"], rtol=0, atol=1e-7)


@pytest.mark.parametrize("model", ["1pl", "2pl"])
def test_information_and_expected_score_equal_those_of_mirt(model: str) -> None:
    # mirt 1.47, testinfo(mod, matrix(-2:2)) and expected.test(mod, matrix(-2:2))
    expected = published.table("complete_information")
    items, theta = published.expected(f"complete_{model}_items"), expected["theta"].to_numpy(dtype=float)
    np.testing.assert_allclose(information(theta, items).sum(axis=1), expected[f"info_{model}"], rtol=0, atol=1e-8)
    np.testing.assert_allclose(probability(theta, items).sum(axis=1), expected[f"tcc_{model}"], rtol=0, atol=1e-8)


def test_eap_by_sum_score_of_lsat6() -> None:
    # Bock & Lieberman (1970) data; 2PL and EAP by sum score of mirt 1.47, 201 nodes, in shared/reference/README.md.
    a = np.array(LSAT6_A)
    found = eap_by_sum_score(items_of(a.tolist(), (-np.array(LSAT6_D) / a).tolist()))
    theta = [-1.896770, -1.412957, -0.935209, -0.445525, 0.074604, 0.645621]
    se = [0.801277, 0.804379, 0.810488, 0.821907, 0.838863, 0.859007]
    # The parameters are printed to five digits.
    np.testing.assert_allclose(found["theta"], theta, rtol=0, atol=2e-5)
    np.testing.assert_allclose(found["se"], se, rtol=0, atol=2e-5)


def test_eap_by_sum_score_of_a_rasch_test_is_the_eap_of_each_pattern() -> None:
    items = items_of([1.2, 1.2, 1.2], [-0.5, 0.3, 1.0])
    patterns = ["".join(marks) for marks in product("01", repeat=3)]
    found = abilities(answers(*patterns), items)
    by_score = eap_by_sum_score(items).loc[found["correct"]]
    np.testing.assert_allclose(found["theta"], by_score["theta"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found["se"], by_score["se"], rtol=0, atol=1e-12)
    assert eap_by_sum_score(items)["probability"].sum() == pytest.approx(1, abs=1e-12)


def test_the_wle_of_one_item_in_closed_form() -> None:
    # a (x - P) + a (1 - 2P) / 2 = 0: P = (2x + 1) / 4, so theta = b + log(3) / a if right and b - log(3) / a if wrong.
    found = abilities(answers("1", "0"), items_of([1.6], [0.5]), method="WLE")
    assert found["theta"].tolist() == pytest.approx([0.5 + math.log(3) / 1.6, 0.5 - math.log(3) / 1.6], abs=1e-10)
    # P Q = 3/16 at both; I - (J / 2I)' = a^2 P Q + a^2 P Q, because J / 2I = a (1 - 2P) / 2.
    assert found["se"].tolist() == pytest.approx([1 / math.sqrt(1.6**2 * 3 / 16)] * 2, abs=1e-9)
    assert found["se_curvature"].tolist() == pytest.approx([1 / math.sqrt(2 * 1.6**2 * 3 / 16)] * 2, abs=1e-9)


def warm_equation(theta: float, marks: npt.NDArray[np.int8], items: pd.DataFrame) -> float:
    """l' + J / (2 I) by finite differences of P, item by item."""
    h = 1e-4
    low, mid, high = probability(np.array([theta - h, theta, theta + h]), items)
    d1, d2 = (high - low) / (2 * h), (high - 2 * mid + low) / h**2
    variance = mid * (1 - mid)
    score = (d1 * (marks - mid) / variance).sum()
    return float(score + (d1 * d2 / variance).sum() / (2 * (d1**2 / variance).sum()))


def test_map_and_wle_of_the_3pl_solve_their_equations() -> None:
    random = np.random.default_rng(5)
    items = items_of(random.lognormal(0, 0.3, 10).tolist(), random.normal(0, 1, 10).tolist(), [0.2] * 10)
    people = answers(*("".join(marks) for marks in random.choice(["0", "1"], (40, 10))), "1" * 10)
    found = abilities(people, items, method="WLE")
    assert set(found["note"]) == {""}
    for theta, marks in zip(found["theta"], people.values, strict=True):
        assert warm_equation(theta, marks, items) == pytest.approx(0, abs=1e-5)
    fine = np.linspace(-6, 6, 120_001)
    p = probability(fine, items)
    posterior = np.log(p) @ people.values.T + np.log(1 - p) @ (1 - people.values).T - fine[:, None] ** 2 / 2
    mode = fine[posterior.argmax(axis=0)]
    np.testing.assert_allclose(abilities(people, items, method="MAP")["theta"], mode, rtol=0, atol=1e-4)


def test_of_two_modes_the_higher_is_taken() -> None:
    # Steep easy items missed and hard ones known: low ability that guessed well, or high ability that slipped.
    items = items_of([3] * 10, [-2] * 5 + [2.5] * 5, [0.2] * 10)
    fine = np.linspace(-8, 8, 160_001)
    p = probability(fine, items)
    two_modes = 0
    for pattern in ("1111000111", "1110011111", "1111011111", "0111101111", "1101111111"):
        marks = answers(pattern)
        posterior = np.log(p) @ marks.values[0] + np.log(1 - p) @ (1 - marks.values[0]) - fine**2 / (2 * 3**2)
        two_modes += int(((posterior[1:-1] > posterior[:-2]) & (posterior[1:-1] > posterior[2:])).sum() > 1)
        found = abilities(marks, items, method="MAP", prior_sd=3)
        assert found["theta"].iloc[0] == pytest.approx(fine[posterior.argmax()], abs=1e-3)
    assert two_modes


@pytest.mark.parametrize("method", METHODS)
def test_all_right_and_all_wrong_have_finite_abilities(method: Method) -> None:
    items = items_of([0.8, 1.1, 1.5, 0.6], [-1, 0, 0.5, 1.2])
    found = abilities(answers("1111", "0000", "1100"), items, method=method)
    assert np.isfinite(found[["theta", "se"]].to_numpy()).all()
    assert found["theta"].idxmax() == "p0"
    assert found["theta"].idxmin() == "p1"
    assert set(found["note"]) == {""}


def test_a_wle_beyond_the_bound_is_the_bound_and_says_so() -> None:
    # In closed form the WLE is b + log(3) / a = 10.99.
    found = abilities(answers("1", "0"), items_of([0.1], [0.0]), method="WLE")
    assert found["theta"].tolist() == [10, -10]
    assert found["se"].isna().all()
    assert found["note"].iloc[0] == "The estimate lies beyond -10 to 10 and is given as that bound."
    wider = abilities(answers("1"), items_of([0.1], [0.0]), method="WLE", bound=20)
    assert wider["theta"].iloc[0] == pytest.approx(math.log(3) / 0.1, abs=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_who_saw_no_item_has_no_ability_and_a_reason(method: Method) -> None:
    found = abilities(answers("10", "--"), items_of([1, 1], [0, 1]), method=method)
    assert found[["theta", "se"]].isna().loc["p1"].all()
    assert not found[["theta", "se"]].isna().loc["p0"].any()
    assert found["items"].tolist() == [2, 0]
    assert found["note"].tolist() == ["", "No item was presented, so there is no ability to estimate."]


@pytest.mark.parametrize("method", METHODS)
def test_items_so_steep_that_p_is_0_or_1_to_the_last_digit_do_no_harm(method: Method) -> None:
    found = abilities(answers("100", "110", "001"), items_of([60, 90, 50], [-1, 0, 1]), method=method)
    assert np.isfinite(found["theta"].to_numpy()).all()
    assert found["theta"].iloc[:2].is_monotonic_increasing


@pytest.mark.parametrize("method", ["EAP", "MAP"])
def test_the_prior_moves_with_the_scale(method: Method) -> None:
    # With theta* = A theta + B, a* = a / A, b* = A b + B and prior N(B, A), abilities are A theta + B.
    items = items_of([0.8, 1.1, 1.5], [-1, 0, 0.5], [0, 0.2, 0.1])
    moved = items.assign(a=items["a"] / 1.3, b=1.3 * items["b"] + 0.4)
    people = answers("110", "001", "111", "0-1")
    found = abilities(people, items, method=method)
    other = abilities(people, moved, method=method, prior_mean=0.4, prior_sd=1.3)
    np.testing.assert_allclose(other["theta"], 1.3 * found["theta"] + 0.4, rtol=0, atol=1e-9)
    np.testing.assert_allclose(other["se"], 1.3 * found["se"], rtol=0, atol=1e-9)


def test_the_nodes_suffice_also_for_a_long_test() -> None:
    random = np.random.default_rng(3)
    count = 1000
    items = pd.DataFrame(
        {"a": np.full(count, 2.0), "b": random.normal(0, 1, count)}, index=pd.RangeIndex(count).astype(str)
    )
    marks = (random.random((20, count)) < probability(random.normal(size=20), items)).astype(np.int8)
    people = ResponseMatrix(pd.RangeIndex(20).astype(str), items.index, marks)
    found = abilities(people, items)
    fine = abilities(people, items, quadrature=normal_quadrature(4801))
    np.testing.assert_allclose(found["theta"], fine["theta"], rtol=0, atol=1e-7)
    np.testing.assert_allclose(found["se"], fine["se"], rtol=0, atol=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_blocks_of_people_do_not_show(method: Method, monkeypatch: pytest.MonkeyPatch) -> None:
    people, items = reference("sparse_2pl"), published.expected("sparse_2pl_items")
    whole = abilities(people, items, method=method)
    monkeypatch.setattr(module, "BLOCK", 7)
    pd.testing.assert_frame_equal(abilities(people, items, method=method), whole, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (items_of([1.0, -0.2], [0, 0]), "Item 'B' has a = -0.2"),
        (items_of([1.0, 0.0], [0, 0]), "Item 'B' has a = 0"),
        (items_of([1.0], [0]), "Item 'B' has no parameters"),
        (items_of([1.0, 1.0], [0, math.nan]), "Item 'B' has no a or no b"),
        (pd.concat([items_of([1.0, 1.0], [0, 0])] * 2), "Item 'A' has its parameters twice"),
    ],
)
def test_parameters_that_cannot_be_used_are_refused_by_name(items: pd.DataFrame, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        abilities(answers("10", "01"), items)


def test_maximum_likelihood_is_not_offered_and_a_prior_needs_a_spread() -> None:
    with pytest.raises(Invalid, match="Choose one of EAP, MAP, WLE"):
        abilities(answers("10"), items_of([1, 1], [0, 0]), method="ML")  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="SD of the prior"):
        abilities(answers("10"), items_of([1, 1], [0, 0]), prior_sd=0)
    with pytest.raises(Invalid, match="no item"):
        eap_by_sum_score(items_of([], []))


def test_one_item_has_a_table_of_two_scores() -> None:
    found = eap_by_sum_score(items_of([1.0], [0.0]))
    assert found["probability"].tolist() == pytest.approx([0.5, 0.5], abs=1e-12)
    assert found["theta"].iloc[0] == pytest.approx(-found["theta"].iloc[1], abs=1e-12)
    assert found["theta"].iloc[1] > 0
