"""The biennium, by dates and credits worked by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from ssa_engine.core.biennium import ApprovedActivity, Biennium, biennium_on, count, rules_of, total
from ssa_engine.core.programmes import BienniumRules, CqrRules

RULES = BienniumRules(years=2, credits=24, mechanisms=("Plain Board", "Other Board"))
PERIOD = Biennium(dt.date(2026, 5, 1), dt.date(2028, 4, 30))
ONE = ApprovedActivity(1, "dose-1", "Dose in practice", 2.5, dt.date(2027, 3, 1), "Plain Board", True)


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        ("2026-05-01", "2026-05-01", "2028-04-30"),
        ("2028-04-30", "2026-05-01", "2028-04-30"),
        ("2028-05-01", "2028-05-01", "2030-04-30"),
        ("2031-01-17", "2030-05-01", "2032-04-30"),
        ("2026-04-30", "2026-05-01", "2028-04-30"),
    ],
)
def test_a_day_falls_in_one_period_of_two_years_and_one_before_the_first_in_the_first(
    today: str, first: str, last: str
) -> None:
    found = biennium_on(dt.date.fromisoformat(today), dt.date(2026, 5, 1), RULES)
    assert found == Biennium(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def test_a_period_from_29_february_goes_on_to_the_end_of_the_february_two_years_later() -> None:
    first = dt.date(2024, 2, 29)
    assert biennium_on(first, first, RULES) == Biennium(first, dt.date(2026, 2, 27))
    assert biennium_on(dt.date(2026, 2, 28), first, RULES) == Biennium(dt.date(2026, 2, 28), dt.date(2028, 2, 28))
    assert biennium_on(dt.date(2028, 2, 29), first, RULES).starts_on == dt.date(2028, 2, 29)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2099-01-01", "2100-12-31"),
        ("9997-12-31", "9999-12-30"),
        ("9998-01-01", "9999-12-31"),
        ("9999-12-31", "9999-12-31"),
    ],
)
def test_a_period_that_is_far_ahead_ends_with_the_calendar_at_the_latest(first: str, last: str) -> None:
    begins = dt.date.fromisoformat(first)
    assert biennium_on(dt.date(2027, 3, 14), begins, RULES) == Biennium(begins, dt.date.fromisoformat(last))


def test_on_the_last_day_of_the_calendar_there_is_a_period_too() -> None:
    found = biennium_on(dt.date.max, dt.date(2026, 5, 1), RULES)
    assert found == Biennium(dt.date(9998, 5, 1), dt.date.max)


def test_an_activity_counts_with_all_of_its_own_credits() -> None:
    (found,) = count([ONE], PERIOD, RULES)
    assert (found.credits, str(found.reason)) == (2.5, "Finished in this biennium and approved by Plain Board.")


@pytest.mark.parametrize("day", [dt.date(2026, 5, 1), dt.date(2028, 4, 30)])
def test_the_first_and_the_last_day_belong_to_the_period(day: dt.date) -> None:
    assert total(count([replace(ONE, finished_on=day)], PERIOD, RULES)) == 2.5


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"finished_on": dt.date(2026, 4, 30)},
            "Finished on 30 April 2026, outside this biennium (1 May 2026 to 30 April 2028).",
        ),
        (
            {"finished_on": dt.date(2028, 5, 1)},
            "Finished on 1 May 2028, outside this biennium (1 May 2026 to 30 April 2028).",
        ),
        ({"activity_code": ""}, "Not in the catalogue, so it is not known which mechanism approved it."),
        ({"eligible": False}, "The catalogue says that it does not count for the biennium."),
        ({"mechanism": ""}, "It was not approved by a recognised evaluation mechanism."),
        ({"mechanism": "Another"}, "It was not approved by a recognised evaluation mechanism."),
    ],
)
def test_what_does_not_count_says_why(change: dict[str, object], reason: str) -> None:
    (found,) = count([replace(ONE, **change)], PERIOD, RULES)  # type: ignore[arg-type]
    assert (found.credits, str(found.reason)) == (0.0, reason)


def test_one_activity_that_fills_two_prescriptions_counts_once_the_first_time() -> None:
    again = replace(ONE, claim_id=2, finished_on=dt.date(2027, 2, 1))
    other = replace(ONE, claim_id=3, activity_code="dose-2", credits=1.0)
    found = count([ONE, again, other], PERIOD, RULES)
    assert [(one.activity.claim_id, one.credits) for one in found] == [(2, 2.5), (1, 0.0), (3, 1.0)]
    assert str(found[1].reason) == "Counted already: the same activity counts once in a biennium."
    assert total(found) == 3.5


def test_what_was_finished_before_the_biennium_does_not_use_an_activity_up() -> None:
    before = replace(ONE, claim_id=2, finished_on=dt.date(2026, 4, 30))
    assert [one.credits for one in count([before, ONE], PERIOD, RULES)] == [0.0, 2.5]


def test_where_no_mechanism_is_named_any_counts_but_none_does_not() -> None:
    rules = BienniumRules(years=2, credits=24)
    assert total(count([replace(ONE, mechanism="Another")], PERIOD, rules)) == 2.5
    assert total(count([replace(ONE, mechanism="")], PERIOD, rules)) == 0


def test_the_first_discipline_held_that_has_a_biennium_gives_the_rules() -> None:
    without = CqrRules(time_limited_from=None, period_years=10, window_years=3)
    one = without.model_copy(update={"biennium": RULES})
    other = without.model_copy(update={"biennium": BienniumRules(years=3, credits=36)})
    programmes = {"CT": without, "MRI": one, "RAD": other}
    assert rules_of(["RAD", "MRI", "CT"], programmes) is one
    assert rules_of(["RAD", "NM"], programmes) is other
    assert rules_of(["CT"], programmes) is None
    assert rules_of([], programmes) is None
