"""A technical report as a tagged PDF (PDF/UA-1), set by Typst from the same value and with the fonts it brings."""

from __future__ import annotations

from typing import Any

from ssa_engine import __version__
from ssa_engine.core.technical_report import Block, Column, Figure, Report, Table
from ssa_engine.core.text import long_date
from ssa_engine.exchange.report_charts import chart
from ssa_engine.exchange.typesetting import pages_of, pdf_of

TEMPLATE = "report.typ"
WIDE = 14
"""Characters from which a column of text takes what width there is."""
LETTER = 0.54
"""Width of an ordinary letter or digit, in ems."""


def report_pdf(report: Report) -> bytes:
    """Return the report as a PDF. The same report gives the same bytes."""
    return pdf_of(TEMPLATE, as_values(report), report.made_on)


def report_pages(report: Report, *, ppi: float = 72) -> list[bytes]:
    """Return the pages as pictures (PNG), to look at."""
    return pages_of(TEMPLATE, as_values(report), ppi=ppi)


def as_values(report: Report) -> dict[str, Any]:
    """Return the report as the template takes it."""
    return {
        "title": report.title,
        "head": f"{report.title}: {report.programme}, {report.period.title}",
        "programme": report.programme,
        "period": report.period.so_far(report.made_on),
        "made": [report.made_on.year, report.made_on.month, report.made_on.day],
        "made_words": long_date(report.made_on),
        "keywords": list(report.keywords),
        "software": __version__,
        "sections": [
            {"title": section.title, "blocks": [_block(block) for block in section.blocks]}
            for section in report.sections
        ],
    }


def _width(column: Column, cells: list[str]) -> float | None:
    """Return the width of a column in ems: its longest cell, or the longest word of its head; None for what is left."""
    longest = max([0, *map(len, cells)])
    if column.kind == "text" and longest >= WIDE:
        return None
    return round(LETTER * max(longest, *map(len, column.head.split())), 2)


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, str):
        return {"kind": "text", "text": block}
    if isinstance(block, Table):
        cells = block.cells()
        return {
            "kind": "table",
            "caption": block.caption,
            "heads": [column.head for column in block.columns],
            "kinds": [column.kind for column in block.columns],
            "widths": [_width(column, [row[at] for row in cells]) for at, column in enumerate(block.columns)],
            "rows": cells,
            "note": block.note,
        }
    if isinstance(block, Figure):
        return {"kind": "figure", "caption": block.caption, "alt": block.alt, "svg": chart(block)}
    return {"kind": "methods", "entries": [list(entry) for entry in block.entries]}
