"""Counts the statements that a page asks of the database, and walks every page of the console to count them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from jinja2.bccache import BytecodeCache

from ssa_engine.actions.banks import Banks
from ssa_engine.app import create_app
from ssa_engine.config import read_settings
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.storage.db import Database
from ssa_engine.storage.upgrade import upgrade
from tests.factories import Clock, add_someone, session_of
from tests.web.psychometrician.cohort_to_walk import LOOKS, calibrated, prepare
from tests.web.walk import fill, methods_of, rules_of

FILES: dict[str, Mapping[str, object]] = {
    "areas.download": {"areas_table": "areas"},
    "areas.table_of_area": {"area_table": "scores"},
    "cohort.download": {"dataset": "attempts"},
    "exports.download": {"dataset": "responses"},
    "items.item_table": {"table": "options"},
    "releases.download": {"release_table": "waiting"},
    "report.download": {"period": "2027", "kind": "html"},
    "rescoring.download": {"table_name": "people"},
    "standard_setting.table": {"panel_table": "cut"},
    "tuning.compared_table": {"table_name": "figures"},
    "tuning.table": {"table_name": "areas"},
}
"""Endpoint of a file -> what its address names beside the things that all pages show."""
COMPARED = "left=version-1&right=draft-1"


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that an application sends while this is open."""
    engine, sent = app.extensions["ssa_engine"].db.engine, []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def questions_of_every_page(
    folder: Path, library: Library, cohort: int, compiled: BytecodeCache | None = None
) -> dict[str, int]:
    """Fill a database on SQLite with so many sittings; return the questions of every page and file of the console.

    Each is asked with nothing in memory. What goes through the driver's own cursors counts as well. The address of a
    page has the names of its parts in place of their values, and the query.
    """
    clock, own, url = Clock(), calibrated(library), f"sqlite:///{folder / f'{cohort}.db'}"
    db = Database(url)
    upgrade(db)
    values = prepare(db, own, clock, cohort)
    reader = add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN)
    session = session_of(db, reader, clock())
    db.dispose()
    settings = read_settings({}, database_url=url, secure_cookies="false")
    app = create_app(settings, clock=clock, library=own)
    app.jinja_env.bytecode_cache = compiled or app.jinja_env.bytecode_cache
    return {name: _questions(app, session, address) for name, address in _addresses(app, values).items()}


def _addresses(app: Flask, values: Mapping[str, list[dict[str, object]]]) -> dict[str, str]:
    """Return the name of every page and file, each as it is looked at -> its address."""
    found = {}
    for rule in rules_of(app):
        audience, _, endpoint = str(rule.endpoint).partition(".")
        if audience == "psychometrician" and "GET" in methods_of(rule):
            own = {**values.get(str(rule.endpoint), values[""])[0], **FILES.get(endpoint, {})}
            queries = (COMPARED,) if endpoint == "tuning.compared_table" else LOOKS.get(str(rule.endpoint), ("",))
            for query in queries:
                found[f"{rule.rule}?{query}".rstrip("?")] = f"{fill(rule, own)}?{query}".rstrip("?")
    return found


def _questions(app: Flask, session: str, address: str) -> int:
    """Count every statement that asks for rows, those of the driver's own cursors too, on a database of its own."""
    seen: list[str] = []
    engine = app.extensions["ssa_engine"]
    db = Database(engine.settings.database_url)
    app.extensions["ssa_engine"] = replace(engine, db=db, banks=Banks(db, engine.banks.library))
    sa.event.listen(db.engine, "connect", lambda connection, _: connection.set_trace_callback(seen.append))
    browser = app.test_client()
    browser.set_cookie("ssa_session", session)
    response = browser.get(address)
    db.dispose()
    assert response.status_code in {200, 302}, (address, response.status_code)
    return len([one for one in seen if one.lstrip().upper().startswith(("SELECT", "WITH"))])
