"""Exports of one discipline, of a period, for a spreadsheet; and links to the tables of the pages, which all exist."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from flask.testing import FlaskClient

from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.exchange.columns import DATASETS
from ssa_engine.storage import audit
from ssa_engine.storage.db import Database
from tests.demos import build
from tests.factories import Clock, read
from tests.web.psychometrician.reviews import csv_rows

URL = "/psychometrician/exports"


@pytest.fixture
def published(db: Database, library: Library, clock: Clock) -> None:
    """A small cohort with published policies, in the place of policies alone."""
    build(db, Banks(db, library), cohort=8, seed=5, now=clock())


def rows(console: FlaskClient, name: str, query: str = "") -> list[dict[str, str]]:
    return csv_rows(console, f"{URL}/{name}.csv?{query}")


def test_a_period_and_a_discipline_keep_their_sittings_in_every_file(console: FlaskClient) -> None:
    everything = rows(console, "attempts")
    day = sorted(row["submitted_at"][:10] for row in everything)[4]
    kept = {row["attempt_id"] for row in everything if row["submitted_at"][:10] <= day}
    assert 0 < len(kept) < len(everything)
    for name in ("attempts", "responses", "area_scores", "events"):
        found = rows(console, name, f"to={day}&discipline=CT")
        assert {row["attempt_id"] for row in found} == kept, name
        assert found == [row for row in rows(console, name) if row["attempt_id"] in kept], name
    assert {row["attempt_id"] for row in rows(console, "prescriptions", f"to={day}")} <= kept
    assert rows(console, "attempts", "discipline=RAD") == []
    counted = [int(row["n"]) for row in rows(console, "items", f"to={day}") if row["scored"] == "true"]
    assert max(counted) <= len(kept)
    assert sum(counted) == sum(row["scored"] == "true" for row in rows(console, "responses", f"to={day}"))
    assert rows(console, "audit", "to=2024-03-13") == []
    assert [row["verb"] for row in rows(console, "audit", "to=2024-03-14")] == ["publish"] * 3


def test_the_page_carries_its_choices_to_every_file(console: FlaskClient, db: Database, clock: Clock) -> None:
    with db.write() as connection:
        audit.add(connection, at=clock(), who="=1+1", verb="test", noun="person", noun_id=1)
    page = read(console.get(f"{URL}?discipline=CT&from=2027-03-14&for_spreadsheet=1"))
    links = [one["href"] for tag, one in page.elements if tag == "a" and "/exports/" in one.get("href", "")]
    assert len(links) == len(DATASETS) + 1
    columns = {f"{one.name}.csv": [column.name for column in one.columns] for one in DATASETS}
    for link in links:
        assert link.endswith("?discipline=CT&from=2027-03-14&for_spreadsheet=1")
        response = console.get(link)
        assert response.status_code == 200
        file = link.removeprefix(f"{URL}/").partition("?")[0]
        if file in columns:
            assert response.get_data(as_text=True).splitlines()[0] == ",".join(columns.pop(file)), file
            assert ("'=1+1" in response.get_data(as_text=True)) is (file == "audit.csv")
        else:
            assert file == "package.zip"
            archive = zipfile.ZipFile(io.BytesIO(response.data))
            assert "'=1+1" in archive.read("audit.csv").decode()
            described = json.loads(archive.read("datapackage.json"))
            assert len(described["resources"]) == len(DATASETS)
    assert columns == {}, "each file has a link"


def test_every_table_of_a_page_that_is_offered_can_be_had(console: FlaskClient) -> None:
    page = read(console.get(f"{URL}?discipline=CT"))
    links = [one["href"] for tag, one in page.elements if tag == "a" and "/psychometrician/CT/" in one.get("href", "")]
    files = [link for link in links if link.endswith(".csv")]
    assert len(files) >= 6
    for link in files:
        response = console.get(link)
        assert (response.status_code, response.content_type) == (200, "text/csv; charset=utf-8"), link
        assert "," in response.get_data(as_text=True).split("\n", 1)[0], link


def test_what_cannot_be_read_is_said(console: FlaskClient) -> None:
    assert "“soon” is no day." in read(console.get(f"{URL}/attempts.csv?from=soon")).text
    assert console.get(f"{URL}?discipline=XX").status_code == 404
