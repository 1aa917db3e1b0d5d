"""The whole CT assessment in a browser, with htmx and without JavaScript, marked by the test from the YAML alone."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.stories.browser import (
    CANDIDATE,
    PSYCHOMETRICIAN,
    SAVED,
    Visitor,
    at_position,
    attempt_of,
    begin,
    button,
    give,
    option,
    receipt,
)
from tests.stories.paper import Paper
from tests.stories.spoken import forget, spoken

ITEMS, HALF = 80, 40
UNANSWERED, FLAGGED, CHANGED = 33, 7, (3, 52)


def answer_up_to(page: Page, paper: Paper, first: int, last: int, *, javascript: bool) -> None:
    """Answer the items from `first` to `last` and go on from each."""
    for position in range(first, last + 1):
        shown = at_position(page, position)
        assert shown.chosen is None
        paper.shown[position] = shown
        if position != UNANSWERED:
            paper.answers[shown.item] = paper.choose(shown)
            give(page, shown, paper.answers[shown.item])
            if javascript and (position % 10 == 1 or shown.format != "single"):
                expect(receipt(page)).to_have_text(SAVED)
        if position == FLAGGED:
            button(page, "Flag for review").click()
            expect(page.locator(".flagged-mark")).to_be_visible()
        button(page, "Save and go on" if position < ITEMS else "Save and review").click()


def resume(page: Page, paper: Paper) -> None:
    """Come back in another browser: the same items, the same order, the earlier answers."""
    page.get_by_role("link", name="Go on with my assessment").click()
    button(page, f"Go on with question {HALF + 1} of {ITEMS}").click()
    assert at_position(page, HALF + 1) == paper.shown[HALF + 1]
    for position in (6, 12, *(one.position for one in paper.shown.values() if one.format != "single")):
        page.goto(f"/candidate/attempts/{attempt_of(page)}/items/{position}")
        was, answer = paper.shown[position], paper.answers.get(paper.shown[position].item)
        order = tuple(answer.split(",")) if was.format == "sorted" and answer else was.options
        assert at_position(page, position) == replace(was, options=order, chosen=answer)
    page.goto(f"/candidate/attempts/{attempt_of(page)}/items/{HALF + 1}")


def change_two_answers(page: Page, paper: Paper) -> None:
    """Go back from the review to two items and choose another option."""
    for position in CHANGED:
        page.locator("a.position").nth(position - 1).click()
        shown = at_position(page, position)
        entry = paper.bank[shown.item]
        assert shown.chosen == paper.answers[shown.item]
        other = entry.other() if shown.chosen == entry.best() else entry.best()
        give(page, shown, other)
        paper.answers[shown.item] = other
        button(page, "Review all").click()
        expect(page.get_by_role("heading", name="Review your answers")).to_be_visible()


def submit(page: Page) -> None:
    """Submit; the confirmation names what is open and what is flagged."""
    expect(page.locator("a.position[data-answered=false]")).to_have_count(1)
    expect(page.locator("a.position[data-answered=false]")).to_contain_text(str(UNANSWERED))
    expect(page.locator("a.position[data-flagged=true]")).to_have_count(1)
    expect(page.locator("a.position[data-flagged=true]")).to_contain_text(str(FLAGGED))
    button(page, "Submit my assessment").click()
    expect(page.get_by_role("heading", name="Submit your assessment?")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text(f"1 question is not answered: {UNANSWERED}.")
    expect(page.get_by_role("alert")).to_contain_text(f"1 question is flagged: {FLAGGED}.")
    button(page, "Submit now").click()
    expect(page.get_by_role("heading", name="Your result in Computed Tomography")).to_be_visible()


def check_result_page(page: Page, paper: Paper) -> None:
    """Compare every row, and the total, with the paper."""
    rows = page.locator("table#areas tbody tr")
    found = [
        tuple(row.get_attribute(f"data-{name}") or "" for name in ("area", "correct", "points", "standard", "credits"))
        for row in rows.all()
    ]
    assert [
        (area, int(correct), Fraction(points).limit_denominator(1000), Fraction(standard), Fraction(credits))
        for area, correct, points, standard, credits in found
    ] == [
        (area, paper.correct(area), paper.points(area), paper.standard(area), paper.credits(area))
        for area in paper.areas
    ]
    assert {row.get_attribute("data-items") for row in rows.all()} == {"10"}
    total = sum(paper.credits(area) for area in paper.areas)
    assert 0 < total < paper.spec["sample_policy"]["credits"]["total_cap"]
    expect(page.locator("p.lead")).to_contain_text(f"{float(total):g} credits")
    for area, row in zip(paper.areas, rows.all(), strict=True):
        credits = float(paper.credits(area))
        so = f", so {credits:g} credits" if credits else ""
        points = f"{float(paper.points(area)):g}"
        expect(row.locator(".area-sentence")).to_have_text(f"{points} of 10, standard 7{so}")


def download(page: Page, dataset: str) -> list[dict[str, str]]:
    """Press the link of a dataset and read the file that comes."""
    with page.expect_download() as started:
        page.get_by_role("link", name=f"{dataset}.csv", exact=True).click()
    return list(csv.DictReader(io.StringIO(started.value.path().read_text(encoding="utf-8"))))


def check_console(page: Page, paper: Paper, attempt: int) -> None:
    """The cohort's table and the exported files hold exactly these answers."""
    row = page.locator(f"table#attempts tr[data-attempt='{attempt}']")
    expect(row).to_have_count(1)
    values = [Fraction(cell.get_attribute("data-value") or "-1") for cell in row.locator("td.figure").all()]
    assert [value.limit_denominator(1000) for value in values[1:-1]] == [paper.points(area) for area in paper.areas]
    assert values[-1] == sum(paper.credits(area) for area in paper.areas)

    page.goto("/psychometrician/exports")
    own = [row for row in download(page, "responses") if row["attempt_id"] == str(attempt)]
    assert [
        (int(row["position"]), row["item_id"], row["answer"], row["correct"], row["scored"], row["content_area"])
        for row in own
    ] == [_response_row(paper, position) for position in range(1, ITEMS + 1)]
    scores = [row for row in download(page, "area_scores") if row["attempt_id"] == str(attempt)]
    found: dict[str, Any] = {row["content_area"]: (row["items"], row["correct"], float(row["score"])) for row in scores}
    assert found == {
        area: ("10", str(paper.correct(area)), pytest.approx(float(paper.points(area) / 10))) for area in paper.areas
    }
    assert len(scores) == len(paper.areas)


def _response_row(paper: Paper, position: int) -> tuple[int, str, str, str, str, str]:
    item = paper.shown[position].item
    entry, answer = paper.bank[item], paper.answers.get(item, "")
    return position, item, answer, str(paper.earned(item) == 1).lower(), str(entry.scored).lower(), entry.area


@pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "plain"])
def test_a_candidate_takes_the_whole_assessment_and_every_number_is_right(visitor: Visitor, javascript: bool) -> None:
    paper = Paper()
    page = visitor.open(CANDIDATE, javascript=javascript)
    begin(page)
    answer_up_to(page, paper, 1, HALF, javascript=javascript)
    paper.shown[HALF + 1] = at_position(page, HALF + 1)
    attempt = attempt_of(page)
    page.context.close()

    page = visitor.open(CANDIDATE, javascript=javascript)
    resume(page, paper)
    answer_up_to(page, paper, HALF + 1, ITEMS, javascript=javascript)
    expect(page.get_by_role("heading", name="Review your answers")).to_be_visible()
    change_two_answers(page, paper)
    submit(page)
    assert (len(paper.shown), len(paper.answers)) == (ITEMS, ITEMS - 1)
    assert len({shown.item for shown in paper.shown.values()}) == ITEMS
    check_result_page(page, paper)

    check_console(visitor.open(PSYCHOMETRICIAN, javascript=javascript), paper, attempt)


def tab_to(page: Page, place: Locator, most: int = 15) -> None:
    """Press Tab until the focus is there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if place.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError(f"{most} tabs do not lead to {place}")


def test_an_item_is_answered_with_the_keyboard_alone_and_the_page_speaks_once(visitor: Visitor) -> None:
    page = visitor.open(CANDIDATE)
    first = begin(page)
    forget(page)
    page.locator("#item-heading").focus()
    tab_to(page, page.locator(f"input[value='{first.options[0]}']"), 2)
    page.keyboard.press("Space")
    expect(receipt(page)).to_have_text(SAVED)
    for _ in range(2):
        with page.expect_response(lambda response: response.request.method == "POST"):
            page.keyboard.press("ArrowDown")
    expect(page.locator(f"input[value='{first.options[2]}']")).to_be_focused()
    expect(page.locator(f"input[value='{first.options[2]}']")).to_be_checked()
    tab_to(page, button(page, "Save and go on"))
    assert all(words.startswith("Saved ") for words in spoken(page))

    forget(page)
    page.keyboard.press("Enter")
    at_position(page, 2)
    expect(page.locator("#item-heading")).to_be_focused()
    assert spoken(page) == [f"Question 2 of {ITEMS}"]

    tab_to(page, button(page, "Save and go on"))
    page.keyboard.press("Tab")
    expect(button(page, "Previous")).to_be_focused()
    page.keyboard.press("Space")
    assert at_position(page, 1).chosen == first.options[2]
    expect(page.locator("#item-heading")).to_be_focused()


def test_a_flag_is_spoken_once_and_keeps_the_focus(visitor: Visitor) -> None:
    page = visitor.open(CANDIDATE)
    begin(page)
    for name, words in (("Flag for review", "Flagged for review"), ("Remove flag", "Not flagged")):
        forget(page)
        button(page, name).focus()
        page.keyboard.press("Enter")
        expect(page.locator("#go-flag")).to_be_focused()
        assert spoken(page) == [words]
        expect(page.locator(".flagged-mark")).to_have_count(1 if name == "Flag for review" else 0)


def test_the_address_and_the_back_button_follow_the_questions(visitor: Visitor) -> None:
    page = visitor.open(CANDIDATE)
    first = begin(page)
    option(page, first.options[1]).click()
    button(page, "Save and go on").click()
    second = at_position(page, 2)
    assert page.url.endswith("/items/2")
    expect(page).to_have_title(f"Question 2 of {ITEMS} – Self-Assessment")
    page.go_back()
    assert at_position(page, 1).chosen == first.options[1]
    option(page, first.options[0]).click()
    expect(receipt(page)).to_have_text(SAVED)
    page.reload()
    assert at_position(page, 1).chosen == first.options[0]
    page.go_forward()
    assert at_position(page, 2).item == second.item
