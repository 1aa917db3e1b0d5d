"""The models that can be calibrated: curves, starting values, and the M-step that fits them to expected counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, log_expit, logit

Floats = npt.NDArray[np.float64]

LARGEST_SLOPE = 10.0
"""|a| is held within this: beyond it the items sort persons perfectly, and the likelihood only creeps up."""
LOGIT_C = (-12.0, 4.0)
"""Far outside of what the prior allows: for steps that overshoot."""
NEWTON_STEPS, HALVINGS = 4, 12
NEWTON_TOLERANCE = 1e-9
LARGEST_STEP = 2.0


@dataclass(frozen=True, kw_only=True)
class Priors:
    """Priors of the 3PL; the other models have none. The defaults follow the practice for items with five options.

    Both are densities of a and c themselves, as in Mislevy (1986), Psychometrika 51:177-195; the estimates
    are modes.
    """

    log_a_mean: float = 0.0
    log_a_sd: float = 0.5
    c_alpha: float = 5.0
    """Beta(5, 17) on c has its mode at .20 and the weight of 20 answers."""
    c_beta: float = 17.0


@dataclass(frozen=True, eq=False, slots=True)
class Curves:
    """Item curves at the nodes, each (J, Q): all the E- and the M-step need of a model."""

    p: Floats
    log_wrong: Floats
    log_odds: Floats
    derivatives: tuple[Floats, ...]
    """dP/dparameter / (P (1 - P)), one for each parameter."""


@dataclass(frozen=True, eq=False, slots=True)
class Counts:
    """Expected counts at the nodes (Bock & Aitkin 1981, equations 11 and 12): each (J, Q)."""

    right: Floats
    shown: Floats


@dataclass(frozen=True, kw_only=True)
class Model:
    """One of the models. Parameters of the items are rows: (a, d), or (log a, d, logit c) for the 3PL."""

    name: str
    smallest_items: int
    """With fewer items the data have fewer degrees of freedom than the model has parameters."""
    common_slope: bool = False
    priors: Priors | None = None

    def start(self, share: Floats) -> Floats:
        """Return starting values from the share correct: slope 1, and d so that the margin fits, nearly."""
        guessing = np.full_like(share, 0.15) if self.priors else np.zeros_like(share)
        known = np.clip((share - guessing) / (1 - guessing), 0.02, 0.98)
        d = logit(known) * np.sqrt(1 + 1 / 1.702**2)
        if self.priors:
            return np.column_stack([np.zeros_like(d), d, logit(guessing)])
        return np.column_stack([np.ones_like(d), d])

    def curves(self, values: Floats, theta: Floats) -> Curves:
        """Return the curves of all items at the nodes."""
        d = values[:, 1, None]
        if not self.priors:
            z = values[:, 0, None] * theta + d
            ones = np.ones_like(z)
            return Curves(expit(z), log_expit(-z), z, (theta * ones, ones))
        slope = np.exp(values[:, 0, None]) * theta
        z, c = slope + d, expit(values[:, 2, None])
        rising = expit(z)
        p = c + (1 - c) * rising
        log_wrong = log_expit(-z) + np.log1p(-c)
        return Curves(p, log_wrong, np.log(p) - log_wrong, (slope * rising / p, rising / p, c / p))

    @property
    def parameters(self) -> int:
        """How many there are of each item."""
        return 3 if self.priors else 2

    def linear(self, values: Floats) -> Floats | None:
        """Return (a, d) where log odds are a theta + d, and nothing where they are not."""
        return None if self.priors else values

    def penalty(self, values: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the log prior of each item (J,), its gradient (J, K), and its negative curvature (J, K)."""
        gradient, curvature = np.zeros_like(values), np.zeros_like(values)
        if not self.priors:
            return np.zeros(len(values)), gradient, curvature
        prior, log_a, c = self.priors, values[:, 0], expit(values[:, 2])
        off = (log_a - prior.log_a_mean) / prior.log_a_sd
        weight = prior.c_alpha + prior.c_beta - 2
        logged = (prior.c_alpha - 1) * log_expit(values[:, 2]) + (prior.c_beta - 1) * log_expit(-values[:, 2])
        gradient[:, 0], curvature[:, 0] = -off / prior.log_a_sd - 1, 1 / prior.log_a_sd**2
        gradient[:, 2], curvature[:, 2] = prior.c_alpha - 1 - weight * c, weight * c * (1 - c)
        return logged - off**2 / 2 - log_a, gradient, curvature

    def bounded(self, values: Floats) -> npt.NDArray[np.bool_]:
        """Say which items have their slope at its bound."""
        slope = np.exp(values[:, 0]) if self.priors else np.abs(values[:, 0])
        return np.asarray(slope >= LARGEST_SLOPE * (1 - 1e-9))

    def maximise(self, values: Floats, counts: Counts, theta: Floats) -> Floats:
        """Return the parameters that fit the counts better: Fisher scoring from `values`, per item, no step downhill.

        Without c this is Newton's method, and the function is concave; a few steps from the last EM cycle's values do.
        """
        curves = self.curves(values, theta)
        reached = self._objective(values, curves, counts)
        for _ in range(NEWTON_STEPS):
            step = self._step(values, curves, counts)
            for _ in range(HALVINGS):
                tried = self.within(values + step)
                curves = self.curves(tried, theta)
                found = self._objective(tried, curves, counts)
                lower = found < reached - 1e-12 * np.abs(reached)
                if not lower.any():
                    break
                step = np.where(lower[:, None], step / 2, step)
            values, reached = np.where(lower[:, None], values, tried), np.maximum(reached, found)
            if np.max(np.abs(step)) < NEWTON_TOLERANCE:
                break
        return values

    def _objective(self, values: Floats, curves: Curves, counts: Counts) -> Floats:
        fit = np.einsum("jq,jq->j", counts.right, curves.log_odds) + np.einsum(
            "jq,jq->j", counts.shown, curves.log_wrong
        )
        fit = fit + self.penalty(values)[0]
        return np.full_like(fit, fit.sum()) if self.common_slope else fit

    def _step(self, values: Floats, curves: Curves, counts: Counts) -> Floats:
        """Return the scoring step (J, K); an item whose slope leans on its bound moves in the others alone."""
        gradient, information = self.complete(curves, counts)
        _, pull, curvature = self.penalty(values)
        gradient += pull
        width = values.shape[1]
        information[:, np.arange(width), np.arange(width)] += curvature
        outward = gradient[:, 0] * (1.0 if self.priors else np.sign(values[:, 0])) > 0
        if self.common_slope:
            return self._common_step(gradient, information, held=bool(self.bounded(values).all()))
        held = self.bounded(values) & outward
        gradient[held, 0] = information[held, 0, 1:] = information[held, 1:, 0] = 0.0
        information[:, np.arange(width), np.arange(width)] += 1e-9
        step = np.linalg.solve(information, gradient[:, :, None])[:, :, 0]
        return np.asarray(step * np.minimum(1.0, LARGEST_STEP / np.maximum(np.abs(step).max(axis=1), 1e-300))[:, None])

    def _common_step(self, gradient: Floats, information: Floats, *, held: bool) -> Floats:
        """Solve with one slope for all: eliminate the intercepts first."""
        cross, own = information[:, 0, 1], information[:, 1, 1] + 1e-9
        lean = np.sum(gradient[:, 0] - cross * gradient[:, 1] / own)
        stiffness = np.sum(information[:, 0, 0] - cross**2 / own)
        slope = 0.0 if held and lean > 0 else np.clip(lean / (stiffness + 1e-9), -LARGEST_STEP / 2, LARGEST_STEP / 2)
        d = np.clip((gradient[:, 1] - cross * slope) / own, -LARGEST_STEP, LARGEST_STEP)
        return np.column_stack([np.full_like(d, slope), d])

    def complete(self, curves: Curves, counts: Counts) -> tuple[Floats, Floats]:
        """Return gradient (J, K) and expected information (J, K, K) of the complete-data log-likelihood."""
        misfit = counts.right - counts.shown * curves.p
        weight = counts.shown * curves.p * np.exp(curves.log_wrong)
        gradient = np.stack([np.einsum("jq,jq->j", misfit, u) for u in curves.derivatives], axis=1)
        information = np.stack(
            [
                np.stack([np.einsum("jq,jq->j", weight * u, v) for v in curves.derivatives], axis=1)
                for u in curves.derivatives
            ],
            axis=1,
        )
        return gradient, information

    def turning(self, values: Floats, curves: Curves, theta: Floats) -> Floats | None:
        """Return how the 3PL's `derivatives` change with its parameters (J, Q, K, K); without c they do not change."""
        if not self.priors:
            return None
        slope, c = np.exp(values[:, 0, None]) * theta, expit(values[:, 2, None])
        z = slope + values[:, 1, None]
        bend = expit(z) * expit(-z) * c / curves.p**2
        found = np.empty((*curves.p.shape, 3, 3))
        found[..., 0, 0] = curves.derivatives[0] + slope**2 * bend
        found[..., 0, 1] = found[..., 1, 0] = slope * bend
        found[..., 1, 1] = bend
        found[..., 0, 2] = found[..., 2, 0] = -slope * (1 - c) * bend
        found[..., 1, 2] = found[..., 2, 1] = -(1 - c) * bend
        found[..., 2, 2] = c * (1 - c) * expit(z) / curves.p**2
        return found

    def within(self, values: Floats) -> Floats:
        """Return the values, with slopes (and c) brought back within their bounds in place."""
        low, high = (-np.inf, np.log(LARGEST_SLOPE)) if self.priors else (-LARGEST_SLOPE, LARGEST_SLOPE)
        values[:, 0] = np.clip(values[:, 0], low, high)
        if self.priors:
            values[:, 2] = np.clip(values[:, 2], *LOGIT_C)
        return values


MODELS: dict[str, Callable[[Priors], Model]] = {
    "1pl": lambda _: Model(name="1pl", smallest_items=2, common_slope=True),
    "2pl": lambda _: Model(name="2pl", smallest_items=3),
    "3pl": lambda priors: Model(name="3pl", smallest_items=3, priors=priors),
}
