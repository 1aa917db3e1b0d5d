"""Reliability from responses: beside psych, for forms that share items, for a form each, and where it is unknown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from ssa_engine.core.psychometrics.classical.score_reliability import (
    COMPLETE,
    PAIRWISE,
    WITHIN_FORMS,
    score_reliability,
)
from ssa_engine.core.psychometrics.matrix import ABSENT, ResponseMatrix, response_matrix
from tests.core.psychometrics.classical.test_reliability import DATA
from tests.reference import published

Marks = npt.NDArray[np.int8]


def of_values(values: npt.ArrayLike) -> ResponseMatrix:
    """Return a matrix whose attempts and items are numbered."""
    marks = np.asarray(values, dtype=np.int8)
    names = [
        pd.Index([f"{kind}{number:03d}" for number in range(size)])
        for kind, size in zip("ai", marks.shape, strict=True)
    ]
    return ResponseMatrix(names[0], names[1], marks)


def simulated(random: np.random.Generator, attempts: int, items: int) -> Marks:
    """Return marks under a 2PL of normal abilities."""
    a, b = np.exp(random.normal(0, 0.3, items)), random.normal(-0.8, 0.9, items)
    theta = random.normal(size=(attempts, 1))
    return (random.random((attempts, items)) < 1 / (1 + np.exp(-a * (theta - b)))).astype(np.int8)


def only(marks: Marks, sets: npt.NDArray[np.intp]) -> Marks:
    """Return the marks with each attempt's own items alone."""
    shown = np.full_like(marks, ABSENT)
    np.put_along_axis(shown, sets, np.take_along_axis(marks, sets, axis=1), axis=1)
    return shown


def drawn(random: np.random.Generator, attempts: int, items: int, of_each: int) -> npt.NDArray[np.intp]:
    """Return a random set of items for each attempt."""
    sets: npt.NDArray[np.intp] = np.argsort(random.random((attempts, items)), axis=1)[:, :of_each]
    return sets


@pytest.mark.parametrize("name", DATA)
def test_one_form_equals_psych(name: str) -> None:
    """R psych 2.2.9: alpha(x)$total$raw_alpha, $alpha.drop$raw_alpha; alpha.ci; tolerances of the reference set."""
    summary = published.table("ctt_summary").set_index("data").loc[name]
    items = published.expected(f"{name}_ctt_items")
    found = score_reliability(response_matrix(published.long_of(published.data(DATA[name]))))
    assert (found.convention, found.note, found.forms) == (COMPLETE, "", 1)
    assert (found.attempts, found.items, found.length) == (summary["n"], summary["k"], summary["k"])
    pairs = {
        "mean": "mean", "sd": "sd", "alpha": "alpha", "alpha_low": "feldt_low", "alpha_high": "feldt_high",
        "lambda2": "lambda2_cov", "sem": "sem", "kr21": "kr21",
    }  # fmt: skip
    for ours, theirs in pairs.items():
        assert getattr(found, ours) == pytest.approx(summary[theirs], abs=1e-8), ours
    np.testing.assert_allclose(found.alpha_if_deleted.loc[items.index], items["alpha_if_deleted"], rtol=0, atol=1e-8)


def by_analysis_of_variance(*forms: Marks) -> tuple[float, int, int]:
    """Return Hoyt's reliability with the sums of squares of several forms added up, and the degrees of freedom."""
    persons = residual = 0.0
    between = within = 0
    for marks in forms:
        n, k = marks.shape
        person, item = marks.mean(axis=1, keepdims=True), marks.mean(axis=0, keepdims=True)
        persons += k * float(((person - marks.mean()) ** 2).sum())
        residual += float(((marks - person - item + marks.mean()) ** 2).sum())
        between, within = between + n - 1, within + (n - 1) * (k - 1)
    return 1 - (residual / within) / (persons / between), between, within


def test_forms_that_share_items_are_pooled_as_an_analysis_of_variance_within_forms() -> None:
    wide = published.data("sparse_2pl")
    patterns = wide.notna().astype(int).astype(str).agg("".join, axis=1)
    forms = [part.dropna(axis=1).to_numpy(dtype=float) for _, part in wide.groupby(patterns)]
    assert len(forms) == 6
    alpha, _, _ = by_analysis_of_variance(*forms)
    found = score_reliability(response_matrix(published.long_of(wide)))
    assert (found.convention, found.forms, found.items, found.length) == (WITHIN_FORMS, 6, 40, 20)
    assert found.alpha == pytest.approx(alpha, abs=1e-10)
    assert found.alpha_low is not None
    assert found.alpha_high is not None
    assert found.alpha_low < alpha < found.alpha_high
    pooled = np.sqrt(sum((len(form) - 1) * form.sum(axis=1).var(ddof=1) for form in forms) / (len(wide) - 6))
    assert found.sd == pytest.approx(pooled, abs=1e-10)


def test_two_clusters_that_share_no_item_are_two_forms() -> None:
    marks = simulated(np.random.default_rng(3), 200, 20)
    sets = np.where(np.arange(200)[:, None] < 120, np.arange(10), np.arange(10, 20))
    found = score_reliability(of_values(only(marks, sets)))
    alpha, _, _ = by_analysis_of_variance(marks[:120, :10].astype(float), marks[120:, 10:].astype(float))
    assert (found.convention, found.forms, found.note) == (WITHIN_FORMS, 2, "")
    assert found.alpha == pytest.approx(alpha, abs=1e-10)


def test_alpha_without_an_item_is_alpha_of_the_data_without_it() -> None:
    random = np.random.default_rng(8)
    own = of_values(only(simulated(random, 300, 40), drawn(random, 300, 40, 12)))
    for matrix in (response_matrix(published.long_of(published.data("sparse_2pl"))), own):
        found = score_reliability(matrix)
        for item in matrix.items[[0, 17, -1]]:
            without = score_reliability(matrix.of_items(matrix.items.drop(item)))
            assert without.convention == found.convention
            assert found.alpha_if_deleted[item] == pytest.approx(without.alpha, abs=1e-10)


def test_a_form_for_each_attempt_by_hand() -> None:
    marks = np.array([[1, 1, -1], [0, -1, 0], [-1, 1, 1], [1, 0, -1], [0, 0, -1], [-1, 0, 1]])
    means = [2 / 4, 2 / 5, 2 / 3]
    n = [4, 5, 3]
    covariance = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            both = [row for row in marks if row[i] >= 0 and row[j] >= 0]
            m = len(both)
            divisor = m * (1 - 1 / n[i] - 1 / n[j] + m / (n[i] * n[j]))
            covariance[i, j] = sum((row[i] - means[i]) * (row[j] - means[j]) for row in both) / divisor
    true = total = 0.0
    for row in marks:
        one, other = np.flatnonzero(row >= 0)
        true += 2 * 2 * covariance[one, other]
        total += covariance[one, one] + covariance[other, other] + 2 * covariance[one, other]
    found = score_reliability(of_values(marks))
    assert found.convention == PAIRWISE
    assert found.alpha == pytest.approx(true / total, abs=1e-12)
    assert found.sd == pytest.approx((total / 6) ** 0.5, abs=1e-12)
    assert (found.lambda2, found.kr21) == (None, None)
    assert "Lambda-2 and KR-21 are not given" in found.note


def test_a_form_for_each_attempt_agrees_with_the_alpha_of_random_forms_of_that_length() -> None:
    random = np.random.default_rng(21)
    marks = simulated(random, 4000, 60)
    covariance = np.cov(marks, rowvar=False)
    variances = float(np.trace(covariance))
    between = float(covariance.sum()) - variances
    # Over random sets of 15 of 60 items, an item is in a set with 15/60, a pair with 15 x 14 / (60 x 59).
    pairs = 15 * 14 / (60 * 59) * between
    expected = 15 / 14 * pairs / (pairs + 15 / 60 * variances)
    found = score_reliability(of_values(only(marks, drawn(random, 4000, 60, 15))))
    assert (found.convention, found.length) == (PAIRWISE, 15)
    # At 4,000 attempts alpha's standard error is about (1 - alpha) sqrt(2 / 4000), here .006.
    assert found.alpha == pytest.approx(expected, abs=0.015)


@pytest.mark.parametrize("forms", [0, 3])
def test_the_interval_holds_the_alpha_of_the_population_about_as_often_as_it_says(forms: int) -> None:
    random = np.random.default_rng(forms)
    common = drawn(random, max(forms, 1), 40, 12)
    population = simulated(random, 40_000, 40)

    def sets(attempts: int) -> npt.NDArray[np.intp]:
        return common[np.arange(attempts) % forms] if forms else drawn(random, attempts, 40, 12)

    truth = score_reliability(of_values(only(population, sets(40_000)))).alpha
    assert truth is not None
    held = 0
    for start in range(0, 40_000, 200):
        found = score_reliability(of_values(only(population[start : start + 200], sets(200))))
        assert found.alpha_low is not None
        assert found.alpha_high is not None
        held += found.alpha_low <= truth <= found.alpha_high
    assert 0.90 <= held / 200 <= 0.99  # .95, give or take three standard errors and the violated normality


def test_forms_with_few_attempts_are_left_out_beside_large_ones_and_that_is_said() -> None:
    marks = simulated(np.random.default_rng(5), 100, 12)
    unfinished = marks.copy()
    unfinished[:7, 9:] = ABSENT
    found, whole = score_reliability(of_values(unfinished)), score_reliability(of_values(marks[7:]))
    assert found.note == "Attempts left out: 7 on forms with fewer than 30 attempts."
    assert (found.convention, found.attempts, found.alpha) == (COMPLETE, 93, whole.alpha)


def test_an_attempt_with_a_single_item_is_left_out_and_that_is_said() -> None:
    marks = simulated(np.random.default_rng(5), 50, 8)
    marks[0, 1:] = ABSENT
    found = score_reliability(of_values(marks))
    assert found.note == "Attempts left out: 1 with a single item."
    assert found.alpha == score_reliability(of_values(marks[1:])).alpha


def test_items_that_agree_in_every_attempt_have_an_alpha_of_1_and_no_error() -> None:
    found = score_reliability(of_values(np.repeat([[0], [1], [1], [0]], 5, axis=1)))
    assert (found.alpha, found.alpha_low, found.sem) == pytest.approx((1, 1, 0), abs=1e-7)


def test_items_that_go_against_each_other_have_a_negative_alpha_and_that_is_said() -> None:
    found = score_reliability(of_values([[1, 0, 0], [0, 1, 1], [1, 0, 1], [0, 1, 0], [1, 1, 0]]))
    assert found.alpha is not None
    assert found.alpha < 0
    assert "not above 0" in found.note


def test_three_candidates_are_enough_and_their_interval_says_how_little_that_is() -> None:
    # Scores 3, 1, 0: variance 7/3; items' variances 1/3 each: alpha = 3/2 (1 - 1 / (7/3)) = 6/7.
    found = score_reliability(of_values([[1, 1, 1], [1, 0, 0], [0, 0, 0]]))
    assert found.alpha == pytest.approx(6 / 7, abs=1e-12)
    assert found.alpha_low is not None
    assert found.alpha_low < 0


ALONE = np.full((4, 8), ABSENT)
ALONE[np.arange(8) // 2, np.arange(8)] = [1, 0, 1, 1, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([[1], [0], [1], [1]], "a single item"),
        ([[1, 0, 1], [0, 0, 1]], "needs 3 attempts"),
        (np.ones((5, 4)), "does not vary"),
        (np.zeros((5, 4)), "does not vary"),
        ([[1, 0], [0, 1], [1, 0]], "does not vary"),
        (ALONE, "two items in common"),
    ],
    ids=["one item", "two candidates", "all right", "all wrong", "one score", "nothing shared"],
)
def test_a_reliability_that_is_unknown_is_missing_and_the_note_says_why(values: npt.ArrayLike, says: str) -> None:
    found = score_reliability(of_values(values))
    unknown = (found.alpha, found.alpha_low, found.alpha_high, found.lambda2, found.sem, found.kr21)
    assert unknown == (None,) * 6
    assert says in found.note
    assert found.alpha_if_deleted.isna().all()


def test_an_item_nobody_saw_changes_nothing_and_has_no_alpha_of_its_own() -> None:
    marks = simulated(np.random.default_rng(2), 40, 6)
    unseen = np.hstack([marks, np.full((40, 1), ABSENT, dtype=np.int8)])
    found, without = score_reliability(of_values(unseen)), score_reliability(of_values(marks))
    assert (found.alpha, found.items, found.convention) == (without.alpha, 6, COMPLETE)
    assert found.alpha_if_deleted.isna().tolist() == [False] * 6 + [True]


def test_of_two_items_neither_has_an_alpha_without_it() -> None:
    found = score_reliability(of_values([[1, 1], [0, 0], [1, 0], [1, 1]]))
    assert found.alpha is not None
    assert found.alpha_if_deleted.isna().all()


def test_pairs_seen_once_take_the_mean_of_the_known_covariances() -> None:
    random = np.random.default_rng(4)
    marks = only(simulated(random, 12, 30), drawn(random, 12, 30, 10))
    found = score_reliability(of_values(marks))
    assert found.convention == PAIRWISE
    assert found.alpha is not None
    assert np.isfinite(found.alpha)


def test_covariances_of_so_few_attempts_that_alpha_exceeds_1_are_not_believed() -> None:
    found = score_reliability(of_values([[1, -1, -1, 1], [0, 0, 0, 0], [1, -1, 1, 1]]))
    assert found.alpha is None
    assert "above 1" in found.note
