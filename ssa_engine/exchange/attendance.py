"""A sponsor's attendance list: addresses, one a line or in a CSV, read as they come."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from ssa_engine.core.errors import Invalid
from ssa_engine.core.people import read_address
from ssa_engine.core.text import say

MOST = 1000
"""Addresses in one list."""
SHOWN = 80
"""Letters of a line that could not be read that are shown."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """The addresses of a list, each once, in its order; and (line, text) of lines in which there is none."""

    addresses: tuple[str, ...]
    unread: tuple[tuple[int, str], ...]


def decode(content: bytes) -> str:
    """Return an uploaded list as text; raise `Invalid` if it is none."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(say("The file is no text. Save the list as CSV in UTF-8, or paste the addresses.")) from None


def read_attendance(text: str) -> Attendance:
    """Read a list: of each line the first cell that is an address. A first line without one is a head.

    Cells are parted by commas, semicolons or tabs; an address may stand in angle brackets.

    Raises
    ------
    Invalid
        If there is no address in it, or more than `MOST`.
    """
    found: dict[str, None] = {}
    unread: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        address = _address(line)
        if address:
            found[address] = None
        elif line.strip(" ,;\t") and number > 1:
            unread.append((number, line.strip()[:SHOWN]))
    if not found:
        raise Invalid(say("There is no e-mail address in the list. Give one address a line, or a CSV that has them."))
    if len(found) > MOST:
        raise Invalid(say("The list has {count} addresses. Give at most {most} at once.", count=len(found), most=MOST))
    return Attendance(tuple(found), tuple(unread))


def _address(line: str) -> str:
    separator = next((mark for mark in "\t;" if mark in line), ",")
    try:
        cells = next(csv.reader([line.replace("\0", "")], delimiter=separator), [])
    except csv.Error:
        cells = [line]
    for cell in cells:
        inside = cell.rpartition("<")[2].partition(">")[0]
        try:
            return read_address(inside)
        except Invalid:
            continue
    return ""
