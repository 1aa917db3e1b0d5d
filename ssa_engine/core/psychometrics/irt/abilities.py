"""Abilities at given item parameters: EAP, MAP and WLE with their standard errors, and EAP by sum score."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt.ability_equations import Curves, estimating_roots, log_probabilities
from ssa_engine.core.psychometrics.irt.models import (
    Quadrature,
    information,
    item_parameters,
    normal_quadrature,
    probability,
    score_distribution,
)
from ssa_engine.core.psychometrics.matrix import ABSENT, ResponseMatrix

Method = Literal["EAP", "MAP", "WLE"]
METHODS: tuple[Method, ...] = ("EAP", "MAP", "WLE")
BLOCK = 2048
"""Attempts computed at once, so that the arrays between stay small."""
NO_ITEM = "No item was presented, so there is no ability to estimate."


def abilities(
    responses: ResponseMatrix,
    items: pd.DataFrame,
    *,
    method: Method = "EAP",
    prior_mean: float = 0.0,
    prior_sd: float = 1.0,
    quadrature: Quadrature | None = None,
    bound: float = 10.0,
) -> pd.DataFrame:
    """Estimate everybody's ability, the item parameters taken as known. Items not presented are left out.

    EAP is the mean of the posterior, its `se` the posterior SD (Bock & Mislevy 1982, Applied Psychological
    Measurement 6:431-444). MAP is the mode, `se` = 1 / sqrt(I + 1/sd^2), I the test information. WLE solves
    l'(theta) + J / (2 I) = 0 with J = sum P' P'' / (P Q) (Warm 1989, Psychometrika 54:427-450); its `se` is the
    usual 1 / sqrt(I), and `se_curvature` = 1 / sqrt(I - (J / 2I)'), which for the 1PL and 2PL is
    1 / sqrt(I - (log I)'' / 2), what R's mirt prints. Maximum likelihood is not offered: it is infinite for
    those who have all right or all wrong.

    Parameters
    ----------
    responses : ResponseMatrix
        Who had what right.
    items : DataFrame
        Index `item_id`; `a`, `b` and, for the 3PL, `c`. Items nobody was shown do no harm.
    method : {"EAP", "MAP", "WLE"}
        The estimator. WLE uses no prior.
    prior_mean, prior_sd : float
        The normal prior of EAP and MAP, on the scale of the items.
    quadrature : Quadrature, optional
        For EAP: points in SDs of the prior. Default: 121 nodes on [-6, 6], more where the test is so long that
        they would stand further apart than the smallest posterior SD.
    bound : float
        MAP and WLE are sought within `bound` prior SDs (WLE: units of theta) of the prior mean (WLE: of 0).

    Returns
    -------
    DataFrame
        Index `attempt_id`; `items` presented, `correct` of them, `theta`, `se` (WLE: and `se_curvature`), both in
        units of theta, and `note`: why an estimate is missing, or stands at the bound; else empty.

    Raises
    ------
    Invalid
        If the method is unknown, `prior_sd` is not above 0, an item has no parameters, or not a > 0.
    """
    if method not in METHODS:
        raise Invalid(f"There is no method '{method}'. Choose one of {', '.join(METHODS)}.")
    if not prior_sd > 0:
        raise Invalid(f"The SD of the prior must be above 0, and is {prior_sd:g}.")
    items = parameters_for(responses.items, items)
    if method == "EAP":
        found = _eap(responses, items, prior_mean, prior_sd, quadrature)
    else:
        found = _roots(responses, items, None if method == "WLE" else (prior_mean, prior_sd), bound)
    return pd.DataFrame({**_counts(responses), **found}, index=responses.attempts.rename("attempt_id"))


def eap_by_sum_score(items: pd.DataFrame, *, quadrature: Quadrature | None = None) -> pd.DataFrame:
    """Return the EAP that belongs to each number of right answers on these items, under a standard normal prior.

    EAP(s) = sum_q theta_q f(s | theta_q) w_q / sum_q f(s | theta_q) w_q, f by the recursion of Lord and Wingersky
    (Thissen, Pommerich, Billeaud & Williams 1995, Applied Psychological Measurement 19:39-49).

    Returns
    -------
    DataFrame
        Index `score` 0..J; `theta`, `se` (posterior SD), `probability` of the score in the population.

    Raises
    ------
    Invalid
        If there is no item, or one lacks its parameters or has not a > 0.
    """
    items = parameters_for(items.index, items)
    if not len(items):
        raise Invalid("There is no item. Give the parameters of at least one.")
    quadrature = quadrature or fine_quadrature(items)
    joint = score_distribution(probability(quadrature.points, items)) * quadrature.weights[:, None]
    share = joint.sum(axis=0)
    posterior = joint / np.maximum(share, np.finfo(float).tiny)
    theta = quadrature.points @ posterior
    spread = ((quadrature.points[:, None] - theta) ** 2 * posterior).sum(axis=0)
    return pd.DataFrame(
        {"theta": theta, "se": np.sqrt(spread), "probability": share},
        index=pd.RangeIndex(len(items) + 1, name="score"),
    )


def parameters_for(wanted: pd.Index[str], items: pd.DataFrame) -> pd.DataFrame:
    """Return the parameters of the wanted items in their order, once sure that they can be used.

    Raises
    ------
    Invalid
        If an item has no parameters or has them twice, or its slope is not above 0.
    """
    if not items.index.is_unique:
        twice = items.index[int(items.index.duplicated().argmax())]
        raise Invalid(f"Item '{twice}' has its parameters twice. Keep one row of each item.")
    place = items.index.get_indexer(wanted)
    if (place < 0).any():
        raise Invalid(f"Item '{wanted[int(place.argmin())]}' has no parameters. Calibrate it or leave it out.")
    chosen = items.iloc[place]
    a, _, _ = item_parameters(chosen)
    if (a <= 0).any():
        worst = int(a.argmin())
        raise Invalid(
            f"Item '{chosen.index[worst]}' has a = {a[worst]:g}. A slope must be above 0: check the key, "
            "calibrate again, or leave the item out."
        )
    return chosen


def fine_quadrature(items: pd.DataFrame) -> Quadrature:
    """Return 121 normal nodes on [-6, 6], or as many as keep their spacing below the smallest posterior SD."""
    coarse = normal_quadrature()
    highest = float(information(coarse.points, items).sum(axis=1).max())
    return normal_quadrature(min(max(121, int(np.ceil(12 * np.sqrt(highest + 1))) + 1), 1201))


def _counts(responses: ResponseMatrix) -> dict[str, object]:
    """Return items presented and correct; sums of small integers are much quicker than `count_nonzero`."""
    values, count = responses.values, len(responses.items)
    if not values.size or values.min() > ABSENT:
        return {"items": count, "correct": values.sum(axis=1, dtype=np.int32)}
    shown, right = ((marks.view(np.int8)).sum(axis=1, dtype=np.int32) for marks in (values != ABSENT, values == 1))
    return {"items": shown, "correct": right}


def _blocks(responses: ResponseMatrix) -> Iterator[tuple[slice, npt.NDArray[np.int8]]]:
    for start in range(0, len(responses.attempts), BLOCK):
        rows = slice(start, start + BLOCK)
        yield rows, responses.values[rows]


def _eap(
    responses: ResponseMatrix, items: pd.DataFrame, mean: float, sd: float, quadrature: Quadrature | None
) -> dict[str, object]:
    if quadrature is None:
        scaled = items.assign(a=items["a"] * sd)  # what the items tell about theta in SDs of the prior
        scaled["b"] = (items["b"] - mean) / sd
        quadrature = fine_quadrature(scaled)
    points = mean + sd * quadrature.points
    right, wrong = log_probabilities(points, items)
    weights = np.where(quadrature.weights > 0, quadrature.weights, np.finfo(float).tiny)
    gain, log_prior = np.ascontiguousarray((right - wrong).T), np.log(weights)
    moments = np.column_stack([np.ones_like(points), points, points**2])
    sums = np.empty((len(responses.attempts), 3))
    empty = np.zeros(len(sums), dtype=bool)
    constant, wrong_of = wrong.sum(axis=1) + log_prior, np.ascontiguousarray(wrong.T)
    for rows, values in _blocks(responses):
        if values.size and values.min() == ABSENT:
            presented = values != ABSENT
            empty[rows] = ~presented.any(axis=1)
            posterior = (values == 1).astype(float) @ gain
            posterior += presented.astype(float) @ wrong_of + log_prior
        else:
            posterior = values.astype(float) @ gain
            posterior += constant
        posterior -= posterior.max(axis=1, keepdims=True)
        np.exp(posterior, out=posterior)
        sums[rows] = posterior @ moments
    theta = sums[:, 1] / sums[:, 0]
    se = np.sqrt(np.maximum(sums[:, 2] / sums[:, 0] - theta**2, 0.0))
    theta[empty] = se[empty] = np.nan
    return {"theta": theta, "se": se, "note": np.where(empty, NO_ITEM, "") if empty.any() else ""}


def _roots(
    responses: ResponseMatrix, items: pd.DataFrame, prior: tuple[float, float] | None, bound: float
) -> dict[str, object]:
    """Return MAP under this normal prior, or WLE without one."""
    curves = Curves(*item_parameters(items))
    people = len(responses.attempts)
    theta, se, curvature = (np.full(people, np.nan) for _ in range(3))
    note = np.full(people, "", dtype=object)
    for rows, values in _blocks(responses):
        found = estimating_roots(values, curves, prior, bound)
        theta[rows], se[rows], curvature[rows] = found.theta, found.se, found.se_curvature
        note[rows] = np.where(found.bounded, _bounded(prior, bound), "")
        note[rows] = np.where(found.empty, NO_ITEM, note[rows])
    extra = {} if prior else {"se_curvature": curvature}
    return {"theta": theta, "se": se, **extra, "note": note}


def _bounded(prior: tuple[float, float] | None, bound: float) -> str:
    mean, sd = prior or (0.0, 1.0)
    return f"The estimate lies beyond {mean - bound * sd:g} to {mean + bound * sd:g} and is given as that bound."
