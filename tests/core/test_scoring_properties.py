"""Scoring, whatever the responses: order, one or many, types, and nothing missing taken for a zero."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssa_engine.core.errors import Invalid
from ssa_engine.core.marking import key_table, mark
from ssa_engine.core.prescriptions import score_responses
from ssa_engine.core.scoring import score_areas
from tests.core.banks import policy_of, scoring_bank

BANK = scoring_bank({"x": 5, "y": 3, "z": 4}, pilots=2)
ITEM_IDS = sorted(BANK.by_id)
KEYS = key_table(BANK)
POLICY = policy_of(
    {"y": 0.7, "x": 0.65, "z": 0.8},
    rule="bands",
    bands=[{"short": 1, "credits": 1.2}, {"short": 3, "credits": 4}],
    total_cap=6.5,
)
Rows = list[tuple[str, str, str | None]]


@st.composite
def response_rows(draw: st.DrawFn, attempts: int = 5) -> Rows:
    """Draw responses of some attempts, each to some of the items, in any order."""
    rows: Rows = []
    for attempt in range(draw(st.integers(1, attempts))):
        chosen = draw(st.lists(st.sampled_from(ITEM_IDS), min_size=1, unique=True))
        rows += [(f"A{attempt}", item, draw(st.sampled_from(["a", "b", "c", "d", None]))) for item in chosen]
    return draw(st.permutations(rows))


def frame_of(rows: Rows) -> pd.DataFrame:
    """Return responses as a frame."""
    return pd.DataFrame(rows, columns=["attempt_id", "item_id", "answer"])


def cells(scores: pd.DataFrame) -> list[list[object]]:
    """Return the values of a frame whatever its types; None where one is missing."""
    plain = scores.astype("object")
    rows: list[list[object]] = plain.where(plain.notna(), None).to_numpy().tolist()
    return rows


def counted(rows: Rows) -> list[tuple[str, str, int, int]]:
    """Return (attempt, area, items, correct) counted in a plain loop."""
    found: dict[tuple[str, str], list[bool]] = {}
    for attempt, item_id, answer in rows:
        item = BANK.item(item_id)
        if item.status == "active":
            found.setdefault((attempt, BANK.area_of(item)), []).append(answer == item.key_answer)
    order = list(POLICY.standards)
    keys = sorted(found, key=lambda key: (key[0], order.index(key[1])))
    return [(*key, len(found[key]), sum(found[key])) for key in keys]


@settings(deadline=None)
@given(response_rows())
def test_counts_equal_those_of_a_plain_loop(rows: Rows) -> None:
    scores = score_areas(mark(frame_of(rows), KEYS), POLICY)
    columns = ["attempt_id", "content_area", "items", "correct"]
    assert [tuple(row) for row in scores[columns].to_numpy().tolist()] == counted(rows)
    assert scores["score"].tolist() == [correct / items for _, _, items, correct in counted(rows)]


@settings(deadline=None, max_examples=50)
@given(response_rows(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: Rows, chance: random.Random) -> None:
    shuffled = chance.sample(rows, len(rows))
    pd.testing.assert_frame_equal(
        score_responses(frame_of(rows), BANK, POLICY), score_responses(frame_of(shuffled), BANK, POLICY)
    )


@settings(deadline=None, max_examples=50)
@given(response_rows())
def test_scoring_attempts_together_equals_scoring_each_alone(rows: Rows) -> None:
    frame = frame_of(rows)
    together = score_responses(frame, BANK, POLICY)
    parts = [
        score_responses(frame[frame["attempt_id"] == attempt], BANK, POLICY)
        for attempt in sorted(set(frame["attempt_id"]))
    ]
    parts = [part for part in parts if len(part)]
    if parts:
        pd.testing.assert_frame_equal(together, pd.concat(parts, ignore_index=True), check_exact=True)
    else:
        assert len(together) == 0


def test_attempts_far_down_a_large_file_score_as_they_would_alone() -> None:
    chance = np.random.default_rng(7)
    count = 20_000
    frame = pd.DataFrame(
        {
            "attempt_id": np.repeat(np.arange(count), len(ITEM_IDS)),
            "item_id": np.tile(ITEM_IDS, count),
            "answer": chance.choice(["a", "b", "c", "d"], count * len(ITEM_IDS)),
        }
    )
    policy = policy_of(dict(POLICY.standards), rule="per_item", credits=0.7, step=0.1, total_cap=3.3)
    together = score_responses(frame, BANK, policy)
    alone = score_responses(frame[frame["attempt_id"] >= count - 50], BANK, policy)
    tail = together[together["attempt_id"] >= count - 50].reset_index(drop=True)
    pd.testing.assert_frame_equal(tail, alone, check_exact=True)


@settings(deadline=None, max_examples=50)
@given(response_rows(), st.data())
def test_an_id_that_is_missing_anywhere_is_refused(rows: Rows, data: st.DataObject) -> None:
    frame = frame_of(rows).astype("object")
    row = data.draw(st.integers(0, len(frame) - 1))
    name = data.draw(st.sampled_from(["attempt_id", "item_id"]))
    frame.loc[row, name] = data.draw(st.sampled_from([None, np.nan, pd.NA]))
    with pytest.raises(Invalid, match=f"{name} is empty in row {row + 1} "):
        score_responses(frame, BANK, POLICY)


@settings(deadline=None, max_examples=50)
@given(response_rows(), st.data())
def test_a_mark_that_is_missing_anywhere_is_refused(rows: Rows, data: st.DataObject) -> None:
    marked = mark(frame_of(rows), KEYS)
    marked["correct"] = marked["correct"].astype("object")
    row = data.draw(st.integers(0, len(marked) - 1))
    marked.loc[row, "correct"] = data.draw(st.sampled_from([None, np.nan, pd.NA]))
    with pytest.raises(Invalid):
        score_areas(marked, POLICY)


@settings(deadline=None, max_examples=50)
@given(response_rows(), st.data())
def test_a_form_that_does_not_say_whether_an_item_is_scored_is_refused(rows: Rows, data: st.DataObject) -> None:
    frame = frame_of(rows)
    kind = data.draw(st.sampled_from(["object", "float", "boolean"]))
    frame["scored"] = pd.Series([1] * len(frame), dtype="object").astype(kind)  # type: ignore[call-overload]
    frame.loc[data.draw(st.integers(0, len(frame) - 1)), "scored"] = None
    with pytest.raises(Invalid):
        score_responses(frame, BANK, POLICY)


def test_the_word_false_is_not_taken_for_a_scored_item() -> None:
    frame = frame_of([("A", "x-0", "a"), ("A", "x-1", "b")])
    frame["scored"] = ["true", "false"]
    with pytest.raises(Invalid):
        score_responses(frame, BANK, POLICY)


@settings(deadline=None, max_examples=50)
@given(response_rows(), st.data())
def test_a_form_that_does_not_say_an_items_area_is_refused(rows: Rows, data: st.DataObject) -> None:
    frame = frame_of(rows)
    frame["content_area"] = [BANK.area_of(BANK.item(item)) for item in frame["item_id"]]
    frame.loc[data.draw(st.integers(0, len(frame) - 1)), "content_area"] = None
    with pytest.raises(Invalid, match="without a content area"):
        score_responses(frame, BANK, POLICY)


@settings(deadline=None, max_examples=30)
@given(response_rows())
def test_text_objects_and_categories_give_the_same(rows: Rows) -> None:
    plain = score_responses(frame_of(rows).astype("object"), BANK, POLICY)
    for kind in ("str", "string", "category"):
        other = score_responses(frame_of(rows).astype(kind), BANK, POLICY)
        assert cells(other) == cells(plain), kind


@pytest.mark.parametrize(
    ("name", "categories"),
    [
        # What is left of a file of two disciplines still names the items and areas of the other one.
        ("item_id", ["mr-1", *ITEM_IDS]),
        ("content_area", ["body", "y", "x", "z"]),
        ("answer", ["q", "d", "a"]),
        ("attempt_id", ["B", "C", "A"]),
    ],
)
def test_categories_that_no_row_has_and_their_order_change_nothing(name: str, categories: list[str]) -> None:
    frame = frame_of([("B", "x-0", "a"), ("A", "x-1", None), ("A", "y-0", "a")])
    frame["content_area"] = ["x", "x", "y"]
    plain = score_responses(frame, BANK, POLICY)
    frame[name] = frame[name].astype(pd.CategoricalDtype(categories))
    assert cells(score_responses(frame, BANK, POLICY)) == cells(plain)


def test_a_frame_that_went_through_parquet_scores_the_same(tmp_path: Path) -> None:
    rows: Rows = [(f"A{n % 7}", ITEM_IDS[n % len(ITEM_IDS)], "abcd"[n % 4] if n % 5 else None) for n in range(60)]
    frame = frame_of(rows)
    plain = score_responses(frame, BANK, POLICY)
    for kind in ("object", "str", "category"):
        frame.astype(kind).to_parquet(tmp_path / "responses.parquet", index=False)
        other = score_responses(pd.read_parquet(tmp_path / "responses.parquet"), BANK, POLICY)
        assert cells(other) == cells(plain), kind
