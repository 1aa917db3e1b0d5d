"""A cohort in figures, worked by hand from a handful of sittings."""

from __future__ import annotations

import pytest

from ssa_engine.core.cohort_summary import (
    Completion,
    Count,
    ScoreCount,
    area_summaries,
    completion_of,
    minutes_used,
    side_by_side,
)

SITTINGS = [
    Count("2026 Q4", "released", False, 3600, 2),
    Count("2026 Q4", "released", True, 7200, 1),
    Count("2027 Q1", "submitted", False, 5400, 1),
    Count("2027 Q1", "in_progress", False, None, 3),
    Count(None, "released", False, 3000, 1),
]
SCORES = [
    ScoreCount("2026 Q4", "dose", 0.6, 0.7, True, 2, 6.0),
    ScoreCount("2026 Q4", "dose", 0.9, 0.7, False, 1, 0.0),
    ScoreCount("2027 Q1", "dose", 0.7, 0.8, True, 1, 3.0),
    ScoreCount("2026 Q4", "care", 1.0, 0.7, False, 3, 0.0),
]
NAMES = {"care": ("Patient Care", "1.A"), "dose": ("Dose", "2.A"), "form": ("Form", "3.A")}


def test_completion_counts_every_state_and_who_ran_out_of_time() -> None:
    found = completion_of(SITTINGS)
    assert found == Completion(started=8, in_progress=3, submitted=1, released=4, timed_out=1)
    assert found.closed_share == 5 / 8
    assert found.timed_out_share == 1 / 5
    nothing = completion_of([])
    assert (nothing.started, nothing.closed_share, nothing.timed_out_share) == (0, None, None)


def test_the_time_used_is_that_of_closed_sittings_in_minutes() -> None:
    found, bins = minutes_used(SITTINGS)  # 50, 60, 60, 90, 120 minutes
    assert found is not None
    assert (found.n, found.mean, found.median, found.lower_quartile, found.upper_quartile) == (5, 76, 60, 60, 90)
    # a spread of 70 minutes takes 5-minute bins: the narrowest that leave fewer than 24 steps
    assert [one for one in bins if one[2]] == [(50, 55, 1), (60, 65, 2), (90, 95, 1), (120, 125, 1)]
    assert minutes_used([]) == (None, [])


def test_areas_come_in_the_order_of_the_outline_with_their_trend() -> None:
    care, dose = area_summaries(SCORES, NAMES, ["2026 Q4", "2027 Q1", ""])
    assert (care.area, care.name, care.code, care.below_n, care.below_share, care.mean_credits) == (
        "care", "Patient Care", "1.A", 0, 0.0, 0.0,
    )  # fmt: skip
    assert care.trend == (1.0, None, None)
    assert dose.distribution.n == 4
    assert dose.distribution.mean == pytest.approx((0.6 + 0.6 + 0.9 + 0.7) / 4)
    assert (dose.below_n, dose.below_share, dose.mean_credits) == (3, 0.75, 9 / 4)
    assert dose.standards == (0.7, 0.8)
    assert dose.trend == pytest.approx((0.7, 0.7, None))
    assert [n for _, _, n in dose.bins] == [0, 0, 0, 0, 0, 0, 2, 1, 0, 1, 0]


@pytest.mark.parametrize(
    ("scores", "standards", "split"),
    [
        ((0.6, 7 / 10), (0.65, 0.65), 0.65),
        ((0.6, 0.7), (0.65, 0.7), None),  # two standards
        ((6 / 9, 0.7), (0.7, 0.7), None),  # 6 of 9 lie below .7 and in the bin of .7
        ((0.695, 0.7), (0.7, 0.7), None),  # 6.95 points of 10 likewise
        ((0.567, 0.7), (0.7, 0.7), 0.7),  # 5.67 points of 10 lie below with all of the bin of .6
    ],
)
def test_bins_are_split_by_the_standard_only_where_each_lies_on_one_side_of_it(
    scores: tuple[float, ...], standards: tuple[float, ...], split: float | None
) -> None:
    counted = [
        ScoreCount("2026 Q4", "dose", score, standard, score < standard, 1, 0.0)
        for score, standard in zip(scores, standards, strict=True)
    ]
    [dose] = area_summaries(counted, NAMES, ["2026 Q4"])
    assert dose.split == split


def test_sides_have_their_own_figures_and_those_without_a_key_come_last() -> None:
    first, second, last = side_by_side(SITTINGS, SCORES, NAMES)
    assert [side.key for side in (first, second, last)] == ["2026 Q4", "2027 Q1", ""]
    assert first.completion == Completion(started=3, in_progress=0, submitted=0, released=3, timed_out=1)
    assert first.time is not None
    assert first.time.median == 60
    assert first.means["dose"] == pytest.approx(0.7)
    assert first.means["form"] is None
    assert first.below["dose"] == pytest.approx(2 / 3)
    assert first.mean_credits == pytest.approx(6 / 3)
    assert second.completion.in_progress == 3
    assert (last.mean_credits, last.means["dose"]) == (None, None)
