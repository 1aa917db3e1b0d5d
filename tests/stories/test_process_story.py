"""Three technologists through the years: from an open window to CQR complete, a missed deadline, three credentials."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect

from ssa_engine.actions.activities import import_activities
from ssa_engine.actions.policies import publish
from ssa_engine.content.library import Library
from ssa_engine.core.activities import Activity, ActivityFormat
from ssa_engine.core.cycles import add_years
from ssa_engine.core.text import long_date
from tests.stories.browser import STAFF, Visitor, button
from tests.stories.lives import Technologist, fill_profile, steps
from tests.stories.pictures import keep_pictures

DOSE, FORMATION = "radiation-safety-and-dose", "image-formation"
DAY = dt.timedelta(days=1)
FIVE = ["Professional profile", "Structured Self-Assessment", "Results"]


@pytest.fixture
def ana(visitor: Visitor, library: Library) -> Technologist:
    """A technologist, and two activities more in the catalogue."""
    own = [
        _activity("OWN-1", "Dose on every shift", 1.5, {DOSE: 1.5}),
        _activity("OWN-2", "Pitch, slice and kernel", 6.0, {FORMATION: 4.5, DOSE: 0.5}),
    ]
    found = Technologist(visitor, library, "ana@test.example", "Ana Reyes")
    import_activities(visitor.site.db, own, who="test", now=found.now)
    return found


def _activity(code: str, title: str, credits: float, counts: dict[str, float]) -> Activity:
    return Activity(
        id=0, code=code, title=title, sponsor="Harborlight", format=ActivityFormat.ONLINE, credits=credits, minutes=90,
        cost=20.0, starts_on=None, ends_on=None, mechanism="", biennium=False, url="", distribution={"CT": counts},
    )  # fmt: skip


def next_line(page: Page) -> str:
    """The first line of the dashboard."""
    return page.locator("h1").inner_text().replace("\n", " ")


def letters(page: Page) -> list[str]:
    """The subjects of the letters on the dashboard, the newest first."""
    return page.locator("section.written li a").all_inner_texts()


def states(page: Page) -> dict[str, str]:
    """Credential -> how it stands, in the order of the cards."""
    cards = page.locator("[data-credential]").all()
    return {card.get_attribute("data-credential") or "": card.get_attribute("data-state") or "" for card in cards}


def open_ce(page: Page, ana: Technologist) -> Page:
    """Go to the prescribed CE."""
    page.goto(f"/candidate/credentials/{ana.credentials['CT']}/ce")
    return page


def ledger(page: Page) -> dict[str, tuple[str, str, str]]:
    """Content area -> credits prescribed, filled and open, as the page has them."""
    return {
        row.get_attribute("data-area") or "": (
            row.get_attribute("data-prescribed") or "",
            row.get_attribute("data-filled") or "",
            row.get_attribute("data-open") or "",
        )
        for row in page.locator("#ledger tbody tr").all()
    }


def cells(page: Page, table: str, name: str) -> dict[str, str]:
    """Content area -> what the rows of a table carry under a name, once it is there."""
    expect(page.locator(table)).to_be_visible()
    rows = page.locator(f"{table} tbody tr").all()
    return {row.get_attribute("data-area") or "": row.get_attribute(name) or "" for row in rows}


def report(page: Page, ana: Technologist, code: str, finished_on: dt.date) -> None:
    """Report an activity of the catalogue with its certificate."""
    page.goto(f"/candidate/credentials/{ana.credentials['CT']}/ce/activities/{code}")
    page.get_by_role("link", name="Report it as finished").click()
    send(page, ana, code, finished_on)


def send(page: Page, ana: Technologist, title: str, finished_on: dt.date) -> None:
    """Fill in what every report asks for, and send it."""
    page.get_by_label("Finished on").fill(finished_on.isoformat())
    page.get_by_label("Choose files").set_input_files([ana.photo(title)])
    page.get_by_label("I completed the whole activity").check()
    button(page, "Send it for review").click()
    expect(page.get_by_role("status").first).to_contain_text("Your claim is with the reviewers.")


def claim_in_queue(staff: Page, title: str) -> None:
    """Open a claim from the queue."""
    staff.goto("/staff/")
    staff.get_by_role("link", name=title).first.click()
    expect(staff.get_by_role("heading", level=1)).to_have_text(title)


def until_the_window_opens(ana: Technologist, earned_on: dt.date) -> Page:
    """Seven years with nothing to do, then the two letters that tell of the window."""
    opens_on = add_years(earned_on, 7)
    page = ana.on(earned_on + 400 * DAY)
    assert next_line(page) == f"Nothing to do yet. The window for Computed Tomography opens on {long_date(opens_on)}."
    assert letters(page) == []
    assert len(letters(ana.on(opens_on - 80 * DAY))) == 1
    page = ana.on(opens_on + 30 * DAY)
    assert len(letters(page)) == 2
    keep_pictures(page, "process-open")
    return page


def profile_and_assessment(page: Page, ana: Technologist, ct: int) -> int:
    """Follow the one button of the dashboard to the profile, then take the assessment; return the attempt."""
    page.locator(f"[data-credential='{ct}'] a.button").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("professional profile")
    fill_profile(page, ct)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto("/candidate/")
    assert steps(page, ct) == FIVE[:1]
    attempt = ana.take_assessment(page, {DOSE: 5, FORMATION: 3})
    page.goto("/candidate/")
    assert steps(page, ct) == FIVE[:2]
    return attempt


def result_and_plan(page: Page, ana: Technologist, attempt: int) -> None:
    """Two areas have a gap; the plan fills both."""
    assert steps(page, ana.credentials["CT"]) == FIVE
    page.goto(f"/candidate/attempts/{attempt}/result")
    credits = cells(page, "#areas", "data-credits")
    assert {area: given for area, given in credits.items() if given != "0.0"} == {DOSE: "3.0", FORMATION: "4.5"}
    assert ledger(open_ce(page, ana)) == {DOSE: ("3", "0", "3"), FORMATION: ("4.5", "0", "4.5")}
    keep_pictures(page, "process-prescribed")
    page.get_by_role("link", name="Make a plan").click()
    assert cells(page, "#filled", "data-filled") == {DOSE: "3.0", FORMATION: "4.5"}
    keep_pictures(page, "process-plan")


def three_claims(page: Page, ana: Technologist, day: dt.date) -> None:
    """Two activities of the catalogue, and one that is not in it. Nothing is filled before a reviewer has decided."""
    report(page, ana, "OWN-1", day - DAY)
    report(page, ana, "OWN-2", day - DAY)
    page.goto(f"/candidate/credentials/{ana.credentials['CT']}/ce/claims/new")
    page.get_by_label("Title of the activity").fill("Grand rounds: dose in children")
    page.get_by_label("Who offered it").fill("Our own hospital")
    page.get_by_label("CE credits").fill("1.5")
    page.get_by_label("What it was about").fill("Reference levels, size, and what to do differently for children.")
    send(page, ana, "Grand rounds", day)
    assert ledger(open_ce(page, ana)) == {DOSE: ("3", "0", "3"), FORMATION: ("4.5", "0", "4.5")}


def first_review(staff: Page) -> None:
    """Approve one by its key, ask for more, and code the one that is not in the catalogue."""
    claim_in_queue(staff, "Dose on every shift")
    keep_pictures(staff, "process-review")
    staff.keyboard.press("?")
    button(staff, "Close").click()
    staff.keyboard.press("a")
    expect(staff.locator("#decided")).to_contain_text(": approved.")
    claim_in_queue(staff, "Pitch, slice and kernel")
    staff.locator("#more > summary").click()
    staff.get_by_label("Words to the candidate").first.fill("The last page of the certificate is missing.")
    button(staff, "Ask the candidate").click()
    expect(staff.locator("#decided")).to_contain_text("the candidate is asked for more")
    claim_in_queue(staff, "Grand rounds: dose in children")
    staff.get_by_label("Credits of this claim in Radiation Safety and Dose").fill("1.5")
    button(staff, "Approve").click()
    expect(staff.locator("#decided")).to_contain_text(": approved.")


def mended(page: Page, ana: Technologist, staff: Page) -> None:
    """Send what was asked for; then it is approved."""
    assert ledger(open_ce(page, ana)) == {DOSE: ("3", "3", "0"), FORMATION: ("4.5", "0", "4.5")}
    page.get_by_role("link", name="Send what is asked for").click()
    page.get_by_label("Your answer").fill("Here is the whole of it.")
    page.get_by_label("Choose files").set_input_files([ana.photo("The whole of it")])
    button(page, "Send it").click()
    expect(page.get_by_role("status").first).to_contain_text("What you sent is with the reviewers.")
    claim_in_queue(staff, "Pitch, slice and kernel")
    button(staff, "Approve").click()
    expect(staff.locator("#decided")).to_contain_text(": approved.")


def test_one_technologist_goes_through_ten_years_to_cqr_complete(
    ana: Technologist, visitor: Visitor, library: Library
) -> None:
    earned_on = ana.now.date()
    ct = ana.earn("CT", earned_on)
    opens_on = add_years(earned_on, 7)
    page = until_the_window_opens(ana, earned_on)
    spec = library.spec("CT")
    slow = spec.sample_policy.model_copy(update={"release_after_days": 14})
    publish(visitor.site.db, spec, slow, expected_version=1, reason="Two weeks", who="test", now=ana.now)
    attempt = profile_and_assessment(page, ana, ct)
    result_and_plan(ana.on(opens_on + 46 * DAY), ana, attempt)
    day = opens_on + 60 * DAY
    page = ana.on(day)
    three_claims(page, ana, day)
    staff = visitor.open(STAFF)
    first_review(staff)
    mended(page, ana, staff)

    page.goto("/candidate/")
    assert "CQR complete" in page.locator(f"[data-credential='{ct}']").inner_text()
    assert len(steps(page, ct)) == 5
    keep_pictures(page, "process-complete")
    public = visitor.open()
    public.goto(f"/records/{code_in_letter(page).lower().replace('-', ' ')}")
    for words in ("Ana Reyes", "Computed Tomography", long_date(day)):
        expect(public.locator("main")).to_contain_text(words)
    assert next_line(ana.on(add_years(earned_on, 10) + DAY)) == (
        f"Nothing to do yet. The window for Computed Tomography opens on {long_date(add_years(earned_on, 17))}."
    )


def code_in_letter(page: Page) -> str:
    """The code of a completion record, from the letter that told of it."""
    page.locator("section.written li a").first.click()
    expect(page.locator("section.written")).to_have_count(0)
    expect(page.locator("main h1")).to_be_visible()
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page.locator("main").inner_text())
    assert found is not None, page.locator("main").inner_text()
    return found.group()


def test_a_second_one_misses_the_deadline_and_is_reinstated(ana: Technologist, visitor: Visitor) -> None:
    today = ana.now.date()
    earned_on = add_years(today, -10) + 20 * DAY
    ct = ana.earn("CT", earned_on)
    due_on = add_years(earned_on, 10)
    page = ana.on(today)
    assert long_date(due_on) in page.locator(f"[data-credential='{ct}']").inner_text()
    page = ana.on(due_on)
    assert page.locator(f"[data-credential='{ct}']").get_attribute("data-state") == "open"
    page = ana.on(due_on + DAY)
    expect(page.locator(f"[data-credential='{ct}'] .tag").first).to_have_text("Discontinued")
    keep_pictures(page, "process-discontinued")

    late = due_on + 40 * DAY
    page = ana.on(late)
    fill_profile(page, ct)
    ana.take_assessment(page, {})
    page = ana.on(late + DAY)
    staff = visitor.open(STAFF)
    staff.goto("/staff/?q=ana@test.example")
    staff.get_by_role("link", name="Ana Reyes").first.click()
    staff.get_by_label("Day of reinstatement").fill((late + DAY).isoformat())
    button(staff, "Reinstate the credential").click()
    expect(staff.get_by_role("status").first).to_contain_text("The credential is reinstated")
    page = ana.on(late + 2 * DAY)
    assert next_line(page) == (
        f"Your Computed Tomography credential was reinstated on {long_date(late + DAY)}. There is nothing to do until "
        f"the next window opens on {long_date(add_years(late + DAY, 7))}."
    )


def test_a_third_one_has_three_credentials_each_on_its_own_dates(ana: Technologist) -> None:
    today = ana.now.date()
    dates = {
        "CT": add_years(today, -10) + 200 * DAY,
        "MRI": add_years(today, -7) + 100 * DAY,
        "RAD": dt.date(2010, 12, 31),
    }
    ids = {discipline: ana.earn(discipline, earned_on) for discipline, earned_on in dates.items()}
    page = ana.on(today)
    shown = states(page)
    assert list(shown) == [str(ids["CT"]), str(ids["MRI"]), str(ids["RAD"])]
    assert list(shown.values()) == ["open", "not_yet", "not_subject"]
    for discipline, years in (("CT", 10), ("MRI", 7)):
        card = page.locator(f"[data-credential='{ids[discipline]}']")
        expect(card).to_contain_text(long_date(add_years(dates[discipline], years)))
    keep_pictures(page, "process-three")
    page = ana.on(add_years(dates["CT"], 10) + DAY)
    shown = states(page)
    assert shown[str(ids["MRI"])] == "no_bank"  # its window is open; the bundled content has no MRI bank
    assert shown[str(ids["RAD"])] == "not_subject"
    expect(page.locator(f"[data-credential='{ids['CT']}'] .tag").first).to_have_text("Discontinued")
