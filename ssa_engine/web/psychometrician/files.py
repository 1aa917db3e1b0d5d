"""Files that the console's pages offer: a table as CSV, or anything else to keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Response, request

from ssa_engine.exchange.table_files import Cell, to_text

CSV = "text/csv; charset=utf-8"

Row = Sequence[Cell] | Mapping[str, Any]


def csv_table(columns: Sequence[str], rows: Iterable[Row], name: str) -> Response:
    """Answer with a table as a file of this name; for a spreadsheet where the address says so.

    Rows are cells in the order of the columns, or mappings that have them by name.
    """
    cells = ([row[one] for one in columns] if isinstance(row, Mapping) else row for row in rows)
    return attachment(to_text(columns, cells, for_spreadsheet="for_spreadsheet" in request.args), name, CSV)


def attachment(content: str | bytes, name: str, kind: str) -> Response:
    """Answer with content of this type as a file of this name."""
    return Response(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
