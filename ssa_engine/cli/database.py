"""ssa database: upgrade, check."""

from __future__ import annotations

import click

from ssa_engine.config import read_settings
from ssa_engine.core.errors import Invalid


@click.group()
def database() -> None:
    """The configured database."""


@database.command()
def upgrade() -> None:
    """Bring the tables up to date. Safe to repeat."""
    from ssa_engine.storage.db import Database
    from ssa_engine.storage.upgrade import current
    from ssa_engine.storage.upgrade import upgrade as run

    db = Database(read_settings().database_url)
    click.get_current_context().call_on_close(db.dispose)
    run(db)
    click.echo(f"The database is at revision {current(db)[0]}.")


@database.command()
def check() -> None:
    """Tell whether the tables are those the program needs."""
    from ssa_engine.storage.db import Database
    from ssa_engine.storage.upgrade import current, differences, require_newest

    db = Database(read_settings().database_url)
    click.get_current_context().call_on_close(db.dispose)
    require_newest(db)
    found = differences(db)
    if found:
        raise Invalid("The tables differ from what the program needs:\n" + "\n".join(found))
    click.echo(f"The database is at revision {current(db)[0]}; its tables are as they should be.")


@database.command()
def sweep() -> None:
    """Remove files of certificates, older than a day, that no claim names: what a crash left behind. Safe to repeat."""
    from ssa_engine.actions.certificates import sweep as run
    from ssa_engine.cli.shared import now, open_database
    from ssa_engine.storage.certificate_files import CertificateFiles

    db, _ = open_database()
    removed = run(db, CertificateFiles(read_settings().certificate_dir), now=now())
    click.echo(f"{len(removed)} files removed.")


COMMANDS = (database,)
