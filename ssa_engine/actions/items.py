"""The items of today's bank as a psychometrician reviews them: the list with its flags, filtered and sorted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import pandas as pd

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.marked_cohorts import MarkedCohort, marked_cohort
from ssa_engine.actions.shown_tables import ShownTable, with_counts
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Invalid
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import Item
from ssa_engine.core.psychometrics.review.item_flags import THRESHOLDS, Flag, FlagThresholds, item_flags, raise_flags
from ssa_engine.core.psychometrics.review.item_review import (
    DIF,
    DRIFT,
    FIGURES,
    Comparison,
    compare_groups,
    compare_periods,
    largest_groups,
    review_items,
)
from ssa_engine.core.text import say
from ssa_engine.storage import cohort_reads
from ssa_engine.storage.db import Connection, Database

T = TypeVar("T")

TODAY, ALL = "today", "all"
VERSIONS = (TODAY, ALL)
"""Responses under today's bank version alone, or under every version."""
ABOUT = ("item_id", "topic", "content_area", "area_name", "format", "status", "flags")
STATISTICS = ("n", "p_value", "point_biserial", "exposure", *(name for name in FIGURES[2:] if name != "exposure"))
SHOWN = (
    *ABOUT,
    *STATISTICS[:-2],
    *("a", "b", "n_reference", "n_focal", "delta", "ets_class"),
    *(
        "drift_n_before",
        "drift_p_before",
        "drift_n_after",
        "drift_p_after",
        "drift_change",
        "drift_z",
        "drift_robust_z",
    ),
    "comments",
)
"""Columns of the list, in order."""
COUNTS = ("n", "n_reference", "n_focal", "drift_n_before", "drift_n_after", "comments")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemQuery:
    """What is asked of the list; empty means everything. `split` is the first day of the later period."""

    flag: str = ""
    area: str = ""
    topic: str = ""
    format: str = ""
    status: str = ""
    text: str = ""
    sort: str = "item_id"
    descending: bool = False
    grouping: str = ""
    split: dt.date | None = None
    versions: str = TODAY


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ItemReview:
    """The items of a bank that were asked for, and what there is to ask for.

    `notes` say why groups or periods could not be compared.
    """

    table: ShownTable
    query: ItemQuery
    items: int
    attempts: int
    flags: tuple[Flag, ...]
    flagged: dict[str, int]
    """Flag -> items of the bank that have it, whatever else is asked for."""
    groupings: list[str]
    comparison: Comparison | None
    topics: list[str]
    formats: list[str]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Reviewed:
    """All items with all figures (index `item_id`), and what they were compared by."""

    items: pd.DataFrame
    cohort: MarkedCohort
    marked: pd.DataFrame
    groupings: list[str]
    comparison: Comparison | None
    dif: pd.DataFrame | None
    split: dt.date | None
    notes: list[str]


def review(
    db: Database, banks: Banks, spec: ContentSpec, query: ItemQuery, thresholds: FlagThresholds = THRESHOLDS
) -> ItemReview:
    """Return the items of today's bank that were asked for, with their statistics and flags.

    Raises
    ------
    Invalid
        If there is no such column to sort by, or no such versions.
    """
    if query.sort not in SHOWN or query.versions not in VERSIONS:
        raise Invalid(say("There is no such column or version to show. Choose from the form above the table."))
    bank = banks.library.bank(spec.discipline)
    with db.read() as connection:
        found = reviewed(connection, db, banks, bank, query, thresholds)
    flags = item_flags(thresholds)
    raised = found.items["flags"].str.split()
    chosen = _asked_for(found.items, bank, query)
    ordered = chosen.sort_values(query.sort, ascending=not query.descending, kind="stable", na_position="last")
    return ItemReview(
        table=ShownTable(ordered[list(SHOWN)]),
        query=replace(query, split=found.split),
        items=len(found.items),
        attempts=int(found.marked["attempt_id"].nunique()),
        flags=flags,
        flagged={flag.name: int(raised.map(lambda own, name=flag.name: name in own).sum()) for flag in flags},
        groupings=found.groupings,
        comparison=found.comparison,
        topics=sorted({item.topic for item in bank.items}),
        formats=sorted({item.format for item in bank.items}),
        notes=found.notes,
    )


def reviewed(
    connection: Connection,
    db: Database,
    banks: Banks,
    bank: ItemBank,
    query: ItemQuery,
    thresholds: FlagThresholds = THRESHOLDS,
) -> Reviewed:
    """Return every item of a bank with all figures, computed once for each state of the cohort."""
    cohort = marked_cohort(connection, db, banks, bank.discipline)
    version = None if query.versions == ALL else bank.version
    comments = cohort_reads.comment_counts(connection, bank.discipline, version)
    groupings = cohort_reads.groupings(connection, bank.discipline)
    grouping = query.grouping if query.grouping in groupings else ""
    groups = cohort_reads.groups_of(connection, bank.discipline, grouping) if grouping else None
    marked = cohort.once(("marked", query.versions, bank.version), lambda: of_versions(cohort, bank, query.versions))
    key = (query.versions, bank.version)
    items = cohort.once(("items", *key), lambda: review_items(marked, items_of(bank))).copy()
    notes: list[str] = []
    comparison, dif = _compared(cohort, marked, groups, (grouping, *key), notes)
    split = query.split or cohort.once(("split", *key), lambda: _middle(marked))
    drift = None
    if split is not None:
        drift = _unless_invalid(lambda: cohort.once(("drift", split, *key), lambda: _drift(marked, split)), notes)
    items = items.join((pd.DataFrame(columns=list(DIF)) if dif is None else dif).drop(columns="note"))
    items = items.join(pd.DataFrame(columns=list(DRIFT.values())) if drift is None else drift)
    items["comments"] = [comments.get(str(item), 0) for item in items.index]
    items["flags"] = raise_flags(items, thresholds)
    items = with_counts(items.assign(item_id=items.index).rename_axis(None), COUNTS)
    return Reviewed(
        items=items,
        cohort=cohort,
        marked=marked,
        groupings=groupings,
        comparison=comparison,
        dif=dif,
        split=split,
        notes=notes,
    )


def items_of(bank: ItemBank) -> pd.DataFrame:
    """Return the items of a bank, index `item_id`, with what does not depend on responses."""
    spec = bank.spec
    areas = [bank.area_of(item) for item in bank.items]
    return pd.DataFrame(
        {
            "topic": [item.topic for item in bank.items],
            "content_area": areas,
            "area_name": [spec.area_names[area] for area in areas],
            "format": [item.format for item in bank.items],
            "status": [item.status for item in bank.items],
            "a": [item.statistics.a for item in bank.items],
            "b": [item.statistics.b for item in bank.items],
            "even_exposure": _even_exposure(bank),
            "seconds_allowed": spec.seconds_allowed
            / sum(own.scored + own.pilot for own in spec.blueprint.areas.values()),
        },
        index=pd.Index([item.id for item in bank.items], name="item_id"),
    ).astype({"a": float, "b": float})


def of_versions(cohort: MarkedCohort, bank: ItemBank, versions: str) -> pd.DataFrame:
    """Return the marked responses under today's version of the bank, or under all its versions."""
    marked = cohort.marked
    return marked if versions == ALL else marked[(marked["bank_version"] == bank.version).to_numpy()]


def _even_exposure(bank: ItemBank) -> list[float | None]:
    """Return the share of forms each item would be on if its area's items of its kind were used evenly."""
    kinds = pd.Series([(bank.area_of(item), item.status) for item in bank.items])
    sizes = kinds.value_counts()

    def share(item: Item) -> float | None:
        area = bank.area_of(item)
        needed = bank.spec.blueprint.areas[area]
        wanted = {"active": needed.scored, "pilot": needed.pilot}.get(item.status)
        return None if wanted is None else min(1.0, wanted / int(sizes[area, item.status]))

    return [share(item) for item in bank.items]


def _compared(
    cohort: MarkedCohort, marked: pd.DataFrame, groups: pd.Series | None, key: tuple[str, ...], notes: list[str]
) -> tuple[Comparison | None, pd.DataFrame | None]:
    """Return which groups of a grouping are compared, and what comes of it; the groups themselves are in the key."""
    if groups is None:
        return None, None
    mark = int(pd.util.hash_pandas_object(groups).sum())
    found = _unless_invalid(lambda: cohort.once(("dif", mark, *key), lambda: _dif(marked, groups)), notes)
    return found or (None, None)


def _dif(marked: pd.DataFrame, groups: pd.Series) -> tuple[Comparison, pd.DataFrame]:
    of_attempts = marked.drop_duplicates("attempt_id").set_index("attempt_id")["candidate_id"].map(groups)
    comparison = largest_groups(of_attempts)
    return comparison, compare_groups(marked, of_attempts, comparison)


def _middle(marked: pd.DataFrame) -> dt.date | None:
    """Return the day on which the later half of the attempts begins; None without attempts."""
    ends = marked.drop_duplicates("attempt_id")["submitted_at"].dropna().sort_values()
    return None if ends.empty else ends.iloc[len(ends) // 2].date()


def _drift(marked: pd.DataFrame, split: dt.date) -> pd.DataFrame:
    later = marked["submitted_at"] >= pd.Timestamp(split, tz="UTC")
    return compare_periods(marked, later.to_numpy(dtype=bool))


def _unless_invalid(make: Callable[[], T], notes: list[str]) -> T | None:
    """Return what is made; where it cannot be made, None, and why among the notes."""
    try:
        return make()
    except Invalid as impossible:
        notes.append(impossible.sentence)
        return None


def _asked_for(items: pd.DataFrame, bank: ItemBank, query: ItemQuery) -> pd.DataFrame:
    chosen = pd.Series(True, index=items.index)
    for name, column in (("area", "content_area"), ("format", "format"), ("status", "status")):
        if wanted := getattr(query, name):
            chosen &= items[column] == wanted
    if query.topic:
        chosen &= (items["topic"] == query.topic) | items["topic"].str.startswith(f"{query.topic}.")
    if query.flag == "any":
        chosen &= items["flags"] != ""
    elif query.flag:
        chosen &= items["flags"].str.split().map(lambda own: query.flag in own)
    if words := query.text.casefold().split():
        said = {item.id: f"{item.id} {item.stem} {item.rationale}".casefold() for item in bank.items}
        chosen &= pd.Series([all(word in said[str(item)] for word in words) for item in items.index], index=items.index)
    return items[chosen]
