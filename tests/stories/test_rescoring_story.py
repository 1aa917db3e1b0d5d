"""Rescoring in a browser: from the dry run to the letter that tells a candidate, and back."""

from __future__ import annotations

import csv
import io

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from ssa_engine.actions.exports import marked_responses
from ssa_engine.content.library import Library
from ssa_engine.storage import people
from ssa_engine.storage.console_tables import notices
from ssa_engine.storage.tables import attempts, credentials
from tests.stories.browser import PRESCRIBED, PSYCHOMETRICIAN, Visitor, button
from tests.stories.pictures import keep_pictures
from tests.stories.site import Site

both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "plain"])


def missed_by(site: Site, email: str) -> tuple[int, str]:
    """Return the attempt of a person, and a scored item of one best answer that the attempt missed."""
    with site.db.read() as connection:
        found = people.by_email(connection, email)
        assert found is not None
        query = (
            sa.select(attempts.c.id)
            .join(credentials, credentials.c.id == attempts.c.credential_id)
            .where(credentials.c.person_id == found[0].id)
        )
        attempt = int(connection.execute(query).scalars().one())
        marked = marked_responses(connection, site.app.extensions["ssa_engine"].banks, "CT")
    own = marked[(marked["attempt_id"] == str(attempt)) & marked["scored"] & ~marked["correct"].astype(bool)]
    return attempt, str(own["item_id"].iloc[0])


def begin(page: Page, title: str) -> None:
    """Begin a session from the navigation of the console."""
    page.get_by_role("navigation").get_by_role("link", name="Rescoring").click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Reason").fill("Two experts found that every answer can be defended.")
    button(page, "Begin a session").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def change(page: Page, item: str) -> None:
    """Try a key that the item does not take, then give full credit to all."""
    form = page.get_by_role("form", name="Change an item")
    form.get_by_label("Item", exact=True).fill(item)
    form.get_by_label("New key").fill("zz")
    button(page, "Set the change").click()
    expect(page.get_by_role("alert")).to_contain_text(f"Item {item} does not take the key zz.")
    expect(form.get_by_label("Item", exact=True)).to_have_value(item)
    form.get_by_label("Change", exact=True).select_option("full_credit")
    form.get_by_label("New key").fill("")
    button(page, "Set the change").click()
    expect(page.get_by_role("heading", name="Who would change, and how")).to_be_visible()


def foreseen(page: Page, attempt: int) -> dict[str, str]:
    """Download who changes; return the row of an attempt."""
    with page.expect_download() as started:
        page.locator("section[aria-labelledby=people-heading]").get_by_role("link", name="Download CSV").click()
    rows = csv.DictReader(io.StringIO(started.value.path().read_text(encoding="utf-8")))
    (own,) = [one for one in rows if one["attempt_id"] == str(attempt)]
    return own


def apply(page: Page) -> None:
    """Apply the session that is shown; it asks first whether one has looked."""
    button(page, "Apply the session").click()
    expect(page.get_by_role("alert")).to_contain_text("Say that you have looked at who changes")
    page.get_by_label("I have looked at who changes").check()
    button(page, "Apply the session").click()
    expect(page.get_by_role("heading", name="Who changed, and how")).to_be_visible()


def read_letter(page: Page, title: str, area: str) -> None:
    """Read the letter that the dashboard names; say so; look at it again, then go on to the result."""
    page.get_by_role("link", name="Read the letter").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    expect(page.locator(f"#areas tr[data-area='{area}']")).to_be_visible()
    expect(page.get_by_text("Credits that you have completed stay completed.")).to_be_visible()
    letter = page.url
    button(page, "I have read this").click()
    expect(page.get_by_role("link", name="Read the letter")).to_have_count(0)
    page.goto(letter)
    expect(page.get_by_text("You marked this letter as read")).to_be_visible()
    page.get_by_role("link", name="See my result").click()


def shown(page: Page, area: str, what: str) -> float:
    """A figure of an area on the result page."""
    return float(page.locator(f"#areas tr[data-area='{area}']").get_attribute(f"data-{what}") or "nan")


@both_ways
def test_from_the_dry_run_to_the_letter_that_tells_a_candidate_and_back(
    visitor: Visitor, library: Library, javascript: bool
) -> None:
    visitor.watch.expected.append("status of 422")
    attempt, item = missed_by(visitor.site, PRESCRIBED)
    area = library.bank("CT").area_of(library.bank("CT").item(item))
    page = visitor.open(PSYCHOMETRICIAN, javascript=javascript)
    begin(page, "A question with more than one answer")
    change(page, item)
    own = foreseen(page, attempt)
    assert (own["content_area"], float(own["points_after"])) == (area, float(own["points_before"]) + 1)
    apply(page)

    candidate = visitor.open(PRESCRIBED, javascript=javascript)
    read_letter(candidate, "Your answers in Computed Tomography were scored again", area)
    assert shown(candidate, area, "points") == float(own["points_after"])
    assert shown(candidate, area, "credits") == float(own["credits_after"]) <= float(own["credits_before"])

    button(page, "Revert the session").click()
    expect(page.get_by_text("Say why the session is reverted").first).to_be_visible()
    page.get_by_label("Reason", exact=True).last.fill("The experts changed their minds.")
    button(page, "Revert the session").click()
    expect(page.get_by_text("Reverted because: The experts changed their minds.")).to_be_visible()
    candidate.goto("/candidate/")
    read_letter(candidate, "was taken back", area)
    assert shown(candidate, area, "credits") == float(own["credits_before"])


def test_an_increase_waits_and_is_accepted_one_by_one_and_for_all(visitor: Visitor, library: Library) -> None:
    bank = library.bank("CT")
    page = visitor.open(PSYCHOMETRICIAN)
    begin(page, "Keys that were mixed up")
    form = page.get_by_role("form", name="Change an item")
    singles = [one for one in bank.items if one.format == "single" and one.status == "active"]
    area = bank.area_of(singles[0])
    for item in [one for one in singles if bank.area_of(one) == area][:12]:
        form.get_by_label("Item", exact=True).fill(item.id)
        form.get_by_label("Change", exact=True).select_option("key")
        form.get_by_label("New key").fill(next(one for one in item.option_ids if one != item.key_answer))
        button(page, "Set the change").click()
        expect(page.locator(f"#changes tr[data-item='{item.id}']")).to_be_visible()
    keep_pictures(page, "rescoring-draft")
    page.get_by_label("I have looked at who changes").check()
    button(page, "Apply the session").click()
    rows = page.locator("#waiting tbody tr")
    expect(rows.first).to_be_visible()
    waiting = rows.count()
    assert waiting >= 3
    keep_pictures(page, "rescoring-applied")
    first = rows.first.get_attribute("data-attempt")
    page.get_by_role("button", name=f"Accept the increase of attempt {first}", exact=True).click()
    expect(page.locator(f"#decided tr:has(th:text-is('{first}'))")).to_contain_text("accepted")
    page.get_by_role("button", name="Accept all").click()
    expect(page.get_by_text("No increase waits for a decision.")).to_be_visible()
    page.goto("/psychometrician/CT/rescorings")
    keep_pictures(page, "rescoring-list")
    with visitor.site.db.read() as connection:
        kinds = [row.kind for row in connection.execute(sa.select(notices.c.kind)).all()]
    assert kinds.count("rescoring_accepted") >= 1
    candidate = visitor.open(PRESCRIBED)
    if candidate.get_by_role("link", name="Read the letter").count():
        keep_pictures(candidate, "letter-dashboard")
        candidate.get_by_role("link", name="Read the letter").first.click()
        expect(candidate.get_by_role("heading", level=1)).to_be_visible()
        keep_pictures(candidate, "letter")
