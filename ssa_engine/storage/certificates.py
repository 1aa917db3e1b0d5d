"""Rows of certificates: which files belong to a claim, and where the same file was sent before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.certificates import Certificate, DefusedFile
from ssa_engine.core.claims import USES
from ssa_engine.storage.process_tables import certificates, claims
from ssa_engine.storage.tables import attempts, credentials


def insert(connection: Connection, claim_id: int, files: Sequence[tuple[str, DefusedFile]], *, at: dt.datetime) -> None:
    """Insert the certificates of a claim: (name of the file in the folder, what it is)."""
    rows = [
        {
            "claim_id": claim_id,
            "file": file,
            "media_type": one.media_type,
            "size": len(one.content),
            "pages": one.pages,
            "sha256": one.sha256,
            "sent_sha256": one.sent_sha256,
            "sent_name": one.sent_name,
            "added_at": at,
        }
        for file, one in files
    ]
    if rows:
        connection.execute(certificates.insert(), rows)


def of_claim(connection: Connection, claim_id: int) -> list[Certificate]:
    """Return the certificates of a claim, in the order in which they came."""
    query = certificates.select().where(certificates.c.claim_id == claim_id).order_by(certificates.c.id)
    return [Certificate(**row) for row in connection.execute(query).mappings()]


def get(connection: Connection, claim_id: int, certificate_id: int) -> Certificate | None:
    """Return one certificate of a claim, or None."""
    query = certificates.select().where(certificates.c.claim_id == claim_id, certificates.c.id == certificate_id)
    row = connection.execute(query).mappings().first()
    return None if row is None else Certificate(**row)


def claims_with(connection: Connection, person_id: int, sent: Collection[str]) -> list[tuple[str, int]]:
    """Return (hash, claim) of a person's claims that use a file with one of these hashes, withdrawn ones aside."""
    query = (
        sa.select(certificates.c.sent_sha256, claims.c.id)
        .distinct()
        .join(claims, claims.c.id == certificates.c.claim_id)
        .join(attempts, attempts.c.id == claims.c.attempt_id)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .where(credentials.c.person_id == person_id, certificates.c.sent_sha256.in_(sent), claims.c.state.in_(USES))
        .order_by(claims.c.id)
    )
    return [(row.sent_sha256, row.id) for row in connection.execute(query)] if sent else []


def files(connection: Connection) -> set[str]:
    """Return the names of all files that belong to a claim."""
    return set(connection.execute(sa.select(certificates.c.file)).scalars())
