"""One function of figures, with the tests that hold it to a reference."""

from __future__ import annotations

from dataclasses import dataclass

CORE = "tests/core/"
CLASSICAL = "tests/core/psychometrics/classical/"
DECISIONS = "tests/core/psychometrics/decisions/"
REVIEW = "tests/core/psychometrics/review/"
PANELS = "tests/core/psychometrics/panels/"
SUBSCORES = "tests/core/psychometrics/subscores/"
TUNING = "tests/core/tuning/"
WEB = "tests/web/psychometrician/"


@dataclass(frozen=True)
class Source:
    """A function, figures that are its, and tests that hold it to values worked by hand or computed elsewhere.

    `figures` is dataset -> columns; `*` stands for any one column, `mean_*` for any that begins so. A dataset is named
    by its page and its file: `cohort/summary`.
    """

    function: str
    held_to: str
    tests: tuple[str, ...]
    figures: dict[str, str]

    def has(self, dataset: str, column: str) -> bool:
        """Whether a figure is from here."""
        return any(
            column == one or (one.endswith("*") and column.startswith(one[:-1]))
            for one in self.figures.get(dataset, "").split()
        )
