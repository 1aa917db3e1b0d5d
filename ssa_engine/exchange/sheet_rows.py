"""Rows of a sheet, from a file or from text that was sent: each cell read with a sentence where it cannot be."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pandas as pd
import pyarrow as pa

from ssa_engine.core.errors import Invalid


@dataclass(frozen=True, slots=True)
class SheetText:
    """A sheet as CSV text that was sent, under the name it goes by in sentences."""

    name: str
    text: str

    def __str__(self) -> str:
        """The name before a line number."""
        return self.name


Source = Path | SheetText


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet, its cells without blanks around them."""

    place: str
    """File and line."""
    cells: dict[str, str]

    def text(self, name: str) -> str:
        """Return a cell that must be filled in."""
        if not self.cells.get(name):
            raise ValueError(f"'{name}' is empty. Fill it in.")
        return self.cells[name]

    def number(self, name: str) -> float:
        """Return a cell that must be a number."""
        try:
            value = float(self.text(name))
        except ValueError:
            if not self.cells.get(name):
                raise
            raise ValueError(f"'{name}' is '{self.cells[name]}'. Write a number.") from None
        if not math.isfinite(value):
            raise ValueError(f"'{name}' is '{self.cells[name]}'. Write a number.")
        return value

    def share(self, name: str, whole: float) -> float:
        """Return a number from 0 to `whole`, as a proportion."""
        value = self.number(name)
        if not 0 <= value <= whole:
            hint = "" if whole > 1 or not 1 < value <= 100 else ", or declare percentages"
            raise ValueError(f"'{name}' is {self.cells[name]}. Write a number from 0 to {whole:g}{hint}.")
        return value / whole

    def count(self, name: str) -> int:
        """Return a whole number from 1."""
        value = self.number(name)
        if value != int(value) or value < 1:
            raise ValueError(f"'{name}' is {self.cells[name]}. Write a whole number from 1.")
        return int(value)

    def round(self) -> int:
        """Return the round, 1 where the sheet has no rounds."""
        if not self.cells.get("round"):
            return 1
        value = self.number("round")
        if value != int(value) or value < 1:
            raise ValueError(f"'round' is '{self.cells['round']}'. Write 1, 2 and so on.")
        return int(value)


def read_sheet(
    source: Source, needed: Sequence[str], read_row: Callable[[Row], dict[str, object]], once: Sequence[str]
) -> pd.DataFrame:
    """Read every row, or raise with every bad one; `once` names the columns that may not stand twice alike."""
    head = columns_of(source)
    missing = [name for name in needed if name not in head]
    if missing:
        said = f"column {missing[0]} is" if len(missing) == 1 else f"columns {', '.join(missing)} are"
        raise Invalid(f"{source}:1: the {said} missing; needed are {', '.join(needed)}.{other_separator(head)}")
    rows: list[dict[str, object]] = []
    faults: list[str] = []
    seen: dict[tuple[object, ...], str] = {}
    for row in _rows(source):
        try:
            read = read_row(row)
            if "content_area" in head and "content_area" not in read:
                read["content_area"] = row.text("content_area")
            key = (*(read[name] for name in once), read.get("content_area"))
            if key in seen:
                said = ", ".join(f"{name} '{read[name]}'" for name in once)
                raise ValueError(f"{said} stands at {seen[key]} already. Keep one of the rows.")
            seen[key] = row.place
            rows.append(read)
        except ValueError as error:
            faults.append(f"{row.place}: {error}")
    if faults:
        raise Invalid("\n".join(faults))
    if not rows:
        raise Invalid(f"{source}: has no rows, only a head.")
    return pd.DataFrame(rows)


def other_separator(head: Sequence[str]) -> str:
    """Say what was found where the head is one column that looks like several, or nothing."""
    apart = len(head) == 1 and any(separator in head[0] for separator in ";\t|")
    return f" Found: '{head[0]}'. Separate columns by commas." if apart else ""


def columns_of(source: Source) -> list[str]:
    """Return the names of the columns."""
    first = next(_rows(source, head=True))
    return list(first.cells)


def _rows(source: Source, *, head: bool = False) -> Iterator[Row]:
    """Yield the rows of a CSV or Parquet file; with `head` one row that has the names of the columns."""
    try:
        if isinstance(source, Path) and source.suffix.lower() in (".parquet", ".pq"):
            frame = pd.read_parquet(source, dtype_backend="numpy_nullable")
            frame = frame.astype("str").where(frame.eq(frame).fillna(value=False), "")
            if head:
                yield Row(f"{source}:1", dict.fromkeys(map(str, frame.columns), ""))
            for number, values in enumerate(frame.itertuples(index=False, name=None), start=2):
                yield Row(f"{source}:{number}", dict(zip(map(str, frame.columns), map(str, values), strict=True)))
            return
        with _opened(source) as stream:
            reader = csv.DictReader(stream)
            if head:
                yield Row(f"{source}:1", dict.fromkeys(reader.fieldnames or (), ""))
            for cells in reader:
                if None in cells:  # DictReader keeps there what has no column
                    raise Invalid(
                        f"{source}:{reader.line_num}: has more cells than the head has columns. Write decimals with a "
                        "point, and text that has a comma in quotation marks."
                    )
                named = {name: (cells[name] or "").strip() for name in reader.fieldnames or ()}
                yield Row(f"{source}:{reader.line_num}", named)
    except (OSError, ValueError, csv.Error, pa.ArrowInvalid) as error:
        raise Invalid(f"{source}: cannot be read as UTF-8 CSV or as Parquet ({error}).") from None


@contextmanager
def _opened(source: Source) -> Iterator[TextIO]:
    if isinstance(source, SheetText):
        yield io.StringIO(source.text.removeprefix("\ufeff"), newline="")
        return
    with source.open(encoding="utf-8-sig", newline="") as stream:
        yield stream
