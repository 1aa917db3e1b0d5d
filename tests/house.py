"""Where the parts of the project lie, for the tests that read it as text."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "ssa_engine"
TEMPLATES = ROOT / "templates"
STATIC = PACKAGE / "web/static"


def modules() -> list[Path]:
    """Every module that people write; migrations are written once and then left as they are."""
    paths = [path for top in ("ssa_engine", "tests", "benchmarks", "docs") for path in (ROOT / top).rglob("*.py")]
    return sorted(path for path in paths if path.parent.name != "versions")


def name(path: Path) -> str:
    """The path as seen from the project's folder."""
    return path.relative_to(ROOT).as_posix()
