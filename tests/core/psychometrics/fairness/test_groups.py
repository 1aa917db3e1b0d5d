"""Intervals of differences between groups beside published and SciPy's, and tables of rates and means by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.fairness.groups import (
    ALL_AREAS,
    agresti_caffo_interval,
    mean_area_scores,
    newcombe_interval,
    prescription_rates,
    two_groups,
)
from tests.core.psychometrics.fairness.test_dif import of_strings


def area_scores(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["attempt_id", "content_area", "score", "credits"])


def row(frame: pd.DataFrame, area: str, group: str) -> Any:
    """Return the row of an area and a group."""
    return frame.loc[(area, group)]


@pytest.mark.parametrize(
    ("counts", "limits"),
    [
        # Newcombe (1998), Statistics in Medicine 17:873-890, Table II, method 10.
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_newcombes_interval_is_as_printed(counts: tuple[int, int, int, int], limits: tuple[float, float]) -> None:
    assert newcombe_interval(*counts) == pytest.approx(limits, abs=5.1e-5)


def test_agresti_caffo_adds_one_of_two_to_each_group() -> None:
    # 9 of 10 and 3 of 10 become 10 of 12 and 4 of 12: .5 ± 1.959964 √(.8333 × .1667 / 12 + .3333 × .6667 / 12).
    half = 1.959963985 * math.sqrt(10 / 12 * 2 / 12 / 12 + 4 / 12 * 8 / 12 / 12)
    assert agresti_caffo_interval(9, 10, 3, 10) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-9)
    assert agresti_caffo_interval(2, 2, 0, 2)[1] == 1.0


def test_an_empty_group_has_no_interval() -> None:
    assert all(math.isnan(limit) for limit in newcombe_interval(0, 0, 3, 10))
    assert all(math.isnan(limit) for limit in agresti_caffo_interval(3, 10, 0, 0))


def test_rates_of_prescription_by_hand() -> None:
    scores = area_scores(
        ("1", "x", 0.5, 3.0), ("1", "y", 0.9, 0.0),
        ("2", "x", 0.8, 0.0), ("2", "y", 0.9, 0.0),
        ("3", "x", 0.8, 0.0), ("3", "y", 0.9, 0.0),
        ("4", "x", 0.4, 4.5), ("4", "y", 0.2, 6.0),
        ("5", "x", 0.9, 0.0),
    )  # fmt: skip
    groups = pd.Series({"1": "A", "2": "A", "3": "A", "4": "B", "5": "B"})
    found = prescription_rates(scores, groups).set_index(["content_area", "group"])
    assert found.index.tolist() == [(area, group) for area in (ALL_AREAS, "x", "y") for group in "AB"]
    assert found["n"].tolist() == [3, 2, 3, 2, 3, 1]
    assert found["prescribed"].tolist() == [1, 1, 1, 1, 0, 1]
    b = row(found, ALL_AREAS, "B")
    assert b["rate"] == 0.5
    assert b["difference"] == pytest.approx(1 / 2 - 1 / 3)
    assert (b["lower"], b["upper"]) == pytest.approx(newcombe_interval(1, 2, 1, 3))
    assert (b["lower_agresti_caffo"], b["upper_agresti_caffo"]) == pytest.approx(agresti_caffo_interval(1, 2, 1, 3))
    # Without a prescription: 2/3 of A, the highest, and 1/2 of B, so 3/4 of it.
    assert b["ratio"] == pytest.approx(0.75)
    assert b["below_four_fifths"]
    a = row(found, ALL_AREAS, "A")
    assert math.isnan(a["difference"])
    assert a["ratio"] == 1
    assert not a["below_four_fifths"]
    assert found["note"].unique().tolist() == [""]


def test_where_everybody_was_prescribed_there_is_no_ratio() -> None:
    scores = area_scores(("1", "x", 0.1, 3.0), ("2", "x", 0.2, 3.0))
    found = prescription_rates(scores, pd.Series({"1": "A", "2": "B"}))
    assert found["ratio"].isna().all()
    assert not found["below_four_fifths"].any()


def test_without_credits_an_area_below_its_standard_counts() -> None:
    scores = pd.DataFrame({"attempt_id": ["1", "2"], "content_area": "x", "below_standard": [True, False]})
    found = prescription_rates(scores, pd.Series({"1": "A", "2": "B"}), reference="B")
    assert found["rate"].tolist() == [1, 0, 1, 0]
    assert found["difference"].iloc[0] == 1


def test_a_group_that_had_no_area_says_so() -> None:
    scores = area_scores(("1", "x", 0.5, 3.0), ("2", "x", 0.8, 0.0), ("2", "y", 0.9, 0.0))
    groups = pd.Series({"1": "A", "2": "B"})
    for reference, expected in (("B", "Nobody of this group"), ("A", "Nobody of the reference group")):
        found = prescription_rates(scores, groups, reference=reference).set_index(["content_area", "group"])
        assert row(found, "y", "A" if reference == "B" else "B")["note"].startswith(expected)
        assert row(found, "y", "A")["n"] == 0
        assert math.isnan(row(found, "y", "A")["rate"])


def test_means_have_welchs_interval() -> None:
    random = np.random.default_rng(4)
    a, b = random.normal(0.7, 0.1, 40), random.normal(0.65, 0.2, 25)
    rows = [(f"a{i}", "x", float(value), 0.0) for i, value in enumerate(a)]
    rows += [(f"b{i}", "x", float(value), 0.0) for i, value in enumerate(b)]
    groups = pd.Series({row[0]: row[0][0] for row in rows})
    found = mean_area_scores(area_scores(*rows), groups).set_index("group").loc["b"]
    expected = ttest_ind(b, a, equal_var=False).confidence_interval()
    assert (found["lower"], found["upper"]) == pytest.approx((expected.low, expected.high), abs=1e-12)
    pooled = math.sqrt((39 * a.var(ddof=1) + 24 * b.var(ddof=1)) / 63)
    assert found["hedges_g"] == pytest.approx((b.mean() - a.mean()) / pooled * (1 - 3 / (4 * 63 - 1)), abs=1e-12)
    assert found["note"] == ""


def test_a_mean_without_an_interval_says_why() -> None:
    scores = area_scores(
        ("1", "x", 0.5, 0.0), ("2", "x", 0.5, 0.0), ("3", "x", 0.8, 0.0), ("4", "x", 0.8, 0.0), ("5", "x", 0.9, 0.0)
    )
    found = mean_area_scores(scores, pd.Series({"1": "A", "2": "A", "3": "B", "4": "B", "5": "C"}), reference="A")
    assert found["difference"].tolist()[1:] == pytest.approx([0.3, 0.4])
    assert found["lower"].isna().all()
    assert found["note"].tolist() == [
        "",
        "The scores do not vary, so there is no interval.",
        "An interval needs two attempts in each of the groups.",
    ]


def test_attempts_of_unknown_group_are_left_out_and_one_group_alone_is_refused() -> None:
    scores = area_scores(("1", "x", 0.5, 3.0), ("2", "x", 0.8, 0.0), ("3", "x", 0.8, 0.0))
    found = prescription_rates(scores, pd.Series({"1": "A", "2": "B"}))
    assert found["n"].tolist() == [1, 1, 1, 1]
    with pytest.raises(Invalid, match="only 'A'"):
        prescription_rates(scores, pd.Series({"1": "A"}))
    with pytest.raises(Invalid, match="reference group 'C'"):
        mean_area_scores(scores, pd.Series({"1": "A", "2": "B"}), reference="C")


def test_two_groups_are_picked_and_the_others_left_out() -> None:
    responses = of_strings("10", "01", "11", "00", "10")
    groups = pd.Series(["F", "R", "X", "F"], index=responses.attempts[:4])
    found, focal = two_groups(responses, groups, "F", "R")
    assert found.attempts.tolist() == ["p000", "p001", "p003"]
    assert found.values.tolist() == [[1, 0], [0, 1], [0, 0]]
    assert focal.tolist() == [True, False, True]
    assert two_groups(responses, groups, "F")[1].tolist() == [True, False, False, True]


@pytest.mark.parametrize(
    ("focal", "reference", "said"),
    [("G", None, "focal group 'G'"), ("F", "G", "reference group 'G'"), ("F", "F", "both 'F'")],
)
def test_a_group_that_is_not_there_is_named(focal: str, reference: str | None, said: str) -> None:
    responses = of_strings("10", "01")
    with pytest.raises(Invalid, match=said):
        two_groups(responses, pd.Series(["F", "R"], index=responses.attempts), focal, reference)


def test_a_focal_group_without_others_is_refused() -> None:
    responses = of_strings("10", "01")
    with pytest.raises(Invalid, match="nothing to compare 'F' with"):
        two_groups(responses, pd.Series(["F", "F"], index=responses.attempts), "F")


def test_numbers_are_groups_as_well() -> None:
    scores = area_scores(("1", "x", 0.5, 3.0), ("2", "x", 0.8, 0.0), ("3", "x", 0.9, 0.0))
    text = pd.Series({"1": "1", "2": "2"})
    for numbers in (pd.Series({"1": 1, "2": 2}), pd.Series({"1": 1.0, "2": 2.0, "3": np.nan})):
        for function in (prescription_rates, mean_area_scores):
            for reference in (None, "2"):
                found = function(scores, numbers, reference=reference)
                pd.testing.assert_frame_equal(found, function(scores, text, reference=reference))
    responses = of_strings("10", "01", "11")
    groups = pd.Series([1, 2, 1], index=responses.attempts)
    assert two_groups(responses, groups, "1", "2")[1].tolist() == [True, False, True]
    with pytest.raises(Invalid, match=r"reference group '3', .* Groups found: '1', '2'\."):
        two_groups(responses, groups, "1", "3")


def test_an_attempt_with_its_group_twice_is_refused() -> None:
    groups = pd.Series(["A", "B", "B"], index=["1", "2", "2"])
    said = r"^Attempt '2' has its group twice\. Give each attempt one group\.$"
    scores = area_scores(("1", "x", 0.5, 3.0), ("2", "x", 0.8, 0.0))
    for function in (prescription_rates, mean_area_scores):
        with pytest.raises(Invalid, match=said):
            function(scores, groups)
    with pytest.raises(Invalid, match=said):
        two_groups(of_strings("10", "01"), groups, "A")
