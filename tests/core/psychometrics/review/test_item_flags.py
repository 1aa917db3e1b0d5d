"""Flags of items: each on the one side of its threshold and not on the other."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ssa_engine.core.psychometrics.review.item_flags import THRESHOLDS, FlagThresholds, item_flags, raise_flags

SOUND: dict[str, Any] = {
    "n": 100, "p_value": 0.7, "point_biserial": 0.3, "rival_share": 0.1, "key_share": 0.9, "infit": 1.0, "outfit": 1.0,
    "ets_class": "A", "drift_robust_z": 0.0, "drift_z": 0.0, "exposure": 0.5, "even_exposure": 0.5,
    "median_seconds": 60.0, "seconds_allowed": 60.0, "comments": 0,
}  # fmt: skip


def flags(thresholds: FlagThresholds = THRESHOLDS, /, **figures: Any) -> str:
    """The flags of a sound item but for these figures."""
    items = pd.DataFrame([SOUND | figures], index=pd.Index(["x"], name="item_id"))
    return str(raise_flags(items, thresholds)["x"])


def test_a_sound_item_has_no_flag() -> None:
    assert flags() == ""


@pytest.mark.parametrize(
    ("flag", "beyond", "at"),
    [
        ("hard", {"p_value": 0.29}, {"p_value": 0.30}),
        ("easy", {"p_value": 0.96}, {"p_value": 0.95}),
        ("negative", {"point_biserial": -0.01}, {"point_biserial": 0.10}),
        ("low", {"point_biserial": 0.0}, {"point_biserial": 0.10}),
        ("low", {"point_biserial": 0.09}, {"point_biserial": 0.10}),
        ("option", {"rival_share": 0.46, "key_share": 0.45}, {"rival_share": 0.45, "key_share": 0.45}),
        ("option", {"rival_share": 0.1, "key_share": None}, {"rival_share": None, "key_share": 0.2}),
        ("misfit", {"infit": 0.69}, {"infit": 0.7}),
        ("misfit", {"outfit": 1.31}, {"outfit": 1.3}),
        ("dif_c", {"ets_class": "C"}, {"ets_class": "A"}),
        ("dif_b", {"ets_class": "B"}, {"ets_class": None}),
        ("drift", {"drift_robust_z": -1.7, "drift_z": -2.0}, {"drift_robust_z": -1.7, "drift_z": -1.9}),
        ("drift", {"drift_robust_z": 1.7, "drift_z": 2.0}, {"drift_robust_z": 1.6, "drift_z": 9.0}),
        ("exposed", {"exposure": 0.76}, {"exposure": 0.75}),
        ("slow", {"median_seconds": 90.1}, {"median_seconds": 90.0}),
        ("comments", {"comments": 3}, {"comments": 2}),
        ("comments", {"comments": 4, "n": 200}, {"comments": 3, "n": 200}),
    ],
)
def test_each_flag_is_raised_beyond_its_threshold_alone(flag: str, beyond: dict[str, Any], at: dict[str, Any]) -> None:
    assert flags(**beyond) == flag
    assert flags(**at) == ""


def test_a_flag_that_rests_on_responses_needs_enough_of_them() -> None:
    assert flags(n=29, p_value=0.1, point_biserial=-0.4) == ""
    assert flags(n=30, p_value=0.1, point_biserial=-0.4) == "hard negative"
    assert flags(n=0, comments=3) == "comments"


def test_what_is_not_known_raises_nothing() -> None:
    unknown: dict[str, Any] = {name: None for name in SOUND if name not in ("n", "comments")}
    assert flags(**unknown) == ""
    assert list(raise_flags(pd.DataFrame({"n": [50]}, index=["x"]))) == [""]


def test_thresholds_are_data_and_every_meaning_names_its_own() -> None:
    strict = FlagThresholds(hardest=0.75, easiest=0.99, slow_ratio=1.1)
    assert flags(strict) == "hard"
    assert flags(strict, p_value=0.98, median_seconds=67.0) == "slow"
    meanings = {flag.name: str(flag.meaning) for flag in item_flags(strict)}
    assert meanings["hard"] == "The proportion correct is below 0.75."
    assert meanings["easy"] == "The proportion correct is above 0.99."
    assert "more than 1.1 times" in meanings["slow"]
    assert "1.65" in meanings["drift"]
    assert "Huynh & Meyer 2010" in meanings["drift"]
