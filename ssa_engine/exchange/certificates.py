"""Certificates as people send them: looked at by their content, then made anew so that nothing in them can act."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable
from pathlib import PurePosixPath

import puremagic

from ssa_engine.core.certificates import LARGEST_FILE, MEGABYTE, NAME_LENGTH, DefusedFile, SentFile
from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import say
from ssa_engine.exchange.certificate_images import from_heic, from_picture
from ssa_engine.exchange.certificate_pdfs import from_pdf

PDF, JPEG, PNG, HEIC = "application/pdf", "image/jpeg", "image/png", "image/heic"
BEGINNINGS = {b"%PDF-": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG}
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})

Made = tuple[bytes, str, int]
"""Content, media type and pages of what was made."""
MAKERS: dict[str, Callable[[bytes, str], Made]] = {
    PDF: from_pdf,
    JPEG: lambda content, name: from_picture(content, name, "JPEG"),
    PNG: lambda content, name: from_picture(content, name, "PNG"),
    HEIC: from_heic,
}


def defuse(sent: SentFile) -> DefusedFile:
    """Make a certificate anew from what was sent.

    What it is is decided by its content alone: a file counts as what its first bytes say and what then opens as that.
    Pictures are decoded and encoded again, turned upright, without metadata; of a PDF the pages alone are kept.

    Raises
    ------
    Invalid
        If it is empty, too large, of another kind, damaged, locked, or would be too much to open. The sentence names
        the file and says what to do.
    """
    name = shown_name(sent.name)
    if not sent.content:
        raise Invalid(say("{name} is empty. Choose the file again, or take a photo of the certificate.", name=name))
    if len(sent.content) > LARGEST_FILE:
        raise Invalid(
            say(
                "{name} is larger than {most} MB. Send a smaller scan, or a photo of the certificate.",
                name=name,
                most=LARGEST_FILE // MEGABYTE,
            )
        )
    content, media_type, pages = MAKERS[kind_of(sent.content, name)](sent.content, name)
    return DefusedFile(
        content=content,
        media_type=media_type,
        pages=pages,
        sha256=hashlib.sha256(content).hexdigest(),
        sent_sha256=hashlib.sha256(sent.content).hexdigest(),
        sent_name=name,
    )


def kind_of(content: bytes, name: str) -> str:
    """Return the media type that the first bytes say; raise `Invalid` for what is not taken."""
    for beginning, kind in BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        return HEIC
    taken = say("Send the certificate as a PDF, or as a picture: JPEG, PNG or HEIC.")
    looks_like = _looks_like(content)
    if looks_like:
        raise Invalid(
            say("{name} is not a certificate: it looks like {what}. {taken}", name=name, what=looks_like, taken=taken)
        )
    raise Invalid(say("{name} is not a kind of file that is taken here. {taken}", name=name, taken=taken))


def _looks_like(content: bytes) -> str:
    """Say what a file seems to be, or nothing."""
    try:
        found = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        return ""
    return found[0].name if found else ""


def shown_name(name: str) -> str:
    """Return a file's own name as it may be shown: no folders, nothing that cannot be printed, not too long."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    clean = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*').strip(". ")
    if len(clean) > NAME_LENGTH:
        stem, _, suffix = clean.rpartition(".")
        clean = f"{(stem or clean)[: NAME_LENGTH - 12]}….{suffix[:10]}"
    return clean or "certificate"
