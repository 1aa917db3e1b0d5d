"""Read the data and the expected values of this folder."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent


def data(name: str) -> pd.DataFrame:
    """Return simulated data: rows are people, columns are items."""
    return pd.read_csv(HERE / "data" / f"{name}.csv")


def expected(name: str) -> pd.DataFrame:
    """Return what the reference package made of it, one row per item, in the order of the data's columns."""
    return pd.read_csv(HERE / "expected" / f"{name}.csv", index_col="item")


def long_of(wide: pd.DataFrame) -> pd.DataFrame:
    """Return people × items as marked responses: one row per person and item that was presented."""
    frame = wide.rename_axis("attempt_id").reset_index()
    frame = frame.melt(id_vars="attempt_id", var_name="item_id", value_name="correct").dropna()
    return frame.assign(scored=True, correct=frame["correct"].astype(bool))


def table(name: str) -> pd.DataFrame:
    """Return a table of expected values as it stands in its file; NA is missing."""
    return pd.read_csv(HERE / "expected" / f"{name}.csv")
