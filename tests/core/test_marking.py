"""Marking and scoring with every format, against a slow implementation; and what was not answered is not answered."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssa_engine.core.errors import Invalid
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.marking import key_table, mark, read_answers
from ssa_engine.core.prescriptions import prescribe
from ssa_engine.core.scoring import score_areas
from tests import by_hand
from tests.core.banks import bank_of, item_of, policy_of, spec_of
from tests.core.slow_prescriber import prescribe_slowly

Rows = list[tuple[str, str, str | None]]


def mixed_bank() -> ItemBank:
    """Two areas with items of every format; one of them gives partial credit, one is a pilot."""
    items = [
        item_of("x-single", "1.X.1", key="c"),
        item_of("x-all", "1.X.1", kind="multiple", key=["b", "d"]),
        item_of("x-partial", "1.X.2", kind="multiple", options=7, key=["a", "c", "e"], scoring="partial"),
        item_of("x-sorted", "1.X.3", kind="sorted"),
        item_of("y-hotspot", "1.Y.1", kind="hotspot"),
        item_of("y-number", "1.Y.2", kind="number"),
        item_of("y-partial", "1.Y.3", kind="multiple", key=["a", "b", "c"], scoring="partial", status="pilot"),
    ]
    return bank_of(spec_of({"x": (4, 0), "y": (2, 1)}), items)


BANK = mixed_bank()
KEYS = key_table(BANK)
PLAIN = {item.id: item.model_dump(mode="json") for item in BANK.items}
ANSWERS: dict[str, list[str | None]] = {
    "x-single": ["a", "c", None],
    "x-all": ["b,d", "b", "a,b,d", "a,b,c,d", None],
    "x-partial": ["a", "a,c", "a,c,e", "a,b", "a,b,c,e", "b,d,f", "a,b,c,d,e,f,g", None],
    "x-sorted": ["b,a,d,c", "a,b,c,d", None],
    "y-hotspot": ["50,40", "60,40", "61,40", "0,0", None],
    "y-number": ["1.33", "1.330", "1.34", "1.35", "-1.33", "133", None],
    "y-partial": ["a,b,c", "a", None],
}
POLICY = policy_of({"x": 0.7, "y": 0.5}, rule="per_item", credits=1.5, step=0.5, total_cap=4)


def frame_of(rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["attempt_id", "item_id", "answer"])


@st.composite
def response_rows(draw: st.DrawFn) -> Rows:
    rows: Rows = []
    for attempt in range(draw(st.integers(1, 4))):
        for name in draw(st.lists(st.sampled_from(sorted(ANSWERS)), min_size=1, unique=True)):
            rows.append((f"A{attempt}", name, draw(st.sampled_from(ANSWERS[name]))))
    return draw(st.permutations(rows))


@given(response_rows(), st.sampled_from(["object", "str", "category"]))
def test_every_row_earns_what_it_earns_by_hand(rows: Rows, kind: str) -> None:
    frame = frame_of(rows)
    frame["answer"] = frame["answer"].astype(kind)  # type: ignore[call-overload]
    marked = mark(frame, KEYS)
    earned = [by_hand.earned(PLAIN[item], answer) for _, item, answer in rows]
    assert marked["credit"].tolist() == [float(one) for one in earned]
    assert marked["correct"].tolist() == [one == 1 for one in earned]


@settings(max_examples=60)
@given(response_rows())
def test_scores_and_credits_equal_those_of_plain_loops_in_fractions(rows: Rows) -> None:
    scores = prescribe(score_areas(mark(frame_of(rows), KEYS), POLICY), POLICY)
    for attempt in sorted({attempt for attempt, _, _ in rows}):
        found: dict[str, list[Fraction]] = {}
        for own, name, answer in rows:
            item = BANK.item(name)
            if own == attempt and item.status == "active":
                found.setdefault(BANK.area_of(item), []).append(by_hand.earned(PLAIN[name], answer))
        counts = {area: (len(found[area]), sum(found[area], Fraction(0))) for area in POLICY.standards if area in found}
        slow = prescribe_slowly(counts, POLICY)
        own_rows = scores[scores["attempt_id"] == attempt].to_dict("records")
        assert [row["content_area"] for row in own_rows] == list(counts)
        for row in own_rows:
            items, points = counts[row["content_area"]]
            correct = sum(one == 1 for one in found[row["content_area"]])
            assert (row["items"], row["correct"]) == (items, correct)
            assert row["points"] == pytest.approx(float(points), abs=1e-9)
            assert row["score"] == pytest.approx(float(points / items), abs=1e-9)
            assert row["below_standard"] == (points < Fraction(str(row["standard"])) * items)
            short, by_rule, credits = slow[row["content_area"]]
            told = (row["short"], row["credits_by_rule"], row["credits"])
            assert told == (short, float(by_rule), float(credits))


EMPTY: list[Any] = [None, np.nan, pd.NA, ""]


@pytest.mark.parametrize("empty", EMPTY, ids=repr)
@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_an_item_that_was_not_answered_earns_nothing_and_is_never_judged(name: str, empty: object) -> None:
    key = BANK.item(name).key_answer
    marked = mark(frame_of([("A", name, empty), ("B", name, key)]), KEYS)  # type: ignore[list-item]
    assert (marked["correct"].tolist(), marked["credit"].tolist()) == ([False, True], [0.0, 1.0])


def test_a_cleared_answer_and_no_answer_score_the_same() -> None:
    cleared: Rows = [("A", name, "") for name in ANSWERS]
    never: Rows = [("A", name, None) for name in ANSWERS]
    one, other = (score_areas(mark(frame_of(rows), KEYS), POLICY) for rows in (cleared, never))
    pd.testing.assert_frame_equal(one, other)
    assert one[["items", "correct", "points"]].to_numpy().tolist() == [[4, 0, 0], [2, 0, 0]]


def test_without_partial_credit_points_are_the_number_correct() -> None:
    whole = bank_of(BANK.spec, [item for item in BANK.items if "partial" not in item.id])
    rows = [("A", name, answer) for name in whole.by_id for answer in ANSWERS[name][:1]]
    scores = score_areas(mark(frame_of(rows), key_table(whole)), POLICY)
    assert scores["points"].tolist() == scores["correct"].astype(float).tolist()


def test_a_frame_without_credit_is_scored_by_what_is_correct() -> None:
    marked = mark(frame_of([("A", name, answers[0]) for name, answers in ANSWERS.items()]), KEYS)
    plain = score_areas(marked.drop(columns="credit"), POLICY)
    assert plain["points"].tolist() == plain["correct"].astype(float).tolist()


def test_the_key_table_names_those_who_judge_their_answers() -> None:
    assert {name: row["judge"] is not None for name, row in KEYS.to_dict("index").items()} == {
        "x-single": False,
        "x-all": False,
        "x-partial": True,
        "x-sorted": False,
        "y-hotspot": True,
        "y-number": True,
        "y-partial": True,
    }


def test_answers_of_a_file_are_read_as_those_of_a_form() -> None:
    rows: Rows = [
        ("A", "x-all", "d,b"),
        ("A", "x-partial", "c,a,c"),
        ("A", "y-number", "1,33"),
        ("A", "y-hotspot", "50, 40"),
        ("A", "x-single", None),
        ("B", "x-single", ""),
    ]
    answers = read_answers(frame_of(rows), BANK)["answer"].tolist()
    assert answers[:4] == ["b,d", "a,c", "1.33", "50,40"]
    assert [pd.isna(answer) or answer == "" for answer in answers[4:]] == [True, True]


@pytest.mark.parametrize(
    ("name", "answer"),
    [("x-single", "C"), ("x-all", "b;d"), ("x-sorted", "a,b,c"), ("y-hotspot", "left"), ("y-number", "1,333")],
)
def test_an_answer_that_cannot_be_one_is_named_with_its_item(name: str, answer: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_answers(frame_of([("A", name, answer), ("A", "y-partial", "a")]), BANK)
    assert str(caught.value) == (
        f"These answers cannot be answers to their items: {answer!r} to {name}. Write them as the exports do."
    )
