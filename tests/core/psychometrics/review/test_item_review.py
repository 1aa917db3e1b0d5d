"""The table of an item review: each column is that of its function, put together for every item of the bank."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_series_equal

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.classical.item_statistics import (
    item_statistics,
    omission,
    upper_lower_discrimination,
)
from ssa_engine.core.psychometrics.irt.item_fit import item_fit
from ssa_engine.core.psychometrics.matrix import response_matrix
from ssa_engine.core.psychometrics.review.item_review import (
    FIGURES,
    Comparison,
    compare_groups,
    compare_periods,
    largest_groups,
    review_items,
)
from tests.core.psychometrics.review.cohorts import frame, parameters, row, simulated

UNKNOWN = pd.DataFrame({"a": [np.nan], "b": [np.nan]}, index=pd.Index(["x-00"], name="item_id"))


def test_every_column_is_that_of_its_function() -> None:
    marked = simulated(120, forms=True)
    items = parameters(marked)
    found = review_items(marked, items)
    classical = item_statistics(marked)
    for name in ("n", "p_value", "point_biserial"):
        assert_series_equal(found[name], classical[name], check_names=False)
    assert_series_equal(found["discrimination_upper_lower"], upper_lower_discrimination(marked))
    assert_series_equal(found["omission"], omission(marked)["omission"])
    assert_series_equal(found["infit"], item_fit(response_matrix(marked), items)["infit"])
    assert_series_equal(found["exposure"], classical["n"] / 120, check_names=False)
    assert list(found.columns) == ["a", "b", "n", *FIGURES]


def test_items_nobody_had_stand_in_the_table_with_what_is_known_of_them() -> None:
    marked = simulated(40)
    items = pd.concat([parameters(marked), pd.DataFrame({"a": [1.2], "b": [0.4]}, index=["new-99"])])
    items.index.name = "item_id"
    found = review_items(marked, items).loc["new-99"]
    assert (found["n"], found["a"], found["b"]) == (0, 1.2, 0.4)
    assert found[[name for name in FIGURES if name != "exposure"]].isna().all()
    assert found["exposure"] == 0
    empty = review_items(marked.iloc[:0], items)
    assert len(empty) == 31
    assert (empty["n"] == 0).all()
    assert empty[list(FIGURES)].isna().all(axis=None)


def test_fit_is_given_only_where_the_bank_knows_the_curve() -> None:
    marked = simulated(60)
    items = parameters(marked)
    items.loc["care-03", "a"] = np.nan
    found = review_items(marked, items)
    assert found["infit"].isna().sum() == 1
    assert found["infit"].isna()["care-03"]


def test_the_rival_is_the_commonest_other_answer_of_the_highest_group() -> None:
    """Ten attempts with 0 … 9 of nine other items right: the two best (of five groups) both answered c, not the key."""
    rows = []
    for number in range(10):
        own = "c" if number >= 8 else "a"
        rows.append(row(f"t{number}", "x-00", own == "a", answer=own))
        rows += [row(f"t{number}", f"r-{other:02d}", other <= number) for other in range(1, 10)]
    items = pd.DataFrame({"a": np.nan, "b": np.nan}, index=sorted({str(one["item_id"]) for one in rows}))
    found = review_items(frame(rows), items.rename_axis("item_id")).loc["x-00"]
    assert (found["rival_share"], found["exposure"], found["n"]) == (1.0, 1.0, 10)
    assert not found["key_share"] > 0


def test_times_are_summed_up_by_median_and_rapid_answers() -> None:
    """Mean of 1, 20, 20, 39 s is 20 s, so the threshold is 2 s: one of four answers is rapid; the median is 20 s."""
    rows = [row(f"t{n}", "x-00", True, seconds=seconds) for n, seconds in enumerate((1.0, 20.0, 20.0, 39.0))]
    found = review_items(frame(rows), UNKNOWN).loc["x-00"]
    assert (found["median_seconds"], found["rapid_share"]) == (20.0, 0.25)
    rows = [row(f"t{n}", "x-00", True, seconds=None) for n in range(4)]
    assert review_items(frame(rows), UNKNOWN).loc["x-00", ["median_seconds", "rapid_share"]].isna().all()


def test_the_two_groups_with_the_most_attempts_are_compared_the_smaller_as_the_focal_one() -> None:
    groups = pd.Series(["b"] * 5 + ["a"] * 3 + ["c"] * 4 + [None] * 9)
    assert largest_groups(groups) == Comparison("b", "c")
    assert largest_groups(pd.Series(["y", "x", "y", "x"])) == Comparison("x", "y")
    with pytest.raises(Invalid, match="fewer than two groups"):
        largest_groups(pd.Series(["a", None]))


def test_an_item_made_harder_for_one_group_alone_stands_out() -> None:
    marked = simulated(400)
    focal = marked["attempt_id"].astype(int) % 2 == 0
    spoiled = (marked["item_id"] == "dose-03") & focal & (marked["attempt_id"].astype(int) % 3 > 0)
    marked.loc[spoiled, "correct"] = False
    groups = pd.Series({attempt: "f" if int(attempt) % 2 == 0 else "r" for attempt in marked["attempt_id"].unique()})
    found = compare_groups(marked, groups, Comparison("r", "f"))
    assert found["delta"].idxmin() == "dose-03"
    assert found.loc["dose-03", "ets_class"] == "C"
    assert (found["n_reference"] == 200).all()
    assert (found["n_focal"] == 200).all()


def test_the_change_between_two_periods_is_that_of_the_proportions() -> None:
    """Item x: 3 of 4 right, then 1 of 4; its change is -1/2, its z is -1/2 / sqrt(1/4 (1/4 + 1/4)) = -sqrt(2)."""
    rows = [row(f"t{n}", "x-00", bool(right)) for n, right in enumerate([1, 1, 1, 0, 0, 0, 0, 1])]
    found = compare_periods(frame(rows), np.arange(8) >= 4).loc["x-00"]
    assert [found[f"drift_{name}"] for name in ("n_before", "p_before", "n_after", "p_after")] == [4, 0.75, 4, 0.25]
    assert found["drift_change"] == -0.5
    assert found["drift_z"] == pytest.approx(-(2**0.5))
    with pytest.raises(Invalid):
        compare_periods(frame(rows), np.arange(8) >= 99)
