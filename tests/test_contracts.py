"""The import contracts are kept, and each of them fires when somebody breaks it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import house

ROOMS = "Rooms import downward only"
PURE = "Core is pure"
SQL = "Only storage knows SQL"
YAML = "Only content reads YAML"
ANSWERING = "The path that answers an item never imports pandas or scipy"
FRAMES = "The web leaves data frames to actions"
SETTINGS = "Settings are read at the edge"
AUDIENCES = "Audiences do not import each other"

BREACHES = [
    ("core/text.py", "import ssa_engine.storage.db", {ROOMS}),
    ("storage/counts.py", "import ssa_engine.actions.banks", {ROOMS}),
    ("content/specs.py", "import ssa_engine.storage.db", {ROOMS}),
    ("exchange/columns.py", "import ssa_engine.content.reader", {ROOMS}),
    ("actions/cohort.py", "import ssa_engine.web.htmx", {ROOMS}),
    ("web/style.py", "import ssa_engine.cli.shared", {ROOMS}),
    ("core/text.py", "import sqlalchemy", {PURE}),
    ("core/text.py", "import flask", {PURE}),
    ("core/text.py", "import yaml", {PURE}),
    ("core/psychometrics/classical/item_statistics.py", "from pathlib import Path", {PURE}),
    ("web/staff/queue.py", "import sqlalchemy", {SQL}),
    ("actions/cohort.py", "from ssa_engine.storage.tables import attempts", {SQL}),
    ("cli/people.py", "import sqlite3", {SQL}),
    ("actions/cohort.py", "import yaml", {YAML}),
    ("web/candidate/assessment.py", "import pandas", {ANSWERING, FRAMES}),
    ("core/attempts.py", "import scipy.stats", {ANSWERING}),
    ("storage/attempts.py", "import ssa_engine.storage.frames", {ANSWERING}),
    ("web/psychometrician/cohort.py", "import pandas", {FRAMES}),
    ("storage/db.py", "import ssa_engine.config", {SETTINGS}),
    ("web/staff/queue.py", "import ssa_engine.web.candidate.dashboard", {AUDIENCES}),
    ("web/candidate/result.py", "import ssa_engine.web.psychometrician.cohort", {AUDIENCES}),
]


def verdicts(folder: Path) -> dict[str, str]:
    """Run import-linter on the package in a folder; return contract -> KEPT or BROKEN."""
    program = Path(sys.executable).with_name("lint-imports")
    command = [str(program), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found = dict(re.findall(r"^(\S.*?) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE))
    assert found, done.stdout + done.stderr
    assert done.returncode == int("BROKEN" in found.values())
    return found


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package and its contracts, to be broken."""
    folder = tmp_path_factory.mktemp("house")
    ignored = shutil.ignore_patterns("__pycache__", "static", "migrations")
    shutil.copytree(house.PACKAGE, folder / "ssa_engine", ignore=ignored)
    shutil.copy(house.ROOT / "pyproject.toml", folder)
    return folder


def test_every_contract_is_kept() -> None:
    assert verdicts(house.ROOT) == dict.fromkeys(
        (ROOMS, PURE, SQL, YAML, ANSWERING, FRAMES, SETTINGS, AUDIENCES), "KEPT"
    )


@pytest.mark.parametrize(("module", "line", "broken"), BREACHES)
def test_a_contract_fires_on_a_forbidden_import(copy: Path, module: str, line: str, broken: set[str]) -> None:
    path = copy / "ssa_engine" / module
    sound = path.read_text(encoding="utf-8")
    path.write_text(f"{sound}\n{line}\n", encoding="utf-8")
    try:
        found = verdicts(copy)
    finally:
        path.write_text(sound, encoding="utf-8")
    assert {name for name, verdict in found.items() if verdict == "BROKEN"} == broken
