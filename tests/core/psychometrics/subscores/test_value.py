"""What more items buy, and tests of correlations that share people."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.subscores.dependent_correlations import hedges_olkin_z, olkin_z, williams_t
from ssa_engine.core.psychometrics.subscores.estimates import Subscores, observed_subscores
from ssa_engine.core.psychometrics.subscores.value import prmse, what_more_items_buy
from tests.core.psychometrics.subscores.test_estimates import in_areas, with_covariances
from tests.reference import published


@pytest.fixture(scope="module")
def reference() -> Subscores:
    return observed_subscores(in_areas(published.data("subscores")))


def test_what_ten_more_items_buy_worked_by_hand() -> None:
    found = what_more_items_buy(with_covariances([[4, 1], [1, 4]], [0.5, 0.5]), more=(0, 10))
    assert found["more_items"].tolist() == [0, 10, 0, 10]
    # Twice the items: true variance 8, error 4, covariance 2; S = (12 2 / 2 4), T = (8 2 / 2 2), total 20, T's row 10.
    row = found.iloc[1]
    assert row["items"] == 20
    assert row["reliability"] == pytest.approx(2 / 3)  # Spearman-Brown: 2 (.5) / 1.5
    assert row["sem"] == pytest.approx(2 / 20)  # sqrt(4) of 20 items; before, sqrt(2) of 10
    assert found["sem"].iloc[0] == pytest.approx(math.sqrt(2) / 10)
    assert row["prmse_x"] == pytest.approx(100 / (20 * 8))
    assert row["prmse_wainer"] == pytest.approx(240 / 44 / 8)  # (8 2) (4 -2 / -2 12) (8 2)' / 44 / 8
    assert row["prmse_sx"] == pytest.approx(240 / 44 / 8)
    assert found["added_value_s"].tolist() == [True, True, True, True]


def test_no_more_items_buy_nothing(reference: Subscores) -> None:
    nothing = what_more_items_buy(reference, more=(0,)).set_index("content_area")
    same = ["reliability", "prmse_x", "prmse_sx", "prmse_wainer", "added_value_s"]
    pd.testing.assert_frame_equal(nothing[same], prmse(reference)[same], rtol=1e-12)
    with pytest.raises(Invalid):
        what_more_items_buy(reference, more=(-1,))


def test_more_items_never_make_an_area_less_reliable(reference: Subscores) -> None:
    found = what_more_items_buy(reference, more=(0, 1, 5, 50, 5000))
    for _, own in found.groupby("content_area"):
        assert own["reliability"].is_monotonic_increasing
        assert own["sem"].is_monotonic_decreasing
        assert own["prmse_wainer"].is_monotonic_increasing
        assert own["reliability"].iloc[-1] > 0.99


def test_correlations_that_are_equal_do_not_differ_and_those_that_coincide_cannot_be_told_apart() -> None:
    same, other = np.array([0.5]), np.array([0.4])
    for statistic in (olkin_z, williams_t):
        assert statistic(same, same, other, 50).tolist() == [0]
        assert statistic(same, other, same, 50)[0] == -statistic(other, same, same, 50)[0]
        assert np.isnan(statistic(same, same, np.array([1.0]), 50)).all()
    assert np.isnan(hedges_olkin_z(same, same, np.array([1.0]), 50)).all()


def test_the_standard_error_of_a_rise_in_squared_correlation_agrees_with_sampling() -> None:
    r01, r02, r12, n = 0.5, 0.6, 0.4, 2000
    random = np.random.default_rng(8)
    root = np.linalg.cholesky(np.array([[1, r01, r02], [r01, 1, r12], [r02, r12, 1]]))
    rises = []
    for _ in range(800):
        r = np.asarray(np.corrcoef(random.normal(size=(n, 3)) @ root.T, rowvar=False))
        rises.append((r[0, 2] - r[1, 2] * r[0, 1]) ** 2 / (1 - r[1, 2] ** 2))
    rise = (r02 - r12 * r01) ** 2 / (1 - r12**2)
    se = rise / float(hedges_olkin_z(np.array(r01), np.array(r02), np.array(r12), n))
    assert se == pytest.approx(np.std(rises, ddof=1), rel=0.1)  # four standard errors of an SD from 800 draws
