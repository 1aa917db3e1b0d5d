"""Coefficients of reliability beside those of the R package psych and of print, and what must hold of them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.classical.reliability import (
    alpha_interval,
    coefficient_alpha,
    conditional_sem,
    feldt_brennan,
    feldt_gilmer,
    guttman_lambda2,
    kr21,
    length_factor,
    spearman_brown,
    standard_error_of_measurement,
)
from tests.reference import published

Floats = npt.NDArray[np.float64]

DATA = {"complete_2pl": "complete_2pl", "area1": "area1", "subscores_total": "subscores"}
"""Row of ctt_summary.csv -> the data it was computed from."""

FELDT_BRENNAN = [[7.2, 5.6, 3.5, 5.8], [5.6, 6.4, 3.1, 4.1], [3.5, 3.1, 2.4, 3.3], [5.8, 4.1, 3.3, 6.2]]
"""Covariances of four parts: Feldt & Brennan (1989), in Educational Measurement, 3rd ed."""

LSAT6 = (
    3,
    6,
    2,
    11,
    1,
    1,
    3,
    4,
    1,
    8,
    0,
    16,
    0,
    3,
    2,
    15,
    10,
    29,
    14,
    81,
    3,
    28,
    15,
    80,
    16,
    56,
    21,
    173,
    11,
    61,
    28,
    298,
)
LSAT7 = (
    12,
    19,
    1,
    7,
    3,
    19,
    3,
    17,
    10,
    5,
    3,
    7,
    7,
    23,
    8,
    28,
    7,
    39,
    11,
    34,
    14,
    51,
    15,
    90,
    6,
    25,
    7,
    35,
    18,
    136,
    32,
    308,
)
"""How often each pattern of five marks came, from 00000 to 11111: Bock & Lieberman (1970), Psychometrika 35:179-197."""


@pytest.mark.parametrize("name", DATA)
def test_coefficients_equal_those_of_psych(name: str) -> None:
    """R psych 2.2.9: alpha(x)$total$raw_alpha, alpha.ci(alpha, n, k); lambda-2, SEM and KR-21 by the usual formulas."""
    expected = published.table("ctt_summary").set_index("data").loc[name]
    wide = published.data(DATA[name]).to_numpy(dtype=float)
    covariance, scores = np.cov(wide, rowvar=False), wide.sum(axis=1)
    n, k = wide.shape
    alpha = coefficient_alpha(covariance)
    assert alpha == pytest.approx(expected["alpha"], abs=1e-8)
    assert alpha_interval(alpha, n, k) == pytest.approx((expected["feldt_low"], expected["feldt_high"]), abs=1e-8)
    assert guttman_lambda2(covariance) == pytest.approx(expected["lambda2_cov"], abs=1e-8)
    assert kr21(scores.mean(), scores.var(ddof=1), k) == pytest.approx(expected["kr21"], abs=1e-8)
    sem = standard_error_of_measurement(scores.std(ddof=1), alpha)
    assert sem == pytest.approx(expected["sem"], abs=1e-8)


@pytest.mark.parametrize(("counts", "alpha"), [(LSAT6, 0.29500), (LSAT7, 0.45341)], ids=["LSAT6", "LSAT7"])
def test_alpha_of_the_law_school_admission_tests(counts: tuple[int, ...], alpha: float) -> None:
    """Alpha as R's ltm and mirt data give it, printed to five digits."""
    assert sum(counts) == 1000
    marks = np.array([[int(mark) for mark in f"{pattern:05b}"] for pattern in range(32)])
    covariance = np.cov(np.repeat(marks, counts, axis=0), rowvar=False)
    assert coefficient_alpha(covariance) == pytest.approx(alpha, abs=5e-6)


def test_the_four_coefficients_of_feldt_and_brennan() -> None:
    """Feldt & Brennan (1989) print .9279, .9353, .9401 and .9402 for this matrix."""
    found = [
        coefficient(FELDT_BRENNAN) for coefficient in (coefficient_alpha, guttman_lambda2, feldt_gilmer, feldt_brennan)
    ]
    assert found == pytest.approx([0.927854, 0.935320, 0.940132, 0.940192], abs=5e-7)


loadings = st.lists(st.floats(0.2, 2.0), min_size=3, max_size=8)


@given(loadings, st.floats(0.05, 3.0))
def test_feldt_gilmer_is_the_reliability_of_congeneric_parts_and_the_others_do_not_exceed_it(
    lengths: list[float], error: float
) -> None:
    true = np.outer(lengths, lengths)
    covariance = true + error * np.diag(np.arange(1, len(lengths) + 1))
    reliability = true.sum() / covariance.sum()
    assert feldt_gilmer(covariance) == pytest.approx(reliability, abs=1e-9)
    assert coefficient_alpha(covariance) <= guttman_lambda2(covariance) + 1e-12
    assert guttman_lambda2(covariance) <= reliability + 1e-12


def test_parallel_parts_have_one_reliability_by_every_coefficient_and_by_spearman_brown() -> None:
    covariance = np.full((5, 5), 0.4) + 0.6 * np.eye(5)  # each two correlate by .4, so five have 5 x .4 / (1 + 4 x .4)
    for coefficient in (coefficient_alpha, guttman_lambda2, feldt_gilmer, feldt_brennan):
        assert coefficient(covariance) == pytest.approx(2 / 2.6, abs=1e-12), coefficient
    assert spearman_brown(0.4, 5) == pytest.approx(2 / 2.6, abs=1e-12)


@given(st.floats(0.01, 0.99), st.floats(0.1, 20.0))
def test_the_length_that_reaches_a_target_gives_that_target(reliability: float, factor: float) -> None:
    assert length_factor(reliability, spearman_brown(reliability, factor)) == pytest.approx(factor, rel=1e-6)


def test_ten_more_items_on_ten_are_a_test_twice_as_long() -> None:
    assert spearman_brown(0.6, (10 + 10) / 10) == pytest.approx(0.75, abs=1e-12)  # 1.2 / 1.6
    assert length_factor(0.6, 0.75) == pytest.approx(2, abs=1e-12)


def test_errors_at_a_score_are_lords_and_those_of_keats_average_to_the_standard_error() -> None:
    wide = published.data("area1").to_numpy(dtype=float)
    scores = wide.sum(axis=1)
    alpha = coefficient_alpha(np.cov(wide, rowvar=False))
    errors = conditional_sem(10, reliability=alpha, kr21=kr21(scores.mean(), scores.var(), 10))
    assert errors.loc[5, "lord"] == pytest.approx(5 / 3, abs=1e-12)  # sqrt(5 x 5 / 9)
    assert errors.loc[[0, 10], ["lord", "keats"]].to_numpy().tolist() == [[0.0, 0.0], [0.0, 0.0]]
    average = float(np.mean(errors["keats"].to_numpy()[scores.astype(int)] ** 2))
    assert average == pytest.approx(scores.var() * (1 - alpha), abs=1e-10)


def test_without_coefficients_only_lords_error_is_given() -> None:
    assert conditional_sem(4).columns.tolist() == ["lord"]


def test_the_interval_holds_alpha_and_is_wider_for_more_confidence() -> None:
    low, high = alpha_interval(0.8, 50, 10)
    lower, higher = alpha_interval(0.8, 50, 10, confidence=0.99)
    assert lower < low < 0.8 < high < higher < 1


@pytest.mark.parametrize("coefficient", [coefficient_alpha, guttman_lambda2, feldt_gilmer, feldt_brennan])
@pytest.mark.parametrize(
    ("covariance", "says"),
    [
        ([[0.25]], "parts or more"),
        (np.zeros((4, 4)), "does not vary"),
        (np.full((3, 3), math.nan), "is missing"),
        ([[1.0, 0.5]], "as many rows as columns"),
    ],
    ids=["one part", "no variance", "unknown", "not square"],
)
def test_what_cannot_be_computed_is_refused_with_a_sentence(coefficient: object, covariance: object, says: str) -> None:
    assert callable(coefficient)
    with pytest.raises(Invalid, match=says):
        coefficient(covariance)


def test_congeneric_coefficients_refuse_parts_whose_lengths_are_unknown() -> None:
    with pytest.raises(Invalid, match="shares nothing"):
        feldt_gilmer(np.eye(3))
    with pytest.raises(Invalid, match="One part makes up all"):
        feldt_brennan([[1.0, 0.0], [0.0, 0.0]])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: alpha_interval(0.5, 1, 10), "two attempts"),
        (lambda: alpha_interval(0.5, 10, 1), "two items"),
        (lambda: alpha_interval(0.5, 10, 10, confidence=95), "between 0 and 1"),
        (lambda: kr21(0.5, 0.25, 1), "two items or more"),
        (lambda: kr21(5, 0.0, 5), "does not vary"),
        (lambda: standard_error_of_measurement(1.0, 1.2), "at most 1"),
        (lambda: conditional_sem(1), "two items or more"),
        (lambda: conditional_sem(5, reliability=0.5, kr21=1.0), "below 1"),
        (lambda: spearman_brown(0.5, 0), "no meaning"),
        (lambda: spearman_brown(-0.5, 3), "no meaning"),
        (lambda: length_factor(-0.1, 0.8), "reaches no target"),
        (lambda: length_factor(0.5, 1.0), "between 0 and 1"),
    ],
)
def test_a_call_without_meaning_is_refused_with_a_sentence(call: object, says: str) -> None:
    assert callable(call)
    with pytest.raises(Invalid, match=says):
        call()
