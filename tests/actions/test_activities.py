"""The import of the catalogue: repeatable, nothing deleted, everything audited, two at once in order."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

from ssa_engine.actions.activities import Imported, import_activities
from ssa_engine.core.activities import Activity
from ssa_engine.core.audit_trail import AuditFilter
from ssa_engine.storage import activities, audit
from ssa_engine.storage.db import Database
from tests.catalogue import CHEST, DOSE, activity
from tests.factories import Clock
from tests.web.walk import snapshot

ROWS = (activity("A-1", {DOSE: 1.0}), activity("A-2", {CHEST: 2.0}), activity("A-3"))


def bring(db: Database, clock: Clock, *rows: Activity, withdraw: bool = False) -> Imported:
    return import_activities(db, rows, withdraw_missing=withdraw, who="shell:me", now=clock())


def held(db: Database) -> dict[str, tuple[str, dict[str, float], bool]]:
    with db.read() as connection:
        return {
            one.code: (one.title, dict(one.counts_in("CT")), one.withdrawn) for one in activities.everything(connection)
        }


def noted(db: Database) -> list[tuple[str, str, object]]:
    """Verb, code, and what was before, of every audit row about an activity, in order."""
    with db.read() as connection:
        found = audit.entries(connection, AuditFilter(noun="activity"))
    return [(one.verb, one.detail["code"], one.detail.get("before")) for one in reversed(found)]


def test_the_same_file_twice_changes_nothing(db: Database, clock: Clock) -> None:
    assert bring(db, clock, *ROWS) == Imported(("A-1", "A-2", "A-3"), (), (), ())
    before = snapshot(db)
    clock.advance(days=1)
    assert bring(db, clock, *reversed(ROWS)) == Imported((), (), ("A-3", "A-2", "A-1"), ())
    assert bring(db, clock, *ROWS, withdraw=True) == Imported((), (), ("A-1", "A-2", "A-3"), ())
    assert snapshot(db) == before
    assert noted(db) == [("import", code, None) for code in ("A-1", "A-2", "A-3")]


def test_what_changed_is_changed_and_the_number_stays(db: Database, clock: Clock) -> None:
    bring(db, clock, *ROWS)
    with db.read() as connection:
        before = activities.by_code(connection, "A-2")
    newer = replace(ROWS[1], title="Newer", cost=0.0, distribution={"CT": {DOSE: 0.5}})
    assert bring(db, clock, ROWS[0], newer) == Imported((), ("A-2",), ("A-1",), ())
    assert held(db) == {
        "A-1": ("Course A-1", {DOSE: 1.0}, False),
        "A-2": ("Newer", {DOSE: 0.5}, False),
        "A-3": ("Course A-3", {}, False),
    }
    with db.read() as connection:
        after = activities.by_code(connection, "A-2")
    assert before is not None
    assert after is not None
    assert after.id == before.id
    assert noted(db)[-1] == (
        "change",
        "A-2",
        {"title": "Course A-2", "cost": 40.0, "distribution": {"CT": {CHEST: 2.0}}},
    )


def test_what_a_file_does_not_name_is_withdrawn_only_if_asked_and_comes_back_with_a_later_file(
    db: Database, clock: Clock
) -> None:
    bring(db, clock, *ROWS)
    assert bring(db, clock, ROWS[0]).withdrawn == ()
    assert bring(db, clock, ROWS[0], withdraw=True) == Imported((), (), ("A-1",), ("A-2", "A-3"))
    assert [withdrawn for _, _, withdrawn in held(db).values()] == [False, True, True]
    assert bring(db, clock, ROWS[0], withdraw=True).withdrawn == ()
    assert bring(db, clock, *ROWS[:2]) == Imported((), ("A-2",), ("A-1",), ())
    assert [withdrawn for _, _, withdrawn in held(db).values()] == [False, False, True]
    assert noted(db)[3:] == [
        ("withdraw", "A-2", None),
        ("withdraw", "A-3", None),
        ("change", "A-2", {"withdrawn": True}),
    ]


def test_two_imports_at_once_make_one_catalogue(db: Database, clock: Clock) -> None:
    gate, done = threading.Barrier(2), []

    def run() -> None:
        gate.wait()
        done.append(bring(db, clock, *ROWS))

    for _ in range(2):
        threads = [threading.Thread(target=run) for _ in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert sorted(len(one.added) for one in done) == [0, 0, 0, 3]
    assert sorted(held(db)) == ["A-1", "A-2", "A-3"]
    assert json.dumps(noted(db)) == json.dumps([("import", code, None) for code in ("A-1", "A-2", "A-3")])
