"""Credits of a cohort from matrices: the same as `prescribe` gives row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import DecisionRule, IndeterminateBand, Policy, TrueScorePrior
from ssa_engine.core.prescriptions import prescribe
from ssa_engine.core.scoring import area_frame
from ssa_engine.core.tuning.cohort import Cohort, cohort_of
from ssa_engine.core.tuning.credits import CODE, apply
from tests.core.banks import policy_of
from tests.core.test_prescription_properties import policies

AREAS = ("a", "b", "c", "d", "e")


@st.composite
def decision_rules(draw: st.DrawFn) -> DecisionRule:
    """Draw a decision rule that goes by the area's own score."""
    if draw(st.booleans()):
        return DecisionRule()
    ratio = draw(st.sampled_from([0.25, 0.5, 1.0, 2.0, 4.0, 9.0]))
    middle = 1 / (1 + ratio)
    band = draw(
        st.none()
        | st.builds(
            IndeterminateBand,
            low=st.just(round(middle / 2, 3)),
            high=st.just(round((1 + middle) / 2, 3)),
            rule=st.sampled_from(["prescribe", "prescribe_half", "offer_only"]),
        )
    )
    return DecisionRule(rule="expected_loss", loss_ratio=ratio, indeterminate=band)


@st.composite
def cohorts(draw: st.DrawFn) -> Cohort:
    """Draw a small cohort; some sittings had no items of an area, some earned parts of points."""
    n = draw(st.integers(1, 12))
    items = np.array(draw(st.lists(st.lists(st.integers(0, 12), min_size=5, max_size=5), min_size=n, max_size=n)))
    share = np.array(draw(st.lists(st.lists(st.floats(0, 1), min_size=5, max_size=5), min_size=n, max_size=n)))
    correct = np.floor(share * items).astype(np.int64)
    part = np.array(
        draw(st.lists(st.lists(st.sampled_from([0.0, 0.0, 0.5]), min_size=5, max_size=5), min_size=n, max_size=n))
    )
    points = np.minimum(correct + part, items)
    return Cohort(np.arange(n), np.arange(n), AREAS, items, points, correct)


def scored(cohort: Cohort, policy: Policy) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Return row and column of each cell with items, and its scores in one frame."""
    rows, columns = np.nonzero(cohort.items)
    frame = area_frame(
        attempt_id=rows,
        content_area=pd.Categorical([cohort.areas[column] for column in columns], categories=list(policy.standards)),
        items=cohort.items[rows, columns],
        correct=cohort.correct[rows, columns],
        points=cohort.points[rows, columns],
        standard=np.array([policy.standards[cohort.areas[column]] for column in columns]),
        prior=policy.true_score_prior,
    )
    return rows, columns, frame


def row_by_row(cohort: Cohort, policy: Policy) -> pd.DataFrame:
    """Let `prescribe` do it, on one frame with a row for each sitting and area."""
    rows, columns, frame = scored(cohort, policy)
    return prescribe(frame, policy).assign(row=rows, column=columns)


@settings(deadline=None, max_examples=200)
@given(policies(), decision_rules(), cohorts())
def test_every_credit_is_the_one_that_prescribe_gives(policy: Policy, rule: DecisionRule, cohort: Cohort) -> None:
    policy = policy.model_copy(update={"decision": rule, "true_score_prior": TrueScorePrior(alpha=2.0, beta=1.5)})
    found = apply(cohort, policy)
    expected = np.zeros(cohort.items.shape)
    told = row_by_row(cohort, policy)
    expected[told["row"], told["column"]] = told["credits"]
    assert found.credits.tolist() == expected.tolist()
    assert found.totals == pytest.approx(expected.sum(axis=1))
    if "decision" in told:
        codes = found.decision[cohort.cases.index[told["row"], told["column"]]]
        assert codes.tolist() == told["decision"].map(CODE).tolist()
    assert found.by_area(cohort, lambda credits: credits) == pytest.approx(expected.sum(axis=0), abs=1e-9)
    assert (
        found.by_area(cohort, lambda credits: (credits > 0).astype(float)).tolist()
        == (expected > 0).sum(axis=0).tolist()
    )


def test_cases_hold_every_sitting_once_and_every_score_that_could_occur() -> None:
    cohort = Cohort(
        np.arange(3),
        np.arange(3),
        ("a", "b"),
        np.array([[2, 3], [2, 0], [2, 3]]),
        np.array([[1.0, 3.0], [1.5, 0.0], [1.0, 0.0]]),
        np.array([[1, 3], [1, 0], [1, 0]]),
    )
    cases = cohort.cases
    cells = list(zip(cases.area, cases.items, cases.points, cases.correct, cases.count, strict=True))
    assert cells == [
        (0, 2, 0.0, 0, 0),
        (0, 2, 1.0, 1, 2),
        (0, 2, 1.5, 1, 1),
        (0, 2, 2.0, 2, 0),
        (1, 0, 0.0, 0, 1),
        (1, 3, 0.0, 0, 1),
        (1, 3, 1.0, 1, 0),
        (1, 3, 2.0, 2, 0),
        (1, 3, 3.0, 3, 1),
    ]
    assert cases.points[cases.index].tolist() == cohort.points.tolist()
    assert cohort.sitters.tolist() == [3, 2]
    assert cohort.lengths.tolist() == [2, 3]


def test_a_frame_of_area_scores_becomes_a_cohort() -> None:
    frame = pd.DataFrame(
        {"attempt_id": ["7", "7", "9"], "content_area": ["b", "a", "a"], "items": [3, 2, 2]}
        | {"correct": [1, 2, 0], "points": [1.5, 2.0, 0.0]}
    )
    cohort = cohort_of(frame, ("a", "b"))
    assert cohort.attempt_ids.tolist() == ["7", "9"]
    assert cohort.items.tolist() == [[2, 3], [2, 0]]
    assert cohort.points.tolist() == [[2.0, 1.5], [0.0, 0.0]]


def test_an_area_without_a_standard_is_refused_by_name() -> None:
    cohort = Cohort(np.arange(1), np.arange(1), ("a", "b"), np.ones((1, 2), int), np.ones((1, 2)), np.ones((1, 2), int))
    with pytest.raises(Invalid, match="no standard for: b"):
        apply(cohort, policy_of({"a": 0.7}, rule="flat", credits=3))
