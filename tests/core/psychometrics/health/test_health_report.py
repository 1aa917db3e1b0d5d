"""The health tables: by hand, as far as the columns go, and with copied answers planted in simulated sittings."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.health import health_report as module
from ssa_engine.core.psychometrics.health.bank import p_value_drift
from ssa_engine.core.psychometrics.health.health_report import HealthReport, health_report
from ssa_engine.core.psychometrics.health.health_tables import (
    ALL_ANSWERS,
    WRONG_ANSWERS,
    alike_table,
    drift_table,
    overlap_table,
    rapid_tables,
)
from tests.core.psychometrics.health.test_bank import answers, seen
from tests.core.psychometrics.health.test_sittings import of_answers, times


def simulated(sittings: int, items: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return answers of people who work alone (2PL, key 'a'), s0 and s1 of low ability and alike; and parameters."""
    random = np.random.default_rng(seed)
    theta = np.r_[-1.0, -1.0, random.normal(size=sittings - 2)][:, None]
    a, b = random.lognormal(0, 0.3, items), random.normal(-0.3, 0.8, items)
    wrong = np.array(list("bcd"))[random.choice(3, (sittings, items), p=[0.6, 0.3, 0.1])]
    letters = np.where(random.random((sittings, items)) < expit(a * (theta - b)), "a", wrong)
    letters[1] = letters[0]
    marked = of_answers(*("".join(row) for row in letters))
    return marked, pd.DataFrame({"a": a, "b": b}, index=marked["item_id"].unique())


def period(**counts: tuple[int, int]) -> pd.DataFrame:
    """Return marked responses from item=(right, wrong), each by an attempt of its own."""
    frame = answers(**counts)
    return frame.assign(attempt_id=[f"p{row}" for row in range(len(frame))])


def test_ids_alone_give_exposure_and_overlap_and_sentences_about_the_rest() -> None:
    found = health_report(seen("ABC", "AB"))
    assert found.exposure.to_dict("list") == {
        "item_id": ["A", "B", "C"],
        "attempts": [2, 2, 1],
        "share": [1.0, 1.0, 0.5],
        "note": ["", "", ""],
    }
    # The pair shares 2 items; the mean length is 2.5.
    row = found.overlap.iloc[0]
    assert (row["scope"], row["shared"], row["share"], row["note"]) == ("attempts", 2.0, 0.8, "")
    assert len(found.overlap) == 1
    assert found.left_out == (
        "Without 'seconds' nothing is said of rapid answers.",
        "Without 'correct' attempts are not compared for likeness.",
        "Without 'form_id' forms are not compared.",
    )
    assert [found.drift, found.rapid, found.rapid_items, found.alike] == [None] * 4


def test_calibrated_items_that_nobody_saw_are_listed() -> None:
    found = health_report(seen("AB", "AB"), parameters=pd.DataFrame({"a": 1.0, "b": 0.0}, index=["A", "D"])).exposure
    assert found["item_id"].tolist() == ["A", "B", "D"]
    assert found.iloc[2].to_list() == ["D", 0, 0.0, "No attempt saw this item."]


def test_overlap_of_forms_counts_each_form_once() -> None:
    # Forms x = ABCD (two attempts), y = CDE, z = FG: only x and y share, 2 items; the mean length is 3.
    rows = seen("ABCD", "ABCD", "CDE", "FG").assign(form_id=["x"] * 8 + ["y"] * 3 + ["z"] * 2)
    found = overlap_table(rows)
    assert found["scope"].tolist() == ["attempts", "forms", "pair", "pair", "pair"]
    assert found[["shared", "share"]].to_numpy()[1].tolist() == pytest.approx([2 / 3, 2 / 9])
    assert found.loc[2:, ["form_a", "form_b", "shared"]].to_numpy().tolist() == [
        ["x", "y", 2],
        ["x", "z", 0],
        ["y", "z", 0],
    ]
    assert found.loc[2:, "share"].tolist() == pytest.approx([2 / 3, 0, 0])


def test_one_attempt_on_one_form_has_nothing_to_share() -> None:
    found = health_report(seen("AB").assign(form_id="x")).overlap
    assert found["note"].tolist() == ["There are no two attempts to compare.", "There are no two forms to compare."]
    assert found["share"].isna().all()


def test_pairs_of_too_many_forms_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FORMS", 2)
    rows = seen("AB", "BC", "CD").assign(form_id=list("xxyyzz"))
    found = health_report(rows)
    assert found.overlap["scope"].tolist() == ["attempts", "forms"]
    assert found.overlap["share"].tolist() == pytest.approx([1 / 3, 1 / 3])  # two of three pairs share one of two
    assert found.left_out[-1].startswith("3 forms: with more than 2")


def test_forms_are_compared_where_they_are_known() -> None:
    rows = seen("AB", "BC", "CD").assign(form_id=["x", "x", "y", "y", math.nan, math.nan])
    pair = health_report(rows).overlap.iloc[-1]
    assert (pair["form_a"], pair["form_b"], pair["shared"]) == ("x", "y", 1)


def test_rapid_answers_by_attempt_and_by_item() -> None:
    rapid, items = rapid_tables(times(("1", "A", 2), ("2", "A", 40), ("1", "B", 30), ("2", "B", math.nan)), 3)
    assert rapid.to_dict("list") == {
        "attempt_id": ["1", "2"],
        "items": [2, 1],
        "rapid": [1, 0],
        "effort": [0.5, 1.0],
        "flagged": [True, False],
        "note": ["", ""],
    }
    assert items.to_dict("list") == {
        "item_id": ["A", "B"],
        "n": [2, 1],
        "mean_seconds": [21.0, 30.0],
        "threshold": [3.0, 3.0],
        "rapid": [1, 0],
        "share_rapid": [0.5, 0.0],
        "note": ["", ""],
    }
    normative = rapid_tables(times(("1", "A", 2), ("2", "A", 40), ("1", "C", math.nan)))[1].set_index("item_id")
    assert normative.loc["A", "threshold"] == pytest.approx(2.1)
    assert normative.loc["A", "share_rapid"] == 0.5
    assert normative.loc["C", "note"] == "No time on this item is known."
    assert normative["share_rapid"].isna().tolist() == [False, True]


def test_drift_of_p_values_and_difficulties_side_by_side() -> None:
    before = period(A=(50, 50), B=(40, 60), C=(60, 40), D=(30, 70), E=(70, 30))
    after = period(A=(75, 25), B=(50, 50), C=(69, 31), D=(41, 59), F=(5, 5))
    old = pd.DataFrame({"a": 1.0, "b": [0.0, 0.5, -1.0, 1.0, 0.2], "b_se": 0.1}, index=list("ABCDG"))
    new = old.assign(b=[0.1, 0.7, -0.7, 1.4, 1.2])
    report = health_report(after, before=before, parameters=new, parameters_before=old)
    assert report.drift is not None
    found = report.drift.set_index("item_id")
    assert found.index.tolist() == list("ABCDEFG")
    # As in test_bank: h = π/6; of b the changes are .1 .2 .3 .4 1.0, median .3, quartiles .2 and .4.
    assert found.loc["A", "h"] == pytest.approx(math.pi / 6)
    assert found.loc["A", "z"] == pytest.approx(0.25 / math.sqrt(0.625 * 0.375 * 0.02))
    assert found["b_robust_z"].dropna().tolist() == pytest.approx(
        [change / (0.74 * 0.2) for change in (-0.2, -0.1, 0, 0.1, 0.7)]
    )
    assert found.loc["G", "b_z"] == pytest.approx(1.0 / math.sqrt(0.02))
    assert found.loc["G", "flagged"]
    assert not found.loc["B", "flagged"]
    assert found["n_after"].tolist() == [100, 100, 100, 100, 0, 10, 0]
    assert found["note"].to_dict() == dict.fromkeys("ABCD", "") | {
        "E": "Nobody had this item in the later period. Not in both calibrations, so there is no change of b.",
        "F": "Nobody had this item in the earlier period. Not in both calibrations, so there is no change of b.",
        "G": "No responses to this item.",
    }


def test_drift_of_one_kind_has_the_columns_of_that_kind() -> None:
    old = pd.DataFrame({"a": 1.0, "b": [0.0, 1.0]}, index=["A", "B"])
    report = health_report(seen("AB", "AB"), parameters=old, parameters_before=old)
    assert report.drift is not None
    assert report.drift.columns.tolist() == [
        *("item_id", "b_before", "b_after", "b_change", "b_z", "b_robust_z", "flagged", "note"),
    ]
    assert report.drift["note"].tolist() == ["Too few items in both periods for a robust z of b."] * 2
    assert "b_change" not in drift_table(p_value_drift(answers(A=(1, 1)), answers(A=(1, 1))), None)


def test_an_earlier_period_without_marks_is_not_compared() -> None:
    report = health_report(period(A=(1, 1)), before=seen("A"))
    assert report.drift is None
    assert "Without 'correct' in both periods p-values are not compared." in report.left_out


def test_copied_answers_are_named_by_both_comparisons_and_honest_ones_are_not() -> None:
    marked, parameters = simulated(120, 80, seed=21)
    found, pairs = alike_table(marked, parameters, level=0.001)
    named = found.groupby("compared")[["attempt_a", "attempt_b"]].agg(",".join).to_dict("index")
    assert named == {
        WRONG_ANSWERS: {"attempt_a": "s0", "attempt_b": "s1"},
        ALL_ANSWERS: {"attempt_a": "s0", "attempt_b": "s1"},
    }
    assert pairs[ALL_ANSWERS] == 120 * 119 / 2
    assert (found["p_adjusted"] < 0.001).all()
    assert found["note"].tolist() == ["", ""]


def test_two_attempts_of_one_candidate_are_said_to_be_so() -> None:
    marked, _ = simulated(60, 80, seed=22)
    person = marked["attempt_id"].replace({"s1": "s0"})
    found, _ = alike_table(marked.assign(candidate_id=person), level=0.01)
    assert found["note"].tolist() == ["Both attempts are of one candidate."]


def test_items_without_usable_parameters_are_compared_by_wrong_answers_only() -> None:
    marked, parameters = simulated(40, 10, seed=23)
    parameters.loc["i00", "b"] = math.nan
    parameters.loc["i01", "a"] = -0.2
    found = health_report(marked, parameters=parameters.drop(index="i02"), level=math.inf)
    assert "3 items have no usable parameters: right answers to them are not compared." in found.left_out
    assert found.alike is not None
    assert found.alike.loc[found.alike["compared"] == ALL_ANSWERS, "items"].max() == 7
    none_usable = health_report(marked, parameters=parameters[:2])
    assert list(none_usable.pairs) == [WRONG_ANSWERS]


def test_responses_that_are_not_marked_count_for_no_pair_and_no_p_value() -> None:
    marked = of_answers("bbb", "bbb", "bbb").astype({"correct": object})
    marked.loc[marked["attempt_id"] == "s2", "correct"] = None
    report = health_report(marked, before=of_answers("aba"))
    assert report.pairs == {WRONG_ANSWERS: 1}
    assert "3 responses are not marked: no p-value and no pair counts them." in report.left_out
    assert report.drift is not None
    assert report.drift["n_after"].tolist() == [2, 2, 2]
    assert report.exposure["attempts"].tolist() == [3, 3, 3]


@pytest.mark.parametrize("letters", ["-", "b"])
def test_one_attempt_or_no_answer_is_no_pair(letters: str) -> None:
    report: HealthReport = health_report(of_answers(letters))
    assert report.alike is None
    assert [text for text in report.left_out if "likeness" in text]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (seen(), "no responses"),
        (pd.concat([seen("AB"), seen("A")]), "Attempt '0' has item 'A' twice"),
        (seen("AB").assign(attempt_id=[math.nan, "1"]), "no attempt_id or no item_id"),
    ],
)
def test_rows_that_cannot_be_told_apart_are_refused(rows: pd.DataFrame, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        health_report(rows)
    with pytest.raises(Invalid, match=said):
        health_report(seen("AB"), before=rows)


def test_calibrations_that_share_no_item_are_refused() -> None:
    first, second = (pd.DataFrame({"a": 1.0, "b": 0.0}, index=[name]) for name in "AB")
    with pytest.raises(Invalid, match="share no item"):
        health_report(seen("AB"), parameters=first, parameters_before=second)
