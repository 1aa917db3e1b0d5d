"""A calibration on the scale of a bank: which items are anchors, what is said of them, and what moves along."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt.bank_scale import bank_link, on_scale
from ssa_engine.core.psychometrics.irt.calibration import Calibration, calibrate
from ssa_engine.core.psychometrics.irt.linking import link
from ssa_engine.core.psychometrics.irt.models import probability
from tests.core.psychometrics.irt.test_abilities import items_of
from tests.core.psychometrics.response_data import matrix, simulated


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    return calibrate(matrix(simulated(400, [0.8, 1.0, 1.2, 1.4, 0.9, 1.1], [-1.2, -0.5, 0.0, 0.4, 0.9, 1.5])))


def test_items_and_their_errors_are_put_on_the_banks_scale(calibration: Calibration) -> None:
    bank = calibration.items.assign(a=calibration.items["a"] / 0.8, b=0.8 * calibration.items["b"] - 1)
    placed = on_scale(calibration.items, link(calibration.items, bank))
    assert placed.columns.tolist() == calibration.items.columns.tolist()
    np.testing.assert_allclose(placed[["a", "b"]], bank[["a", "b"]], rtol=0, atol=1e-6)
    np.testing.assert_allclose(placed["a_se"], calibration.items["a_se"] / 0.8, rtol=0, atol=1e-6)
    np.testing.assert_allclose(placed["b_se"], calibration.items["b_se"] * 0.8, rtol=0, atol=1e-6)
    assert placed["d_se"].isna().all()
    assert on_scale(calibration.items, None) is calibration.items


def test_anchors_are_the_items_that_can_be_used_in_both() -> None:
    new = items_of([1, 1.2, 0.9, np.nan, 1], [0, 1, -1, np.nan, 2]).assign(note=["", "", "b is far.", "All right.", ""])
    bank = items_of([1, 1.1, 0.9, 1, -0.3], [0.5, 1.4, -0.4, 1, 2])
    linking, note = bank_link(new, bank)
    assert linking.anchors.index.tolist() == ["A", "B", "C"]
    assert note == (
        "Without a slope above 0 and a difficulty in both: 'D', 'E'. Anchors whose new parameters have a note: 'C'. "
        "With fewer than 4 anchors nobody can tell which of them drifted."
    )


def test_fewer_than_two_anchors_are_refused_with_what_could_not_be_used() -> None:
    new = items_of([1, 1, 1], [0, 0, 0])
    needs = "Linking needs at least 2 anchors, items that this calibration and the bank both have; here: "
    with pytest.raises(Invalid) as refusal:
        bank_link(new, items_of([1, -1], [0, 0]))
    assert str(refusal.value) == needs + "1. Without a slope above 0 and a difficulty in both: 'B'."
    with pytest.raises(Invalid) as refusal:
        bank_link(new, items_of([1, 1], [0, 0]).rename(index={"A": "X", "B": "Y"}))
    assert str(refusal.value) == needs + "0."


def test_a_drifted_anchor_and_a_bank_of_another_model_are_pointed_out() -> None:
    new = items_of([1.0] * 8, [-1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2])
    bank = new.assign(b=new["b"] + [0.02, -0.02, 0.01, 1.5, -0.01, 0.02, -0.02, 0.01], c=0.2)
    _, note = bank_link(new, bank)
    assert note == (
        "The anchors have a c above 0 in the bank and none in this calibration: link calibrations of one model. "
        "Anchors that may have drifted (one in ten looks so by chance): 'D'."
    )


def test_a_bank_with_an_item_twice_is_refused() -> None:
    bank = items_of([1, 1.1], [0, 1])
    with pytest.raises(Invalid, match="Item 'A' has its parameters twice"):
        bank_link(items_of([1, 1], [0, 1]), pd.concat([bank, bank.iloc[:1]]))


def test_the_curves_do_not_depend_on_the_scale(calibration: Calibration) -> None:
    bank = calibration.items.assign(b=calibration.items["b"] + 1)
    linking = link(calibration.items, bank)
    theta = np.linspace(-3, 3, 7)
    moved = probability(linking.theta(theta), on_scale(calibration.items, linking))
    np.testing.assert_allclose(moved, probability(theta, calibration.items), rtol=0, atol=1e-12)


def test_an_anchor_without_a_standard_error_of_a_is_none_and_this_is_said() -> None:
    new = items_of([1, 1.2, 0.9, 10, 1], [0, 1, -1, 0.5, 2]).assign(a_se=[0.1, 0.1, 0.1, np.nan, np.nan])
    bank = items_of([1, 1.1, 0.9, 1, 1], [0.5, 1.4, -0.4, 1, 2])
    linking, note = bank_link(new, bank)
    assert linking.anchors.index.tolist() == ["A", "B", "C"]
    assert note.startswith("Without a standard error of a, so no anchors: 'D', 'E'.")
    clean = bank_link(new.iloc[:3], bank.iloc[:3])[0]
    assert (linking.slope, linking.intercept) == (clean.slope, clean.intercept)
    banked = bank.assign(a_se=[np.nan, 0.1, 0.1, 0.1, 0.1])
    assert bank_link(new, banked)[0].anchors.index.tolist() == ["B", "C"]
    with pytest.raises(Invalid, match=r"here: 0\. Without a standard error of a, so no anchors: 'A', 'B', 'C'"):
        bank_link(new.assign(a_se=np.nan), bank)


def test_what_notes_say_of_figures_speaks_of_them_before_linking() -> None:
    staircase = np.repeat(np.tril(np.ones((9, 8)), -1), 5, axis=0)
    items = calibrate(matrix(staircase)).items
    flat = np.hstack([simulated(300, [1.2] * 4, [-1.0, 0.0, 0.5, 1.0]), np.r_[0, np.ones(299)][:, None]])
    items = pd.concat([items, calibrate(matrix(flat)).items.iloc[4:]])
    bank = items_of([1, 1.1, 0.9], [0.5, 1.4, -0.4])
    placed = on_scale(items, bank_link(items_of([1.2, 1.2, 1.1], [0, 1, -1]), bank)[0])
    assert (placed["a"] != 10).all()
    assert placed["note"].iloc[:8].str.startswith("Its slope grew until it was held at 10 before linking: it").all()
    assert placed["note"].iloc[8].startswith("b lies beyond any ability before linking: the slope")
    assert items["note"].iloc[0].startswith("Its slope grew until it was held at 10: it")  # the argument stays


def test_a_drifted_anchor_among_others_that_agree_exactly_has_its_sentence() -> None:
    new = items_of([1.0] * 6, [-1.5, -1, -0.5, 0, 0.5, 1])
    linking, note = bank_link(new, new.assign(b=new["b"] + [0, 0, 0, 1.5, 0, 0]), method="mean-mean")
    assert linking.anchors["suspect"].tolist() == [False, False, False, True, False, False]
    assert np.isnan(linking.anchors["z_b"].iloc[3])
    assert note == (
        "Anchors that may have drifted (one in ten looks so by chance): 'D'. "
        "The other anchors agree exactly, so z has no finite value."
    )
