"""CSV files with a contract: a Frictionless tabular data package."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ssa_engine.exchange.columns import BY_NAME, SCHEMA_VERSION
from ssa_engine.exchange.dataset import Column, Dataset

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_csv(frame: pd.DataFrame, dataset: Dataset, *, for_spreadsheet: bool = False) -> str:
    """Write a frame as this dataset's CSV: its columns in order, empty where unknown.

    UTF-8 text, comma, LF, times in ISO 8601 UTC with Z, booleans true and false, numbers as numbers. With
    `for_spreadsheet`, text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    columns = {
        column.name: _written(frame[column.name], column, for_spreadsheet) if column.name in frame else ""
        for column in dataset.columns
    }
    buffer = io.StringIO()
    pd.DataFrame(columns, index=frame.index).to_csv(buffer, index=False, lineterminator="\n")
    return buffer.getvalue()


def _written(values: pd.Series, column: Column, for_spreadsheet: bool) -> pd.Series:
    if column.type == "datetime":
        times = pd.to_datetime(values, utc=True)
        text = times.dt.strftime("%Y-%m-%dT%H:%M:%S.%f").str.slice(stop=-3) + "Z"
        return text.where(times.notna(), "")
    if column.type == "boolean":
        return values.map({True: "true", False: "false"}).astype(object).where(values.notna(), "")
    if column.type == "integer":
        return pd.to_numeric(values).astype("Int64")
    if column.type == "number":
        return pd.to_numeric(values).astype(float)
    text = values.astype(object).where(values.notna(), "").astype(str)
    text = text.str.replace("\r\n?", "\n", regex=True)  # LF is the only line end of the package
    if for_spreadsheet and column.type == "string":
        risky = text.str.startswith(FORMULA_STARTS)
        text = text.where(~risky, "'" + text)
    return text


def descriptor(datasets: Iterable[Dataset], created: dt.datetime) -> dict[str, Any]:
    """Return the content of `datapackage.json` for these files."""
    return {
        "profile": "tabular-data-package",
        "name": "ssa-engine-export",
        "schema_version": SCHEMA_VERSION,
        "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resources": [_resource(dataset) for dataset in datasets],
    }


def _resource(dataset: Dataset) -> dict[str, Any]:
    return {
        "name": dataset.name.replace("_", "-"),
        "path": f"{dataset.name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "header": True},
        "description": f"One row is {dataset.row}.",
        "schema": {
            "primaryKey": list(dataset.key),
            "missingValues": [""],
            "fields": [
                {"name": column.name, "type": column.type, "description": column.meaning}
                | ({"unit": column.unit} if column.unit else {})
                for column in dataset.columns
            ],
        },
    }


def package_files(
    frames: Mapping[str, pd.DataFrame], created: dt.datetime, *, for_spreadsheet: bool = False
) -> dict[str, bytes]:
    """Return file name -> bytes of a whole package."""
    files = {
        f"{name}.csv": to_csv(frame, BY_NAME[name], for_spreadsheet=for_spreadsheet).encode()
        for name, frame in frames.items()
    }
    text = json.dumps(descriptor([BY_NAME[name] for name in frames], created), indent=2, ensure_ascii=False)
    return files | {"datapackage.json": f"{text}\n".encode()}


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        part = folder / f".{name}.part"
        part.write_bytes(content)
        part.replace(folder / name)
