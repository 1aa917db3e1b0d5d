"""The console in a browser: the psychometrician's tables and files, the specialist's preview, the staff search."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from ssa_engine.content.library import Library
from tests.stories.browser import (
    CANDIDATE,
    COHORT,
    PRESCRIBED,
    PSYCHOMETRICIAN,
    SPECIALIST,
    STAFF,
    Visitor,
    begin,
    button,
)

FINISHED = COHORT + 2
"""The simulated candidates, and the two demo people who have finished CT."""

both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "plain"])
CELLS = "cells => cells.map(cell => cell.dataset.value === undefined ? cell.textContent.trim() : cell.dataset.value)"


def column(page: Page, table: str, head: str) -> list[str]:
    """Return the values of a column, by the words of its head."""
    heads = page.locator(f"#{table} thead th").all_inner_texts()
    number = [words.strip() for words in heads].index(head) + 1
    found: list[str] = page.locator(f"#{table} tbody tr > :nth-child({number})").evaluate_all(CELLS)
    return found


def rows_of(page: Page, link: str) -> list[dict[str, str]]:
    """Press a link to a file and read what comes."""
    with page.expect_download() as started:
        page.get_by_role("link", name=link, exact=True).click()
    return list(csv.DictReader(io.StringIO(started.value.path().read_text(encoding="utf-8"))))


@both_ways
def test_the_cohort_table_and_the_downloaded_scores_agree(
    onlooker: Visitor, library: Library, javascript: bool
) -> None:
    page = onlooker.open(PSYCHOMETRICIAN, javascript=javascript)
    expect(page.get_by_role("heading", level=1)).to_have_text("CT cohort")
    expect(page.get_by_role("heading", name=f"{FINISHED} attempts")).to_be_visible()
    shown = dict(zip(column(page, "attempts", "Attempt"), column(page, "attempts", "Credits"), strict=True))
    summary = dict(zip(column(page, "summary", "Content area"), column(page, "summary", "Below"), strict=True))

    page.goto("/psychometrician/exports")
    scores = rows_of(page, "area_scores.csv")
    credits = dict.fromkeys(shown, 0.0)
    for row in rows_of(page, "prescriptions.csv"):
        credits[row["attempt_id"]] += float(row["credits"])
    assert {attempt: float(value) for attempt, value in shown.items()} == credits
    assert len(scores) == FINISHED * 7
    names = library.spec("CT").area_names
    below = Counter(dict.fromkeys(names.values(), 0))
    below.update(names[row["content_area"]] for row in scores if row["below_standard"] == "true")
    assert {name: int(value) for name, value in summary.items()} == below


def test_the_package_holds_every_file_and_its_description(onlooker: Visitor) -> None:
    page = onlooker.open(PSYCHOMETRICIAN)
    page.goto("/psychometrician/exports")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download everything").click()
    with zipfile.ZipFile(started.value.path()) as archive:
        package = json.loads(archive.read("datapackage.json"))
        files = {resource["path"]: resource for resource in package["resources"]}
        assert set(archive.namelist()) == {"datapackage.json", *files}
        attempts = list(csv.DictReader(io.StringIO(archive.read("attempts.csv").decode())))
    assert len(attempts) == FINISHED
    assert list(attempts[0]) == [one["name"] for one in files["attempts.csv"]["schema"]["fields"]]


@both_ways
def test_a_head_that_is_pressed_sorts_all_pages_and_says_so(onlooker: Visitor, javascript: bool) -> None:
    page = onlooker.open(PSYCHOMETRICIAN, javascript=javascript)
    head = page.locator("#attempts thead th", has_text="Credits")
    before = column(page, "attempts", "Credits")
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert column(page, "attempts", "Credits") == sorted(before, key=float)
    head.get_by_role("link").press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    assert column(page, "attempts", "Credits") == sorted(before, key=float, reverse=True)
    expect(page.locator("#attempts [aria-sort]")).to_have_count(1)
    assert "sort=-credits" in page.url


def test_a_head_of_a_table_without_pages_sorts_in_place_and_the_address_says_so(onlooker: Visitor) -> None:
    page = onlooker.open(PSYCHOMETRICIAN)
    page.goto("/psychometrician/?state=released")
    head = page.locator("#summary thead th", has_text="Mean credits")
    before = column(page, "summary", "Mean credits")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert column(page, "summary", "Mean credits") == sorted(before, key=float)
    assert page.url.endswith("/psychometrician/?state=released&sort.summary=mean_credits")
    head.get_by_role("button").click()
    page.locator("#sides-table thead th").first.get_by_role("button").click()
    asked = "state=released&sort.summary=-mean_credits&sort.sides-table=quarter"
    assert page.url.endswith(f"/psychometrician/?{asked}")

    page.goto(page.url)  # as somebody does who was mailed the link
    expect(head).to_have_attribute("aria-sort", "descending")
    assert column(page, "summary", "Mean credits") == sorted(before, key=float, reverse=True)
    expect(page.locator("#sides-table [aria-sort=ascending]")).to_have_count(1)
    page.locator("#attempts thead th", has_text="Credits").get_by_role("link").click()
    expect(page.locator("#attempts [aria-sort=ascending]")).to_have_count(1)
    expect(head).to_have_attribute("aria-sort", "descending")
    page.goto("/psychometrician/?sort.summary=nothing&sort.none=mean_credits&sort.=x")
    expect(page.locator("#summary [aria-sort]")).to_have_count(0)


@both_ways
def test_a_filtered_cohort_is_a_link_and_its_file_holds_the_rows_shown(onlooker: Visitor, javascript: bool) -> None:
    page = onlooker.open(PSYCHOMETRICIAN, javascript=javascript)
    page.get_by_label("Group", exact=True).select_option("setting: hospital")
    page.get_by_label("Side by side", exact=True).select_option("setting")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="Side by side: setting")).to_be_visible()
    assert "group=setting%3Ahospital" in page.url
    shown = column(page, "attempts", "Attempt")
    assert 0 < len(shown) < FINISHED
    assert [row["attempt_id"] for row in rows_of(page, "Download CSV of all pages")] == shown
    page.get_by_role("link", name="Audit", exact=True).click()
    page.get_by_label("Kind of thing").select_option("policy")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="policy CT/1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("policy")


def test_the_rows_of_a_table_without_links_take_the_focus_in_turn(onlooker: Visitor) -> None:
    page = onlooker.open(PSYCHOMETRICIAN)
    page.locator("h1").focus()
    page.keyboard.press("j")
    expect(page.locator("#attempts tbody tr").nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#attempts tbody tr").nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("#attempts tbody tr").nth(0)).to_be_focused()


def test_the_keys_find_and_move_and_can_be_turned_off(onlooker: Visitor) -> None:
    page = onlooker.open(PSYCHOMETRICIAN)
    page.goto("/psychometrician/CT/items")
    page.locator("h1").focus()
    page.keyboard.press("/")
    expect(page.get_by_label("Find an item")).to_be_focused()
    page.keyboard.type("ct-form-00")
    visible = page.locator("#items tbody tr:visible")
    expect(visible).to_have_count(9)
    expect(page.locator("#announcer")).to_have_text("9 rows")
    page.locator("h1").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(visible.nth(1).get_by_role("link")).to_be_focused()
    page.keyboard.press("k")
    expect(visible.nth(0).get_by_role("link")).to_be_focused()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Use these keys").uncheck()
    button(page, "Close").click()
    expect(dialog).to_be_hidden()
    page.keyboard.press("j")
    expect(visible.nth(1).get_by_role("link")).not_to_be_focused()


@both_ways
def test_an_item_leads_to_its_preview_as_the_candidate_sees_it(onlooker: Visitor, javascript: bool) -> None:
    page = onlooker.open(SPECIALIST, javascript=javascript)
    page.get_by_role("link", name="ct-form-001", exact=True).click()
    item = page.locator("section#item[data-item='ct-form-001']")
    expect(item.locator(".option")).to_have_count(4)
    expect(item.locator("#stem")).to_contain_text("bow-tie")
    for move in item.get_by_role("button").all():
        expect(move).to_be_disabled()
    about = page.get_by_role("complementary")
    expect(about).to_contain_text("The body is roughly round")
    expect(about).to_contain_text("Bushberg")
    page.get_by_role("link", name="Next: ct-form-002").click()
    expect(page.locator("section#item[data-item='ct-form-002']")).to_be_visible()


def test_staff_find_a_person_and_where_they_stand(visitor: Visitor) -> None:
    begin(visitor.open(CANDIDATE))
    page = visitor.open(STAFF)
    page.get_by_label("Name or email address").fill("example.org")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("row", name="Dana Whitfield")).to_contain_text("Assessment under way")
    expect(page.get_by_role("row", name=PRESCRIBED)).to_contain_text("Result released")
    page.get_by_label("Name or email address").fill("nobody of that name")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("status")).to_contain_text("Nobody found for “nobody of that name”.")


@both_ways
def test_the_policy_page_shows_the_sample_rule(onlooker: Visitor, javascript: bool) -> None:
    page = onlooker.open(PSYCHOMETRICIAN, javascript=javascript)
    page.get_by_label("Discipline", exact=True).select_option("CT")
    page.get_by_role("link", name="Policy", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Computed Tomography policy")
    assert column(page, "standards", "Standard") == ["0.7"] * 7
    assert column(page, "standards", "Items needed") == ["7"] * 7
    rule = page.locator("section[aria-labelledby=rule-heading]")
    for words in ("from 1 short, 3 credits", "from 3 short, 4.5 credits", "from 5 short, 6 credits", "36 credits"):
        expect(rule).to_contain_text(words)
