"""Agreement of a panel: the table of Shrout and Fleiss, variance components by hand, and judges who stand apart."""

from __future__ import annotations

import math
from statistics import correlation

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.panels.agreement import agreement, generalizability, intraclass, mean_squares
from ssa_engine.core.psychometrics.panels.judges import judge_statistics

# Shrout & Fleiss (1979), Psychological Bulletin 86:420-428, table 2: six targets by four judges.
SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)


def panel(*rows: str) -> pd.DataFrame:
    """Return judges × items from rows like '.5 .6 -', the judges called A, B …; '-' is not rated."""
    values = [[math.nan if cell == "-" else float(cell) for cell in row.split()] for row in rows]
    return pd.DataFrame(values, index=list("ABCDEFG")[: len(rows)], columns=[f"i{n}" for n in range(len(values[0]))])


def test_the_six_coefficients_equal_those_of_shrout_and_fleiss() -> None:
    # Shrout & Fleiss 1979, Psychological Bulletin 86:420-428, print .17 .29 .71 .44 .62 .91;
    # unrounded from their table, which is also in the help of R psych's ICC.
    found = intraclass(SHROUT_FLEISS)
    assert found.index.tolist() == ["ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)"]
    expected = [0.165742, 0.289764, 0.714841, 0.442797, 0.620051, 0.909316]
    np.testing.assert_allclose(found["icc"], expected, rtol=0, atol=5e-7)


def test_the_mean_squares_are_those_shrout_and_fleiss_print() -> None:
    # Their table 3: BMS 11.24, WMS 6.26, JMS 32.49, EMS 1.02.
    ms = mean_squares(SHROUT_FLEISS)
    assert [round(value, 2) for value in (ms.between, ms.within, ms.judges, ms.residual)] == [11.24, 6.26, 32.49, 1.02]


def test_the_intervals_and_f_tests_equal_those_of_pingouin() -> None:
    # Python pingouin 0.7.0, intraclass_corr(..., targets, raters, ratings), options['round.column.CI95'] = 8.
    found = intraclass(SHROUT_FLEISS)
    low = [-0.13293232, 0.01878651, 0.34246477, -0.88444216, 0.07113682, 0.67567471]
    high = [0.72256006, 0.76108437, 0.94585826, 0.91241542, 0.92723204, 0.98589168]
    np.testing.assert_allclose(found["low"], low, rtol=0, atol=1e-8)
    np.testing.assert_allclose(found["high"], high, rtol=0, atol=1e-8)
    np.testing.assert_allclose(found["f"], [1.79467849, 11.02724796, 11.02724796] * 2, rtol=0, atol=1e-8)
    np.testing.assert_allclose(found["p"], [0.16476881, 0.00013457, 0.00013457] * 2, rtol=0, atol=1e-8)
    assert found["df1"].tolist() == [5] * 6
    assert found["df2"].tolist() == [18, 15, 15] * 2
    assert found["note"].tolist() == [""] * 6


def test_a_bound_that_no_mean_of_judges_can_have_is_left_out_with_a_sentence() -> None:
    # Here ICC(2,1) and the bound below it lie under -1. Stepped up they would come out above the upper bound, as
    # pingouin 0.7.0 prints them for such data.
    found = intraclass(np.array([[0.1, 0.9], [0.5, 0.6], [0.6, 0.45], [0.35, 0.85], [0.7, 0.2]]))
    assert found["low"].to_dict()["ICC(2,1)"] < -1
    assert found["low"].isna().tolist() == [False] * 4 + [True, False]
    assert found["note"].str.startswith("A value for one judge").tolist() == [False] * 4 + [True, False]
    assert (found["high"] <= 1).all()


def test_a_wider_confidence_gives_a_wider_interval() -> None:
    narrow, wide = intraclass(SHROUT_FLEISS, confidence=0.9), intraclass(SHROUT_FLEISS, confidence=0.99)
    assert (wide["low"] < narrow["low"]).all()
    assert (wide["high"] > narrow["high"]).all()


def test_variance_components_are_those_worked_by_hand() -> None:
    # Items' means .4 .6 .8, judges' means .5 .7; no interaction but +-.1 in the first two items.
    # Judge A: .4-.1+.1, .6-.1-.1, .8-.1; B the mirror image. So MS_i = 2 (.04+0+.04)/2 = .08,
    # MS_j = 3 (.01+.01)/1 = .06, MS_ij = 4 × .01 / 2 = .02.
    study = generalizability(panel(".4 .4 .7", ".4 .8 .9"))
    assert (study.judges, study.items) == (2, 3)
    assert study.item == pytest.approx((0.08 - 0.02) / 2, abs=1e-12)
    assert study.judge == pytest.approx((0.06 - 0.02) / 3, abs=1e-12)
    assert study.residual == pytest.approx(0.02, abs=1e-12)
    assert study.relative == pytest.approx(0.03 / (0.03 + 0.02 / 2), abs=1e-12)
    assert study.phi == pytest.approx(0.03 / (0.03 + (0.02 + 0.04 / 3) / 2), abs=1e-12)
    more = study.decision_study([2, 8], items=10).loc[8]
    assert more["relative"] == pytest.approx(0.03 / (0.03 + 0.02 / 8), abs=1e-12)
    variance = 0.04 / 3 / 8 + 0.02 / 80
    assert more["se_judges"] == pytest.approx(math.sqrt(variance), abs=1e-12)
    assert more["se_judges_and_items"] == pytest.approx(math.sqrt(variance + 0.03 / 10), abs=1e-12)


def test_the_coefficients_of_the_panel_are_two_of_the_intraclass_correlations() -> None:
    study, icc = generalizability(pd.DataFrame(SHROUT_FLEISS.T)), intraclass(SHROUT_FLEISS)["icc"]
    assert study.relative == pytest.approx(icc["ICC(3,k)"], abs=1e-12)
    assert study.phi == pytest.approx(icc["ICC(2,k)"], abs=1e-12)
    one = study.decision_study([1]).iloc[0]
    assert one["relative"] == pytest.approx(icc["ICC(3,1)"], abs=1e-12)
    assert one["phi"] == pytest.approx(icc["ICC(2,1)"], abs=1e-12)


def test_the_error_over_judges_is_the_standard_error_of_their_means() -> None:
    means = SHROUT_FLEISS.mean(axis=0)
    study = generalizability(pd.DataFrame(SHROUT_FLEISS.T))
    expected = means.std(ddof=1) / math.sqrt(4)
    assert study.decision_study([4])["se_judges"].iloc[0] == pytest.approx(expected, abs=1e-12)


def test_a_variance_estimated_below_nought_is_nought_and_is_told() -> None:
    study = generalizability(panel(".2 .8 .5", ".8 .2 .5", ".5 .5 .5"))
    assert (study.item, study.judge) == (0, 0)
    assert study.residual > 0
    assert "items and of judges was estimated below 0" in study.note
    assert (study.relative, study.phi) == (0, 0)


def test_idle_judges_and_items_with_gaps_are_left_out_and_told() -> None:
    study = generalizability(panel(".4 .4 .7 .9", ".4 .8 .9 -", "- - - -"))
    assert (study.judges, study.items) == (2, 3)
    assert study.residual == pytest.approx(0.02, abs=1e-12)
    one = "1 of 3 judges rated nothing and is left out. 1 of 4 items was not rated by every judge and is left out."
    assert study.note == one
    study = generalizability(panel(".4 .4 .7 .9 -", ".4 .8 .9 - .5", "- - - - -", "- - - - -"))
    two = "2 of 4 judges rated nothing and are left out. 2 of 5 items were not rated by every judge and are left out."
    assert study.note == two


@pytest.mark.parametrize("ratings", [panel(".5 .6 .7"), panel(".5", ".6", ".7"), panel(".5 .6 - -", "- - .7 .8")])
def test_without_two_judges_on_two_items_there_is_no_agreement_and_a_sentence(ratings: pd.DataFrame) -> None:
    table = agreement(ratings)
    assert table["value"].isna().all()
    assert table["note"].str.startswith("Agreement needs at least two judges").all()
    with pytest.raises(Invalid, match="at least two judges"):
        generalizability(ratings)


def test_ratings_all_the_same_have_no_coefficients_and_a_sentence() -> None:
    table = agreement(panel(".3 .3 .3", ".3 .3 .3")).set_index("measure")
    assert table.loc[:"phi", "value"].isna().all()
    assert table["note"].str.startswith("All ratings are the same").all()
    assert table.loc["se_judges", "value"] == 0


def test_judges_who_agree_exactly_have_full_agreement_and_no_f() -> None:
    found = intraclass(np.array([[0.1, 0.1, 0.1], [0.5, 0.5, 0.5], [0.7, 0.7, 0.7]]))
    assert found[["icc", "low", "high"]].to_numpy() == pytest.approx(np.ones((6, 3)))
    assert found[["f", "p"]].isna().all(axis=None)
    assert found["note"].str.startswith("The judges differ by no more than a constant").all()


def test_judges_who_differ_by_a_constant_agree_in_order_alone() -> None:
    # A and B differ by .2; items' means .2 .4 .6, so BMS .08, JMS = 3 × .02 = .06, EMS 0.
    found = intraclass(np.array([[0.1, 0.3], [0.3, 0.5], [0.5, 0.7]]))["icc"]
    assert found["ICC(3,1)"] == pytest.approx(1)
    assert found["ICC(2,1)"] == pytest.approx(0.08 / (0.08 + 2 * 0.06 / 3))


def test_items_that_nobody_tells_apart_have_no_reliability_and_a_sentence() -> None:
    found = intraclass(np.array([[0.2, 0.4], [0.2, 0.4]]))
    assert found["icc"].isna()[["ICC(3,1)", "ICC(1,k)", "ICC(3,k)"]].all()
    assert found["note"].str.startswith("The panel's means of the items do not differ").all()


def test_a_judge_stands_beside_the_mean_of_the_others() -> None:
    ratings = panel(".5 .6 .7 .8", ".4 .5 .6 .7", ".6 .8 .7 .9")
    p_values = pd.Series({"i0": 0.45, "i1": 0.65, "i2": 0.55, "i3": 0.9, "other": 0.1})
    found = judge_statistics(ratings, p_values)
    # A: others' means .5 .65 .65 .8, differences 0 -.05 .05 0; B: .55 .7 .7 .85, so -.15 -.2 -.1 -.15.
    assert found.loc["A", "severity"] == pytest.approx(0, abs=1e-12)
    assert found.loc["A", "deviation"] == pytest.approx(0.025, abs=1e-12)
    assert found.loc["B", "severity"] == pytest.approx(-0.15, abs=1e-12)
    assert found.loc["C", "mean_rating"] == pytest.approx(0.75, abs=1e-12)
    expected = correlation([0.6, 0.8, 0.7, 0.9], [0.45, 0.65, 0.55, 0.9])
    assert found.loc["C", "correlation"] == pytest.approx(expected, abs=1e-12)
    # Severities 0, -.15, .15 (C: others .45 .55 .65 .75, differences .15 .25 .05 .15): median 0, MAD .15.
    assert found["severity_z"].tolist() == pytest.approx([0, -0.6745, 0.6745], abs=1e-12)
    assert not found["outlying"].any()


def test_a_judge_who_asks_for_far_more_stands_apart_and_is_told_so() -> None:
    rows = [" ".join(f"{0.4 + 0.1 * item + 0.01 * judge:.2f}" for item in range(4)) for judge in range(5)]
    found = judge_statistics(panel(*rows, "0.80 0.90 0.95 1.00"))
    assert found["outlying"].tolist() == [False] * 5 + [True]
    assert "asks for more than the others" in found["note"].iloc[-1]
    assert found["note"].iloc[:5].tolist() == [""] * 5


def test_a_judge_who_is_at_odds_item_by_item_stands_apart_though_the_mean_is_right() -> None:
    rows = [" ".join(f"{0.4 + 0.1 * item + 0.01 * (judge - 2):.2f}" for item in range(4)) for judge in range(5)]
    found = judge_statistics(panel(*rows, "0.70 0.60 0.50 0.40"))
    assert found["outlying"].tolist() == [False] * 5 + [True]
    assert "item by item" in found["note"].iloc[-1]
    assert "more" not in found["note"].iloc[-1]


def test_where_most_judges_are_alike_the_mean_deviation_takes_the_place_of_the_median_one() -> None:
    # Severities in the pairwise sense: four judges at .5 and one at .6 over one item: -.025 four times and .1.
    found = judge_statistics(panel(".5", ".5", ".5", ".5", ".6"))
    # Median -.025, MAD 0; mean absolute deviation .125 / 5 = .025.
    assert found["severity_z"].tolist() == pytest.approx([0, 0, 0, 0, 0.125 / (1.2533 * 0.025)], abs=1e-9)


@pytest.mark.parametrize(
    ("ratings", "judge", "sentence"),
    [
        (panel(".5 .6", "- -", ".4 .5", ".4 .4"), "B", "Rated nothing"),
        (panel(".5 .6 -", "- - .4"), "A", "No other judge rated the same items"),
        (panel(".5 .6", ".4 .5"), "A", "Fewer than three judges"),
    ],
)
def test_a_judge_of_whom_little_is_known_has_a_sentence(ratings: pd.DataFrame, judge: str, sentence: str) -> None:
    found = judge_statistics(ratings)
    assert str(found.loc[judge, "note"]).startswith(sentence)
    assert not found["outlying"].any()
    assert found["correlation"].isna().all()


def test_ratings_that_do_not_vary_have_no_correlation() -> None:
    found = judge_statistics(panel(".5 .5 .5", ".4 .5 .6"), pd.Series([0.2, 0.3, 0.9], index=["i0", "i1", "i2"]))
    assert math.isnan(float(found["correlation"].iloc[0]))
    assert found["correlation"].iloc[1] == pytest.approx(correlation([0.4, 0.5, 0.6], [0.2, 0.3, 0.9]))
