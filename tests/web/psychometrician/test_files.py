"""Files of the console's pages: one way of writing them, for a spreadsheet where the address says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions import policy_drafts
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.storage.db import Database
from ssa_engine.web.psychometrician.files import attachment, csv_table
from tests.factories import START, Clock, Someone, add_someone, read

COLUMNS = ("name", "known", "share")


@pytest.fixture
def console(app: Flask, db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]) -> FlaskClient:
    """A psychometrician's browser."""
    return sign_in(add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN))


@pytest.mark.parametrize(
    ("address", "expected"),
    [("/", "name,known,share\n=1+1,true,0.5\n"), ("/?for_spreadsheet=1", "name,known,share\n'=1+1,true,0.5\n")],
)
@pytest.mark.parametrize("row", [("=1+1", True, 0.5), {"share": 0.5, "name": "=1+1", "known": True, "more": 1}])
def test_a_table_is_written_from_cells_or_from_names(
    app: Flask, address: str, expected: str, row: tuple[str, bool, float] | dict[str, object]
) -> None:
    with app.test_request_context(address):
        response = csv_table(COLUMNS, [row], "one-table.csv")
    assert response.get_data(as_text=True) == expected
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="one-table.csv"'


def test_anything_else_is_sent_as_it_is() -> None:
    response = attachment(b"%PDF-", "report.pdf", "application/pdf")
    assert (response.data, response.content_type) == (b"%PDF-", "application/pdf")
    assert response.headers["Content-Disposition"] == 'attachment; filename="report.pdf"'


def test_the_files_of_a_draft_to_publish_are_of_the_cohort_shown(
    console: FlaskClient, db: Database, library: Library
) -> None:
    draft = policy_drafts.create(db, library.spec("CT"), title="One", who="test", now=START)
    chosen = "on=simulated&candidates=200&seed=3"
    page = read(console.get(f"/psychometrician/CT/policy/drafts/{draft.id}/publish?{chosen}"))
    links = [one["href"] for tag, one in page.elements if tag == "a" and ".csv" in one.get("href", "")]
    assert len(links) >= 6
    assert {link.partition("?")[2] for link in links} == {chosen}
    (areas,) = [link for link in links if "/areas.csv" in link]
    sittings = [line.split(",")[1:] for line in console.get(areas).get_data(as_text=True).splitlines()]
    column = sittings[0].index("sittings")
    assert {row[column] for row in sittings[1:]} == {"200"}


def test_the_tables_of_the_pages_are_for_a_spreadsheet_too(console: FlaskClient) -> None:
    page = read(console.get("/psychometrician/exports?discipline=CT&for_spreadsheet=1"))
    links = [one["href"] for tag, one in page.elements if tag == "a" and "/CT/" in one.get("href", "")]
    files = [link for link in links if ".csv" in link]
    assert len(files) >= 6
    assert {link.partition("?")[2] for link in files} == {"for_spreadsheet=1"}
