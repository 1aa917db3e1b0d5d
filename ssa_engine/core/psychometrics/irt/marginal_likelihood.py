"""Response patterns, and what they say about theta under a model: posterior, expected counts, marginal likelihood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from ssa_engine.core.psychometrics.irt.calibration_models import Counts, Curves
from ssa_engine.core.psychometrics.irt.models import Quadrature
from ssa_engine.core.psychometrics.matrix import ABSENT

Floats = npt.NDArray[np.float64]
Reals = npt.NDArray[np.floating]

BLOCK = 1024
"""Patterns worked on at a time, so that they stay in the processor's cache."""
SMALLEST_LOG_WEIGHT = np.float32(-80.0)
"""Single precision has no smaller numbers at its full precision; a node with so little weight counts for nothing."""
MOST_ITEMS_TO_COLLAPSE = 32
"""With more items hardly two persons answer alike, and looking for them costs more than it saves."""


@dataclass(frozen=True, eq=False, slots=True)
class Patterns:
    """Distinct response patterns, in the order of their forms. A form is a set of items that were presented together.

    `right` (N, J) is 1 where right; `persons` (N,) how many answered so; `forms` (F, J) is 1 where presented;
    `form_of` (N,) ascends.
    """

    right: npt.NDArray[np.float32]
    persons: Floats
    forms: Floats
    form_of: npt.NDArray[np.intp]

    @property
    def collapsed(self) -> bool:
        """Whether some pattern stands for several persons."""
        return bool(self.persons.max() > 1)

    @property
    def clusters(self) -> int:
        """How many sets of items there are that share no person with one another."""
        return int(
            connected_components(
                csr_array(self.forms.T.astype(np.float32) @ self.forms.astype(np.float32)), directed=False
            )[0]
        )


def patterns_of(values: npt.NDArray[np.int8]) -> Patterns:
    """Return the patterns of a matrix (persons × items; 1, 0 or ABSENT), without persons who were shown nothing."""
    shown = values != ABSENT
    values, shown = values[shown.any(axis=1)], shown[shown.any(axis=1)]
    persons = np.ones(len(values))
    if values.shape[1] <= MOST_ITEMS_TO_COLLAPSE:
        rows = np.ascontiguousarray(values).view(np.dtype((np.void, values.shape[1])))[:, 0]
        _, first, counts = np.unique(rows, return_index=True, return_counts=True)
        values, shown, persons = values[first], shown[first], counts.astype(float)
    if shown.all():
        return Patterns(_single(values), persons, np.ones((1, values.shape[1])), np.zeros(len(values), np.intp))
    packed = np.packbits(shown, axis=1)
    rows = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1])))[:, 0]
    _, first, form_of = np.unique(rows, return_index=True, return_inverse=True)
    order = np.argsort(form_of, kind="stable")
    return Patterns(_single(values[order]), persons[order], shown[first].astype(float), form_of[order])


def _single(values: npt.NDArray[np.int8]) -> npt.NDArray[np.float32]:
    return np.asarray(values == 1, dtype=np.float32)


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """Some of the patterns: which (`rows`), their posterior weights (Q, n), and their log-likelihoods (n,)."""

    rows: slice
    posterior: Reals
    log_likelihood: Floats


def posteriors(
    patterns: Patterns, curves: Curves, quadrature: Quadrature, linear: Floats | None, *, single: bool = False
) -> Iterator[Block]:
    """Yield the posterior of theta, block by block; in single precision where `single`.

    Where log odds are a theta + d (`linear` given), a pattern's likelihood depends on theta through the sum of the
    slopes of what is right (Birnbaum's sufficient statistic), and an outer product takes the place of a
    matrix product; the part of the intercepts is the same at every node and is added to the log-likelihood alone.
    """
    base = curves.log_wrong.T @ patterns.forms.T + np.log(quadrature.weights)[:, None]
    for begin in range(0, len(patterns.right), BLOCK):
        rows = slice(begin, begin + BLOCK)
        right = patterns.right[rows].astype(np.float64)
        if linear is not None:
            fit = np.multiply.outer(quadrature.points, right @ linear[:, 0])
            intercepts = right @ linear[:, 1]
        else:
            fit, intercepts = (right @ curves.log_odds).T, np.zeros(len(right))
        fit += base if base.shape[1] == 1 else base[:, patterns.form_of[rows]]
        top = fit.max(axis=0)
        fit -= top
        weights = fit
        if single:
            weights = fit.astype(np.float32)
            np.maximum(weights, SMALLEST_LOG_WEIGHT, out=weights)
        np.exp(weights, out=weights)
        total = weights.sum(axis=0)
        weights /= total
        yield Block(rows, weights, top + np.log(total, dtype=np.float64) + intercepts)


def expectation(
    patterns: Patterns, curves: Curves, quadrature: Quadrature, linear: Floats | None, *, single: bool = False
) -> tuple[Counts, float]:
    """Return the expected counts at the nodes and the marginal log-likelihood: the E-step.

    Bock & Aitkin (1981), Psychometrika 46:443-459. `linear` are the items' (a, d) where log odds are a theta + d.
    """
    right = np.zeros_like(curves.p)
    by_form = np.zeros((len(quadrature.points), len(patterns.forms)))
    log_likelihood = 0.0
    for block in posteriors(patterns, curves, quadrature, linear, single=single):
        persons = patterns.persons[block.rows]
        log_likelihood += float(persons @ block.log_likelihood)
        weights = block.posterior
        if patterns.collapsed:
            weights *= persons.astype(weights.dtype)
        right += patterns.right[block.rows].astype(weights.dtype, copy=False).T @ weights.T
        add_by_form(by_form, patterns.form_of[block.rows], weights)
    shown = np.broadcast_to(by_form.T, right.shape) if by_form.shape[1] == 1 else (by_form @ patterns.forms).T
    return Counts(right, shown), log_likelihood


def add_by_form(sums: Floats, form_of: npt.NDArray[np.intp], weights: Reals) -> None:
    """Add the weights (Q, n) of one block to the sums of their forms (Q, F)."""
    if sums.shape[1] == 1:
        sums[:, 0] += weights.sum(axis=1)
        return
    starts = np.flatnonzero(np.diff(form_of, prepend=-1))
    sums[:, form_of[starts]] += np.add.reduceat(weights, starts, axis=1)
