"""Scoring: cases worked by hand, the standard error, the posterior, and what is refused."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ssa_engine.core.errors import Invalid
from ssa_engine.core.marking import key_table, mark
from ssa_engine.core.policies import Policy, TrueScorePrior
from ssa_engine.core.scoring import (
    AREA_SCORE_COLUMNS,
    items_needed,
    score_areas,
    standard_beside,
    standards_in_items,
)
from tests.core.banks import policy_of, scoring_bank

BANK = scoring_bank({"x": 3, "y": 2})
KEYS = key_table(BANK)
POLICY = policy_of({"x": 0.7, "y": 0.5})


def responses(*rows: tuple[object, object, object]) -> pd.DataFrame:
    """Return responses from (attempt, item, answer)."""
    return pd.DataFrame(list(rows), columns=["attempt_id", "item_id", "answer"])


def marked_area(items: int, correct: int, *, area: str = "x", attempt: int = 1) -> pd.DataFrame:
    """Return the marked responses of one attempt to one area."""
    return pd.DataFrame(
        {
            "attempt_id": attempt,
            "content_area": area,
            "scored": True,
            "correct": [number < correct for number in range(items)],
        }
    )


def score_one(items: int, correct: int, policy: Policy) -> dict[str, object]:
    """Return the only row that comes of scoring one area, by column."""
    frame = score_areas(marked_area(items, correct), policy)
    assert (list(frame.columns), len(frame)) == (list(AREA_SCORE_COLUMNS), 1)
    return dict(zip(frame.columns, frame.iloc[0].tolist(), strict=True))


def test_the_key_table_says_area_key_whether_scored_and_that_comparing_with_the_key_is_all() -> None:
    assert KEYS.reset_index().to_numpy().tolist() == [
        ["x-0", "x", "a", True, None],
        ["x-1", "x", "b", True, None],
        ["x-2", "x", "c", True, None],
        ["x-3", "x", "d", False, None],
        ["y-0", "y", "a", True, None],
        ["y-1", "y", "b", True, None],
        ["y-2", "y", "c", False, None],
    ]


def test_marking_one_attempt_by_hand() -> None:
    # x-0 key a, answered a; x-1 key b, answered a; x-2 not answered; y-2 key c, a pilot, answered c.
    marked = mark(responses((1, "x-0", "a"), (1, "x-1", "a"), (1, "x-2", None), (1, "y-2", "c")), KEYS)
    assert marked["correct"].tolist() == [True, False, False, True]
    assert marked["scored"].tolist() == [True, True, True, False]
    assert marked["content_area"].tolist() == ["x", "x", "x", "y"]


def test_scoring_one_attempt_by_hand() -> None:
    marked = mark(responses((1, "y-1", "b"), (1, "x-0", "a"), (1, "x-1", "b"), (1, "x-2", "d"), (1, "y-0", "c")), KEYS)
    scores = score_areas(marked, POLICY)
    # x: 2 of 3 = .667, standard .7 of 3 = 2.1, so 3 are needed; y: 1 of 2 = .5, standard .5 of 2 = 1.
    assert scores["content_area"].tolist() == ["x", "y"]
    assert scores[["items", "correct"]].to_numpy().tolist() == [[3, 2], [2, 1]]
    assert scores["below_standard"].tolist() == [True, False]
    assert scores["score"].tolist() == pytest.approx([2 / 3, 0.5], abs=1e-15)
    assert scores["gap"].tolist() == pytest.approx([0.7 - 2 / 3, 0.0], abs=1e-9)


@pytest.mark.parametrize(
    ("items", "correct", "squared"),
    [
        (10, 7, Fraction(7 * 3, 9) / 100),  # 21/9 = 2.333; its root 1.5275; of 10 items .15275
        (10, 5, Fraction(25, 9) / 100),
        (12, 11, Fraction(11, 11) / 144),
        (2, 1, Fraction(1, 1) / 4),
        (10, 0, Fraction(0)),
        (10, 10, Fraction(0)),
    ],
)
def test_the_standard_error_is_that_of_lord_1957(items: int, correct: int, squared: Fraction) -> None:
    row = score_one(items, correct, POLICY)
    assert row["score_se"] == pytest.approx(math.sqrt(squared), abs=1e-15)
    # The same figure another way: the unbiased variance of the items' marks, over their number.
    marks = [1.0] * correct + [0.0] * (items - correct)
    assert row["score_se"] == pytest.approx(float(np.std(marks, ddof=1)) / math.sqrt(items), abs=1e-15)


def test_the_standard_error_of_7_of_10_is_the_published_figure() -> None:
    assert score_one(10, 7, POLICY)["score_se"] == pytest.approx(0.152752523165, abs=1e-12)


@pytest.mark.parametrize("correct", [0, 1])
def test_the_standard_error_of_one_item_is_unknown_and_not_zero(correct: int) -> None:
    row = score_one(1, correct, POLICY)
    assert math.isnan(float(str(row["score_se"])))
    assert row["score"] == correct


@pytest.mark.parametrize("standard", [0.0, 0.55, 0.7, 0.85, 1.0])
def test_the_probability_below_equals_a_binomial_sum_under_the_uniform_prior(standard: float) -> None:
    exact = Fraction(str(standard))
    for items in (1, 3, 10, 25):
        for correct in range(items + 1):
            # I_p(x + 1, n - x + 1) = P(Bin(n + 1, p) >= x + 1), summed in whole fractions.
            tail = sum(
                math.comb(items + 1, hits) * exact**hits * (1 - exact) ** (items + 1 - hits)
                for hits in range(correct + 1, items + 2)
            )
            row = score_one(items, correct, policy_of({"x": standard}))
            assert row["probability_below"] == pytest.approx(float(tail), abs=1e-12), (items, correct)


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 1.0), (0.5, 0.5), (14.0, 6.0), (2.5, 0.3)])
def test_the_probability_below_equals_the_beta_posterior(alpha: float, beta: float) -> None:
    policy = Policy(
        standards={"x": 0.7}, credits=POLICY.credits, true_score_prior=TrueScorePrior(alpha=alpha, beta=beta)
    )
    for correct in range(11):
        expected = stats.beta.cdf(0.7, correct + alpha, 10 - correct + beta)
        assert score_one(10, correct, policy)["probability_below"] == pytest.approx(float(expected), abs=1e-12)


def test_a_standard_of_07_needs_7_of_10_and_8_of_11() -> None:
    assert standards_in_items(policy_of({"x": 0.7, "y": 0.7}), {"x": 10, "y": 11}) == {"x": 7, "y": 8}
    cases = [(10, 7), (10, 6), (11, 8), (11, 7)]
    below = [bool(score_one(items, correct, POLICY)["below_standard"]) for items, correct in cases]
    assert below == [False, True, False, True]


@pytest.mark.parametrize(
    ("points", "standard", "shown"),
    [(6.0, 0.65, 7.0), (7.0, 0.65, 7.0), (6.5, 0.65, 6.5), (6.6, 0.65, 6.5), (7.0, 0.7, 7.0)],
)
def test_points_are_below_exactly_where_they_are_below_the_standard_shown(
    points: float, standard: float, shown: float
) -> None:
    assert standard_beside(points, standard=standard, items=10) == pytest.approx(shown, abs=1e-12)
    policy = policy_of({"x": standard})
    marked = marked_area(10, 10)
    marked["credit"] = points / 10
    assert bool(score_areas(marked, policy)["below_standard"].iloc[0]) == (points < shown)


@pytest.mark.parametrize("parts", [20, 100, 1000])
def test_floats_never_push_a_standard_up_or_down(parts: int) -> None:
    items = np.arange(1, 151)
    for step in range(parts + 1):
        needed = items_needed(np.full(len(items), step / parts), items)
        # Whole numbers only: the least x with x * parts >= step * n.
        assert needed.tolist() == (-(-step * items // parts)).tolist(), step / parts


def test_the_gap_is_nothing_at_and_above_the_standard_and_the_distance_below_it() -> None:
    gaps = [score_one(10, correct, POLICY)["gap"] for correct in range(11)]
    assert gaps == [0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("empty", [None, np.nan, pd.NA, ""])
def test_an_item_that_was_not_answered_is_not_correct(empty: object) -> None:
    marked = mark(responses((1, "x-0", empty), (1, "x-1", "b")), KEYS)
    assert marked["correct"].tolist() == [False, True]


def test_an_attempt_without_a_single_answer_has_nothing_correct() -> None:
    scores = score_areas(mark(responses((1, "x-0", None), (1, "y-0", None)), KEYS), POLICY)
    assert scores[["items", "correct"]].to_numpy().tolist() == [[1, 0], [1, 0]]


def test_an_answer_that_is_no_option_is_not_correct() -> None:
    assert mark(responses((1, "x-0", "zz")), KEYS)["correct"].tolist() == [False]


def test_pilots_do_not_count() -> None:
    without = responses((1, "x-0", "a"), (1, "y-0", "b"))
    with_pilots = pd.concat([without, responses((1, "x-3", "d"), (1, "y-2", "a"))], ignore_index=True)
    pd.testing.assert_frame_equal(
        score_areas(mark(without, KEYS), POLICY), score_areas(mark(with_pilots, KEYS), POLICY)
    )


def test_an_area_with_pilots_only_has_no_score() -> None:
    scores = score_areas(mark(responses((1, "x-0", "a"), (1, "y-2", "c")), KEYS), POLICY)
    assert scores["content_area"].tolist() == ["x"]


def test_the_form_says_which_items_are_scored_and_in_which_area_they_stood() -> None:
    frame = responses((1, "x-0", "a"), (1, "x-1", "b"), (1, "x-3", "d"))
    frame["scored"] = [True, False, True]
    frame["content_area"] = ["x", "x", "y"]
    scores = score_areas(mark(frame, KEYS), POLICY)
    assert scores["content_area"].tolist() == ["x", "y"]
    assert scores[["items", "correct"]].to_numpy().tolist() == [[1, 1], [1, 1]]


def test_no_responses_give_no_scores() -> None:
    scores = score_areas(mark(responses().astype("str"), KEYS), POLICY)
    assert (list(scores.columns), len(scores)) == (list(AREA_SCORE_COLUMNS), 0)


def test_scores_are_in_the_order_of_attempt_and_then_of_the_standards() -> None:
    frame = responses((2, "x-0", "a"), (2, "y-0", "a"), (1, "y-0", "a"), (1, "x-0", "a"))
    scores = score_areas(mark(frame, KEYS), policy_of({"y": 0.5, "x": 0.5}))
    rows = scores[["attempt_id", "content_area"]].to_numpy().tolist()
    assert rows == [[1, "y"], [1, "x"], [2, "y"], [2, "x"]]


def test_the_callers_frame_is_left_as_it_was() -> None:
    frame = responses((1, "x-0", "a"), (1, "y-0", None))
    before = frame.copy(deep=True)
    score_areas(mark(frame, KEYS), POLICY)
    pd.testing.assert_frame_equal(frame, before)


def test_a_missing_column_is_named() -> None:
    frame = responses((1, "x-0", "a")).drop(columns=["item_id", "answer"])
    with pytest.raises(Invalid) as caught:
        mark(frame, KEYS)
    assert str(caught.value) == ("The responses have no column item_id, answer. Needed: attempt_id, item_id, answer.")


def test_an_unknown_item_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        mark(responses((1, "x-0", "a"), (1, "x-77", "a")), KEYS)
    assert str(caught.value) == "These items are not in the item bank: x-77."


@pytest.mark.parametrize("attempts", [1, 40])
def test_an_item_answered_twice_is_named_with_its_attempt(attempts: int) -> None:
    rows = [(f"A{number}", item, "a") for number in range(attempts) for item in ("x-0", "y-0")]
    with pytest.raises(Invalid) as caught:
        mark(responses(*rows, ("A0", "x-0", "b")), KEYS)
    assert str(caught.value) == "Attempt A0 has more than one row for item x-0. Keep the counted response only."


def test_an_item_answered_twice_is_found_among_many_attempts_of_few_items_each() -> None:
    rows = [(number, f"{'xy'[number % 2]}-{number % 2}", "a") for number in range(500)]
    with pytest.raises(Invalid) as caught:
        mark(responses(*rows, (499, "y-1", "b")), KEYS)
    assert str(caught.value) == "Attempt 499 has more than one row for item y-1. Keep the counted response only."


@pytest.mark.parametrize("name", ["attempt_id", "item_id"])
def test_an_empty_id_is_named_with_its_row(name: str) -> None:
    frame = responses(("A", "x-0", "a"), ("A", "x-1", "a"), ("B", "x-0", "a"))
    frame.loc[1, name] = None
    with pytest.raises(Invalid) as caught:
        mark(frame, KEYS)
    assert str(caught.value) == f"{name} is empty in row 2 of the responses. Fill it in."


def test_an_area_without_a_standard_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        score_areas(marked_area(3, 1, area="z"), POLICY)
    assert str(caught.value) == "The policy has no standard for: z."


@pytest.mark.parametrize("kind", ["object", "float", "boolean"])
def test_a_missing_mark_is_refused(kind: str) -> None:
    marked = marked_area(4, 2)
    marked["correct"] = pd.Series([1, 0, None, 1], dtype="object").astype(kind)  # type: ignore[call-overload]
    with pytest.raises(Invalid, match="not marked"):
        score_areas(marked, POLICY)
