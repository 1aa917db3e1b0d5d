"""The candidate's receipt as CSV: what was received and when."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from ssa_engine.core.receipts import ReceiptRow

COLUMNS = ("received_at", "question", "answer", "late")


def to_csv(rows: Iterable[ReceiptRow]) -> str:
    """Write the rows: UTF-8, comma, LF, times in ISO 8601 UTC; an answer taken back is empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        at = row.received_at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        writer.writerow((at, row.question, row.answer, "true" if row.late else "false"))
    return buffer.getvalue()
