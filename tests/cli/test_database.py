"""ssa database, and what every command says of a database that is not there or not up to date."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from ssa_engine.storage.db import Database
from tests.cli.shell import ssa


def test_upgrade_makes_the_tables_and_repeating_it_changes_nothing(tmp_path: Path) -> None:
    settings = {"database_url": f"sqlite:///{tmp_path / 'new' / 'ssa.db'}"}
    before = ssa("database", "check", **settings).sentence()
    assert before.startswith("The database is at revision none, the program needs ")
    first, second = (ssa("database", "upgrade", **settings) for _ in range(2))
    assert (first.code, first.err, second) == (0, "", first)
    after = ssa("database", "check", **settings)
    assert (after.code, after.out) == (0, first.out.replace(".\n", "; its tables are as they should be.\n"))


def test_check_is_content_with_an_upgraded_database_of_either_kind(database_url: str) -> None:
    run = ssa("database", "check", database_url=database_url)
    assert (run.code, run.err, run.out.endswith("its tables are as they should be.\n")) == (0, "", True)


def test_check_names_what_differs(database_url: str, db: Database) -> None:
    with db.write() as connection:
        connection.execute(sa.text("DROP TABLE audit"))
        connection.execute(sa.text("ALTER TABLE people ADD COLUMN shoe_size INTEGER"))
    lines = ssa("database", "check", database_url=database_url).sentence().splitlines()
    assert lines[0] == "The tables differ from what the program needs:"
    assert [name for name in ("audit", "shoe_size") if not any(name in line for line in lines[1:])] == []


COMMANDS = {
    "people add": ("people", "add", "a@example.org", "--name", "A", "--role", "staff", "--password", "long enough one"),
    "people role": ("people", "role", "a@example.org", "staff"),
    "export": ("export", "all", "--out", "out"),
    "cycles tick": ("cycles", "tick"),
    "serve": ("serve",),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_database_that_is_not_upgraded_is_told_with_what_to_do(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sentence = ssa(*command, database_url=f"sqlite:///{tmp_path / 'ssa.db'}").sentence()
    assert sentence.endswith("ssa database upgrade")


UNUSABLE = {
    "no server": "postgresql://ssa@127.0.0.1:1/ssa",
    "not a URL": "ssa.db",
    "unknown kind": "oracle9000://host/name",
    "no folder": "sqlite:////dev/null/ssa.db",
}


@pytest.mark.parametrize("command", [("database", "upgrade"), ("database", "check"), ("cycles", "tick")], ids=" ".join)
@pytest.mark.parametrize("address", UNUSABLE.values(), ids=UNUSABLE)
def test_a_database_that_cannot_be_opened_is_told_in_a_sentence(address: str, command: tuple[str, ...]) -> None:
    sentence = ssa(*command, database_url=address).sentence()
    assert "database" in sentence.lower()


def test_a_password_in_the_address_is_not_repeated() -> None:
    run = ssa("database", "check", database_url="postgresql://ssa:hunter2@127.0.0.1:1/ssa")
    assert "hunter2" not in run.sentence()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ssa.db"
    path.write_text("attempt_id,item_id,answer\n" * 200)
    ssa("database", "check", database_url=f"sqlite:///{path}").sentence()
    assert path.read_text().startswith("attempt_id")


def test_attempts_whose_time_is_over_are_closed_once(database_url: str) -> None:
    runs = [ssa("cycles", "tick", database_url=database_url) for _ in range(2)]
    assert runs[0] == runs[1]
    assert (runs[0].code, runs[0].out[:44]) == (0, "0 attempts closed at the end of their time, ")


def test_sweep_removes_what_no_claim_names_and_leaves_what_is_young(
    database_url: str, db: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    old, young, other = (folder / name for name in (f"{'0' * 32}.pdf", f"{'1' * 32}.pdf", "note.txt"))
    for path in (old, young, other):
        path.write_bytes(b"%PDF-1.4")
    for path in (old, other):
        os.utime(path, (0, 0))
    settings = {"database_url": database_url, "certificate_dir": str(folder)}
    assert ssa("database", "sweep", **settings).out == "1 files removed.\n"
    assert sorted(path.name for path in folder.iterdir()) == sorted([young.name, other.name])
    assert ssa("database", "sweep", **settings).out == "0 files removed.\n"
