"""The plan page: the list with its sums, the table of areas, locks as buttons, other plans, what is missing."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.storage import completed_credits
from ssa_engine.storage.db import Database
from tests.catalogue import CHEST, DOSE, activity, catalogue, prescribe
from tests.factories import Clock, Page, Someone
from tests.web.candidate.test_activities import CLOSED, Shelf, day


@pytest.fixture
def shelf(
    db: Database, library: Library, clock: Clock, published: None, browser: FlaskClient, candidate: Someone
) -> Shelf:
    attempt = prescribe(db, library, clock, candidate, {DOSE: 2.0, CHEST: 1.0})
    return Shelf(browser, candidate, attempt)


def stock(db: Database, clock: Clock) -> None:
    catalogue(
        db,
        clock,
        activity("A-1", {DOSE: 2.0}, cost=30.0, minutes=60),
        activity("A-2", {DOSE: 1.0}, cost=10.0, minutes=90),
        activity("A-3", {DOSE: 1.5}, cost=10.0, minutes=95),
        activity("A-4", {CHEST: 1.0}, cost=5.5, minutes=50),
        activity("A-5", {DOSE: 2.0, CHEST: 1.0}, cost=99.0, minutes=180, credits=4.0),
    )


def codes(page: Page) -> list[str]:
    return [row["data-activity"] for row in page.rows("data-activity")]


def sums(page: Page) -> tuple[float, int, int]:
    [row] = page.rows("data-activities")
    return float(row["data-cost"]), int(row["data-minutes"]), int(row["data-activities"])


def fills(page: Page) -> dict[str, tuple[float, float]]:
    return {row["data-area"]: (float(row["data-open"]), float(row["data-filled"])) for row in page.rows("data-filled")}


def choose(shelf: Shelf, code: str, choice: str, by: str = "cost") -> None:
    back = f"{shelf.base}/plan?by={by}"
    response = shelf.browser.post(f"{shelf.base}/plan", data={"activity": code, "choice": choice, "back": back})
    assert (response.status_code, response.headers["Location"]) == (303, back)


def test_the_plan_is_a_list_whose_arithmetic_goes_on_from_row_to_row(shelf: Shelf, db: Database, clock: Clock) -> None:
    stock(db, clock)
    page = shelf.page("/plan")
    assert codes(page) == ["A-2", "A-3", "A-4"]
    assert sums(page) == (25.5, 235, 3)
    assert fills(page) == {DOSE: (2.0, 2.0), CHEST: (1.0, 1.0)}
    for said in (
        "3 activities · 7.5 CE credits · 3 h 55 min · costs 25.50 in all",
        "2.5 CE credits; 1 of them counts here: Radiation Safety and Dose; 1 still open after this.",
        "2.5 CE credits; 1 of them counts here: Radiation Safety and Dose; nothing open after this, "
        "0.5 more than is open.",
        "No other set of activities costs less.",
    ):
        assert said in page.text, said


@pytest.mark.parametrize(
    ("by", "expected", "total"),
    [
        ("cost", ["A-2", "A-3", "A-4"], (25.5, 235, 3)),
        ("time", ["A-1", "A-4"], (35.5, 110, 2)),
        ("fewest", ["A-5"], (99.0, 180, 1)),
        ("nonsense", ["A-2", "A-3", "A-4"], (25.5, 235, 3)),
    ],
)
def test_what_it_has_as_little_of_as_possible_stands_in_the_address(
    shelf: Shelf, db: Database, clock: Clock, by: str, expected: list[str], total: tuple[float, int, int]
) -> None:
    stock(db, clock)
    page = shelf.page(f"/plan?by={by}")
    assert (codes(page), sums(page)) == (expected, total)
    current = [one["href"] for tag, one in page.elements if tag == "a" and one.get("aria-current") == "true"]
    assert current == [f"{shelf.base}/plan?by={by if by != 'nonsense' else 'cost'}"]


def test_locks_change_the_plan_and_are_taken_back(shelf: Shelf, db: Database, clock: Clock) -> None:
    stock(db, clock)
    choose(shelf, "A-5", "in", by="fewest")
    assert codes(shelf.page("/plan?by=cost")) == ["A-5"]
    choose(shelf, "A-5", "out")
    page = shelf.page("/plan?by=fewest")
    assert codes(page) == ["A-1", "A-4"]
    assert [row["data-ruled-out"] for row in page.rows("data-ruled-out")] == ["A-5"]
    choose(shelf, "A-5", "")
    assert codes(shelf.page("/plan?by=fewest")) == ["A-5"]


def test_other_plans_can_be_looked_at(shelf: Shelf, db: Database, clock: Clock) -> None:
    stock(db, clock)
    page = shelf.page("/plan?by=cost")
    others = [(row["data-plan"], float(row["data-cost"])) for row in page.rows("data-plan")]
    assert others == [("2", 35.5), ("3", 99.0)]
    assert "With Course A-1 in place of Course A-2; Course A-3." in page.text
    second = shelf.page("/plan?by=cost&plan=2")
    assert (codes(second), sums(second)) == (["A-1", "A-4"], (35.5, 110, 2))
    assert "This is plan 2 of 3, the best first." in second.text
    assert [row["data-plan"] for row in second.rows("data-plan")] == ["1", "3"]
    assert codes(shelf.page("/plan?by=cost&plan=9")) == codes(page)


def test_when_nothing_fits_it_says_what_is_missing_and_shows_the_most_there_is(
    shelf: Shelf, db: Database, clock: Clock
) -> None:
    catalogue(db, clock, activity("A-1", {DOSE: 0.75}), activity("A-2", {DOSE: 0.5}))
    page = shelf.page("/plan")
    assert "No set of activities in the catalogue fills everything that is open." in page.text
    assert [row["data-missing"] for row in page.rows("data-missing")] == [DOSE, CHEST]
    assert "What is missing: Radiation Safety and Dose 0.75 ; Neck and Chest 1 ." in page.text
    assert "The plan below fills as much as there is." in page.text
    assert codes(page) == ["A-1", "A-2"]
    assert fills(page) == {DOSE: (2.0, 1.25), CHEST: (1.0, 0.0)}
    choose(shelf, "A-1", "out")
    assert "Allow an activity again that you ruled out" in shelf.page("/plan").text


def test_after_the_last_day_nothing_chosen_or_missing_is_offered_for_a_report(
    shelf: Shelf, db: Database, clock: Clock
) -> None:
    catalogue(db, clock, activity("A-1", {DOSE: 0.75}, ends_on=day(2028, 5, 10)), activity("A-2", {DOSE: 0.5}))
    choose(shelf, "A-1", "in")
    for on, closed in ((day(2028, 5, 18), False), (day(2028, 5, 19), True)):
        shelf.go_to(db, clock, on)
        page = shelf.page("/plan")
        assert [row["data-left-out"] for row in page.rows("data-left-out")] == ["A-1"]
        assert "No set of activities in the catalogue fills everything that is open." in page.text
        assert ("report an activity from elsewhere" in page.text) is not closed
        assert (f"{shelf.base}/claims/new" in page.html) is not closed
        assert (CLOSED in page.text) is closed


def test_without_any_activity_there_is_no_list(shelf: Shelf) -> None:
    page = shelf.page("/plan")
    assert codes(page) == []
    assert "a reviewer codes it to the content outline" in page.text
    assert "The plan below" not in page.text


def test_when_nothing_is_open_it_says_so_gladly(shelf: Shelf, db: Database, clock: Clock) -> None:
    stock(db, clock)
    with db.write() as connection:
        completed_credits.append(
            connection,
            shelf.attempt,
            {DOSE: 2.0, CHEST: 1.0},
            source="claim/1",
            completed_on=clock().date(),
            at=clock(),
        )
    page = shelf.page("/plan")
    assert "Every credit of your prescription is earned. There is nothing left to plan." in page.text
    assert codes(page) == []
    assert page.rows("data-missing") == []
    assert "Nothing is open here any more." in shelf.page("/activities").text


def test_the_plan_reads_on_a_screen_reader_and_on_paper(shelf: Shelf, db: Database, clock: Clock) -> None:
    stock(db, clock)
    html = shelf.page("/plan").html
    assert html.count("<h1") == 1
    assert 'class="only-print"' in html
    assert 'I have this one<span class="visually-hidden">: Course A-2</span>' in html
