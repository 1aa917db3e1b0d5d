"""Linking: the constants that put a new calibration on the scale of the bank, found from items in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import least_squares
from scipy.special import expit

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt.abilities import parameters_for
from ssa_engine.core.psychometrics.irt.anchor_drift import anchor_drift
from ssa_engine.core.psychometrics.irt.models import Floats, Quadrature, item_parameters, normal_quadrature, probability

Method = Literal["mean-sigma", "mean-mean", "stocking-lord", "haebara"]
METHODS: tuple[Method, ...] = ("mean-sigma", "mean-mean", "stocking-lord", "haebara")
DIRECTION = "new to bank: theta_bank = slope * theta_new + intercept"
SMALLEST_SPREAD = 1e-9
"""Below this SD the difficulties of the anchors do not vary."""
SEARCH = 1e-14
"""Tolerance of the search for the smallest distance between curves."""


@dataclass(frozen=True, eq=False, slots=True)
class Linking:
    """Where the new scale lies on the bank's: theta_bank = `slope` * theta_new + `intercept`.

    `method`, `direction` and `weights` (the abilities at which curves were compared) say how it was found;
    `anchors` is one row per anchor, see `anchor_drift`.
    """

    slope: float
    intercept: float
    method: Method
    direction: str
    weights: str
    anchors: pd.DataFrame

    def theta(self, theta: Floats) -> Floats:
        """Return abilities of the new scale on the bank's; their standard errors are multiplied by `slope`."""
        return np.asarray(self.slope * np.asarray(theta, dtype=float) + self.intercept)


def link(
    new: pd.DataFrame,
    bank: pd.DataFrame,
    *,
    method: Method = "stocking-lord",
    anchors: Iterable[str] | None = None,
    quadrature: Quadrature | None = None,
) -> Linking:
    """Find the slope A and intercept B that put the new items on the bank's scale: a* = a / A, b* = A b + B.

    mean-sigma: A = SD(b_bank) / SD(b_new) (Marco 1977, Journal of Educational Measurement 14:139-160).
    mean-mean: A = mean(a_new) / mean(a_bank) (Loyd & Hoover 1980, Journal of Educational Measurement 17:179-193).
    Both: B = mean(b_bank) - A mean(b_new).
    stocking-lord: A and B minimise sum_q w_q (sum_i P_bank - sum_i P_new*)^2, the distance between the test
    characteristic curves of the anchors (Stocking & Lord 1983, Applied Psychological Measurement 7:201-210).
    haebara: they minimise sum_q w_q sum_i (P_bank - P_new*)^2 (Haebara 1980, Japanese Psychological Research
    22:144-149). Both in one direction only, on the bank's scale.

    Parameters
    ----------
    new, bank : DataFrame
        Index `item_id`; `a`, `b` and, for the 3PL, `c`.
    method : {"mean-sigma", "mean-mean", "stocking-lord", "haebara"}
        How.
    anchors : iterable of str, optional
        Items to link by. Default: all that both have.
    quadrature : Quadrature, optional
        Where curves are compared, on the bank's scale. Default: -4, -3.9, ..., 4 with normal weights.

    Raises
    ------
    Invalid
        If there are fewer than two anchors, one has no usable parameters, the method is unknown, or it needs
        difficulties that vary and they do not.
    """
    if method not in METHODS:
        raise Invalid(f"There is no method '{method}'. Choose one of {', '.join(METHODS)}.")
    ids = bank.index.intersection(new.index, sort=False) if anchors is None else pd.Index(list(anchors)).unique()
    if len(ids) < 2:
        raise Invalid(f"Linking needs at least 2 anchors, items that both scales have; here: {len(ids)}.")
    ours, theirs = parameters_for(ids, new), parameters_for(ids, bank)
    quadrature = quadrature or normal_quadrature(81, lower=-4, upper=4)
    if method in {"mean-sigma", "mean-mean"}:
        slope, intercept = _by_moments(ours, theirs, method)
        weights = "none"
    else:
        slope, intercept = _by_curves(ours, theirs, quadrature, summed=method == "stocking-lord")
        points = quadrature.points
        weights = f"{len(points)} points on [{points[0]:g}, {points[-1]:g}] of the bank's scale, weights summing to 1"
    drift = anchor_drift(ours, theirs, slope, intercept, quadrature)
    return Linking(slope, intercept, method, DIRECTION, weights, drift)


def apply(linking: Linking, items: pd.DataFrame) -> pd.DataFrame:
    """Put item parameters of the new scale on the bank's: a / A, A b + B; `c` stays.

    Parameters
    ----------
    linking : Linking
        The constants.
    items : DataFrame
        Columns `a`, `b`. If there are `a_se`, `b_se`, they follow, the constants taken as known; `d` becomes
        -a b; `d_se` is left out, because it needs a covariance that is not here. Other columns stay.
    """
    placed = items.drop(columns="d_se", errors="ignore").copy()
    placed["a"] = items["a"] / linking.slope
    placed["b"] = linking.slope * items["b"] + linking.intercept
    if "a_se" in items:
        placed["a_se"] = items["a_se"] / linking.slope
    if "b_se" in items:
        placed["b_se"] = items["b_se"] * linking.slope
    if "d" in items:
        placed["d"] = -placed["a"] * placed["b"]
    return placed


def _by_moments(new: pd.DataFrame, bank: pd.DataFrame, method: Method) -> tuple[float, float]:
    b_new, b_bank = new["b"].to_numpy(dtype=float), bank["b"].to_numpy(dtype=float)
    if method == "mean-mean":
        slope = float(new["a"].mean() / bank["a"].mean())
    else:
        for name, b in (("new calibration", b_new), ("bank", b_bank)):
            if b.std() < SMALLEST_SPREAD:
                raise Invalid(
                    f"In the {name} the difficulties of the {len(b)} anchors do not vary, and mean-sigma needs "
                    "their spread. Use mean-mean, Stocking-Lord or Haebara, or other anchors."
                )
        slope = float(b_bank.std() / b_new.std())
    return slope, float(b_bank.mean() - slope * b_new.mean())


def _by_curves(new: pd.DataFrame, bank: pd.DataFrame, quadrature: Quadrature, *, summed: bool) -> tuple[float, float]:
    """Return the constants of the smallest distance; the search is over log A and B, from several starts."""
    points, root = quadrature.points, np.sqrt(quadrature.weights)[:, None]
    target = probability(points, bank)
    a, b, c = item_parameters(new)

    def distances(constants: Floats) -> Floats:
        slope, intercept = np.exp(constants[0]), constants[1]
        curves = c + (1 - c) * expit(a / slope * (points[:, None] - slope * b - intercept))
        difference = root * (target - curves)
        return np.asarray(difference.sum(axis=1) if summed else difference.ravel())

    def derivatives(constants: Floats) -> Floats:
        slope, intercept = np.exp(constants[0]), constants[1]
        z = a / slope * (points[:, None] - slope * b - intercept)
        steep = root * (1 - c) * expit(z) * expit(-z) * a / slope
        both = np.stack([steep * (points[:, None] - intercept), steep], axis=-1)
        return np.asarray(both.sum(axis=1) if summed else both.reshape(-1, 2))

    return _smallest(distances, derivatives, _starts(new, bank))


def _starts(new: pd.DataFrame, bank: pd.DataFrame) -> list[Floats]:
    starts = [np.zeros(2)]
    for method in ("mean-mean", "mean-sigma"):
        try:
            slope, intercept = _by_moments(new, bank, method)
        except Invalid:
            continue
        starts.append(np.array([np.log(slope), intercept]))
    return starts


def _smallest(
    distances: Callable[[Floats], Floats], derivatives: Callable[[Floats], Floats], starts: list[Floats]
) -> tuple[float, float]:
    found = [
        least_squares(
            distances,
            start,
            jac=derivatives,
            bounds=([-np.log(100), -50], [np.log(100), 50]),
            xtol=SEARCH,
            ftol=SEARCH,
            gtol=SEARCH,
            max_nfev=500,
        )
        for start in (np.clip(start, [-4, -40], [4, 40]) for start in starts)
    ]
    best = min(found, key=lambda result: float(result.cost))
    if best.active_mask.any():
        raise Invalid(
            "The curves of the anchors cannot be brought together: the slope or the intercept runs away. "
            "Look at the parameters of the anchors, and leave out those that do not belong."
        )
    return float(np.exp(best.x[0])), float(best.x[1])
