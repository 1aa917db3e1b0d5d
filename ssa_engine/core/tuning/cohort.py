"""A cohort as matrices: sittings × content areas, and the few distinct scores that occur in them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
T = TypeVar("T")
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Cases:
    """The distinct (area, items, points, correct) of a cohort: C of them, by area.

    A policy that decides by an area's own score need be asked about these alone, however many sittings there are.
    """

    index: npt.NDArray[np.intp]
    """(N, K): the case of each cell."""
    area: npt.NDArray[np.intp]
    items: Integers
    """0 where the sitting had no scored item of the area."""
    points: Floats
    correct: Integers
    count: Integers
    """How many cells are of this case."""
    starts: npt.NDArray[np.intp]
    """(K + 1,): where each area begins."""

    def __len__(self) -> int:
        """How many cases."""
        return len(self.area)

    def by_area(self, values: Floats | Integers | Flags) -> npt.NDArray[np.float64]:
        """Add up a figure of each case over the sittings of each area: (K,)."""
        return np.bincount(self.area, weights=self.count * values, minlength=len(self.starts) - 1).astype(float)


@dataclass(frozen=True, eq=False)
class Cohort:
    """The scores of N sittings in K content areas. Rows are sittings, columns are areas in the outline's order."""

    attempt_ids: npt.NDArray[np.generic]
    candidate_ids: npt.NDArray[np.generic]
    areas: tuple[str, ...]
    items: Integers
    """(N, K): scored items the sitting had in the area; 0 where it had none."""
    points: Floats
    correct: Integers
    groups: Mapping[str, Objects] = field(default_factory=dict)
    """Grouping -> (N,) the value of each sitting's candidate, None where unknown."""
    submitted_on: npt.NDArray[np.datetime64] | None = None
    form: Objects | None = None
    """What the sitting's form was drawn from."""
    true_scores: Floats | None = None
    """(N, K): for simulated candidates what they would get right of the whole bank, a proportion."""

    _kept: dict[object, Any] = field(default_factory=dict, init=False, repr=False)
    _lately: dict[str, OrderedDict[Hashable, Any]] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False)

    def __len__(self) -> int:
        """How many sittings."""
        return len(self.items)

    def where(self, chosen: Flags) -> Cohort:
        """Return the sittings that are chosen."""
        return Cohort(
            self.attempt_ids[chosen],
            self.candidate_ids[chosen],
            self.areas,
            self.items[chosen],
            self.points[chosen],
            self.correct[chosen],
            {name: values[chosen] for name, values in self.groups.items()},
            None if self.submitted_on is None else self.submitted_on[chosen],
            None if self.form is None else self.form[chosen],
            None if self.true_scores is None else self.true_scores[chosen],
        )

    @cached_property
    def cases(self) -> Cases:
        """The distinct scores, found once; with them every whole score 0 … n of each length n that occurs."""
        parts, index, starts = [], np.empty(self.items.shape, dtype=np.intp), [0]
        for column in range(len(self.areas)):
            items, correct, points, added = self._with_every_score(column)
            earned, at = np.unique(points, return_inverse=True)
            key = (items * (int(correct.max(initial=0)) + 1) + correct) * len(earned) + at
            _, first, which, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
            count -= np.bincount(which[len(self) :], minlength=len(first))[: len(first)] if added else 0
            index[:, column] = which[: len(self)] + starts[-1]
            parts.append((np.full(len(first), column), items[first], points[first], correct[first], count))
            starts.append(starts[-1] + len(first))
        area, of, earned_, right, count = (np.concatenate(each) for each in zip(*parts, strict=True))
        return Cases(index, area, of, earned_, right, count, np.array(starts))

    def _with_every_score(self, column: int) -> tuple[Integers, Integers, Floats, int]:
        """Return items, correct and points of an area, and at their end every whole score that could occur."""
        lengths = np.flatnonzero(np.bincount(self.items[:, column]))
        whole = [(length, score) for length in lengths if length for score in range(length + 1)]
        length, score = np.array(whole, dtype=np.int64).reshape(-1, 2).T
        return (
            np.concatenate([self.items[:, column], length]),
            np.concatenate([self.correct[:, column], score]),
            np.concatenate([self.points[:, column], score]),
            len(whole),
        )

    def keep(self, name: object, make: Callable[[], T]) -> T:
        """Return what was made before under this name, or make it now: what belongs to a cohort is computed once."""
        with self._lock:
            if name not in self._kept:
                self._kept[name] = make()
            return cast(T, self._kept[name])

    def keep_lately(self, kind: str, key: Hashable, make: Callable[[], T], most: int = 1) -> T:
        """Return what was made before of this kind under this key, or make it now; the `most` last asked for stay.

        Made without holding a lock: whoever asks for something else meanwhile does not wait.
        """
        with self._lock:
            kept = self._lately.setdefault(kind, OrderedDict())
            if key in kept:
                kept.move_to_end(key)
                return cast(T, kept[key])
        made = make()
        with self._lock:
            found = kept.setdefault(key, made)
            kept.move_to_end(key)
            while len(kept) > most:
                kept.popitem(last=False)
        return cast(T, found)

    @cached_property
    def sitters(self) -> Integers:
        """(K,): how many sittings had items of the area."""
        return np.asarray((self.items > 0).sum(axis=0))

    @cached_property
    def lengths(self) -> Integers:
        """(K,): the number of items that most sittings had in the area; 0 where none had any."""
        cases = self.cases
        found = np.zeros(len(self.areas), dtype=np.int64)
        for column in range(len(self.areas)):
            own = slice(cases.starts[column], cases.starts[column + 1])
            people = np.bincount(cases.items[own], weights=cases.count[own])
            people[0] = 0
            found[column] = int(people.argmax()) if people.any() else 0
        return found


def cohort_of(area_scores: pd.DataFrame, areas: tuple[str, ...]) -> Cohort:
    """Return the cohort of a frame of area scores.

    Parameters
    ----------
    area_scores : DataFrame
        `attempt_id`, `content_area`, `items`, `correct`, `points`, one row per sitting and area; areas that are not
        among `areas` are left out.
    areas : tuple of str
        The columns, in their order.
    """
    attempts, ids = pd.factorize(area_scores["attempt_id"])
    columns = pd.Index(areas).get_indexer(pd.Index(area_scores["content_area"].astype(str)))
    known = columns >= 0
    at = attempts[known], columns[known]
    shape = (len(ids), len(areas))
    items, correct, points = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64), np.zeros(shape)
    items[at], correct[at] = area_scores["items"].to_numpy()[known], area_scores["correct"].to_numpy()[known]
    points[at] = area_scores["points"].to_numpy(dtype=float)[known]
    return Cohort(np.asarray(ids), np.asarray(ids), areas, items, points, correct)
