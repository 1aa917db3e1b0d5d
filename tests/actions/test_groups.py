"""Groups of candidates: imported all or none, the same file twice changes nothing, a new value replaces the old."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ssa_engine.actions.groups import Imported, import_groups
from ssa_engine.core.errors import Invalid, NotFound
from ssa_engine.exchange.registry_files import GroupRow, read_groups
from ssa_engine.storage import groups
from ssa_engine.storage.db import Database
from ssa_engine.storage.frames import audit_frame
from tests.factories import Clock, add_someone

FILE = "email,grouping,value\none@test.example,setting,hospital\nTWO@test.example,setting,outpatient\n"


def rows_of(folder: Path, text: str) -> list[GroupRow]:
    path = folder / "groups.csv"
    path.write_text(text, encoding="utf-8")
    return read_groups(path)


def held(db: Database, discipline: str = "CT") -> list[tuple[int, str, str]]:
    with db.read() as connection:
        return [tuple(one) for one in groups.group_values(connection, discipline)]  # type: ignore[misc]


def test_an_import_adds_changes_and_repeats_without_effect(db: Database, clock: Clock, tmp_path: Path) -> None:
    one, two = (add_someone(db, f"{name}@test.example", clock=clock) for name in ("one", "two"))
    rows = rows_of(tmp_path, FILE)
    assert import_groups(db, rows, who="w", now=clock()) == Imported(2, 0, 0)
    assert held(db) == [(one.id, "setting", "hospital"), (two.id, "setting", "outpatient")]
    assert held(db, "RAD") == []
    assert import_groups(db, rows, who="w", now=clock()) == Imported(0, 0, 2)

    later = rows_of(tmp_path, "email,grouping,value\none@test.example,setting,outpatient\n")
    assert import_groups(db, later, who="w", now=clock()) == Imported(0, 1, 0)
    assert held(db)[0] == (one.id, "setting", "outpatient")
    with db.read() as connection:
        trail = audit_frame(connection)
    assert list(trail["verb"]) == ["set group"] * 3
    assert json.loads(trail["detail"].iloc[-1]) == {"before": "hospital", "grouping": "setting", "value": "outpatient"}


def test_nothing_is_changed_if_somebody_is_not_known(db: Database, clock: Clock, tmp_path: Path) -> None:
    add_someone(db, "one@test.example", clock=clock)
    with pytest.raises(NotFound) as caught:
        import_groups(db, rows_of(tmp_path, FILE), who="w", now=clock())
    assert str(caught.value) == (
        f"{tmp_path}/groups.csv:3: nobody has the address two@test.example\n"
        "Import the people first; nothing was changed."
    )
    assert held(db) == []


def test_every_bad_row_of_a_file_is_named_by_its_line(tmp_path: Path) -> None:
    text = (
        "email,grouping,value\n"
        "no address,setting,hospital\n"
        "one@test.example,,hospital\n"
        "one@test.example,set:ting,hospital\n"
        "one@test.example,setting,hospital\n"
        "one@test.example,setting,hospital\n"
        "one@test.example,setting,outpatient\n"
    )
    with pytest.raises(Invalid) as caught:
        rows_of(tmp_path, text)
    lines = str(caught.value).splitlines()
    assert [line.split("groups.csv:")[1].split(":")[0] for line in lines] == ["2", "3", "4", "7"]
    assert lines[-1].endswith(
        f"one@test.example has setting 'outpatient' here and 'hospital' at {tmp_path}/groups.csv:5; keep one of them"
    )
    with pytest.raises(Invalid, match="the column value is missing"):
        rows_of(tmp_path, "email,grouping\n")
