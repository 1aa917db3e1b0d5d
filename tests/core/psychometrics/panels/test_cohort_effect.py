"""What new standards do to a cohort: counts and credits beside those worked by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import CreditRule, Policy
from ssa_engine.core.psychometrics.panels.cohort_effect import cohort_effect

POLICY = Policy(standards={"x": 0.7, "y": 0.7}, credits=CreditRule(rule="per_item", credits=1, total_cap=4))


def cohort() -> pd.DataFrame:
    """Three people; right of ten in x: 7 6 9, in y: 4 7 10."""
    rows = [("1", "x", 7), ("1", "y", 4), ("2", "x", 6), ("2", "y", 7), ("3", "x", 9), ("3", "y", 10)]
    frame = pd.DataFrame(rows, columns=["attempt_id", "content_area", "correct"])
    return frame.assign(items=10, points=frame["correct"].astype(float))


def test_a_higher_standard_is_counted_by_hand() -> None:
    found = cohort_effect(cohort(), POLICY, {"x": 0.9})
    x, y = found.areas.to_dict("records")
    counts = ("prescribed_now", "prescribed_then", "newly", "no_longer")
    # x: short by 0 1 0 of seven, by 2 3 0 of nine.
    assert [x[name] for name in counts] == [1, 2, 1, 0]
    assert [y[name] for name in counts] == [1, 1, 0, 0]
    # Totals now 3 1 0; then 2 + 3 held to 4, 3 and 0.
    assert (found.candidates, found.any_now, found.any_then, found.more, found.fewer) == (3, 2, 2, 2, 0)
    assert (found.mean_total_now, found.mean_total_then) == pytest.approx((4 / 3, 7 / 3))
    # The cap is filled by the largest gap first: y, .3, keeps its 3 and x, .2, gets 1.
    assert x["mean_credits_then"] == pytest.approx((1 + 3 + 0) / 3)
    assert (x["standard_now"], x["standard_then"]) == (0.7, 0.9)


def test_a_lower_standard_lets_people_off() -> None:
    found = cohort_effect(cohort(), POLICY, {"x": 0.6, "y": 0.3})
    assert found.areas["no_longer"].tolist() == [1, 1]
    assert (found.any_then, found.fewer, found.mean_total_then) == (0, 2, 0.0)


def test_an_unknown_area_and_an_empty_cohort_are_said() -> None:
    with pytest.raises(Invalid, match="no standard for: z"):
        cohort_effect(cohort(), POLICY, {"z": 0.5})
    with pytest.raises(Invalid, match="Nobody has a score yet"):
        cohort_effect(cohort().iloc[:0], POLICY, {"x": 0.5})
