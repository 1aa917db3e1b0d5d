"""A certificate of completion for the demo: plainly a sample, of an invented sponsor."""

from __future__ import annotations

import datetime as dt

from ssa_engine.core.text import long_date
from ssa_engine.exchange.typesetting import pdf_of


def sample_certificate(*, name: str, title: str, sponsor: str, credits: float, finished_on: dt.date) -> bytes:
    """Return it as PDF."""
    values = {
        "name": name,
        "title": title,
        "sponsor": sponsor,
        "credits": f"{credits:g}",
        "day": long_date(finished_on),
        "made": [finished_on.year, finished_on.month, finished_on.day],
    }
    return pdf_of("sample_certificate.typ", values, finished_on)
