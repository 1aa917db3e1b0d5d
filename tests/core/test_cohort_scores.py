"""Area scores as columns, beside what a plain loop makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from ssa_engine.core.cohort_scores import Cell, ScoreCells, in_order
from ssa_engine.core.cohort_summary import ScoreCount

AREAS = ("care", "dose")
ROWS = [
    # attempt, area, correct, items, score, standard, below, credits
    (3, "care", 6, 10, 0.6, 0.7, True, 4.5),
    (3, "dose", 9, 10, 0.9, 0.7, False, 0.0),
    (5, "care", 6, 10, 0.6, 0.7, True, 3.0),
    (8, "care", 6, 10, 0.6, 0.5, False, 0.0),
    (8, "dose", 1, 2, 0.5, 0.7, True, 6.0),
    (9, "dose", 9, 10, 0.9, 0.7, False, 0.0),
]


def cells(rows: list[tuple[int, str, int, int, float, float, bool, float]]) -> ScoreCells:
    return ScoreCells(
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([AREAS.index(row[1]) for row in rows], dtype=np.int64),
        AREAS,
        np.array([row[2] for row in rows], dtype=np.int64),
        np.array([row[3] for row in rows], dtype=np.int64),
        np.array([row[4] for row in rows], dtype=float),
        np.array([row[5] for row in rows], dtype=float),
        np.array([row[6] for row in rows], dtype=bool),
        np.array([row[7] for row in rows], dtype=float),
    )


def test_scores_that_are_alike_are_counted_by_key_with_their_credits() -> None:
    found = cells(ROWS).counts({3: "2027 Q1", 5: "2027 Q1", 8: None, 4: "2026 Q4"})
    assert sorted(found, key=lambda one: (one.key or "", one.content_area)) == [
        ScoreCount(None, "care", 0.6, 0.5, False, 1, 0.0),
        ScoreCount(None, "dose", 0.5, 0.7, True, 1, 6.0),
        ScoreCount("2027 Q1", "care", 0.6, 0.7, True, 2, 7.5),
        ScoreCount("2027 Q1", "dose", 0.9, 0.7, False, 1, 0.0),
    ]
    assert cells(ROWS).counts({}) == cells(ROWS).counts({4: "2027 Q1"}) == cells([]).counts({3: None}) == []


def test_the_cells_of_some_sittings_stand_by_area() -> None:
    found = cells(ROWS).of([8, 3, 4])
    assert found == {
        3: {"care": Cell(6, 10, True, 4.5), "dose": Cell(9, 10, False, 0.0)},
        8: {"care": Cell(6, 10, False, 0.0), "dose": Cell(1, 2, True, 6.0)},
    }
    assert cells(ROWS).of([]) == cells([]).of([3]) == {}


@pytest.mark.parametrize(
    ("order", "values"),
    [
        ("credits", {3: 4.5, 5: 3.0, 8: 6.0, 9: 0.0}),
        ("dose", {3: 9, 8: 1, 9: 9}),
        ("none", {}),
    ],
)
def test_sittings_are_ordered_by_what_is_known_of_them(order: str, values: dict[int, float]) -> None:
    assert cells(ROWS).values(order) == values
    assert cells([]).values(order) == {}


def test_what_is_unknown_comes_last_and_equal_ones_by_their_number() -> None:
    values = cells(ROWS).values("dose")
    assert in_order([9, 8, 5, 3, 4], values, down=False) == [8, 3, 9, 4, 5]
    assert in_order([9, 8, 5, 3, 4], values, down=True) == [9, 3, 8, 5, 4]
