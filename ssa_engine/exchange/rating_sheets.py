"""Sheets of a standard-setting panel, and what is read beside them: ratings, bookmarks, cuts and shares, scores."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.exchange.sheet_rows import Row, Source, columns_of, other_separator, read_sheet

RANGES = ("min_cut", "max_cut", "lowest_share_below", "highest_share_below")
POINTS = ("cut", "share_below")
UNCERTAINTIES = ("cut_uncertainty", "share_uncertainty")


def read_ratings(source: Source, *, percent: bool = False, area_of: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Read Angoff ratings: `judge`, `item_id`, `rating`, and perhaps `round` and `content_area`.

    An empty rating is an item the judge did not rate. With `percent` ratings are 0 to 100, else 0 to 1. With `area_of`,
    the content area of each item of a bank, items must be of the bank, and areas come from it.

    Returns
    -------
    DataFrame
        `judge`, `item_id`, `rating` (0 to 1, or missing), `round`, and `content_area` if the sheet has it.

    Raises
    ------
    Invalid
        With a sentence for each bad row, by file and line.
    """

    def rating(row: Row) -> dict[str, object]:
        value = row.share("rating", 100 if percent else 1) if row.cells["rating"] else float("nan")
        read = {"judge": row.text("judge"), "item_id": row.text("item_id"), "rating": value, "round": row.round()}
        return read | _area(row, row.text("item_id"), area_of)

    return read_sheet(source, ("judge", "item_id", "rating"), rating, ("judge", "item_id", "round"))


def read_bookmarks(source: Source, *, area_of: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Read bookmarks: `judge`, `page_item_id` (empty where none was set), and perhaps `round` and `content_area`.

    `area_of` as for `read_ratings`.

    Raises
    ------
    Invalid
        With a sentence for each bad row, by file and line.
    """

    def bookmark(row: Row) -> dict[str, object]:
        item = row.cells["page_item_id"] or None
        return {"judge": row.text("judge"), "page_item_id": item, "round": row.round()} | _area(row, item, area_of)

    return read_sheet(source, ("judge", "page_item_id"), bookmark, ("judge", "round"))


def read_cuts_and_shares(
    source: Source, *, percent: bool = False, areas: Collection[str] | None = None
) -> pd.DataFrame:
    """Read what judges of a compromise method say: ranges, or one cut and one share.

    Columns `judge` and either `min_cut`, `max_cut`, `lowest_share_below`, `highest_share_below`, or `cut`,
    `share_below` and perhaps both `cut_uncertainty`, `share_uncertainty`; and perhaps `content_area`. Shares are of
    candidates below the cut. With `percent` all are 0 to 100, else 0 to 1. `areas` are those there may be.

    Returns
    -------
    DataFrame
        The same columns, 0 to 1.

    Raises
    ------
    Invalid
        With a sentence for each bad row, by file and line.
    """
    head = columns_of(source)
    names = RANGES if set(RANGES) <= set(head) else POINTS
    more = UNCERTAINTIES if names is POINTS and set(UNCERTAINTIES) <= set(head) else ()
    if not set(names) <= set(head):
        needed = f"needed are judge and either {', '.join(RANGES)}, or {', '.join(POINTS)}."
        raise Invalid(f"{source}:1: {needed}{other_separator(head)}")

    def said(row: Row) -> dict[str, object]:
        values = {name: row.share(name, 100 if percent else 1) for name in (*names, *more)}
        for least, most in ((RANGES[0], RANGES[1]), (RANGES[2], RANGES[3])):
            if names is RANGES and values[least] > values[most]:
                raise ValueError(f"'{least}' is above '{most}'. Exchange them.")
        area = row.cells.get("content_area")
        if area and areas is not None and area not in areas:
            raise ValueError(f"'{area}' is no content area here; there is {', '.join(areas)}.")
        return {"judge": row.text("judge"), **values}

    return read_sheet(source, ("judge", *names), said, ("judge",))


def _area(row: Row, item: str | None, area_of: Mapping[str, str] | None) -> dict[str, object]:
    """Return the content area of a row by the bank, once sure that the sheet says no other."""
    if area_of is None:
        return {}
    told = row.cells.get("content_area") or None
    if item is None:
        if told is None:
            raise ValueError("no item is named, so the area is unknown. Give the sheet a column 'content_area'.")
        if told not in area_of.values():
            raise ValueError(f"'{told}' is no content area of this item bank.")
        return {"content_area": told}
    if item not in area_of:
        raise ValueError(f"'{item}' is no item of this item bank. Take the ids from the template.")
    if told not in (None, area_of[item]):
        raise ValueError(f"'{item}' is an item of '{area_of[item]}', and the sheet says '{told}'. Correct one of them.")
    return {"content_area": area_of[item]}


def read_sheet_of(
    method: str, source: Source, *, percent: bool = False, area_of: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Read the sheet that a method takes: ratings, bookmarks, or cuts and shares."""
    if method == "angoff":
        return read_ratings(source, percent=percent, area_of=area_of)
    if method == "bookmark":
        return read_bookmarks(source, area_of=area_of)
    areas = None if area_of is None else dict.fromkeys(area_of.values())
    return read_cuts_and_shares(source, percent=percent, areas=areas)


def read_scores(source: Source, *, items: int | None = None) -> pd.DataFrame:
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
    head = columns_of(source)

    def score(row: Row) -> dict[str, object]:
        value = row.number("score")
        if items is None and value > 1:
            raise ValueError(
                f"'score' is {row.cells['score']}. Give proportions right, or say how many items there are."
            )
        row.share("score", items or 1)
        own = row.count("items") if "items" in head and row.cells.get("items") else items
        return {"attempt_id": row.text("attempt_id"), "score": value, "items": own}

    scores = read_sheet(source, ("attempt_id", "score"), score, ("attempt_id",))
    proportions = scores["score"].max() <= 1 and (scores["score"] % 1 > 0).any()
    return scores if items is None or proportions else scores.assign(score=scores["score"] / items)


def read_item_parameters(source: Source) -> pd.DataFrame:
    """Read item parameters: index `item_id`; `a` (above 0), `b`, and `c` (0 to below 1) if the file has it.

    Raises
    ------
    Invalid
        With a sentence for each bad row, by file and line.
    """
    guessing = "c" in columns_of(source)

    def item(row: Row) -> dict[str, object]:
        values: dict[str, object] = {"item_id": row.text("item_id"), "a": row.number("a"), "b": row.number("b")}
        if row.number("a") <= 0:
            raise ValueError(f"'a' is {row.cells['a']}. An item of a panel's booklet needs an a above 0.")
        if guessing:
            values["c"] = row.number("c") if row.cells.get("c") else 0.0
            if not 0 <= float(str(values["c"])) < 1:
                raise ValueError(f"'c' is {row.cells['c']}. Write a number from 0 to below 1.")
        return values

    return read_sheet(source, ("item_id", "a", "b"), item, ("item_id",)).set_index("item_id")


def read_p_values(source: Source) -> pd.Series:
    """Read the proportion right of each item: `item_id`, `p_value` (empty where not known).

    Raises
    ------
    Invalid
        With a sentence for each bad row, by file and line.
    """

    def p_value(row: Row) -> dict[str, object]:
        known = row.cells["p_value"] not in ("", "nan")
        return {"item_id": row.text("item_id"), "p_value": row.share("p_value", 1) if known else float("nan")}

    return read_sheet(source, ("item_id", "p_value"), p_value, ("item_id",)).set_index("item_id")["p_value"]


def read_cuts(source: Source) -> pd.DataFrame:
    """Read the cut.csv of an earlier run: `area`, `method`, `cut_proportion`, `low`, `high` (either may be empty).

    Raises
    ------
    Invalid
        With a sentence for each bad row, by file and line.
    """

    def cut(row: Row) -> dict[str, object]:
        band = {name: row.share(name, 1) if row.cells.get(name) else float("nan") for name in ("low", "high")}
        at = {"cut_proportion": row.share("cut_proportion", 1)}
        return {"area": row.text("area"), "method": row.text("method"), **at, **band}

    return read_sheet(source, ("area", "method", "cut_proportion"), cut, ("area", "method"))
