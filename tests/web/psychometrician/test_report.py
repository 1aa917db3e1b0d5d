"""The technical report in the console: a period chosen, the files made, nothing changed."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.storage.db import Database
from tests.demos import build
from tests.factories import Clock, read
from tests.web.walk import snapshot

HERE = "/psychometrician/CT/report"


@pytest.fixture
def published(db: Database, library: Library, clock: Clock) -> None:
    """A small cohort with published policies, in the place of policies alone."""
    build(db, Banks(db, library), cohort=12, seed=5, now=clock())


def test_both_files_are_made_by_reading_alone(console: FlaskClient, db: Database) -> None:
    before = snapshot(db)
    chosen = read(console.get(f"{HERE}?period=2025-01-01..2027-12-31"))
    links = [found["href"] for tag, found in chosen.elements if tag == "a" and "download" in found]
    assert links == [f"{HERE}/2025-01-01..2027-12-31.pdf", f"{HERE}/2025-01-01..2027-12-31.html"]
    pdf, html = (console.get(link) for link in links)
    assert (pdf.status_code, pdf.content_type) == (200, "application/pdf")
    assert pdf.data.startswith(b"%PDF-")
    assert (html.status_code, html.content_type) == (200, "text/html; charset=utf-8")
    name = "technical-report-ct-2025-01-01-to-2027-12-31"
    assert html.headers["Content-Disposition"] == f'attachment; filename="{name}.html"'
    assert "14 assessments were submitted" in html.get_data(as_text=True)
    assert snapshot(db) == before


def test_a_period_that_is_none_is_said_and_stays_in_its_field(console: FlaskClient) -> None:
    response = console.get(f"{HERE}?period=spring")
    page = read(response)
    assert response.status_code == 422
    assert "“spring” is no period." in page.text
    assert next(one for one in page.inputs if one.get("name") == "period")["value"] == "spring"
    assert console.get(f"{HERE}/spring.pdf").status_code == 422
    assert console.get(f"{HERE}/2027.docx").status_code == 404


def test_periods_near_today_are_offered(console: FlaskClient) -> None:
    page = read(console.get(HERE))
    links = [
        found["href"].partition("period=")[2] for tag, found in page.elements if "period=" in found.get("href", "")
    ]
    assert links == ["2027", "2026", "2027-Q1", "2026-Q4", "2027-03"]
