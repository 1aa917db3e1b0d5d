"""Many rows as columns: numbers as arrays, texts as numbers with a list of what they stand for."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

ROWS_AT_ONCE = 500

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class _Numbers(dict[Any, int]):
    """Numbers things from 0 in the order in which they first come."""

    def __missing__(self, thing: Any) -> int:
        self[thing] = number = len(self)
        return number


@dataclass(frozen=True, eq=False, slots=True)
class Texts:
    """A column of texts: `codes` say which of the `texts` a row has; these are sorted."""

    codes: Integers
    texts: tuple[str, ...]

    def categorical(self) -> pd.Categorical:
        """Return them as categories."""
        return pd.Categorical.from_codes(self.codes, categories=pd.Index(self.texts, dtype="str"))


def rows(connection: Connection, query: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    """Yield the rows as the driver's own cursor gives them, in chunks: SQLAlchemy's rows cost seconds for a million."""
    result = connection.execute(query)
    try:
        while chunk := result.cursor.fetchmany(ROWS_AT_ONCE):
            yield chunk
    finally:
        result.close()


def columns(connection: Connection, query: sa.Select[Any]) -> dict[str, Any]:
    """Return name -> column of the rows of a query.

    Texts are `Texts`; whole numbers, numbers and truths are arrays. Nothing may be missing; other types are refused.
    """
    kinds = {column.name: _kind(column) for column in query.selected_columns}
    gathered = {name: array("q" if kind != "d" else "d") for name, kind in kinds.items()}
    numbers = {name: _Numbers() for name, kind in kinds.items() if kind == "text"}
    for chunk in rows(connection, query):
        for name, values in zip(kinds, zip(*chunk, strict=True), strict=True):
            gathered[name].extend(map(numbers[name].__getitem__, values) if name in numbers else values)
    found: dict[str, Any] = {name: np.asarray(values) for name, values in gathered.items()}
    truths = {name: found[name].astype(bool) for name, kind in kinds.items() if kind == "?"}
    return found | truths | {name: _sorted(found[name], own) for name, own in numbers.items()}


def _kind(column: Any) -> str:
    """Return "text", "d" (number), "q" (whole number) or "?" (truth)."""
    for kind, types in (("?", sa.Boolean), ("q", sa.Integer), ("d", sa.Float), ("text", sa.String)):
        if isinstance(column.type, types):
            return kind
    raise TypeError(f"{column.name} is of a type that cannot be read by the column")


def _sorted(codes: Integers, numbers: dict[str, int]) -> Texts:
    order = sorted(numbers)
    place = np.empty(len(order), dtype=np.int64)
    place[[numbers[text] for text in order]] = np.arange(len(order))
    return Texts(place[codes] if order else codes, tuple(order))
