"""Reliability of the number correct from responses: one form, forms that share items, or a form for each attempt."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.psychometrics.classical.item_statistics import FEWEST
from ssa_engine.core.psychometrics.classical.reliability import (
    NO_VARIANCE,
    feldt_interval,
    standard_error_of_measurement,
)
from ssa_engine.core.psychometrics.matrix import ResponseMatrix

Floats = npt.NDArray[np.float64]

COMPLETE = "complete data"
WITHIN_FORMS = "covariances within each form, pooled with attempts less one as weights"
PAIRWISE = "covariances of items seen together, averaged over attempts"
NOT_ABOVE_0 = "Alpha is not above 0: the items do not rise and fall together."
LEAST_OF_A_FORM = 30
"""Forms with fewer attempts are not pooled: products of their covariances would be mostly noise."""
ROUNDING = 1e-9
"""By how much an alpha of 1 may exceed 1 in floating point."""
ROWS_AT_A_TIME = 20_000
"""Attempts whose floating-point matrices are held in memory together."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Reliability:
    """Reliability of the number correct. A figure is None where it is not known, and `note` says why."""

    items: int
    """Different items."""
    items_per_attempt: float
    """Mean number of items of an attempt."""
    length: int | None = None
    """Number of items of an attempt where all had equally many."""
    attempts: int
    """Attempts that the figures rest on."""
    forms: int
    """Different sets of items among them."""
    mean: float
    """Of the number correct."""
    sd: float | None = None
    """Of the number correct, divisor n - 1; within forms where they are pooled."""
    alpha: float | None = None
    alpha_low: float | None = None
    alpha_high: float | None = None
    """Feldt's interval at the confidence asked for."""
    lambda2: float | None = None
    sem: float | None = None
    """In items."""
    kr21: float | None = None
    convention: str = ""
    """How forms were put together: `COMPLETE`, `WITHIN_FORMS` or `PAIRWISE`; empty where nothing was computed."""
    note: str = ""
    alpha_if_deleted: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    """Index `item_id`: alpha without this item, over the same attempts, also those that did not have it."""


@dataclass(kw_only=True)
class _Sums:
    """Weighted sums over forms or attempts of what the coefficients are ratios of."""

    without_total: Floats
    without_true: Floats
    """Sums of `total` and `true` with one item less, item by item."""
    weight: float = 0.0
    total: float = 0.0
    """Variance of the total score."""
    true: float = 0.0
    """k/(k-1) times the covariances between items: alpha's estimate of the true-score variance."""
    lambda2: float | None = 0.0
    kr21: float | None = 0.0
    between: float = 0.0
    within: float = 0.0
    """Degrees of freedom of persons, and of persons by items."""


def score_reliability(matrix: ResponseMatrix, *, confidence: float = 0.95) -> Reliability:
    """Return alpha with Feldt's interval, lambda-2, KR-21 and the standard error of measurement.

    Attempts that were shown exactly the same items make a form. With one form these are the formulas of
    `reliability`. With several:

    - where forms with 30 attempts or more hold at least half of the attempts: within each such form the
      true-score variance T = k/(k-1) (sum of covariances between items) and the total's variance V are computed,
      and alpha = sum (n-1) T / sum (n-1) V over forms; lambda-2 and KR-21 alike. With forms of one length this is
      Hoyt's (1941, Psychometrika 6:153-160) analysis of variance with the sums of squares within forms added up,
      and Feldt's interval takes the degrees of freedom added up. Attempts on smaller forms are left out.
    - otherwise (each attempt its own form): the covariance of two items is the sum of products, about the items'
      means over all attempts that had them, over the n_ij attempts that had both, divided by
      n_ij (1 - 1/n_i - 1/n_j + n_ij / (n_i n_j)), which makes it unbiased where forms are given out at random
      (n - 1 with complete data). T and V are computed for each attempt's items and summed over attempts.
      Lambda-2 and KR-21 are not given.

    Parameters
    ----------
    matrix : ResponseMatrix
        Scored items only.
    confidence : float
        Of the interval.
    """
    chosen = _choose(matrix)
    values = chosen.values
    lengths, correct = (values >= 0).sum(axis=1), np.maximum(values, 0).sum(axis=1)
    same_length = bool(lengths.min() == lengths.max())
    plain = Reliability(
        items=int((values >= 0).any(axis=0).sum()), items_per_attempt=float(lengths.mean()), attempts=len(lengths),
        length=int(lengths[0]) if same_length else None,
        forms=int(chosen.form.max()) + 1, mean=float(correct.mean()), note=" ".join(chosen.notes),
        sd=float(correct.std(ddof=1)) if same_length and len(lengths) > 1 else None,
        alpha_if_deleted=pd.Series(np.nan, index=matrix.items, name="alpha_if_deleted"),
    )  # fmt: skip
    if not chosen.convention:
        return plain
    sums = _pairwise(values) if chosen.convention == PAIRWISE else _within_forms(values, chosen.form)
    if sums is None:
        return replace(plain, note="No two attempts had two items in common, so reliability is unknown.")
    plain = replace(plain, convention=chosen.convention, sd=math.sqrt(max(sums.total / sums.weight, 0.0)))
    if sums.total <= NO_VARIANCE * sums.weight:
        return replace(plain, note=_joined(plain.note, "The total score does not vary, so its reliability is unknown."))
    seen: npt.NDArray[np.bool_] = np.any(values >= 0, axis=0)
    return _coefficients(plain, sums, seen, confidence)


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    """The attempts that are used, the form of each (from 0), the convention (empty: nothing can be computed)."""

    values: npt.NDArray[np.int8]
    form: npt.NDArray[np.intp]
    convention: str
    notes: list[str]


def _choose(matrix: ResponseMatrix) -> _Chosen:
    """Return which attempts are used and how."""
    values = matrix.values
    longer = (values >= 0).sum(axis=1) >= 2
    if longer.sum() < FEWEST:
        note = (
            f"Reliability needs {FEWEST} attempts with two items or more; there are {int(longer.sum())}."
            if longer.any()
            else "Every attempt has a single item; reliability needs two or more."
        )
        return _Chosen(values=values, form=_forms(values), convention="", notes=[note])
    notes = _left_out(int((~longer).sum()), "with a single item")
    values = values[longer]
    form = _forms(values)
    counts = np.bincount(form)
    if len(counts) == 1:
        return _Chosen(values=values, form=form, convention=COMPLETE, notes=notes)
    large = counts >= LEAST_OF_A_FORM
    if counts[large].sum() * 2 < len(values):
        notes.append("Lambda-2 and KR-21 are not given: too few attempts had the same items.")
        return _Chosen(values=values, form=form, convention=PAIRWISE, notes=notes)
    used = large[form]
    notes += _left_out(int((~used).sum()), f"on forms with fewer than {LEAST_OF_A_FORM} attempts")
    _, form = np.unique(form[used], return_inverse=True)
    convention = COMPLETE if large.sum() == 1 else WITHIN_FORMS
    return _Chosen(values=values[used], form=form, convention=convention, notes=notes)


def _forms(values: npt.NDArray[np.int8]) -> npt.NDArray[np.intp]:
    """Return the form of each attempt as a number from 0: the same number for exactly the same items."""
    _, form = np.unique(np.packbits(values >= 0, axis=1), axis=0, return_inverse=True)
    return form.reshape(-1)


def _left_out(attempts: int, why: str) -> list[str]:
    """Say that attempts were left out, if any were."""
    return [f"Attempts left out: {attempts} {why}."] if attempts else []


def _joined(*notes: str) -> str:
    return " ".join(note for note in notes if note)


def _coefficients(plain: Reliability, sums: _Sums, seen: npt.NDArray[np.bool_], confidence: float) -> Reliability:
    """Return the coefficients of these sums; `seen` says which items anybody had."""
    alpha = sums.true / sums.total
    if alpha > 1 + ROUNDING:
        return replace(plain, note=_joined(plain.note, "Alpha came out above 1: too few attempts share items."))
    alpha = min(alpha, 1.0)
    low, high = feldt_interval(alpha, sums.between, sums.within, confidence=confidence)
    known = seen & (sums.without_total > NO_VARIANCE * sums.weight)
    without = np.divide(sums.without_true, sums.without_total, out=np.full(len(known), np.nan), where=known)
    return replace(
        plain, alpha=alpha, alpha_low=low, alpha_high=high,
        lambda2=None if sums.lambda2 is None else sums.lambda2 / sums.total,
        kr21=None if sums.kr21 is None else sums.kr21 / sums.total,
        sem=standard_error_of_measurement(plain.sd or 0.0, alpha),
        note=_joined(plain.note, NOT_ABOVE_0 if alpha <= 0 else ""),
        alpha_if_deleted=pd.Series(without, index=plain.alpha_if_deleted.index, name="alpha_if_deleted"),
    )  # fmt: skip


def _within_forms(values: npt.NDArray[np.int8], form: npt.NDArray[np.intp]) -> _Sums:
    """Return the sums over forms, each weighted with its attempts less one."""
    items = values.shape[1]
    sums = _Sums(without_total=np.zeros(items), without_true=np.zeros(items))
    for number in range(int(form.max()) + 1):
        rows = values[form == number]
        columns = np.flatnonzero(rows[0] >= 0)
        marks = rows[:, columns].astype(np.float64)
        covariance = np.cov(marks, rowvar=False)
        weight, k = len(marks) - 1.0, len(columns)
        variances, total = np.diag(covariance), float(covariance.sum())
        between = total - float(variances.sum())
        true = k / (k - 1) * between
        squares = float(np.sum(covariance**2) - np.sum(variances**2))
        mean = float(marks.sum(axis=1).mean())
        shared = covariance.sum(axis=1)
        change_total = -2 * shared + variances if k > 2 else np.full(k, -total)
        change_true = (k - 1) / (k - 2) * (between - 2 * (shared - variances)) - true if k > 2 else np.full(k, -true)
        sums.without_total[columns] += weight * change_total
        sums.without_true[columns] += weight * change_true
        sums.weight += weight
        sums.total += weight * total
        sums.true += weight * true
        sums.lambda2 = (sums.lambda2 or 0.0) + weight * (between + math.sqrt(k / (k - 1) * max(squares, 0.0)))
        sums.kr21 = (sums.kr21 or 0.0) + weight * k / (k - 1) * (total - mean * (k - mean) / k)
        sums.between += weight
        sums.within += weight * (k - 1)
    sums.without_total += sums.total
    sums.without_true += sums.true
    return sums


def _pairwise(values: npt.NDArray[np.int8]) -> _Sums | None:
    """Return the sums over attempts, from one covariance matrix of items seen together; None if no pair is known."""
    covariance = _seen_together(values)
    if covariance is None:
        return None
    attempts, items = values.shape
    variances = np.diag(covariance)
    sums = _Sums(without_total=np.zeros(items), without_true=np.zeros(items), lambda2=None, kr21=None)
    for start in range(0, attempts, ROWS_AT_A_TIME):
        had = (values[start : start + ROWS_AT_A_TIME] >= 0).astype(np.float64)
        k = had.sum(axis=1)
        shared = had @ covariance
        total = (shared * had).sum(axis=1)
        between = total - had @ variances
        true = k / (k - 1) * between
        longer = np.divide(k - 1, k - 2, out=np.zeros_like(k), where=k > 2)
        more = (k > 2).astype(np.float64)
        seen = shared * had
        sums.without_total += -2 * (more @ seen) + (more @ had) * variances - ((1 - more) * total) @ had
        sums.without_true += (longer * between - true) @ had - 2 * (longer @ seen) + 2 * (longer @ had) * variances
        sums.total += float(total.sum())
        sums.true += float(true.sum())
        sums.within += float((k - 1).sum()) * (attempts - 1) / attempts
    sums.weight, sums.between = float(attempts), attempts - 1.0
    sums.without_total += sums.total
    sums.without_true += sums.true
    return sums


def _seen_together(values: npt.NDArray[np.int8]) -> Floats | None:
    """Return the unbiased covariance of each two items seen together, 0 for others; None if none is known.

    A pair that only one attempt had, and which no mean can be taken about, gets the mean of the known ones.
    """
    items = values.shape[1]
    n = (values >= 0).sum(axis=0).astype(np.float64)
    means = np.maximum(values, 0).sum(axis=0) / np.maximum(n, 1)
    products, both = np.zeros((items, items)), np.zeros((items, items))
    for start in range(0, len(values), ROWS_AT_A_TIME):
        part = values[start : start + ROWS_AT_A_TIME]
        had = (part >= 0).astype(np.float64)
        deviations = np.where(part >= 0, part - means, 0.0)
        products += deviations.T @ deviations
        both += had.T @ had
    share = 1 / np.maximum(n, 1)
    divisor = both * (1 - share[:, None] - share[None, :] + both * share[:, None] * share[None, :])
    known = divisor > NO_VARIANCE
    pairs = ~np.eye(items, dtype=bool)
    if not (known & pairs).any():
        return None
    covariance: Floats = np.divide(products, divisor, out=np.zeros_like(products), where=known)
    for kind in (pairs, ~pairs):
        unknown = kind & ~known & (both > 0)
        covariance[unknown] = np.average(covariance[kind & known], weights=both[kind & known])
    return covariance
