"""Media files for tests, as small as they can be."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:01.000\nA dot.\n"
WEBM = b"\x1a\x45\xdf\xa3 and so on"


def png(width: int = 8, height: int = 8, shade: int = 0) -> bytes:
    """A grey PNG image."""
    buffer = io.BytesIO()
    Image.new("L", (width, height), shade).save(buffer, "PNG")
    return buffer.getvalue()


MEDIA = {
    "dot.png": png(),
    "field.png": png(100, 80),
    "moving.webm": WEBM,
    "moving.vtt": CAPTIONS,
    "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "text.png": b"no picture",
    "text.webm": b"no film",
    "text.vtt": b"no captions",
}
"""What the sound and the broken items name, sound and broken."""


def write_media(folder: Path) -> None:
    """Write them into a folder, which is made if need be."""
    folder.mkdir(exist_ok=True)
    for name, content in MEDIA.items():
        (folder / name).write_bytes(content)
