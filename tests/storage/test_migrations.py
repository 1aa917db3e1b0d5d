"""Migrations lead to the tables in the code; and every bank version that was served stays readable."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from flask.testing import FlaskClient

from ssa_engine.actions.banks import Banks
from ssa_engine.app import create_app
from ssa_engine.config import read_settings
from ssa_engine.content.library import Library
from ssa_engine.core.errors import NotFound
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.storage import attempts as attempt_rows
from ssa_engine.storage import banks as bank_rows
from ssa_engine.storage import events, places
from ssa_engine.storage.db import Database
from ssa_engine.storage.schema import metadata
from ssa_engine.storage.upgrade import MIGRATIONS, current, differences, upgrade
from tests.factories import START, Clock, Someone, item_url, read, session_of, start_attempt
from tests.web.walk import snapshot


@pytest.fixture
def created(tmp_path: Path, db: Database) -> Iterator[Database]:
    """A database made from the tables in the code, without migrations; SQLite, or a schema beside the upgraded one."""
    if db.is_sqlite:
        database = Database(f"sqlite:///{tmp_path}/created.db")
    else:
        with db.write() as connection:
            connection.exec_driver_sql("CREATE SCHEMA created")
        database = Database(db.url.render_as_string(hide_password=False))
        sa.event.listen(database.engine, "connect", _into_schema)
    with database.write() as connection:
        metadata.create_all(connection)
    yield database
    database.dispose()


def _into_schema(connection: object, _: object) -> None:
    with connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SET search_path TO created")
    connection.commit()  # type: ignore[attr-defined]


def described(db: Database) -> dict[str, object]:
    """Table -> its columns, checks, unique constraints, indexes and foreign keys, as the database tells them."""
    look = sa.inspect(db.engine)
    found: dict[str, object] = {}
    for table in sorted(set(look.get_table_names()) - {"alembic_version"}):
        found[table] = {
            "columns": [(one["name"], str(one["type"]), one["nullable"]) for one in look.get_columns(table)],
            "checks": sorted((str(one["name"]), _folded(one["sqltext"])) for one in look.get_check_constraints(table)),
            "unique": sorted(str((one["name"], one["column_names"])) for one in look.get_unique_constraints(table)),
            "indexes": sorted(
                str((one["name"], one["column_names"], one["unique"])) for one in look.get_indexes(table)
            ),
            "keys": sorted(
                str((one["constrained_columns"], one["referred_table"], one["referred_columns"]))
                for one in look.get_foreign_keys(table)
            ),
            "primary": look.get_pk_constraint(table)["constrained_columns"],
        }
    return found


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_an_upgraded_database_has_the_tables_of_the_code(db: Database) -> None:
    assert differences(db) == []
    at, newest = current(db)
    assert at == newest is not None


def test_its_constraints_are_those_of_the_code_too(db: Database, created: Database) -> None:
    upgraded = described(db)
    assert set(upgraded) == set(metadata.tables)
    assert upgraded == described(created)


def test_a_difference_would_be_found(db: Database) -> None:
    with db.write() as connection:
        connection.exec_driver_sql("DROP INDEX ix_audit_noun_noun_id")
        connection.exec_driver_sql("ALTER TABLE people ADD COLUMN shoe_size INTEGER")
    text = "\n".join(differences(db))
    assert "ix_audit_noun_noun_id" in text
    assert "shoe_size" in text


def test_upgrading_again_changes_nothing(db: Database, candidate: Someone) -> None:
    before, at = snapshot(db), current(db)
    upgrade(db)
    upgrade(db)
    assert (snapshot(db), current(db), differences(db)) == (before, at, [])


def test_an_empty_file_is_at_no_revision_until_it_is_upgraded(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/folder/new.db")
    assert current(db)[0] is None
    assert differences(db) != []
    upgrade(db)
    assert (current(db)[0], differences(db)) == (current(db)[1], [])
    db.dispose()


def changed(library: Library, words: str) -> Library:
    """The library after somebody has rewritten the stem of every CT item."""
    bank = library.bank("CT")
    items = tuple(item.model_copy(update={"stem": f"{words} {item.stem}"}) for item in bank.items)
    return replace(library, banks={"CT": ItemBank(spec=bank.spec, items=items, media=bank.media)})


def test_every_bank_version_stays_readable_as_it_was(db: Database, library: Library, clock: Clock) -> None:
    libraries = [library, changed(library, "Newer:"), changed(library, "Newest:")]
    for one in libraries:
        with db.write() as connection:
            Banks(db, one).store(connection, one.bank("CT"), clock())
            Banks(db, one).store(connection, one.bank("CT"), clock())  # storing it again is fine
    originals = [one.bank("CT") for one in libraries]
    assert len({bank.version for bank in originals}) == 3
    assert len({bank.key_version for bank in originals}) == 1
    afresh = Banks(db, libraries[-1])
    for bank in originals:
        again = afresh.at(bank.version)
        assert (again, again.version, again.key_version) == (bank, bank.version, bank.key_version)
    with pytest.raises(NotFound, match="is not stored here"):
        afresh.at("0123456789abcdef")


def test_pictures_stay_with_the_version_they_were_shown_with(
    db: Database, library: Library, clock: Clock, tmp_path: Path
) -> None:
    bank, picture = library.bank("CT"), tmp_path / "scan.png"
    versions = []
    for content in (b"\x89PNG old", b"\x89PNG new"):
        picture.write_bytes(content)
        now = ItemBank(spec=bank.spec, items=bank.items, media={"scan.png": content.hex()})
        with_picture = replace(library, banks={"CT": now}, media={"CT": {"scan.png": picture}})
        with db.write() as connection:
            Banks(db, with_picture).store(connection, now, clock())
        versions.append(now.version)
    with db.read() as connection:
        assert [bank_rows.media(connection, version, "scan.png") for version in versions] == [
            b"\x89PNG old",
            b"\x89PNG new",
        ]
        assert bank_rows.media(connection, versions[0], "other.png") is None


def test_an_attempt_goes_on_with_the_items_it_began_with(
    database_url: str,
    db: Database,
    library: Library,
    clock: Clock,
    browser: FlaskClient,
    candidate: Someone,
    sign_in: Callable[[Someone], FlaskClient],
) -> None:
    attempt = start_attempt(browser, candidate)
    before = [read(browser.get(item_url(attempt, position))).text for position in (1, 40, 80)]
    settings = read_settings({}, database_url=database_url, secure_cookies="false")
    app = create_app(settings, clock=clock, library=changed(library, "Rewritten:"))
    later = app.test_client()
    later.set_cookie("ssa_session", session_of(db, candidate, clock()))
    assert [read(later.get(item_url(attempt, position))).text for position in (1, 40, 80)] == before
    assert later.post(f"/candidate/attempts/{attempt}/review", data={"confirmed": "yes"}).status_code == 303
    assert len(read(later.get(f"/candidate/attempts/{attempt}/result")).rows("data-area")) == 7
    app.extensions["ssa_engine"].db.dispose()


@pytest.fixture
def before_the_sitting(db: Database, tmp_path: Path) -> Iterator[Database]:
    """A database as it was at the first revision; SQLite, or a schema beside the upgraded one."""
    if db.is_sqlite:
        database = Database(f"sqlite:///{tmp_path}/old.db")
    else:
        with db.write() as connection:
            connection.exec_driver_sql("CREATE SCHEMA created")
        database = Database(db.url.render_as_string(hide_password=False))
        sa.event.listen(database.engine, "connect", _into_schema)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    yield database
    database.dispose()


OLD_ROWS: list[tuple[str, dict[str, object]]] = [
    ("people", {"id": 1, "email": "a@test.example", "name": "A", "password_hash": "!", "created_at": START}),
    ("credentials", {"id": 1, "person_id": 1, "discipline": "CT", "earned_on": dt.date(2018, 6, 1)}),
    ("bank_versions", {"version": "b", "discipline": "CT", "key_version": "k", "content": "{}", "stored_at": START}),
    ("policies", {"discipline": "CT", "version": 1, "document": "{}", "reason": "r", "published_by": "p",
                  "published_at": START}),
    ("forms", {"id": 1, "discipline": "CT", "bank_version": "b", "seed": 1, "drawn_at": START}),
    ("attempts", {"id": 1, "credential_id": 1, "cycle": 1, "number": 1, "form_id": 1, "state": "released",
                  "started_at": START, "seconds_allowed": 6000, "submitted_at": START, "released_at": START,
                  "position": 1, "items_total": 2, "render_token": "t", "rendered_at": START}),
    ("responses", {"id": 1, "attempt_id": 1, "item_id": "one", "answer": "a", "token": "t", "answered_at": START,
                   "seconds": 3.5}),
    ("results", {"id": 1, "attempt_id": 1, "version": 1, "discipline": "CT", "policy_version": 1, "bank_version": "b",
                 "key_version": "k", "scored_at": START}),
    *(("area_scores", {"result_id": 1, "content_area": area, "items": 10, "correct": correct, "score": correct / 10,
                       "score_se": 0.1, "standard": 0.7, "gap": 0.0, "below_standard": False,
                       "probability_below": 0.5, "credits_by_rule": 0.0, "credits": 0.0})
      for area, correct in (("head", 7), ("neck", 10), ("chest", 0))),
]  # fmt: skip


def test_what_was_stored_before_the_sitting_had_tables_is_there_with_what_it_was_worth(
    before_the_sitting: Database,
) -> None:
    db = before_the_sitting
    with db.write() as connection:
        for name, row in OLD_ROWS:
            columns = metadata.tables[name].columns
            table = sa.table(name, *(sa.column(one, columns[one].type) for one in row))
            connection.execute(table.insert().values(row))
    upgrade(db)
    assert (current(db)[0], differences(db)) == (current(db)[1], [])
    with db.read() as connection:
        scores = connection.execute(sa.select(metadata.tables["area_scores"])).mappings().all()
        attempt = attempt_rows.get(connection, 1)
        [response] = places.response_log(connection, 1)
        timeline = events.timeline(connection, 1)
    assert {row["content_area"]: (row["correct"], row["points"]) for row in scores} == {
        "head": (7, 7.0),
        "neck": (10, 10.0),
        "chest": (0, 0.0),
    }
    assert attempt is not None
    assert (attempt.paused_seconds, attempt.break_after, attempt.breaks_done, attempt.locked_through) == (0, (), 0, 0)
    assert (attempt.ends_at - attempt.started_at, attempt.break_began_at) == (dt.timedelta(seconds=6000), None)
    assert (response.answer, bool(response.late), len(timeline)) == ("a", False, 0)
