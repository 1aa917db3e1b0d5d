"""Subscores beside those of the R package subscore, and cases worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.subscores.estimates import (
    Subscores,
    disattenuated_correlations,
    estimated_subscores,
    observed_subscores,
    wainer_weights,
)
from ssa_engine.core.psychometrics.subscores.value import prmse, what_more_items_buy
from tests.reference import published

AREAS = [f"A{number}" for number in range(1, 7)]


def in_areas(wide: pd.DataFrame) -> pd.DataFrame:
    """Return people × items named AREA_NUMBER as marked responses with their content areas."""
    marked = published.long_of(wide)
    return marked.assign(content_area=marked["item_id"].str.split("_").str[0])


@pytest.fixture(scope="module")
def reference() -> Subscores:
    return observed_subscores(in_areas(published.data("subscores")))


def of_strings(*people: str) -> Subscores:
    """Return subscores from '110 01-': areas A and B, items A_0, A_1, …; '-' was not presented."""
    rows = [
        {f"{area}_{place}": float(mark) for area, marks in zip("ABC", person.split(), strict=False)
         for place, mark in enumerate(marks) if mark != "-"}
        for person in people
    ]  # fmt: skip
    return observed_subscores(in_areas(pd.DataFrame(rows)))


def with_covariances(covariance: list[list[float]], reliability: list[float], items: float = 10.0) -> Subscores:
    """Return four people's scores with exactly these covariances, mean 5."""
    apart = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) * math.sqrt(3) / 2  # variances 1 (divisor 3), covariance 0
    raw = 5 + apart @ np.linalg.cholesky(np.array(covariance)).T
    areas = pd.Index(list("AB"), name="content_area")
    rho = np.array(reliability)
    return Subscores(pd.Index(list("wxyz")), areas, raw, np.full(2, items), rho, ("alpha",) * 2, ("",) * 2, 0)


# R subscore 3.3: h <- subscore::CTTsub(tests, method = "Haberman"); w <- subscore::CTTsub(tests, method = "Wainer"),
# on ten items in each of six areas and 800 people (tests/reference/README.md).


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("reliability", "Alpha"),
        ("prmse_s", "PRMSE.s"),
        ("prmse_x", "PRMSE.x"),
        ("prmse_sx", "PRMSE.sx"),
        ("olkin_z", "Olkin.Z"),
        ("williams_t", "Williams.t"),
        ("hedges_olkin_z", "Hedges.Olkin.Z"),
        ("added_value_s", "added.value.s"),
        ("added_value_sx", "added.value.sx"),
    ],
)
def test_the_worth_of_subscores_equals_that_of_subscore(reference: Subscores, ours: str, theirs: str) -> None:
    expected = published.table("subscores_prmse").iloc[:6]  # h$PRMSE.test; the seventh row is the total
    found = prmse(reference)
    assert found.index.tolist() == AREAS
    np.testing.assert_allclose(found[ours].astype(float), expected[theirs], rtol=0, atol=1e-8)
    assert (found["note"] == "").all()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("raw", "raw"),  # h$subscore.original
        ("kelley", "kelley"),  # h$subscore.s
        ("from_total", "fromtotal"),  # h$subscore.x
        ("weighted", "weighted"),  # h$subscore.sx
        ("wainer", "wainer"),  # w$subscore.augmented
    ],
)
def test_estimated_subscores_equal_those_of_subscore(reference: Subscores, ours: str, theirs: str) -> None:
    expected = published.table("subscores_scores")
    found = getattr(estimated_subscores(reference), ours)
    assert found.shape == (800, 6)
    columns = [f"{theirs}{number}" for number in range(1, 7)]
    np.testing.assert_allclose(found.iloc[:20], expected[columns], rtol=0, atol=1e-8)


def test_the_weights_of_augmented_scores_equal_those_of_the_reference(reference: Subscores) -> None:
    expected = published.table("subscores_wainer_weights")  # Tm %*% solve(S) in ctt.R
    np.testing.assert_allclose(wainer_weights(reference), expected.iloc[:, 1:], rtol=0, atol=1e-8)


def test_the_worth_of_augmented_scores_is_their_prmse_and_not_what_the_package_calls_their_reliability(
    reference: Subscores,
) -> None:
    expected = published.table("subscores_wainer_summary")
    found = prmse(reference)["prmse_wainer"]
    np.testing.assert_allclose(found, expected["prmse_wainer_own"], rtol=0, atol=1e-8)
    assert (expected["augmented_reliability_subscore"] - found.to_numpy() > 0.05).all()


def test_disattenuated_correlations_equal_those_of_subscore(reference: Subscores) -> None:
    expected = published.table("subscores_disattenuated")  # h$Disattenuated.correlation
    np.testing.assert_allclose(disattenuated_correlations(reference), expected.iloc[:, 1:], rtol=0, atol=1e-8)


def test_all_areas_together_are_worth_more_than_any_two_scores(reference: Subscores) -> None:
    found = prmse(reference)
    assert (found["prmse_wainer"] >= found["prmse_sx"]).all()
    assert (found["prmse_sx"] >= found[["prmse_s", "prmse_x"]].max(axis=1)).all()


def test_the_order_of_rows_does_not_matter(reference: Subscores) -> None:
    marked = in_areas(published.data("subscores"))
    shuffled = observed_subscores(marked.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(prmse(shuffled).loc[AREAS], prmse(reference), rtol=1e-10, atol=1e-12)


def test_areas_come_in_the_order_of_their_categories_and_pilots_do_not_count(reference: Subscores) -> None:
    marked = in_areas(published.data("subscores"))
    order = ["A6", "unused", "A5", "A4", "A3", "A2", "A1"]
    pilot = marked[marked["item_id"] == "A1_01"].assign(item_id="A1_99", scored=False)
    marked = pd.concat([marked, pilot])
    found = observed_subscores(marked.assign(content_area=pd.Categorical(marked["content_area"], categories=order)))
    assert found.areas.tolist() == AREAS[::-1]
    np.testing.assert_array_equal(found.raw, reference.raw[:, ::-1])


def test_two_areas_worked_by_hand() -> None:
    # S = (4 1 / 1 4), reliability 1/2, so T = (2 1 / 1 2); total variance 10, cov(true, total) = 3.
    scores = with_covariances([[4, 1], [1, 4]], [0.5, 0.5])
    found = prmse(scores).iloc[0]
    assert found["prmse_x"] == pytest.approx(9 / (10 * 2))
    # By both: (2 3) (4 5 / 5 10)^-1 (2 3)' / 2 = (16 / 15) / 2; of two areas, area and total say what both areas say.
    assert found["prmse_sx"] == pytest.approx(8 / 15)
    assert found["prmse_wainer"] == pytest.approx(8 / 15)
    # T S^-1 = (2 1 / 1 2) (4 -1 / -1 4) / 15 = (7 2 / 2 7) / 15
    np.testing.assert_allclose(wainer_weights(scores), np.array([[7, 2], [2, 7]]) / 15, atol=1e-12)
    assert disattenuated_correlations(scores).to_numpy().ravel().tolist() == pytest.approx([0.5, 0.5, 0.25, 0.5])


def test_where_everybody_has_items_of_their_own_the_reliability_is_kr21() -> None:
    random = np.random.default_rng(5)
    correct = random.binomial(10, random.beta(6, 3, 400))
    frame = pd.DataFrame({"attempt_id": np.repeat(np.arange(400), 10), "content_area": "A"})
    frame["item_id"] = [f"{attempt}-{place}" for attempt in range(400) for place in range(10)]
    frame["correct"] = (np.arange(10) < correct[:, None]).ravel()
    found = observed_subscores(frame)
    # KR-21 = k/(k-1) (1 - mean (k - mean) / (k var)), with the divisor n throughout.
    mean, variance = correct.mean(), correct.var()
    kr21 = 10 / 9 * (1 - mean * (10 - mean) / (10 * variance))
    # Ours has the divisor n - 1 in the variance of the scores: 1 - reliability is smaller by (n - 1) / n.
    assert 1 - found.reliability[0] == pytest.approx((1 - kr21) * 399 / 400, abs=1e-12)
    assert found.method == ("kr21",)
    assert found.raw[:, 0].tolist() == pytest.approx(correct.tolist())


def test_scores_of_different_length_are_put_on_the_mean_length() -> None:
    found = of_strings("1111 11", "11-- 10", "10-- 01", "1000 00")
    assert found.items.tolist() == [3, 2]
    assert found.raw[:, 0].tolist() == pytest.approx([3, 3, 1.5, 0.75])
    assert found.method == ("kr21", "alpha")


def test_attempts_without_an_area_are_left_out_and_counted() -> None:
    found = of_strings("110 11", "100 --", "111 10", "010 01")
    assert found.attempts.to_numpy(dtype=int).tolist() == [0, 2, 3]
    assert found.left_out == 1


def test_two_groups_of_people_who_share_no_item_still_have_subscores() -> None:
    random = np.random.default_rng(2)
    ability = random.normal(size=(60, 1))
    marks = (random.normal(size=(60, 12)) < ability).astype(float)
    first, second = pd.DataFrame(marks[:30]), pd.DataFrame(marks[30:], index=range(30, 60))
    first.columns = [f"{area}_{place}" for area in "AB" for place in range(6)]
    second.columns = [f"{area}_{place}" for area in "AB" for place in range(6, 12)]
    found = prmse(observed_subscores(in_areas(pd.concat([first, second]))))
    assert found["method"].tolist() == ["kr21", "kr21"]
    assert found["prmse_wainer"].between(0, 1).all()


def test_one_area_says_what_the_total_says() -> None:
    found = prmse(observed_subscores(in_areas(published.data("subscores").iloc[:, :10])))
    assert found["prmse_x"].iloc[0] == pytest.approx(found["prmse_s"].iloc[0], abs=1e-12)
    assert found["prmse_wainer"].iloc[0] == pytest.approx(found["prmse_s"].iloc[0], abs=1e-12)
    assert math.isnan(found["prmse_sx"].iloc[0])
    assert "only area" in found["note"].iloc[0]


def test_an_area_with_one_item_has_no_reliability_and_the_others_stay_as_they_are() -> None:
    wide = published.data("subscores").iloc[:, :21]  # A1 and A2 whole, one item of A3
    scores = observed_subscores(in_areas(wide))
    found, estimates = prmse(scores), estimated_subscores(scores)
    assert "one item" in found["note"]["A3"]
    assert found.loc["A3", ["prmse_s", "prmse_x", "prmse_sx", "prmse_wainer", "olkin_z"]].isna().all()
    assert not found.loc["A3", "added_value_s"]
    assert found.loc[["A1", "A2"], ["prmse_x", "prmse_wainer", "williams_t"]].notna().all(axis=None)
    assert estimates.wainer["A3"].isna().all()
    assert estimates.wainer[["A1", "A2"]].notna().all(axis=None)
    assert what_more_items_buy(scores).loc[lambda rows: rows["content_area"] == "A3", "reliability"].isna().all()


def test_an_area_everybody_has_right_tells_nothing_and_takes_nothing_from_the_others() -> None:
    wide = published.data("subscores").iloc[:, :20]
    without = observed_subscores(in_areas(wide))
    scores = observed_subscores(in_areas(wide.assign(A3_01=1, A3_02=1)))
    found = prmse(scores)
    assert "same score" in found["note"]["A3"]
    pd.testing.assert_frame_equal(found.loc[["A1", "A2"]], prmse(without), rtol=1e-10)
    pd.testing.assert_frame_equal(
        estimated_subscores(scores).wainer[["A1", "A2"]], estimated_subscores(without).wainer, rtol=1e-10
    )
    assert math.isnan(disattenuated_correlations(scores)["A3"]["A1"])


def test_a_reliability_that_is_not_positive_puts_everybody_at_the_mean_and_says_so() -> None:
    scores = of_strings("10 110", "01 100", "10 111", "01 000", "11 010", "00 011")
    assert scores.reliability[0] < 0  # the two items of A contradict each other
    found, estimates = prmse(scores), estimated_subscores(scores)
    assert "not positive" in found["note"]["A"]
    assert found.loc["A", "prmse_s"] == 0
    assert found["reliability"]["A"] < 0
    assert estimates.kelley["A"].tolist() == pytest.approx([1.0] * 6)
    assert estimates.wainer["A"].tolist() == pytest.approx([1.0] * 6)
    assert estimates.from_total["A"].isna().all()


def test_areas_that_are_all_the_same_have_no_augmented_scores() -> None:
    scores = of_strings("110 110", "100 100", "111 111", "000 000", "010 010")
    found = prmse(scores)
    assert found["note"].str.contains("linearly").all()
    assert found["prmse_wainer"].isna().all()
    assert estimated_subscores(scores).wainer.isna().all(axis=None)
    assert estimated_subscores(scores).kelley.notna().all(axis=None)


def test_three_candidates_in_three_areas_are_too_few_for_augmented_scores_but_get_what_can_be_had() -> None:
    scores = of_strings("110 100 011", "111 110 111", "000 010 001")
    found, estimates = prmse(scores), estimated_subscores(scores)
    assert found["n"].tolist() == [3, 3, 3]
    assert found["williams_t"].isna().all()
    assert found["note"].str.contains("linearly").tolist() == [True, False, True]
    assert "not positive" in found["note"].iloc[1]
    assert estimates.kelley.notna().all(axis=None)
    assert estimates.wainer.isna().all().tolist() == [True, False, True]


def test_marks_that_are_all_right_give_sentences_and_no_warnings() -> None:
    scores = of_strings("11 11", "11 11", "11 11")
    assert (prmse(scores)["note"] != "").all()
    assert estimated_subscores(scores).wainer.isna().all(axis=None)
    assert what_more_items_buy(scores)["prmse_wainer"].isna().all()
    assert disattenuated_correlations(scores).isna().to_numpy()[np.triu_indices(2)].all()


def test_a_reliability_that_does_not_fit_the_covariances_is_said_to() -> None:
    found = prmse(with_covariances([[4, 3.9], [3.9, 4]], [0.3, 0.3]))
    assert (found["prmse_sx"] > 1).all()
    assert found["note"].str.contains("exceeds 1").all()
    assert not found["added_value_sx"].any()


def test_one_attempt_or_an_item_in_two_areas_is_refused() -> None:
    with pytest.raises(Invalid, match="two attempts"):
        of_strings("110 10")
    marked = in_areas(published.data("subscores").iloc[:5, :12])
    marked.loc[0, "content_area"] = "A2"
    with pytest.raises(Invalid, match="one content area"):
        observed_subscores(marked)
