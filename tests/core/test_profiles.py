"""The professional profile: breadth, depth, what peers do and what stays hidden of them, worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ssa_engine.core.errors import Invalid
from ssa_engine.core.profiles import (
    Distribution,
    Frequency,
    Practice,
    ProfileSurvey,
    changes,
    distribution,
    practice,
    practice_by_area,
    read_answers,
    refreshers,
    suppressed,
    unanswered,
    usual_by_area,
)
from tests.core.surveys import BOOK, FILM, NEVER, OFTEN, SCALE, SMALL, SOMETIMES

MIXED = {"a1": NEVER, "a2": OFTEN, "a3": SOMETIMES, "b1": OFTEN, "b2": NEVER}


def test_breadth_is_what_is_performed_at_all_and_depth_what_is_performed_often() -> None:
    # a2, a3 and b1 are performed; a2 and b1 often.
    assert practice(SMALL, MIXED) == Practice(activities=5, performed=3, often=2)


def test_each_area_is_counted_by_itself_in_the_order_in_which_it_comes_up() -> None:
    found = practice_by_area(SMALL, MIXED)
    assert list(found.items()) == [("x", Practice(3, 2, 1)), ("y", Practice(2, 1, 1))]


def test_what_is_not_answered_or_no_longer_asked_or_off_the_scale_is_not_performed() -> None:
    answers = {"a1": OFTEN, "a2": 7, "gone": OFTEN}
    assert practice(SMALL, answers) == Practice(5, 1, 1)
    assert [one.id for one in unanswered(SMALL, answers)] == ["a2", "b1", "b2", "a3"]
    assert unanswered(SMALL, answers, SMALL.screens[0].activities[:1]) == ()


def test_a_refresher_is_offered_once_for_all_that_is_seldom_performed() -> None:
    assert [(one, [own.id for own in for_]) for one, for_ in refreshers(SMALL, MIXED)] == [(BOOK, ["a1", "b2"])]
    all_seldom = dict.fromkeys(MIXED, NEVER)
    assert [one for one, _ in refreshers(SMALL, all_seldom)] == [BOOK, FILM]
    assert refreshers(SMALL, {}) == ()
    assert refreshers(SMALL, dict.fromkeys(MIXED, OFTEN)) == ()


def test_a_screen_reads_its_own_activities_and_leaves_gaps_out() -> None:
    first = SMALL.screens[0]
    assert read_answers(SMALL, first, {"a1": "2", "a2": "", "a3": "1", "other": "x"}) == {"a1": OFTEN}


@pytest.mark.parametrize("value", ["3", "-1", "01", " 1", "1.0", "x", "٢"])
def test_a_value_that_is_no_step_of_the_scale_is_refused(value: str) -> None:
    with pytest.raises(Invalid, match=r"^What was chosen is not on the scale\. Reload the page and choose again\.$"):
        read_answers(SMALL, SMALL.screens[0], {"a1": value})


@pytest.mark.parametrize(
    ("stored", "shown", "sent", "expected"),
    [
        ({}, {}, {"a1": 1}, ({"a1": 1}, ())),
        ({"a1": 1}, {"a1": 1}, {"a1": 2}, ({"a1": 2}, ())),
        ({"a1": 1}, {"a1": 1}, {"a1": 1}, ({}, ())),
        ({"a1": 2}, {"a1": 1}, {"a1": 1}, ({}, ())),
        ({"a1": 2}, {}, {}, ({}, ())),
        ({"a1": 2}, {"a1": 1}, {"a1": 2}, ({}, ())),
        ({"a1": 2}, {"a1": 1}, {"a1": 0}, ({}, ("a1",))),
        ({"a1": 2}, {}, {"a1": 0, "a2": 1}, ({"a2": 1}, ("a1",))),
    ],
    ids=["new", "changed", "left", "old and left", "old and blank", "both alike", "both apart", "one of two"],
)
def test_an_old_page_changes_what_was_chosen_on_it_and_nothing_that_was_changed_elsewhere(
    stored: dict[str, int], shown: dict[str, int], sent: dict[str, int], expected: object
) -> None:
    assert changes(stored, shown, sent) == expected


answers = st.dictionaries(st.sampled_from(sorted(MIXED)), st.integers(0, 2))


@given(answers, answers, answers)
def test_a_page_that_is_sent_again_changes_nothing_more(
    stored: dict[str, int], shown: dict[str, int], sent: dict[str, int]
) -> None:
    new, elsewhere = changes(stored, shown, sent)
    assert set(new) & set(elsewhere) == set()
    assert set(new) | set(elsewhere) <= set(sent)
    assert changes({**stored, **new}, shown, sent) == ({}, elsewhere)


def test_a_distribution_has_one_bar_a_number_where_there_are_few_numbers() -> None:
    # 0 to 5 are six numbers; sorted 1 1 2 4 5: the first quarter ends at the second, the third at the fourth.
    found = distribution([4, 1, 2, 5, 1], most=5, least_people=5)
    assert found == Distribution(
        bins=((0, 0, 0), (1, 1, 2), (2, 2, 1), (3, 3, 0), (4, 4, 1), (5, 5, 1)), people=5, middle=(1, 4)
    )


def test_many_numbers_share_bars_of_the_same_width() -> None:
    # 0 to 46 are 47 numbers: 4 for each bar make 12 bars, the last one reaching to 47.
    found = distribution([0, 3, 4, 46], most=46, least_people=1)
    assert found is not None
    assert [one for one in found.bins if one[2]] == [(0, 3, 2), (4, 7, 1), (44, 47, 1)]
    assert (len(found.bins), found.people, found.middle) == (12, 4, (0, 4))


def test_others_are_hidden_while_there_are_too_few() -> None:
    assert distribution([1] * 9, most=5, least_people=10) is None
    assert distribution([1] * 10, most=5, least_people=10) is not None
    assert distribution([], most=5, least_people=0) is None


@given(st.lists(st.integers(0, 60), min_size=1, max_size=40))
def test_every_person_is_in_one_bar_and_at_least_half_lie_in_the_middle(values: list[int]) -> None:
    found = distribution(values, most=46, least_people=1)
    assert found is not None
    for first, last, count in found.bins:
        assert count == sum(first <= value <= last for value in values)
    assert sum(count for _, _, count in found.bins) == len(values) == found.people
    low, high = found.middle
    assert 2 * sum(low <= value <= high for value in values) >= len(values)
    assert all(one[1] + 1 == after[0] for one, after in zip(found.bins, found.bins[1:], strict=False))


def test_what_others_perform_on_average_is_summed_over_the_activities_of_an_area() -> None:
    counts = {
        "a1": {NEVER: 1, SOMETIMES: 2, OFTEN: 1},  # 3 of 4 perform it
        "a2": {OFTEN: 4},  # all
        "a3": {NEVER: 4, 9: 3},  # none; 9 is no step any more
        "b1": {OFTEN: 3},  # 3 have answered
        "b2": {OFTEN: 4},
    }
    assert usual_by_area(SMALL, counts, least_people=4) == {"x": 1.75}
    assert usual_by_area(SMALL, counts, least_people=3) == {"x": 1.75, "y": 2.0}
    assert usual_by_area(SMALL, {}, least_people=0) == {}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([20, 30, 40], [20, 30, 40]),
        ([10, 30, 40], [10, 30, 40]),
        ([9, 30, 40], [None, None, 40]),
        ([6, 7, 40], [None, None, 40]),
        ([0, 0, 40], [None, None, None]),
        ([0, 10, 40], [None, None, 40]),
        ([1, 2, 3], [None, None, None]),
    ],
)
def test_small_counts_are_hidden_and_cannot_be_worked_out_from_the_sum(
    counts: list[int], expected: list[int | None]
) -> None:
    assert list(suppressed(dict(enumerate(counts)), 10).values()) == expected


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6), st.integers(1, 12))
def test_what_is_hidden_adds_up_to_enough_people_or_is_all_there_is(counts: list[int], least: int) -> None:
    shown = suppressed(dict(enumerate(counts)), least)
    hidden = [counts[value] for value, count in shown.items() if count is None]
    assert all(count is None or (count == counts[value] and count >= least) for value, count in shown.items())
    assert not hidden or sum(hidden) >= least or len(hidden) == len(counts)


def test_a_step_means_one_thing_and_stands_once() -> None:
    for marks in ({"performed": False, "often": True}, {"often": True, "seldom": True}):
        with pytest.raises(ValidationError, match="a step that is 'often' is 'performed' and not 'seldom'"):
            Frequency.model_validate({"value": 1, "label": "x", **marks})
    with pytest.raises(ValidationError, match="the step of the scale 2 stands twice in the profile"):
        ProfileSurvey(scale=(*SCALE, SCALE[-1]), screens=SMALL.screens)
    with pytest.raises(ValidationError, match="the clinical activity a3, b2 stands twice"):
        ProfileSurvey(scale=SCALE, screens=(*SMALL.screens, SMALL.screens[1].model_copy(update={"id": "third"})))
