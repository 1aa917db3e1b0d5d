"""An activity beside a prescription: the arithmetic, what is left, the query of an address."""

from __future__ import annotations

import datetime as dt

import pytest

from ssa_engine.core.activities import (
    ActivityFormat,
    ActivityQuery,
    Filling,
    arithmetic,
    fillings,
    left_to_find,
    read_activity_query,
    sum_of,
)
from ssa_engine.core.ledger import ledger
from ssa_engine.core.programmes import BienniumRules
from tests.catalogue import activity

NAMES = {"dose": "Radiation Safety and Dose", "form": "Image Formation", "neck": "Neck and Chest"}


def said(credits: float, counts: dict[str, float], left: dict[str, float]) -> str:
    return arithmetic(credits, fillings(counts, left), NAMES)


def test_the_arithmetic_of_one_area_is_said_as_a_sum() -> None:
    assert said(2.5, {"dose": 0.5}, {"dose": 2.0}) == (
        "2.5 CE credits; 0.5 of them count here: Radiation Safety and Dose; 1.5 still open after this"
    )


def test_what_fills_an_area_and_what_is_beyond_it_is_said() -> None:
    assert said(2.5, {"dose": 2.0}, {"dose": 2.0}) == (
        "2.5 CE credits; 2 of them count here: Radiation Safety and Dose; nothing open after this"
    )
    assert said(2.5, {"dose": 2.0}, {"dose": 1.25}) == (
        "2.5 CE credits; 1.25 of them count here: Radiation Safety and Dose; nothing open after this, "
        "0.75 more than is open"
    )


def test_several_areas_are_said_in_the_order_of_what_is_open() -> None:
    assert said(4.0, {"form": 1.0, "dose": 0.5, "neck": 2.0}, {"dose": 2.0, "form": 1.0}) == (
        "4 CE credits; 1.5 of them count here: Radiation Safety and Dose 0.5 (1.5 still open after this); "
        "Image Formation 1 (nothing open after this)"
    )


def test_one_credit_is_spoken_of_as_one() -> None:
    assert said(1.0, {"dose": 0.5}, {"dose": 2.0}).startswith("1 CE credit; 0.5 of it counts here:")
    assert said(1.0, {"neck": 1.0}, {"dose": 2.0}) == "1 CE credit; none of them count for what is open here"


def test_filling_stops_at_what_is_open_and_hundredths_add_up() -> None:
    found = fillings({"dose": 0.3, "form": 2.0}, {"dose": 0.1 + 0.2, "form": 1.1})
    assert found == (Filling("dose", 0.3, 0.3, 0.0), Filling("form", 2.0, 1.1, 0.0))
    assert sum_of(found) == 1.4


def test_what_waits_for_review_is_not_looked_for_again() -> None:
    own = ledger({"dose": 3.0, "form": 2.0, "neck": 1.0}, [{"dose": 1.0}], [{"dose": 0.5, "form": 5.0}])
    assert left_to_find(own) == {"dose": 1.5, "neck": 1.0}


def test_dates_say_when_an_activity_can_be_taken() -> None:
    day = dt.date
    one = activity(starts_on=day(2027, 4, 1), ends_on=day(2027, 4, 3))
    assert [one.is_over(day(2027, 4, number)) for number in (3, 4)] == [False, True]
    assert [one.begins_after(last) for last in (day(2027, 3, 31), day(2027, 4, 1), None)] == [True, False, False]
    assert not activity().is_over(day(2099, 1, 1))
    assert not activity().begins_after(day(1999, 1, 1))


@pytest.mark.parametrize(
    ("biennium", "mechanisms", "serves"),
    [(True, ("Cedar Course Approval",), True), (True, (), True), (True, ("Other",), False), (False, (), False)],
)
def test_an_activity_serves_the_biennium_if_a_recognised_mechanism_evaluated_it(
    biennium: bool, mechanisms: tuple[str, ...], serves: bool
) -> None:
    assert activity(biennium=biennium).serves(BienniumRules(mechanisms=mechanisms)) is serves
    assert not activity().serves(None)


def test_an_address_is_read_as_a_query() -> None:
    given = {
        "area": "dose", "text": " spine ", "format": "in person", "cost": "12,5", "least": "30", "most": "90",
        "on": "2027-04-30", "biennium": "yes", "sponsor": "Larkspur CE Press", "sort": "minutes", "page": "3",
    }  # fmt: skip
    expected = ActivityQuery(
        "dose", "spine", ActivityFormat.IN_PERSON, 12.5, 30.0, 90.0, dt.date(2027, 4, 30), True, "Larkspur CE Press",
        "minutes", 3,
    )  # fmt: skip
    assert read_activity_query(given) == (expected, {})
    assert read_activity_query({}) == (ActivityQuery(), {})


@pytest.mark.parametrize(
    ("name", "written", "sentence"),
    [
        ("cost", "cheap", "Write a number from 0, such as 25."),
        ("cost", "-1", "Write a number from 0, such as 25."),
        ("least", "nan", "Write a number from 0, such as 25."),
        ("most", "1e9", "Write a number from 0, such as 25."),
        ("on", "30.4.2027", "Write the day as 2027-04-30."),
    ],
)
def test_what_cannot_be_read_is_said_and_left_open(name: str, written: str, sentence: str) -> None:
    assert read_activity_query({name: written, "text": "neck"}) == (ActivityQuery(text="neck"), {name: sentence})


def test_limits_that_cross_are_said() -> None:
    query, problems = read_activity_query({"least": "90", "most": "30"})
    assert (query, problems) == (ActivityQuery(), {"most": "The longest is shorter than the shortest. Swap them."})


@pytest.mark.parametrize("page", ["0", "-3", "two", "9" * 30, "١"])
def test_a_page_that_is_no_number_is_the_first(page: str) -> None:
    assert read_activity_query({"page": page, "sort": "?", "format": "?"}) == (ActivityQuery(), {})
