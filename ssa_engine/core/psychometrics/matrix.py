"""Marked responses as a matrix: rows are attempts, columns are items, also where each attempt saw only some items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid

ABSENT = -1
"""Stands in a matrix where an item was not presented. An item presented and not answered counts as 0."""


@dataclass(frozen=True, eq=False, slots=True)
class ResponseMatrix:
    """Marked responses: `values[i, j]` is 1 where attempt i has item j right, 0 where not, ABSENT where it had none."""

    attempts: pd.Index[str]
    items: pd.Index[str]
    values: npt.NDArray[np.int8]

    @property
    def presented(self) -> npt.NDArray[np.bool_]:
        """Which attempt was shown which item: attempts × items."""
        presented: npt.NDArray[np.bool_] = self.values != ABSENT
        return presented

    @property
    def is_complete(self) -> bool:
        """Whether every attempt was shown every item."""
        return bool(self.presented.all())

    def of_items(self, items: pd.Index[str]) -> ResponseMatrix:
        """Return the columns of these items, with the attempts that were shown any of them."""
        values = self.values[:, self.items.get_indexer(items)]
        shown = (values != ABSENT).any(axis=1)
        return ResponseMatrix(self.attempts[shown], items, values[shown])


def sorted_codes(ids: pd.Series) -> tuple[npt.NDArray[np.intp], pd.Index]:
    """Return each row's id as a number, -1 where it is missing, and the ids that occur in the order of the ids.

    Of categories the numbers are at hand; whatever order those of a file have, and whether all of them occur.
    """
    if not isinstance(ids.dtype, pd.CategoricalDtype):
        codes, found = pd.factorize(ids, sort=True)
        return codes, pd.Index(found)
    own = ids.cat.codes.to_numpy().astype(np.intp)
    present = np.flatnonzero(np.bincount(own + 1, minlength=len(ids.cat.categories) + 1)[1:])
    known = ids.cat.categories[present]
    order = known.argsort()
    place = np.full(len(ids.cat.categories) + 1, -1, dtype=np.intp)
    place[present[order]] = np.arange(len(present))
    return place[own], known[order]


def response_matrix(marked: pd.DataFrame) -> ResponseMatrix:
    """Return marked responses as a matrix: attempts in the order they first come, items by their ids.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `correct`, one row per attempt and item.

    Raises
    ------
    Invalid
        If there is no row, a response is not marked, or an attempt has an item twice.
    """
    if not len(marked):
        raise Invalid("There are no responses. Give at least one attempt with one item.")
    if marked["correct"].isna().any():
        raise Invalid("Some responses are not marked. Mark them before computing statistics.")
    if not marked["correct"].isin([0, 1]).all():
        raise Invalid("A mark is neither right (1) nor not right (0). Statistics of items need one or the other.")
    rows, attempts = pd.factorize(marked["attempt_id"])
    columns, items = sorted_codes(marked["item_id"])
    if (rows < 0).any() or (columns < 0).any():
        raise Invalid("Some responses have no attempt_id or no item_id. Every row needs both.")
    cells = rows * len(items) + columns
    values = np.full(len(attempts) * len(items), ABSENT, dtype=np.int8)
    values[cells] = marked["correct"].to_numpy(dtype=np.int8)
    if np.count_nonzero(values != ABSENT) < len(cells):
        again = int(pd.Series(cells).duplicated().to_numpy().argmax())
        raise Invalid(
            f"Attempt '{attempts[rows[again]]}' has item '{items[columns[again]]}' twice. Keep one row of each."
        )
    return ResponseMatrix(pd.Index(attempts), pd.Index(items), values.reshape(len(attempts), len(items)))
