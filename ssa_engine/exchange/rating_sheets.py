"""Sheets of a standard-setting panel, and what is read beside them: ratings, bookmarks, cuts and shares, scores."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from ssa_engine.core.errors import Invalid

RANGES = ("min_cut", "max_cut", "lowest_share_below", "highest_share_below")
POINTS = ("cut", "share_below")
UNCERTAINTIES = ("cut_uncertainty", "share_uncertainty")


@dataclass(frozen=True, slots=True)
class _Row:
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


def read_ratings(path: Path, *, percent: bool = False) -> pd.DataFrame:
    """Read Angoff ratings: `judge`, `item_id`, `rating`, and perhaps `round` and `content_area`.

    An empty rating is an item the judge did not rate. With `percent` ratings are 0 to 100, else 0 to 1.

    Returns
    -------
    DataFrame
        `judge`, `item_id`, `rating` (0 to 1, or missing), `round`, and `content_area` if the sheet has it.

    Raises
    ------
    Invalid
        With a sentence for each bad row, by file and line.
    """

    def rating(row: _Row) -> dict[str, object]:
        value = row.share("rating", 100 if percent else 1) if row.cells["rating"] else float("nan")
        return {"judge": row.text("judge"), "item_id": row.text("item_id"), "rating": value, "round": row.round()}

    return _sheet(path, ("judge", "item_id", "rating"), rating, ("judge", "item_id", "round"))


def read_bookmarks(path: Path) -> pd.DataFrame:
    """Read bookmarks: `judge`, `page_item_id` (empty where none was set), and perhaps `round` and `content_area`.

    Raises
    ------
    Invalid
        With a sentence for each bad row, by file and line.
    """

    def bookmark(row: _Row) -> dict[str, object]:
        return {"judge": row.text("judge"), "page_item_id": row.cells["page_item_id"] or None, "round": row.round()}

    return _sheet(path, ("judge", "page_item_id"), bookmark, ("judge", "round"))


def read_cuts_and_shares(path: Path, *, percent: bool = False) -> pd.DataFrame:
    """Read what judges of a compromise method say: ranges, or one cut and one share.

    Columns `judge` and either `min_cut`, `max_cut`, `lowest_share_below`, `highest_share_below`, or `cut`,
    `share_below` and perhaps both `cut_uncertainty`, `share_uncertainty`; and perhaps `content_area`. Shares are of
    candidates below the cut. With `percent` all are 0 to 100, else 0 to 1.

    Returns
    -------
    DataFrame
        The same columns, 0 to 1.

    Raises
    ------
    Invalid
        With a sentence for each bad row, by file and line.
    """
    head = _columns_of(path)
    names = RANGES if set(RANGES) <= set(head) else POINTS
    more = UNCERTAINTIES if names is POINTS and set(UNCERTAINTIES) <= set(head) else ()
    if not set(names) <= set(head):
        needed = f"needed are judge and either {', '.join(RANGES)}, or {', '.join(POINTS)}."
        raise Invalid(f"{path}:1: {needed}{_other_separator(head)}")

    def said(row: _Row) -> dict[str, object]:
        values = {name: row.share(name, 100 if percent else 1) for name in (*names, *more)}
        for least, most in ((RANGES[0], RANGES[1]), (RANGES[2], RANGES[3])):
            if names is RANGES and values[least] > values[most]:
                raise ValueError(f"'{least}' is above '{most}'. Exchange them.")
        return {"judge": row.text("judge"), **values}

    return _sheet(path, ("judge", *names), said, ("judge",))


def read_scores(path: Path, *, items: int | None = None) -> pd.DataFrame:
    """Read scores of candidates: `attempt_id`, `score`, and perhaps `content_area` and `items`.

    Scores are proportions right; with `items` they are numbers right of so many, unless all lie from 0 to 1 and some
    are not whole: those are proportions all the same.

    Returns
    -------
    DataFrame
        `attempt_id`, `score` (0 to 1), `items` (missing if not known), and `content_area` if the file has it.

    Raises
    ------
    Invalid
        With a sentence for each bad row, by file and line.
    """
    head = _columns_of(path)

    def score(row: _Row) -> dict[str, object]:
        value = row.number("score")
        if items is None and value > 1:
            raise ValueError(
                f"'score' is {row.cells['score']}. Give proportions right, or say how many items there are."
            )
        row.share("score", items or 1)
        own = row.count("items") if "items" in head and row.cells.get("items") else items
        return {"attempt_id": row.text("attempt_id"), "score": value, "items": own}

    scores = _sheet(path, ("attempt_id", "score"), score, ("attempt_id",))
    proportions = scores["score"].max() <= 1 and (scores["score"] % 1 > 0).any()
    return scores if items is None or proportions else scores.assign(score=scores["score"] / items)


def read_item_parameters(path: Path) -> pd.DataFrame:
    """Read item parameters: index `item_id`; `a` (above 0), `b`, and `c` (0 to below 1) if the file has it.

    Raises
    ------
    Invalid
        With a sentence for each bad row, by file and line.
    """
    guessing = "c" in _columns_of(path)

    def item(row: _Row) -> dict[str, object]:
        values: dict[str, object] = {"item_id": row.text("item_id"), "a": row.number("a"), "b": row.number("b")}
        if row.number("a") <= 0:
            raise ValueError(f"'a' is {row.cells['a']}. An item of a panel's booklet needs an a above 0.")
        if guessing:
            values["c"] = row.number("c") if row.cells.get("c") else 0.0
            if not 0 <= float(str(values["c"])) < 1:
                raise ValueError(f"'c' is {row.cells['c']}. Write a number from 0 to below 1.")
        return values

    return _sheet(path, ("item_id", "a", "b"), item, ("item_id",)).set_index("item_id")


def read_p_values(path: Path) -> pd.Series:
    """Read the proportion right of each item: `item_id`, `p_value` (empty where not known).

    Raises
    ------
    Invalid
        With a sentence for each bad row, by file and line.
    """

    def p_value(row: _Row) -> dict[str, object]:
        known = row.cells["p_value"] not in ("", "nan")
        return {"item_id": row.text("item_id"), "p_value": row.share("p_value", 1) if known else float("nan")}

    return _sheet(path, ("item_id", "p_value"), p_value, ("item_id",)).set_index("item_id")["p_value"]


def read_cuts(path: Path) -> pd.DataFrame:
    """Read the cut.csv of an earlier run: `area`, `method`, `cut_proportion`, `low`, `high` (either may be empty).

    Raises
    ------
    Invalid
        With a sentence for each bad row, by file and line.
    """

    def cut(row: _Row) -> dict[str, object]:
        band = {name: row.share(name, 1) if row.cells.get(name) else float("nan") for name in ("low", "high")}
        at = {"cut_proportion": row.share("cut_proportion", 1)}
        return {"area": row.text("area"), "method": row.text("method"), **at, **band}

    return _sheet(path, ("area", "method", "cut_proportion"), cut, ("area", "method"))


def _sheet(
    path: Path, needed: Sequence[str], read_row: Callable[[_Row], dict[str, object]], once: Sequence[str]
) -> pd.DataFrame:
    """Read every row, or raise with every bad one; `once` names the columns that may not stand twice alike."""
    head = _columns_of(path)
    missing = [name for name in needed if name not in head]
    if missing:
        said = f"column {missing[0]} is" if len(missing) == 1 else f"columns {', '.join(missing)} are"
        raise Invalid(f"{path}:1: the {said} missing; needed are {', '.join(needed)}.{_other_separator(head)}")
    rows: list[dict[str, object]] = []
    faults: list[str] = []
    seen: dict[tuple[object, ...], str] = {}
    for row in _rows(path):
        try:
            read = read_row(row)
            if "content_area" in head:
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
        raise Invalid(f"{path}: has no rows, only a head.")
    return pd.DataFrame(rows)


def _other_separator(head: Sequence[str]) -> str:
    """Say what was found where the head is one column that looks like several, or nothing."""
    apart = len(head) == 1 and any(separator in head[0] for separator in ";\t|")
    return f" Found: '{head[0]}'. Separate columns by commas." if apart else ""


def _columns_of(path: Path) -> list[str]:
    first = next(_rows(path, head=True))
    return list(first.cells)


def _rows(path: Path, *, head: bool = False) -> Iterator[_Row]:
    """Yield the rows of a CSV or Parquet file; with `head` one row that has the names of the columns."""
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            frame = pd.read_parquet(path, dtype_backend="numpy_nullable")
            frame = frame.astype("str").where(frame.eq(frame).fillna(value=False), "")
            if head:
                yield _Row(f"{path}:1", dict.fromkeys(map(str, frame.columns), ""))
            for number, values in enumerate(frame.itertuples(index=False, name=None), start=2):
                yield _Row(f"{path}:{number}", dict(zip(map(str, frame.columns), map(str, values), strict=True)))
            return
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if head:
                yield _Row(f"{path}:1", dict.fromkeys(reader.fieldnames or (), ""))
            for cells in reader:
                if None in cells:  # DictReader keeps there what has no column
                    raise Invalid(
                        f"{path}:{reader.line_num}: has more cells than the head has columns. Write decimals with a "
                        "point, and text that has a comma in quotation marks."
                    )
                named = {name: (cells[name] or "").strip() for name in reader.fieldnames or ()}
                yield _Row(f"{path}:{reader.line_num}", named)
    except (OSError, ValueError, csv.Error, pa.ArrowInvalid) as error:
        raise Invalid(f"{path}: cannot be read as UTF-8 CSV or as Parquet ({error}).") from None
