"""Start and end the two servers under load: the engine (`ssa serve`) and its floor."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROCESSES, THREADS = 2, 16
START_SECONDS = 30.0


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def engine(database: Path) -> Iterator[int]:
    """Run `ssa serve` on the database; give its port."""
    with _running(["-m", "ssa_engine.cli", "serve", "--port", "{port}"], database) as port:
        yield port


@contextmanager
def floor(database: Path) -> Iterator[int]:
    """Run the bare application; give its port."""
    with _running(["-m", "benchmarks.floor", "{port}", str(database)], database) as port:
        yield port


@contextmanager
def _running(arguments: list[str], database: Path) -> Iterator[int]:
    port = free_port()
    log = database.with_suffix(".log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *(argument.format(port=port) for argument in arguments)],
            env=_environment(database),
            stdout=out,
            stderr=out,
        )
    try:
        _await(process, port, log)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(database: Path) -> dict[str, str]:
    """Settings are the run's own: what the shell has set for a real database must not reach it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SSA_")}
    return kept | {
        "SSA_DATABASE_URL": f"sqlite:///{database}",
        "SSA_PROCESSES": str(PROCESSES),
        "SSA_THREADS": str(THREADS),
        "SSA_SECURE_COOKIES": "false",
    }


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until a worker answers; the socket alone is open before any has booted."""
    patience = time.monotonic() + START_SECONDS
    while time.monotonic() < patience and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.05)
            continue
        finally:
            connection.close()
        return
    raise RuntimeError(f"The server did not start:\n{log.read_text()}")
