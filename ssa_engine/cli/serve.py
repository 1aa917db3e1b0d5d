"""ssa serve: the production server."""

from __future__ import annotations

import ipaddress
from typing import Any

import click

from ssa_engine.config import Settings, read_settings
from ssa_engine.core.errors import Invalid


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Serve the configured database with gunicorn: several processes, each with threads."""
    from ssa_engine.storage.db import Database
    from ssa_engine.storage.upgrade import require_newest

    settings = read_settings()
    if settings.demo and not is_loopback(host):
        raise Invalid("The demo has known passwords, so it is served on this machine only: use --host 127.0.0.1.")
    db = Database(settings.database_url)
    require_newest(db)
    db.dispose()
    server(settings, host, port).run()


def server(settings: Settings, host: str, port: int) -> Any:
    """Return the gunicorn server of these settings."""
    from gunicorn.app.base import BaseApplication

    from ssa_engine.app import create_app  # before the workers fork: its modules are read once, and shared

    class Server(BaseApplication):  # type: ignore[misc]
        """Each worker builds its own application, so no connection is shared across a fork."""

        def load_config(self) -> None:
            """Give gunicorn its options."""
            self.cfg.set("bind", f"{host}:{port}")
            self.cfg.set("workers", settings.processes)
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("threads", settings.threads)
            self.cfg.set("keepalive", 15)
            self.cfg.set("control_socket_disable", True)

        def load(self) -> Any:
            """Build the application of one worker."""
            return create_app(settings)

    return Server()


COMMANDS = (serve,)
