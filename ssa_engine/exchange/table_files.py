"""A table of a page as CSV: what the page shows, to the last digit."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence

from ssa_engine.exchange.data_package import FORMULA_STARTS

Cell = str | float | bool | dt.datetime | dt.date | None


def to_text(columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, for_spreadsheet: bool = False) -> str:
    """Write a table as the exports are written: LF, empty where unknown, times in UTC with Z, booleans in words.

    Text that a spreadsheet would run as a formula gets an apostrophe in front only `for_spreadsheet`.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_written(cell, for_spreadsheet) for cell in row])
    return buffer.getvalue()


def _written(cell: Cell, for_spreadsheet: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dt.datetime):
        return f"{cell.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
    if isinstance(cell, str):
        text = cell.replace("\r\n", "\n").replace("\r", "\n")
        return f"'{text}" if for_spreadsheet and text.startswith(FORMULA_STARTS) else text
    return str(cell)
