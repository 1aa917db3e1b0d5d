"""Options that several commands share, and how they print."""

from __future__ import annotations

import datetime as dt
import getpass
import json
from pathlib import Path
from typing import Any

import click

from ssa_engine.actions.banks import Banks
from ssa_engine.config import Settings, read_settings
from ssa_engine.content.library import Library, load_library
from ssa_engine.storage.db import Database
from ssa_engine.storage.upgrade import require_newest

json_option = click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
out_option = click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write into."
)


def say_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def library_of(settings: Settings) -> Library:
    """Load the configured content."""
    return load_library(settings.content_dir, settings.item_bank_dir)


def open_database() -> tuple[Database, Banks]:
    """Open the configured database with the configured content."""
    settings = read_settings()
    db = Database(settings.database_url)
    click.get_current_context().call_on_close(db.dispose)
    require_newest(db)
    return db, Banks(db, library_of(settings))


def now() -> dt.datetime:
    """Return the time."""
    return dt.datetime.now(dt.UTC)


def who() -> str:
    """Return who is at the shell, for the audit trail."""
    return f"shell:{getpass.getuser()}"
