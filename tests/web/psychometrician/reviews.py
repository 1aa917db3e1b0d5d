"""A psychometrician's browser on a small cohort, and pages and files read as rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask.testing import FlaskClient

from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.storage.console_tables import candidate_groups
from ssa_engine.storage.db import Database
from ssa_engine.storage.sitting_tables import comments
from ssa_engine.storage.tables import attempts, credentials
from tests.demos import build
from tests.factories import START, Clock, Page, Someone, add_someone

Rows = dict[str, dict[str, str]]


def reader(
    db: Database, library: Library, clock: Clock, sign_in: Callable[[Someone], FlaskClient], cohort: int
) -> FlaskClient:
    """Build a demo with so many simulated sittings; return a psychometrician's browser."""
    build(db, Banks(db, library), cohort=cohort, seed=5, now=clock())
    return sign_in(add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN))


def in_groups(db: Database, discipline: str = "CT") -> None:
    """Put every second candidate of a discipline into one of two groups, and comment thrice on an item."""
    with db.write() as connection:
        connection.execute(candidate_groups.delete())
        query = sa.select(attempts.c.id, credentials.c.person_id).join(credentials)
        rows = connection.execute(query.where(credentials.c.discipline == discipline).order_by(attempts.c.id)).all()
        people = list(dict.fromkeys(row.person_id for row in rows))
        groups = [
            {"person_id": person, "grouping": "shift", "value": "night" if place % 3 == 0 else "day"}
            for place, person in enumerate(people)
        ]
        connection.execute(candidate_groups.insert(), groups)
        said = [
            {"attempt_id": row.id, "item_id": "ct-dose-001", "text": f"Unclear {row.id}", "at": START}
            for row in rows[:3]
        ]
        connection.execute(comments.insert(), said)


def csv_rows(browser: FlaskClient, url: str, query: dict[str, str] | None = None) -> list[dict[str, str]]:
    """A file, row by row."""
    response = browser.get(url, query_string=query)
    assert (response.status_code, response.content_type) == (200, "text/csv; charset=utf-8"), url
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))


def table(page: Page, table_id: str) -> list[list[str]]:
    """The data-value of every cell of a table, row by row."""
    rows: list[list[str]] = []
    inside = False
    for tag, found in page.elements:
        if tag == "table":
            inside = found.get("id") == table_id
        elif inside and tag == "tr":
            rows.append([])
        elif inside and tag in ("td", "th") and "data-value" in found:
            rows[-1].append(found["data-value"])
    return [row for row in rows if row]


def shown(page: Page, table: str) -> list[dict[str, str]]:
    """The figures of a table of a page: for each row the `data-value` of each cell by its `data-name`."""
    rows: list[dict[str, str]] = []
    inside = False
    for tag, found in page.elements:
        if tag == "table":
            inside = found.get("id") == table
        elif inside and tag == "tr":
            rows.append({})
        elif inside and tag == "td" and "data-name" in found:
            rows[-1][found["data-name"]] = found["data-value"]
    return [row for row in rows if row]


def agree(page: Page, table: str, file: list[dict[str, str]]) -> int:
    """Assert that a table and a file have the same rows, and the same figures to the last digit; return how many."""
    rows = shown(page, table)
    assert len(rows) == len(file)
    for row, written in zip(rows, file, strict=True):
        assert {name: written[name] for name in row} == row
    return sum(len(row) for row in rows)


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """Collect the statements sent to a database."""
    statements: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
