"""What tuning a policy shows: the tables of its consequences on a real or simulated cohort, on the page and as CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ssa_engine.actions import cohorts
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.cohorts import Source
from ssa_engine.actions.consequences import consequences_of, given_by
from ssa_engine.actions.drafts_as_seen import draft_of
from ssa_engine.actions.item_scores import scores_for
from ssa_engine.actions.policies import published_version
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Invalid, NotFound
from ssa_engine.core.policies import Policy, PolicyVersion, PublishedPolicy
from ssa_engine.core.policy_drafts import Difference, DraftState, PolicyDraft, compare
from ssa_engine.core.text import say
from ssa_engine.core.tuning import side_by_side
from ssa_engine.core.tuning.changes import change_of, changed_sittings
from ssa_engine.core.tuning.cohort import Cohort
from ssa_engine.core.tuning.consequences import Consequences
from ssa_engine.core.tuning.group_rates import group_rates
from ssa_engine.storage import policies, policy_drafts
from ssa_engine.storage.db import Connection, Database

SHOWN = 30
"""Sittings whose credits change that stand on the page; the CSV has them all."""
TABLES = ("summary", "areas", "bands", "totals", "changes", "borderline", "errors", "curves", "groups")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the page and the CSV show it: plain values, None where unknown."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Row]


@dataclass(frozen=True, eq=False)
class View:
    """A policy on a cohort, against the one in force."""

    policy: Policy
    in_force: PublishedPolicy | None
    cohort: Cohort
    whole: Cohort
    """Before any selection."""
    found: Consequences | None
    """None if there is nobody to look at."""
    uncompared: str = ""
    """Why the policy in force cannot be applied to this cohort, if it cannot; `in_force` is None then."""

    def table(self, name: str, *, grouping: str = "", most: int | None = None) -> Table:
        """Return one of `TABLES`; `most` sittings of `changes`, and the groups of `grouping`."""
        if name not in TABLES:
            raise NotFound(say("There is no table with that name. There are: {known}.", known=", ".join(TABLES)))
        if self.found is None:
            return Table(name, (), ())
        if name == "changes":
            if self.found.change is None:
                return Table(name, (), ())
            return table_of(name, changed_sittings(self.cohort, self.found.change, most=most))
        if name == "groups":
            return table_of(name, group_rates(self.cohort, self.found.given, grouping))
        return table_of(name, getattr(self.found, name))

    @property
    def groupings(self) -> list[str]:
        """Groupings in which this cohort has two groups or more."""
        return [name for name, values in _group_values(self.cohort).items() if len(values) > 1]

    @property
    def groups(self) -> list[tuple[str, str]]:
        """Every grouping and group that can be chosen."""
        return [(name, value) for name, values in _group_values(self.whole).items() for value in values]

    @property
    def forms(self) -> list[str]:
        """The bank versions that can be chosen."""
        form = self.whole.form
        return [] if form is None else self.whole.keep("forms", lambda: sorted(set(form)))


def _group_values(cohort: Cohort) -> dict[str, list[str]]:
    return cohort.keep(
        "group values",
        lambda: {name: sorted({one for one in values if one is not None}) for name, values in cohort.groups.items()},
    )


def table_of(name: str, frame: pd.DataFrame) -> Table:
    """Return a frame as plain values."""
    columns = {column: [None if pd.isna(one) else one for one in frame[column].tolist()] for column in frame.columns}
    names = tuple(str(column) for column in frame.columns)
    return Table(name, names, [dict(zip(names, cells, strict=True)) for cells in zip(*columns.values(), strict=True)])


def counts_of(spec: ContentSpec) -> dict[str, int]:
    """Return how many scored items a form takes from each area."""
    return {area: spec.blueprint.areas[area].scored if area in spec.blueprint.areas else 0 for area in spec.area_names}


def view(db: Database, banks: Banks, spec: ContentSpec, policy: Policy, *, source: Source, now: dt.datetime) -> View:
    """Show what a policy does, in a fixed number of queries.

    Raises
    ------
    Invalid
        If the selection names what no sitting has, or the policy's rule cannot be applied to these sittings.
    """
    with db.read() as connection:
        in_force = policies.in_force(connection, spec.discipline, now)
        return _view(db, connection, banks, spec, policy, source, in_force)


def _view(
    db: Database,
    connection: Connection,
    banks: Banks,
    spec: ContentSpec,
    policy: Policy,
    source: Source,
    in_force: PublishedPolicy | None,
) -> View:
    if source.simulated:
        whole = cohort = cohorts.simulated(banks.library.bank(spec.discipline), source.candidates, source.seed)
    else:
        whole = cohorts.cohort_now(db, connection, spec)
        cohort = cohorts.select(whole, source.selection)
    if not len(cohort):
        return View(policy, in_force, cohort, whole, None)

    irt = scores_for(connection, db, banks, spec.discipline, source)
    before, uncompared = None, ""
    if in_force is not None:
        try:
            before = given_by(cohort, in_force.policy, irt)
        except Invalid as impossible:
            in_force, uncompared = None, impossible.sentence
    return View(policy, in_force, cohort, whole, consequences_of(cohort, policy, before, irt), uncompared)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: a draft (`draft`) or a version (`version`), and its name in an address."""

    name: str
    policy: Policy
    draft: PolicyDraft | None
    version: int | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two policies on the same cohort: what they say differently, and what either does."""

    left: Side
    right: Side
    differences: Sequence[Difference]
    views: tuple[View, View]
    changes: Table
    """Sittings whose credits differ, from left to right."""
    more: int
    fewer: int

    def table(self, name: str) -> Table:
        """Return `changes`, or one of `side_by_side.TABLES`."""
        if name == "changes":
            return self.changes
        if name not in side_by_side.TABLES:
            known = ", ".join(("changes", *side_by_side.TABLES))
            raise NotFound(say("There is no table with that name. There are: {known}.", known=known))
        left, right = (one.found for one in self.views)
        if left is None or right is None:
            return Table(name, (), ())
        return table_of(name, side_by_side.TABLES[name](left, right))


def compare_sides(
    db: Database, banks: Banks, spec: ContentSpec, left: str, right: str, *, source: Source, now: dt.datetime,
    most: int | None = SHOWN,
) -> Comparison:  # fmt: skip
    """Compare two drafts or versions, each named `draft-3` or `version-2`.

    Raises
    ------
    NotFound
        If there is no such draft or version.
    """
    with db.read() as connection:
        sides = [_side(connection, spec, name) for name in (left, right)]
        in_force = policies.in_force(connection, spec.discipline, now)
        views = [_view(db, connection, banks, spec, side.policy, source, in_force) for side in sides]
    table, more, fewer = Table("changes", (), ()), 0, 0
    if views[0].found is not None and views[1].found is not None:
        change = change_of(views[0].found.given, views[1].found.given)
        table = table_of("changes", changed_sittings(views[0].cohort, change, most=most))
        more, fewer = change.more, change.fewer
    differences = compare(sides[0].policy, sides[1].policy)
    return Comparison(sides[0], sides[1], differences, (views[0], views[1]), table, more, fewer)


def _side(connection: Connection, spec: ContentSpec, name: str) -> Side:
    kind, _, number = name.partition("-")
    if not number.isascii() or not number.isdigit() or len(number) > 9 or kind not in ("draft", "version"):
        raise NotFound(say("“{name}” is no draft and no version. Choose two from the lists.", name=name))
    if kind == "draft":
        draft = draft_of(connection, spec, int(number))
        return Side(name, draft.policy, draft, None)
    return Side(name, published_version(connection, spec, int(number)).policy, None, int(number))


@dataclass(frozen=True, slots=True)
class Shelf:
    """All policies of a discipline: what is in force, what waits, what was, and the drafts."""

    in_force: PublishedPolicy | None
    history: Sequence[PolicyVersion]
    scheduled: Sequence[PolicyVersion]
    drafts: Sequence[PolicyDraft]
    closed: Sequence[PolicyDraft]
    """Drafts that were published or discarded."""

    @property
    def latest(self) -> int:
        """The highest version, 0 if there is none."""
        return self.history[0].version if self.history else 0


def shelf(db: Database, spec: ContentSpec, now: dt.datetime) -> Shelf:
    """Read all policies of a discipline."""
    with db.read() as connection:
        drafts = policy_drafts.of_discipline(connection, spec.discipline)
        waiting = (DraftState.OPEN, DraftState.PROPOSED)
        return Shelf(
            policies.in_force(connection, spec.discipline, now),
            policies.history(connection, spec.discipline),
            policies.scheduled(connection, spec.discipline, now),
            [draft for draft in drafts if draft.state in waiting],
            [draft for draft in drafts if draft.state not in waiting],
        )


def read_draft(db: Database, spec: ContentSpec, draft_id: int) -> PolicyDraft:
    """Return a draft of the discipline, or raise `NotFound`."""
    with db.read() as connection:
        return draft_of(connection, spec, draft_id)
