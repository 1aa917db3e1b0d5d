"""Counts the statements that a page asks of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask import Flask


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that an application sends while this is open."""
    engine, sent = app.extensions["ssa_engine"].db.engine, []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
