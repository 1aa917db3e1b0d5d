"""The rules of the house that a machine can check: sizes, names, first lines, imports, templates, locks."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests import house

LONGEST_MODULE, LONGEST_FUNCTION = 300, 40
LONG_MODULES: dict[str, str] = {}
"""Module that may be longer -> why."""
LONG_FUNCTIONS: dict[str, str] = {}
"""module:function that may be longer -> why."""

CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "time_ns", "localtime", "gmtime"}
SEEDED = {"Random", "default_rng", "RandomState", "SeedSequence"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def own_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end; the docstring, whose length is welcome, is not counted."""
    first = function.body[0]
    docstring = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(function) is not None else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def test_no_module_is_longer_than_300_lines() -> None:
    lines = {house.name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in house.modules()}
    long = {name: count for name, count in lines.items() if count > LONGEST_MODULE}
    assert {name: count for name, count in long.items() if name not in LONG_MODULES} == {}
    assert set(LONG_MODULES) - set(long) == set(), "an exception that is no longer needed"


def test_no_function_is_longer_than_40_lines() -> None:
    long = {
        f"{house.name(path)}:{function.name}": own_lines(function)
        for path in house.modules()
        for function in functions(path)
        if own_lines(function) > LONGEST_FUNCTION
    }
    assert {name: count for name, count in long.items() if name not in LONG_FUNCTIONS} == {}
    assert set(LONG_FUNCTIONS) - set(long) == set(), "an exception that is no longer needed"


def test_no_template_style_or_script_is_longer_than_300_lines() -> None:
    files = [*house.TEMPLATES.rglob("*.html"), *house.STATIC.rglob("*.css"), *(house.STATIC / "js").rglob("*.js")]
    lines = {house.name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: count for name, count in lines.items() if count > LONGEST_MODULE} == {}


def test_the_first_line_of_every_module_says_what_lives_there() -> None:
    silent = [
        house.name(path)
        for path in house.modules()
        if path.stat().st_size and not path.read_text(encoding="utf-8").startswith('"""')
    ]
    assert silent == []


def test_no_module_has_a_name_that_could_hold_anything() -> None:
    vague = re.compile(r"(^|_)(utils?|helpers?|commons?|managers?|misc)($|_)")
    named = [
        house.name(path) for path in house.modules() for part in (path.stem, path.parent.name) if vague.search(part)
    ]
    assert named == []


def test_every_public_function_and_class_of_the_engine_has_a_docstring() -> None:
    def silent(body: list[ast.stmt], prefix: str) -> Iterator[str]:
        for node in body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if ast.get_docstring(node) is None:
                yield f"{prefix}{node.name}"
            if isinstance(node, ast.ClassDef):
                yield from silent(node.body, f"{prefix}{node.name}.")

    paths = [path for path in house.modules() if path.is_relative_to(house.PACKAGE)]
    assert [name for path in paths for name in silent(tree(path).body, f"{house.name(path)}:")] == []


def test_core_asks_no_clock_and_leaves_nothing_to_unseeded_chance() -> None:
    asked = []
    for path in (house.PACKAGE / "core").rglob("*.py"):
        imported = {alias.name for node in ast.walk(tree(path)) if isinstance(node, ast.Import) for alias in node.names}
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            root, _, last = called.rpartition(".")
            is_clock = last in CLOCKS and root.rpartition(".")[2] in ("datetime", "date", "time", "dt")
            shared = {"np.random", "numpy.random"} | imported & {"random"}
            is_chance = root in shared and last not in SEEDED
            is_unseeded = last in SEEDED and not node.args and not node.keywords
            if is_clock or is_chance or is_unseeded:
                asked.append(f"{house.name(path)}:{node.lineno} {called}")
    assert asked == []


@pytest.mark.parametrize("path", sorted(house.ROOT.glob("requirements*.txt")), ids=lambda path: path.name)
def test_requirements_are_locked_by_hash_and_name_no_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    pattern = r"[A-Za-z0-9._-]+(\[[a-z,-]+\])?==\S+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+"
    assert lines
    assert [line[:80] for line in lines if not re.fullmatch(pattern, line)] == []
    assert re.findall(r"\w+://\S+|--(?:extra-)?index-url|--find-links|--trusted-host", text) == []


def test_what_runs_in_production_is_locked_alike_for_development() -> None:
    def locked(name: str) -> dict[str, str]:
        text = (house.ROOT / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", text, re.MULTILINE))

    production, development = locked("requirements.txt"), locked("requirements-dev.txt")
    both = production.keys() & development.keys()
    assert {name: (production[name], development[name]) for name in both if production[name] != development[name]} == {}


def test_nothing_that_names_a_registry_or_was_built_is_in_the_repository() -> None:
    if not (house.ROOT / ".git").exists():
        pytest.fail("this test reads the list of files from git; run it in a clone")
    command = ["git", "-c", "safe.directory=*", "ls-files"]
    files = subprocess.run(command, cwd=house.ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "pyproject.toml" in files
    unwanted = re.compile(r"(^|/)(uv\.lock|poetry\.lock|\.env|var/.*|.*\.(db|pyc|whl|sqlite3?)|\.DS_Store)$")
    assert [name for name in files if unwanted.search(name)] == []
