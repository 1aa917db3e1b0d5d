"""Papers of a candidate: the letter agrees with the result page, the record with the public page."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.core.display import Display
from ssa_engine.storage import people
from ssa_engine.storage.db import Database
from tests.exchange.pdf_reading import accessible, squeezed, text_of
from tests.exchange.test_calendar import read_calendar
from tests.factories import Clock, Someone, read, right, start_attempt
from tests.web.candidate.process import Process


@pytest.fixture
def process(browser: FlaskClient, db: Database, clock: Clock, library: Library, candidate: Someone) -> Process:
    return Process(db, clock, library, browser, candidate)


def test_the_letter_says_the_areas_credits_and_sentences_of_the_result_page(process: Process) -> None:
    attempt = process.submit()
    response = process.browser.get(process.url("ce/letter.pdf"))
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    assert response.headers["Content-Disposition"] == 'attachment; filename="prescription-ct.pdf"'
    page = read(process.browser.get(f"/candidate/attempts/{attempt}/result"))
    text, names = text_of(response.data), process.library.spec("CT").area_names
    rows = [row for row in page.rows("data-area") if float(row["data-credits"]) > 0]
    assert len(rows) == 6  # of the seventh the total limit leaves nothing
    for row in rows:
        credits = row["data-credits"].removesuffix(".0")
        sentence = re.search(rf'data-area="{row["data-area"]}".*?area-sentence ?">([^<]+)<', page.html, re.DOTALL)
        assert sentence is not None
        assert squeezed(names[row["data-area"]] + sentence[1] + credits) in text
    assert squeezed("You are asked to earn 36 credits by 18 May 2028") in text
    assert squeezed("at the latest on 18 May 2028") in text
    assert squeezed("Area by area it would have been 42 credits; the total limit leaves 36 credits.") in text
    assert squeezed("Dear candidate,") in text


def test_the_letter_of_somebody_without_a_gap_is_glad(process: Process) -> None:
    bank = process.library.bank("CT")
    attempt = start_attempt(process.browser, process.someone)
    for position in range(1, 81):
        page = read(process.browser.get(f"/candidate/attempts/{attempt}/items/{position}"))
        sent = {"token": page.token, "answer": right(bank.item(page.item_id)), "go": "next"}
        process.browser.post(f"/candidate/attempts/{attempt}/items/{position}", data=sent)
    process.browser.post(f"/candidate/attempts/{attempt}/review", data={"confirmed": "yes"})
    text = text_of(process.browser.get(process.url("ce/letter.pdf")).data)
    assert squeezed("Nothing is prescribed in Computed Tomography") in text
    assert squeezed("we are glad to tell you so") in text


def test_until_there_is_a_paper_its_address_leads_to_the_start_page(process: Process) -> None:
    start_attempt(process.browser, process.someone)
    for rest in ("ce/letter.pdf", "record.pdf"):
        response = process.browser.get(process.url(rest))
        assert (response.status_code, response.headers["Location"]) == (302, "/candidate/")


def test_the_calendar_has_the_days_ahead_under_ids_that_stay(process: Process) -> None:
    first = process.browser.get(process.url("deadlines.ics"))
    assert (first.mimetype, first.status_code) == ("text/calendar", 200)
    events = read_calendar(first.data)["parts"]
    number = process.someone.credential_id
    assert [(one["UID"], one["DTSTART"], one["SUMMARY"]) for one in events] == [
        (
            f"cqr-{number}-1-submit_by@localhost",
            "20280518",
            "CQR, Computed Tomography: Report continuing education by this day",
        ),
        (f"cqr-{number}-1-due@localhost", "20280601", "CQR, Computed Tomography: The window ends"),
    ]
    before = process.library.spec("CT").cqr.notices.before_due_days
    triggers = [f"-P{days}D" for days in sorted({*before, 7}, reverse=True)]
    assert [alarm["TRIGGER"] for alarm in events[1]["parts"]] == triggers
    process.clock.advance(days=3)
    again = read_calendar(process.browser.get(process.url("deadlines.ics")).data)["parts"]
    assert [one["UID"] for one in again] == [one["UID"] for one in events]


def test_a_complete_cycle_tells_a_calendar_of_the_next_window(process: Process) -> None:
    process.do_profile()
    process.fill(process.submit())
    events = read_calendar(process.browser.get(process.url("deadlines.ics")).data)["parts"]
    number = process.someone.credential_id
    assert [(one["UID"], one["DTSTART"]) for one in events] == [
        (f"cqr-{number}-2-opens@localhost", "20350601"),
        (f"cqr-{number}-2-due@localhost", "20380601"),
    ]


def test_a_discontinued_credential_has_no_day_to_tell_a_calendar(process: Process) -> None:
    process.at(dt.datetime(2028, 6, 3, tzinfo=dt.UTC))
    response = process.browser.get(process.url("deadlines.ics"))
    assert (response.status_code, response.headers.get("Location")) == (302, "/candidate/")


def test_the_record_names_the_person_the_days_and_a_page_that_says_the_same(process: Process) -> None:
    process.do_profile()
    record = process.fill(process.submit())
    assert record is not None
    text = text_of(process.browser.get(process.url("record.pdf")).data)
    for part in (record.name, "Computed Tomography", "14 March 2027", "1 June 2038", record.code):
        assert squeezed(part) in text
    assert f"http://localhost/records/{record.code}" in text
    public = read(process.browser.get(f"/records/{record.code}"))
    for part in ("This record is valid", record.name, "Computed Tomography", "14 March 2027", "1 June 2038"):
        assert part in public.text


def test_papers_are_in_the_language_of_the_person(process: Process) -> None:
    process.submit()
    with process.db.write() as connection:
        people.set_display(connection, process.someone.id, Display(language="es"))
    content = process.browser.get(process.url("ce/letter.pdf")).data
    assert accessible(content).language == "es"
    assert squeezed("14 de marzo de 2027") in text_of(content)
