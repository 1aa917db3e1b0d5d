"""Decisions at a cut from item parameters: Lee's index on the number correct, Rudner's on theta."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtr, roots_legendre

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.decisions.beta_binomial import Array, CutProbabilities
from ssa_engine.core.psychometrics.irt.models import (
    Quadrature,
    information,
    item_parameters,
    probability,
    score_distribution,
)

LIMIT, NODES = 9.0, 120
"""Abilities are integrated from -9 to 9 by Gauss–Legendre, with so many nodes between two cuts."""


def lee(
    items: pd.DataFrame, *, cuts: Sequence[int], true_cuts: Sequence[float] | None = None, at: Quadrature | None = None
) -> CutProbabilities:
    """Return the probabilities at number-correct cuts, with scores distributed by Lord and Wingersky's recursion.

    Somebody is truly below where the expected number correct, the sum of P over items, is below the true cut
    (Lee 2010, J. Educ. Meas. 47:1-17). theta ~ N(0, 1).

    Parameters
    ----------
    items : DataFrame
        Index `item_id`; columns `a`, `b` and perhaps `c`, in the logistic metric.
    cuts : sequence of int (J,)
        Least number correct that is not below; 0 or less: nobody, above the number of items: everybody.
    true_cuts : sequence of float (K,)
        Least expected number correct that is not below; without it the cuts.
    at : Quadrature
        Points of theta. Without it Gauss–Legendre, split at the true cuts: accuracy jumps there, and a grid that is
        not split is off in the third decimal.
    """
    theta_cuts = np.array([theta_at(items, float(cut)) for cut in (cuts if true_cuts is None else true_cuts)])
    at = at or split_quadrature(theta_cuts)
    scores = np.cumsum(score_distribution(probability(at.points, items)), axis=1)
    padded = np.concatenate([np.zeros((len(scores), 1)), scores], axis=1)
    below = padded[:, np.clip(np.asarray(cuts), 0, len(items) + 1)]
    return _integrate(below, theta_cuts, at)


def rudner(items: pd.DataFrame, *, theta_cuts: Sequence[float], at: Quadrature | None = None) -> CutProbabilities:
    """Return the probabilities at cuts of theta (J), for estimates that are normal with variance 1 / information.

    P(estimate < cut | theta) = Phi((cut - theta) sqrt(I(theta))) (Rudner 2005, Practical Assessment, Research &
    Evaluation 10(13)). A cut of -inf is above nobody, of inf above everybody. Crude where a test is short: estimates
    are then not normal. Other parameters as for `lee`.
    """
    cuts = np.asarray(theta_cuts, dtype=float)
    at = at or split_quadrature(cuts)
    root = np.sqrt(information(at.points, items).sum(axis=1))[:, None]
    near = np.where(np.isfinite(cuts), cuts, 0.0)
    below = np.where(np.isfinite(cuts), ndtr((near - at.points[:, None]) * root), (cuts > 0).astype(float))
    return _integrate(below, cuts, at)


def theta_at(items: pd.DataFrame, expected: float) -> float:
    """Return the theta where the expected number correct is `expected`; -inf or inf where it always or never is."""
    a, _, c = item_parameters(items)
    if not len(items) or (a <= 0).any():
        raise Invalid("The expected score must rise with ability: every item needs a slope above 0.")
    if expected <= c.sum():
        return -np.inf
    if expected >= len(items):
        return np.inf

    def short(theta: float) -> float:
        return float(probability(np.array([theta]), items).sum() - expected)

    reach = 10.0
    while short(-reach) > 0 or short(reach) < 0:
        reach *= 2
        if reach > 1e6:  # beyond what floating-point numbers tell apart from the limit
            return -np.inf if short(-reach) > 0 else np.inf
    return float(brentq(short, -reach, reach, xtol=1e-14))


def split_quadrature(cuts: npt.ArrayLike, nodes: int = NODES) -> Quadrature:
    """Return Gauss–Legendre points for N(0, 1) from -9 to 9 with a panel of `nodes` between each two cuts."""
    inner = np.unique(np.asarray(cuts, dtype=float))
    ends = np.concatenate([[-LIMIT], inner[np.abs(inner) < LIMIT], [LIMIT]])
    x, w = roots_legendre(nodes)
    half = np.diff(ends)[:, None] / 2
    points = (ends[:-1, None] + half * (x + 1)).ravel()
    weights = (half * w).ravel() * np.exp(-0.5 * points**2)
    return Quadrature(points, weights / weights.sum())


def _integrate(below: Array, theta_cuts: Array, at: Quadrature) -> CutProbabilities:
    truly = (at.points[:, None] < theta_cuts).astype(float)
    weighted = below * at.weights[:, None]
    return CutProbabilities(
        observed=weighted.sum(axis=0)[None],
        true=(at.weights @ truly)[None],
        both=(weighted.T @ truly)[None],
        retest=(weighted.T @ below)[None],
    )
