"""What a rescoring session would do: the attempts it looks at, batch by batch, and their results before and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.keys import Keys, before_and_after, require_taken
from ssa_engine.core.errors import Conflict, Invalid
from ssa_engine.core.policies import PublishedPolicy
from ssa_engine.core.rescored_results import needs_all_areas, rescore
from ssa_engine.core.rescorings import Change, ItemChange, Rescoring, RescoringState
from ssa_engine.core.text import say
from ssa_engine.storage import policies, rescored_attempts, rescorings, result_versions
from ssa_engine.storage.db import Connection
from ssa_engine.storage.rescored_attempts import Scope

LOOK = 20_000
"""Attempts that a dry run reads at a time."""


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """Some attempts, in the order of their ids, and the new area results of those whose marks change.

    `attempts` has the columns of `rescored_attempts.batch` with `new_key_version`, `areas` those of
    `rescored_results.settle`.
    """

    attempts: pd.DataFrame
    areas: pd.DataFrame

    def parts(self, size: int) -> Iterator[Plan]:
        """Yield plans of so many attempts each; one of none if there are none."""
        for first in range(0, max(len(self.attempts), 1), size):
            own = self.attempts.iloc[first : first + size]
            yield Plan(own, self.areas[self.areas["attempt_id"].isin(own["attempt_id"])])


@dataclass(eq=False)
class Run:
    """A session with what is read once for all its batches."""

    session: Rescoring
    changes: list[Change]
    scope: Scope
    _keys: dict[str, tuple[Keys, Keys]] = field(default_factory=dict)
    _policies: dict[int, PublishedPolicy] = field(default_factory=dict)

    @property
    def reverting(self) -> bool:
        """Whether it goes back: the session is in force, or on its way out."""
        return self.scope.reverting

    def keys(self, connection: Connection, banks: Banks, bank_version: str) -> tuple[Keys, Keys]:
        """Return the keys before and after."""
        if bank_version not in self._keys:
            self._keys[bank_version] = before_and_after(connection, banks, bank_version, self.session, self.changes)
        return self._keys[bank_version]

    def policy(self, connection: Connection, version: int) -> PublishedPolicy:
        """Return the policy that a result was computed under; a rescoring never takes another one."""
        if version not in self._policies:
            found = policies.get(connection, self.session.discipline, version)
            if found is None:
                raise Invalid(f"Version {version} of the {self.session.discipline} policy is not stored here.")
            self._policies[version] = found
        return self._policies[version]


def run_of(connection: Connection, session: Rescoring, now: dt.datetime) -> Run:
    """Return the run of a session: what applying a draft does, what reverting any other does."""
    changes = rescorings.changes_of(connection, session.id)
    forward = session.state in (RescoringState.DRAFT, RescoringState.APPLYING)
    items = tuple(change.item_id for change in changes)
    stored_by, beyond = session.applied_at or now, session.reverted_up_to
    scope = Scope(session.id, session.discipline, items, stored_by, reverting=not forward, beyond=beyond)
    return Run(session, changes, scope)


def plan(connection: Connection, banks: Banks, run: Run, *, after: int, limit: int) -> Plan:
    """Look at the next attempts behind the id `after`. Nothing is written."""
    batch = rescored_attempts.batch(connection, run.scope, after=after, limit=limit)
    batch["new_key_version"] = batch["key_version"]
    if not len(batch):
        return Plan(batch, pd.DataFrame({"attempt_id": []}))
    looked_at = batch["attempt_id"].tolist()
    answers = rescored_attempts.answers(connection, looked_at, _areas(connection, banks, run, batch))
    stored = rescored_attempts.present_areas(connection, looked_at, with_first=run.reverting)
    stored = result_versions.with_declined(connection, stored, run.session.id)
    parts = []
    for (bank, policy), own in batch.groupby(["bank_version", "policy_version"], sort=False):
        before, later = run.keys(connection, banks, str(bank))
        batch.loc[own.index, "new_key_version"] = later.version
        # A result by the keys of another moment has the marks of `before`: whatever came between has looked at it.
        ids = own.loc[own["key_version"] != later.version, "attempt_id"]
        parts.append(
            rescore(
                answers[answers["attempt_id"].isin(ids)],
                stored[stored["attempt_id"].isin(ids)],
                bank=banks.at(str(bank)),
                keys_before=before.table,
                keys_after=later.table,
                policy=run.policy(connection, int(str(policy))).policy,
                restoring=run.reverting,
            )
        )
    areas = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return Plan(batch, areas.sort_values("attempt_id", kind="stable", ignore_index=True))


def _areas(connection: Connection, banks: Banks, run: Run, batch: pd.DataFrame) -> list[str] | None:
    """Return the areas that hold a changed item; None if the policy decides about areas by the marks of all."""
    if any(needs_all_areas(run.policy(connection, int(one)).policy) for one in batch["policy_version"].unique()):
        return None
    found = [banks.at(version) for version in batch["bank_version"].unique()]
    items = {change.item_id for change in run.changes}
    return sorted({bank.area_of(bank.by_id[item]) for bank in found for item in items & bank.by_id.keys()})


def everything(connection: Connection, banks: Banks, run: Run) -> Iterator[Plan]:
    """Look at all attempts, as many at a time as memory holds with ease."""
    after = 0
    while True:
        found = plan(connection, banks, run, after=after, limit=LOOK)
        yield found
        if len(found.attempts) < LOOK:
            return
        after = int(found.attempts["attempt_id"].iloc[-1])


def require_sound(connection: Connection, banks: Banks, run: Run) -> None:
    """Raise `Conflict` if the session changes nothing, waits for another, or does not suit what is stored.

    It does not if a bank version, perhaps one stored since the draft was written, does not take a key, or if an area
    would be left without a scored item.
    """
    session = run.session
    if not run.changes:
        raise Conflict(say("The session changes nothing yet. Say first what it changes about which item."))
    other = rescorings.under_way(connection, session.discipline)
    if other is not None and other.id != session.id:
        raise Conflict(say("Session {number} is under way. Finish it first, then repeat this.", number=other.id))
    if not run.reverting:
        try:
            require_taken(connection, banks, session.discipline, run.changes)
        except Invalid as error:
            problem = error.sentence
            raise Conflict(
                say(
                    "A bank version that is stored does not suit this session. {problem} "
                    "Change the key, or take the item out of the session.",
                    problem=problem,
                )
            ) from None
    dropped: set[str] = set()
    for one in [*_others(connection, session), *([] if run.reverting else run.changes)]:
        if one.change is ItemChange.DROP:
            dropped.add(one.item_id)
        elif one.change is ItemChange.RE_ADD:
            dropped.discard(one.item_id)
    empty = rescorings.areas_left_empty(connection, session.discipline, dropped) if dropped else []
    if empty:
        area, attempts = empty[0]
        raise Conflict(
            say(
                "Of {attempts} attempts the area {area} would have no scored item left. Drop fewer items.",
                attempts=attempts,
                area=area,
            )
        )


def _others(connection: Connection, session: Rescoring) -> list[Change]:
    """Return the changes of all other sessions in force, in the order in which they were applied."""
    applied = [
        (one.applied_at, one.id)
        for one in rescorings.of_discipline(connection, session.discipline)
        if one.state is RescoringState.APPLIED and one.applied_at and one.id != session.id
    ]
    return [change for _, number in sorted(applied) for change in rescorings.changes_of(connection, number)]
