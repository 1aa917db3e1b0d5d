"""The receipt of a sitting: what was received and when, in the letters the candidate saw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """One answer as it was received. `late`: in the grace after the end of the clock."""

    received_at: dt.datetime
    question: int
    answer: str
    late: bool


def receipt_rows(
    shown: Mapping[str, tuple[int, tuple[str, ...]]], log: Iterable[tuple[str, str, dt.datetime, bool]]
) -> list[ReceiptRow]:
    """Return a row for each response.

    `shown`: item id -> its position and its options in the order shown; `log`: item id, answer, when, whether late.
    """
    return [
        ReceiptRow(at, shown[item][0], in_letters(answer, shown[item][1]), bool(late)) for item, answer, at, late in log
    ]


def in_letters(answer: str, options: tuple[str, ...]) -> str:
    """Write a stored answer as the candidate saw it: options by their letters, places and numbers as they are."""
    if not answer or not options:
        return answer
    letters = {option: LETTERS[index] for index, option in enumerate(options)}
    return " ".join(letters.get(one, one) for one in answer.split(","))
