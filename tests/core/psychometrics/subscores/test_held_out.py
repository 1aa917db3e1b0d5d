"""Probabilities of held-out scores beside integration and enumeration; they come true; halves are what they say."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import binom, norm

from ssa_engine.core.psychometrics.subscores.held_out import (
    held_out_halves,
    score_below_by_irt,
    score_below_by_normal,
)
from ssa_engine.core.psychometrics.subscores.loss_tables import probability_columns
from ssa_engine.core.psychometrics.subscores.probability_checks import check_probabilities, split_halves
from tests.reference import published


@pytest.mark.parametrize(("mean", "sd"), [(0.6, 0.1), (0.75, 0.08), (0.4, 0.05)])
def test_a_normal_true_score_is_integrated_over(mean: float, sd: float) -> None:
    def density(p: float) -> float:
        return float(norm.pdf(p, mean, sd) * binom.cdf(3, 6, min(max(p, 0.0), 1.0)))

    expected = quad(density, mean - 8 * sd, mean + 8 * sd, epsabs=1e-12)[0]
    found = score_below_by_normal(np.array([mean]), np.array([sd]), np.array([6.0]), np.array([4.0]))
    assert found.item() == pytest.approx(expected, abs=1e-5)


def test_a_true_score_that_is_known_leaves_the_binomial() -> None:
    cuts = np.arange(7.0)
    found = score_below_by_normal(np.full(7, 0.7), np.full(7, 1e-12), np.full(7, 6.0), cuts)
    assert found.tolist() == pytest.approx(binom.cdf(cuts - 1, 6, 0.7).tolist(), abs=1e-9)
    assert found[0] == 0
    missing = score_below_by_normal(np.array([np.nan, 0.5]), np.array([0.1, np.nan]), np.full(2, 6.0), np.full(2, 0.0))
    assert np.isnan(missing).all()


def test_the_score_on_held_out_items_is_that_of_all_their_patterns() -> None:
    answered = pd.DataFrame({"a": [1.0, 1.5, 0.7], "b": [-0.5, 0.3, 0.0]}, index=["i", "j", "k"])
    held = pd.DataFrame({"a": [0.9, 1.2, 2.0], "b": [0.2, -1.0, 0.5], "c": [0.2, 0.0, 0.0]}, index=["l", "m", "n"])
    answers = np.array([[1, 0, -1], [1, 1, 1]], dtype=np.int8)
    shown = np.array([[0, 0, -1], [0, 0, 0]], dtype=np.int8)
    cut = np.array([2.0, 2.0])
    found = score_below_by_irt(answers, answered, shown, held, cut)
    for row in range(2):
        items = [place for place in range(3) if shown[row, place] != -1]

        def density(theta: float, row: int = row) -> float:
            p = expit(answered["a"].to_numpy() * (theta - answered["b"].to_numpy()))
            marks = answers[row]
            return float(norm.pdf(theta) * np.prod(np.where(marks == 1, p, np.where(marks == 0, 1 - p, 1.0))))

        def below(theta: float, items: list[int] = items) -> float:
            guess = held["c"].to_numpy()
            p = guess + (1 - guess) * expit(held["a"].to_numpy() * (theta - held["b"].to_numpy()))
            patterns = itertools.product((0, 1), repeat=len(items))
            return float(
                sum(
                    math.prod(p[item] if mark else 1 - p[item] for item, mark in zip(items, pattern, strict=True))
                    for pattern in patterns
                    if sum(pattern) < 2
                )
            )

        mass = quad(density, -6, 6, epsabs=1e-12)[0]
        expected = quad(lambda theta, d=density, b=below: d(theta) * b(theta), -6, 6, epsabs=1e-12)[0] / mass
        assert found[row] == pytest.approx(expected, abs=1e-6)


def test_what_happened_is_the_score_of_the_other_half() -> None:
    marked = published.long_of(published.data("subscores").iloc[:60, :23])
    marked["content_area"] = marked["item_id"].str[:2]
    found = held_out_halves(marked, {"A1": 0.7, "A2": 0.5, "A3": 0.6}, seed=5)
    first, second = split_halves(marked, 5)
    assert found.groupby("content_area", observed=True)[["items", "held_out_items"]].first().to_numpy().tolist() == [
        [5, 5],
        [5, 5],
        [2, 1],
    ]
    known, held = (half.groupby(["attempt_id", "content_area"])["correct"].sum() for half in (first, second))
    least = {"A1": (4, 4), "A2": (3, 3), "A3": (2, 1)}  # .7 of 5 is 3.5, .5 of 5 is 2.5, .6 of 2 is 1.2, .6 of 1 is .6
    for row in found.to_dict("records"):
        place = (row["attempt_id"], row["content_area"])
        assert row["below_standard"] == (known[place] < least[row["content_area"]][0])
        assert row["happened"] == (held[place] < least[row["content_area"]][1])
    again = held_out_halves(marked, {"A1": 0.7, "A2": 0.5, "A3": 0.6}, seed=5)
    pd.testing.assert_frame_equal(found, again)
    assert not found.equals(held_out_halves(marked, {"A1": 0.7, "A2": 0.5, "A3": 0.6}, seed=6))


@pytest.fixture(scope="module")
def simulated() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Four areas of ten items, one ability, 2,500 people, and the items they were drawn with."""
    random = np.random.default_rng(8)
    names = [f"{area}{place}" for area in "abcd" for place in range(10)]
    items = pd.DataFrame(
        {"a": np.exp(random.normal(0, 0.2, 40)), "b": random.normal(-0.8, 0.6, 40)},
        index=pd.Index(names, name="item_id"),
    )
    p = expit(items["a"].to_numpy() * (random.normal(size=(2500, 1)) - items["b"].to_numpy()))
    marked = published.long_of(pd.DataFrame((random.random(p.shape) < p).astype(float), columns=names))
    return marked.assign(content_area=marked["item_id"].str[0]), items


def test_probabilities_of_held_out_scores_come_true(simulated: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    marked, items = simulated
    found = held_out_halves(marked, dict.fromkeys("abcd", 0.6), items=items, seed=2)
    assert len(found) == 10_000
    happened = found["happened"].to_numpy(dtype=bool)
    checked = {name: check_probabilities(found[name].to_numpy(), happened) for name in probability_columns(found)}
    assert len(checked) == 5
    for name, one in checked.items():
        assert one.calibration_error < 0.03, name
    # The model that drew the answers says most, and says it rightly.
    assert min(checked, key=lambda name: checked[name].brier) == "below_irt"
    assert checked["below_irt"].calibration_error < 0.015
    assert checked["below_wainer"].brier < checked["below_beta_binomial"].brier - 0.005


def test_without_a_second_item_no_half_is_held_out() -> None:
    marked = pd.DataFrame({"attempt_id": ["1", "2"], "item_id": "A1", "content_area": "A", "correct": [True, False]})
    items = pd.DataFrame({"a": [1.0], "b": [0.0]}, index=pd.Index(["A1"], name="item_id"))
    found = held_out_halves(marked, {"A": 0.5}, items=items)
    assert found.empty
    assert probability_columns(found) == [
        "below_kelley",
        "below_beta_binomial",
        "below_wainer",
        "below_irt",
        "below_irt_area",
    ]


def test_where_nothing_can_be_estimated_the_beta_binomial_still_foretells() -> None:
    rows = [("1", "A1", "A", True), ("1", "A2", "A", False), ("2", "B1", "B", True), ("2", "B2", "B", True)]
    marked = pd.DataFrame(rows, columns=["attempt_id", "item_id", "content_area", "correct"])
    found = held_out_halves(marked, {"A": 0.5, "B": 0.5})
    assert found["below_beta_binomial"].notna().all()
    assert found[["below_kelley", "below_wainer"]].isna().all(axis=None)
