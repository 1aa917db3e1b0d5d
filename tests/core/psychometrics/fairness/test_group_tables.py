"""Groups beside each other: Newcombe's printed interval from responses on, rules of a policy, and who is focal."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from scipy.stats import ttest_ind

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import CreditRule, DecisionRule, Policy
from ssa_engine.core.psychometrics.fairness.group_tables import (
    SMALL,
    focal_group,
    group_table,
    prescribed_areas,
    reference_group,
)
from ssa_engine.core.psychometrics.fairness.groups import ALL_AREAS

FLAT = CreditRule(rule="flat", credits=2)


def marked(*attempts: str, area: str = "x") -> pd.DataFrame:
    """Return marked responses of one area: '10' is the first item right, the second wrong."""
    rows = [
        (f"p{number:02}", f"{area}{place}", area, letter == "1")
        for number, letters in enumerate(attempts)
        for place, letter in enumerate(letters)
    ]
    return pd.DataFrame(rows, columns=["attempt_id", "item_id", "content_area", "correct"])


def of_groups(**sizes: int) -> pd.Series:
    """Return attempt -> group, the groups one after the other."""
    names = [name for name, size in sizes.items() for _ in range(size)]
    return pd.Series(names, index=[f"p{number:02}" for number in range(len(names))])


def test_nine_of_ten_against_three_of_ten_is_as_newcombe_printed() -> None:
    # Newcombe (1998), Statistics in Medicine 17:873-890, Table II, method 10: 9/10 against 3/10.
    responses = marked(*["11"] * 7, *["01"] * 3, *["11"], *["00"] * 9)
    groups = of_groups(R=10, F=10)
    found = group_table(prescribed_areas(responses, {"x": 0.75}), groups, reference="R")
    assert found["content_area"].tolist() == [ALL_AREAS, ALL_AREAS, "x", "x"]
    assert found["prescribed"].tolist() == [9, 3, 9, 3]
    focal = found.iloc[2]
    assert (focal["lower"], focal["upper"]) == pytest.approx((0.1705, 0.8090), abs=5.1e-5)
    assert focal["ratio"] == pytest.approx(0.1 / 0.7)
    assert focal["below_four_fifths"]
    welch = ttest_ind([1] + [0] * 9, [1] * 7 + [0.5] * 3, equal_var=False).confidence_interval()
    assert (focal["score_lower"], focal["score_upper"]) == pytest.approx((welch.low, welch.high))
    assert focal["mean_score"] == pytest.approx(0.1)
    assert found["note"].tolist() == [SMALL] * 4


def test_over_all_areas_the_score_is_points_over_items_and_any_prescription_counts() -> None:
    responses = pd.concat(
        [
            marked("11", "10", "11", "00", "11"),
            marked("1111", "1111", "1111", "0000", "1110", area="y"),
        ]
    )
    scores = prescribed_areas(responses, {"x": 0.75, "y": 0.75})
    found = group_table(scores, of_groups(A=3, B=2), reference="A").set_index(["content_area", "group"])
    assert found["prescribed"].tolist() == [1, 1, 1, 1, 0, 1]
    assert found["rate"].tolist() == pytest.approx([1 / 3, 1 / 2, 1 / 3, 1 / 2, 0, 1 / 2])
    whole = found.loc[ALL_AREAS]
    assert whole["mean_score"].tolist() == pytest.approx([(1 + 5 / 6 + 1) / 3, (0 + 5 / 6) / 2])
    assert whole["score_difference"].tolist()[1] == pytest.approx(5 / 12 - 17 / 18)
    assert found["sd_score"].tolist()[4:] == pytest.approx([0, 0.75 / math.sqrt(2)])


def test_large_groups_have_no_note_and_an_empty_one_says_so_once() -> None:
    responses = pd.concat([marked(*["10", "11"] * 40), marked(*["01", "11"] * 20, area="y")])
    scores = prescribed_areas(responses, {"x": 0.75, "y": 0.75})
    found = group_table(scores, of_groups(A=40, B=40), reference="A").set_index(["content_area", "group"])
    assert found["note"].to_dict() == dict.fromkeys(found.index, "") | {
        ("y", "B"): "Nobody of this group had this area."
    }
    assert found["score_difference"].tolist()[3] == 0


def test_the_credits_of_a_policy_say_what_is_prescribed() -> None:
    responses = pd.concat([marked("00"), marked("10", area="y")])
    standards = {"x": 0.75, "y": 0.75}

    def prescribed(policy: Policy | None) -> list[float]:
        return prescribed_areas(responses, standards, policy)["credits"].tolist()

    assert prescribed(None) == [1, 1]
    assert prescribed(Policy(standards={"x": 0.0}, credits=FLAT)) == [2, 2]  # the policy's standards do not count
    capped = FLAT.model_copy(update={"total_cap": 2.0})
    assert prescribed(Policy(standards={}, credits=capped)) == [2, 0]
    # P(below .75 | 0 of 2) = 1 - .25³ = .984: at a loss ratio of .01 that is .0098 against .0156, so no credits.
    lenient = DecisionRule(rule="expected_loss", loss_ratio=0.01)
    assert prescribed(Policy(standards={}, credits=FLAT, decision=lenient)) == [0, 0]


def test_pilots_and_partial_credit_count_as_in_a_result() -> None:
    responses = marked("10", "11", "01")
    pilots = responses.assign(scored=responses["item_id"] == "x1")
    assert prescribed_areas(pilots, {"x": 0.5})["score"].tolist() == [0, 1, 1]
    credit = responses.assign(credit=[1, 0.5, 1, 1, math.nan, math.nan])
    assert prescribed_areas(credit, {"x": 0.5})["score"].tolist() == [0.75, 1, 0.5]
    with pytest.raises(Invalid, match="no scored responses"):
        prescribed_areas(responses.assign(scored=False), {"x": 0.5})
    with pytest.raises(Invalid, match="without a content area"):
        prescribed_areas(responses.assign(content_area=None), {"x": 0.5})


@pytest.mark.parametrize(
    ("sizes", "reference", "focal"),
    [
        ({"A": 3, "B": 2}, None, "B"),
        ({"A": 2, "B": 3}, None, "A"),
        ({"B": 2, "A": 2}, None, "B"),
        ({"A": 2, "B": 3}, "A", "B"),
        ({"A": 2, "B": 3}, "B", "A"),
        ({"A": 3, "B": 2}, "X", "B"),
    ],
)
def test_of_two_groups_the_smaller_is_focal_unless_it_is_the_reference(
    sizes: dict[str, int], reference: str | None, focal: str
) -> None:
    assert focal_group(of_groups(**sizes), reference) == focal


@pytest.mark.parametrize(
    ("sizes", "said"),
    [({}, "no group at all"), ({"A": 2}, "only 'A'"), ({"A": 1, "B": 1, "C": 1}, "'A', 'B', 'C'. Say with --focal")],
)
def test_one_group_or_three_have_no_focal_one(sizes: dict[str, int], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        focal_group(of_groups(**sizes))


def test_the_reference_is_the_largest_other_group_and_unknown_ones_are_none() -> None:
    groups = of_groups(A=2, B=3, C=3)
    groups.iloc[-1] = None
    assert reference_group(groups, "B") == "A"
    assert reference_group(groups, "A") == "B"
