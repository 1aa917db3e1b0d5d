"""Attempts of one content area with the same number of items, and samples drawn from them again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.decisions.beta_binomial import Array
from ssa_engine.core.psychometrics.decisions.classification import kr21_of_samples, mean_and_variance
from ssa_engine.core.psychometrics.matrix import ABSENT, ResponseMatrix, response_matrix

CELLS = 2_000_000
"""Numbers held at once while samples are drawn."""


@dataclass(frozen=True, eq=False, slots=True)
class AreaGroup:
    """Attempts that had the same number of items in an area."""

    content_area: str
    items: int
    matrix: ResponseMatrix
    correct: npt.NDArray[np.int64]
    """Number correct of each attempt."""
    same_items: bool
    """Whether all attempts had the same items."""

    def __len__(self) -> int:
        """How many attempts."""
        return len(self.correct)

    @property
    def frequencies(self) -> Array:
        """How many attempts have each score: (1, items + 1)."""
        return np.bincount(self.correct, minlength=self.items + 1).astype(float)[None]

    def forms(self) -> Iterator[tuple[pd.Index, int]]:
        """Yield each set of items that attempts had, with their number."""
        sets, counts = np.unique(self.matrix.presented, axis=0, return_counts=True)
        for shown, count in zip(sets, counts, strict=True):
            yield self.matrix.items[shown], int(count)


@dataclass(frozen=True, eq=False, slots=True)
class Samples:
    """R samples of attempts: frequencies of the scores (R, n + 1) and reliability of the number correct (R,).

    The reliability is missing where everybody has the same score.
    """

    frequencies: Array
    reliability: Array


def area_groups(marked: pd.DataFrame) -> dict[str, list[AreaGroup]]:
    """Return the attempts of each content area by their number of items, areas by name, lengths rising.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `correct`, `content_area`; rows with `scored` false are left out.

    Raises
    ------
    Invalid
        If a row has no area, a mark is missing, or an attempt has an item twice.
    """
    if "scored" in marked:
        marked = marked[marked["scored"].to_numpy(dtype=bool)]
    if not len(marked):
        raise Invalid("There are no scored responses. Give at least one attempt with one scored item.")
    if marked["content_area"].isna().any():
        raise Invalid("Some responses have no content_area. Every row needs one.")
    return {
        str(area): list(_by_length(str(area), response_matrix(rows)))
        for area, rows in marked.groupby("content_area", observed=True, sort=True)
    }


def _by_length(area: str, matrix: ResponseMatrix) -> Iterator[AreaGroup]:
    lengths = matrix.presented.sum(axis=1)
    for length in np.unique(lengths):
        rows = lengths == length
        values = matrix.values[rows]
        shown = (values != ABSENT).any(axis=0)
        part = ResponseMatrix(matrix.attempts[rows], matrix.items[shown], values[:, shown])
        correct = (part.values == 1).sum(axis=1).astype(np.int64)
        yield AreaGroup(area, int(length), part, correct, part.is_complete)


def as_they_are(group: AreaGroup) -> Samples:
    """Return the attempts themselves as one sample."""
    patterns, scores, counts = _patterns(group)
    return _samples(group, patterns, scores, counts[None])


def drawn_again(group: AreaGroup, replications: int, random: np.random.Generator) -> Iterator[Samples]:
    """Yield bootstrap samples of the attempts, drawn with replacement, in blocks (Efron 1979, Ann. Statist. 7:1-26)."""
    values, scores, counts = _patterns(group)
    block = max(1, CELLS // max(len(counts), (group.items + 1) ** 2))
    for start in range(0, replications, block):
        drawn = random.multinomial(len(group), counts / counts.sum(), size=min(block, replications - start))
        yield _samples(group, values, scores, drawn.astype(float))


def _patterns(group: AreaGroup) -> tuple[Array, npt.NDArray[np.int64], Array]:
    """Return the distinct rows of marks (or scores, where items differ), their scores, and how often they occur."""
    rows = group.matrix.values if group.same_items else group.correct[:, None]
    patterns, counts = np.unique(rows, axis=0, return_counts=True)
    return patterns.astype(float), patterns.sum(axis=1).astype(np.int64), counts.astype(float)


def _samples(group: AreaGroup, patterns: Array, scores: npt.NDArray[np.int64], counts: Array) -> Samples:
    """Return frequencies and reliability: alpha where all had the same items, else KR-21."""
    of_score = (scores[:, None] == np.arange(group.items + 1)).astype(float)
    frequencies = counts @ of_score
    if group.items < 2 or len(group) < 2:
        return Samples(frequencies, np.full(len(counts), np.nan))
    if not group.same_items:
        return Samples(frequencies, kr21_of_samples(frequencies))
    share = counts @ patterns / len(group)
    within = (share * (1 - share)).sum(axis=1) * len(group) / (len(group) - 1)
    _, variance = mean_and_variance(frequencies)
    rest = np.divide(within, variance, out=np.full_like(within, np.nan), where=variance > 0)
    return Samples(frequencies, group.items / (group.items - 1) * (1 - rest))
