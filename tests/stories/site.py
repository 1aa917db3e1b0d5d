"""A demo site on a free loopback port: in threads of this process, or in processes of its own that a test may kill."""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from ssa_engine.actions.people import SESSION_HOURS, hash_token
from ssa_engine.app import create_app
from ssa_engine.config import read_settings
from ssa_engine.content.library import Library
from ssa_engine.storage import people
from ssa_engine.storage.db import Database
from tests.compiled_templates import CompiledTemplates
from tests.stories.server import Server

COMPILED = CompiledTemplates()


def open_session(db: Database, email: str, now: dt.datetime) -> str:
    """Open a session for a person as signing in does; return its token."""
    token = secrets.token_urlsafe(32)
    with db.write() as connection:
        known = people.by_email(connection, email)
        assert known is not None, email
        people.open_session(
            connection,
            token_hash=hash_token(token),
            person_id=known[0].id,
            at=now,
            expires_at=now + dt.timedelta(hours=SESSION_HOURS),
        )
    return token


class Site:
    """The application on a free loopback port, in threads of this process."""

    def __init__(self, path: Path, library: Library) -> None:
        settings = read_settings({}, database_url=f"sqlite:///{path}", secure_cookies="false", demo="true")
        self.ahead = dt.timedelta()
        self.answers_late = 0.0
        self.app = create_app(settings, clock=lambda: dt.datetime.now(dt.UTC) + self.ahead, library=library)
        self.app.jinja_env.bytecode_cache = COMPILED
        self._server: Any = create_server(self._answer, host="127.0.0.1", port=0, threads=8, ident=None)
        self.url = f"http://127.0.0.1:{self._server.effective_port}"
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()

    @property
    def db(self) -> Database:
        """The database behind the pages."""
        found: Database = self.app.extensions["ssa_engine"].db
        return found

    def session(self, email: str) -> str:
        """Open a session for a person; return its token."""
        return open_session(self.db, email, dt.datetime.now(dt.UTC) + self.ahead)

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a write as late as the test wants it: the work is done, the news of it is slow."""
        body: Iterable[bytes] = self.app.wsgi_app(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST" and self.answers_late:
            time.sleep(self.answers_late)
        return body

    def close(self) -> None:
        """Stop serving. The sockets are closed by the thread that waits on them."""
        self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._server._map))
        self._thread.join(10)
        self._server.task_dispatcher.shutdown()
        self.db.dispose()


@contextmanager
def serving(template: Path, folder: Path, library: Library) -> Iterator[Site]:
    """Serve a fresh copy of a database."""
    path = folder / "site.db"
    shutil.copy(template, path)
    if (papers := template.with_name("certificates")).exists():
        shutil.copytree(papers, folder / "certificates", dirs_exist_ok=True)
    site = Site(path, library)
    try:
        yield site
    finally:
        site.close()


@dataclass
class RealSite:
    """A server in processes of its own, for windows to open pages on."""

    server: Server
    db: Database

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server.port}"

    def session(self, email: str) -> str:
        """Open a session for a person; return its token."""
        return open_session(self.db, email, dt.datetime.now(dt.UTC))
