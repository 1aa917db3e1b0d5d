"""What a technical report is made of: sections of sentences, tables and figures. Every format is made of this value."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from ssa_engine.core.report_periods import Period

MINIMUM = 5
"""Candidates behind a figure, below which it is not shown: the usual rule of disclosure."""
UNKNOWN = "–"

Kind = Literal["text", "count", "number", "share"]
"""Of a column: words, whole numbers, numbers, or proportions that are written in percent."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its name in the frame, its head, and how its cells are written."""

    name: str
    head: str
    kind: Kind = "text"
    digits: int = 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """A table with its caption; the first column heads the rows."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: pd.DataFrame
    hidden: pd.Series | None = None
    """For each row the word that stands for its numbers where they would tell of too few people; else empty."""
    note: str = ""

    def cells(self) -> list[list[str]]:
        """Return the cells as they are written, row by row."""
        values = [self.rows[column.name].tolist() for column in self.columns]
        words = [""] * len(self.rows) if self.hidden is None else self.hidden.tolist()
        rows = []
        for number, own in enumerate(zip(*values, strict=True)):
            written = [written_as(value, column) for value, column in zip(own, self.columns, strict=True)]
            if words[number]:
                pairs = zip(written, self.columns, strict=True)
                written = [text if column.kind == "text" else UNKNOWN for text, column in pairs]
                first = next(at for at, column in enumerate(self.columns) if column.kind != "text")
                written[first] = words[number]
            rows.append(written)
        return rows

    def frame(self) -> pd.DataFrame:
        """Return the numbers behind the cells, to the last digit; hidden ones are missing."""
        frame = self.rows[[column.name for column in self.columns]].copy()
        if self.hidden is not None:
            small = (self.hidden != "").to_numpy(dtype=bool)
            for column in self.columns:
                if column.kind != "text":
                    frame[column.name] = frame[column.name].astype(object).where(~small, None)
        return frame


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a chart of rows: a value, perhaps with an interval and a mark beside it."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    mark: float | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Figure:
    """A chart: a histogram of touching bins, or rows of bars or of dots with intervals."""

    id: str
    caption: str
    alt: str
    """What it shows, in words, for those who cannot see it."""
    kind: Literal["histogram", "bars", "intervals"]
    x: str
    """Words of the axis of values."""
    y: str = ""
    bins: tuple[tuple[float, float, int], ...] = ()
    per: float | None = None
    """Width that the heights of bins of unequal width are told for; else they are the counts."""
    rows: tuple[Row, ...] = ()
    span: tuple[float, float] | None = None
    mark: str = ""
    """What the mark of a row stands for."""


@dataclass(frozen=True, slots=True)
class Methods:
    """A list of methods: the name of a figure, its formula, where it comes from."""

    entries: tuple[tuple[str, str, str], ...]


Block = str | Table | Figure | Methods


@dataclass(frozen=True, eq=False)
class Section:
    """One section; a block that is text is a paragraph."""

    id: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def tables(self) -> list[Table]:
        """The tables of the section."""
        return [block for block in self.blocks if isinstance(block, Table)]


@dataclass(frozen=True, eq=False, kw_only=True)
class Report:
    """A whole report. Tables and figures are numbered in the order in which they stand."""

    title: str
    programme: str
    discipline: str
    period: Period
    made_on: dt.date
    sections: tuple[Section, ...]
    keywords: tuple[str, ...] = field(default=())

    @property
    def tables(self) -> list[Table]:
        """All tables, in order."""
        return [table for section in self.sections for table in section.tables]


def few(counts: pd.Series, minimum: int) -> pd.Series:
    """Return the word that hides a row of too few people, for each row; else nothing."""
    return pd.Series(np.where(counts < minimum, f"fewer than {minimum}", ""), index=counts.index, dtype=object)


def small_rows(counts: pd.Series, total: int, minimum: int, people: pd.Series | None = None) -> pd.Series:
    """Return the words that hide rows: those of too few people, and more where a total less the others would tell.

    Parameters
    ----------
    counts : Series
        What each row counts, as assessments.
    total : int
        All of them, known from elsewhere in the report; some may be behind no row.
    minimum : int
        People.
    people : Series, optional
        Distinct people behind each row, where they are fewer than the counts.
    """
    people = counts if people is None else people
    words = few(people, minimum).where(counts > 0, "")
    unknown = total - counts.sum()
    while (words != "").any() and 0 < people[words != ""].sum() + unknown < minimum:
        rest = counts[(words == "") & (counts > 0)]
        if not len(rest):
            break
        words = words.mask(words.index == rest.idxmin(), "not shown")
    return words


def written_as(value: object, column: Column) -> str:
    """Write a cell: a real minus sign, so many digits, a dash for what is not known."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return UNKNOWN
    if column.kind == "text":
        return str(value) or UNKNOWN
    number = float(value)  # type: ignore[arg-type]
    if not math.isfinite(number):
        return UNKNOWN
    if column.kind == "count":
        return f"{number:,.0f}".replace(",", "\u202f").replace("-", "−")
    if column.kind == "share":
        return f"{100 * number:.{max(0, column.digits - 1)}f} %".replace("-", "−")
    text = f"{number:.{column.digits}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", "−")


def histogram_bins(values: Sequence[float], edges: Sequence[float]) -> tuple[tuple[float, float, int], ...]:
    """Count values in [edge, next edge); the last bin holds its upper edge as well. What lies outside is left out."""
    rounded = np.round(np.asarray(edges, dtype=float), 9)
    counts, _ = np.histogram(np.round(np.asarray(values, dtype=float), 9), rounded)
    return tuple(
        (float(low), float(high), int(count)) for low, high, count in zip(rounded, rounded[1:], counts, strict=False)
    )
