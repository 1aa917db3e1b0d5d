"""Cells of the technical report that would tell of too few people: which they are, and bins joined until none is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

TAIL = 0.05
"""Share of the people beyond the outermost quantiles that are shown."""


def tails_shown(people: int, minimum: int) -> bool:
    """Return whether enough people lie beyond the 5 % and 95 % quantiles for these to tell of nobody."""
    return TAIL * people >= minimum


def small_parts(people: pd.Series, has: pd.Series, by: pd.Series) -> pd.DataFrame:
    """Count the distinct people of each group who have something and who have it not.

    Parameters
    ----------
    people, has, by : Series
        Of each row the person, whether it has it, and its group; the same index.

    Returns
    -------
    DataFrame
        Index the groups; `people`, `with_it`, `without`. Who has it in one row and not in another counts in both.
    """
    frame = pd.DataFrame({"person": people.astype(str), "has": has.astype(bool), "by": by.astype(str)})
    table = pd.DataFrame({"people": frame.groupby("by")["person"].nunique()})
    table["with_it"] = frame[frame["has"]].groupby("by")["person"].nunique()
    table["without"] = frame[~frame["has"]].groupby("by")["person"].nunique()
    return table.fillna(0).astype(int)


def tells(parts: pd.DataFrame, minimum: int) -> pd.Series:
    """Return for which rows of `small_parts` those who have it, or those who have it not, are too few to be told."""
    return parts["with_it"].between(1, minimum - 1) | parts["without"].between(1, minimum - 1)


def joined_bins(
    values: Sequence[float], people: Sequence[str], edges: Sequence[float], minimum: int
) -> tuple[tuple[float, float, int], ...]:
    """Count values in bins, joined with their neighbours until each is empty or holds enough people.

    The outermost bins are open: they hold what lies beyond as well, and their outer edge is that of the part where
    the minimum was reached, so that the axis does not tell of the least and the most.

    Parameters
    ----------
    values : sequence of float
    people : sequence of str
        Whose value each is.
    edges : sequence of float
        Equally spaced, of [edge, next edge); they span the values.
    minimum : int
        People.

    Returns
    -------
    tuple
        Low edge, high edge, number of values; nothing where fewer than two bins would be left with anybody.
    """
    rounded = np.round(np.asarray(edges, dtype=float), 9)
    places = np.clip(np.searchsorted(rounded, np.round(values, 9), side="right") - 1, 0, len(rounded) - 2)
    own: list[list[str]] = [[] for _ in rounded[1:]]
    for place, person in zip(places, people, strict=True):
        own[int(place)].append(str(person))
    joined = _joined(own, minimum)
    if sum(bool(held) for _, _, held in joined) < 2:
        return ()
    while not joined[0][2]:
        joined.pop(0)
    while not joined[-1][2]:
        joined.pop()
    joined[0] = (joined[0][1], *joined[0][1:])
    joined[-1] = (joined[-1][0], joined[-1][0], joined[-1][2])
    return tuple((float(rounded[first]), float(rounded[last + 1]), len(held)) for first, last, held in joined)


def _joined(own: list[list[str]], minimum: int) -> list[tuple[int, int, list[str]]]:
    """Join from the left; what is left over at the right goes to the last bin with anybody."""
    joined: list[tuple[int, int, list[str]]] = []
    first, held = 0, list[str]()
    for at, more in enumerate(own):
        held = held + more
        if not held or len(set(held)) >= minimum:
            joined.append((first, at, held))
            first, held = at + 1, []
    if held:
        while joined and not joined[-1][2]:
            joined.pop()
        start, _, before = joined.pop() if joined else (first, 0, [])
        joined.append((start, len(own) - 1, before + held))
    return joined


def bins_in_words(bins: Sequence[tuple[float, float, int]], unit: str) -> str:
    """Say bins that `joined_bins` made: 'below 30 minutes, 7; 30 to below 35, 12; 35 or more, 9'."""
    words = []
    for at, (low, high, count) in enumerate(bins):
        if not count:
            continue
        span = f"{low:g} to below {high:g}"
        if at == 0:
            span = f"below {high:g}"
        elif at == len(bins) - 1:
            span = f"{low:g} or more"
        words.append(f"{span} {unit}, {count}")
    return "; ".join(words)
