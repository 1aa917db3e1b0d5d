"""ssa demo: a demo with people, policies and a simulated cohort, served on this machine."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssa_engine.cli.shared import library_of, now
from ssa_engine.config import Settings, read_settings
from ssa_engine.core.errors import Invalid

if TYPE_CHECKING:
    from ssa_engine.actions.banks import Banks
    from ssa_engine.core.activities import Activity

HOST = "127.0.0.1"


@click.command()
@click.option("--data", default="var/demo", show_default=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--cohort", default=300, show_default=True, type=click.IntRange(0, 100_000), help="Simulated attempts.")
@click.option("--seed", default=20260301, show_default=True, type=click.IntRange(0))
@click.option("--fresh", is_flag=True, help="Build anew, discarding what is there.")
@click.option("--no-serve", is_flag=True, help="Build only.")
def demo(data: Path, port: int, cohort: int, seed: int, fresh: bool, no_serve: bool) -> None:
    """Build a demo in DATA if there is none, and serve it on http://127.0.0.1:PORT."""
    path = data / "demo.db"
    settings = read_settings(
        database_url=f"sqlite:///{path}",
        certificate_dir=str(data / "certificates"),
        secure_cookies="false",
        demo="true",
    )
    if not no_serve:
        _require_free(port)
    if fresh or not path.exists():
        click.echo(f"Building the demo in {path} …")
        _build(settings, path, cohort, seed)
    if no_serve:
        click.echo(f"The demo is in {path}.")
        return
    from waitress import serve

    from ssa_engine.app import create_app
    from ssa_engine.storage.db import Database
    from ssa_engine.storage.upgrade import upgrade

    upgrade(Database(settings.database_url))
    app = create_app(settings)
    click.echo(f"Serving on http://{HOST}:{port} — sign in as candidate@example.org, password demo. Ctrl+C ends it.")
    serve(app, host=HOST, port=port, threads=8, ident=None)


def _build(settings: Settings, path: Path, cohort: int, seed: int) -> None:
    """Build beside the final place and move it there, so that a demo is whole or absent."""
    from ssa_engine.actions.banks import Banks
    from ssa_engine.actions.demo import build
    from ssa_engine.actions.demo_process import build_process
    from ssa_engine.storage.certificate_files import CertificateFiles
    from ssa_engine.storage.db import Database
    from ssa_engine.storage.upgrade import upgrade

    part = path.with_name("demo.part.db")
    _remove(part)
    db = Database(f"sqlite:///{part}")
    upgrade(db)
    banks, at = Banks(db, library_of(settings)), now()
    build(db, banks, cohort=cohort, seed=seed, now=at)
    shutil.rmtree(settings.certificate_dir, ignore_errors=True)
    files = CertificateFiles(settings.certificate_dir)
    build_process(db, banks, files, _catalogue(settings, banks), seed=seed, now=at)
    db.dispose()
    _remove(path)
    part.replace(path)
    _remove(part)


def _catalogue(settings: Settings, banks: Banks) -> list[Activity]:
    """Return the activities that come with the content, if any do."""
    from ssa_engine.exchange.activity_files import read_activities

    path = settings.content_dir / "activities.csv"
    outlines = {code: tuple(spec.area_names) for code, spec in banks.library.specs.items()}
    return read_activities(path, outlines) if path.exists() else []


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", ".lock"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise Invalid(f"Port {port} is in use. Choose another: make serve PORT={port + 1}") from None


COMMANDS = (demo,)
