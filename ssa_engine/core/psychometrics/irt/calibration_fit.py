"""The marginal likelihood of a model, and its maximum: EM in squared steps, finished by Newton's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ssa_engine.core.psychometrics.irt.calibration_errors import covariance, observed_information
from ssa_engine.core.psychometrics.irt.calibration_models import Counts, Model
from ssa_engine.core.psychometrics.irt.marginal_likelihood import Patterns, expectation
from ssa_engine.core.psychometrics.irt.models import Quadrature

Floats = npt.NDArray[np.float64]

LARGE = 200_000
"""Persons times items above which EM runs in single precision until it is near, and information is summed in it:
standard errors are then good to about 1e-5 of themselves."""
NEAR = 1e-4
"""How far from their limit EM leaves the parameters to Newton's method."""
NEWTON_STEPS = 8


@dataclass(frozen=True, eq=False, slots=True)
class Fit:
    """Parameters at the maximum (J, K), their covariance (K J, K J), and how they were reached."""

    values: Floats
    log_likelihood: float
    iterations: int
    converged: bool
    covariance: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Likelihood:
    """The marginal likelihood of a model, as a function of its parameters."""

    patterns: Patterns
    model: Model
    quadrature: Quadrature

    @property
    def large(self) -> bool:
        """Whether single precision is worth its while until the last steps."""
        return self.patterns.right.size > LARGE

    def expect(self, values: Floats, *, single: bool = False) -> tuple[Counts, float]:
        """Return the E-step, and the log-likelihood."""
        curves, linear = self.model.curves(values, self.quadrature.points), self.model.linear(values)
        return expectation(self.patterns, curves, self.quadrature, linear, single=single)

    def cycle(self, values: Floats, *, single: bool) -> tuple[Floats, float]:
        """Return the values after an E- and an M-step, and the log-likelihood, with priors, before them."""
        counts, log_likelihood = self.expect(values, single=single)
        better = self.model.maximise(values, counts, self.quadrature.points)
        return better, log_likelihood + float(self.model.penalty(values)[0].sum())

    def gradient(self, values: Floats, counts: Counts) -> Floats:
        """Return the gradient, by Fisher's identity: that of the complete data at the counts expected with `values`."""
        own = self.model.complete(self.model.curves(values, self.quadrature.points), counts)[0]
        return np.asarray((own + self.model.penalty(values)[1]).T.ravel())

    def covariance(self, values: Floats) -> Floats:
        """Return the covariance of the estimates; NaN for what is held at its bound or not determined."""
        kept = np.ones(values.size, dtype=bool)
        kept[: len(values)] = ~self.model.bounded(values)
        information, complete = observed_information(
            self.patterns, self.model, values, self.quadrature, single=self.large
        )
        return covariance(information, complete, kept, common_slope=self.model.common_slope)


def approach(likelihood: Likelihood, start: Floats, tolerance: float, most_iterations: int) -> tuple[Floats, int]:
    """Iterate EM until it is near the maximum; return the parameters and how many iterations it took."""
    return _squarem(likelihood, start, max(tolerance, NEAR), most_iterations, single=likelihood.large)[:2]


def finish(likelihood: Likelihood, values: Floats, tolerance: float, most_iterations: int) -> Fit:
    """Go on from near the maximum by Newton steps; where they do not contract, by EM."""
    tried = 0
    if most_iterations > 0:
        finished, log_likelihood, tried = _newton(likelihood, values, tolerance, min(NEWTON_STEPS, most_iterations))
        if finished is not None:
            return Fit(finished, log_likelihood, tried, True, likelihood.covariance(finished))
    values, steps, converged = _squarem(likelihood, values, tolerance, most_iterations - tried, single=False)
    log_likelihood = likelihood.expect(values)[1]
    return Fit(values, log_likelihood, tried + steps, converged, likelihood.covariance(values))


def _squarem(
    likelihood: Likelihood, values: Floats, tolerance: float, most_iterations: int, *, single: bool
) -> tuple[Floats, int, bool]:
    """Iterate EM with steps extrapolated in squares; fall back on the plain step where the likelihood is lower.

    Return the parameters, how many EM cycles it took, and whether they have come to rest.
    """
    reached, safe, iterations = -np.inf, values, 0
    while iterations < most_iterations:
        once, found = likelihood.cycle(values, single=single)
        iterations += 1
        if found < reached - 1e-9 * abs(found):  # the extrapolation went too far
            values, reached = safe, -np.inf
            continue
        if iterations == most_iterations:
            return once, iterations, False
        twice, reached = likelihood.cycle(once, single=single)
        iterations += 1
        first, second = once - values, twice - once
        sizes = _size(first), _size(second), _size(second - first)
        rate = min(sizes[1] / sizes[0], 0.999)
        if np.abs(second).max() * rate / (1 - rate) < tolerance:
            return twice, iterations, True
        length = max(sizes[0] / sizes[2], 1.0)  # the third of their steplengths, "SqS3"
        safe, values = twice, likelihood.model.within(values + 2 * length * first + length**2 * (second - first))
    return safe, iterations, False


def _newton(
    likelihood: Likelihood, values: Floats, tolerance: float, most_steps: int
) -> tuple[Floats | None, float, int]:
    """Return where steps with the information held fixed lead to (nothing where they do not contract), and how many."""
    before, spread = np.inf, likelihood.covariance(values)
    for steps in range(1, most_steps + 1):
        counts, log_likelihood = likelihood.expect(values)
        step = (spread @ likelihood.gradient(values, counts)).reshape(values.shape[::-1]).T
        change = float(np.abs(step).max())
        if change < tolerance:
            return values, log_likelihood, steps
        if not change < before / 2:
            return None, log_likelihood, steps
        values, before = likelihood.model.within(values + step), change
    return None, log_likelihood, most_steps


def _size(step: Floats) -> float:
    return max(float(np.sqrt(np.sum(step**2))), 1e-300)
