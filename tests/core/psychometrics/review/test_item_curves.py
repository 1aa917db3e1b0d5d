"""One item in depth: curves, history and times, by values worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.psychometrics.review.item_curves import (
    by_ability,
    by_rest_score,
    empirical_curve,
    item_history,
    time_histogram,
    time_table,
)
from tests.core.psychometrics.review.cohorts import frame, parameters, row, simulated


def test_groups_are_of_equal_size_and_intervals_are_wilsons() -> None:
    """Eight attempts in four groups of two. Wilson's 95 % interval of 1 of 2 is .5 ± .40547 (n = 2, z = 1.95996)."""
    place, correct = np.array([3.0, 0, 1, 2, 7, 6, 5, 4]), np.array([1, 0, 0, 1, 1, 1, 0, 1], dtype=bool)
    found = empirical_curve(place, correct, groups=4)
    assert found["group"].tolist() == [1, 2, 3, 4]
    assert found["mean"].tolist() == [0.5, 2.5, 4.5, 6.5]
    assert found[["attempts", "correct"]].to_numpy().tolist() == [[2, 0], [2, 2], [2, 1], [2, 2]]
    assert found["share"].to_list() == [0, 1, 0.5, 1]
    assert list(found.loc[2, ["share_low", "share_high"]]) == pytest.approx([0.09453, 0.90547], abs=1e-5)
    assert (found.loc[0, "share_low"], found.loc[1, "share_high"]) == (0.0, 1.0)


def test_equal_places_stay_together_and_unknown_ones_are_left_out() -> None:
    found = empirical_curve(np.array([1.0, 1, 1, np.nan]), np.array([True, False, True, True]), groups=3)
    assert found[["group", "attempts", "correct"]].to_numpy().tolist() == [[2, 3, 2]]
    assert len(empirical_curve(np.empty(0), np.empty(0, dtype=bool))) == 0


def test_the_rest_score_of_an_item_leaves_it_out() -> None:
    rows = [row(f"t{n}", "x-00", n % 2 == 0) for n in range(4)]
    rows += [row(f"t{n}", f"r-{other:02d}", other <= n) for n in range(4) for other in range(1, 5)]
    found = by_rest_score(frame(rows), "x-00")
    assert found["mean"].tolist() == [0.0, 0.25, 0.5, 0.75]
    assert found["correct"].tolist() == [1, 0, 1, 0]


def test_an_item_does_not_rank_its_own_answers() -> None:
    marked = simulated(80)
    items = parameters(marked)
    first = by_ability(marked, "care-04", items)
    turned = marked.assign(correct=marked["correct"] ^ (marked["item_id"] == "care-04"))
    second = by_ability(turned, "care-04", items)
    assert first is not None
    assert second is not None
    assert first[0]["mean"].tolist() == second[0]["mean"].tolist()
    assert (first[0]["correct"] + second[0]["correct"]).tolist() == first[0]["attempts"].tolist()


def test_the_curve_of_the_model_is_one_half_at_the_difficulty_and_missing_without_parameters() -> None:
    marked = simulated(30)
    items = parameters(marked).assign(b=0.0)
    found = by_ability(marked, "care-00", items)
    assert found is not None
    curve = found[1].set_index(found[1]["theta"].round(6))["probability"]
    assert curve[0.0] == pytest.approx(0.5)
    assert curve[1.0] == pytest.approx(1 / (1 + np.exp(-1)))
    assert by_ability(marked, "care-00", items.assign(a=np.nan)) is None


def test_each_period_has_its_own_figures() -> None:
    """Period 1: x is right for those with rest 1 of 1 and not for the other two; period 2: one attempt, right."""
    told = [("t1", 1, 1), ("t2", 0, 0), ("t3", 0, 0), ("t4", 1, 0)]
    rows = [row(t, "x-00", bool(x)) for t, x, _ in told] + [row(t, "y-01", bool(y)) for t, _, y in told]
    marked = frame(rows)
    period = marked["attempt_id"].map({"t1": "2026-01", "t2": "2026-01", "t3": "2026-01", "t4": "2026-02"})
    found = item_history(marked, period)
    own = found[found["item_id"] == "x-00"]
    assert own["period"].tolist() == ["2026-01", "2026-02"]
    assert own["n"].tolist() == [3, 1]
    assert own["p_value"].tolist() == pytest.approx([1 / 3, 1])
    assert own["point_biserial"].iloc[0] == pytest.approx(1.0)
    assert np.isnan(own["point_biserial"].iloc[1])


def test_percentiles_of_times_are_given_for_all_answers_right_ones_and_others() -> None:
    seconds = np.array([10.0, 20, 30, 40, np.nan])
    found = time_table(seconds, np.array([True, True, False, False, True])).set_index("answers")
    assert found["n"].tolist() == [4, 2, 2]
    assert found["mean"].tolist() == [25, 15, 35]
    assert list(found.loc["all", ["p10", "p25", "p50", "p75", "p90"]]) == pytest.approx([13, 17.5, 25, 32.5, 37])
    assert time_table(np.array([np.nan]), np.array([True]))["p50"].isna().all()


def test_a_histogram_of_times_has_bins_of_whole_seconds_and_the_last_holds_all_longer_ones() -> None:
    seconds = np.concatenate([np.arange(100.0), [1000.0]])
    found = time_histogram(seconds, bins=10)
    assert found["from_seconds"].tolist() == [10.0 * number for number in range(10)]
    assert found["to_seconds"].iloc[-1] == 1000
    assert found["n"].tolist() == [10] * 9 + [11]
    assert isinstance(time_histogram(np.array([np.nan])), pd.DataFrame)
    assert len(time_histogram(np.array([np.nan]))) == 0
