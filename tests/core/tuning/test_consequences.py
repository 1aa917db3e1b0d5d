"""The consequences of a policy, beside figures worked by hand on six sittings and two areas of four items."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.policies import DecisionRule, IndeterminateBand
from ssa_engine.core.tuning.changes import changed_sittings
from ssa_engine.core.tuning.consequences import Consequences, consequences
from tests.core.tuning.small import cohort, policy

# With 3 of 4 needed (.75) in both areas and a credit for each item short, sittings have these credits:
#   dose  0 0 1 2 3 0     image  0 1 0 2 0 0     total  0 1 1 3 3 0, the fourth held to 3 by the cap (its image to 1)


@pytest.fixture
def found() -> Consequences:
    return consequences(cohort(), policy(), in_force=policy(dose=0.5))


def column(frame: pd.DataFrame, name: str) -> list[float]:
    values: list[float] = frame[name].tolist()
    return values


def measure(found: Consequences, name: str, of: str = "value") -> float:
    return float(found.summary.set_index("measure")[of][name])


def test_the_summary_counts_sittings_and_credits(found: Consequences) -> None:
    assert [measure(found, name) for name in ("sittings", "sum_credits", "none", "at_cap")] == [6, 8, 2, 2]
    assert measure(found, "mean_credits") == pytest.approx(8 / 6)
    assert measure(found, "median_credits") == 1
    assert measure(found, "none_share") == pytest.approx(2 / 6)
    assert measure(found, "areas_mean") == pytest.approx(5 / 6)


def test_the_change_is_against_what_the_policy_in_force_gives(found: Consequences) -> None:
    # In force 2 of 4 are needed in dose: dose 0 0 0 1 2 0, image 0 1 0 2 0 0, total 0 1 0 3 2 0.
    assert measure(found, "sum_credits", "in_force") == 6
    assert measure(found, "sum_credits", "change") == 2
    assert [measure(found, name) for name in ("more", "fewer", "unchanged")] == [2, 0, 4]
    assert [measure(found, name) for name in ("credits_more", "credits_fewer")] == [2, 0]
    assert found.change is not None
    listed = changed_sittings(cohort(), found.change)
    assert listed.to_dict("records") == [
        {"attempt_id": 13, "candidate_id": 103, "credits_before": 0, "credits_after": 1, "change": 1}
        | {"areas": "dose 0 > 1"},
        {"attempt_id": 15, "candidate_id": 105, "credits_before": 2, "credits_after": 3, "change": 1}
        | {"areas": "dose 2 > 3"},
    ]
    assert changed_sittings(cohort(), found.change, most=1)["attempt_id"].tolist() == [13]


def test_credits_that_move_between_areas_under_the_cap_are_no_change_of_the_total() -> None:
    found = consequences(cohort(), policy(dose=1.0, image=1.0), in_force=policy())
    # All four needed: dose 0 1 2 3 4 1, image 0 2 1 3 0 1, held to 3 in total: 0 3 3 3 3 2 against 0 1 1 3 3 0.
    assert [measure(found, name) for name in ("more", "fewer", "unchanged")] == [3, 0, 3]
    assert measure(found, "credits_more") == 6
    assert measure(found, "at_cap") == 4


def test_each_area_has_its_prescriptions_and_credits(found: Consequences) -> None:
    areas = found.areas
    assert areas["content_area"].tolist() == ["dose", "image"]
    assert column(areas, "needed") == [3, 3]
    assert column(areas, "prescribed") == [3, 2]
    assert column(areas, "share_prescribed") == pytest.approx([0.5, 2 / 6])
    assert column(areas, "credits") == [6, 2]
    assert column(areas, "mean_credits") == pytest.approx([1, 2 / 6])
    assert column(areas, "prescribed_in_force") == [2, 2]
    assert column(areas, "prescribed_change") == [1, 0]


def test_credits_by_area_and_totals_are_counted(found: Consequences) -> None:
    assert found.bands.to_dict("records") == [
        {"content_area": "dose", "0": 3, "1": 1, "2": 1, "3": 1},
        {"content_area": "image", "0": 4, "1": 2, "2": 0, "3": 0},
    ]
    totals = found.totals.to_dict("list")
    assert totals["credits"] == [0, 1, 2, 3]
    assert totals["sittings"] == [2, 2, 0, 2]
    assert totals["in_force"] == [3, 1, 1, 1]
    assert totals["share_at_most"] == pytest.approx([2 / 6, 4 / 6, 4 / 6, 1])


def test_near_the_standard_is_one_item_away(found: Consequences) -> None:
    # Of dose 4 3 2 1 0 3 and image 4 2 3 1 4 3 with 3 needed: 2 is one item below, 3 has just met it.
    assert column(found.borderline, "just_below") == [1, 1]
    assert column(found.borderline, "just_met") == [2, 2]
    assert column(found.borderline, "within_one_item_share") == pytest.approx([0.5, 0.5])
    # P(below .75) of x = 0 … 4 with a uniform prior is I_.75(x + 1, 5 - x): .9990, .9844, .8965, .6328, .2373.
    assert column(found.borderline, "unsure") == [3, 4]


def test_inside_a_band_halves_and_offers_are_counted() -> None:
    band = IndeterminateBand(low=0.4, high=0.7, rule="prescribe_half")
    rule = DecisionRule(rule="expected_loss", indeterminate=band)
    half = policy(total_cap=None).model_copy(update={"decision": rule})
    found = consequences(cohort(), half)
    # x = 3 (P = .6328) lies inside: half of one credit, rounded up to .5. x = 0, 1, 2 are prescribed 3, 2 and 1.
    assert column(found.areas, "half") == [2, 2]
    assert column(found.areas, "credits") == [1 + 2 + 3 + 0.5 * 2, 1 + 2 + 0.5 * 2]
    offered = half.model_copy(
        update={
            "decision": DecisionRule(rule="expected_loss", indeterminate=band.model_copy(update={"rule": "offer_only"}))
        }
    )
    found = consequences(cohort(), offered)
    assert column(found.areas, "offered") == [2, 2]
    assert column(found.areas, "credits") == [6, 3]


def test_a_simulated_cohort_has_its_true_errors_counted() -> None:
    true = np.array([[0.9, 0.9], [0.7, 0.8], [0.8, 0.9], [0.2, 0.3], [0.1, 0.7], [0.9, 0.9]])
    found = consequences(cohort(true_scores=true), policy())
    # Dose is prescribed to sittings 3, 4, 5 of which the third is truly above; the second is below and spared.
    assert column(found.errors, "needless_true") == [1, 1]
    assert column(found.errors, "missed_true") == [1, 1]


def test_the_summary_has_the_sums_of_the_errors_over_the_areas() -> None:
    found = consequences(cohort(), policy())
    summary = found.summary.set_index("measure")["value"]
    for name in ("needless_people", "needless_credits", "missed_people", "missed_credits"):
        assert summary[name] == pytest.approx(sum(column(found.errors, name)), abs=1e-8)


def test_without_a_policy_in_force_there_is_no_change() -> None:
    found = consequences(cohort(), policy())
    assert found.change is None
    assert {"more", "fewer", "unchanged"} & set(found.summary["measure"]) == set()
    assert found.areas["prescribed_change"].isna().all()
