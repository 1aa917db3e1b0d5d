"""Writes docs/reference from the code: `python -m docs.build`; with `--check` it only says what is out of date."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from docs.pages import attempt_states, claim_states, columns, commands, routes, settings, tables

REFERENCE = Path(__file__).parent / "reference"
NOTE = "<!-- Written by `python -m docs.build` from the code; change the code, not this file. -->\n\n"

PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings.page,
    "commands.md": commands.page,
    "columns.md": columns.page,
    "attempt-states.md": attempt_states.page,
    "claim-states.md": claim_states.page,
    "tables.md": tables.page,
    "routes.md": routes.page,
}


def render() -> dict[str, str]:
    """Return file name -> text of every generated page."""
    return {name: NOTE + page() for name, page in PAGES.items()}


def stale(folder: Path) -> list[Path]:
    """Return the files that are missing or differ from what the code says."""
    return [
        folder / name
        for name, text in render().items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]


def write(folder: Path) -> None:
    """Write every generated page."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in render().items():
        (folder / name).write_text(text, encoding="utf-8")


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 naming the files that are out of date.")
def main(check: bool) -> None:
    """Write docs/reference from the code."""
    if not check:
        write(REFERENCE)
        return
    found = stale(REFERENCE)
    for path in found:
        click.echo(f"{path.relative_to(REFERENCE.parents[1])} is out of date: run python -m docs.build", err=True)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
