"""Distributions from values and counts, beside figures worked by hand and Python's own statistics."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.core.psychometrics.classical.distributions import bins, describe, score_bins


def test_a_distribution_worked_by_hand() -> None:
    # 2, 4, 4, 4, 5, 5, 7, 9: mean 40 / 8; squares 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32, divisor 7
    # quartiles of 8 values lie at places 1.75, 3.5 and 5.25: 4, 4.5 and 5 + .25 × 2
    found = describe([9, 4, 5, 2, 7], [1, 3, 2, 1, 1])
    assert found is not None
    assert (found.n, found.mean, found.least, found.greatest) == (8, 5.0, 2.0, 9.0)
    assert found.sd == math.sqrt(32 / 7)
    assert (found.lower_quartile, found.median, found.upper_quartile) == (4.0, 4.5, 5.5)


def test_one_value_has_no_spread_and_none_has_nothing() -> None:
    found = describe([3.5], [1])
    assert found is not None
    assert (found.n, found.mean, found.sd, found.median) == (1, 3.5, None, 3.5)
    assert describe([], []) is None
    assert describe([1.0, 2.0], [0, 0]) is None


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(1, 4)), min_size=1, max_size=30))
def test_counts_say_the_same_as_repeated_values(pairs: list[tuple[float, int]]) -> None:
    values, counts = [value for value, _ in pairs], [count for _, count in pairs]
    repeated = [value for value, count in pairs for _ in range(count)]
    found = describe(values, counts)
    assert found is not None
    assert found.n == len(repeated)
    assert found.mean == pytest.approx(statistics.fmean(repeated), abs=1e-6)
    if len(repeated) > 1:
        assert found.sd == pytest.approx(statistics.stdev(repeated), abs=1e-6)
        quartiles = statistics.quantiles(repeated, n=4, method="inclusive")  # type 7
        assert [found.lower_quartile, found.median, found.upper_quartile] == pytest.approx(quartiles, abs=1e-6)
    assert (found.least, found.greatest) == (min(repeated), max(repeated))


def test_bins_touch_begin_at_multiples_and_hold_their_lower_end() -> None:
    assert bins([10, 19.9, 20, 41], [1, 2, 3, 4], 10) == [(10, 20, 3), (20, 30, 3), (30, 40, 0), (40, 50, 4)]
    assert bins([5], [2], 2) == [(4, 6, 2)]
    assert bins([], [], 10) == []


def test_scores_of_ten_items_stand_in_the_middle_of_their_own_bin() -> None:
    scores = [k / 10 for k in range(11)]
    found = score_bins(scores, list(range(1, 12)))
    assert [n for _, _, n in found] == list(range(1, 12))
    assert np.allclose([(low + high) / 2 for low, high, _ in found], scores)
    # a score on an edge belongs to the bin above: .65 lies at .7, .25 at .3
    assert [n for _, _, n in score_bins([0.65, 0.25, 2 / 3], [1, 1, 1])] == [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]
