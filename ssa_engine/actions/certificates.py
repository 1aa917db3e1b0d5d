"""The folder of certificates, kept tidy: files that a crash left behind are removed."""

from __future__ import annotations

import datetime as dt

from ssa_engine.storage import certificates
from ssa_engine.storage.certificate_files import CertificateFiles
from ssa_engine.storage.db import Database


def sweep(db: Database, store: CertificateFiles, *, now: dt.datetime) -> list[str]:
    """Remove files older than a day that no claim names; return their names. Safe to repeat."""
    with db.read() as connection:
        named = certificates.files(connection)
    return store.sweep(named, now)
