"""A PostgreSQL server of the tests' own: a socket in a temporary folder, no network, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOM = 2 * 1024**3
"""Bytes that a memory disk must have free."""


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs: on PATH, or where Debian keeps them."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return places[-1].parent if places else None


def memory() -> str | None:
    """Return the folder of the machine's memory disk if it has room: a database is made there ten times faster."""
    disk = Path("/dev/shm")
    has_room = disk.is_dir() and os.access(disk, os.W_OK) and shutil.disk_usage(disk).free > ROOM
    return str(disk) if has_room else None


@contextmanager
def server() -> Iterator[str]:
    """Run a server; give the URL of its first database."""
    folder = binaries()
    if folder is None:
        raise RuntimeError("PostgreSQL is not installed; install it, or name a server in SSA_TEST_PG_URL")
    # PostgreSQL refuses to run as root, so root runs it as the user that its package made.
    user = "postgres" if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="ssa-pg-", dir=memory()))
    try:
        if user:
            shutil.chown(home, user)
        data = home / "data"

        def run(program: str, *arguments: str) -> None:
            command = [str(folder / program), *arguments]
            done = subprocess.run(command, user=user, cwd=home, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

        run("initdb", "-D", str(data), "-U", "ssa", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        given = ("listen_addresses=''", f"unix_socket_directories={home}", "fsync=off", "max_wal_size=64MB")
        options = " ".join(f"-c {one}" for one in (*given, "max_connections=200"))
        run("pg_ctl", "-D", str(data), "-w", "-l", str(home / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg://ssa@/postgres?host={home}"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
