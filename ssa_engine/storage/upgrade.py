"""Brings a database to today's tables, and tells whether it is there."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ssa_engine.core.errors import Invalid
from ssa_engine.storage.db import Database
from ssa_engine.storage.schema import metadata

MIGRATIONS = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def upgrade(db: Database) -> None:
    """Run the migrations that have not run yet. Repeating it changes nothing."""
    config = _config()
    current(db)
    with db.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current(db: Database) -> tuple[str | None, str | None]:
    """Return (the database's revision, the newest revision); raise `Invalid` if it cannot be opened."""
    try:
        with db.read() as connection:
            at = MigrationContext.configure(connection).get_current_revision()
    except sa.exc.DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise Invalid(f"The database {db.url.render_as_string()} cannot be opened: {reason}") from None
    return at, ScriptDirectory.from_config(_config()).get_current_head()


def require_newest(db: Database) -> None:
    """Raise `Invalid` unless the tables are those the program needs."""
    at, newest = current(db)
    if at != newest:
        raise Invalid(f"The database is at revision {at or 'none'}, the program needs {newest}: ssa database upgrade")


def differences(db: Database) -> list[str]:
    """Return what differs between the database and the tables in the code."""
    with db.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, metadata)]
