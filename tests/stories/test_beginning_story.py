"""Before the first question and after the last in a browser: identity, agreement, practice, break, survey, receipt."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from ssa_engine.actions.sittings import set_accommodations
from ssa_engine.core.accommodations import Accommodations
from ssa_engine.core.preparations import Outcome
from ssa_engine.storage import people, sittings
from tests.stories.browser import (
    CANDIDATE,
    SAVED,
    Visitor,
    at_position,
    attempt_of,
    begin,
    button,
    get_ready,
    give_one,
    option,
    read_item,
    receipt,
)
from tests.stories.records import attempt_stored, kinds_stored, stored
from tests.stories.site import Site

both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "plain"])
LOOK = "Look at the self-assessment"
WHO = "Confirm who you are"


def credential_of(page: Page) -> int:
    """Return the credential that a page's address names, once it names one."""
    expect(page).to_have_url(re.compile(r"/credentials/\d+/"))
    return int(page.url.split("/credentials/")[1].split("/")[0])


def outcome_of(site: Site, credential: int) -> tuple[Outcome | None, bool]:
    """Return how the latest preparation ended, and whether its agreement was accepted."""
    with site.db.read() as connection:
        found = sittings.latest_preparation(connection, credential, 1)
    assert found is not None
    return found.outcome, found.agreed_at is not None


@both_ways
def test_a_refused_agreement_ends_it_without_harm_and_it_can_be_begun_again(visitor: Visitor, javascript: bool) -> None:
    page = visitor.open(CANDIDATE, javascript=javascript)
    page.get_by_role("link", name=LOOK).click()
    credential = credential_of(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(WHO)
    expect(page.locator("dl.facts")).to_contain_text(CANDIDATE)
    button(page, "I am this person").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Non-disclosure agreement")
    expect(page.locator("#agree-left")).to_have_text("About 5 minutes left")
    button(page, "I do not accept").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(WHO)
    expect(page.get_by_role("status")).to_contain_text("nothing was started. Nothing is lost")
    assert outcome_of(visitor.site, credential) == (Outcome.REFUSED, False)

    button(page, "I am this person").click()
    button(page, "I accept").click()
    expect(button(page, "Start my assessment")).to_be_visible()
    assert outcome_of(visitor.site, credential) == (None, True)
    button(page, "Start my assessment").click()
    at_position(page, 1)
    assert outcome_of(visitor.site, credential) == (Outcome.STARTED, True)


@both_ways
def test_an_agreement_not_accepted_in_time_ends_without_harm(visitor: Visitor, javascript: bool) -> None:
    page = visitor.open(CANDIDATE, javascript=javascript)
    page.get_by_role("link", name=LOOK).click()
    button(page, "I am this person").click()
    expect(button(page, "I accept")).to_be_visible()
    visitor.site.ahead += dt.timedelta(minutes=4, seconds=57)
    if javascript:
        page.reload()  # its own clock shows the last seconds, and then what comes of it
        expect(page.locator("#agree-left")).to_have_text("About 1 minute left")
    else:
        visitor.site.ahead += dt.timedelta(seconds=5)
        page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(WHO)
    expect(page.get_by_role("status")).to_contain_text("The time to accept the agreement ran out")
    button(page, "I am this person").click()
    button(page, "I accept").click()
    button(page, "Start my assessment").click()
    at_position(page, 1)


@both_ways
def test_the_practice_shows_every_format_and_keeps_and_counts_nothing(visitor: Visitor, javascript: bool) -> None:
    page = visitor.open(CANDIDATE, javascript=javascript)
    get_ready(page)
    page.get_by_role("link", name="Try the kinds of question first").click()
    expect(page.locator(".tutorial-note")).to_be_visible()
    seen = []
    while page.locator(".tutorial-note").count():
        shown = read_item(page)
        seen.append(shown.format)
        heading = page.locator("#item-heading")
        expect(heading).to_have_text(f"Practice {shown.position} of 5")
        assert page.locator("#time-left").count() == 0
        if shown.format == "single":
            option(page, shown.options[0]).click()
        button(page, "To the assessment" if shown.position == 5 else "Go on").click()
        if shown.position < 5:
            expect(heading).to_have_text(f"Practice {shown.position + 1} of 5")
        else:
            expect(button(page, "Start my assessment")).to_be_visible()
    assert sorted(seen) == ["hotspot", "multiple", "number", "single", "sorted"]
    button(page, "Start my assessment").click()
    at_position(page, 1)
    attempt = attempt_stored(visitor.site.db, attempt_of(page))
    assert dt.datetime.now(dt.UTC) - attempt.started_at < dt.timedelta(seconds=30), (
        "the clock starts after the practice"
    )
    assert stored(visitor.site, page) == {}


def grant_break(site: Site) -> None:
    """Let the demo candidate have one break, in the middle of the form."""
    with site.db.read() as connection:
        found = people.by_email(connection, CANDIDATE)
    assert found is not None
    granted = Accommodations(extra_breaks=1)
    set_accommodations(site.db, person_id=found[0].id, granted=granted, who="test", now=dt.datetime.now(dt.UTC))


@both_ways
def test_a_break_stops_the_clock_and_locks_what_was_seen_before_it(visitor: Visitor, javascript: bool) -> None:
    visitor.watch.expected.append("status of 409")
    grant_break(visitor.site)
    page = visitor.open(CANDIDATE, javascript=javascript)
    first = begin(page)
    answer = give_one(page, first)
    button(page, "Save and go on").click()
    at_position(page, 2)
    attempt = attempt_of(page)
    page.goto(f"/candidate/attempts/{attempt}/items/40")
    button(page, "Save and go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Time for a break")
    before = attempt_stored(visitor.site.db, attempt).ends_at
    button(page, "Take the break").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are on your break")
    expect(page.locator("#break-left")).to_have_text("About 10 minutes left")
    visitor.site.ahead += dt.timedelta(minutes=4)
    page.reload()
    expect(page.locator("#break-left")).to_have_text("About 6 minutes left")
    button(page, "Go on with question 41").click()
    at_position(page, 41)
    after = attempt_stored(visitor.site.db, attempt)
    assert dt.timedelta(minutes=4) <= after.ends_at - before < dt.timedelta(minutes=5), "the clock stood"
    assert (after.locked_through, stored(visitor.site, page)) == (40, {1: answer})
    page.goto(f"/candidate/attempts/{attempt}/items/1")
    expect(page.locator("main")).to_contain_text("Questions 1 to 40 locked when you took your break.")


def test_a_break_that_is_used_up_ends_by_itself(visitor: Visitor) -> None:
    grant_break(visitor.site)
    page = visitor.open(CANDIDATE)
    begin(page)
    page.goto(f"/candidate/attempts/{attempt_of(page)}/items/40")
    button(page, "Save and go on").click()
    button(page, "Take the break").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are on your break")
    visitor.site.ahead += dt.timedelta(minutes=9, seconds=57)
    page.reload()
    expect(page.locator("#break-left")).to_have_text("About 1 minute left")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your break is over")
    expect(page.locator("main")).to_contain_text("The clock is running again.")
    button(page, "Go on with question 41").click()
    at_position(page, 41)
    kinds = kinds_stored(visitor.site, page)
    assert [kind for kind in kinds if kind.startswith("break")] == ["break_began", "break_ended"]


@both_ways
def test_after_submission_come_a_survey_and_a_receipt_of_what_was_received(visitor: Visitor, javascript: bool) -> None:
    page = visitor.open(CANDIDATE, javascript=javascript)
    first = begin(page)
    option(page, first.options[1]).click()
    button(page, "Save and go on").click()
    at_position(page, 2)
    button(page, "Previous").click()
    option(page, at_position(page, 1).options[2]).click()
    if javascript:
        expect(receipt(page)).to_have_text(SAVED)
    button(page, "Review all").click()
    attempt = attempt_of(page)
    button(page, "Submit my assessment").click()
    button(page, "Submit now").click()
    expect(page.get_by_role("heading", name="Your result in Computed Tomography")).to_be_visible()

    page.goto(f"/candidate/attempts/{attempt}/survey")
    page.get_by_label("Most", exact=True).check()
    page.get_by_label("Is there anything you would like to tell us?").fill("All went well.")
    button(page, "Send my answers").click()
    expect(page.get_by_role("heading", name="Your result in Computed Tomography")).to_be_visible()
    with visitor.site.db.read() as connection:
        assert sittings.survey_of(connection, attempt) == {"clear": "Most", "remarks": "All went well."}

    text = page.request.get(f"/candidate/attempts/{attempt}/receipt.csv").text()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [list(row.values())[1:3] for row in rows] == [["1", "B"], ["1", "C"]]
    assert replace(first, chosen=None) == first
