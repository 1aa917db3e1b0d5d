"""The completion record as a tagged PDF (PDF/UA-1), with the code by which anyone can check it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from ssa_engine.exchange.typesetting import pages_of, pdf_of

TEMPLATE = "completion_record.typ"


@dataclass(frozen=True, slots=True)
class RecordSheet:
    """What stands on the sheet, each text in its language already."""

    language: str
    issued_on: dt.date
    title: str
    lead: str
    name: str
    facts: tuple[tuple[str, str], ...]
    """Label and value: discipline, days."""
    code_label: str
    code: str
    how_to_check: str
    """A sentence that names the address."""


def record_pdf(sheet: RecordSheet) -> bytes:
    """Return the record as a PDF; the same record gives the same bytes."""
    return pdf_of(TEMPLATE, _values(sheet), sheet.issued_on)


def record_pages(sheet: RecordSheet, *, ppi: float = 72) -> list[bytes]:
    """Return the page as a picture (PNG), to look at."""
    return pages_of(TEMPLATE, _values(sheet), ppi=ppi)


def _values(sheet: RecordSheet) -> dict[str, Any]:
    return {
        "language": sheet.language,
        "made": [sheet.issued_on.year, sheet.issued_on.month, sheet.issued_on.day],
        "title": sheet.title,
        "lead": sheet.lead,
        "name": sheet.name,
        "facts": [list(fact) for fact in sheet.facts],
        "code_label": sheet.code_label,
        "code": sheet.code,
        "how_to_check": sheet.how_to_check,
    }
