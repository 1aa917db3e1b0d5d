"""The probability that a true area score lies below its standard, by item response theory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt.abilities import parameters_for
from ssa_engine.core.psychometrics.irt.ability_equations import log_probabilities
from ssa_engine.core.psychometrics.irt.models import probability
from ssa_engine.core.psychometrics.matrix import ABSENT, ResponseMatrix

Floats = npt.NDArray[np.float64]

BLOCK = 20_000
"""So many attempts are taken at a time, so that memory doesn't grow with their number."""


def below_by_irt(
    responses: ResponseMatrix,
    items: pd.DataFrame,
    areas: Mapping[str, str],
    standards: Mapping[str, float],
    *,
    ability: Literal["overall", "area"] = "overall",
    nodes: int = 61,
    bound: float = 6.0,
) -> pd.DataFrame:
    """Return the posterior probability of a true area score below its standard, attempts × areas.

    The true area score at theta is the mean probability of a right answer over all items of the area in `items`
    (its true-score curve, tau; Lord 1980, Applications of Item Response Theory, chapter 4). With a normal prior,
    P(tau(theta) < standard | answers) is the posterior mass below the theta at which the curve meets the standard,
    integrated by Gauss-Legendre on either side of it, so that the cut falls on no node.

    Parameters
    ----------
    responses : ResponseMatrix
        Marked answers.
    items : DataFrame
        Index `item_id`; `a`, `b` and, for the 3PL, `c`, of every item answered; items beside them count in the curves.
    areas : mapping
        Item -> content area.
    standards : mapping
        Content area -> standard, a proportion correct of the area's items. Gives the areas and their order.
    ability : str
        `overall`: one theta from all answers, for areas that measure one ability. `area`: a theta of each area from
        its own answers, for areas that don't; the other areas' answers are then not used.
    nodes : int
        Gauss-Legendre nodes on each side of the cut.
    bound : float
        The prior is cut off at this distance from 0.

    Returns
    -------
    DataFrame
        Attempts × areas; missing where an attempt has no answer that tells of the theta in question.

    Raises
    ------
    Invalid
        If an item has no parameters or no area, its slope is not positive, or an area with a standard has no items.
    """
    homeless = [str(item) for item in responses.items if item not in areas]
    if homeless:
        raise Invalid(f"Item '{homeless[0]}' has no content area. Name the area of each item.")
    answered = parameters_for(responses.items, items)
    area_of_answer = np.array([areas[item] for item in responses.items], dtype=object)
    area_of_item = np.array([areas.get(item) for item in items.index], dtype=object)
    found = {}
    for area, standard in standards.items():
        own = items[area_of_item == area]
        if not len(own):
            raise Invalid(f"No item with parameters is in area '{area}'. Calibrate its items or leave the area out.")
        cut = cut_theta(parameters_for(own.index, own), standard, bound)
        columns = np.flatnonzero(area_of_answer == area) if ability == "area" else np.arange(len(answered))
        found[area] = _mass_below(responses.values[:, columns], answered.iloc[columns], cut, nodes, bound)
    return pd.DataFrame(found, index=responses.attempts, columns=pd.Index(list(standards), name="content_area"))


def cut_theta(items: pd.DataFrame, standard: float, bound: float = 6.0) -> float:
    """Return the theta at which the items' true-score curve meets the standard, within [-bound, bound]."""

    def above(theta: float) -> float:
        return float(probability(np.array([theta]), items).mean()) - standard

    if above(-bound) >= 0:
        return -bound
    if above(bound) < 0:
        return bound
    return float(brentq(above, -bound, bound, xtol=1e-12))


def _mass_below(values: npt.NDArray[np.int8], items: pd.DataFrame, cut: float, nodes: int, bound: float) -> Floats:
    """Return the posterior mass below the cut for each row of answers."""
    below = np.full(len(values), np.nan)
    if not values.shape[1]:
        return below
    points, log_weights = _split_quadrature(cut, nodes, bound)
    right, wrong = log_probabilities(points, items)
    for start in range(0, len(values), BLOCK):
        block = values[start : start + BLOCK]
        log_posterior = (block == 1).astype(float) @ right.T + (block == 0).astype(float) @ wrong.T + log_weights
        log_posterior -= log_posterior.max(axis=1, keepdims=True)
        mass = np.exp(log_posterior)
        lower, upper = mass[:, :nodes].sum(axis=1), mass[:, nodes:].sum(axis=1)
        below[start : start + BLOCK] = np.where((block != ABSENT).any(axis=1), lower / (lower + upper), np.nan)
    return below


def _split_quadrature(cut: float, nodes: int, bound: float) -> tuple[Floats, Floats]:
    """Return Gauss-Legendre points below and above the cut, and the logs of their normal weights."""
    at, weight = np.polynomial.legendre.leggauss(nodes)
    halves = [((lower + upper) / 2, (upper - lower) / 2) for lower, upper in ((-bound, cut), (cut, bound))]
    points = np.concatenate([middle + half * at for middle, half in halves])
    weights = np.concatenate([half * weight for _, half in halves])
    return points, np.log(np.maximum(weights, np.finfo(float).tiny)) - points**2 / 2
