"""What each page of the console asks of the database: as many questions of few sittings as of many."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ssa_engine.config import bundled
from ssa_engine.content.library import load_library

FEW, MANY, IN_BENCH = 10, 10_000, 2_500
"""Sittings of the small cohort, of the large one, and of the large one among all benchmarks."""


@dataclass(frozen=True)
class Result:
    """Page -> questions, of the two cohorts."""

    few: int
    many: int
    of_few: Mapping[str, int]
    of_many: Mapping[str, int]

    @property
    def differing(self) -> list[str]:
        """Pages that ask more or less of one of the two."""
        return [page for page, count in self.of_few.items() if self.of_many[page] != count]


def measure(few: int = FEW, many: int = MANY, folder: Path | None = None) -> Result:
    """Build both cohorts and look at every page and file, each in an application whose memory is empty."""
    from tests.web.psychometrician.counting import questions_of_every_page

    library = load_library(bundled("content_specs"), bundled("item_bank"))
    with tempfile.TemporaryDirectory(dir=folder) as name:
        of_few, of_many = (questions_of_every_page(Path(name), library, size) for size in (few, many))
    return Result(few, many, of_few, of_many)


def table(result: Result) -> str:
    """Return what was counted as a table."""
    rows = [f"| `{page}` | {count} | {result.of_many[page]} |" for page, count in result.of_few.items()]
    head = f"| page or file | {result.few:,} sittings | {result.many:,} sittings |"
    return "\n".join((head, "| --- | --- | --- |", *rows))


def section(result: Result) -> str:
    """Return the part of the page."""
    return f"""## Questions to the database

{table(result)}

Statements that ask for rows, on SQLite, of every page and file of the console, the check of the session among them;
each was asked of an application that had nothing in memory. `python -m benchmarks.queries` counts the same of
{MANY:,} sittings.
"""


def problems(result: Result) -> list[str]:
    """Say which pages ask more of a large cohort than of a small one."""
    return [
        f"{page} asks {result.of_few[page]} questions of {result.few:,} sittings and {result.of_many[page]} of "
        f"{result.many:,}; they should be as many."
        for page in result.differing
    ]


def main() -> int:
    """Count, print, and return the exit status: 1 where a page's questions grow with the cohort."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queries", description=__doc__)
    parser.add_argument("--sittings", type=int, default=MANY, help="of the large cohort")
    parser.add_argument("--folder", type=Path, help="where the databases are made")
    chosen = parser.parse_args()
    result = measure(many=chosen.sittings, folder=chosen.folder)
    print(table(result))
    for problem in problems(result):
        print(problem, file=sys.stderr)
    return 1 if result.differing else 0


if __name__ == "__main__":
    sys.exit(main())
