"""A real `ssa serve` in processes of its own, which a test may kill without warning and start again."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

COMMAND = "from ssa_engine.cli import main; main()"
READY_SECONDS = 60.0


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`ssa serve` on a port of its own, master and workers in one process group."""

    def __init__(self, database_url: str, log: Path, **settings: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SSA_")}
        given = {f"SSA_{name.upper()}": value for name, value in settings.items()}
        self._environment = {**kept, "SSA_DATABASE_URL": database_url, "SSA_SECURE_COOKIES": "false", **given}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start it; return once it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", COMMAND, "serve", "--port", str(self.port)],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + READY_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the server did not start:\n{self._log.read_text()[-4000:]}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End master and workers at once, wherever they are, as a power cut would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def connect(self, timeout: float = 20) -> http.client.HTTPConnection:
        """Return a connection to it, not yet opened."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def _answers(self) -> bool:
        connection = self.connect(timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
