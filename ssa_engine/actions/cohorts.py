"""Cohorts at hand: those of the database, read once until a result comes, and simulated ones."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from ssa_engine.actions.kept_reads import Kept
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Invalid
from ssa_engine.core.form_assembly import Form, draw_form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.text import say
from ssa_engine.core.tuning.cohort import Cohort
from ssa_engine.core.tuning.item_scores import ItemScores
from ssa_engine.core.tuning.simulated import simulated_cohort, simulated_scores
from ssa_engine.storage import cohorts
from ssa_engine.storage.db import Connection, Database

KEPT_SIMULATIONS, KEPT_SELECTIONS = 4, 8
LARGE, KEPT_LARGE = 20_000, 2
"""From so many sittings on, fewer simulations and selections are kept."""
FORMS = 20
"""Forms that simulated candidates share."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which sittings are looked at: submitted from a day to a day (both included), of a bank version, of a group."""

    since: dt.date | None = None
    until: dt.date | None = None
    form: str = ""
    grouping: str = ""
    group: str = ""

    def __bool__(self) -> bool:
        """Whether anything is left out."""
        return self != EVERYBODY


EVERYBODY = Selection()


@dataclass(frozen=True, slots=True)
class Source:
    """Whose sittings are looked at: those of the cohort, or of so many simulated candidates from a seed."""

    simulated: bool = False
    candidates: int = 2000
    seed: int = 1
    selection: Selection = EVERYBODY


_kept: Kept[Cohort] = Kept()
_simulated: OrderedDict[Hashable, Cohort] = OrderedDict()
_simulating: dict[tuple[str, str], threading.RLock] = {}
_lock = threading.RLock()
"""Held to look something up or put it down, never while it is read or simulated."""


def cohort_now(db: Database, connection: Connection, spec: ContentSpec) -> Cohort:
    """Return the latest result of every submitted attempt of a discipline; from memory while none has come."""
    stamp = cohorts.stamp(connection, spec.discipline)
    areas = tuple(spec.area_names)
    kept_at = (stamp, areas)
    return _kept.get(db, spec.discipline, kept_at, lambda: cohorts.read_cohort(connection, spec.discipline, areas))


def select(cohort: Cohort, selection: Selection) -> Cohort:
    """Return the chosen sittings.

    Raises
    ------
    Invalid
        If the selection names a bank version, grouping or group that no sitting has.
    """
    if not selection:
        return cohort
    most = KEPT_LARGE if len(cohort) >= LARGE else KEPT_SELECTIONS
    return cohort.keep_lately("selections", selection, lambda: cohort.where(_chosen(cohort, selection)), most=most)


def _chosen(cohort: Cohort, selection: Selection) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    chosen = np.ones(len(cohort), dtype=bool)
    if selection.since is not None and cohort.submitted_on is not None:
        chosen &= cohort.submitted_on >= np.datetime64(selection.since)
    if selection.until is not None and cohort.submitted_on is not None:
        chosen &= cohort.submitted_on <= np.datetime64(selection.until)
    if selection.form:
        if cohort.form is None or selection.form not in cohort.form:
            raise Invalid(say("No sitting is from the bank version '{form}'. Choose another.", form=selection.form))
        chosen &= cohort.form == selection.form
    if selection.group:
        values = cohort.groups.get(selection.grouping)
        if values is None or selection.group not in values:
            raise Invalid(say("No sitting is of the group '{group}'. Choose another.", group=selection.group))
        chosen &= values == selection.group
    return np.asarray(chosen)


def simulated(bank: ItemBank, candidates: int, seed: int) -> Cohort:
    """Return simulated candidates; the same bank, number and seed give the same ones, from memory if lately asked."""
    key = (bank.version, candidates, seed)
    with _simulation(bank, "cohort"):
        with _lock:
            found = _simulated.get(key)
        if found is None:
            areas = tuple(bank.spec.area_names)
            found = simulated_cohort(bank, _forms(bank, seed), candidates, seed, areas=areas)
        with _lock:
            _simulated[key] = found
            _simulated.move_to_end(key)
            while len(_simulated) > (KEPT_LARGE if candidates >= LARGE else KEPT_SIMULATIONS):
                _simulated.popitem(last=False)
    return found


def _simulation(bank: ItemBank, kind: str) -> threading.RLock:
    """Return the lock of whoever simulates this of the bank's discipline."""
    with _lock:
        return _simulating.setdefault((bank.spec.discipline, kind), threading.RLock())


def item_scores_of_simulated(cohort: Cohort, bank: ItemBank, candidates: int, seed: int) -> ItemScores:
    """Return what item response theory says of simulated candidates, kept with their cohort."""
    with _simulation(bank, "item scores"):
        return cohort.keep_lately(
            "item scores",
            (candidates, seed),
            lambda: simulated_scores(bank, _forms(bank, seed), candidates, seed, areas=tuple(bank.spec.area_names)),
        )


def _forms(bank: ItemBank, seed: int) -> list[Form]:
    return [draw_form(bank, seed * 1_000_003 + index) for index in range(FORMS)]
