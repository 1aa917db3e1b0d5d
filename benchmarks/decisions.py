"""Decisions at a cut: twelve areas over all their cuts, beside Gauss–Jacobi quadrature cut by cut."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import beta as beta_function
from scipy.special import roots_jacobi
from scipy.stats import binom

from ssa_engine.core.psychometrics.decisions.beta_binomial import BetaTrueScores
from ssa_engine.core.psychometrics.decisions.classification import Classification, beta_binomial, sweep

AREAS, ITEMS, PEOPLE, NODES = 12, 10, 2000, 60
SEED = 20260401
HIGHEST_MS = 100.0

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Result:
    """Medians of the runs."""

    engine_ms: float
    quadrature_ms: float
    difference: float
    """The largest between engine and quadrature, of all accuracies and consistencies."""

    @property
    def ratio(self) -> float:
        """How many times as long the quadrature takes."""
        return self.quadrature_ms / self.engine_ms


def measure(*, runs: int) -> Result:
    """Time the sweep, from the frequencies of scores to every figure, and the same by quadrature, in turn."""
    frequencies = _frequencies()
    ours, theirs = _swept(frequencies), _by_quadrature(beta_binomial(frequencies, cut=0, true_cut=0.0).true_scores)
    difference = max(float(np.abs(ours.accuracy - theirs[0]).max()), float(np.abs(ours.consistency - theirs[1]).max()))
    engine, quadrature = [], []
    for _ in range(runs):
        begin = time.perf_counter()
        result = _swept(frequencies)
        _ = result.accuracy, result.consistency, result.kappa
        engine.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        _by_quadrature(beta_binomial(frequencies, cut=0, true_cut=0.0).true_scores)
        quadrature.append(time.perf_counter() - begin)
    return Result(1000 * statistics.median(engine), 1000 * statistics.median(quadrature), difference)


def table(result: Result) -> str:
    """Return what was measured as a table."""
    return "\n".join(
        (
            f"| {AREAS} areas of {ITEMS} items, cuts 0 to {ITEMS} | ms |",
            "| --- | --- |",
            f"| exact sums, fit and sweep | {result.engine_ms:.1f} |",
            f"| Gauss–Jacobi with {NODES} nodes, split at each cut | {result.quadrature_ms:.1f} |",
        )
    )


def problems(result: Result) -> list[str]:
    """Say which limits are not kept."""
    found = []
    if result.engine_ms > HIGHEST_MS:
        found.append(f"The sweep takes {result.engine_ms:.0f} ms; at most {HIGHEST_MS:.0f} are allowed.")
    if result.difference > 1e-9:
        found.append(f"The sweep and its quadrature differ by {result.difference:.1e}; at most 1e-9 is rounding.")
    return found


def _frequencies() -> Array:
    """Return how many of the simulated people have each score, by area."""
    random = np.random.default_rng(SEED)
    alpha, beta = random.uniform(2, 6, AREAS), random.uniform(1, 3, AREAS)
    scores = random.binomial(ITEMS, random.beta(alpha[:, None], beta[:, None], (AREAS, PEOPLE)))
    return np.array([np.bincount(row, minlength=ITEMS + 1) for row in scores], dtype=float)


def _swept(frequencies: Array) -> Classification:
    return sweep(beta_binomial(frequencies, cut=0, true_cut=0.0).true_scores, ITEMS)


def _by_quadrature(true_scores: BetaTrueScores) -> tuple[Array, Array]:
    """Return accuracy and consistency (areas × cuts), each cut by two rules of its own."""
    accuracy, consistency = np.ones((2, len(true_scores), ITEMS + 1))
    for area in range(len(true_scores)):
        alpha, beta = float(true_scores.alpha[area]), float(true_scores.beta[area])
        for cut in range(1, ITEMS + 1):
            at = cut / ITEMS
            low, low_weights = roots_jacobi(NODES, 0.0, alpha - 1)
            low, low_weights = at * (low + 1) / 2, low_weights * (at / 2) ** alpha
            low_weights = low_weights * (1 - low) ** (beta - 1) / beta_function(alpha, beta)
            if cut == ITEMS:  # one rule, with the powers of both ends
                low, low_weights = roots_jacobi(NODES, beta - 1, alpha - 1)
                low, low_weights = (low + 1) / 2, low_weights / low_weights.sum()
            high, high_weights = roots_jacobi(NODES, beta - 1, 0.0)
            high, high_weights = at + (1 - at) * (high + 1) / 2, high_weights * ((1 - at) / 2) ** beta
            high_weights = high_weights * high ** (alpha - 1) / beta_function(alpha, beta)
            low_below, high_below = binom.cdf(cut - 1, ITEMS, low), binom.cdf(cut - 1, ITEMS, high)
            accuracy[area, cut] = low_weights @ low_below + high_weights @ (1 - high_below)
            below, weights = np.r_[low_below, high_below], np.r_[low_weights, high_weights]
            consistency[area, cut] = weights @ (below**2 + (1 - below) ** 2)
    return accuracy, consistency
