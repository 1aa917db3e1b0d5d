"""What a technical report is made from: tables of the period, policies, panels, rescorings, versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.policies import Policy
from ssa_engine.core.psychometrics.matrix import sorted_codes
from ssa_engine.core.report_periods import Period
from ssa_engine.core.technical_report import MINIMUM
from ssa_engine.core.text import long_date


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A published policy with its history."""

    version: int
    policy: Policy
    published_at: dt.datetime
    effective_at: dt.datetime
    published_by: str
    proposed_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class PanelRecord:
    """A panel's sheet that was kept."""

    title: str
    method: str
    held_on: str
    kept_at: dt.datetime
    kept_by: str


@dataclass(frozen=True, slots=True)
class Rescoring:
    """A rescoring session that was applied or reverted."""

    title: str
    reason: str
    state: str
    items: tuple[str, ...]
    attempts: int
    applied_at: dt.datetime
    reverted_at: dt.datetime | None


@dataclass(frozen=True, eq=False, kw_only=True)
class ReportData:
    """One discipline's data, of all times; properties narrow it to the period."""

    spec: ContentSpec
    period: Period
    now: dt.datetime
    software: str
    attempts: pd.DataFrame
    """As `frames.attempt_frame` returns it."""
    marked: pd.DataFrame
    """Responses of the attempts submitted in the period, marked."""
    area_scores: pd.DataFrame
    """The latest result of every attempt."""
    bank_items: Sequence[str]
    """Ids of the items of today's bank that may be on a form."""
    bank_version: str
    key_version: str
    policies: tuple[PublishedVersion, ...]
    groups: pd.DataFrame
    """`candidate_id`, `grouping`, `value`."""
    panels: tuple[PanelRecord, ...]
    rescorings: tuple[Rescoring, ...]
    minimum: int = MINIMUM

    @cached_property
    def started(self) -> pd.DataFrame:
        """Attempts that were begun in the period."""
        return self.attempts[self.period.holds(self.attempts["started_at"], self.now).to_numpy()]

    @cached_property
    def submitted(self) -> pd.DataFrame:
        """Attempts that were submitted in the period: the cohort."""
        return self.attempts[self.period.holds(self.attempts["submitted_at"], self.now).to_numpy()]

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Area scores of the cohort, areas in outline order."""
        own = self.area_scores[self.area_scores["attempt_id"].isin(self.submitted["attempt_id"])]
        return own[own["content_area"].isin(self.spec.area_names)]

    @cached_property
    def scored(self) -> pd.DataFrame:
        """Marked responses of the cohort to scored items."""
        return self.marked[self.marked["scored"].to_numpy(dtype=bool) & self.marked["correct"].notna().to_numpy()]

    @cached_property
    def versions_in_period(self) -> tuple[PublishedVersion, ...]:
        """Policies that have been in force on some day of the period, up to now, oldest first."""
        found = []
        for at, one in enumerate(self.policies):
            later = [next_one.effective_at for next_one in self.policies[at + 1 :]]
            ends = min(later, default=self.period.ends_at)
            begun = one.effective_at < self.period.ends_at and one.effective_at <= self.now
            if begun and ends > max(one.effective_at, self.period.starts_at):
                found.append(one)
        return tuple(found)

    @cached_property
    def in_force(self) -> PublishedVersion | None:
        """The policy in force at the end of the period, or now where it is not over."""
        if self.period.starts_at > self.now:
            return None
        return self.versions_in_period[-1] if self.versions_in_period else None

    @property
    def at_end(self) -> str:
        """Words for the moment that analyses look back from."""
        day = self.now.date()
        return f"on {long_date(day)}" if day <= self.period.last else "at the end of the period"

    @cached_property
    def people(self) -> int:
        """Number of distinct candidates of the cohort, which the minimum is compared with."""
        return int(self.submitted["candidate_id"].nunique())

    @cached_property
    def _candidate_of(self) -> pd.Series:
        return self.attempts.set_index("attempt_id")["candidate_id"].astype(str)

    def candidates(self, rows: pd.DataFrame) -> pd.Series:
        """Return whose each row with an `attempt_id` is."""
        numbers, attempts = pd.factorize(rows["attempt_id"])
        people = pd.Series(attempts, dtype="str").map(self._candidate_of).fillna("")
        return people.take(numbers).set_axis(rows.index)

    def people_of(self, rows: pd.DataFrame, column: str) -> pd.Series:
        """Return the number of distinct candidates behind each value of a column."""
        person, people = pd.factorize(self.candidates(rows))
        number, values = sorted_codes(rows[column])
        pairs = np.sort(number * len(people) + person)
        distinct = pairs[np.diff(pairs, prepend=-1) > 0]
        return pd.Series(np.bincount(distinct // max(len(people), 1), minlength=len(values)), index=values.astype(str))

    @cached_property
    def area_names(self) -> dict[str, str]:
        """Area id -> name, in outline order."""
        return self.spec.area_names

    @cached_property
    def standards(self) -> dict[str, float]:
        """Standards of the policy in force."""
        return dict(self.in_force.policy.standards) if self.in_force else {}

    def in_outline_order(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table of areas in the order of the outline, with their names as `area`."""
        order = {area: at for at, area in enumerate(self.area_names)}
        places = table["content_area"].map(lambda area: order.get(str(area), len(order))).to_numpy()
        sorted_table = table.iloc[np.argsort(places, kind="stable")].reset_index(drop=True)
        return sorted_table.assign(area=sorted_table["content_area"].map(lambda area: self.named(str(area))))

    def named(self, area: str) -> str:
        """Return an area's name; of what is no area the word itself."""
        return self.area_names.get(area, area)
