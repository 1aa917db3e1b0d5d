"""Probabilities of true scores below a standard by item response theory, beside adaptive integration."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import expit

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.matrix import ResponseMatrix, response_matrix
from ssa_engine.core.psychometrics.subscores.probability_checks import check_probabilities
from ssa_engine.core.psychometrics.subscores.true_scores_irt import below_by_irt, cut_theta
from tests.reference import published

ITEMS = pd.DataFrame(
    {"a": [0.8, 1.2, 1.6, 1.0, 2.0], "b": [-1.0, 0.0, 0.5, -0.5, 1.0], "c": [0.0, 0.2, 0.0, 0.1, 0.25]},
    index=pd.Index(["A1", "A2", "A3", "B1", "B2"], name="item_id"),
)
AREA_OF = {item: item[0] for item in ITEMS.index}


def matrix_of(values: list[list[int]], items: pd.DataFrame) -> ResponseMatrix:
    return ResponseMatrix(pd.RangeIndex(len(values)).astype(str), items.index, np.array(values, dtype=np.int8))


def by_integration(marks: dict[str, int], domain: pd.DataFrame, standard: float) -> float:
    """Return P(mean probability over the domain < standard | marks), by adaptive integration."""

    def probabilities(theta: float, items: pd.DataFrame) -> list[float]:
        rows = items.to_numpy().tolist()
        return [c + (1 - c) / (1 + math.exp(-a * (theta - b))) for a, b, c in rows]

    answered = ITEMS.loc[list(marks)]

    def density(theta: float) -> float:
        shares = zip(marks.values(), probabilities(theta, answered), strict=True)
        return math.exp(-(theta**2) / 2) * math.prod(p if mark == 1 else 1 - p for mark, p in shares)

    cut = brentq(lambda theta: sum(probabilities(theta, domain)) / len(domain) - standard, -6, 6, xtol=1e-12)
    return float(quad(density, -6, cut, epsabs=1e-12)[0] / quad(density, -6, 6, epsabs=1e-12)[0])


@pytest.mark.parametrize("ability", ["overall", "area"])
def test_the_probability_by_irt_is_the_posterior_integral_below_the_cut(ability: str) -> None:
    values = [[1, 0, 1, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [1, -1, 0, -1, 1]]
    found = below_by_irt(matrix_of(values, ITEMS), ITEMS, AREA_OF, {"B": 0.7, "A": 0.6}, ability=ability)  # type: ignore[arg-type]
    assert found.columns.tolist() == ["B", "A"]
    for row, marks in enumerate(values):
        for area, standard in (("A", 0.6), ("B", 0.7)):
            seen = {
                item: mark
                for item, mark in zip(ITEMS.index, marks, strict=True)
                if mark >= 0 and (ability == "overall" or item[0] == area)
            }
            expected = by_integration(seen, ITEMS[ITEMS.index.str.startswith(area)], standard)
            assert found.iloc[row][area] == pytest.approx(expected, abs=1e-9)


def test_the_cut_is_where_the_true_score_curve_meets_the_standard() -> None:
    rasch = pd.DataFrame({"a": [1.0, 1.0], "b": [-1.0, 1.0]}, index=["A1", "A2"])
    assert cut_theta(rasch, 0.5) == pytest.approx(0, abs=1e-10)
    assert cut_theta(rasch, 0.0) == -6
    assert cut_theta(rasch, 1.0) == 6


def test_standards_nobody_or_everybody_meets_are_certain() -> None:
    values = [[1, 0, 1, 1, 0], [0, 0, 0, 0, 0]]
    found = below_by_irt(matrix_of(values, ITEMS), ITEMS, AREA_OF, {"A": 0.0, "B": 1.0})
    assert found["A"].tolist() == pytest.approx([0, 0], abs=1e-12)
    assert found["B"].tolist() == pytest.approx([1, 1], abs=1e-12)


def test_items_nobody_answered_count_in_the_curve_and_not_in_the_posterior() -> None:
    matrix = matrix_of([[1, 0], [0, 1]], ITEMS.loc[["A1", "B1"]])
    found = below_by_irt(matrix, ITEMS, AREA_OF, {"A": 0.6}, ability="area")
    domain = ITEMS[ITEMS.index.str.startswith("A")]
    assert found["A"].iloc[0] == pytest.approx(by_integration({"A1": 1}, domain, 0.6), abs=1e-9)


def test_an_attempt_without_answers_in_an_area_has_no_probability_of_its_own_there() -> None:
    matrix = matrix_of([[1, 0, 1, -1, -1], [1, 1, 1, 1, 1]], ITEMS)
    found = below_by_irt(matrix, ITEMS, AREA_OF, {"A": 0.6, "B": 0.6}, ability="area")
    assert found.isna().to_numpy().tolist() == [[False, True], [False, False]]
    none = below_by_irt(matrix_of([[1, 0]], ITEMS.loc[["A1", "A2"]]), ITEMS, AREA_OF, {"B": 0.6}, ability="area")
    assert none["B"].isna().all()


def test_items_without_an_area_or_parameters_and_areas_without_items_are_refused() -> None:
    matrix = matrix_of([[1, 0, 1, 1, 0]], ITEMS)
    with pytest.raises(Invalid, match="B2"):
        below_by_irt(matrix, ITEMS, dict.fromkeys(ITEMS.index[:4], "A"), {"A": 0.5})
    with pytest.raises(Invalid, match="B2"):
        below_by_irt(matrix, ITEMS.iloc[:4], AREA_OF, {"A": 0.5})
    with pytest.raises(Invalid, match="'C'"):
        below_by_irt(matrix, ITEMS, AREA_OF, {"C": 0.5})


def test_probabilities_by_irt_come_true() -> None:
    random = np.random.default_rng(6)
    items = pd.DataFrame(
        {"a": np.exp(random.normal(0, 0.3, 20)), "b": random.normal(-0.8, 0.8, 20)},
        index=pd.Index([f"{area}{place:02}" for area in "AB" for place in range(10)], name="item_id"),
    )
    theta = random.normal(size=8000)
    p = expit(items["a"].to_numpy() * (theta[:, None] - items["b"].to_numpy()))
    wide = pd.DataFrame((random.random(p.shape) < p).astype(float), columns=items.index)
    wide[random.random(p.shape) < 0.2] = np.nan
    matrix = response_matrix(published.long_of(wide.rename_axis(columns=None)))
    found = below_by_irt(matrix, items, {item: item[0] for item in items.index}, {"A": 0.7, "B": 0.6})
    place = matrix.attempts.to_numpy(dtype=int)
    for area, columns, standard in (("A", slice(0, 10), 0.7), ("B", slice(10, 20), 0.6)):
        checked = check_probabilities(found[area].to_numpy(), p[place, columns].mean(axis=1) < standard)
        table = checked.table[checked.table["n"] > 30]
        assert len(table) == 10
        assert ((table["share"] - table["mean_probability"]).abs() < 4 * table["se"] + 0.005).all()
