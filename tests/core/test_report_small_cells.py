"""Cells that tell of too few people: counts by person, and bins joined until none is small."""

from __future__ import annotations

import pandas as pd

from ssa_engine.core.report_small_cells import bins_in_words, joined_bins, small_parts, tails_shown, tells


def test_bins_are_joined_until_each_is_empty_or_large_and_the_outer_edges_tell_of_nobody() -> None:
    values = [0.0] * 1 + [1.0] * 6 + [2.0] * 2 + [3.0] * 4 + [5.0] * 5 + [9.0]
    people = [str(at) for at in range(len(values))]
    edges = list(range(11))
    bins = joined_bins(values, people, edges, 5)
    # The 1 joins the 6, the 2 the 4; the lone 9 joins the 5, and the axis ends where the five are.
    assert bins == ((1.0, 2.0, 7), (2.0, 4.0, 6), (4.0, 5.0, 0), (5.0, 6.0, 6))
    assert bins_in_words(bins, "credits") == "below 2 credits, 7; 2 to below 4 credits, 6; 5 or more credits, 6"


def test_values_of_one_person_do_not_make_a_bin_large() -> None:
    values = [0.0] * 5 + [1.0] * 5
    assert joined_bins(values, list("abcdefghij"), [0, 1, 2], 5) == ((0.0, 1.0, 5), (1.0, 2.0, 5))
    assert joined_bins(values, list("aaaaafghij"), [0, 1, 2], 5) == ()


def test_who_has_it_and_who_has_not_are_counted_by_person() -> None:
    parts = small_parts(
        pd.Series(["a", "a", "b", "c", "d"]), pd.Series([True, True, False, True, False]), pd.Series(["x"] * 4 + ["y"])
    )
    assert parts.to_numpy()[0].tolist() == [3, 2, 1]
    assert parts.to_numpy()[1].tolist() == [1, 0, 1]
    assert tells(parts, 2).tolist() == [True, True]
    assert tells(parts, 1).tolist() == [False, False]


def test_the_outer_quantiles_are_shown_where_the_minimum_lies_beyond_them() -> None:
    assert (tails_shown(99, 5), tails_shown(100, 5)) == (False, True)
