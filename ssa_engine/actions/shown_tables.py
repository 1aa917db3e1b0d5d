"""A table that a page shows and a file repeats: both from one frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True, eq=False, slots=True)
class ShownTable:
    """A frame as a page takes it, and its file as well: `exchange.table_files.to_text` of the same rows."""

    frame: pd.DataFrame

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return [str(name) for name in self.frame.columns]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows by column name, None where unknown."""
        records: list[dict[Any, Any]] = self.frame.to_dict("records")
        return [{str(name): None if _is_missing(value) else value for name, value in row.items()} for row in records]

    def __len__(self) -> int:
        """How many rows."""
        return len(self.frame)


def _is_missing(value: Any) -> bool:
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def with_counts(frame: pd.DataFrame, counts: Sequence[str]) -> pd.DataFrame:
    """Return the frame with whole numbers as such, also where some are missing."""
    return frame.astype({name: "Int64" for name in counts if name in frame})
