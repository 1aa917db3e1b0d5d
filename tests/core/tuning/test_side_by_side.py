"""Two policies side by side on six sittings, each figure by hand."""

from __future__ import annotations

import pytest

from ssa_engine.core.tuning.consequences import consequences
from ssa_engine.core.tuning.side_by_side import MEASURES, OF_AREAS, OF_ERRORS, areas, figures
from tests.core.tuning.small import cohort, policy


def test_figures_stand_beside_each_other_with_their_difference() -> None:
    # Short of 3 of 4: dose 0 0 1 2 3 0, image 0 1 0 2 0 0; at most 3 in all: 0 1 1 3 3 0 credits.
    # With 2 of 4 for dose: 0 0 0 1 2 0, so with image 0 1 0 3 2 0.
    found = figures(consequences(cohort(), policy()), consequences(cohort(), policy(dose=0.5)))
    assert tuple(found["measure"]) == MEASURES
    rows = dict(zip(found["measure"], found[["left", "right", "difference"]].to_numpy().tolist(), strict=True))
    assert rows["sittings"] == [6, 6, 0]
    assert rows["sum_credits"] == [8, 6, -2]
    assert rows["mean_credits"] == pytest.approx([8 / 6, 1, -2 / 6])
    assert rows["median_credits"] == [1, 0.5, -0.5]
    assert rows["none"] == [2, 3, 1]
    assert rows["at_cap"] == [2, 1, -1]


def test_each_area_has_its_figures_under_either_policy() -> None:
    left, right = consequences(cohort(), policy()), consequences(cohort(), policy(dose=0.5))
    found = areas(left, right)
    assert found["content_area"].tolist() == ["dose", "image"]
    assert found["needed_left"].tolist() == [3, 3]
    assert found["needed_right"].tolist() == [2, 3]
    assert found["share_prescribed_left"].tolist() == [3 / 6, 2 / 6]
    assert found["share_prescribed_right"].tolist() == [2 / 6, 2 / 6]
    assert found["mean_credits_right"].tolist() == pytest.approx([3 / 6, 3 / 6])
    for name in (*OF_AREAS, *OF_ERRORS):
        for one, side in ((left, "left"), (right, "right")):
            of = one.areas if name in OF_AREAS else one.errors
            assert found[f"{name}_{side}"].tolist() == of[name].tolist(), name
