"""Cells of a report as they are written, rows that are hidden, bins of a histogram."""

from __future__ import annotations

import pandas as pd
import pytest

from ssa_engine.core.technical_report import Column, Table, few, histogram_bins, small_rows, written_as


@pytest.mark.parametrize(
    ("value", "kind", "digits", "written"),
    [
        (0.456, "number", 2, "0.46"),
        (-0.456, "number", 2, "−0.46"),
        (-0.001, "number", 2, "0.00"),
        (12345, "count", 2, "12\u202f345"),
        (0.123, "share", 2, "12.3 %"),
        (float("nan"), "number", 2, "–"),
        (None, "count", 2, "–"),
        (pd.NA, "share", 2, "–"),
        ("", "text", 2, "–"),
        ("words", "text", 2, "words"),
    ],
)
def test_a_cell_is_written(value: object, kind: str, digits: int, written: str) -> None:
    assert written_as(value, Column("x", "X", kind, digits)) == written  # type: ignore[arg-type]


def test_a_hidden_row_keeps_its_words_and_loses_its_numbers_in_cells_and_in_the_frame() -> None:
    rows = pd.DataFrame({"area": ["a", "b"], "n": [4, 20], "mean": [0.5, 0.625]})
    table = Table(
        id="t",
        caption="T",
        columns=(Column("area", "Area"), Column("n", "n", "count"), Column("mean", "Mean", "number")),
        rows=rows,
        hidden=few(rows["n"], 5),
    )
    assert table.cells() == [["a", "fewer than 5", "–"], ["b", "20", "0.62"]]
    frame = table.frame()
    assert frame["n"].isna().tolist() == [True, False]
    assert frame["mean"].isna().tolist() == [True, False]
    assert frame["mean"].iloc[1] == 0.625


def test_a_second_row_is_hidden_where_a_total_would_give_the_first_away() -> None:
    counts = pd.Series([200, 100, 2])
    assert small_rows(counts, 302, 5).tolist() == ["", "not shown", "fewer than 5"]
    # Ten more people are in no row, so the total less the others does not tell of the two.
    assert small_rows(counts, 312, 5).tolist() == ["", "", "fewer than 5"]
    # Nobody is behind an empty row.
    assert small_rows(pd.Series([200, 0]), 200, 5).tolist() == ["", ""]
    # Two small rows hide each other.
    assert small_rows(pd.Series([200, 3, 4]), 207, 5).tolist() == ["", "fewer than 5", "fewer than 5"]


def test_bins_hold_their_lower_edge_and_the_last_one_both() -> None:
    edges = [at / 10 for at in range(4)]
    values = [0.0, 0.1, 0.2, 0.1 + 0.2, 0.29, 0.31]
    assert histogram_bins(values, edges) == ((0.0, 0.1, 1), (0.1, 0.2, 1), (0.2, 0.3, 3))
