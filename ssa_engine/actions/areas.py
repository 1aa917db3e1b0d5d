"""The content areas as a psychometrician reviews them: what each score is worth, and what more items would buy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.items import items_of
from ssa_engine.actions.marked_cohorts import MarkedCohort, marked_cohort
from ssa_engine.actions.shown_tables import ShownTable, with_counts
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Invalid, NotFound
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.psychometrics.decisions.area_groups import area_groups
from ssa_engine.core.psychometrics.decisions.decision_tables import sweep_table
from ssa_engine.core.psychometrics.review.area_curves import area_information, held_out_checks, score_counts
from ssa_engine.core.psychometrics.review.area_review import more_items_table, review_areas
from ssa_engine.core.psychometrics.subscores.estimates import disattenuated_correlations, observed_subscores
from ssa_engine.core.psychometrics.subscores.held_out import scored_rows
from ssa_engine.core.scoring import needed
from ssa_engine.core.text import say
from ssa_engine.storage import policies
from ssa_engine.storage.db import Database

SEED = 5
"""Of the bootstrap and of the held-out halves: the same cohort shows the same figures."""
LIST_TABLES = ("areas", "more_items", "correlations", "information")
AREA_TABLES = ("scores", "sensitivity", "more_items", "held_out", "information_curve")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class AreaReview:
    """What the list of areas shows: the tables of `LIST_TABLES`. `notes`: why something is missing altogether.

    `other_rule`: by what the policy in force decides, where it is not the raw score, as in the figures of decisions.
    """

    tables: dict[str, ShownTable]
    policy_version: int | None
    other_rule: str | None
    attempts: int
    notes: list[str]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class AreaPage:
    """What the page of one area shows: its row in the list, and the tables of `AREA_TABLES`.

    `usual_items`: the number of items that most attempts have in the area; `items_needed`: the least number correct
    of them that meets the standard; None where unknown. `other_rule` as in `AreaReview`.
    """

    area: str
    name: str
    figures: dict[str, Any]
    tables: dict[str, ShownTable]
    standard: float | None
    usual_items: int | None
    items_needed: int | None
    policy_version: int | None
    other_rule: str | None
    notes: list[str]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Looked:
    """The cohort, the standards it is looked at with (area -> proportion), and the items of the bank."""

    cohort: MarkedCohort
    standards: Mapping[str, float]
    policy_version: int | None
    other_rule: str | None
    items: pd.DataFrame
    bank: ItemBank

    @property
    def key(self) -> tuple[tuple[str, float], ...]:
        return tuple(sorted(self.standards.items()))


def review(db: Database, banks: Banks, spec: ContentSpec, now: dt.datetime) -> AreaReview:
    """Return what each content area's score is worth, with the standards in force at `now`."""
    looked = _look(db, banks, spec, now)
    notes: list[str] = []
    if looked.policy_version is None:
        notes.append(say("No policy is in force, so nothing is said of decisions."))
    information = pd.DataFrame([_information(looked, area)[0] for area in spec.area_names])
    tables = {"information": information}
    try:
        tables |= looked.cohort.once(("areas", looked.key), lambda: _computed(looked))
    except Invalid as impossible:
        notes.append(impossible.sentence)
        tables |= {name: pd.DataFrame(columns=["content_area"]) for name in LIST_TABLES if name not in tables}
    return AreaReview(
        tables={name: ShownTable(_named(tables[name], spec)) for name in LIST_TABLES},
        policy_version=looked.policy_version,
        other_rule=looked.other_rule,
        attempts=int(looked.cohort.marked["attempt_id"].nunique()),
        notes=notes,
    )


def review_table(db: Database, banks: Banks, spec: ContentSpec, now: dt.datetime, table: str) -> pd.DataFrame:
    """Return one of the tables of the list of areas; raise `NotFound` if there is none of that name."""
    if table not in LIST_TABLES:
        raise NotFound(say("There is no such table of areas. There are: {tables}.", tables=", ".join(LIST_TABLES)))
    return review(db, banks, spec, now).tables[table].frame


def area_page(db: Database, banks: Banks, spec: ContentSpec, area: str, now: dt.datetime) -> AreaPage:
    """Return one content area in depth.

    Raises
    ------
    NotFound
        If the discipline has no such area.
    """
    if area not in spec.area_names:
        raise NotFound(say("{discipline} has no such content area.", discipline=spec.discipline))
    looked = _look(db, banks, spec, now)
    notes: list[str] = []
    figures: dict[str, Any] = {}
    row, curve = _information(looked, area)
    tables: dict[str, pd.DataFrame] = {name: pd.DataFrame() for name in AREA_TABLES} | {"information_curve": curve}
    try:
        computed = looked.cohort.once(("areas", looked.key), lambda: _computed(looked))
        figures = next(iter(ShownTable(_only(computed["areas"], area)).rows), {})
        tables["more_items"] = _only(computed["more_items"], area)
        tables |= {
            name: _only(table, area)
            for name, table in looked.cohort.once(("area pages", looked.key), lambda: _in_depth(looked)).items()
        }
    except Invalid as impossible:
        notes.append(impossible.sentence)
    standard, usual = looked.standards.get(area), _usual_items(tables["scores"])
    return AreaPage(
        area=area,
        name=spec.area_names[area],
        figures=figures | row,
        tables={name: ShownTable(table) for name, table in tables.items()},
        standard=standard,
        usual_items=usual,
        items_needed=None if standard is None or usual is None else needed(standard, usual),
        policy_version=looked.policy_version,
        other_rule=looked.other_rule,
        notes=notes,
    )


def area_page_table(
    db: Database, banks: Banks, spec: ContentSpec, area: str, now: dt.datetime, table: str
) -> pd.DataFrame:
    """Return one of the tables of an area's page; raise `NotFound` if there is none of that name."""
    if table not in AREA_TABLES:
        raise NotFound(say("There is no such table of an area. There are: {tables}.", tables=", ".join(AREA_TABLES)))
    return area_page(db, banks, spec, area, now).tables[table].frame


def _look(db: Database, banks: Banks, spec: ContentSpec, now: dt.datetime) -> _Looked:
    with db.read() as connection:
        cohort = marked_cohort(connection, db, banks, spec.discipline)
        published = policies.in_force(connection, spec.discipline, now)
    bank = banks.library.bank(spec.discipline)
    rule = published.policy.decision.rule if published else "raw"
    return _Looked(
        cohort=cohort,
        standards=published.policy.standards if published else {},
        policy_version=published.version if published else None,
        other_rule=None if rule == "raw" else rule,
        items=items_of(bank),
        bank=bank,
    )


def _computed(looked: _Looked) -> dict[str, pd.DataFrame]:
    """Return the tables of the list that rest on responses."""
    marked = looked.cohort.marked
    if marked.empty:
        raise Invalid(say("No submitted sitting yet. The figures appear with the first ones."))
    areas = review_areas(marked, looked.standards, seed=SEED)
    more = more_items_table(marked, looked.standards)
    return {
        "areas": with_counts(areas, ("attempts",)),
        "more_items": with_counts(more, ("more_items",)),
        "correlations": _correlations(marked),
    }


def _correlations(marked: pd.DataFrame) -> pd.DataFrame:
    try:
        table = disattenuated_correlations(observed_subscores(scored_rows(marked)))
    except Invalid:
        return pd.DataFrame(columns=["content_area"])
    table.index, table.columns = table.index.astype("str"), table.columns.astype("str")
    return table.rename_axis("content_area").reset_index()


def _in_depth(looked: _Looked) -> dict[str, pd.DataFrame]:
    """Return the tables of every area's own page that rest on responses."""
    marked = looked.cohort.marked
    groups = area_groups(marked)
    tables = {"scores": score_counts(marked), "sensitivity": sweep_table(groups)}
    try:
        tables["held_out"] = (
            held_out_checks(marked, looked.standards, seed=SEED) if looked.standards else pd.DataFrame()
        )
    except Invalid:
        tables["held_out"] = pd.DataFrame()
    return tables


def _information(looked: _Looked, area: str) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return what the area's active items tell about ability around the standard, as a row and as a curve."""
    own = looked.items[(looked.items["content_area"] == area) & (looked.items["status"] == "active")]
    form_items = looked.bank.spec.blueprint.areas[area].scored
    found = area_information(own, looked.standards.get(area), form_items=form_items)
    row = {
        "content_area": area,
        "active_items": len(own),
        "calibrated_items": found.calibrated,
        "standard_theta": found.theta,
        "information": found.information,
        "theta_se": found.se,
        "information_note": str(found.note),
    }
    return row, found.curve


def _usual_items(scores: pd.DataFrame) -> int | None:
    """Return the number of items that most attempts have, the larger one of equals; None without attempts."""
    if scores.empty:
        return None
    attempts = scores.groupby("items")["attempts"].sum()
    return int(attempts[attempts == attempts.max()].index.max())


def _only(table: pd.DataFrame, area: str) -> pd.DataFrame:
    if "content_area" not in table:
        return table
    return table[table["content_area"] == area].drop(columns="content_area").reset_index(drop=True)


def _named(table: pd.DataFrame, spec: ContentSpec) -> pd.DataFrame:
    """Return the table with the names of its areas behind their ids, areas in outline order."""
    order = {area: place for place, area in enumerate(spec.area_names)}
    table = table.sort_values("content_area", key=lambda ids: ids.map(order), kind="stable", ignore_index=True)
    table.insert(1, "area_name", table["content_area"].map(spec.area_names))
    return table
