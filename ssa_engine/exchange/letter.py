"""The prescription letter as a tagged PDF (PDF/UA-1)."""

from __future__ import annotations

from typing import Any

from ssa_engine.core.prescription_letters import Letter
from ssa_engine.exchange.typesetting import pages_of, pdf_of

TEMPLATE = "letter.typ"


def letter_pdf(letter: Letter, *, language: str, day: str) -> bytes:
    """Return the letter as a PDF; the same letter gives the same bytes.

    Parameters
    ----------
    letter : Letter
        Its sentences are in the language already.
    day : str
        The day of the letter as it is written.
    """
    return pdf_of(TEMPLATE, _values(letter, language, day), letter.written_on)


def letter_pages(letter: Letter, *, language: str, day: str, ppi: float = 72) -> list[bytes]:
    """Return the pages as pictures (PNG), to look at."""
    return pages_of(TEMPLATE, _values(letter, language, day), ppi=ppi)


def _values(letter: Letter, language: str, day: str) -> dict[str, Any]:
    return {
        "language": language,
        "title": letter.title,
        "day": day,
        "made": [letter.written_on.year, letter.written_on.month, letter.written_on.day],
        "greeting": letter.greeting,
        "opening": letter.opening,
        "caption": letter.caption,
        "heads": list(letter.heads),
        "rows": [list(row) for row in letter.rows],
        "total": list(letter.total),
        "sections": [{"heading": one.heading, "paragraphs": list(one.paragraphs)} for one in letter.sections],
    }
