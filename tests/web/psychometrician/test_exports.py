"""Exports of one discipline, of a period, for a spreadsheet; and links to the tables of the pages, which all exist."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions.banks import Banks
from ssa_engine.app import create_app
from ssa_engine.config import read_settings
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.exchange.columns import DATASETS
from ssa_engine.storage import audit
from ssa_engine.storage.db import Database
from tests.demos import build
from tests.factories import Clock, Someone, add_someone, read

URL = "/psychometrician/exports"


@pytest.fixture
def app(database_url: str, db: Database, clock: Clock, library: Library, compiled_templates: Any) -> Iterator[Flask]:
    """The application on a small demo."""
    build(db, Banks(db, library), cohort=8, seed=5, now=clock())
    app = create_app(read_settings({}, database_url=database_url, secure_cookies="false"), clock=clock, library=library)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    app.extensions["ssa_engine"].db.dispose()


@pytest.fixture
def console(app: Flask, db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]) -> FlaskClient:
    """A psychometrician's browser."""
    return sign_in(add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN))


def rows(console: FlaskClient, name: str, query: str = "") -> list[dict[str, str]]:
    response = console.get(f"{URL}/{name}.csv?{query}")
    assert response.status_code == 200, query
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))


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
    for link in links:
        assert link.endswith("?discipline=CT&from=2027-03-14&for_spreadsheet=1")
        response = console.get(link)
        assert response.status_code == 200
        if link.startswith(f"{URL}/audit.csv"):
            assert "'=1+1" in response.get_data(as_text=True)
        if "package.zip" in link:
            archive = zipfile.ZipFile(io.BytesIO(response.data))
            assert "'=1+1" in archive.read("audit.csv").decode()
            described = json.loads(archive.read("datapackage.json"))
            assert len(described["resources"]) == len(DATASETS)


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
