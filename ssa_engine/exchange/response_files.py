"""Files of responses: CSV or Parquet."""

from __future__ import annotations

from pathlib import Path

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
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise Invalid(f"{path}: cannot be read as a file of responses ({first}).") from None
    for name in ("scored", "correct"):
        if name in frame and frame[name].dtype != bool:
            frame[name] = _as_flags(frame[name], path)
    return frame


def _as_flags(column: pd.Series, path: Path) -> pd.Series:
    """Read true and false, or 1 and 0; an empty cell is missing."""
    words = column.astype("str").str.lower().str.removesuffix(".0")
    flags = words.map({"true": True, "false": False, "1": True, "0": False})
    bad = flags.isna() & (column.notna() | (column.name == "scored"))
    if bad.any():
        row = int(bad.to_numpy().argmax()) + 2
        raise Invalid(f"{path}:{row}: '{column.name}' must be true or false in every row.")
    return flags.astype(bool) if flags.notna().all() else flags


def read_marked(path: Path, *needed: str) -> pd.DataFrame:
    """Read responses that are marked: at least `attempt_id`, `item_id`, `correct`, and the columns `needed`.

    Raises
    ------
    Invalid
        If the file cannot be read, lacks a column or a mark, or has no rows.
    """
    frame = read_responses(path)
    missing = [name for name in ("attempt_id", "item_id", "correct", *needed) if name not in frame]
    if missing:
        raise Invalid(f"{path}: has no column {' and no column '.join(repr(name) for name in missing)}.")
    if not len(frame):
        raise Invalid(f"{path}: has no responses, only a head.")
    if frame["correct"].isna().any():
        row = int(frame["correct"].isna().to_numpy().argmax()) + 2
        raise Invalid(f"{path}:{row}: 'correct' is empty. Write true or false (1 or 0) in every row.")
    return frame


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV, or as Parquet where the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() in (".parquet", ".pq"):
        frame.to_parquet(path, index=False)
    else:
        flags = frame.select_dtypes("bool").columns
        written = frame.assign(**{name: frame[name].map({True: "true", False: "false"}) for name in flags})
        written.to_csv(path, index=False, lineterminator="\n")
