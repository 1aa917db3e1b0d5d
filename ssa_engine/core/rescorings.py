"""Rescoring sessions: what may be changed about an item, the states of a session, why a result came about."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from ssa_engine.core.errors import Invalid
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import HotspotItem, Item
from ssa_engine.core.text import Sentence, say


class Cause(StrEnum):
    """Why a result came about."""

    SUBMISSION = "submission"
    RESCORING = "rescoring"
    INCREASE = "increase"
    REVERT = "revert"


class RescoringState(StrEnum):
    """Where a rescoring session stands."""

    DRAFT = "draft"
    APPLYING = "applying"
    APPLIED = "applied"
    REVERTING = "reverting"
    REVERTED = "reverted"


class ItemChange(StrEnum):
    """What a session changes about an item: its key, full credit to all, no longer scored, scored again."""

    KEY = "key"
    FULL_CREDIT = "full_credit"
    DROP = "drop"
    RE_ADD = "re_add"


class IncreaseDecision(StrEnum):
    """What was decided about an attempt whose credits would increase."""

    NOT_NEEDED = "not_needed"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"


IN_FORCE = (RescoringState.APPLYING, RescoringState.APPLIED)
"""The states in which the changes of a session count."""

UNDER_WAY = (RescoringState.APPLYING, RescoringState.REVERTING)
"""The states in which some attempts have the new result and others do not have it yet."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a session. `key` is in the form the item's YAML has it, and None unless the key changes."""

    item_id: str
    change: ItemChange
    key: Any = None

    @property
    def key_text(self) -> str | None:
        """The key as it is stored: JSON."""
        return json.dumps(self.key, ensure_ascii=False) if self.change is ItemChange.KEY else None


@dataclass(frozen=True, slots=True)
class Rescoring:
    """A session as stored."""

    id: int
    discipline: str
    title: str
    reason: str
    revision: int
    state: RescoringState
    created_by: str
    created_at: dt.datetime
    applied_by: str = ""
    applied_at: dt.datetime | None = None
    reverted_by: str = ""
    reverted_at: dt.datetime | None = None
    revert_reason: str = ""
    reverted_up_to: int = 0
    """The revert has looked at all attempts with ids up to this one."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What the changes of all sessions, one after the other, have made of an item."""

    item: Item
    full_credit: bool = False
    dropped: bool = False


def effects(bank: ItemBank, changes: Iterable[Change]) -> dict[str, Effect]:
    """Return item id -> what the changes, in their order, make of it. Items that the bank does not hold are left out.

    A new key replaces the key before it and full credit to all. Full credit replaces a key. `drop` leaves both as they
    are and takes the item out of the score. `re_add` undoes everything: the item counts again, with the bank's key.
    """
    found: dict[str, Effect] = {}
    for one in changes:
        original = bank.by_id.get(one.item_id)
        if original is None:
            continue
        before = found.get(one.item_id, Effect(original))
        if one.change is ItemChange.KEY:
            found[one.item_id] = replace(before, item=rekeyed(bank, one.item_id, one.key), full_credit=False)
        elif one.change is ItemChange.FULL_CREDIT:
            found[one.item_id] = replace(before, full_credit=True)
        elif one.change is ItemChange.DROP:
            found[one.item_id] = replace(before, dropped=True)
        else:
            found[one.item_id] = Effect(original)
    return found


_NEEDS: dict[str, Sentence] = {
    "single": say("one of its options"),
    "multiple": say("a list of its options, each once"),
    "sorted": say("a list of all its entries, each once, in order"),
    "hotspot": say("a list of regions that lie on its image"),
    "number": say("a value and a tolerance"),
}


def rekeyed(bank: ItemBank, item_id: str, key: Any) -> Item:
    """Return the item with another key.

    Raises
    ------
    Invalid
        If the item's format does not take this key, or it names options that the item does not have.
    NotFound
        If the bank has no such item.
    """
    item = bank.item(item_id)
    refused = Invalid(
        say(
            "Item {item} does not take the key {key}. It needs {needs}{options}.",
            item=item_id,
            key=shown_key(key),
            needs=_NEEDS[item.format],
            options=f" ({', '.join(item.option_ids)})" if item.options else "",
        )
    )
    try:
        changed = type(item).model_validate({**item.model_dump(), "key": key})
    except ValidationError:
        raise refused from None
    named = [key] if isinstance(key, str) else list(key) if item.options else []
    if item.options and not set(named) <= set(item.option_ids):
        raise refused
    if isinstance(changed, HotspotItem) and not _on_image(changed, bank):
        raise refused
    return changed


def _on_image(item: HotspotItem, bank: ItemBank) -> bool:
    """Whether every region of the key lies on the image, as far as its size is known."""
    size = bank.sizes.get(item.target.image)
    if size is None:
        return True
    extents = [region.extent() for region in item.key]
    return all(left >= 0 and top >= 0 and right < size[0] and bottom < size[1] for left, top, right, bottom in extents)


def shown_key(key: Any) -> str:
    """Write a key as people write it: `b`; `a, c`; JSON for regions and numbers."""
    if isinstance(key, str):
        return key
    if isinstance(key, list | tuple) and all(isinstance(part, str) for part in key):
        return ", ".join(key)
    return json.dumps(key, ensure_ascii=False)


def within_cap(by_rule: Sequence[float], gaps: Sequence[float], cap: float | None) -> list[float]:
    """Return the credits of each area after the total cap, largest gap first, equal gaps in the order given.

    The same as `prescriptions.hold_to_cap` for one attempt; a page says by it whether a rescoring left an area lower.
    """
    if cap is None or sum(by_rule) <= cap:
        return list(by_rule)
    left, held = cap, [0.0] * len(by_rule)
    for place in sorted(range(len(by_rule)), key=lambda place: -gaps[place]):
        held[place] = min(by_rule[place], left)
        left = round(left - held[place], 6)
    return held
