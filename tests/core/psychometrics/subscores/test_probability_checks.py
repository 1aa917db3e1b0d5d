"""Calibration worked by hand, and halves of sittings."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.subscores.probability_checks import check_probabilities, split_halves


def test_halves_have_every_row_once_and_depend_on_the_seed() -> None:
    marked = pd.DataFrame({"attempt_id": np.repeat(np.arange(50), 9), "content_area": list("AAAAABBBB") * 50})
    first, second = split_halves(marked, seed=1)
    assert sorted([*first.index, *second.index]) == list(range(450))
    assert first.groupby(["attempt_id", "content_area"]).size().tolist() == [3, 2] * 50
    assert split_halves(marked, seed=1)[0].equals(first)
    assert not split_halves(marked, seed=2)[0].equals(first)


def test_calibration_worked_by_hand() -> None:
    checked = check_probabilities(np.array([0.1, 0.2, 0.9, 1.0, np.nan]), np.array([0, 1, 1, 1, 1]) == 1, bins=2)
    assert checked.table["n"].tolist() == [2, 2]
    assert checked.table["mean_probability"].tolist() == pytest.approx([0.15, 0.95])
    assert checked.table["share"].tolist() == [0.5, 1]
    assert checked.brier == pytest.approx((0.01 + 0.64 + 0.01 + 0) / 4)
    assert checked.log_loss == pytest.approx(-(math.log(0.9) + math.log(0.2) + math.log(0.9)) / 4)
    assert checked.calibration_error == pytest.approx((2 * 0.35 + 2 * 0.05) / 4)
    empty = check_probabilities(np.array([0.9]), np.array([True]), bins=2).table
    assert empty["note"].tolist() == ["No probability falls into this bin.", ""]
    for wrong in (np.array([np.nan]), np.array([1.2])):
        with pytest.raises(Invalid):
            check_probabilities(wrong, np.array([True]))
