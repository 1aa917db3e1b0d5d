"""Files that go with responses when decisions are judged: tables of a few columns, true scores."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from ssa_engine.core.errors import Invalid
from ssa_engine.exchange.response_files import require_columns, why_unreadable


def read_columns(path: Path, *needed: str) -> pd.DataFrame:
    """Read a table (CSV or Parquet) that has these columns at least; the first of them as text.

    Raises
    ------
    Invalid
        If it cannot be read or lacks a column.
    """
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            table = pd.read_parquet(path)
        else:
            table = pd.read_csv(path, dtype="str", encoding="utf-8-sig")
    except (OSError, ValueError, pa.ArrowInvalid) as error:
        raise Invalid(f"{path}: {why_unreadable(error)}") from None
    require_columns(path, table, *needed)
    table[needed[0]] = table[needed[0]].astype(str)
    return table


def read_true_scores(path: Path) -> pd.Series:
    """Read true scores of simulated sittings: index `attempt_id` and `content_area`; proportions correct.

    Raises
    ------
    Invalid
        If one is no proportion, or an attempt has two in an area.
    """
    table = read_columns(path, "attempt_id", "content_area", "true_score")
    score = pd.to_numeric(table["true_score"], errors="coerce")
    bad = ~score.between(0, 1)
    if bad.any():
        row = int(bad.to_numpy().argmax())
        written = table["true_score"].iloc[row]
        told = "true_score is empty. Write" if pd.isna(written) else f"true_score '{written}' is no proportion. Write"
        raise Invalid(f"{path}:{row + 2}: {told} a number from 0 to 1.")
    score.index = pd.MultiIndex.from_arrays([table["attempt_id"], table["content_area"].astype(str)])
    if score.index.has_duplicates:
        attempt, area = score.index[score.index.duplicated()][0]
        raise Invalid(f"{path}: attempt '{attempt}' has two true scores in '{area}'. Keep one.")
    return score
