"""Rows of bank versions: every version that was ever served stays readable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.item_bank import ItemBank
from ssa_engine.storage.tables import bank_media, bank_versions


def has(connection: Connection, version: str) -> bool:
    """Whether this version is stored."""
    query = sa.select(bank_versions.c.version).where(bank_versions.c.version == version)
    return connection.execute(query).first() is not None


def insert(connection: Connection, bank: ItemBank, media: Mapping[str, bytes], at: dt.datetime) -> None:
    """Store a bank with the bytes of its exhibits, unless it is stored already."""
    if has(connection, bank.version):
        return
    connection.execute(
        bank_versions.insert().values(
            version=bank.version,
            discipline=bank.discipline,
            key_version=bank.key_version,
            content=bank.model_dump_json(),
            stored_at=at,
        )
    )
    rows = [{"bank_version": bank.version, "name": name, "content": content} for name, content in media.items()]
    if rows:
        connection.execute(bank_media.insert(), rows)


def get(connection: Connection, version: str) -> ItemBank | None:
    """Return a stored bank, or None."""
    query = sa.select(bank_versions.c.content).where(bank_versions.c.version == version)
    content = connection.execute(query).scalar()
    return None if content is None else ItemBank.model_validate_json(content)


def media(connection: Connection, version: str, name: str) -> bytes | None:
    """Return the bytes of an exhibit as they were in that version, or None."""
    query = sa.select(bank_media.c.content).where(bank_media.c.bank_version == version, bank_media.c.name == name)
    content = connection.execute(query).scalar()
    return None if content is None else bytes(content)
