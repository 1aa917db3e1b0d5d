"""How much a request may hold: little, but for the routes that take certificates, and there only from their people."""

from __future__ import annotations

from flask import Flask, g, request

from ssa_engine.core.certificates import LARGEST_FILE, MOST_FILES
from ssa_engine.core.people import Role
from ssa_engine.web.guard import load_person

ROOM_FOR_FIELDS = 256 * 1024
"""Besides the files. The parser holds a piece of 64 KB and what it has left of the one before."""
TAKES_CERTIFICATES = {"candidate.claims.report": Role.CANDIDATE, "candidate.claims.mend": Role.CANDIDATE}
"""Route -> who may send files there."""
LARGEST_UPLOAD = MOST_FILES * LARGEST_FILE + ROOM_FOR_FIELDS


def make_room() -> None:
    """Raise the limit of this request where it may bring certificates."""
    role = TAKES_CERTIFICATES.get(request.endpoint or "")
    if role is not None and request.method == "POST":
        load_person()
        if g.person is not None and role in g.person.roles:
            request.max_content_length = LARGEST_UPLOAD
            request.max_form_memory_size = ROOM_FOR_FIELDS


def init_app(app: Flask) -> None:
    """Decide before anything reads the request."""
    app.before_request(make_room)
