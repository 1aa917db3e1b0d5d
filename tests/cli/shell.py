"""Runs `ssa` as a person at a shell does: what it printed, what it complained about, how it ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

import ssa_engine
from ssa_engine.cli import main

MINUTE = 60


@dataclass(frozen=True)
class Run:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, read as JSON."""
        return json.loads(self.out)

    def sentence(self, code: int = 1) -> str:
        """What it complained about, once sure that it ended so, printed nothing else, and wrote no traceback."""
        assert (self.code, self.out) == (code, ""), self
        assert "Traceback" not in self.err
        assert self.err.strip()
        return self.err.strip()


def ssa(*arguments: object, **settings: str) -> Run:
    """Run a command in this process; settings are given by field name. A crash is raised, not hidden in a code."""
    environment = {f"SSA_{name.upper()}": value for name, value in settings.items()}
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], env=environment, prog_name="ssa")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Run(result.exit_code, result.stdout, result.stderr)


def done(*arguments: object, **settings: str) -> str:
    """Run a command that must succeed; return what it printed."""
    run = ssa(*arguments, **settings)
    assert run.code == 0, run
    return run.out


def ssa_process(*arguments: object, cwd: Path, **settings: str) -> Run:
    """Run a command in a process of its own: for what a crash of the interpreter or the start itself would show."""
    return run_python("-m", "ssa_engine.cli", *arguments, cwd=cwd, **settings)


def run_python(*arguments: object, cwd: Path, **settings: str) -> Run:
    """Run a Python that has the program, in a folder, with these settings alone."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SSA_")}
    environment |= {f"SSA_{name.upper()}": value for name, value in settings.items()}
    environment["PYTHONPATH"] = str(Path(ssa_engine.__file__).parent.parent)
    finished = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=MINUTE, check=False,
    )  # fmt: skip
    return Run(finished.returncode, finished.stdout, finished.stderr)
