"""Whatever is changed, applied, completed, decided, reverted: completed credits stay, and nothing rises by itself."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssa_engine.actions import increases, rescoring_runs
from ssa_engine.core.errors import Conflict
from ssa_engine.core.rescorings import RescoringState
from ssa_engine.storage import rescorings
from ssa_engine.storage.db import Database
from tests.actions.rescoring_cohort import RIGHT, Cohort, cohort_in
from tests.factories import Clock

AREAS = ("a", "b")
ITEMS = sorted(RIGHT)
answers = st.dictionaries(st.sampled_from(ITEMS), st.sampled_from([*"abcd", None]), max_size=10)
changes = st.dictionaries(
    st.sampled_from(ITEMS),
    st.one_of(
        st.tuples(st.just("key"), st.sampled_from("abcd")),
        st.tuples(st.sampled_from(["full_credit", "drop", "re_add"]), st.just("")),
    ),
    min_size=1,
    max_size=4,
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("apply"), changes),
        st.tuples(st.just("complete"), st.tuples(st.sampled_from(AREAS), st.sampled_from([0.5, 1.0, 2.5]))),
        st.tuples(st.just("decide"), st.sampled_from(["accept", "decline"])),
        st.tuples(st.just("revert"), st.integers(0, 5)),
    ),
    max_size=6,
)


def in_force(cohort: Cohort) -> list[int]:
    """The sessions that are in force, as they were applied."""
    with cohort.db.read() as connection:
        found = rescorings.of_discipline(connection, "TST")
    return sorted(one.id for one in found if one.state is RescoringState.APPLIED)


def take(cohort: Cohort, number: int, step: tuple[str, object]) -> bool:
    """Do a step; say whether it could be done."""
    kind, what = step
    by: dict[str, Any] = {"who": "ingrid", "now": cohort.clock()}
    cohort.clock.advance(minutes=1)
    try:
        if kind == "apply":
            assert isinstance(what, dict)
            cohort.apply(*((item, change, key) for item, (change, key) in what.items()))
        elif kind == "complete":
            assert isinstance(what, tuple)
            cohort.complete(1, f"claim {number}", **{what[0]: what[1]})
        elif kind == "decide":
            for one in in_force(cohort):
                if what == "accept":
                    increases.accept(cohort.db, cohort.banks, one, attempts=None, **by)
                else:
                    increases.decline(cohort.db, cohort.banks, one, attempts=None, reason="no", **by)
        elif in_force(cohort):
            assert isinstance(what, int)
            own = in_force(cohort)
            rescoring_runs.revert(cohort.db, cohort.banks, own[what % len(own)], reason="no", **by)
    except Conflict as refused:
        if "no scored item left" not in str(refused):
            raise
        return False
    return True


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=st.lists(answers, min_size=2, max_size=2), steps=steps, cap=st.sampled_from([None, 2.0, 4.0]))
def test_completed_credits_stay_and_nothing_rises_without_an_accept(
    sqlite_template: Path, answers: list[dict[str, str | None]], steps: list[tuple[str, object]], cap: float | None
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ssa.db"
        shutil.copy(sqlite_template, path)
        db = Database(f"sqlite:///{path}")
        cohort = cohort_in(db, Clock(), total_cap=cap)
        attempts = [cohort.sit({**dict.fromkeys(ITEMS, "d"), **given}) for given in answers]
        first = {one: cohort.versions(one)[0][2] for one in attempts}
        accepted = False
        for number, step in enumerate(steps):
            before = {one: (cohort.credits(one), cohort.completed(one)) for one in attempts}
            take(cohort, number, step)
            accepted |= step == ("decide", "accept")
            for one in attempts:
                prescribed, done = cohort.credits(one), cohort.completed(one)
                for area in AREAS:
                    was = min(before[one][0][area], before[one][1].get(area, 0))
                    assert min(prescribed[area], done.get(area, 0)) >= was
                    if not accepted:
                        assert prescribed[area] <= first[one][area][2]
                assert cap is None or sum(prescribed.values()) <= cap + 1e-9
                assert [version for version, _, _ in cohort.versions(one)] == [*range(1, len(cohort.versions(one)) + 1)]
        everything_back(cohort, attempts, first, cap)
        db.dispose()


def everything_back(
    cohort: Cohort, attempts: list[int], first: dict[int, dict[str, tuple[float, int, float, float]]], cap: float | None
) -> None:
    """Revert what is in force, the latest first: scores and credits are those of the first result, kept ones aside."""
    for one in reversed(in_force(cohort)):
        if not take(cohort, 0, ("revert", in_force(cohort).index(one))):
            return  # the sessions that remain would leave an area without an item
    for attempt in attempts:
        now = cohort.versions(attempt)[-1][2]
        done = cohort.completed(attempt)
        assert {area: figures[:2] for area, figures in now.items()} == {
            area: figures[:2] for area, figures in first[attempt].items()
        }
        kept = any(now[area][2] > first[attempt][area][2] for area in AREAS)
        for area in AREAS:
            if cap is None or not kept:
                assert now[area][2] == max(first[attempt][area][2], min(done.get(area, 0), now[area][2]))
            assert now[area][2] <= max(first[attempt][area][2], done.get(area, 0))
