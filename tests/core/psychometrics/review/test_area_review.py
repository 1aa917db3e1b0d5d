"""The tables of content areas: each column is that of its function; what more items buy, by Spearman and Brown."""

from __future__ import annotations

import numpy as np
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.classical.score_reliability import score_reliability
from ssa_engine.core.psychometrics.decisions.area_groups import area_groups
from ssa_engine.core.psychometrics.decisions.decision_tables import area_table
from ssa_engine.core.psychometrics.matrix import response_matrix
from ssa_engine.core.psychometrics.review.area_curves import area_information, held_out_checks, score_counts
from ssa_engine.core.psychometrics.review.area_review import more_items_table, review_areas
from ssa_engine.core.psychometrics.subscores.subscore_tables import subscore_table
from tests.core.psychometrics.review.cohorts import AREAS, frame, parameters, row, simulated

STANDARDS = dict.fromkeys(AREAS, 0.6)


def test_every_column_of_an_area_is_that_of_its_function() -> None:
    marked = simulated(150, forms=True)
    found = review_areas(marked, STANDARDS).set_index("content_area")
    worth = subscore_table(marked).set_index("content_area")
    decided = area_table(area_groups(marked), STANDARDS, replications=200)
    decided = decided[decided["method"] == "beta-binomial"].set_index("content_area")
    for name in ("reliability", "sem", "prmse_s", "prmse_x", "prmse_wainer", "rest_correlation"):
        assert found[name].tolist() == worth[name].tolist(), name
    for name in ("accuracy", "consistency", "kappa", "below_share", "needless_ce", "missed_need", "missed_need_low"):
        assert found[name].tolist() == decided[name].tolist(), name
    for area in AREAS:
        alone = score_reliability(response_matrix(marked[marked["content_area"] == area]))
        assert (found.loc[area, "alpha"], found.loc[area, "alpha_low"]) == (alone.alpha, alone.alpha_low)


def test_the_error_at_the_standard_is_lords() -> None:
    """Ten items, a standard of .6: sqrt(6 * 4 / 9) / 10 of the proportion correct."""
    found = review_areas(simulated(40), STANDARDS)
    assert found["csem"].tolist() == pytest.approx([(24 / 9) ** 0.5 / 10] * 3)


def test_with_the_same_items_for_all_lambda_2_is_given_and_pilots_count_for_nothing() -> None:
    marked = simulated(60)
    found = review_areas(marked, STANDARDS)
    assert found["lambda2"].notna().all()
    assert (found["lambda2"] >= found["alpha"]).all()
    pilots = marked[marked["item_id"] == "care-00"].assign(item_id="care-99", scored=False)
    both = frame([*marked.to_dict("records"), *pilots.to_dict("records")])  # type: ignore[list-item]
    again = review_areas(both, STANDARDS)
    assert again["alpha"].tolist() == found["alpha"].tolist()


def test_without_a_standard_nothing_is_said_of_decisions() -> None:
    found = review_areas(simulated(40), {})
    assert found[["standard", "csem", "accuracy", "kappa"]].isna().all(axis=None)
    assert found["alpha"].notna().all()


def test_too_few_attempts_are_told_in_a_sentence() -> None:
    found = review_areas(simulated(1), STANDARDS)
    assert found[["alpha", "kappa", "prmse_s"]].isna().all(axis=None)
    assert all("two attempts" in note.lower() for note in found["note"])
    with pytest.raises(Invalid):
        review_areas(simulated(1).iloc[:0], STANDARDS)


def test_twice_the_items_have_the_reliability_of_spearman_and_brown() -> None:
    found = more_items_table(simulated(150), STANDARDS).set_index(["content_area", "more_items"])
    now = found.xs(0, level="more_items")["reliability"]
    twice = found.xs(10, level="more_items")["reliability"]
    assert twice.tolist() == pytest.approx((2 * now / (1 + now)).tolist())
    assert found.xs(10, level="more_items")["items"].tolist() == [20, 20, 20]


def test_no_more_items_leave_the_decisions_as_they_are_and_many_more_make_them_surer() -> None:
    marked = simulated(150)
    found = more_items_table(marked, STANDARDS, (0, 200)).set_index(["content_area", "more_items"])
    today = area_table(area_groups(marked), STANDARDS, replications=1)
    today = today[today["method"] == "beta-binomial"].set_index("content_area")
    now, longer = found.xs(0, level="more_items"), found.xs(200, level="more_items")
    for name in ("accuracy", "consistency", "kappa", "needless_ce", "missed_need"):
        assert now[name].tolist() == pytest.approx(today[name].tolist()), name
    assert (longer["kappa"] > now["kappa"] + 0.2).all()
    assert longer["cut"].tolist() == [126, 126, 126]  # .6 of 210


def test_what_more_items_buy_is_a_sentence_where_there_is_one_attempt() -> None:
    found = more_items_table(simulated(1), STANDARDS)
    assert len(found) == 12
    assert found["kappa"].isna().all()
    assert (found["note"] != "").all()


def test_information_at_the_standard_is_that_of_as_many_items_as_a_form_takes() -> None:
    """Items with a = 1 and b = 0: a standard of .5 lies at theta 0, where each has 1/4; ten have 2.5."""
    items = parameters(simulated(3)).assign(b=0.0)
    found = area_information(items, 0.5, form_items=10)
    assert found.theta == pytest.approx(0.0, abs=1e-9)
    assert found.information == pytest.approx(2.5)
    assert found.se == pytest.approx(2.5**-0.5)
    at = found.curve.set_index(found.curve["theta"].round(6))["information"]
    assert at[0.0] == pytest.approx(2.5)
    logit = np.log(0.8 / 0.2)
    assert area_information(items, 0.8, form_items=10).theta == pytest.approx(logit)


def test_without_parameters_or_with_a_standard_at_the_end_information_is_a_sentence() -> None:
    items = parameters(simulated(3))
    none = area_information(items.assign(a=np.nan), 0.5, form_items=10)
    assert (none.theta, none.calibrated, len(none.curve)) == (None, 0, 0)
    assert str(none.note) == "No item of this area has parameters a and b."
    assert area_information(items, 1.0, form_items=10).theta is None
    assert area_information(items, None, form_items=10).note == ""
    some = items.copy()
    some.iloc[0, 0] = np.nan
    assert str(area_information(some, 0.5, form_items=10).note) == "1 item has no parameters."


def test_scores_are_counted_by_area_and_number_of_items() -> None:
    rows = [row("t1", "x-00", True), row("t1", "y-01", False), row("t2", "x-00", True), row("t2", "y-01", True)]
    found = score_counts(frame([*rows, row("t3", "x-00", False)]))
    told = found[["items", "correct", "attempts"]].to_numpy().tolist()
    assert told == [[1, 0, 1], [1, 1, 0], [2, 0, 0], [2, 1, 1], [2, 2, 1]]
    assert found["share"].tolist() == pytest.approx([1 / 3, 0, 0, 1 / 3, 1 / 3])


def test_stated_probabilities_of_the_other_half_come_true_on_simulated_answers() -> None:
    found = held_out_checks(simulated(400), STANDARDS, seed=3)
    assert set(found["way"]) == {"beta-binomial", "Wainer"}
    assert found.groupby(["content_area", "way"])["n"].sum().tolist() == [400] * 6
    assert (found["calibration_error"] < 0.08).all()
    again = held_out_checks(simulated(400), STANDARDS, seed=3)
    assert again["share"].equals(found["share"])
    with pytest.raises(Invalid):
        held_out_checks(frame([row("t1", "x-00", True), row("t2", "x-00", False)]), {"care": 0.5})
