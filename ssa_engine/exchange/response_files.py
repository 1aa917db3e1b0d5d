"""Files of responses: CSV or Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from ssa_engine.core.errors import Invalid

TEXT_COLUMNS = ("attempt_id", "candidate_id", "discipline", "form_id", "item_id", "content_area", "answer")


def read_responses(path: Path) -> pd.DataFrame:
    """Read responses. Ids and answers are text, whatever they look like; an empty answer is a missing one.

    Raises
    ------
    Invalid
        If the file cannot be read as CSV or Parquet.
    """
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            frame = pd.read_parquet(path)
            for name in TEXT_COLUMNS:
                if name in frame and frame[name].dtype != "category":
                    frame[name] = frame[name].astype("str").where(frame[name].notna())
        else:
            frame = pd.read_csv(
                path,
                dtype=dict.fromkeys(TEXT_COLUMNS, "str"),
                keep_default_na=False,
                na_values=[""],
                encoding="utf-8-sig",
            )
    except (OSError, ValueError, pa.ArrowInvalid) as error:
        raise Invalid(f"{path}: {why_unreadable(error)}") from None
    for name in ("scored", "correct"):
        if name in frame and frame[name].dtype != bool:
            frame[name] = _as_flags(frame[name], path)
    for name in ("position", "seconds"):
        if name in frame:
            frame[name] = _as_numbers(frame[name], path)
    return frame


def why_unreadable(error: Exception) -> str:
    """Say why a file cannot be read as a table, and what to do."""
    if isinstance(error, pd.errors.EmptyDataError):
        return "cannot be read, as it is empty. Write a head and at least one row."
    if isinstance(error, UnicodeDecodeError):
        return "cannot be read, as it is no text in UTF-8. Save it as UTF-8."
    first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return f"cannot be read as a table ({first})."


def require_columns(path: Path, frame: pd.DataFrame, *needed: str) -> None:
    """Raise `Invalid` unless the table has these columns; say what it has instead."""
    missing = [name for name in needed if name not in frame]
    if missing:
        only = str(frame.columns[0]) if len(frame.columns) == 1 else ""
        hint = f" Its only column is {only!r}: separate columns by commas." if set(only) & set(";\t|") else ""
        raise Invalid(f"{path}: has no column {' and no column '.join(repr(name) for name in missing)}.{hint}")


def _as_flags(column: pd.Series, path: Path) -> pd.Series:
    """Read true and false, or 1 and 0; an empty cell is missing."""
    words = column.astype("str").str.lower().str.removesuffix(".0")
    flags = words.map({"true": True, "false": False, "1": True, "0": False})
    bad = flags.isna() & (column.notna() | (column.name == "scored"))
    if bad.any():
        row = int(bad.to_numpy().argmax()) + 2
        raise Invalid(f"{path}:{row}: '{column.name}' must be true or false in every row.")
    return flags.astype(bool) if flags.notna().all() else flags


def _as_numbers(column: pd.Series, path: Path) -> pd.Series:
    """Read numbers from 0 on; an empty cell is missing."""
    numbers: pd.Series = pd.to_numeric(column, errors="coerce")
    bad = column.notna() & ~(np.isfinite(numbers) & (numbers >= 0))
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise Invalid(
            f"{path}:{row + 2}: '{column.name}' is {column.iloc[row]!s}. Write a number from 0 on, or nothing."
        )
    return numbers


def read_marked(path: Path, *needed: str) -> pd.DataFrame:
    """Read responses that are marked: at least `attempt_id`, `item_id`, `correct`, and the columns `needed`.

    Raises
    ------
    Invalid
        If the file cannot be read, lacks a column or a mark, or has no rows.
    """
    frame = read_responses(path)
    require_columns(path, frame, "attempt_id", "item_id", "correct", *needed)
    if not len(frame):
        raise Invalid(f"{path}: has no responses, only a head.")
    if frame["correct"].isna().any():
        row = int(frame["correct"].isna().to_numpy().argmax()) + 2
        raise Invalid(f"{path}:{row}: 'correct' is empty. Write true or false (1 or 0) in every row.")
    return frame


def read_marked_together(paths: Sequence[Path], *needed: str) -> pd.DataFrame:
    """Read files of marked responses as one.

    Raises
    ------
    Invalid
        As `read_marked`; or if the files have not the same columns, or an attempt is in two of them.
    """
    frames = [read_marked(path, *needed) for path in paths]
    seen = pd.Series(frames[0]["attempt_id"].unique())
    for path, frame in zip(paths[1:], frames[1:], strict=True):
        differing = sorted(set(frames[0].columns) ^ set(frame.columns))
        if differing:
            names = ", ".join(differing)
            raise Invalid(f"{path}: has not the same columns as {paths[0]} ({names}). Give both files the same.")
        attempts = pd.Series(frame["attempt_id"].unique())
        again = attempts[attempts.isin(seen)]
        if len(again):
            raise Invalid(f"{path}: attempt '{again.iloc[0]}' is in an earlier file as well. Keep each attempt once.")
        seen = pd.concat([seen, attempts])
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def read_item_parameters(path: Path) -> pd.DataFrame:
    """Read item parameters: index `item_id`; numbers `a`, `b` and, where they are, `c` and standard errors.

    Raises
    ------
    Invalid
        If a column lacks, an item stands twice or has no id, or a parameter is no number.
    """
    frame = read_responses(path)
    require_columns(path, frame, "item_id", "a", "b")
    again = frame["item_id"].duplicated()
    if again.any() or frame["item_id"].isna().any():
        what = f"item '{frame['item_id'][again].iloc[0]}' twice" if again.any() else "a row without item_id"
        raise Invalid(f"{path}: has {what}. Give each item one row.")
    names = [name for name in ("a", "b", "c", "a_se", "b_se", "c_se") if name in frame]
    for name in names:
        numbers = pd.to_numeric(frame[name], errors="coerce")
        bad = frame[name].notna() & ~np.isfinite(numbers)
        if bad.any():
            raise Invalid(f"{path}:{int(bad.to_numpy().argmax()) + 2}: '{name}' is no number.")
        frame[name] = numbers
    return frame.set_index("item_id")[names]


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV, or as Parquet where the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() in (".parquet", ".pq"):
        frame.to_parquet(path, index=False)
    else:
        flags = frame.select_dtypes("bool").columns
        written = frame.assign(**{name: frame[name].map({True: "true", False: "false"}) for name in flags})
        written.to_csv(path, index=False, lineterminator="\n")
