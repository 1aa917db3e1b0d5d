"""Certificates of completion: what a candidate sends, what is kept of it, and how much is taken."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

MEGABYTE = 1024 * 1024
LARGEST_FILE = 10 * MEGABYTE
MOST_FILES = 5
MOST_PAGES = 20
NAME_LENGTH = 200

ACCEPTED = ("application/pdf", "image/jpeg", "image/png", "image/heic", "image/heif")
"""What a file may be, as a form says it to a browser."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it came: its name means nothing, its content is looked at."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class DefusedFile:
    """A file that was made anew from what came: nothing in it can act. `sent_sha256` is the hash of what came."""

    content: bytes
    media_type: str
    pages: int
    sha256: str
    sent_sha256: str
    sent_name: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as stored. `file` is its name in the folder of certificates, chosen by us."""

    id: int
    claim_id: int
    file: str
    media_type: str
    size: int
    pages: int
    sha256: str
    sent_sha256: str
    sent_name: str
    added_at: dt.datetime

    @property
    def is_image(self) -> bool:
        """Whether it is a picture, which a page can show as one."""
        return self.media_type.startswith("image/")
