"""How well items fit the model: infit and outfit, and S-X2 of Orlando and Thissen with its tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt.abilities import BLOCK, abilities, fine_quadrature, parameters_for
from ssa_engine.core.psychometrics.irt.fit import ResidualSums, mean_squares, residual_sums, right_and_wrong
from ssa_engine.core.psychometrics.irt.models import (
    Floats,
    Quadrature,
    item_parameters,
    probability,
    score_distribution,
)
from ssa_engine.core.psychometrics.matrix import ResponseMatrix


@dataclass(frozen=True, eq=False, slots=True)
class ScoreFit:
    """S-X2 of every item.

    `items`: index `item_id`; `n` attempts that saw every item, `groups` of scores after joining, `s_x2`, `df`,
    `p_value`, `rmsea`, `note`. `tables`: one row per item and score 1..J-1: `item_id`, `score`, `observed_0`,
    `observed_1`, `expected_0`, `expected_1` (attempts with the item wrong and right), `group`: which scores were
    joined, numbered from 1; 0 for a score nobody had.
    """

    items: pd.DataFrame
    tables: pd.DataFrame


def item_fit(responses: ResponseMatrix, items: pd.DataFrame, *, theta: Floats | None = None) -> pd.DataFrame:
    """Return infit and outfit of every item, at the EAP unless other abilities are given.

    Both are near 1 under the model; see `fit.mean_squares`. At estimated abilities they run a little low, and
    differ from estimator to estimator: name the one used.

    Parameters
    ----------
    responses : ResponseMatrix
        Who had what right.
    items : DataFrame
        Index `item_id`; `a`, `b` and, for the 3PL, `c`.
    theta : array (attempts,), optional
        Abilities; missing ones leave the attempt out.

    Returns
    -------
    DataFrame
        Index `item_id`; `n`, `outfit`, `z_outfit`, `infit`, `z_infit`, `note`.

    Raises
    ------
    Invalid
        If parameters are missing or cannot be used, or there is not one theta per attempt.
    """
    theta, known = known_abilities(responses, items, theta)
    parameters = item_parameters(parameters_for(responses.items, items))
    zero = np.zeros(len(responses.items))
    sums = ResidualSums(zero, zero, zero, zero, zero, zero)
    for start in range(0, len(theta), BLOCK):
        rows = np.flatnonzero(known[start : start + BLOCK]) + start
        p, q = right_and_wrong(theta[rows], parameters)
        sums = sums + residual_sums(responses.values[rows], p, q, axis=0)
    found = mean_squares(sums)
    note = np.where(sums.count > 0, "", "Nobody with a known ability was shown this item.")
    return pd.DataFrame(
        {
            "n": sums.count.astype(int),
            "outfit": found.outfit,
            "z_outfit": found.z_outfit,
            "infit": found.infit,
            "z_infit": found.z_infit,
            "note": note.astype(object),
        },
        index=responses.items.rename("item_id"),
    )


def known_abilities(
    responses: ResponseMatrix, items: pd.DataFrame, theta: Floats | None
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the abilities to judge fit at, the EAP if none are given, and which of them are known.

    Raises
    ------
    Invalid
        If there is not one theta per attempt.
    """
    if theta is None:
        theta = abilities(responses, items, method="EAP")["theta"].to_numpy(dtype=float)
    theta = np.asarray(theta, dtype=float)
    if theta.shape != (len(responses.attempts),):
        raise Invalid(f"There are {len(responses.attempts)} attempts and {theta.size} abilities. Give one per attempt.")
    return theta, np.isfinite(theta)


def score_fit(
    responses: ResponseMatrix,
    items: pd.DataFrame,
    *,
    mincell: float = 1.0,
    estimated: int | None = None,
    quadrature: Quadrature | None = None,
) -> ScoreFit:
    """Return S-X2: observed and expected shares right of each item, among those with the same total score.

    E(s) = sum_q P_i f*(s - 1) w / sum_q f(s) w, where f is the distribution of the score and f* that of the score
    without item i, given theta_q; S-X2 = sum over s of N (O - E)^2 / (E (1 - E)), s = 1..J-1 (Orlando & Thissen
    2000, Applied Psychological Measurement 24:50-64). Degrees of freedom: groups less estimated parameters.

    Scores are joined until every expected count reaches `mincell`, by the rule of R's mirt: scores nobody has are
    left out; a score of one person joins the next higher (the last, the next lower); then, from the lowest, a score
    with a count too small joins its neighbour with fewer people, the lower if they are equal.

    Parameters
    ----------
    responses : ResponseMatrix
        Only attempts that saw every item are counted.
    items : DataFrame
        Index `item_id`; `a`, `b` and, for the 3PL, `c`.
    mincell : float
        Smallest expected count of a cell, in attempts.
    estimated : int, optional
        Parameters estimated per item. Default: 2, and 3 where c > 0; mirt counts 2 under a common slope as well.
    quadrature : Quadrature, optional
        Default: that of `abilities`.

    Raises
    ------
    Invalid
        If nobody saw every item, or parameters are missing or cannot be used.
    """
    items = parameters_for(responses.items, items)
    values = responses.values[responses.presented.all(axis=1)]
    if not values.size:
        raise Invalid("Nobody saw all of these items, which S-X2 needs. Ask for the items of one form at a time.")
    tables = _tables(values, items, quadrature or fine_quadrature(items))
    free = np.where(item_parameters(items)[2] > 0, 3, 2) if estimated is None else np.full(len(items), estimated)
    rows, parts = [], []
    for item_id, table, parameters in zip(items.index, tables, free, strict=True):
        groups = _joined(table, mincell)
        rows.append(_statistic(table, groups, int(parameters), len(values)))
        frame = pd.DataFrame(table, columns=["observed_0", "observed_1", "expected_0", "expected_1"])
        frame.insert(0, "item_id", item_id)
        frame.insert(1, "score", np.arange(1, len(items)))
        parts.append(frame.assign(group=groups))
    return ScoreFit(pd.DataFrame(rows, index=items.index.rename("item_id")), pd.concat(parts, ignore_index=True))


def _tables(values: npt.NDArray[np.int8], items: pd.DataFrame, quadrature: Quadrature) -> list[Floats]:
    """Return per item the scores 1..J-1 by observed wrong, right, expected wrong, right."""
    count = len(items)
    p = probability(quadrature.points, items)
    weights = quadrature.weights
    marginal = np.maximum(weights @ score_distribution(p), np.finfo(float).tiny)[1:count]
    total = np.asarray(values.sum(axis=1, dtype=np.int64))
    people = np.bincount(total, minlength=count + 1)[1:count].astype(float)
    tables = []
    for index in range(count):
        rest = score_distribution(np.delete(p, index, axis=1))[:, : count - 1]
        share = np.minimum((weights * p[:, index]) @ rest / marginal, 1.0)
        right = np.bincount(total, weights=values[:, index], minlength=count + 1)[1:count]
        tables.append(np.column_stack([people - right, right, people * (1 - share), people * share]))
    return tables


def _joined(table: Floats, mincell: float) -> npt.NDArray[np.int64]:
    """Return which group each score is in, from 1; 0 where nobody has the score."""
    people = table[:, :2].sum(axis=1)
    groups = [[score] for score in np.flatnonzero(people > 0).tolist()]
    index = 0
    while index < len(groups) and len(groups) > 1:
        if people[groups[index]].sum() > 1:
            index += 1
            continue
        _join(groups, index, index + 1 if index + 1 < len(groups) else index - 1)
    while len(groups) > 1:
        small = [table[group, 2:].sum(axis=0).min() < mincell for group in groups]
        if not any(small):
            break
        index = small.index(True)
        beside = [other for other in (index - 1, index + 1) if 0 <= other < len(groups)]
        _join(groups, index, min(beside, key=lambda other: people[groups[other]].sum()))
    numbers = np.zeros(len(table), dtype=np.int64)
    for number, group in enumerate(groups, start=1):
        numbers[group] = number
    return numbers


def _join(groups: list[list[int]], index: int, other: int) -> None:
    groups[other] = sorted(groups[other] + groups[index])
    del groups[index]


def _statistic(table: Floats, groups: npt.NDArray[np.int64], parameters: int, n: int) -> dict[str, object]:
    """Return S-X2 of the joined table, or why there is none."""
    count = int(groups.max(initial=0))
    df = count - parameters
    found: dict[str, object] = {"n": n, "groups": count}
    if df <= 0:
        note = (
            f"With {parameters} estimated parameters S-X2 needs {parameters + 1} groups of scores; there are {count}."
        )
        return {**found, "s_x2": np.nan, "df": max(df, 0), "p_value": np.nan, "rmsea": np.nan, "note": note}
    sums = np.array([table[groups == number].sum(axis=0) for number in range(1, count + 1)])
    difference = (sums[:, :2] - sums[:, 2:]) ** 2
    value = float((difference / np.maximum(sums[:, 2:], np.finfo(float).tiny)).sum())
    rmsea = float(np.sqrt(max(value - df, 0.0) / (df * (n - 1))))
    return {**found, "s_x2": value, "df": df, "p_value": float(chi2.sf(value, df)), "rmsea": rmsea, "note": ""}
