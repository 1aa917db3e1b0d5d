"""Every bank version a form was drawn from, as it was then."""

from __future__ import annotations

import datetime as dt

from ssa_engine.content.library import Library
from ssa_engine.core.errors import NotFound
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.text import say
from ssa_engine.storage import banks
from ssa_engine.storage.db import Connection, Database


class Banks:
    """Today's content library, and the stored versions behind older attempts. Each is read once."""

    def __init__(self, db: Database, library: Library) -> None:
        self._db = db
        self.library = library
        self._by_version = {bank.version: bank for bank in library.banks.values()}

    def at(self, version: str) -> ItemBank:
        """Return the bank of this version; raise `NotFound` if it was never stored."""
        bank = self._by_version.get(version)
        if bank is None:
            with self._db.read() as connection:
                bank = banks.get(connection, version)
            if bank is None:
                raise NotFound(say("The item bank version {version} is not stored here.", version=version))
            self._by_version[version] = bank
        return bank

    def store(self, connection: Connection, bank: ItemBank, at: dt.datetime) -> None:
        """Keep this version readable from now on."""
        if not banks.has(connection, bank.version):
            banks.insert(connection, bank, self.library.media_files(bank.discipline), at)
