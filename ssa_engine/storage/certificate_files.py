"""Files of certificates: in a folder of their own outside the web, under names that we choose, written whole or not."""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ssa_engine.core.errors import Conflict, NotFound
from ssa_engine.core.text import say

SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
NAME = re.compile(r"[0-9a-f]{32}\.(?:pdf|jpg|png)")
PART = ".part"
KEPT = dt.timedelta(days=1)
"""A file that no claim names is left alone for as long: its transaction may be under way."""


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """The folder of certificates. One folder belongs to one database."""

    folder: Path

    def add(self, content: bytes, media_type: str) -> str:
        """Write a file; return the name it was given. When it returns, the whole file is on disk.

        Raises
        ------
        Conflict
            If it cannot be written.
        """
        name = f"{secrets.token_hex(16)}{SUFFIXES[media_type]}"
        part = self.folder / f"{name}{PART}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - of a descriptor
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.rename(self.folder / name)
            self._sync()
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise Conflict(
                say("Your certificate cannot be stored just now, so nothing was reported. Try again in a few minutes.")
            ) from error
        return name

    def read(self, name: str) -> bytes:
        """Return the content of a file; raise `NotFound` if it is not there."""
        if NAME.fullmatch(name):
            try:
                return (self.folder / name).read_bytes()
            except FileNotFoundError:
                pass
        raise NotFound(say("This certificate is not here any more. Ask for it to be sent again."))

    def remove(self, names: Collection[str]) -> None:
        """Remove files whose transaction did not go through. One that is not there is no matter."""
        for name in names:
            if NAME.fullmatch(name):
                (self.folder / name).unlink(missing_ok=True)

    def sweep(self, named: Collection[str], now: dt.datetime) -> list[str]:
        """Remove files that are older than a day and that no claim names, and what was never finished; return them.

        `named`: the names of all certificates that are stored (`storage.certificates.files`), read before this.
        """
        removed = []
        for path in sorted(self.folder.iterdir()) if self.folder.is_dir() else ():
            ours = NAME.fullmatch(path.name.removesuffix(PART))
            age = now - dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
            if ours and path.name not in named and age > KEPT:
                path.unlink(missing_ok=True)
                removed.append(path.name)
        return removed

    def _sync(self) -> None:
        """Make the new name durable, as the content is."""
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
