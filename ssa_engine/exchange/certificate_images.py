"""Pictures of certificates: decoded within bounds and encoded again, upright and without anything but the picture."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import pillow_heif
from PIL import ExifTags, Image

from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import say

MOST_PIXELS = 64_000_000
"""What the largest camera of a telephone takes at its usual setting; more is not decoded."""
LONGEST_SIDE = 2600
"""Pixels; a page at 200 dots an inch. What is larger is made smaller."""
QUALITY = 88
TROUBLE = (OSError, ValueError, SyntaxError, EOFError, RuntimeError, OverflowError, IndexError, KeyError, MemoryError)
"""What decoders raise on damaged files."""
ODD = (ValueError, TypeError, SyntaxError, KeyError, IndexError, AttributeError, struct.error)
"""What reading a camera's notes raises, where they are not as they should be."""
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Orientation that a camera notes (Exif 2.3, 4.6.4 A) -> what makes the picture upright."""
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)

Made = tuple[bytes, str, int]


def from_picture(content: bytes, name: str, kind: str) -> Made:
    """Make a JPEG or a PNG anew. `kind`: the only format as which it is opened."""
    return _made(lambda: Image.open(io.BytesIO(content), formats=[kind]), name, kind)


def from_heic(content: bytes, name: str) -> Made:
    """Make a JPEG of a HEIC picture."""
    return _made(lambda: _heic(content), name, "JPEG")


def _heic(content: bytes) -> Image.Image:
    """Open a HEIC picture; it is decoded only when its pixels are asked for."""
    container = pillow_heif.open_heif(io.BytesIO(content))
    if container.size[0] * container.size[1] > MOST_PIXELS:
        raise Image.DecompressionBombError
    return container.to_pillow()


def _made(open_picture: Callable[[], Image.Image], name: str, kind: str) -> Made:
    try:
        with open_picture() as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            if kind == "JPEG":
                picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            plain = _plain(_upright(picture))
    except BOMBS:
        raise Invalid(
            say(
                "{name} has more than {most} million pixels. Send a smaller picture of the certificate.",
                name=name,
                most=MOST_PIXELS // 1_000_000,
            )
        ) from None
    except TROUBLE:
        raise Invalid(
            say(
                "{name} cannot be opened as a picture: it is damaged, or not all of it arrived. Send it again, or take "
                "another photo.",
                name=name,
            )
        ) from None
    out = io.BytesIO()
    if kind == "PNG":
        plain.save(out, "PNG", optimize=False)
        return out.getvalue(), "image/png", 1
    plain.save(out, "JPEG", quality=QUALITY)
    return out.getvalue(), "image/jpeg", 1


def _upright(picture: Image.Image) -> Image.Image:
    """Return a picture as the camera was held; where its notes cannot be read, as it lies."""
    try:
        noted = picture.getexif().get(ExifTags.Base.Orientation)
    except ODD:
        noted = None
    turn = TURNS.get(noted) if isinstance(noted, int) else None
    return picture if turn is None else picture.transpose(turn)


def _plain(picture: Image.Image) -> Image.Image:
    """Return the pixels alone, opaque, no side too long: a new picture that has none of the old one's extras."""
    picture.load()
    if picture.mode.startswith("I"):  # 16 bits of grey: what is made of it by itself is cut off, not scaled
        picture = picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if picture.mode in ("1", "L"):
        flat = picture.convert("L")
    else:
        clear = picture.convert("RGBA")
        flat = Image.new("RGB", clear.size, "white")
        flat.paste(clear, mask=clear.getchannel("A"))
    bare = Image.new(flat.mode, flat.size)
    bare.paste(flat)
    return bare
