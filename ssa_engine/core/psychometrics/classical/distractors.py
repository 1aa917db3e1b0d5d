"""How each option of an item was chosen: by how many, by whom, and by score group (traces)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.classical.item_statistics import (
    FEWEST,
    SMALLEST_SPREAD,
    Codes,
    Floats,
    item_codes,
    places,
    quotient,
    rest_scores,
    unanswered,
)
from ssa_engine.core.psychometrics.matrix import sorted_codes

KEY, DISTRACTOR, OMITTED = "key", "distractor", "omitted"
OTHERS = "(other answers)"
"""Stands for an item's rarer answers together."""
MOST_OPTIONS = 10
"""An item with more different answers (places on an image, numbers) has its rarer ones counted together."""


def distractor_table(marked: pd.DataFrame, *, most: int = MOST_OPTIONS) -> pd.DataFrame:
    """Return for each answer of each item how many chose it and how they did on the other items.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `scored`, `correct`, `answer` (missing or empty: no answer).
    most : int
        How many different answers of an item stand by themselves, the commonest; the rarer ones are counted
        together, the right ones and the others apart.

    Returns
    -------
    DataFrame
        One row per item and answer that was given, then one for those without an answer: `item_id`, `option`,
        `kind` (`key` if it was marked right, `distractor`, `omitted`), `n`, `share` of the attempts that had the
        item, `point_biserial`: Pearson correlation of choosing it with the rest score (proportion correct of the
        attempt's other scored items) over all attempts that had the item, `mean_rest` of those who chose it,
        `note`. A distractor that works has a negative point-biserial. Options nobody chose have no row.
    """
    choices = _choices(marked, most)
    rest = rest_scores(marked)
    table, size = choices.table, len(choices.table)
    of_item = table["item"].to_numpy()
    known = ~np.isnan(rest)
    n, chose = np.bincount(choices.row, minlength=size), np.bincount(choices.row[known], minlength=size)
    shown = np.bincount(choices.item)[of_item]
    total = np.bincount(choices.row[known], weights=rest[known], minlength=size)
    correlation = _choosing_with_rest(choices, rest)
    ranked = np.bincount(choices.item[known], minlength=len(choices.items))[of_item]
    return pd.DataFrame(
        {
            "item_id": choices.items[of_item],
            "option": table["option"].to_numpy(),
            "kind": table["kind"].to_numpy(),
            "n": n,
            "share": n / shown,
            "point_biserial": correlation,
            "mean_rest": quotient(total, chose, chose > 0),
            "note": _notes(table, n, shown, ranked, correlation),
        }
    )


def option_traces(marked: pd.DataFrame, *, groups: int = 5, most: int = MOST_OPTIONS) -> pd.DataFrame:
    """Return the share that chose each answer, by score group: the traces of an item's options.

    The attempts that had an item are ranked by their rest score on it, and cut into `groups` of equal size.
    Ties: attempts with the same rest score stay together, in the group in which their mean rank lies, so
    groups may differ in size, and one may be empty and has no row.

    Parameters
    ----------
    marked : DataFrame
        As for `distractor_table`.
    groups : int
        2 or more.
    most : int
        As for `distractor_table`.

    Returns
    -------
    DataFrame
        One row per item, answer and group: `item_id`, `option`, `kind`, `group` (1 is the lowest), `rest_low`,
        `rest_high`: the rest scores it spans, `attempts` in the group, `n` of them that chose the answer,
        `share`. An item without rest scores has no row.

    Raises
    ------
    Invalid
        If there are fewer than two groups.
    """
    if groups < 2:
        raise Invalid(f"A trace needs two score groups or more; {groups} was asked for.")
    choices = _choices(marked, most)
    rest = rest_scores(marked)
    known = ~np.isnan(rest)
    item, row, rest = choices.item[known], choices.row[known], rest[known]
    place = places(item, rest)
    group = np.minimum((place.below + place.ties / 2) / place.size * groups, groups - 1).astype(np.intp)
    cell = item * groups + group
    cells = len(choices.items) * groups
    attempts = np.bincount(cell, minlength=cells)
    low, high = np.full(cells, np.inf), np.full(cells, -np.inf)
    np.minimum.at(low, cell, rest)
    np.maximum.at(high, cell, rest)
    n = np.bincount(row * groups + group, minlength=len(choices.table) * groups)
    option = np.repeat(np.arange(len(choices.table)), groups)
    at = choices.table["item"].to_numpy()[option] * groups + np.tile(np.arange(groups), len(choices.table))
    frame = pd.DataFrame(
        {
            "item_id": choices.items[at // groups],
            "option": choices.table["option"].to_numpy()[option],
            "kind": choices.table["kind"].to_numpy()[option],
            "group": at % groups + 1,
            "rest_low": low[at],
            "rest_high": high[at],
            "attempts": attempts[at],
            "n": n,
        }
    )
    frame = frame[frame["attempts"] > 0].reset_index(drop=True)
    return frame.assign(share=frame["n"] / frame["attempts"])


@dataclass(frozen=True, eq=False, slots=True)
class _Choices:
    """Each row's item and choice as numbers; the items; the choices: `item`, `option`, `kind`, `mixed`."""

    item: Codes
    row: Codes
    items: pd.Index[str]
    table: pd.DataFrame


def _choices(marked: pd.DataFrame, most: int) -> _Choices:
    """Return what was chosen: by item, the commonest answers by name, the rarer ones, no answer."""
    item, items = item_codes(marked)
    answers, texts = sorted_codes(marked["answer"])
    options = np.append(texts.astype("str").to_numpy(dtype=object), "")  # the last one stands for a missing answer
    answers = np.where(unanswered(marked), len(texts), answers)
    pairs, place = _distinct(item * len(options) + answers, len(items) * len(options))
    given = np.bincount(place)
    right = np.bincount(place, weights=marked["correct"].to_numpy(dtype=float))
    found = pd.DataFrame({"item": pairs // len(options), "option": options[pairs % len(options)]})
    omitted = (found["option"] == "").to_numpy()
    found["kind"] = np.select([omitted, right > 0], [OMITTED, KEY], DISTRACTOR)
    found["mixed"] = (right > 0) & (right < given) & ~omitted
    rank = pd.Series(np.where(omitted, -1, given)).groupby(found["item"]).rank(method="first", ascending=False)
    rare = (rank > most).to_numpy() & ~omitted
    found.loc[rare, "option"] = OTHERS
    found["order"] = np.select([omitted, rare], [2, 1], 0)
    return _together(item, place, items, found)


def _distinct(numbers: Codes, most: int) -> tuple[Codes, Codes]:
    """Return the distinct numbers, all below `most`, in their order, and the place of each number among them."""
    if most > 8 * len(numbers):
        distinct, place = np.unique(numbers, return_inverse=True)
        return distinct, place
    there = np.bincount(numbers, minlength=most) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[numbers]


def _together(item: Codes, place: Codes, items: pd.Index[str], found: pd.DataFrame) -> _Choices:
    """Put answers of the same name and kind together; `place` says which of them each row gave."""
    groups = found.groupby(["item", "order", "option", "kind"], sort=True)
    row = groups.ngroup().to_numpy()[place].astype(np.intp)
    table = groups["mixed"].any().reset_index()
    return _Choices(item, row, items, table)


def _choosing_with_rest(choices: _Choices, rest: Floats) -> Floats:
    """Return the correlation of choosing each answer with the rest score, over all attempts that had the item.

    With m of n choosing it, sum of (c - m/n)(r - mean r) is the sum of r - mean r over those who chose it, and
    sum of (c - m/n)^2 is m (n - m) / n: one pass over the rows does for all options.
    """
    known = ~np.isnan(rest)
    item, row, rest = choices.item[known], choices.row[known], rest[known]
    size, of_item = len(choices.table), choices.table["item"].to_numpy()
    n = np.bincount(item, minlength=len(choices.items))
    mean = np.bincount(item, weights=rest, minlength=len(n)) / np.maximum(n, 1)
    deviation = rest - mean[item]
    spread = np.bincount(item, weights=deviation**2, minlength=len(n))[of_item]
    chose = np.bincount(row, minlength=size)
    shown = n[of_item]
    both = np.sqrt(chose * (shown - chose) / np.maximum(shown, 1) * spread)
    together = np.bincount(row, weights=deviation, minlength=size)
    usable = (both > SMALLEST_SPREAD) & (shown >= FEWEST)
    return quotient(together, both, usable)


def _notes(table: pd.DataFrame, n: Codes, shown: Codes, known: Codes, correlation: Floats) -> list[str]:
    """Say of each answer why a figure is missing, or what is odd about it."""
    why = np.select(
        [known < FEWEST, n == shown],
        [f"Fewer than {FEWEST} attempts had the item beside a scored one.", "Everyone gave this answer."],
        "The rest score does not vary.",
    )
    missing = np.where(np.isnan(correlation), why, "")
    mixed = np.where(table["mixed"], "Marked right in some rows and not in others: look at the key.", "")
    return [" ".join(filter(None, both)) for both in zip(missing, mixed, strict=True)]
