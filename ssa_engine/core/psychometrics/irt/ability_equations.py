"""The equations whose roots are MAP and WLE, and their solution for all attempts of a block at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, log_expit

from ssa_engine.core.psychometrics.irt.models import Floats, item_parameters
from ssa_engine.core.psychometrics.matrix import ABSENT

STEP = 0.25
"""Spacing of the first look, in SDs: each maximum of the likelihood has its own cell."""
ROUNDS, NEWTON_ROUNDS, CLOSE = 80, 25, 1e-11
"""After so many rounds of Newton's steps whatever has not settled is halved, so that it must."""
SMALLEST = 1e-300


@dataclass(frozen=True, eq=False, slots=True)
class Slopes:
    """What the equations need of each item at some theta (T, J), dashes for derivatives by theta.

    `p` = P; `r` = P' / (P Q), the weight of x - P in the derivative of the log-likelihood; `information` = r P';
    `j` = r P''; `dr` = r', `dinformation`, `dj` their derivatives.
    """

    p: Floats
    r: Floats
    dr: Floats
    information: Floats
    dinformation: Floats
    j: Floats
    dj: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Curves:
    """Items by their parameters, arrays (J,)."""

    a: Floats
    b: Floats
    c: Floats

    def at(self, theta: Floats) -> Slopes:
        """Return P and what is derived from it at these theta (T,)."""
        a, c = self.a, self.c
        z = a * (theta[:, None] - self.b)
        rising, falling = expit(z), expit(-z)
        p = c + (1 - c) * rising
        guessed = (c > 0) & (p > 0)
        share = np.divide(rising, p, out=np.ones_like(p), where=guessed)
        r = a * share
        slope = a * rising * falling
        dr = np.divide(a * slope * c, p**2, out=np.zeros_like(p), where=guessed)
        d1 = (1 - c) * slope
        d2 = a * d1 * (falling - rising)
        d3 = a**2 * d1 * ((falling - rising) ** 2 - 2 * rising * falling)
        return Slopes(p, r, dr, r * d1, dr * d1 + r * d2, r * d2, dr * d2 + r * d3)


@dataclass(frozen=True, eq=False, slots=True)
class Roots:
    """Estimates of a block of attempts: missing where `empty`, at the bound where `bounded`."""

    theta: Floats
    se: Floats
    se_curvature: Floats
    bounded: npt.NDArray[np.bool_]
    empty: npt.NDArray[np.bool_]


def log_probabilities(theta: Floats, items: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return log P and log (1 - P), each (T, J), finite also where P is 0 or 1 to the last digit."""
    a, b, c = item_parameters(items)
    z = a * (theta[:, None] - b)
    floor = np.log(c, out=np.full_like(c, -np.inf), where=c > 0)
    return np.logaddexp(floor, np.log1p(-c) + log_expit(z)), np.log1p(-c) + log_expit(-z)


def warm(information: Floats, dinformation: Floats, j: Floats, dj: Floats) -> tuple[Floats, Floats]:
    """Return Warm's J / (2 I) and its derivative by theta, from sums over items."""
    information = np.maximum(information, SMALLEST)
    ratio = j / information
    return ratio / 2, (dj / information - ratio * (dinformation / information)) / 2


def estimating_roots(
    values: npt.NDArray[np.int8], curves: Curves, prior: tuple[float, float] | None, bound: float
) -> Roots:
    """Solve l'(theta) + g(theta) = 0 for each row; g is the prior's -(theta - mean) / sd^2, or Warm's J / (2 I).

    A first look on a grid finds the cell of the highest maximum; Newton's steps then stay within it, and halve
    it where a step would leave it.
    """
    right, seen = (values == 1).astype(float), (values != ABSENT).astype(float)
    mean, sd = prior or (0.0, 1.0)
    grid = mean + sd * np.linspace(-bound, bound, int(np.ceil(2 * bound / STEP)) + 1)
    theta, lower, upper, bounded = _cells(right, seen, curves, prior, grid)
    empty = ~seen.any(axis=1)
    left = np.flatnonzero(~(bounded | empty))
    for number in range(ROUNDS):
        if not len(left):
            break
        now = theta[left]
        value, slope, _, _ = _equation(now, right[left], seen[left], curves, prior)
        lower[left], upper[left] = np.where(value >= 0, now, lower[left]), np.where(value <= 0, now, upper[left])
        newton = now + np.divide(-value, slope, out=np.full_like(now, np.inf), where=slope < 0)
        within = (newton >= lower[left]) & (newton <= upper[left]) & (number < NEWTON_ROUNDS)
        theta[left] = np.where(within, newton, (lower[left] + upper[left]) / 2)
        left = left[np.abs(theta[left] - now) >= CLOSE * sd]
    _, _, total, bend = _equation(theta, right, seen, curves, prior)
    known = ~(empty | bounded)
    precision = total + (0.0 if prior is None else 1 / sd**2)
    return Roots(
        np.where(empty, np.nan, theta),
        _inverse_root(precision, known),
        _inverse_root(total - bend, known),
        bounded & ~empty,
        empty,
    )


def _inverse_root(precision: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    usable = known & (precision > SMALLEST)
    return np.asarray(np.where(usable, 1 / np.sqrt(np.where(usable, precision, 1.0)), np.nan))


def _cells(
    right: Floats, seen: Floats, curves: Curves, prior: tuple[float, float] | None, grid: Floats
) -> tuple[Floats, Floats, Floats, npt.NDArray[np.bool_]]:
    """Return a start and the ends of the cell with each row's highest maximum, and where the grid holds none."""
    at = curves.at(grid)
    value = right @ at.r.T - seen @ (at.r * at.p).T
    if prior is None:
        value += (seen @ at.j.T) / np.maximum(seen @ at.information.T, SMALLEST) / 2
    else:
        value -= (grid - prior[0]) / prior[1] ** 2
    height = np.cumsum((value[:, 1:] + value[:, :-1]) / 2 * np.diff(grid), axis=1)
    falls = (value[:, :-1] >= 0) & (value[:, 1:] < 0)
    top = np.where(falls, height, -np.inf).argmax(axis=1)
    bounded = np.asarray(~falls.any(axis=1))
    rows = np.arange(len(value))
    before, after = value[rows, top], value[rows, top + 1]
    share = np.divide(before, before - after, out=np.full_like(before, 0.5), where=~bounded)
    end = np.where(value[:, -1] > 0, grid[-1], grid[0])
    start = np.where(bounded, end, grid[top] + share * (grid[top + 1] - grid[top]))
    return start, grid[top], grid[top + 1], bounded


def _equation(
    theta: Floats, right: Floats, seen: Floats, curves: Curves, prior: tuple[float, float] | None
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the equation's value, its derivative, the information, and the derivative of what is added to l'."""
    value, slope, total, *sums = (_sums if curves.c.any() else _sums_2pl)(theta, right, seen, curves)
    if prior is None:
        added, bend = warm(total, *sums)
    else:
        added, bend = -(theta - prior[0]) / prior[1] ** 2, np.full_like(theta, -1 / prior[1] ** 2)
    return value + added, slope + bend, total, bend


def _sums(theta: Floats, right: Floats, seen: Floats, curves: Curves) -> tuple[Floats, ...]:
    """Return l', l'', I, I', J and J', sums over the items each row saw."""
    at = curves.at(theta)
    residual = (right - at.p) * seen
    total = (at.information * seen).sum(axis=1)
    others = ((part * seen).sum(axis=1) for part in (at.dinformation, at.j, at.dj))
    return (at.r * residual).sum(axis=1), (at.dr * residual).sum(axis=1) - total, total, *others


def _sums_2pl(theta: Floats, right: Floats, seen: Floats, curves: Curves) -> tuple[Floats, ...]:
    """Return the same where no c is above 0: J is I' then, and the sums are products of matrices."""
    a = curves.a
    p = expit(a * (theta[:, None] - curves.b))
    variance = p * (1 - p)
    value = ((right - p) * seen) @ a
    curved = 1 - 6 * variance  # (1 - 2P)^2 - 2 P Q
    variance *= seen
    total = variance @ a**2
    curved *= variance
    dj = curved @ a**4
    variance *= 1 - 2 * p
    j = variance @ a**3
    return value, -total, total, j, j, dj
