"""What an answer may be, and the one text form in which it is stored."""

from __future__ import annotations

from collections.abc import Sequence

from ssa_engine.core.errors import Invalid
from ssa_engine.core.items import Item


def read_answer(item: Item, posted: Sequence[str]) -> str | None:
    """Turn the posted `answer` values into the stored answer, or None where nothing was chosen.

    Raises
    ------
    Invalid
        If the values cannot be an answer to this item.
    """
    values = [value for value in posted if value != ""]
    if not values:
        return None
    if len(values) > 1:
        raise Invalid("This question takes one answer, and more than one was sent. Choose one and save again.")
    if values[0] not in {option.id for option in item.options}:
        raise Invalid("That answer is not one of this question’s options. Reload the page and choose again.")
    return values[0]
