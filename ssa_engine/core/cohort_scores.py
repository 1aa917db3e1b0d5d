"""The area scores of a cohort as columns: counted, put in an order, and looked up, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ssa_engine.core.cohort_summary import ScoreCount


@dataclass(frozen=True, slots=True)
class Cell:
    """One content area of one sitting, from its latest result."""

    correct: int
    items: int
    below: bool
    credits: float


@dataclass(frozen=True, eq=False)
class ScoreCells:
    """The area scores of sittings: arrays of one length, an entry for each sitting and area, by sitting.

    `area` is the place of the content area among `areas`; `score` and `standard` are proportions.
    """

    attempt: npt.NDArray[np.int64]
    area: npt.NDArray[np.int64]
    areas: tuple[str, ...]
    correct: npt.NDArray[np.int64]
    items: npt.NDArray[np.int64]
    score: npt.NDArray[np.float64]
    standard: npt.NDArray[np.float64]
    below: npt.NDArray[np.bool_]
    credits: npt.NDArray[np.float64]

    def of(self, attempts: Iterable[int]) -> dict[int, dict[str, Cell]]:
        """Return attempt -> content area -> cell, of those of these attempts that have a result."""
        wanted = np.unique(np.fromiter(attempts, dtype=np.int64))
        at = np.flatnonzero(_is_in(self.attempt, wanted))
        found: dict[int, dict[str, Cell]] = {}
        columns = (self.attempt, self.area, self.correct, self.items, self.below, self.credits)
        for attempt, area, *cell in zip(*(column[at].tolist() for column in columns), strict=True):
            found.setdefault(attempt, {})[self.areas[area]] = Cell(*cell)
        return found

    def values(self, order: str) -> dict[int, float]:
        """Return attempt -> items correct in a content area, or the credits of all areas where `order` is `credits`."""
        if order != "credits":
            own = self.area == (self.areas.index(order) if order in self.areas else -1)
            return dict(zip(self.attempt[own].tolist(), self.correct[own].tolist(), strict=True))
        attempts, first = np.unique(self.attempt, return_index=True)
        totals = np.add.reduceat(self.credits, first) if len(first) else self.credits
        return dict(zip(attempts.tolist(), totals.tolist(), strict=True))

    def counts(self, keys: Mapping[int, str | None]) -> list[ScoreCount]:
        """Count the scores that are alike, of the attempts that have a key: attempt -> key."""
        attempts = np.fromiter(keys, dtype=np.int64, count=len(keys))
        order = np.argsort(attempts)
        attempts = attempts[order]
        number = {key: place for place, key in enumerate(dict.fromkeys(keys.values()))}
        named = list(number)
        key = np.fromiter(map(number.__getitem__, keys.values()), dtype=np.int64, count=len(keys))[order]
        at = np.flatnonzero(_is_in(self.attempt, attempts))
        scores, score = self._distinct_scores
        standards, standard = self._distinct_standards
        sizes = (len(named), len(self.areas), len(scores), len(standards), 2)
        parts = (key[np.searchsorted(attempts, self.attempt[at])], *(one[at] for one in (self.area, score, standard)))
        if not len(at):
            return []
        alike = np.ravel_multi_index((*parts, self.below[at].astype(np.int64)), sizes)
        n, credits = np.bincount(alike), np.bincount(alike, weights=self.credits[at])
        kinds = np.flatnonzero(n)
        rows = zip(*(one.tolist() for one in (*np.unravel_index(kinds, sizes), n[kinds], credits[kinds])), strict=True)
        return [
            ScoreCount(named[k], self.areas[a], float(scores[s]), float(standards[t]), bool(b), count, total)
            for k, a, s, t, b, count, total in rows
        ]

    @cached_property
    def _distinct_scores(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """The distinct scores, and the place of each entry's among them."""
        return np.unique(self.score, return_inverse=True)

    @cached_property
    def _distinct_standards(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        return np.unique(self.standard, return_inverse=True)


def _is_in(values: npt.NDArray[np.int64], known: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which values are among these, which are sorted."""
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    return np.asarray(known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values)


def in_order(attempts: Sequence[int], values: Mapping[int, float], *, down: bool) -> list[int]:
    """Return attempts by their values: what is unknown comes last, equal ones by their number."""
    return sorted(attempts, key=lambda one: _place(one, values.get(one), -1 if down else 1))


def _place(attempt: int, value: float | None, sign: int) -> tuple[bool, float, int]:
    return value is None, 0.0 if value is None else sign * value, sign * attempt
