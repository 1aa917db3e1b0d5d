"""Standard errors of calibrated items from the observed information of the marginal likelihood."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ssa_engine.core.psychometrics.irt.calibration_models import Counts, Curves, Model
from ssa_engine.core.psychometrics.irt.marginal_likelihood import Patterns, Reals, add_by_form, expectation, posteriors
from ssa_engine.core.psychometrics.irt.models import Quadrature

Floats = npt.NDArray[np.float64]

FLAT = 1e-5
"""A direction with less information than this, as a share of that of complete data, is not determined by the data."""


def observed_information(
    patterns: Patterns, model: Model, values: Floats, quadrature: Quadrature, *, single: bool = False
) -> tuple[Floats, Floats]:
    """Return the observed information of the parameters, (K J, K J), all first parameters first, and its scale (K J,).

    Louis (1982), J. R. Stat. Soc. B 44:226-233, equation 3.2: the information of the complete data less what is
    missing, which is the posterior covariance of the complete-data score, summed over persons. It is exact, and
    so equals what Oakes' (1999, J. R. Stat. Soc. B 61:479-482) identity gives. With priors, their curvature is added.
    The scale is the diagonal of the complete data's information: what there would be, were theta known.
    """
    curves = model.curves(values, quadrature.points)
    linear = model.linear(values)
    counts, _ = expectation(patterns, curves, quadrature, linear, single=single)
    items, width = values.shape
    complete = np.zeros((width, items, width, items))
    every = np.arange(items)
    own = _complete(model, values, curves, counts, quadrature.points) + _diagonal(model.penalty(values)[2])
    complete[:, every, :, every] = own
    missing = _missing_linear if linear is not None else _missing
    square = complete.reshape(width * items, width * items)
    scale = np.diag(square).copy()
    return square - missing(patterns, curves, quadrature, linear, single), scale


def covariance(information: Floats, complete: Floats, kept: npt.NDArray[np.bool_], *, common_slope: bool) -> Floats:
    """Return the covariance of the estimates; NaN for what is held at a bound (not `kept`) or left open by the data.

    What is left open is judged beside the diagonal of the `complete` information: beside its own, a parameter of which
    nothing is known but rounding would pass for determined.

    With a common slope the information of all slopes is summed first, and each item has the covariance of the one.
    """
    size = len(information)
    spread = np.eye(size)[:, kept]
    if common_slope:
        items = size // 2
        spread = np.zeros((size, items + 1))
        spread[:items, 0] = 1.0
        spread[items:, 1:] = np.eye(items)
        spread = spread[:, 1:] if not kept[:items].all() else spread
    inner = spread.T @ information @ spread
    scale = np.sqrt(np.maximum(spread.T @ complete, np.maximum(np.diag(inner), 1e-300)))
    roots, vectors = np.linalg.eigh(inner / np.outer(scale, scale))
    firm = roots > FLAT
    inverse = (vectors[:, firm] / roots[firm]) @ vectors[:, firm].T / np.outer(scale, scale)
    open_ = (np.abs(vectors[:, ~firm]) > 1e-3).any(axis=1)
    inverse[open_] = inverse[:, open_] = np.nan
    found = np.full((size, size), np.nan)
    reached = spread.any(axis=1)
    take = spread[reached].argmax(axis=1)
    found[np.ix_(reached, reached)] = inverse[np.ix_(take, take)]
    return found


def _precision(single: bool) -> np.dtype[np.floating]:
    return np.dtype(np.float32 if single else np.float64)


def _diagonal(curvature: Floats) -> Floats:
    return np.asarray(curvature[:, :, None] * np.eye(curvature.shape[1]))


def _complete(model: Model, values: Floats, curves: Curves, counts: Counts, theta: Floats) -> Floats:
    """Return the negative second derivatives (J, K, K) of the complete-data log-likelihood at the expected counts."""
    information = model.complete(curves, counts)[1]
    turning = model.turning(values, curves, theta)
    if turning is not None:
        information -= np.einsum("jq,jqkl->jkl", counts.right - counts.shown * curves.p, turning)
    return information


def _missing_linear(
    patterns: Patterns, curves: Curves, quadrature: Quadrature, linear: Floats | None, single: bool
) -> Floats:
    """Return the missing information where log odds are a theta + d: the score for item j is (x - P)(theta, 1)."""
    theta, items = quadrature.points, len(curves.p)
    expected = np.concatenate([curves.p * theta, curves.p])  # the part of the score that theta moves: (2J, Q)
    real = _precision(single)
    moments = np.concatenate([curves.p * theta**2, expected, [theta, theta**2]]).astype(real)
    found = np.zeros((2 * items, 2 * items))
    by_form = np.zeros((len(theta), len(patterns.forms)))
    for block in posteriors(patterns, curves, quadrature, linear, single=single):
        persons, form_of = patterns.persons[block.rows].astype(real), patterns.form_of[block.rows]
        right = patterns.right[block.rows].astype(real)
        means = block.posterior.T @ moments.T
        mean, second, own = means[:, -2:-1], means[:, -1:], means[:, items : 3 * items]
        crossed = means[:, : 2 * items] - mean * own
        if len(patterns.forms) > 1:
            shown = np.tile(patterns.forms[form_of].astype(real), 2)
            own, crossed = own * shown, crossed * shown
        weighted = right * persons[:, None]
        found[:items, :items] += weighted.T @ (right * (second - mean**2))
        turn = weighted.T @ crossed
        found[:items] -= turn
        found[:, :items] -= turn.T
        own = own * np.sqrt(persons)[:, None]
        found -= own.T @ own
        add_by_form(by_form, form_of, block.posterior * persons)
    return found + _by_form(patterns.forms.astype(real, copy=False), by_form.astype(real), expected)


def _by_form(forms: Reals, by_form: Reals, expected: Floats) -> Floats:
    """Sum, over nodes and forms, persons there times the products of `expected` (K J, Q) of items shown together."""
    if len(forms) == 1:
        return np.asarray((expected * by_form[:, 0]) @ expected.T)
    times = len(expected) // forms.shape[1]
    found = np.zeros((len(expected),) * 2)
    for node, persons in enumerate(by_form):
        root = forms * np.sqrt(persons)[:, None]
        together = np.tile(root.T @ root, (times, times))  # BLAS sees the symmetry, and halves the work
        found += together * np.multiply.outer(expected[:, node], expected[:, node])
    return found


def _missing(patterns: Patterns, curves: Curves, quadrature: Quadrature, linear: Floats | None, single: bool) -> Floats:
    """Return the missing information for any model: the score for item j is x U_j - m P_j U_j, m = 1 if presented."""
    real = _precision(single)
    up = np.concatenate(curves.derivatives)
    times = len(curves.derivatives)
    down = up * np.tile(curves.p, (times, 1))
    forms = patterns.forms.astype(real, copy=False)
    found = np.zeros((len(up), len(up)))
    by_form = np.zeros((len(quadrature.points), len(forms)))
    for block in posteriors(patterns, curves, quadrature, linear, single=single):
        form_of, persons = patterns.form_of[block.rows], patterns.persons[block.rows].astype(real)
        right, shown = patterns.right[block.rows].astype(real), forms[form_of]
        weights = block.posterior * persons
        for node, weight in enumerate(weights):
            weighted = right * weight[:, None]
            both = np.tile(weighted.T @ right, (times, times))
            mixed = np.tile(weighted.T @ shown, (times, times)) * np.multiply.outer(up[:, node], down[:, node])
            found += both * np.multiply.outer(up[:, node], up[:, node]) - mixed - mixed.T
        score = np.tile(right, times) * (block.posterior.T @ up.T) - np.tile(shown, times) * (
            block.posterior.T @ down.T
        )
        score *= np.sqrt(persons)[:, None]
        found -= score.T @ score
        add_by_form(by_form, form_of, weights)
    return found + _by_form(forms, by_form.astype(real), down)
