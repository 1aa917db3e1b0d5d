"""A tagged PDF (PDF/UA-1) from a template and values, set by Typst with the fonts it brings."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import typst

STANDARDS: list[typst.PDFStandard] = ["ua-1"]
"""Accessible: the typesetter refuses a figure without words, a skipped heading, a document without a title."""


def pdf_of(template: str, values: Mapping[str, Any], on: dt.date) -> bytes:
    """Return a PDF. The same values and day give the same bytes.

    Parameters
    ----------
    template : str
        Name of a template that stands beside this module; it reads `values` from its input named `values`.
    on : date
        The day it says it was made.
    """
    at = dt.datetime.combine(on, dt.time(), dt.UTC)
    return cast(bytes, _compiler(template, values).compile(format="pdf", pdf_standards=STANDARDS, timestamp=at))


def pages_of(template: str, values: Mapping[str, Any], *, ppi: float = 72) -> list[bytes]:
    """Return the pages as pictures (PNG), to look at."""
    pages = _compiler(template, values).compile(format="png", ppi=ppi)
    return [pages] if isinstance(pages, bytes) else list(pages or [])


def _compiler(template: str, values: Mapping[str, Any]) -> typst.Compiler:
    """Return a typesetter that knows the values, and neither the fonts of this machine nor its packages."""
    return typst.Compiler(
        Path(__file__).with_name(template).read_bytes(),
        font_paths=typst.Fonts(include_system_fonts=False),
        sys_inputs={"values": json.dumps(values, ensure_ascii=False, sort_keys=True)},
    )
