"""The completion record as PDF: name, discipline, days, the code and where to check it; readable without seeing."""

from __future__ import annotations

import datetime as dt

from ssa_engine.exchange.completion_record import RecordSheet, record_pages, record_pdf
from tests.exchange.pdf_reading import accessible, squeezed, text_of

SHEET = RecordSheet(
    language="en",
    issued_on=dt.date(2027, 3, 14),
    title="Record of completion",
    lead="Continuing Qualifications Requirements were completed by",
    name='Ann "#Example" <b>',
    facts=(
        ("Discipline", "Computed Tomography"),
        ("Completed on", "14 March 2027"),
        ("Next due on", "1 June 2038"),
    ),
    code_label="Code of this record",
    code="CQRT-4K7M-9XWD",
    how_to_check="Anyone can check this record at https://board.example/records/CQRT-4K7M-9XWD",
)


def test_it_says_everything_in_order() -> None:
    text, at = text_of(record_pdf(SHEET)), 0
    facts = [part for fact in SHEET.facts for part in fact]
    for part in (SHEET.title, SHEET.lead, SHEET.name, *facts, SHEET.code_label, SHEET.code, SHEET.how_to_check):
        place = text.find(squeezed(part), at)
        assert place >= at, part
        at = place + len(squeezed(part))


def test_it_is_one_tagged_page_that_comes_out_the_same_again() -> None:
    found = accessible(record_pdf(SHEET))
    assert (found.title, found.language, found.part) == ("Record of completion", "en", "1")
    assert (found.is_tagged, found.shows_title) == (True, True)
    assert len(record_pages(SHEET, ppi=20)) == 1
    assert record_pdf(SHEET) == record_pdf(SHEET)
