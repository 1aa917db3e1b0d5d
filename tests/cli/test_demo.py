"""ssa demo: whole or absent, kept when it is there, built anew when asked, and never on a port that is taken."""

from __future__ import annotations

import csv
import socket
from pathlib import Path

import pytest

from tests.cli.shell import done, ssa
from tests.cli.test_export import COHORT, FINISHED, build, export, read

DEMO_PEOPLE = ("candidate", "complete", "prescribed", "psychometrician", "specialist", "staff")
PASSWORD = "correct horse battery"


def url(folder: Path) -> str:
    """The address of a demo's database."""
    return f"sqlite:///{folder / 'demo.db'}"


def add_person(folder: Path) -> int:
    """Add a person to a demo; return the exit code, 1 if they are there already."""
    return ssa(
        "people", "add", "new@example.org", "--name", "N", "--role", "staff", "--password", PASSWORD,
        database_url=url(folder),
    ).code  # fmt: skip


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A small demo in a folder that was not there."""
    folder = tmp_path / "new" / "demo"
    assert build(folder).splitlines()[-1] == f"The demo is in {folder / 'demo.db'}."
    return folder


def test_a_demo_that_is_there_is_kept_and_fresh_builds_it_anew(demo: Path) -> None:
    assert add_person(demo) == 0
    assert build(demo) == f"The demo is in {demo / 'demo.db'}.\n"
    assert add_person(demo) == 1
    assert build(demo, "--fresh").startswith("Building the demo")
    assert add_person(demo) == 0


def test_nothing_half_built_is_left_lying_about(demo: Path) -> None:
    assert [path.name for path in demo.iterdir() if not path.name.startswith("demo.db")] == ["certificates"]
    assert [path.name for path in (demo / "certificates").iterdir() if path.suffix != ".pdf"] == []


def test_the_tables_of_a_demo_are_those_the_program_needs(demo: Path) -> None:
    assert "its tables are as they should be" in done("database", "check", database_url=url(demo))


def test_every_demo_person_is_there_and_nobody_can_be_added_twice(demo: Path) -> None:
    for name in DEMO_PEOPLE:
        run = ssa(
            "people", "add", f"{name}@example.org", "--name", "N", "--role", "staff", "--password", PASSWORD,
            database_url=url(demo),
        )  # fmt: skip
        assert run.sentence() == f"Somebody with the address {name}@example.org is there already."


def answers(folder: Path, out: Path) -> list[tuple[str, str, str]]:
    """All answers of the simulated cohort."""
    assert export(folder, out, "responses").code == 0
    return [(row["attempt_id"], row["item_id"], row["answer"]) for row in read(out, "responses")]


def test_the_same_seed_gives_the_same_cohort_and_another_seed_another(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        build(tmp_path / name, "--seed", seed)
    a, b, c = (answers(tmp_path / name, tmp_path / name / "out") for name in "abc")
    assert (a == b, a == c) == (True, False)
    assert len({attempt for attempt, _, _ in a}) == FINISHED


def test_a_demo_without_a_cohort_has_the_demo_people_alone(tmp_path: Path) -> None:
    done("demo", "--data", tmp_path, "--cohort", 0, "--no-serve")
    assert export(tmp_path, tmp_path / "out", "attempts").code == 0
    with (tmp_path / "out" / "attempts.csv").open(encoding="utf-8", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == FINISHED - COHORT


def test_a_port_that_is_taken_is_told_before_anything_is_built(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        sentence = ssa("demo", "--data", tmp_path / "demo", "--port", port).sentence()
    assert sentence.startswith(f"Port {port} is in use.")
    assert not (tmp_path / "demo").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run = ssa("demo", "--data", tmp_path / "file" / "demo", "--cohort", 0, "--no-serve")
    assert (run.code, "Traceback" in run.err, str(tmp_path / "file") in run.err) == (1, False, True)


@pytest.mark.parametrize("options", [("--port", 0), ("--port", 70000), ("--cohort", -1), ("--seed", "x")], ids=str)
def test_a_wrong_call_is_told_as_such(options: tuple[object, ...], tmp_path: Path) -> None:
    run = ssa("demo", "--data", tmp_path / "demo", "--no-serve", *options)
    assert str(options[0]) in run.sentence(code=2)
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::"])
def test_a_demo_is_never_served_to_other_machines(host: str, tmp_path: Path) -> None:
    run = ssa("serve", "--host", host, demo="true", database_url=f"sqlite:///{tmp_path / 'ssa.db'}")
    assert run.sentence() == (
        "The demo has known passwords, so it is served on this machine only: use --host 127.0.0.1."
    )
