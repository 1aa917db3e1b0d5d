"""Reads a key as a person writes it: in the form the item's YAML has it."""

from __future__ import annotations

from typing import Any

import yaml

from ssa_engine.content.reader import FORBIDDEN, StrictLoader
from ssa_engine.core.errors import Invalid
from ssa_engine.core.items import Item
from ssa_engine.core.text import say

LONGEST = 2000
"""Characters of a key."""


def read_key(text: str, item: Item) -> Any:
    """Return the value that stands behind `key:` in an item file: `b`, `[a, c]`, `{value: 12, tolerance: 0.5}`.

    Where a list of options is due, `a, c` is one too. Whether the item takes it is for `rescorings.rekeyed` to say.

    Raises
    ------
    Invalid
        If it is no YAML, or too long.
    """
    refused = Invalid(say("The key '{text}' cannot be read. Write it as the item's YAML has it.", text=text[:60]))
    if len(text) > LONGEST or FORBIDDEN.search(text) or text.count("[") + text.count("{") > LONGEST // 10:
        raise refused
    loader = StrictLoader(text)
    try:
        key = loader.get_single_data()
    except yaml.YAMLError:
        raise refused from None
    finally:
        loader.dispose()
    if key is None or loader.duplicates:
        raise refused
    is_list = item.format in ("multiple", "sorted")
    if is_list and not isinstance(key, list):
        return [part.strip() for part in text.split(",")]
    if item.options and not is_list:
        return text.strip()
    return key
