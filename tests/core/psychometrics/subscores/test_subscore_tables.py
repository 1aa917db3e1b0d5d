"""Tables of subscores and true scores beside R's subscore and scipy; degenerate data has a sentence in each row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ssa_engine.core.psychometrics.decisions.area_groups import area_groups
from ssa_engine.core.psychometrics.decisions.profile_tables import decision_table
from ssa_engine.core.psychometrics.matrix import response_matrix
from ssa_engine.core.psychometrics.subscores.subscore_tables import subscore_table, true_score_table
from ssa_engine.core.psychometrics.subscores.true_scores_irt import below_by_irt
from tests.core.psychometrics.subscores.test_estimates import in_areas
from tests.reference import published

AREAS = [f"A{number}" for number in range(1, 7)]
STANDARDS = dict.fromkeys(AREAS, 0.7)


@pytest.fixture(scope="module")
def marked() -> pd.DataFrame:
    """Six areas of ten items, 800 people, as marked responses."""
    return in_areas(published.data("subscores"))


@pytest.fixture(scope="module")
def true_scores(marked: pd.DataFrame) -> pd.DataFrame:
    return true_score_table(marked, STANDARDS)


# R subscore 3.3: h <- subscore::CTTsub(tests, method = "Haberman"); w <- subscore::CTTsub(tests, method = "Wainer"),
# on ten items in each of six areas and 800 people (tests/reference/README.md).


def test_the_worth_of_areas_equals_that_of_subscore(marked: pd.DataFrame) -> None:
    found = subscore_table(marked)
    assert found["content_area"].tolist() == AREAS
    theirs = published.table("subscores_prmse").iloc[:6]
    for ours, other in (
        ("reliability", "Alpha"),
        ("prmse_s", "PRMSE.s"),
        ("prmse_x", "PRMSE.x"),
        ("prmse_sx", "PRMSE.sx"),
        ("added_value_s", "added.value.s"),
        ("added_value_sx", "added.value.sx"),
    ):
        np.testing.assert_allclose(found[ours].astype(float), theirs[other], rtol=0, atol=1e-8)
    wainer = published.table("subscores_wainer_summary")["prmse_wainer_own"]
    np.testing.assert_allclose(found["prmse_wainer"], wainer, rtol=0, atol=1e-8)
    assert found["attempts"].tolist() == [800] * 6
    assert found["note"].tolist() == [""] * 6


def test_ten_more_items_are_spearman_and_browns(marked: pd.DataFrame) -> None:
    found = subscore_table(marked)
    alpha = published.table("subscores_prmse")["Alpha"].iloc[:6].to_numpy()
    np.testing.assert_allclose(found["reliability_10_more"], 2 * alpha / (1 + alpha), rtol=0, atol=1e-8)
    # Twice the items have sqrt(2) times the error of the number correct: 1 / sqrt(2) of that of the proportion.
    np.testing.assert_allclose(found["sem_10_more"], found["sem"] / np.sqrt(2), rtol=1e-12)
    np.testing.assert_allclose(found["sem"], found["sd"] * np.sqrt(1 - alpha) / 10, rtol=0, atol=1e-8)


def test_with_two_areas_the_rest_is_the_other_one(marked: pd.DataFrame) -> None:
    both = subscore_table(marked[marked["content_area"].isin(["A1", "A2"])])
    expected = published.table("subscores_disattenuated").set_index("area").loc["area1", "area2"]
    assert both["rest_correlation"].tolist() == pytest.approx([expected] * 2, abs=1e-8)


def test_the_rest_of_several_areas_has_stratified_alpha(marked: pd.DataFrame) -> None:
    scores = marked.pivot_table(index="attempt_id", columns="content_area", values="correct", aggfunc="sum")
    alpha = published.table("subscores_prmse")["Alpha"].iloc[:6].to_numpy()
    rest = scores[AREAS[1:]]
    of_rest = 1 - (rest.var(ddof=1).to_numpy() * (1 - alpha[1:])).sum() / rest.sum(axis=1).var(ddof=1)
    observed = np.corrcoef(scores["A1"], rest.sum(axis=1))[0, 1]
    found = subscore_table(marked)["rest_correlation"].iloc[0]
    assert found == pytest.approx(observed / np.sqrt(alpha[0] * of_rest), abs=1e-9)


@pytest.mark.parametrize("name", ["raw", "kelley", "wainer", "weighted"])
def test_estimates_equal_those_of_subscore_on_the_scale_of_proportions(true_scores: pd.DataFrame, name: str) -> None:
    expected = published.table("subscores_scores")  # the first twenty people, in items
    found = true_scores.pivot_table(index="attempt_id", columns="content_area", values=name, observed=True)
    theirs = expected[[f"{name}{number}" for number in range(1, 7)]].to_numpy()
    np.testing.assert_allclose(found.loc[expected["person"] - 1].to_numpy() * 10, theirs, rtol=0, atol=1e-8)


def test_every_attempt_and_area_has_a_row_and_says_nothing_where_all_is_well(true_scores: pd.DataFrame) -> None:
    assert len(true_scores) == 800 * 6
    assert true_scores.notna().all(axis=None)
    assert set(true_scores["note"]) == {""}
    assert not {"below_irt", "below_irt_area"} & set(true_scores)


def test_probabilities_are_those_of_huynhs_prior_and_decisions_rest_on_the_same(
    marked: pd.DataFrame, true_scores: pd.DataFrame
) -> None:
    own = true_scores[true_scores["content_area"] == "A3"]
    points = (own["raw"] * 10).round().to_numpy()
    mean, variance = points.mean(), points.var(ddof=1)
    kr21 = 10 / 9 * (1 - mean * (10 - mean) / (10 * variance))
    alpha, beta = mean * (1 / kr21 - 1), (10 - mean) * (1 / kr21 - 1)  # Huynh (1976), J. Educ. Meas. 13:253-264
    expected = stats.beta.cdf(0.7, alpha + points, beta + 10 - points)
    np.testing.assert_allclose(own["below_beta_binomial"], expected, rtol=0, atol=1e-10)
    decided = decision_table(area_groups(marked), STANDARDS)
    merged = true_scores.merge(decided, on=["attempt_id", "content_area"])
    assert len(merged) == len(true_scores)
    np.testing.assert_allclose(merged["below_beta_binomial"], merged["probability_below"], rtol=0, atol=1e-12)
    assert (merged["below_standard_x"] == merged["below_standard_y"]).all()


def test_with_item_parameters_there_are_probabilities_by_one_ability_and_by_the_areas_own() -> None:
    marked = in_areas(published.data("subscores").iloc[:50])
    items = published.data("subscores_generating_items")
    items = items.set_index(items.columns[0])[["a", "b"]].rename_axis("item_id")
    found = true_score_table(marked, STANDARDS, items=items)
    area_of = {item: item[:2] for item in items.index}
    for name, ability in (("below_irt", "overall"), ("below_irt_area", "area")):
        expected = below_by_irt(response_matrix(marked), items, area_of, STANDARDS, ability=ability)  # type: ignore[arg-type]
        for attempt, area, below in zip(found["attempt_id"], found["content_area"], found[name], strict=True):
            assert below == pytest.approx(expected.loc[attempt, area], abs=1e-12)
    assert set(found["note"]) == {""}


def test_an_area_with_an_item_of_unknown_parameters_has_no_curve_and_the_others_keep_theirs() -> None:
    marked = in_areas(published.data("subscores").iloc[:40, :30])
    names = sorted(marked["item_id"].unique())
    items = pd.DataFrame({"a": 1.1, "b": -0.5}, index=pd.Index(names, name="item_id"))
    items.loc["A2_03", "a"] = np.nan
    items.loc["A3_01", "a"] = -0.2
    found = true_score_table(marked, STANDARDS, items=items.drop(index=[f"A3_{n:02}" for n in range(2, 6)]))
    told = {
        "A1": "",
        "A2": "Items without usable parameters: A2_03.",
        "A3": "Items without usable parameters: A3_01, A3_02, A3_03 and 2 more.",
    }
    for area, note in told.items():
        own = found[found["content_area"] == area]
        assert set(own["below_irt"].isna()) == {note != ""}
        assert set(own["note"]) == {note}


def in_strings(*people: str) -> pd.DataFrame:
    """Return marked responses from '110 01-': areas A, B, …; '-' was not presented."""
    rows = [
        (f"p{number}", f"{area}_{place}", area, mark == "1")
        for number, person in enumerate(people)
        for area, marks in zip("ABC", person.split(), strict=False)
        for place, mark in enumerate(marks)
        if mark != "-"
    ]
    return pd.DataFrame(rows, columns=["attempt_id", "item_id", "content_area", "correct"])


DEGENERATE = {
    "one item": (("1 0110", "0 1100", "1 1111"), "A", "one item"),
    "one area": (("1101", "0100", "1111", "0001"), "A", "only area"),
    "all right": (("111 101", "111 000", "111 110"), "A", "Everybody has the same score"),
    "all wrong": (("000 101", "000 000", "000 110"), "A", "Everybody has the same score"),
    "all or nothing": (("111 101", "000 000", "111 110", "000 010"), "A", "no error"),
    "three candidates": (("110 101", "011 100", "111 111"), "B", "3 attempts only"),
    "one attempt": (("110 101",), "A", "Fewer than two attempts"),
    "nobody has both areas": (("110 ---", "--- 101", "111 ---"), "A", "Fewer than two attempts"),
    "no area alike": (("10 01", "01 10", "10 10"), "A", "same score"),
    "areas that repeat each other": (("110 110", "011 011", "111 111", "000 000"), "A", "linearly"),
}


@pytest.mark.parametrize(("people", "area", "told"), DEGENERATE.values(), ids=DEGENERATE)
@pytest.mark.parametrize("standard", [0.0, 0.5, 1.0])
def test_degenerate_data_have_a_sentence_wherever_a_figure_is_missing(
    people: tuple[str, ...], area: str, told: str, standard: float
) -> None:
    marked = in_strings(*people)
    items = pd.DataFrame({"a": 1.0, "b": 0.0}, index=pd.Index(sorted(marked["item_id"].unique()), name="item_id"))
    standards = dict.fromkeys(sorted(marked["content_area"].unique()), standard)
    found = true_score_table(marked, standards, items=items)
    for table in (subscore_table(marked), found):
        missing = table.drop(columns="note").isna().any(axis=1)
        assert table.loc[missing & (table["note"] == "")].empty, table
    assert found.loc[found["content_area"] == area, "note"].str.contains(told).all()
    for name in ("below_beta_binomial", "below_irt", "below_irt_area"):
        assert found[name].between(0, 1).all(), name


def test_an_attempt_without_an_area_keeps_what_needs_no_other_and_is_counted() -> None:
    marked = in_strings("1101 101", "0111 100", "1111 111", "0001 010", "0000 011", "1001 ---")
    found = true_score_table(marked, {"A": 0.5, "B": 0.5})
    own = found[found["attempt_id"] == "p5"].iloc[0]
    assert own[["content_area", "raw", "below_standard"]].tolist() == ["A", 0.5, False]
    assert 0 < own["below_beta_binomial"] < 1
    assert own[["kelley", "wainer", "below_wainer"]].isna().all()
    assert own["note"].startswith("The attempt has no items in some area")
    assert subscore_table(marked)["note"].str.endswith("1 attempts without items in some area are left out.").all()


def test_attempts_of_other_lengths_share_one_prior_in_both_tables() -> None:
    marked = in_strings("1101 101", "0111 100", "1111 111", "0001 010", "0000 01-", "100- 1--")
    standards = {"A": 0.5, "B": 0.7}
    decided = decision_table(area_groups(marked), standards, loss_ratio=1)
    merged = true_score_table(marked, standards).merge(decided, on=["attempt_id", "content_area"])
    assert len(merged) == 12
    np.testing.assert_allclose(merged["below_beta_binomial"], merged["probability_below"], rtol=0, atol=1e-12)
    assert ((merged["probability_below"] > 0.5) == (merged["decision"] == "prescribe")).all()


def test_an_item_in_two_areas_has_no_curve_and_says_so() -> None:
    marked = in_strings("1101 101", "0111 100", "1111 111", "0001 010")
    marked.loc[(marked["attempt_id"] == "p1") & (marked["item_id"] == "A_0"), "content_area"] = "B"
    items = pd.DataFrame({"a": 1.0, "b": 0.0}, index=pd.Index(sorted(marked["item_id"].unique()), name="item_id"))
    found = true_score_table(marked, {"A": 0.5, "B": 0.5}, items=items)
    assert found["below_irt"].isna().all()
    assert found["note"].str.contains("Item 'A_0' is in two areas").all()
    assert subscore_table(marked)["note"].str.contains("more than one").all()


def test_pilots_do_not_count() -> None:
    marked = in_strings("1101 101", "0111 100", "1111 111", "0001 010")
    with_pilot = marked.assign(scored=marked["item_id"] != "A_3")
    without = marked[marked["item_id"] != "A_3"]
    pd.testing.assert_frame_equal(subscore_table(with_pilot), subscore_table(without))
    standards = {"A": 0.5, "B": 0.5}
    pd.testing.assert_frame_equal(true_score_table(with_pilot, standards), true_score_table(without, standards))
