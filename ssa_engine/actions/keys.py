"""The keys that count: those of a bank version, as the rescoring sessions in force have left them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ssa_engine.actions.banks import Banks
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.marking import key_table, with_changes
from ssa_engine.core.rescorings import (
    IN_FORCE,
    UNDER_WAY,
    Change,
    ItemChange,
    Rescoring,
    RescoringState,
    effects,
    rekeyed,
)
from ssa_engine.storage import rescorings
from ssa_engine.storage.db import Connection

Counting = Sequence[tuple[Rescoring, Change]]
"""Session and change, in the order in which they were applied."""


@dataclass(frozen=True, eq=False, slots=True)
class Keys:
    """A key table as `marking.mark` takes it, and what it is called in results."""

    table: pd.DataFrame
    version: str


def effective_keys(connection: Connection, banks: Banks, bank_version: str) -> Keys:
    """Return the keys by which an attempt of this bank version is marked now."""
    return keys_with(banks.at(bank_version), in_force(rescorings.counting(connection, bank_version)))


def effective_version(connection: Connection, banks: Banks, bank_version: str) -> str:
    """Return what those keys are called, without reading them."""
    return version_of(banks.at(bank_version), in_force(rescorings.counting(connection, bank_version)))


def require_taken(connection: Connection, banks: Banks, discipline: str, changes: Sequence[Change]) -> None:
    """Raise `Invalid` if an item does not take its new key, in a stored bank version that holds the item."""
    rekeying = [one for one in changes if one.change is ItemChange.KEY]
    for version in rescorings.banks_holding(connection, discipline) if rekeying else []:
        bank = banks.at(version)
        for one in rekeying:
            if one.item_id in bank.by_id:
                rekeyed(bank, one.item_id, one.key)


def keys_with(bank: ItemBank, counting: Counting) -> Keys:
    """Return the keys of a bank after these changes."""
    changed = effects(bank, [change for _, change in counting])
    return Keys(with_changes(key_table(bank), changed), version_of(bank, counting))


def version_of(bank: ItemBank, counting: Counting) -> str:
    """Return the bank's own key version, or a hash of it and of the sessions that touch its items."""
    own = list(dict.fromkeys(session.id for session, change in counting if change.item_id in bank.by_id))
    if not own:
        return bank.key_version
    text = f"{bank.key_version}/{','.join(map(str, own))}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def in_force(counting: Counting) -> list[tuple[Rescoring, Change]]:
    """Leave out what is being reverted."""
    return [(session, change) for session, change in counting if session.state in IN_FORCE]


def before_and_after(
    connection: Connection, banks: Banks, bank_version: str, session: Rescoring, changes: Sequence[Change]
) -> tuple[Keys, Keys]:
    """Return the keys without and with a session; the other way round where it is reverted or could be.

    A draft counts as if it were applied last.
    """
    counting = rescorings.counting(connection, bank_version)
    others = [pair for pair in in_force(counting) if pair[0].id != session.id]
    if session.state is RescoringState.DRAFT:
        own = [*others, *((session, change) for change in changes)]
    else:
        own = [pair for pair in counting if pair[0].state in IN_FORCE or pair[0].id == session.id]
    bank = banks.at(bank_version)
    without, within = keys_with(bank, others), keys_with(bank, own)
    return (without, within) if session.state in (RescoringState.DRAFT, RescoringState.APPLYING) else (within, without)


def keys_of_results(connection: Connection, banks: Banks, bank_version: str) -> tuple[Keys, Keys]:
    """Return the keys of results that are up to date, and of those that a session under way has not reached yet."""
    counting = rescorings.counting(connection, bank_version)
    bank = banks.at(bank_version)
    now = keys_with(bank, in_force(counting))
    if not any(session.state in UNDER_WAY for session, _ in counting):
        return now, now
    before = [pair for pair in counting if pair[0].state is not RescoringState.APPLYING]
    return now, keys_with(bank, before)
