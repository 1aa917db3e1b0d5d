"""A standard-setting workshop from an empty template to a policy draft; a technical report made in the console."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from ssa_engine.content.library import Library
from ssa_engine.storage import policy_drafts
from tests.stories.browser import COHORT, PSYCHOMETRICIAN, Visitor
from tests.stories.pictures import keep_picture, widths_and_looks
from tests.stories.test_accessibility import AXE, EVERYTHING, LOOKS_AUDITED

HERE = "/psychometrician/CT/standard-setting"
JUDGES = ("Ana", "Ben", "Chi", "Dov", "Eve", "Fay")
AREA = "Radiation Safety and Dose"


def looked_at(page: Page, name: str) -> None:
    """Keep a picture at both widths, light and dark; axe finds nothing, and nothing scrolls sideways."""
    for look in widths_and_looks(page, LOOKS_AUDITED):
        if look in LOOKS_AUDITED:
            page.evaluate(AXE_SCRIPT)
            assert page.evaluate(AXE, EVERYTHING) == [], f"{name} {look}"
        wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= seen, f"{name} {look}"
        keep_picture(page, f"{name}-{look}")
    page.set_viewport_size({"width": 1280, "height": 800})


def filled_in(text: str) -> str:
    """Return the template as six judges fill it in: each alike, but one who asks for far more; in two rounds."""
    rows = list(csv.DictReader(io.StringIO(text)))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    for number in (1, 2):
        for place, row in enumerate(rows):
            judge = JUDGES[int(row["judge"].split()[1]) - 1]
            own = (JUDGES.index(judge) - 2) * 0.03 / number + (place * 7 % 11 - 5) * 0.02
            rating = 0.97 if judge == "Fay" and number == 1 else min(0.98, max(0.05, 0.68 + own))
            writer.writerow(row | {"judge": judge, "round": str(number), "rating": f"{rating:.2f}"})
    return buffer.getvalue()


def told_what_is_amiss(visitor: Visitor, page: Page) -> None:
    """Send a bad sheet: each problem is told by its line, and the text stays."""
    visitor.watch.expected.append("422")
    page.get_by_label("Title", exact=True).fill("March workshop")
    page.get_by_label("Or its text").fill("judge,item_id,rating\nAna,ct-dose-001,2\nBen,no-such-item,.5\n")
    page.get_by_role("button", name="Keep and compute").click()
    expect(page.get_by_role("alert")).to_contain_text("sheet:2: 'rating' is 2.")
    expect(page.get_by_role("alert")).to_contain_text("sheet:3: 'no-such-item' is no item")
    expect(page.get_by_label("Or its text")).to_have_value(
        "judge,item_id,rating\nAna,ct-dose-001,2\nBen,no-such-item,.5\n"
    )
    looked_at(page, "workshop-problems")


def looked_through(page: Page) -> None:
    """Look at one area, and at the round before."""
    expect(page.get_by_role("heading", level=1)).to_have_text("March workshop")
    page.get_by_role("link", name=AREA).first.click()
    expect(page.get_by_role("heading", name=AREA)).to_be_visible()
    looked_at(page, "workshop-result")
    page.get_by_label("Round that counts").select_option("1")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("Judges who stand apart: Fay.")).to_be_visible()
    page.get_by_label("Round that counts").select_option("2")
    page.get_by_role("button", name="Show", exact=True).click()


def test_a_workshop_goes_from_the_template_to_a_policy_draft(
    visitor: Visitor, library: Library, tmp_path: Path
) -> None:
    page = visitor.open(PSYCHOMETRICIAN, reduced_motion="reduce")
    page.goto(HERE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Standard setting: Computed Tomography")
    page.get_by_role("spinbutton", name="Judges").fill(str(len(JUDGES)))
    with page.expect_download() as started:
        page.get_by_role("button", name="Download the template").click()
    sheet = tmp_path / "workshop.csv"
    sheet.write_text(filled_in(started.value.path().read_text(encoding="utf-8")), encoding="utf-8")

    told_what_is_amiss(visitor, page)
    page.get_by_label("Sheet as a CSV file").set_input_files(sheet)
    page.get_by_role("button", name="Keep and compute").click()
    looked_through(page)

    with page.expect_download() as cuts:
        page.get_by_role("link", name="Cuts as CSV", exact=True).click()
    found = {
        row["area"]: float(row["cut_proportion"])
        for row in csv.DictReader(io.StringIO(cuts.value.path().read_text(encoding="utf-8")))
    }
    page.get_by_role("button", name="Make a policy draft").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    with visitor.site.db.read() as connection:
        draft = policy_drafts.of_discipline(connection, "CT")[0]
    assert draft.policy.standards == {area: round(found[area], 4) for area in library.spec("CT").area_names}
    assert draft.policy.record.startswith("angoff: patient-interactions-and-management 0.")
    assert urlsplit(page.url).path == f"/psychometrician/CT/policy/drafts/{draft.id}"


@pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "plain"])
def test_a_report_is_made_in_the_console_and_both_files_open(onlooker: Visitor, javascript: bool) -> None:
    page = onlooker.open(PSYCHOMETRICIAN, javascript=javascript, reduced_motion="reduce")
    page.goto("/psychometrician/CT/report")
    onlooker.watch.expected.append("422")
    page.get_by_role("textbox", name="Period").fill("last year")
    page.get_by_role("button", name="Choose").click()
    expect(page.get_by_role("alert")).to_contain_text("“last year” is no period.")
    today = dt.datetime.now(dt.UTC).date()
    page.get_by_role("textbox", name="Period").fill(f"{today - dt.timedelta(days=800)}..{today}")
    page.get_by_role("button", name="Choose").click()
    if javascript:
        looked_at(page, "report-console")
    with page.expect_download() as pdf:
        page.get_by_role("link", name="Make the PDF").click()
    content = pdf.value.path().read_bytes()
    assert content.startswith(b"%PDF-")
    assert pdf.value.suggested_filename.startswith("technical-report-ct-")
    with page.expect_download() as html:
        page.get_by_role("link", name="Make the HTML").click()
    file = html.value.path()
    text = file.read_text(encoding="utf-8")
    shown = onlooker.open(javascript=javascript)
    shown.set_content(text)
    expect(shown.get_by_role("heading", level=1)).to_have_text("Technical report: Computed Tomography")
    expect(shown.locator("#table-credits tbody tr").last).to_contain_text(str(COHORT + 2))
    if javascript:
        looked_at(shown, "report-html")
