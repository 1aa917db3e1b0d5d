"""The kinds of media that are served, and how: in parts too, as players of videos ask."""

from __future__ import annotations

import io

from flask import Response, send_file

from ssa_engine.core.errors import NotFound
from ssa_engine.core.text import say

MEDIA_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "svg": "image/svg+xml",
    "webm": "video/webm",
    "mp4": "video/mp4",
    "vtt": "text/vtt",
}


def send_media(content: bytes, name: str) -> Response:
    """Send a media file; raise `NotFound` for a kind that is not served."""
    kind = MEDIA_TYPES.get(name.rpartition(".")[2].lower())
    if kind is None:
        raise NotFound(say("There is no such picture here."))
    return send_file(io.BytesIO(content), mimetype=kind, conditional=True, etag=False)
