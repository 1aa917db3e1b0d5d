"""The tables of a calibration: equal to the functions they come from, the same on any scale, and what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt.abilities import abilities, eap_by_sum_score
from ssa_engine.core.psychometrics.irt.bank_scale import bank_link
from ssa_engine.core.psychometrics.irt.calibration import Calibration, calibrate
from ssa_engine.core.psychometrics.irt.irt_report import MEAN_FORM, IrtReport, irt_report
from ssa_engine.core.psychometrics.irt.item_fit import item_fit, score_fit
from ssa_engine.core.psychometrics.irt.person_fit import person_fit
from ssa_engine.core.psychometrics.matrix import ResponseMatrix
from tests.core.psychometrics.irt.test_abilities import answers, items_of
from tests.core.psychometrics.response_data import matrix, simulated

A, B = [0.8, 1.0, 1.2, 1.4, 0.9, 1.1], [-1.2, -0.5, 0.0, 0.4, 0.9, 1.5]


@pytest.fixture(scope="module")
def responses() -> ResponseMatrix:
    return matrix(simulated(400, A, B))


@pytest.fixture(scope="module")
def calibration(responses: ResponseMatrix) -> Calibration:
    return calibrate(responses)


@pytest.fixture(scope="module")
def report(responses: ResponseMatrix, calibration: Calibration) -> IrtReport:
    return irt_report(responses, calibration)


def given(calibration: Calibration, items: pd.DataFrame) -> Calibration:
    """A calibration that has come to these parameters."""
    return replace(calibration, items=items.assign(a_se=0.1, b_se=0.1, d=0.0, d_se=0.1, n=9, note=""))


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_exact=False, rtol=1e-12, atol=1e-12)


def test_abilities_stand_side_by_side(responses: ResponseMatrix, calibration: Calibration, report: IrtReport) -> None:
    table = report.abilities.set_index("attempt_id")
    eap, mode, wle = (abilities(responses, calibration.items, method=name) for name in ("EAP", "MAP", "WLE"))
    expected = eap[["items", "correct"]].assign(
        eap=eap["theta"], eap_se=eap["se"], map=mode["theta"], map_se=mode["se"],
        wle=wle["theta"], wle_se=wle["se"], wle_se_curvature=wle["se_curvature"], note="",
    )  # fmt: skip
    same(table, expected)


def test_fit_is_that_of_the_functions_at_the_eap(
    responses: ResponseMatrix, calibration: Calibration, report: IrtReport
) -> None:
    scores = score_fit(responses, calibration.items)
    expected = (
        item_fit(responses, calibration.items).drop(columns="note").join(scores.items.drop(columns=["n", "note"]))
    )
    names = ["n", "infit", "z_infit", "outfit", "z_outfit", "groups", "s_x2", "df", "p_value", "rmsea"]
    same(report.item_fit.set_index("item_id"), expected[names].assign(note=scores.items["note"]))
    assert report.s_x2_tables is not None
    same(report.s_x2_tables, scores.tables)
    people = person_fit(responses, calibration.items).rename(columns={"theta": "eap"})
    same(report.person_fit.set_index("attempt_id"), people)


def test_sum_scores_have_their_eap_and_how_many_attempts_have_them(
    responses: ResponseMatrix, calibration: Calibration, report: IrtReport
) -> None:
    assert report.eap_by_sum_score is not None
    expected = eap_by_sum_score(calibration.items)
    table = report.eap_by_sum_score
    np.testing.assert_allclose(table[["eap", "eap_se", "probability"]], expected, rtol=0, atol=1e-12)
    scores = responses.values.sum(axis=1)
    assert table["attempts"].tolist() == [int((scores == score).sum()) for score in range(7)]


def test_the_model_has_one_row(calibration: Calibration, report: IrtReport) -> None:
    row = report.model.iloc[0]
    assert len(report.model) == 1
    assert (row["model"], row["items"], row["attempts"], row["parameters"]) == ("2pl", 6, 400, 12)
    assert row["aic"] == pytest.approx(24 - 2 * row["log_likelihood"], abs=1e-9)
    assert row["bic"] == pytest.approx(12 * np.log(400) - 2 * row["log_likelihood"], abs=1e-9)
    assert (row["log_likelihood"], row["iterations"]) == (calibration.log_likelihood, calibration.iterations)
    assert (row["converged"], row["remarks"]) == (True, "")
    assert row["scale"] == "these attempts have mean 0 and SD 1"


def test_on_the_banks_scale_abilities_move_and_fit_stays(
    responses: ResponseMatrix, calibration: Calibration, report: IrtReport
) -> None:
    """A bank on which these candidates have the mean .5 and the SD 1.25."""
    bank = calibration.items.assign(a=calibration.items["a"] / 1.25, b=1.25 * calibration.items["b"] + 0.5)
    linking, note = bank_link(calibration.items, bank, method="mean-sigma")
    moved = irt_report(responses, calibration, linking=linking, link_note=note)
    for name in ("eap", "map", "wle"):
        expected = 1.25 * report.abilities[name] + 0.5
        np.testing.assert_allclose(moved.abilities[name], expected, rtol=0, atol=1e-9)
        np.testing.assert_allclose(
            moved.abilities[f"{name}_se"], 1.25 * report.abilities[f"{name}_se"], rtol=0, atol=1e-9
        )
    people = ["infit", "z_infit", "outfit", "z_outfit", "lz", "lz_star"]
    np.testing.assert_allclose(moved.person_fit[people], report.person_fit[people], rtol=0, atol=1e-7)
    items = ["infit", "outfit", "s_x2", "p_value"]
    np.testing.assert_allclose(moved.item_fit[items], report.item_fit[items], rtol=0, atol=1e-8)
    assert moved.eap_by_sum_score is not None
    assert report.eap_by_sum_score is not None
    expected = 1.25 * report.eap_by_sum_score["eap"] + 0.5
    np.testing.assert_allclose(moved.eap_by_sum_score["eap"], expected, rtol=0, atol=1e-9)
    at_3 = moved.information.set_index("theta").loc[3.0]  # theta 2 of the calibration
    before = report.information.set_index("theta").loc[2.0]
    assert at_3["expected_score"] == pytest.approx(before["expected_score"], abs=1e-9)
    assert at_3["se"] == pytest.approx(1.25 * before["se"], abs=1e-9)
    assert moved.model["scale"][0] == "the bank's; these attempts have mean 0.5000 and SD 1.2500"
    assert moved.linking is not None
    assert moved.anchors is not None
    assert moved.linking[["method", "anchors", "note"]].to_numpy().tolist() == [["mean-sigma", 6, ""]]
    np.testing.assert_allclose(moved.linking[["slope", "intercept"]], [[1.25, 0.5]], rtol=0, atol=1e-9)
    same(moved.anchors.set_index("item_id"), linking.anchors)


def test_where_forms_differ_curves_are_those_of_the_mean_form(calibration: Calibration) -> None:
    # Three attempts of four were shown A, one B, two C: shares .75, .25, .5, which make a form of 1.5 items.
    people, items = answers("1-1", "0-0", "1--", "-1-"), items_of([1, 2, 1], [0, 0, 1])
    found = irt_report(people, given(calibration, items))
    at_0 = found.information.set_index("theta").loc[0.0]
    q = 1 / (1 + np.e)  # P of C at 0
    total = 0.75 * 1 / 4 + 0.25 * 4 / 4 + 0.5 * q * (1 - q)
    assert at_0["items"] == 1.5
    assert at_0["information"] == pytest.approx(total, abs=1e-12)
    assert at_0["se"] == pytest.approx(total**-0.5, abs=1e-12)
    assert at_0["expected_score"] == pytest.approx(0.75 / 2 + 0.25 / 2 + 0.5 * q, abs=1e-12)
    assert set(found.information["convention"]) == {MEAN_FORM}
    assert found.eap_by_sum_score is None
    assert found.s_x2_tables is None
    assert found.item_fit[["s_x2", "df", "p_value", "rmsea"]].isna().all(axis=None)
    assert found.item_fit["infit"].notna().all()
    assert set(found.item_fit["note"]) == {
        "S-X2 goes by the score on one set of items, and not every attempt was shown all of these: "
        "give the attempts of one form at a time."
    }


def test_what_has_no_usable_parameters_is_left_out_and_named() -> None:
    """Everybody has i6 right, and i5 is miskeyed; the last attempt saw these two alone."""
    values = simulated(300, A, B)
    values[:, 5] = 1 - values[:, :4].mean(axis=1).round().astype(np.int8)
    values = np.column_stack([values, np.ones(300, dtype=np.int8)])
    values = np.vstack([values, np.full(7, -1, dtype=np.int8)])
    values[-1, 5:] = 1
    people = matrix(values)
    calibration = calibrate(people)
    assert calibration.items["a"]["i5"] < 0
    found = irt_report(people, calibration)
    assert found.remarks == ("Left out of the report, sum scores included, for want of a slope above 0: 'i5', 'i6'.",)
    assert found.model["remarks"][0].endswith(found.remarks[0])
    last = found.abilities.iloc[-1]
    assert (last["items"], last["note"]) == (0, "None of the items it was shown has usable parameters.")
    assert last[["eap", "map", "wle", "eap_se"]].isna().all()
    assert (found.abilities["items"][:-1] == 5).all()
    assert found.person_fit["note"].iloc[-1] == "None of the items it was shown has usable parameters."
    items = found.item_fit.set_index("item_id")
    assert items.loc["i6", ["infit", "outfit", "s_x2"]].isna().all()
    assert (items.loc["i6", "n"], items.loc["i0", "n"]) == (301, 300)
    assert items["note"]["i6"].startswith("It has no slope above 0 with a difficulty, and was left out")
    assert found.information["items"].iloc[0] == pytest.approx(5 * 300 / 301, abs=1e-12)


def test_a_report_without_a_usable_item_is_refused(responses: ResponseMatrix, calibration: Calibration) -> None:
    backward = replace(calibration, items=calibration.items.assign(a=-1.0))
    with pytest.raises(Invalid, match=r"^No item has a slope above 0, so there are no abilities"):
        irt_report(responses, backward)


def test_one_usable_item_gives_abilities_and_a_sentence_for_each_fit(calibration: Calibration) -> None:
    found = irt_report(answers("1", "0", "1"), given(calibration, items_of([1], [0])))
    assert found.abilities["eap"].notna().all()
    assert found.item_fit["note"].tolist() == [
        "With 2 estimated parameters S-X2 needs 3 groups of scores; there are 0."
    ]
    assert found.person_fit["lz_star"].isna().all()
    assert (found.person_fit["note"] != "").all()


def test_an_estimate_at_the_bound_says_which_one_it_is(calibration: Calibration) -> None:
    # The WLE of one item, right: 1 - P + (1 - 2P) / 2 = 0, so P = 3/4 and theta = log(3) / a = 11.
    found = irt_report(answers("1", "0"), given(calibration, items_of([0.1], [0])))
    assert (
        found.abilities["note"].tolist() == ["WLE: The estimate lies beyond -10 to 10 and is given as that bound."] * 2
    )
    assert found.abilities["map"].abs().max() < 1


def test_where_there_is_no_information_there_is_no_error(calibration: Calibration) -> None:
    found = irt_report(answers("1", "0"), given(calibration, items_of([10], [90]))).information
    assert found["se"].isna().all()
    assert set(found["note"]) == {"There is no information at this theta."}
