"""One item in depth: its curve, options, history, times, and what candidates said of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.items import ItemQuery, Reviewed, reviewed
from ssa_engine.actions.shown_tables import ShownTable, with_counts
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import NotFound
from ssa_engine.core.items import Item
from ssa_engine.core.psychometrics.classical.distractors import distractor_table, option_traces
from ssa_engine.core.psychometrics.health.sittings import rapid_thresholds
from ssa_engine.core.psychometrics.review.item_curves import (
    by_ability,
    by_rest_score,
    item_history,
    time_histogram,
    time_table,
)
from ssa_engine.core.psychometrics.review.item_flags import THRESHOLDS, Flag, item_flags
from ssa_engine.core.text import say
from ssa_engine.storage import sittings
from ssa_engine.storage.db import Database

MOST_MONTHS = 18
"""With more months of sittings the history goes by quarters."""
FIGURES = "figures"
"""The table that has the item's row of the list."""
TABLES = ("options", "traces", "curve", "model", "periods", "versions", "times", "time_counts", "dif")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ItemPage:
    """What the page of one item shows. `tables` are those of `TABLES`; `figures` its row in the list.

    `along` says what the curve is drawn along: `theta` or `rest_score`.
    """

    item: Item
    figures: dict[str, Any]
    flags: tuple[Flag, ...]
    tables: dict[str, ShownTable]
    along: str
    rapid_seconds: float | None
    forms: int
    enemies: tuple[str, ...]
    case_members: tuple[str, ...]
    comments: list[tuple[dt.datetime, str]]
    found: Reviewed


def item_page(db: Database, banks: Banks, spec: ContentSpec, item_id: str, query: ItemQuery) -> ItemPage:
    """Return one item of today's bank in depth.

    Raises
    ------
    NotFound
        If the bank has no such item.
    """
    bank = banks.library.bank(spec.discipline)
    item = bank.item(item_id)
    with db.read() as connection:
        found = reviewed(connection, db, banks, bank, query)
        comments = sittings.comments_on(connection, item.id)
    row = found.items.loc[[item.id]]
    own = found.marked[(found.marked["item_id"] == item.id).to_numpy()]
    raised = str(row["flags"].iloc[0]).split()
    tables = _of_options(found, item.id, query) | _curves(found, item.id) | _history(found, banks, item.id)
    seconds, correct = own["seconds"].to_numpy(dtype=float), own["correct"].to_numpy(dtype=bool)
    rapid = _rapid_seconds(own)
    tables |= {
        "times": time_table(seconds, correct).assign(rapid_seconds=rapid),
        "time_counts": time_histogram(seconds),
        "dif": _dif(found, item.id),
    }
    return ItemPage(
        item=item,
        figures=ShownTable(row).rows[0],
        flags=tuple(flag for flag in item_flags(THRESHOLDS) if flag.name in raised),
        tables={name: ShownTable(tables[name]) for name in TABLES},
        along="theta" if len(tables["model"]) else "rest_score",
        rapid_seconds=rapid,
        forms=int(own["form_id"].nunique()),
        enemies=tuple(sorted(bank.enemies.get(item.id, ()))),
        case_members=tuple(one.id for one in bank.members.get(item.case or "", ()) if one.id != item.id),
        comments=comments,
        found=found,
    )


def item_page_table(
    db: Database, banks: Banks, spec: ContentSpec, item_id: str, query: ItemQuery, table: str
) -> pd.DataFrame:
    """Return one of the tables of an item's page.

    Raises
    ------
    NotFound
        If there is no such item or table.
    """
    if table not in (FIGURES, *TABLES):
        known = ", ".join((FIGURES, *TABLES))
        raise NotFound(say("There is no such table of an item. There are: {tables}.", tables=known))
    page = item_page(db, banks, spec, item_id, query)
    if table == FIGURES:
        return pd.DataFrame([{"item_id": item_id} | page.figures | {"forms": page.forms}])
    return page.tables[table].frame


def _of_options(found: Reviewed, item_id: str, query: ItemQuery) -> dict[str, pd.DataFrame]:
    """Return how each answer was chosen, and its traces by score group."""
    if not len(found.marked):
        empty = pd.DataFrame(columns=["option", "kind", "n", "share", "point_biserial", "mean_rest", "note"])
        return {"options": empty, "traces": pd.DataFrame(columns=["option", "kind", "group", "share"])}
    made = found.cohort.once
    options = made(("options", query.versions), lambda: distractor_table(found.marked))
    traces = made(("traces", query.versions), lambda: option_traces(found.marked))
    own = {"options": options[options["item_id"] == item_id], "traces": traces[traces["item_id"] == item_id]}
    return {name: table.drop(columns="item_id").reset_index(drop=True) for name, table in own.items()}


def _curves(found: Reviewed, item_id: str) -> dict[str, pd.DataFrame]:
    """Return the empirical curve, along theta where the item has parameters, and the model's."""
    model = pd.DataFrame({"theta": [], "probability": []}, dtype=float)
    if not len(found.marked):
        return {"curve": pd.DataFrame(columns=["group", "mean", "share"]), "model": model}
    both = by_ability(found.marked, item_id, found.items[["a", "b"]])
    if both is None:
        return {"curve": by_rest_score(found.marked, item_id), "model": model}
    return {"curve": both[0], "model": both[1]}


def _history(found: Reviewed, banks: Banks, item_id: str) -> dict[str, pd.DataFrame]:
    """Return the item's statistics by period and by bank version, whatever versions are looked at."""
    marked = found.cohort.marked
    columns = ["period", "n", "p_value", "point_biserial"]
    if not len(marked):
        empty = pd.DataFrame(columns=columns)
        return {"periods": empty, "versions": empty.rename(columns={"period": "bank_version"}).assign(a=[], b=[])}
    made = found.cohort.once
    periods = made("periods", lambda: item_history(marked, _periods(marked["submitted_at"])))
    versions = made("versions", lambda: item_history(marked, marked["bank_version"].astype("str")))
    periods, versions = (table[table["item_id"] == item_id].reset_index(drop=True) for table in (periods, versions))
    versions = versions.rename(columns={"period": "bank_version"})
    first = marked.groupby("bank_version", observed=True)["submitted_at"].min()
    versions["first_submitted_at"] = versions["bank_version"].map(first.rename(index=str))
    known = [banks.at(version).item(item_id).statistics for version in versions["bank_version"]]
    for name in ("a", "b"):
        versions[name] = pd.Series([getattr(one, name) for one in known], dtype=float)
    versions = versions.sort_values("first_submitted_at", ignore_index=True)
    return {"periods": periods[columns], "versions": versions.drop(columns="item_id")}


def _rapid_seconds(own: pd.DataFrame) -> float | None:
    """Return the time below which an answer is taken for a rapid guess; None where no time is known."""
    if not own["seconds"].notna().any():
        return None
    return float(rapid_thresholds(own)["threshold"].iloc[0])


def _periods(submitted: pd.Series) -> pd.Series:
    """Return the month of each time, or its quarter where there are many months: '2027-03', '2027-Q1'."""
    times = submitted.dt.tz_localize(None)
    months = times.dt.year * 12 + times.dt.month
    named = times.dt.strftime("%Y-%m")
    if months.max() - months.min() >= MOST_MONTHS:
        named = times.dt.year.astype("str") + "-Q" + times.dt.quarter.astype("str")
    return pd.Series(named)


def _dif(found: Reviewed, item_id: str) -> pd.DataFrame:
    """Return the item's row of the comparison of groups; none without groups or without responses to it."""
    if found.dif is None or found.comparison is None or item_id not in found.dif.index:
        return pd.DataFrame(columns=["reference", "focal", "ets_class"])
    row = found.dif.loc[[item_id]].reset_index(drop=True)
    row.insert(0, "reference", found.comparison.reference)
    row.insert(1, "focal", found.comparison.focal)
    return with_counts(row, ("n_reference", "n_focal"))
