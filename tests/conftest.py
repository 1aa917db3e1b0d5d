"""Fixtures: databases of both kinds, a clock that stands still, an application, people who are signed in."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.policies import publish
from ssa_engine.app import create_app
from ssa_engine.config import bundled, read_settings
from ssa_engine.content.library import Library, load_library
from ssa_engine.storage.db import Database
from ssa_engine.storage.upgrade import upgrade
from tests import postgres
from tests.compiled_templates import CompiledTemplates
from tests.factories import Clock, Someone, add_someone, session_of

settings.register_profile("house", deadline=None)  # how long a draw takes says something about the machine alone
settings.load_profile("house")


@pytest.fixture(scope="session")
def library() -> Library:
    """The bundled content."""
    return load_library(bundled("content_specs"), bundled("item_bank"))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server: the one named in SSA_TEST_PG_URL, else one of our own."""
    given = os.environ.get("SSA_TEST_PG_URL")
    if given:
        yield given
        return
    if postgres.binaries() is None and os.environ.get("CI") != "true":
        pytest.skip("PostgreSQL is not installed here; with CI=true this is an error")
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upgraded, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    db = Database(f"sqlite:///{path}")
    upgrade(db)
    db.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """An upgraded, empty PostgreSQL database to copy; its name."""
    name = f"template_{uuid.uuid4().hex[:8]}"
    _as_admin(postgres_url, f"CREATE DATABASE {name}")
    db = Database(_url(postgres_url, name))
    upgrade(db)
    db.dispose()
    return name


def _as_admin(url: str, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def _url(url: str, name: str) -> str:
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an upgraded, empty database; the test runs once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "ssa.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server, template = request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_template")
    name = f"test_{uuid.uuid4().hex[:12]}"
    _as_admin(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _url(server, name)
    _as_admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """An upgraded, empty database."""
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is moved."""
    return Clock()


@pytest.fixture
def banks(db: Database, library: Library) -> Banks:
    """The item banks of the bundled content."""
    return Banks(db, library)


@pytest.fixture
def published(db: Database, library: Library, clock: Clock) -> None:
    """The sample policies, published."""
    for spec in library.specs.values():
        publish(db, spec, spec.sample_policy, expected_version=0, reason="sample", who="test", now=clock())


@pytest.fixture(scope="session")
def compiled_templates() -> CompiledTemplates:
    """One such cache for all tests."""
    return CompiledTemplates()


@pytest.fixture
def app(
    database_url: str,
    clock: Clock,
    library: Library,
    published: None,
    compiled_templates: CompiledTemplates,
    tmp_path: Path,
) -> Iterator[Flask]:
    """The application on that database, with the sample policies published."""
    given = {"database_url": database_url, "certificate_dir": str(tmp_path / "certificates")}
    app = create_app(read_settings({}, **given, secure_cookies="false"), clock=clock, library=library)
    app.jinja_env.bytecode_cache = compiled_templates
    app.testing = False
    yield app
    app.extensions["ssa_engine"].db.dispose()


@pytest.fixture
def sign_in(app: Flask, db: Database, clock: Clock) -> Callable[[Someone], FlaskClient]:
    """Give a browser in which a person is signed in."""

    def browser(someone: Someone) -> FlaskClient:
        client = app.test_client()
        client.set_cookie("ssa_session", session_of(db, someone, clock()))
        return client

    return browser


@pytest.fixture
def candidate(db: Database, clock: Clock) -> Someone:
    """A candidate with an open window in CT."""
    return add_someone(db, "candidate@test.example", clock=clock)


@pytest.fixture
def browser(sign_in: Callable[[Someone], FlaskClient], candidate: Someone) -> FlaskClient:
    """A browser in which that candidate is signed in."""
    return sign_in(candidate)
