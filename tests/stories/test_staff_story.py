"""Candidate support in a browser: time granted while an attempt runs, the timeline read and searched, an unlock."""

from __future__ import annotations

import csv
import io
import re
import time

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.stories.browser import CANDIDATE, STAFF, Visitor, at_position, attempt_of, begin, button, give_one, receipt
from tests.stories.pictures import keep_picture
from tests.stories.records import answers_stored, attempt_stored

LOOKS = [(1280, "light"), (390, "dark")]
WITHIN = 10_000
"""Milliseconds in which granted time is on the candidate's page."""

AXE = """() => axe.run({resultTypes: ['violations']}).then((found) =>
  found.violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.target.join(' ')).join('; ')))"""

both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "plain"])


def sitting(page: Page, attempt: int, query: str = "") -> Page:
    """Open a sitting as staff do from a link."""
    page.goto(f"/staff/attempts/{attempt}{query}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Computed Tomography")
    return page


def what(page: Page) -> list[str]:
    """What the timeline shows, from the top."""
    return page.locator("#entries tbody tr > :nth-child(2)").all_inner_texts()


def minutes_left(page: Page) -> int:
    """The minutes that the candidate's page shows."""
    return int(re.findall(r"\d+", page.locator("#time-left").inner_text())[0])


def test_granted_time_is_on_the_candidate_s_page_within_ten_seconds_without_a_reload(visitor: Visitor) -> None:
    candidate = visitor.open(CANDIDATE)
    shown = begin(candidate)
    loaded = candidate.evaluate("() => performance.timeOrigin")
    assert minutes_left(candidate) in (99, 100)

    staff = visitor.open(STAFF)
    staff.get_by_role("link", name=f"Attempt {attempt_of(candidate)}", exact=True).click()
    form = staff.get_by_role("form", name="Grant time")
    form.get_by_label("Minutes").fill("25")
    form.get_by_label("Reason").fill("Fire alarm")
    button(staff, "Grant time").click()
    granted = time.monotonic()
    expect(staff.get_by_role("status").first).to_contain_text("The time is granted.")
    expect(candidate.locator("#time-left")).to_have_text(re.compile("12[45] minutes"), timeout=WITHIN)
    assert time.monotonic() - granted < WITHIN / 1000
    assert candidate.evaluate("() => performance.timeOrigin") == loaded

    answer = give_one(candidate, shown)
    button(candidate, "Save and go on").click()
    at_position(candidate, 2)
    assert answers_stored(visitor.site.db, attempt_of(candidate)) == {1: answer}
    assert "Time granted by staff" in what(sitting(staff, attempt_of(candidate)))


@both_ways
def test_the_timeline_is_searched_and_the_search_is_a_link_that_can_be_sent(visitor: Visitor, javascript: bool) -> None:
    candidate = visitor.open(CANDIDATE)
    shown = begin(candidate)
    for position in (1, 2):
        give_one(candidate, shown)
        button(candidate, "Save and go on").click()
        shown = at_position(candidate, position + 1)
    staff = sitting(visitor.open(STAFF, javascript=javascript), attempt_of(candidate))
    assert what(staff)[-1] == "Started"
    everything = what(staff)

    search = staff.get_by_role("search")
    search.get_by_label("What").select_option("Answered")
    search.get_by_label("Question").fill("2")
    search.get_by_label("Order").select_option("As it happened")
    button(staff, "Find").click()
    expect(staff.locator("#entries tbody tr")).to_have_count(1)
    expect(staff.get_by_role("status")).to_contain_text(f"1 entry of {len(everything)} found.")
    with staff.expect_download() as started:
        staff.get_by_role("link", name="Download as CSV").click()
    (row,) = csv.DictReader(io.StringIO(started.value.path().read_text(encoding="utf-8")))
    assert (row["kind"], row["question"]) == ("answered", "2")

    colleague = visitor.open(STAFF, javascript=javascript)
    colleague.goto(staff.url)
    expect(colleague.locator("#entries tbody tr")).to_have_count(1)
    colleague.get_by_role("link", name="Show everything").click()
    expect(colleague.locator("#entries tbody tr")).to_have_count(len(everything))
    assert what(colleague) == everything


def test_a_sitting_that_is_unlocked_goes_on_where_it_was(visitor: Visitor) -> None:
    candidate, staff = visitor.open(CANDIDATE), visitor.open(STAFF)
    visitor.watch.expected.append("status of 409")
    shown = begin(candidate)
    first = give_one(candidate, shown)
    button(candidate, "Save and go on").click()
    shown = at_position(candidate, 2)
    attempt = attempt_of(candidate)

    form = sitting(staff, attempt).get_by_role("form", name="Unlock")
    form.get_by_label("Reason").fill("The candidate changed places")
    button(staff, "Unlock").click()
    expect(staff.get_by_role("status").first).to_contain_text("Unlocked.")
    assert what(staff)[0] == "Unlocked by staff"

    candidate.reload()
    shown = at_position(candidate, 2)
    second = give_one(candidate, shown)
    expect(receipt(candidate)).to_contain_text("Saved")
    button(candidate, "Save and go on").click()
    at_position(candidate, 3)
    assert answers_stored(visitor.site.db, attempt) == {1: first, 2: second}


@both_ways
def test_accommodations_hold_for_the_attempt_that_is_started_next(visitor: Visitor, javascript: bool) -> None:
    visitor.watch.expected.append("status of 422")
    staff = visitor.open(STAFF, javascript=javascript)
    staff.get_by_label("Name or email address").fill("Dana")
    button(staff, "Find a person").click()
    staff.get_by_role("link", name="Dana Whitfield").first.click()
    staff.get_by_label("Time multiplier").fill("7")
    button(staff, "Save accommodations").click()
    expect(staff.get_by_role("alert")).to_contain_text("Nothing was saved.")
    expect(staff.get_by_label("Time multiplier")).to_have_value("7")
    staff.get_by_label("Time multiplier").fill("1.5")
    staff.get_by_label("Extra breaks").fill("1")
    if javascript:
        staff.get_by_label("Extra breaks").blur()
        expect(staff.locator("#meaning")).to_contain_text("100 minutes become 150.")
        expect(staff.locator("#meaning")).to_contain_text("Not saved yet.")
    button(staff, "Save accommodations").click()
    expect(staff.get_by_role("status").first).to_contain_text("They apply to attempts started from now on.")
    expect(staff.locator("#meaning")).to_contain_text("100 minutes become 150. 1 break of up to 10 minutes.")

    candidate = visitor.open(CANDIDATE)
    begin(candidate)
    assert minutes_left(candidate) in (149, 150)
    assert attempt_stored(visitor.site.db, attempt_of(candidate)).break_after == (40,)


def test_every_staff_page_is_accessible_in_each_look(visitor: Visitor) -> None:
    visitor.watch.expected.append("status of 422")
    candidate = visitor.open(CANDIDATE)
    shown = begin(candidate)
    for position in (1, 2, 3):
        give_one(candidate, shown)
        button(candidate, "Save and go on").click()
        shown = at_position(candidate, position + 1)
    state = visitor.open(STAFF).context.storage_state()
    attempt = attempt_of(candidate)
    problems = []
    for width, scheme in LOOKS:
        page = visitor.open(viewport={"width": width, "height": 844}, color_scheme=scheme, storage_state=state)
        for name, path, press in (
            ("staff-now", "/staff/", ""),
            ("staff-found", "/staff/?q=example.org", ""),
            ("staff-sitting", f"/staff/attempts/{attempt}", ""),
            ("staff-sitting-mend", f"/staff/attempts/{attempt}", "Grant time"),
            ("staff-timeline-nothing", f"/staff/attempts/{attempt}?question=99&words=unicorn", ""),
            ("staff-sitting-finished", "/staff/attempts/1", ""),
            ("staff-person", f"/staff/people/{attempt_stored(visitor.site.db, attempt).person_id}", ""),
            ("staff-person-tried", "/staff/people/1?time_multiplier=7&extra_minutes=ten&extra_breaks=1", ""),
        ):
            page.goto(path)
            if press:
                button(page, press).click()
                expect(page.get_by_role("alert")).to_be_visible()
            page.evaluate(AXE_SCRIPT)
            problems += [f"{name} {width} {scheme}: {one}" for one in page.evaluate(AXE)]
            if page.evaluate("() => document.scrollingElement.scrollWidth > document.documentElement.clientWidth"):
                problems.append(f"{name} {width}: scrolls sideways")
            keep_picture(page, f"{name}-{width}-{scheme}")
        page.context.close()
    assert problems == []
