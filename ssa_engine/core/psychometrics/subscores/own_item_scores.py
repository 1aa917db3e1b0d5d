"""Area scores by item response theory on the items each attempt had: expected, and how likely below a standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt.abilities import parameters_for
from ssa_engine.core.psychometrics.irt.ability_equations import log_probabilities
from ssa_engine.core.psychometrics.irt.models import item_parameters, probability
from ssa_engine.core.psychometrics.matrix import ABSENT, ResponseMatrix

Floats = npt.NDArray[np.float64]

NODES, BOUND = 481, 6.0
"""Equally spaced abilities over which a posterior is integrated, from -BOUND to BOUND."""
BLOCK = 1_000
"""So many attempts are taken at a time, so that memory doesn't grow with their number."""
DIGITS = 10
"""Decimals of what is returned: sums of many products differ in their last digits with how many are added at once."""
STEPS = 2
"""Newton's steps from the chord of a cell to the ability at which a curve meets its standard."""


@dataclass(frozen=True, eq=False, slots=True)
class OwnItemScores:
    """Attempts × areas: `expected` proportions correct at the EAP, and `below`, the probability below the standard."""

    expected: pd.DataFrame
    below: pd.DataFrame


def own_item_scores(
    responses: ResponseMatrix, items: pd.DataFrame, areas: Mapping[str, str], standards: Mapping[str, float]
) -> OwnItemScores:
    """Score each attempt on the items it had: one ability from all answers, a normal prior.

    The true score of an area at theta is the mean probability of a right answer over the attempt's own items of it
    (Lord 1980, Applications of Item Response Theory, chapter 4), so that the standard belongs to the items a person
    got. `expected` is that score at the mean of theta's posterior (EAP: Bock & Mislevy 1982, Applied Psychological
    Measurement 6:431-444); `below` the posterior mass under the theta at which it meets the standard, integrated by
    cubics through four neighbouring nodes.

    Parameters
    ----------
    responses : ResponseMatrix
        Marked answers.
    items : DataFrame
        Index `item_id`; `a`, `b` and, for the 3PL, `c`, of every item answered.
    areas : mapping
        Item -> content area.
    standards : mapping
        Content area -> standard, a proportion correct. Gives the areas and their order.

    Raises
    ------
    Invalid
        If an item has no parameters, its slope is not positive, or it has no area.
    """
    homeless = [str(item) for item in responses.items if areas.get(item) is None]
    if homeless:
        raise Invalid(f"Item '{homeless[0]}' has no content area. Name the area of each item.")
    chosen = parameters_for(responses.items, items)
    area_of = np.array([areas[item] for item in responses.items], dtype=object)
    shape = (len(responses.attempts), len(standards))
    expected, below = np.full(shape, np.nan), np.full(shape, np.nan)
    theta = np.linspace(-BOUND, BOUND, NODES)
    right, wrong = log_probabilities(theta, chosen)
    at_nodes = probability(theta, chosen)
    for start in range(0, shape[0], BLOCK):
        values = responses.values[start : start + BLOCK]
        seen = (values != ABSENT).astype(float)
        log_posterior = (values == 1).astype(float) @ (right - wrong).T + seen @ wrong.T - theta**2 / 2
        posterior = np.exp(log_posterior - log_posterior.max(axis=1, keepdims=True))
        eap = posterior @ theta / posterior.sum(axis=1)
        mass = _Mass(posterior, theta)
        for number, (area, standard) in enumerate(standards.items()):
            columns = np.flatnonzero(area_of == area)
            if len(columns):
                curve = _Curves(seen[:, columns], chosen.iloc[columns], at_nodes[:, columns])
                expected[start : start + BLOCK, number] = curve.at(eap)[0]
                below[start : start + BLOCK, number] = mass.below(curve, standard)
    index, named = responses.attempts, pd.Index(list(standards), name="content_area")
    expected, below = (table.round(DIGITS) for table in (expected, below))
    return OwnItemScores(pd.DataFrame(expected, index, named), pd.DataFrame(below, index, named))


class _Curves:
    """True-score curves of one area, one for each attempt of a block: over the items that it saw."""

    def __init__(self, seen: Floats, items: pd.DataFrame, at_nodes: Floats) -> None:
        self.a, self.b, self.c = item_parameters(items)
        self.count = seen.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            self.share = seen / self.count[:, None]
        self.nodes = self.share @ at_nodes.T
        """(N, Q), missing where an attempt saw none of the items."""

    def at(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return each curve at its own theta (N,), and its slope there."""
        rising = expit(self.a * (theta[:, None] - self.b))
        value = self.share * (self.c + (1 - self.c) * rising)
        slope = self.share * (1 - self.c) * self.a * rising * (1 - rising)
        return value.sum(axis=1), slope.sum(axis=1)


class _Mass:
    """The posteriors of a block (N, Q), added up from the left by cubics through four neighbouring nodes."""

    def __init__(self, posterior: Floats, theta: Floats) -> None:
        self.theta = theta
        self.padded = np.pad(posterior, ((0, 0), (1, 1)), mode="edge")
        count = len(theta) - 1
        before, own, after, further = (self.padded[:, shift : shift + count] for shift in range(4))
        self.reached = np.zeros((len(posterior), count + 1))
        np.cumsum((13 * (own + after) - before - further) / 24, axis=1, out=self.reached[:, 1:])

    def below(self, curve: _Curves, standard: float) -> Floats:
        """Return the share of each posterior below the theta at which its curve meets the standard."""
        under = (curve.nodes < standard).sum(axis=1)
        last = len(self.theta) - 2
        cell, rows = np.clip(under - 1, 0, last), np.arange(len(under))
        low, high = curve.nodes[rows, cell], curve.nodes[rows, cell + 1]
        step = self.theta[1] - self.theta[0]
        within = np.divide(standard - low, high - low, out=np.zeros_like(low), where=high > low)
        for _ in range(STEPS):
            value, slope = curve.at(self.theta[cell] + step * within)
            within += np.divide(standard - value, slope * step, out=np.zeros_like(low), where=slope > 0)
            within = np.clip(within, 0.0, 1.0)
        around = tuple(self.padded[rows, cell + shift] for shift in range(4))
        found = (self.reached[rows, cell] + _partial(within, *around)) / self.reached[:, -1]
        found = np.where(under == 0, 0.0, np.where(under > last + 1, 1.0, np.clip(found, 0.0, 1.0)))
        return np.where(curve.count > 0, found, np.nan)


def _partial(t: Floats, before: Floats, own: Floats, after: Floats, further: Floats) -> Floats:
    """Return the integral, from 0 to t of a cell, of the cubic through the nodes at -1, 0, 1 and 2."""
    square, cube, fourth = t**2, t**3, t**4
    return np.asarray(
        -before * (fourth / 4 - cube + square) / 6
        + own * (fourth / 4 - 2 * cube / 3 - square / 2 + 2 * t) / 2
        - after * (fourth / 4 - cube / 3 - square) / 2
        + further * (fourth / 4 - square / 2) / 6
    )
