"""Tuning a policy in a browser: move, link, save, compare, publish, go back; six publish at once; without a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from ssa_engine.core.policies import Policy
from ssa_engine.storage import policies
from tests.stories.browser import COHORT, PSYCHOMETRICIAN, Visitor, button
from tests.stories.site import Site

POLICY = "/psychometrician/CT/policy"
FINISHED = COHORT + 2


def begin_draft(page: Page, title: str) -> str:
    """Begin a draft with what is in force; return its address."""
    page.goto(POLICY)
    page.get_by_label("Title of a new draft").fill(title)
    button(page, "Begin a draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    return page.url


def cells(page: Page, table: str) -> list[list[str]]:
    """Return the data-value of every cell of a table, once it is there."""
    expect(page.locator(f"#{table} tbody tr").first).to_be_attached()
    found: list[list[str]] = page.locator(f"#{table} tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.dataset.value))"
    )
    return found


def needed(page: Page, area: str) -> str:
    """Return the items needed in an area, as the table of consequences has it."""
    return next(row[2] for row in cells(page, "areas") if row[0] == area)


def publish(page: Page, reason: str) -> None:
    """Go to the last page of a draft and publish it."""
    page.get_by_role("link", name="Propose or publish").click()
    expect(page.locator("#areas")).to_be_visible()
    page.get_by_label("Reason, which stays with the version").fill(reason)
    page.get_by_label("I have looked at the consequences above").check()
    page.get_by_role("button", name=re.compile("Publish version")).click()


def go_back_to_the_first(page: Page) -> None:
    """Publish what version 1 said."""
    button(page, "Begin a draft with version 1").click()
    expect(page.get_by_label("Image Formation")).to_have_value("7")
    publish(page, "Back to what was")


def version_of(site: Site) -> int:
    with site.db.read() as connection:
        return policies.history(connection, "CT")[0].version


def policy_of(site: Site, version: int) -> Policy:
    with site.db.read() as connection:
        published = policies.get(connection, "CT", version)
    assert published is not None
    return published.policy


def test_tune_compare_publish_and_go_back(visitor: Visitor, site: Site) -> None:
    page = visitor.open(PSYCHOMETRICIAN)
    begin_draft(page, "Stricter in image formation")
    before = cells(page, "areas")
    control = page.get_by_label("Image Formation")
    control.focus()
    for _ in range(2):
        page.keyboard.press("ArrowUp")
    expect(page).to_have_url(re.compile(r"standard\.image-formation=9"))
    expect(page.locator("#areas")).to_contain_text("Image Formation")
    expect(page.locator("#changes tbody tr").first).to_be_visible()
    expect(control).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("credits on average")
    expect(page.locator("#areas tr", has_text="Image Formation").locator("[data-value]").nth(2)).to_have_text("9")
    after = cells(page, "areas")
    assert [row[0] for row, old in zip(after, before, strict=True) if row != old] == ["image-formation"]
    assert needed(page, "image-formation") == "9"

    other = visitor.open(PSYCHOMETRICIAN, javascript=False)  # the link, mailed to somebody
    other.goto(page.url)
    for table in ("areas", "totals", "changes", "errors", "curves"):
        assert cells(other, table) == cells(page, table), table
    page.locator("#areas .sorter").first.click()
    expect(page.locator("#areas [aria-sort]")).to_have_count(1)

    button(page, "Save draft").click()
    expect(page).not_to_have_url(re.compile("standard"))
    assert needed(page, "image-formation") == "9"
    page.get_by_role("link", name="Compare with what is in force").click()
    expect(page.locator("#differences tbody tr")).to_have_count(1)
    expect(page.locator("#differences")).to_contain_text("Standard: Image Formation")
    page.go_back()
    publish(page, "The panel of the spring")
    expect(page.locator(".page-head")).to_contain_text("Version 2, published")
    assert version_of(site) == 2

    go_back_to_the_first(page)
    expect(page.locator(".page-head")).to_contain_text("Version 3, published")
    assert policy_of(site, 3) == policy_of(site, 1)


def test_a_sorted_table_stays_sorted_while_a_control_moves_and_the_address_has_both(visitor: Visitor) -> None:
    page = visitor.open(PSYCHOMETRICIAN)
    begin_draft(page, "Sorted")
    head = page.locator("#areas thead th").first
    head.get_by_role("button").click()
    head.get_by_role("button").click()
    expect(page).to_have_url(re.compile(r"\?sort\.areas=-content_area$"))
    page.get_by_label("Image Formation").fill("9")
    expect(page).to_have_url(re.compile(r"standard\.image-formation=9.*&sort\.areas=-content_area$"))
    expect(page.locator("#areas tr", has_text="Image Formation").locator("[data-value]").nth(2)).to_have_text("9")
    expect(head).to_have_attribute("aria-sort", "descending")
    names = page.locator("#areas tbody th").all_inner_texts()
    assert names == sorted(names, reverse=True)


def test_what_is_typed_fast_ends_at_what_was_typed_last(visitor: Visitor) -> None:
    visitor.watch.expected.append("422")
    page = visitor.open(PSYCHOMETRICIAN)
    begin_draft(page, "Fast")
    control = page.get_by_label("Neck and Chest")
    for value in ("1", "9", "3", "8", "2", "10"):
        control.fill(value)
    expect(page).to_have_url(re.compile(r"standard\.neck-and-chest=10"))
    page.wait_for_timeout(500)
    assert needed(page, "neck-and-chest") == "10"
    control.fill("11")
    expect(page.locator("#consequences")).to_contain_text("11 items cannot be needed of 10")
    expect(control).to_have_value("11")
    control.fill("9")
    expect(page.locator("#areas")).to_be_visible()
    assert needed(page, "neck-and-chest") == "9"
    page.go_back()
    expect(page.locator("#consequences")).to_contain_text("11 items cannot be needed of 10")


def test_without_javascript_a_button_shows_and_another_saves(visitor: Visitor) -> None:
    page = visitor.open(PSYCHOMETRICIAN, javascript=False)
    begin_draft(page, "Plain")
    page.get_by_label("Abdomen and Pelvis").fill("8")
    button(page, "Show").click()
    expect(page).to_have_url(re.compile(r"standard\.abdomen-and-pelvis=8"))
    assert needed(page, "abdomen-and-pelvis") == "8"
    page.get_by_label("simulated", exact=True).check()
    button(page, "Show").click()
    expect(page.locator("#consequences")).to_contain_text("2000 simulated candidates")
    page.get_by_label("real cohort").check()
    button(page, "Save draft").click()
    expect(page.locator("#consequences")).to_contain_text(f"{FINISHED} sittings")
    assert needed(page, "abdomen-and-pelvis") == "8"
    publish(page, "Without a script")
    expect(page.locator(".page-head")).to_contain_text("Version 2, published")


def test_a_draft_by_augmented_scores_gets_its_population_from_the_cohort_that_is_shown(visitor: Visitor) -> None:
    visitor.watch.expected.append("422")
    page = visitor.open(PSYCHOMETRICIAN)
    begin_draft(page, "Borrowed")
    page.get_by_label("Neck and Chest").fill("8")
    page.get_by_label("Decision rule").select_option("augmented")
    expect(page.locator("#consequences")).to_contain_text("this draft has no figures of one yet")
    button(page, "Estimate from this cohort").click()
    expect(page.locator("#consequences")).to_contain_text(f"Augmented scores borrow from: {FINISHED} submitted CT")
    assert needed(page, "neck-and-chest") == "8"
    expect(page.get_by_label("Neck and Chest")).to_have_value("8")
    button(page, "Save draft").click()
    expect(page).not_to_have_url(re.compile("standard"))
    expect(page.get_by_label("Decision rule")).to_have_value("augmented")
    assert needed(page, "neck-and-chest") == "8"


@pytest.mark.parametrize("drafts", [1, 6], ids=["one draft", "six drafts"])
def test_six_publish_at_once_and_one_version_comes_of_it(visitor: Visitor, site: Site, drafts: int) -> None:
    visitor.watch.expected.append("409")
    first = visitor.open(PSYCHOMETRICIAN)
    addresses = [begin_draft(first, f"Draft of window {number}") for number in range(drafts)]
    windows = [first.context.new_page() for _ in range(6)]
    for number, page in enumerate(windows):
        page.goto(f"{addresses[number % drafts]}/publish")
        page.get_by_label("Reason, which stays with the version").fill(f"Window {number}")
        page.get_by_label("I have looked at the consequences above").check()
    for page in windows:  # all press in the same moment, whatever the order of their windows
        page.evaluate("() => { setTimeout(() => document.querySelector('button[value=publish]').click(), 400); }")
    won, told = 0, []
    for page in windows:
        alert = page.locator("[role=alert]")
        expect(page.locator("[role=alert]").or_(page.locator("#history"))).to_be_visible()
        if alert.count():
            told.append(alert.inner_text())
        else:
            won += 1
    assert (won, len(told)) == (1, 5)
    why = "was published as version 2 by" if drafts == 1 else "Version 2 of the CT policy is the latest, not 1"
    assert [why in sentence and PSYCHOMETRICIAN in sentence for sentence in told] == [True] * 5
    assert version_of(site) == 2
