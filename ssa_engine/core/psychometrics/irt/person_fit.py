"""How well persons fit the model: infit and outfit, lz, and lz* of Snijders."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.psychometrics.irt.abilities import BLOCK, abilities, parameters_for
from ssa_engine.core.psychometrics.irt.ability_equations import SMALLEST, Curves
from ssa_engine.core.psychometrics.irt.fit import mean_squares, residual_sums, right_and_wrong
from ssa_engine.core.psychometrics.irt.item_fit import known_abilities
from ssa_engine.core.psychometrics.irt.models import Floats, item_parameters
from ssa_engine.core.psychometrics.matrix import ABSENT, ResponseMatrix

COLUMNS = ("outfit", "z_outfit", "infit", "z_infit", "lz")
TOO_ALIKE = 1e-9
"""Below this share of its usual variance the statistic cannot vary."""


def person_fit(responses: ResponseMatrix, items: pd.DataFrame, *, theta: Floats | None = None) -> pd.DataFrame:
    """Return infit, outfit and lz at the EAP unless other abilities are given, and lz* at the WLE.

    lz = sum (x - P) w / sqrt(sum P Q w^2), w = log(P / Q): the log-likelihood of the answers, standardised as if
    theta were known (Drasgow, Levine & Williams 1985, British Journal of Mathematical and Statistical Psychology
    38:67-86). At an estimated theta its variance is below 1, so that it flags too few.
    lz* = (sum (x - P) w + c r0) / sqrt(sum P Q (w - c r)^2), r = P' / (P Q), c = sum P' w / sum P' r, corrects for
    that; at the WLE r0 = J / (2 I) (Snijders 2001, Psychometrika 66:331-342). Low values are unlikely answers;
    lz* may be held against the standard normal distribution where the test is not short.

    Parameters
    ----------
    responses : ResponseMatrix
        Who had what right.
    items : DataFrame
        Index `item_id`; `a`, `b` and, for the 3PL, `c`.
    theta : array (attempts,), optional
        Abilities for infit, outfit and lz.

    Returns
    -------
    DataFrame
        Index `attempt_id`; `items` presented, `theta` used, `outfit`, `z_outfit`, `infit`, `z_infit`, `lz`, `wle`,
        `lz_star`, `note`: why something is missing, else empty.

    Raises
    ------
    Invalid
        If parameters are missing or cannot be used, or there is not one theta per attempt.
    """
    theta, known = known_abilities(responses, items, theta)
    chosen = parameters_for(responses.items, items)
    parameters = item_parameters(chosen)
    estimates = abilities(responses, chosen, method="WLE")
    wle = estimates["theta"].to_numpy(dtype=float)
    inside = (estimates["note"] == "").to_numpy()
    found = {name: np.full(len(theta), np.nan) for name in (*COLUMNS, "lz_star")}
    for start in range(0, len(theta), BLOCK):
        rows = np.flatnonzero(known[start : start + BLOCK]) + start
        for name, column in zip(COLUMNS, _at(theta[rows], responses.values[rows], parameters), strict=True):
            found[name][rows] = column
        rows = np.flatnonzero(inside[start : start + BLOCK]) + start
        found["lz_star"][rows] = _corrected(wle[rows], responses.values[rows], parameters)
    counts = np.count_nonzero(responses.presented, axis=1)
    found = {name: np.where(counts > 0, column, np.nan) for name, column in found.items()}
    note = _notes(counts, known, inside, np.isnan(found["lz"]), np.isnan(found["lz_star"]))
    lz_star = found.pop("lz_star")
    frame = {"items": counts, "theta": theta, **found, "wle": wle, "lz_star": lz_star, "note": note}
    return pd.DataFrame(frame, index=responses.attempts.rename("attempt_id"))


def _at(
    theta: Floats, values: npt.NDArray[np.int8], parameters: tuple[Floats, Floats, Floats]
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return infit, outfit, their standardised forms and lz, in the order of COLUMNS."""
    p, q = right_and_wrong(theta, parameters)
    squares = mean_squares(residual_sums(values, p, q, axis=1))
    presented = (values != ABSENT).astype(float)
    w = (np.log(p) - np.log(q)) * presented
    sums = (np.where(values == 1, q, -p) * w).sum(axis=1)
    lz = _standardised(sums, (p * q * w**2).sum(axis=1), (p * q * presented).sum(axis=1))
    return squares.outfit, squares.z_outfit, squares.infit, squares.z_infit, lz


def _corrected(theta: Floats, values: npt.NDArray[np.int8], parameters: tuple[Floats, Floats, Floats]) -> Floats:
    """Return lz* at the WLE."""
    presented = (values != ABSENT).astype(float)
    p, q = right_and_wrong(theta, parameters)
    w = (np.log(p) - np.log(q)) * presented
    at = Curves(*parameters).at(theta)
    information = np.maximum((at.information * presented).sum(axis=1), SMALLEST)
    r0 = (at.j * presented).sum(axis=1) / information / 2
    c = (at.r * p * q * w).sum(axis=1) / information
    sums = (np.where(values == 1, q, -p) * w).sum(axis=1) + c * r0
    variance = (p * q * (w - c[:, None] * at.r) ** 2 * presented).sum(axis=1)
    return _standardised(sums, variance, (p * q * w**2).sum(axis=1))


def _standardised(value: Floats, variance: Floats, usual: Floats) -> Floats:
    varies = variance > TOO_ALIKE * usual
    return np.asarray(np.where(varies, value / np.sqrt(np.where(varies, variance, 1.0)), np.nan))


def _notes(
    counts: npt.NDArray[np.intp],
    known: npt.NDArray[np.bool_],
    inside: npt.NDArray[np.bool_],
    no_lz: npt.NDArray[np.bool_],
    no_star: npt.NDArray[np.bool_],
) -> npt.NDArray[np.object_]:
    """Say why something is missing, the first reason that holds."""
    reasons = (
        (counts == 0, "No item was presented, so there is no fit to judge."),
        (~known, "There is no ability to judge the fit at."),
        (no_lz, "All P are 1/2 at this ability: every answer is as likely as the other, and lz cannot vary."),
        (~inside, "The WLE lies too far out for lz*."),
        (no_star, "lz* needs items that differ: here the estimate of ability uses up all that the answers tell."),
    )
    note = np.full(len(counts), "", dtype=object)
    for holds, reason in reversed(reasons):
        note[holds] = reason
    return note
