"""Mean squares of residuals: the infit and outfit of items and of persons, and how they are standardised."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from ssa_engine.core.psychometrics.irt.models import Floats
from ssa_engine.core.psychometrics.matrix import ABSENT

FURTHEST = 300.0
"""Logits beyond this count as this, so that sums of 1 / W stay finite."""


@dataclass(frozen=True, eq=False, slots=True)
class ResidualSums:
    """Sums over what was presented, by item or by person, with W = P Q, the variance of a mark.

    `count` of marks; `squares` (x - P)^2; `standardised` (x - P)^2 / W; `variance` W; `spread_outfit` and
    `spread_infit`: what the variances of outfit and infit are made of, (1 - 4W) / W and W - 4 W^2.
    """

    count: Floats
    squares: Floats
    standardised: Floats
    variance: Floats
    spread_outfit: Floats
    spread_infit: Floats

    def __add__(self, other: Self) -> Self:
        """Add sums over other people."""
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, eq=False, slots=True)
class MeanSquares:
    """Infit and outfit with their standardised forms; missing where nothing was presented."""

    outfit: Floats
    z_outfit: Floats
    infit: Floats
    z_infit: Floats


def right_and_wrong(theta: Floats, parameters: tuple[Floats, Floats, Floats]) -> tuple[Floats, Floats]:
    """Return P and Q = 1 - P (T, J), Q with all its digits also where P is nearly 1."""
    a, b, c = parameters
    z = np.clip(a * (theta[:, None] - b), -FURTHEST, FURTHEST)
    return c + (1 - c) * expit(z), (1 - c) * expit(-z)


def residual_sums(values: npt.NDArray[np.int8], p: Floats, q: Floats, *, axis: int) -> ResidualSums:
    """Sum residuals over people (`axis` 0) or over items (`axis` 1)."""
    presented = (values != ABSENT).astype(float)
    right = values == 1
    variance = p * q
    parts = (
        np.ones_like(p),
        np.where(right, q, p) ** 2,
        np.where(right, q / p, p / q),
        variance,
        1 / variance - 4,
        variance - 4 * variance**2,
    )
    return ResidualSums(*((part * presented).sum(axis=axis) for part in parts))


def mean_squares(sums: ResidualSums) -> MeanSquares:
    """Return infit and outfit of residual sums.

    outfit = mean of (x - P)^2 / W; infit = sum (x - P)^2 / sum W (Wright & Masters 1982, Rating Scale Analysis,
    chapter 5). Standardised by the cube-root transformation there: z = (ms^(1/3) - 1) 3/s + s/3, with s^2 the
    variance of the mean square, here not above 2 (so R's mirt).
    """
    known = sums.count > 0
    count, variance = np.where(known, sums.count, 1.0), np.where(known, sums.variance, 1.0)
    outfit = np.where(known, sums.standardised / count, np.nan)
    infit = np.where(known, sums.squares / variance, np.nan)
    return MeanSquares(
        outfit,
        _standardised(outfit, sums.spread_outfit / count**2),
        infit,
        _standardised(infit, sums.spread_infit / variance**2),
    )


def _standardised(mean_square: Floats, variance: Floats) -> Floats:
    """Return the mean square as a z; missing where it cannot vary (all P = 1/2)."""
    varies = variance > 1e-12
    sd = np.sqrt(np.minimum(np.where(varies, variance, 1.0), 2.0))
    return np.asarray(np.where(varies, (np.cbrt(mean_square) - 1) * 3 / sd + sd / 3, np.nan))
