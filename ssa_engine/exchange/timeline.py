"""The timeline of a sitting as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from ssa_engine.core.timelines import Entry

COLUMNS = ("at", "kind", "question", "detail", "late")


def to_csv(entries: Iterable[Entry]) -> str:
    """Write the entries: UTF-8, comma, LF, times in ISO 8601 UTC; `late` is empty for what is no answer."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in entries:
        at = one.at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        late = ("true" if one.late else "false") if one.is_answer else ""
        writer.writerow((at, one.kind, "" if one.question is None else one.question, one.detail, late))
    return buffer.getvalue()
