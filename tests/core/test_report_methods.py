"""A whole report of a few attempts, its figures beside those worked by hand; of none; of too few."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ssa_engine.content.library import Library
from ssa_engine.core.policies import DecisionRule
from ssa_engine.core.report_data import ReportData
from ssa_engine.core.report_methods import technical_report
from ssa_engine.core.technical_report import Figure, Report, Table
from tests.core.reports import AREA, OTHER, report_data


def tables(report: Report) -> dict[str, Table]:
    return {table.id: table for table in report.tables}


def row(table: Table, area: str) -> dict[str, object]:
    frame = table.frame()
    return {str(key): value for key, value in frame[frame["area"] == area].iloc[0].items()}


@pytest.fixture
def report(library: Library) -> Report:
    return technical_report(report_data(library))


def test_scores_time_and_months_are_those_worked_by_hand(report: Report, library: Library) -> None:
    found = tables(report)
    names = library.spec("CT").area_names
    # Correct of four: 4 3 2 1 0 4, so the mean is 14/24, and three of six are below three.
    own = row(found["scores"], names[AREA])
    assert own["mean"] == pytest.approx(14 / 24)
    assert own["n"] == 6
    assert pd.isna([own["below_n"], own["below_share"]]).all()  # three of six, and five is the least
    own = row(tables(technical_report(report_data(library, minimum=3)))["scores"], names[AREA])
    assert (own["below_n"], own["below_share"]) == (3, 0.5)
    assert (own["low"], own["median"], own["high"]) == pytest.approx((0.3125, 0.625, 0.9375))
    # 30 to 35 minutes.
    minutes = found["time"].frame().iloc[0]
    assert (minutes["n"], minutes["mean"]) == (6, 32.5)
    assert "least" not in minutes
    assert minutes[["q05", "q95"]].isna().all()
    # Each month has one attempt, which is fewer than five.
    assert {cells[1] for cells in found["months"].cells()} == {"fewer than 5"}


def test_credits_are_those_worked_by_hand(library: Library) -> None:
    report = technical_report(report_data(library, minimum=2))
    names = library.spec("CT").area_names
    # 2 for each item short of three: 0 0 2 4 6 0 in the one area, 2 0 0 6 4 0 in the other.
    own = row(tables(report)["credits"], names[AREA])
    assert (own["n"], own["prescribed"], own["share"], own["mean"]) == (6, 3, 0.5, 2.0)
    whole = row(tables(report)["credits"], "All areas")
    assert (whole["n"], whole["prescribed"], whole["mean"]) == (6, 4, 4.0)
    section = next(one for one in report.sections if one.id == "credits")
    assert "prescribed after 4 of 6 assessments; the mean total is 4.00 credits" in str(section.blocks[0])


def test_items_and_reliability_are_those_worked_by_hand(report: Report, library: Library) -> None:
    names = library.spec("CT").area_names
    found = tables(report)
    # Proportions right of the four items: 5/6 4/6 3/6 2/6, whose quartiles are 5.5/12, 7/12 and 8.5/12.
    own = row(found["items"], names[AREA])
    assert (own["items"], own["n"]) == (4, 6)
    assert (own["p_low"], own["p"], own["p_high"]) == pytest.approx((5.5 / 12, 7 / 12, 8.5 / 12))
    # Alpha: 4/3 (1 - (5+8+9+8)/30 / s²), item variances pq n/(n-1); s² of 4 3 2 1 0 4 is 40/15.
    variance = 40 / 15
    items = sum(share * (1 - share) for share in (5 / 6, 4 / 6, 3 / 6, 2 / 6)) * 6 / 5
    alpha = 4 / 3 * (1 - items / variance)
    own = row(found["reliability"], names[AREA])
    assert own["alpha"] == pytest.approx(alpha)
    assert own["sem"] == pytest.approx((variance * (1 - alpha)) ** 0.5)
    # The standard .7 of four is three: sqrt(3 × 1 / 3) = 1 item.
    assert (own["csem"], own["csem_share"]) == pytest.approx((1.0, 0.25))


def test_forms_and_exposure_are_those_worked_by_hand(report: Report) -> None:
    section = next(one for one in report.sections if one.id == "forms")
    said = str(section.blocks[0])
    # Everybody had the same eight of ten items.
    assert said.startswith("2 forms were given out, 8.0 items long on average.")
    assert "share 100.0 % of their items" in said
    assert "Of 10 items that were in the bank or on a form, 2 were presented to nobody" in said
    figure = next(block for block in section.blocks if isinstance(block, Figure))
    assert [count for _, _, count in figure.bins] == [2, 0, 0, 0, 0, 0, 0, 0, 0, 8]


def test_the_policies_in_force_in_the_period_are_told_and_the_later_one_is_not(report: Report) -> None:
    history = tables(report)["policy-history"]
    assert [cells[0] for cells in history.cells()] == ["1", "2"]
    assert history.cells()[1][1:] == ["1 May 2026", "1 May 2026", "publisher", "proposer", "reason 2"]
    assert [column.head for column in tables(report)["standards"].columns[1:3]] == ["Version 1", "Version 2"]


def test_decisions_agree_with_the_functions_that_have_reference_tests(library: Library) -> None:
    from ssa_engine.core.psychometrics.decisions.area_groups import area_groups
    from ssa_engine.core.psychometrics.decisions.decision_tables import area_table

    data = report_data(library)
    found = area_table(area_groups(data.scored), data.standards, replications=200, seed=0)
    own = found[(found["content_area"] == AREA) & (found["method"].str.contains("binomial"))].iloc[0]
    shown = row(tables(technical_report(data))["decisions"], library.spec("CT").area_names[AREA])
    assert (shown["accuracy"], shown["consistency"]) == (own["accuracy"], own["consistency"])


def test_an_empty_period_says_so_in_sentences_and_shows_no_figures(library: Library) -> None:
    report = technical_report(report_data(library, period="2025"))
    assert "Nobody submitted an assessment in this period" in str(report.sections[0].blocks[0])
    assert {table.id for table in report.tables} == {
        "standards-chapters", "blueprint", "standards", "policy-history", "versions",
    }  # fmt: skip
    assert not any(isinstance(block, Figure) for section in report.sections for block in section.blocks)


def test_fewer_than_the_minimum_are_not_shown_at_all(library: Library) -> None:
    report = technical_report(report_data(library, attempts=4))
    assert not {"scores", "time", "credits", "items", "decisions", "subscores", "months"} & set(tables(report))
    assert "Fewer than 5 people submitted an assessment" in str(report.sections[0].blocks[0])
    reliability = tables(report)["reliability"]
    assert {cells[1] for cells in reliability.cells()} == {"fewer than 5"}
    shown = technical_report(report_data(library, attempts=4, minimum=2))
    assert row(tables(shown)["scores"], library.spec("CT").area_names[OTHER])["n"] == 4


def test_small_groups_are_hidden_and_groups_alone_are_said(library: Library) -> None:
    report = technical_report(report_data(library, groups=("f", "f", "f", "m", "m", "m")))
    outcomes = tables(report)["groups-sex"]
    assert {cells[1] for cells in outcomes.cells()} == {"fewer than 5"}
    assert outcomes.frame()["rate"].isna().all()
    shown = tables(technical_report(report_data(library, groups=("f", "f", "f", "m", "m", "m"), minimum=1)))[
        "groups-sex"
    ]
    frame = shown.frame().set_index("row")
    # Of f one of three has credits in any area less one: 2 0 2; of m 10 10 0.
    assert frame.loc["All areas: f", "rate"] == pytest.approx(2 / 3)
    assert frame.loc["All areas: m", "rate"] == pytest.approx(2 / 3)
    # Two of three were prescribed and one was not, which the rate would tell.
    assert (
        tables(technical_report(report_data(library, groups=("f", "f", "f", "m", "m", "m"), minimum=3)))["groups-sex"]
        .frame()["rate"]
        .isna()
        .all()
    )
    # With one group hidden, the ratio of the other would tell of it.
    partly = technical_report(report_data(library, groups=("f", "f", "f", "f", "m"), minimum=4))
    assert tables(partly)["groups-sex"].frame()["ratio"].isna().all()
    alone = technical_report(report_data(library, groups=("f", "f")))
    fairness = next(one for one in alone.sections if one.id == "fairness")
    assert "only one group is known" in str(fairness.blocks[-1])


def test_without_a_policy_the_report_is_made_all_the_same(library: Library) -> None:
    data = report_data(library)
    bare = type(data)(**{name: getattr(data, name) for name in data.__dataclass_fields__} | {"policies": ()})
    report = technical_report(bare)
    policy = next(one for one in report.sections if one.id == "policy")
    assert policy.blocks == ("No policy was in force in this period, so nothing could be prescribed.",)
    assert "decisions" not in tables(report)
    assert np.isnan(float(str(row(tables(report)["reliability"], library.spec("CT").area_names[AREA])["csem"])))


def changed(data: ReportData, **new: object) -> ReportData:
    return type(data)(**{name: getattr(data, name) for name in data.__dataclass_fields__} | new)


def words(report: Report) -> str:
    return " ".join(str(block) for section in report.sections for block in section.blocks if isinstance(block, str))


def test_the_report_of_an_open_period_knows_nothing_of_what_comes_later(library: Library) -> None:
    data = changed(report_data(library), now=dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC))
    assert data.in_force is not None
    assert data.in_force.version == 1
    assert [one.version for one in data.versions_in_period] == [1]
    assert data.submitted["attempt_id"].tolist() == ["1", "2"]  # of 3 January and 3 February
    said = words(technical_report(data))
    assert "from 1 January 2026 to 31 December 2026 (so far, to 1 March 2026)." in said
    assert "Version 1 was in force on 1 March 2026, since 1 January 2025." in said
    later = changed(data, now=dt.datetime(2027, 3, 1, tzinfo=dt.UTC))
    assert later.in_force is not None
    assert later.in_force.version == 2
    assert "so far" not in words(technical_report(later))


def test_counts_of_prescriptions_that_tell_of_few_are_not_shown(report: Report, library: Library) -> None:
    table = tables(report)["credits"].frame().set_index("area")
    # Three, three and four of six, and five is the least.
    assert table[["prescribed", "share", "mean"]].isna().all(axis=None)
    said = words(report)
    assert "of the 6 assessments continuing education was prescribed is not shown" in said
    assert "mean total" not in said
    assert not any(isinstance(block, Figure) and block.kind == "histogram" and block.id in ("minutes", "total-credits")
                   for section in report.sections for block in section.blocks)  # fmt: skip


def test_assessments_of_one_person_count_as_one_person(library: Library) -> None:
    data = report_data(library)
    attempts = data.attempts.assign(candidate_id=["a", "a", "b", "b", "c", "d"])
    report = technical_report(changed(data, attempts=attempts))
    assert not {"scores", "time", "credits", "items", "decisions", "subscores"} & set(tables(report))
    assert "Fewer than 5 people submitted an assessment" in words(report)


def test_decisions_by_another_rule_are_said_to_be_as_if_by_the_raw_score(report: Report, library: Library) -> None:
    assert "as if" not in words(report)
    data = report_data(library)
    first = data.policies[0]
    rule = DecisionRule(rule="expected_loss", loss_ratio=2.0)
    policy = first.policy.model_copy(update={"decision": rule})
    report = technical_report(changed(data, policies=(dataclasses.replace(first, policy=policy),)))
    assert "as if made by the raw score, though the policy decides by its rule “expected loss”" in words(report)
    found = tables(report)
    assert found["decisions"].caption.endswith(", as if decided by the raw score")
    assert found["credits"].note.endswith(", as if decided by the raw score.")


def test_a_group_hidden_in_an_area_does_not_come_back_as_the_area_less_the_others(library: Library) -> None:
    data = report_data(library, groups=("f", "f", "f", "f", "m"), minimum=2)
    # The sixth assessment, of unknown group, has no score in the other area: there the five of the groups are all.
    gone = (data.area_scores["attempt_id"] == "6") & (data.area_scores["content_area"] == OTHER)
    shown = tables(technical_report(changed(data, area_scores=data.area_scores[~gone])))["groups-sex"]
    name = library.spec("CT").area_names[OTHER]
    cells = {one[0]: one[1] for one in shown.cells()}
    assert (cells[f"{name}: f"], cells[f"{name}: m"]) == ("not shown", "fewer than 2")
