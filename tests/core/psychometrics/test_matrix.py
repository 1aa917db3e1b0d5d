"""Ids as numbers, whatever a column of them is made of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.psychometrics.matrix import sorted_codes

IDS = ["b", "c", None, "a", "b"]


@pytest.mark.parametrize(
    "ids",
    [
        pd.Series(IDS, dtype="str"),
        pd.Series(IDS, dtype=object),
        pd.Series(pd.Categorical(IDS, categories=["c", "zz", "b", "a"])),
        pd.Series(pd.Categorical(IDS, categories=["a", "b", "c"])),
    ],
    ids=["texts", "objects", "categories in another order, one unused", "categories"],
)
def test_ids_are_numbered_in_their_own_order(ids: pd.Series) -> None:
    codes, found = sorted_codes(ids)
    assert codes.tolist() == [1, 2, -1, 0, 1]
    assert found.tolist() == ["a", "b", "c"]
    assert not isinstance(found.dtype, pd.CategoricalDtype)


def test_nothing_has_no_ids() -> None:
    for empty in (pd.Series([], dtype="str"), pd.Series(pd.Categorical([], categories=["a"]))):
        codes, found = sorted_codes(empty)
        assert (codes.dtype, len(codes), len(found)) == (np.dtype(np.intp), 0, 0)
