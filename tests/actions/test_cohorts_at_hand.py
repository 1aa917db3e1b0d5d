"""Cohorts at hand: nobody waits for another discipline's reading, and of large ones little is kept."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from ssa_engine.actions.cohorts import KEPT_LARGE, LARGE, Selection, cohort_now, select
from ssa_engine.actions.consequences import KEPT, consequences_of
from ssa_engine.content.library import Library
from ssa_engine.core.tuning.cohort import Cohort
from ssa_engine.storage import cohorts as storage_cohorts
from ssa_engine.storage.db import Database
from tests.core.tuning import small


class _NoScores:
    def __call__(self, *_: object) -> Any:
        raise AssertionError


def test_reading_one_discipline_holds_nobody_up_who_asks_for_another(
    db: Database, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, entered, go_on = storage_cohorts.read_cohort, threading.Event(), threading.Event()

    def slow(connection: Any, discipline: str, areas: Any) -> Cohort:
        if discipline == "CT":
            entered.set()
            assert go_on.wait(10)
        return read(connection, discipline, areas)

    monkeypatch.setattr(storage_cohorts, "read_cohort", slow)

    def ask(discipline: str) -> None:
        with db.read() as connection:
            cohort_now(db, connection, library.spec(discipline))

    first, second = (threading.Thread(target=ask, args=(name,), daemon=True) for name in ("CT", "RAD"))
    first.start()
    assert entered.wait(10)
    second.start()
    second.join(5)
    waited = second.is_alive()
    go_on.set()
    first.join(10)
    assert not waited


def test_few_selections_of_a_large_cohort_and_few_consequences_of_each_stay() -> None:
    ids = np.arange(LARGE)
    one = np.ones((LARGE, 1), dtype=np.int64)
    names = np.array(["a", "b", "c", "d"], dtype=object)[ids % 4]
    large = Cohort(ids, ids, ("dose",), one, one.astype(float), one, {"site": names})
    first = select(large, Selection(grouping="site", group="a"))
    assert select(large, Selection(grouping="site", group="a")) is first
    for name in "bcd"[:KEPT_LARGE]:
        select(large, Selection(grouping="site", group=name))
    assert select(large, Selection(grouping="site", group="a")) is not first
    own = small.cohort()
    policies = [small.policy(dose=number / 4) for number in range(KEPT + 1)]
    found = [consequences_of(own, policy, None, _NoScores()) for policy in policies]
    assert consequences_of(own, policies[-1], None, _NoScores()) is found[-1]
    assert consequences_of(own, policies[0], None, _NoScores()) is not found[0]
    assert (KEPT_LARGE, KEPT) == (2, 4)
