"""Small matrices of responses, written down or simulated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from ssa_engine.core.psychometrics.matrix import ResponseMatrix


def matrix(values: npt.ArrayLike) -> ResponseMatrix:
    """Return a matrix with items i0, i1, ...; -1 is not presented."""
    array = np.asarray(values, dtype=np.int8)
    items = pd.Index([f"i{index}" for index in range(array.shape[1])])
    return ResponseMatrix(pd.RangeIndex(len(array)).astype("str"), items, array)


def simulated(persons: int, a: npt.ArrayLike, b: npt.ArrayLike, c: float = 0.0, seed: int = 1) -> npt.NDArray[np.int8]:
    """Return responses of standard normal abilities."""
    random = np.random.default_rng(seed)
    theta = random.normal(size=(persons, 1))
    p = c + (1 - c) * expit(np.asarray(a) * (theta - np.asarray(b)))
    return np.asarray(random.random(p.shape) < p, dtype=np.int8)
