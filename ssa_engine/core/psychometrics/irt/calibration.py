"""Calibration of items on one scale: marginal maximum likelihood for the 1PL, 2PL and 3PL, also on sparse data."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt.calibration_fit import Fit, Likelihood, approach, finish
from ssa_engine.core.psychometrics.irt.calibration_models import LARGEST_SLOPE, MODELS, Model, Priors
from ssa_engine.core.psychometrics.irt.marginal_likelihood import Patterns, patterns_of
from ssa_engine.core.psychometrics.irt.models import Quadrature, information, normal_quadrature
from ssa_engine.core.psychometrics.matrix import ABSENT, ResponseMatrix

Floats = npt.NDArray[np.float64]

FEWEST_NODES, MOST_NODES = 61, 401
WIDEST_SPACING = 1.1
"""Of nodes, in units of the smallest posterior SD: the sum over nodes is then off by about 1e-7 of itself."""
SMALLEST_SLOPE = 1e-3
"""Below this b = -d / a says nothing."""
FARTHEST, LARGEST_ERROR = 6.0, 5.0
"""A |b| or a standard error of a or b beyond this is noted."""
HELD, BEYOND = f"held at {LARGEST_SLOPE:g}", "beyond any ability"
EXCEEDS, EXCEED = (f"{verb} {LARGEST_ERROR:g}" for verb in ("exceeds", "exceed"))
BOUNDS = (HELD, BEYOND, EXCEEDS, EXCEED)
"""What notes say of figures on the calibration's own scale."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Calibration:
    """Calibrated items and how they came about. Logistic metric, theta ~ N(0, 1) among the persons calibrated on."""

    items: pd.DataFrame
    """Index `item_id`; `a`, `b`, `a_se`, `b_se`, for the 3PL `c`, `c_se`, then `d` = -a b, `d_se`, `n` (persons shown
    it), `note` (empty, or why a cell is missing or not to be trusted). Standard errors come from the observed
    information, that of b by the delta method."""
    model: str
    persons: int
    parameters: int
    log_likelihood: float
    """Marginal, without priors, of the items that were calibrated."""
    iterations: int
    """EM cycles and Newton steps taken, those included that led nowhere."""
    converged: bool
    quadrature: Quadrature
    clusters: int
    """Sets of items that share no person with one another: 1 where the design holds together."""
    remarks: tuple[str, ...]
    """Sentences about the calibration as a whole; none when all is well."""

    @property
    def aic(self) -> float:
        """Akaike's criterion: 2 parameters - 2 log-likelihood."""
        return 2 * self.parameters - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion: parameters times log persons - 2 log-likelihood."""
        return self.parameters * math.log(self.persons) - 2 * self.log_likelihood


def calibrate(
    matrix: ResponseMatrix,
    *,
    model: str = "2pl",
    nodes: int | None = None,
    tolerance: float = 1e-6,
    most_iterations: int = 2000,
    priors: Priors | None = None,
) -> Calibration:
    """Calibrate items by marginal maximum likelihood.

    EM of Bock & Aitkin (1981), Psychometrika 46:443-459, accelerated by SQUAREM (Varadhan & Roland 2008,
    Scandinavian Journal of Statistics 35:335-353), finished by Newton steps. What a person was not shown is left
    out of the likelihood. Items that everybody or nobody has right have no finite difficulty: they are left out,
    without any effect on the others, and say so in `note`.

    Parameters
    ----------
    matrix : ResponseMatrix
        Marked responses.
    model : {'1pl', '2pl', '3pl'}
        The 1PL has one slope for all items. The 3PL is fitted with `priors` (posterior modes).
    nodes : int, optional
        Quadrature nodes on [-6, 6]; otherwise 61, or as many as it takes for the smallest posterior SD.
    tolerance : float
        How far any parameter may still be from its limit, judged by the last Newton step or, where EM has to go
        all the way, by the rate of its last steps. (A plain EM step of this size can be far from the end.)
    most_iterations : int
        EM cycles and Newton steps after which to stop; `converged` and a remark say so.
    priors : Priors, optional
        For the 3PL.

    Raises
    ------
    Invalid
        If the model is unknown, or too few items vary to identify it.
    """
    if model not in MODELS:
        raise Invalid(f"There is no model '{model}'. Choose 1pl, 2pl or 3pl.")
    chosen = MODELS[model](priors or Priors())
    right, n = (matrix.values == 1).sum(axis=0), (matrix.values != ABSENT).sum(axis=0)
    varies = (right > 0) & (right < n)
    _require_enough(varies, chosen)
    patterns = patterns_of(matrix.values[:, varies])
    fit, quadrature, needed = _fit(patterns, chosen, right[varies] / n[varies], nodes, tolerance, most_iterations)
    frame = pd.DataFrame(_estimates(chosen, fit), index=matrix.items[varies])
    frame = frame.reindex(matrix.items).rename_axis("item_id")
    frame["n"], frame["note"] = n, _notes(frame, n, right, fit.converged)
    estimated = int(varies.sum())
    return Calibration(
        items=frame,
        model=model,
        persons=int(patterns.persons.sum()),
        parameters=1 + estimated if chosen.common_slope else chosen.parameters * estimated,
        log_likelihood=fit.log_likelihood,
        iterations=fit.iterations,
        converged=fit.converged,
        quadrature=quadrature,
        clusters=patterns.clusters,
        remarks=tuple(_remarks(patterns, fit, len(quadrature.points), needed)),
    )


def _require_enough(varies: npt.NDArray[np.bool_], model: Model) -> None:
    if varies.sum() < model.smallest_items:
        raise Invalid(
            f"The {model.name.upper()} cannot be calibrated: {varies.sum()} of {len(varies)} items have both right and "
            f"wrong answers, and it takes {model.smallest_items}. Add items or candidates."
        )


def _fit(
    patterns: Patterns, model: Model, share: Floats, nodes: int | None, tolerance: float, most_iterations: int
) -> tuple[Fit, Quadrature, int]:
    """Fit, and where the nodes turn out too few for the slopes found, go on with more; also say how many it takes."""
    start = model.start(share)
    likelihood = Likelihood(patterns, model, normal_quadrature(nodes or _enough_nodes(patterns, model, start)))
    values, iterations = approach(likelihood, start, tolerance, most_iterations)
    needed = _enough_nodes(patterns, model, values)
    if not nodes and needed > len(likelihood.quadrature.points):
        likelihood = replace(likelihood, quadrature=normal_quadrature(needed))
        values, more = approach(likelihood, values, tolerance, most_iterations - iterations)
        iterations += more
    fit = finish(likelihood, values, tolerance, most_iterations - iterations)
    fit = replace(fit, iterations=iterations + fit.iterations)
    return fit, likelihood.quadrature, needed


def _enough_nodes(patterns: Patterns, model: Model, values: Floats) -> int:
    """Return how many nodes lie close enough for the smallest posterior SD, 1 / sqrt(1 + most information)."""
    ability = np.linspace(-3, 3, 25)
    items = _parameters(values, model)
    most = float((information(ability, items) @ patterns.forms.T).max())
    nodes = 1 + math.ceil(12 * math.sqrt(1 + most) / WIDEST_SPACING)
    return min(max(nodes + 1 - nodes % 2, FEWEST_NODES), MOST_NODES)


def _parameters(values: Floats, model: Model) -> pd.DataFrame:
    """Return `a`, `b`, `c` of the model's own parameters, for curves alone: a slope of 0 is given the smallest."""
    a = np.exp(values[:, 0]) if model.priors else values[:, 0]
    a = np.where(np.abs(a) < SMALLEST_SLOPE, SMALLEST_SLOPE, a)
    return pd.DataFrame({"a": a, "b": -values[:, 1] / a, "c": expit(values[:, 2]) if model.priors else 0.0})


def _estimates(model: Model, fit: Fit) -> dict[str, Floats]:
    """Return the estimates and their standard errors, column by column."""
    values = fit.values
    items, width = values.shape
    every = np.arange(items)
    own = fit.covariance.reshape(width, items, width, items)[:, every, :, every]
    variances = np.maximum(np.einsum("jkk->jk", own), 0.0)
    a, d = values[:, 0].copy(), values[:, 1]
    flat = np.abs(a) < SMALLEST_SLOPE if not model.priors else np.zeros(items, dtype=bool)
    if model.priors:
        a = np.exp(a)
        turn = np.column_stack([d / a, -1 / a])
    else:
        turn = np.column_stack([d, -np.where(flat, np.nan, a)]) / np.where(flat, np.nan, a)[:, None] ** 2
    b_variance = np.einsum("jk,jkl,jl->j", turn, own[:, :2, :2], turn)
    found = {"a": a, "b": -d / np.where(flat, np.nan, a)}
    found["a_se"] = np.sqrt(variances[:, 0]) * (a if model.priors else 1.0)
    found["b_se"] = np.sqrt(np.maximum(b_variance, 0.0))
    if model.priors:
        c = expit(values[:, 2])
        found |= {"c": c, "c_se": np.sqrt(variances[:, 2]) * c * (1 - c)}
    return found | {"d": d, "d_se": np.sqrt(variances[:, 1])}


def _notes(
    frame: pd.DataFrame, n: npt.NDArray[np.integer], right: npt.NDArray[np.integer], converged: bool
) -> npt.NDArray[np.object_]:
    """Say of each item, in a sentence, what is missing and why; the gravest first."""
    a, b = frame["a"].to_numpy(), frame["b"].to_numpy()
    varies = (right > 0) & (right < n)
    steep = np.abs(np.where(varies, a, 0.0)) >= LARGEST_SLOPE * (1 - 1e-9)
    errors = [name for name in ("a_se", "c_se", "d_se") if name in frame]
    open_ = varies & ~steep & frame[errors].isna().any(axis=1).to_numpy()
    conditions = [
        (n == 0, "Nobody was shown it."),
        (right == 0, "Nobody who was shown it has it right: it has no finite difficulty and was left out."),
        (right == n, "Everybody who was shown it has it right: it has no finite difficulty and was left out."),
        (
            steep,
            f"Its slope grew until it was {HELD}: it parts the candidates perfectly. "
            "Its a and b have no standard errors; calibrate on more candidates.",
        ),
        (open_, "The data do not determine its parameters: too few candidates answered it together with others."),
        (varies & np.isnan(b), "Its slope is 0, so that it has no difficulty b."),
        (varies & (a < 0), "Its slope is negative: the abler candidates miss it more often. Check the key."),
        (
            varies & (np.abs(np.nan_to_num(b)) > FARTHEST),
            f"b lies {BEYOND}: the slope is close to 0 or the item too easy or hard.",
        ),
        *_large_errors(frame, varies),
        (varies & (not converged), "EM did not converge: the figures are provisional."),
    ]
    return np.select([condition for condition, _ in conditions], [text for _, text in conditions], default="").astype(
        object
    )


def _large_errors(frame: pd.DataFrame, varies: npt.NDArray[np.bool_]) -> list[tuple[npt.NDArray[np.bool_], str]]:
    large_a, large_b = (varies & (np.nan_to_num(frame[name].to_numpy()) > LARGEST_ERROR) for name in ("a_se", "b_se"))
    return [
        (large_a & large_b, f"a and b are hardly determined: their standard errors {EXCEED}."),
        (large_a, f"a is hardly determined: its standard error {EXCEEDS}."),
        (large_b, f"b is hardly determined: its standard error {EXCEEDS}."),
    ]


def _remarks(patterns: Patterns, fit: Fit, nodes: int, needed: int) -> list[str]:
    """Say what holds of the calibration as a whole."""
    found = []
    if not fit.converged:
        found.append(f"Not converged after {fit.iterations} iterations: take these figures as provisional.")
    if patterns.clusters > 1:
        found.append(
            f"The items fall into {patterns.clusters} sets that share no candidate. They are on one scale only if the "
            "candidates of each set are random samples of one population."
        )
    if nodes < 0.8 * needed:
        found.append(f"{nodes} nodes are too far apart for these items: take {needed} or more.")
    return found
