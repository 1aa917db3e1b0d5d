"""Brings a database to today's tables, and tells whether it is there."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def upgrade(db: Database) -> None:
    """Run the migrations that have not run yet. Repeating it changes nothing."""
    config = _config()
    with db.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current(db: Database) -> tuple[str | None, str | None]:
    """Return (the database's revision, the newest revision)."""
    with db.read() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    return at, ScriptDirectory.from_config(_config()).get_current_head()


def differences(db: Database) -> list[str]:
    """Return what differs between the database and the tables in the code."""
    with db.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, metadata)]
