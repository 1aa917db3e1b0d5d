"""The logistic models of item response theory: probability, information, normal quadrature, distribution of scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from ssa_engine.core.errors import Invalid

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Quadrature:
    """Points of theta and their weights: `points` (Q,), `weights` (Q,) summing to 1."""

    points: Floats
    weights: Floats


def normal_quadrature(nodes: int = 61, *, lower: float = -6.0, upper: float = 6.0) -> Quadrature:
    """Return equally spaced points with standard normal weights.

    Parameters
    ----------
    nodes : int
        How many points, at least 2. Their spacing should not exceed the posterior SD of theta:
        long tests need more of them.
    lower, upper : float
        The first and the last point.

    Raises
    ------
    Invalid
        If there are fewer than two points, or they do not ascend.
    """
    if nodes < 2 or not lower < upper:
        raise Invalid(
            f"A quadrature needs at least 2 nodes from a lower to an upper end; not {nodes} on [{lower}, {upper}]."
        )
    points = np.linspace(lower, upper, nodes)
    weights = np.exp(-0.5 * (points**2 - np.min(points**2)))
    return Quadrature(points, weights / weights.sum())


def probability(theta: Floats, items: pd.DataFrame) -> Floats:
    """Return the probability of a right answer: P = c + (1 - c) / (1 + exp(-a (theta - b))).

    Birnbaum (1968), in Lord & Novick, Statistical Theories of Mental Test Scores, chapters 17-20; here without
    the factor 1.7.

    Parameters
    ----------
    theta : array (T,)
        Abilities.
    items : DataFrame
        Index `item_id`; columns `a`, `b` and, for the 3PL, `c`: no such column or an empty cell means 0.

    Returns
    -------
    array (T, J)

    Raises
    ------
    Invalid
        If an item lacks `a` or `b`, or `c` is not in [0, 1).
    """
    a, b, c = item_parameters(items)
    rising = expit(a * (np.asarray(theta, dtype=float)[:, None] - b))
    return np.asarray(c + (1 - c) * rising)


def information(theta: Floats, items: pd.DataFrame) -> Floats:
    """Return Fisher's information of each item about theta: P'^2 / (P (1 - P)).

    With c = 0 this is a^2 P (1 - P); with c it is a^2 ((P - c) / (1 - c))^2 (1 - P) / P
    (Lord 1980, Applications of Item Response Theory to Practical Testing Problems, chapter 5).

    Parameters
    ----------
    theta : array (T,)
        Abilities.
    items : DataFrame
        As for `probability`, and with the same errors.

    Returns
    -------
    array (T, J)
        Per item; their sum over items is the information of the test.
    """
    a, b, c = item_parameters(items)
    z = a * (np.asarray(theta, dtype=float)[:, None] - b)
    rising, falling = expit(z), expit(-z)
    guessed = c + (1 - c) * rising
    share = np.divide(rising, guessed, out=np.ones_like(rising), where=(c > 0) & (guessed > 0))
    return np.asarray(a**2 * (1 - c) * rising * falling * share)


def item_parameters(items: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Return `a`, `b`, `c` as arrays (J,), once sure that each item has its own. See `probability`."""
    a, b = items["a"].to_numpy(dtype=float), items["b"].to_numpy(dtype=float)
    c = items["c"].fillna(0.0).to_numpy(dtype=float) if "c" in items else np.zeros(len(items))
    missing = ~(np.isfinite(a) & np.isfinite(b))
    if missing.any():
        raise Invalid(f"Item '{items.index[int(missing.argmax())]}' has no a or no b. Calibrate it or leave it out.")
    wild = ~((c >= 0) & (c < 1))
    if wild.any():
        raise Invalid(f"Item '{items.index[int(wild.argmax())]}': c must lie in [0, 1), and is {c[wild.argmax()]:g}.")
    return a, b, c


def score_distribution(probabilities: Floats) -> Floats:
    """Return the distribution of the number of right answers, given theta.

    The recursion over items of Lord & Wingersky (1984), Applied Psychological Measurement 8:453-461.

    Parameters
    ----------
    probabilities : array (T, J)
        Probability of a right answer at each theta, item by item.

    Returns
    -------
    array (T, J + 1)
        Row t: the probability of 0, 1, ..., J right answers; rows sum to 1.
    """
    right = np.asarray(probabilities, dtype=float)
    distribution = np.zeros((right.shape[1] + 1, right.shape[0]))  # scores first: each step adds whole rows
    distribution[0] = 1.0
    for count, p in enumerate(right.T, start=1):
        gained = distribution[:count] * p
        distribution[:count] -= gained
        distribution[1 : count + 1] += gained
    return np.ascontiguousarray(distribution.T)
