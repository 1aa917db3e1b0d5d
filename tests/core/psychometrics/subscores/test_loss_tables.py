"""Losses and calibration worked by hand; scores are compared on the same decisions; Wilson's published intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.policies import DecisionRule, IndeterminateBand
from ssa_engine.core.psychometrics.subscores.loss_tables import (
    BY_BETA_BINOMIAL,
    HALF_NOTE,
    HELD_OUT,
    NO_HALF,
    NO_PROBABILITY,
    OWN,
    TRUE,
    calibration_table,
    loss_table,
    wilson_interval,
)

RULE = DecisionRule(rule="expected_loss", loss_ratio=3)
NAN = float("nan")


def predictions(**columns: list[float]) -> pd.DataFrame:
    """Return four decisions: the raw score lies below for the first two."""
    chances = {f"below_{name}": np.array(values, dtype=float) for name, values in columns.items()}
    return pd.DataFrame({"below_standard": [True, True, False, False], **chances})


def cells(table: pd.DataFrame, score: str, columns: list[str]) -> list[object]:
    """Return some cells of a score's row."""
    return [table[column][score] for column in columns]


def test_expected_losses_worked_by_hand() -> None:
    given = predictions(beta_binomial=[0.9, 0.5, 0.3, 0.1], wainer=[0.8, 0.2, 0.4, 0.0])
    found = loss_table(given, RULE).set_index("score")
    assert found.index.tolist() == ["raw", "beta_binomial", "wainer"]
    assert set(found["convention"]) == {OWN}
    assert set(found["loss_ratio"]) == {3}
    # Raw prescribes the first two; by the beta-binomial that is .1 and .5 needless, .3 and .1 missed.
    assert cells(found, "raw", ["needless", "missed", "wrong", "loss"]) == pytest.approx(
        [0.6 / 4, 0.4 / 4, 1.0 / 4, (0.6 + 3 * 0.4) / 4]
    )
    assert found.loc["raw", "note"] == BY_BETA_BINOMIAL
    # Prescribed above a probability of 1/4: three by the beta-binomial, two by Wainer's (.8 and .4).
    assert found["prescribed"].tolist() == [0.5, 0.75, 0.5]
    assert found.loc["beta_binomial", "loss"] == pytest.approx((0.1 + 0.5 + 0.7 + 3 * 0.1) / 4)
    assert found.loc["wainer", "loss"] == pytest.approx((0.2 + 0.6 + 3 * (0.2 + 0.0)) / 4)
    assert found.loc[["beta_binomial", "wainer"], "note"].tolist() == ["", ""]


def test_losses_against_the_truth_are_counted() -> None:
    given = predictions(beta_binomial=[0.9, 0.5, 0.3, 0.1], wainer=[0.8, 0.2, 0.4, 0.0])
    truth = np.array([True, False, False, True])
    found = loss_table(given, RULE, happened=truth, convention=TRUE).set_index("score")
    # Raw: the second is needless, the fourth missed. Beta-binomial: second and third needless, fourth missed.
    assert cells(found, "raw", ["needless", "missed", "loss"]) == [0.25, 0.25, 1.0]
    assert cells(found, "beta_binomial", ["needless", "missed", "loss"]) == [0.5, 0.25, 1.25]
    assert cells(found, "wainer", ["needless", "missed", "loss"]) == [0.25, 0.25, 1.0]
    assert set(found["note"]) == {""}


def test_the_band_of_the_policy_decides_for_all_probabilities_and_not_for_raw_scores() -> None:
    given = predictions(beta_binomial=[0.9, 0.3, 0.3, 0.1])
    truth = np.array([True, True, False, False])
    for chosen, half, offered, loss in (("prescribe_half", 0.5, 0, (0.5 * 3 + 0.5) / 4), ("offer_only", 0, 0.5, 3 / 4)):
        band = IndeterminateBand.model_validate({"low": 0.2, "high": 0.4, "rule": chosen})
        rule = DecisionRule(rule="expected_loss", loss_ratio=3, indeterminate=band)
        found = loss_table(given, rule, happened=truth, convention=TRUE).set_index("score")
        assert cells(found, "beta_binomial", ["prescribed", "half", "offered", "loss"]) == [
            0.25,
            half,
            offered,
            loss,
        ]
        assert cells(found, "raw", ["prescribed", "half", "offered", "loss"]) == [0.5, 0, 0, 0]


def test_scores_are_compared_on_the_decisions_that_all_of_them_can_make() -> None:
    given = predictions(
        kelley=[NAN] * 4, beta_binomial=[0.9, 0.5, 0.3, 0.1], wainer=[0.8, NAN, 0.4, 0.0], irt=[0.7, 0.1, 0.2, 0.3]
    )
    found = loss_table(given, RULE).set_index("score")
    assert found["n"].to_dict() == {"raw": 3, "kelley": 0, "beta_binomial": 3, "wainer": 3, "irt": 3}
    assert found.loc["kelley", "note"] == NO_PROBABILITY
    assert cells(found, "kelley", ["loss"]) == [pytest.approx(NAN, nan_ok=True)]
    told = "1 decisions for which some score has no probability are left out."
    assert found.loc["wainer", "note"] == told
    assert found.loc["raw", "note"] == f"{told} {BY_BETA_BINOMIAL}"


def test_where_no_half_can_be_held_out_every_row_says_so() -> None:
    none = predictions(beta_binomial=[0.9, 0.5, 0.3, 0.1]).head(0)
    nothing = np.array([], dtype=bool)
    losses = loss_table(none, RULE, happened=nothing, convention=HELD_OUT)
    assert losses["note"].tolist() == [NO_HALF, NO_HALF]
    assert losses["n"].tolist() == [0, 0]
    assert calibration_table(none, nothing, HELD_OUT)["note"].tolist() == [NO_HALF]


def test_held_out_losses_say_what_they_are_good_for() -> None:
    given = predictions(beta_binomial=[0.9, 0.5, 0.3, 0.1])
    found = loss_table(given, RULE, happened=np.array([True] * 4), convention=HELD_OUT)
    assert set(found["note"]) == {HALF_NOTE}


def test_calibration_worked_by_hand() -> None:
    given = predictions(beta_binomial=[0.85, 0.89, 0.12, 0.5], kelley=[NAN] * 4)
    truth = np.array([True, False, False, True])
    found = calibration_table(given, truth, TRUE)
    assert found["score"].tolist() == ["kelley"] + ["beta_binomial"] * 10
    assert found["note"].iloc[0] == NO_PROBABILITY
    own = found[found["n"] > 0]
    assert own["lower"].tolist() == [0.1, 0.5, 0.8]
    assert own["n"].tolist() == [1, 1, 2]
    assert own["mean_probability"].tolist() == pytest.approx([0.12, 0.5, 0.87])
    assert own["share"].tolist() == [0, 1, 0.5]
    assert own["brier"].iloc[0] == pytest.approx((0.15**2 + 0.89**2 + 0.12**2 + 0.5**2) / 4)
    assert own["calibration_error"].iloc[0] == pytest.approx((0.12 + 0.5 + 2 * 0.37) / 4)
    empty = found[(found["score"] == "beta_binomial") & (found["n"] == 0)]
    assert set(empty["note"]) == {"No probability falls into this bin."}
    assert empty[["low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_wilsons_as_newcombe_printed_them(right: int, n: int, low: float, high: float) -> None:
    # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3.
    found = wilson_interval(np.array([right / n]), np.array([float(n)]))
    assert [end.item() for end in found] == pytest.approx([low, high], abs=5e-5)
