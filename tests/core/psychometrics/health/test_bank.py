"""Exposure, overlap and drift, worked by hand and pair by pair."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.health.bank import (
    average_overlap,
    difficulty_drift,
    form_overlap,
    item_exposure,
    p_value_drift,
    robust_z,
)


def seen(*attempts: str, name: str = "attempt_id") -> pd.DataFrame:
    return pd.DataFrame(
        [(str(i), item) for i, items in enumerate(attempts) for item in items], columns=[name, "item_id"]
    )


def answers(**counts: tuple[int, int]) -> pd.DataFrame:
    """Return marked responses from item=(right, wrong)."""
    rows = [(item, mark) for item, (right, wrong) in counts.items() for mark in [True] * right + [False] * wrong]
    return pd.DataFrame(rows, columns=["item_id", "correct"])


def test_exposure_counts_attempts_once_and_lists_items_nobody_saw() -> None:
    found = item_exposure(pd.concat([seen("ABC", "AB"), seen("A")]), items=["A", "B", "C", "D"])
    assert found["n"].tolist() == [2, 2, 1, 0]
    assert found["exposure_rate"].tolist() == [1.0, 1.0, 0.5, 0.0]


def test_average_overlap_is_the_mean_of_all_pairs() -> None:
    random = np.random.default_rng(6)
    attempts = ["".join(random.choice(list("ABCDEFGHIJ"), 4, replace=False)) for _ in range(12)]
    shared = [len(set(a) & set(b)) / 4 for a, b in itertools.combinations(attempts, 2)]
    assert average_overlap(seen(*attempts)) == pytest.approx(sum(shared) / len(shared), abs=1e-12)


def test_average_overlap_tends_to_the_mean_of_squared_exposure() -> None:
    # Chen, Ankenmann & Spray (2003): for many attempts of length k from a bank of n, T = (n/k) S² + k/n, S² the
    # variance of the exposure rates. Here five items of exposure .8 and five of .2, k = 5: (10/5) × .09 + .5 = .68.
    attempts = []
    for block in range(100):
        first = [letter for i, letter in enumerate("ABCDE") if i != block % 5]
        attempts.append("".join(first) + "FGHIJ"[block % 5])
    assert average_overlap(seen(*attempts)) == pytest.approx(0.68, abs=0.01)


def test_the_same_form_for_all_overlaps_wholly_and_other_forms_not_at_all() -> None:
    assert average_overlap(seen("ABC", "ABC", "ABC")) == 1
    assert average_overlap(seen("AB", "CD")) == 0


def test_overlap_of_forms() -> None:
    forms = seen("ABCD", "CDE", "FG", name="form_id")
    found = form_overlap(forms).set_index(["form_a", "form_b"])
    assert found["shared"].to_dict() == {("0", "1"): 2, ("0", "2"): 0, ("1", "2"): 0}
    assert found.loc[("0", "1"), "share"] == pytest.approx(2 / 3)
    # Two of the three pairs share nothing; the mean length is 3.
    assert average_overlap(forms, by="form_id") == pytest.approx(2 / 3 / 3)


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(Invalid, match="only one"):
        average_overlap(seen("ABC"))
    with pytest.raises(Invalid, match="no responses"):
        item_exposure(seen())


def test_drift_of_a_proportion_by_hand() -> None:
    found = p_value_drift(answers(A=(60, 40)), answers(A=(90, 60), B=(1, 1))).loc["A"]
    assert found["change"] == 0
    assert found["z"] == 0
    found = p_value_drift(answers(A=(50, 50)), answers(A=(75, 25))).iloc[0]
    # Pooled .625: z = .25 / √(.625 × .375 × .02); h = 2 asin √.75 − 2 asin √.5 = 2π/3 − π/2.
    assert found["z"] == pytest.approx(0.25 / math.sqrt(0.625 * 0.375 * 0.02))
    assert found["z_p"] == pytest.approx(2 * norm.sf(found["z"]))
    assert found["h"] == pytest.approx(math.pi / 6)


def test_an_item_that_moves_beside_the_others_is_unstable_though_all_got_easier() -> None:
    before = answers(A=(50, 50), B=(40, 60), C=(60, 40), D=(30, 70), E=(70, 30), F=(50, 50))
    after = answers(A=(61, 39), B=(50, 50), C=(69, 31), D=(41, 59), E=(78, 22), F=(90, 10))
    found = p_value_drift(before, after)
    assert found.index[found["unstable"]].tolist() == ["F"]
    assert found["note"].unique().tolist() == [""]


def test_items_of_one_period_and_items_without_spread_say_why() -> None:
    found = p_value_drift(answers(A=(5, 5), C=(4, 0)), answers(B=(5, 5), C=(6, 0)))
    assert found["note"].tolist() == [
        "Nobody had this item in the later period.",
        "Nobody had this item in the earlier period.",
        "All answers of both periods are alike, so there is no z.",
    ]
    assert found["z"].isna().all()
    assert found.loc["C", "change"] == 0
    assert not found["unstable"].any()


def test_a_period_without_responses_is_refused() -> None:
    with pytest.raises(Invalid, match="no responses"):
        p_value_drift(answers(), answers(A=(1, 1)))


def test_robust_z_by_hand() -> None:
    # Huynh & Meyer (2010): (d − median) / (.74 IQR). Of 0 1 2 3 10: median 2, quartiles 1 and 3.
    found = robust_z(np.array([0.0, 1.0, 2.0, 3.0, 10.0, math.nan]))
    np.testing.assert_allclose(found, np.array([-2, -1, 0, 1, 8, math.nan]) / (0.74 * 2))


def test_robust_z_needs_four_items_and_a_spread() -> None:
    assert np.isnan(robust_z(np.array([0.0, 1.0, 2.0]))).all()
    assert np.isnan(robust_z(np.array([0.0, 0.0, 0.0, 0.0, 5.0]))).all()


def test_drift_of_difficulty() -> None:
    items = list("ABCDE")
    before = pd.DataFrame({"b": [0.0, 0.5, -1.0, 1.0, 0.2], "b_se": 0.1}, index=items)
    after = pd.DataFrame({"b": [0.1, 0.7, -0.7, 1.4, 1.2], "b_se": 0.1}, index=items)
    found = difficulty_drift(before, after)
    # Changes .1 .2 .3 .4 1.0: median .3, quartiles .2 and .4.
    np.testing.assert_allclose(found["robust_z"], np.array([-0.2, -0.1, 0, 0.1, 0.7]) / (0.74 * 0.2))
    np.testing.assert_allclose(found["z"], np.array([0.1, 0.2, 0.3, 0.4, 1.0]) / math.sqrt(0.02))
    assert found.index[found["unstable"]].tolist() == ["E"]
    shifted = difficulty_drift(before, after.assign(b=after["b"] + 2))
    np.testing.assert_allclose(shifted["robust_z"], found["robust_z"], atol=1e-12)
    assert difficulty_drift(before[["b"]], after)["z"].isna().all()


def test_calibrations_that_share_too_little_say_so() -> None:
    first, second = pd.DataFrame({"b": [0.0, 1.0]}, index=["A", "B"]), pd.DataFrame({"b": [0.0]}, index=["B"])
    found = difficulty_drift(first, second)
    assert found["note"].tolist() == ["Too few items in both periods for a robust z."]
    with pytest.raises(Invalid, match="share no item"):
        difficulty_drift(first, second.set_axis(["C"]))
