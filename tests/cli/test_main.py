"""The command as a whole: it starts, explains itself, lists its settings, and complains in sentences."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import click
import pytest

import ssa_engine
from ssa_engine.cli import main
from ssa_engine.config import SETTINGS, Settings
from tests.cli.shell import Run, done, run_python, ssa, ssa_process


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the words of every command below a group."""
    found = []
    for name, command in group.commands.items():
        found.append((*path, name))
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
    return sorted(found)


PROMISED = (
    "demo", "serve", "content check", "content coverage", "content schema", "forms assemble", "score", "simulate",
    "export", "people add", "people import", "people role", "credentials import", "database upgrade", "database check",
    "settings",
)  # fmt: skip


def test_the_promised_commands_are_there() -> None:
    there = {" ".join(words) for words in commands(main)}
    assert [name for name in PROMISED if name not in there] == []


@pytest.mark.parametrize("words", commands(main), ids=" ".join)
def test_every_command_explains_itself_and_its_options(words: tuple[str, ...]) -> None:
    text = done(*words, "--help")
    assert text.startswith(f"Usage: ssa {' '.join(words)} ")
    assert text.split("\n\n")[1].strip().endswith((".", ":"))


@pytest.mark.parametrize("words", commands(main), ids=" ".join)
def test_an_unknown_option_is_a_wrong_call(words: tuple[str, ...]) -> None:
    assert "--nonsense" in ssa(*words, "--nonsense").sentence(code=2)


def test_an_unknown_command_is_a_wrong_call() -> None:
    assert "No such command 'nonsense'" in ssa("nonsense").sentence(code=2)


def test_settings_lists_every_setting_with_its_meaning() -> None:
    lines = done("settings", threads="4").splitlines()
    names = [line.split()[0] for line in lines if line.startswith("SSA_")]
    assert names == [f"SSA_{field.name.upper()}" for field in fields(Settings)]
    assert [line.strip() for line in lines if line.startswith(" ")] == [setting.help for setting in SETTINGS]
    assert "SSA_THREADS = 4" in lines


def test_settings_are_listed_even_if_one_of_them_cannot_be_used() -> None:
    assert "SSA_THREADS = many" in done("settings", threads="many").splitlines()


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("threads", "many", "SSA_THREADS is 'many'; it cannot be used"),
        ("secret", "x", "SSA_SECRET: no such setting. `ssa settings` lists them all."),
    ],
)
def test_a_bad_setting_stops_a_command_with_a_sentence(variable: str, value: str, told: str) -> None:
    assert ssa("content", "check", **{variable: value}).sentence().startswith(told)


def test_the_program_runs_as_a_process_from_any_folder(tmp_path: Path) -> None:
    version = ssa_process("--version", cwd=tmp_path)
    assert (version.code, version.err, version.out.split()[-1]) == (0, "", ssa_engine.__version__)
    bad = ssa_process("content", "coverage", "XX", cwd=tmp_path)
    assert bad.sentence().splitlines() == ["There is no content specification for 'XX'. Known: CT, MRI, RAD."]
    assert "Missing option" in ssa_process("simulate", "CT", cwd=tmp_path).sentence(code=2)
    assert list(tmp_path.iterdir()) == []


def test_help_does_not_wait_for_the_libraries_that_compute(tmp_path: Path) -> None:
    heavy = ("pandas", "scipy", "numpy", "pyarrow", "flask")
    code = f"import sys\nfrom ssa_engine.cli import main\nprint([name for name in {heavy!r} if name in sys.modules])"
    assert run_python("-c", code, cwd=tmp_path) == Run(0, "[]\n", "")
