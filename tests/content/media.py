"""Media files for tests, as small as they can be."""

from __future__ import annotations

import io

from PIL import Image

CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:01.000\nA dot.\n"
WEBM = b"\x1a\x45\xdf\xa3 and so on"


def png(width: int = 8, height: int = 8, shade: int = 0) -> bytes:
    """A grey PNG image."""
    buffer = io.BytesIO()
    Image.new("L", (width, height), shade).save(buffer, "PNG")
    return buffer.getvalue()
