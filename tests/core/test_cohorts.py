"""Which sittings are asked for, as an address says it; and what cannot be read is said in a sentence."""

from __future__ import annotations

import datetime as dt

import pytest

from ssa_engine.core.cohorts import (
    CohortFilter,
    Period,
    Wanted,
    read_filter,
    read_group_name,
    read_order,
)
from ssa_engine.core.errors import Invalid


def test_a_filter_is_read_from_an_address() -> None:
    given = {
        "from": "2026-01-31",
        "to": "2027-02-01",
        "bank": "ab12",
        "form": " 7 ",
        "group": "setting:a: b",
        "state": "closed",
    }
    assert read_filter("CT", given) == CohortFilter(
        "CT", Period(dt.date(2026, 1, 31), dt.date(2027, 2, 1)), "ab12", 7, "setting", "a: b", Wanted.CLOSED
    )
    assert read_filter("CT", {"from": "", "group": "", "form": ""}) == CohortFilter("CT")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"from": "31.1.2026"}, "“31.1.2026” is no day. Write it as 2027-03-14."),
        ({"to": "9999-12-31"}, "“9999-12-31” is no day. Write it as 2027-03-14."),
        ({"from": "2027-01-02", "to": "2027-01-01"}, "The first day lies after the last. Swap “from” and “to”."),
        ({"form": "-1"}, "A form is a number, as in the column form_id of the exports."),
        ({"form": "99999999999999"}, "A form is a number, as in the column form_id of the exports."),
        ({"group": "setting"}, "A group is written as grouping:value, such as setting:hospital."),
        ({"state": "lost"}, "There is no state “lost”. Choose one of the list."),
    ],
)
def test_what_cannot_be_read_is_said(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_filter("CT", given)
    assert str(caught.value) == sentence


def test_a_period_holds_its_first_and_its_last_day() -> None:
    period = Period(dt.date(2026, 2, 28), dt.date(2026, 3, 1))
    moments = ["2026-02-27T23:59:59.999999", "2026-02-28T00:00:00", "2026-03-01T23:59:59.999999", "2026-03-02T00:00:00"]
    held = [period.holds(dt.datetime.fromisoformat(f"{one}+00:00")) for one in moments]
    assert held == [False, True, True, False]
    assert Period().holds(dt.datetime(1, 1, 1, tzinfo=dt.UTC))


def test_an_order_is_by_a_column_or_an_area_else_the_latest_first() -> None:
    areas = {"dose": "Dose"}
    assert read_order("credits", areas) == ("credits", False)
    assert read_order("-dose", areas) == ("dose", True)
    assert read_order("", areas) == ("attempt", True)
    assert read_order("--credits", areas) == ("attempt", True)
    assert read_order("password_hash", areas) == ("attempt", True)


def test_names_of_groups_are_short_printable_and_a_grouping_has_no_colon() -> None:
    assert read_group_name("grouping", " setting ") == "setting"
    assert read_group_name("value", "a:b") == "a:b"
    assert read_group_name("value", "x" * 100) == "x" * 100
    for part, text in (
        ("grouping", ""),
        ("grouping", "x" * 41),
        ("value", "a\nb"),
        ("value", "x" * 101),
        ("grouping", "a:b"),
    ):
        with pytest.raises(Invalid, match=part):
            read_group_name(part, text)
