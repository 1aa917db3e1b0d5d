"""The marked responses that the console keeps: those that the export has, of submitted attempts, typed for speed."""

from __future__ import annotations

import pandas as pd

from ssa_engine.actions import exports
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.marked_cohorts import COLUMNS, marked_cohort
from ssa_engine.content.library import Library
from ssa_engine.storage import frames
from ssa_engine.storage.db import Database
from tests.actions.sittings import begin, submit
from tests.demos import build
from tests.factories import Clock, add_someone, other, right


def test_they_are_those_of_the_export_with_the_last_answer_of_each_item(
    db: Database, library: Library, clock: Clock
) -> None:
    banks = Banks(db, library)
    build(db, banks, cohort=4, seed=3, now=clock())
    sitting = begin(db, banks, clock, add_someone(db, "own@test.example", clock=clock))
    emptied = next(at for at in range(3, 81) if sitting.item(at).format in ("multiple", "number", "hotspot"))
    for position, answers in ((1, [other, right]), (2, [right, other])):
        for given in answers:
            clock.advance(seconds=7)
            sitting.save(position, answer=given(sitting.item(position)))
    sitting.save(emptied, answer=right(sitting.item(emptied)))
    sitting.save(emptied, answer=[], may_clear=True)
    submit(sitting)
    begin(db, banks, clock, add_someone(db, "under-way@test.example", clock=clock))
    with db.read() as connection:
        kept = marked_cohort(connection, db, banks, "CT")
        exported = exports.marked_responses(connection, banks, "CT")
        times = frames.attempt_frame(connection, "CT").set_index("attempt_id")["submitted_at"]
        assert marked_cohort(connection, db, banks, "CT") is kept
    exported = exported[exported["state"] != "in_progress"].reset_index(drop=True)
    found = kept.marked
    assert exported["attempt_id"].nunique() == 7, "the demo has two finished sittings of its own"
    for column in COLUMNS:
        ours, theirs = (frame[column].astype(object) for frame in (found, exported))
        assert ours.where(ours.notna(), None).tolist() == theirs.where(theirs.notna(), None).tolist(), column
    assert found["submitted_at"].tolist() == times.loc[found["attempt_id"]].tolist()
    own = found[found["attempt_id"] == str(sitting.attempt_id)].set_index("position")
    assert own.loc[[1, 2], "correct"].tolist() == [True, False]
    assert own["answer"].isna()[emptied]
    assert {name for name in found if isinstance(found[name].dtype, pd.CategoricalDtype)} == {
        *("form_id", "item_id", "content_area", "answer", "bank_version"),
    }


def test_with_nobody_submitted_they_are_there_and_empty(
    db: Database, library: Library, clock: Clock, published: None
) -> None:
    banks = Banks(db, library)
    begin(db, banks, clock, add_someone(db, "under-way@test.example", clock=clock))
    with db.read() as connection:
        found = marked_cohort(connection, db, banks, "CT").marked
    assert (len(found), list(found)) == (0, [*COLUMNS, "submitted_at"])
