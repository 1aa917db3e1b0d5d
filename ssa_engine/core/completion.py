"""Completion records: that a cycle was completed, and the code by which anyone can check it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass

ALPHABET = "346789CDFGHJKMNPQRTVWXY"
"""No letters or digits that are taken for each other, and no vowels, so that no code is a word."""
LOOK_ALIKES = str.maketrans("BUZ", "8V7")
"""What somebody may have read in place of what a code has."""
GROUPS, GROUP_LENGTH = 3, 4
CODES = len(ALPHABET) ** (GROUPS * GROUP_LENGTH)
"""How many codes there are: about 2 * 10**16, too many to try."""


@dataclass(frozen=True, slots=True)
class CompletionRecord:
    """One cycle of one credential was completed. `name` and dates are as they were when it was issued."""

    id: int
    credential_id: int
    cycle: int
    code: str
    name: str
    discipline: str
    completed_on: dt.date
    next_due_on: dt.date
    issued_at: dt.datetime
    voided_at: dt.datetime | None = None

    @property
    def stands(self) -> bool:
        """Whether it was not taken back."""
        return self.voided_at is None


def code_of(number: int) -> str:
    """Write a number from 0 to `CODES` - 1, drawn by chance, as a code: 'CQRT-4K7M-9XWD'."""
    if not 0 <= number < CODES:
        raise ValueError(f"there is no code for {number}")
    symbols = []
    for _ in range(GROUPS * GROUP_LENGTH):
        number, symbol = divmod(number, len(ALPHABET))
        symbols.append(ALPHABET[symbol])
    return grouped("".join(symbols))


def grouped(symbols: str) -> str:
    """Write symbols in groups."""
    return "-".join(symbols[start : start + GROUP_LENGTH] for start in range(0, len(symbols), GROUP_LENGTH))


def read_code(text: str) -> str | None:
    """Return a code that somebody typed as it is stored, or None if it cannot be one."""
    written = unicodedata.normalize("NFKC", text).upper().translate(LOOK_ALIKES)
    symbols = "".join(letter for letter in written if letter.isalnum())
    is_code = len(symbols) == GROUPS * GROUP_LENGTH and set(symbols) <= set(ALPHABET)
    return grouped(symbols) if is_code else None
