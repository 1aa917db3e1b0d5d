"""What a short area's score is worth: beside the total, and if it had more items."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t as student

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.subscores.dependent_correlations import hedges_olkin_z, olkin_z, williams_t
from ssa_engine.core.psychometrics.subscores.estimates import (
    SMALLEST,
    AreaMoments,
    Subscores,
    area_moments,
    moments_of,
    over,
)

WORTH_WEIGHTING = 0.1
"""A weighted score has added value where it removes this share of the error that the better simple one leaves."""


def prmse(subscores: Subscores) -> pd.DataFrame:
    """Return, per area, the proportional reduction of mean squared error by each estimate of the true score.

    Haberman (2008), J. Educ. Behav. Stat. 33:204-229: PRMSE.s = reliability; PRMSE.x = cov(true, total)^2 /
    (var(true) var(total)); PRMSE.sx of the best weights of both. Of all areas (Wainer et al. 2001, in Thissen &
    Wainer (eds.), Test Scoring, 343-387): diag(T S^-1 T) / diag(T), with S the covariances of the scores and T the
    same with true variances on its diagonal.

    Returns
    -------
    DataFrame
        Index `content_area`; `n`, `items`, `mean`, `sd`, `reliability`, `method`, `prmse_s`, `prmse_x`, `prmse_sx`,
        `prmse_wainer`, `added_value_s` (PRMSE.s > PRMSE.x), `added_value_sx` (PRMSE.sx leaves less than .9 of the
        error that the better of the two leaves), both false where unknown; `olkin_z`, `williams_t`, `williams_p`
        (two-sided) for PRMSE.s against PRMSE.x and `hedges_olkin_z` for PRMSE.sx against the better of the two, all
        by correlations with a parallel subscore (Sinharay 2019, J. Educ. Behav. Stat. 44:25-44); `note`.
    """
    n, moments = len(subscores.raw), moments_of(subscores)
    s, x, sx = moments.reliability, moments.prmse_x, moments.prmse_sx
    best = np.maximum(s, x)
    r01, r02, r12 = s, moments.true_with_total * np.sqrt(s), moments.with_total
    t = williams_t(r01, r02, r12, n)
    better, other = np.where(s > x, r01, r02), np.where(s > x, r02, r01)
    return pd.DataFrame(
        {
            "n": n,
            "items": subscores.items,
            "mean": subscores.raw.mean(axis=0),
            "sd": subscores.raw.std(axis=0, ddof=1),
            "reliability": subscores.reliability,
            "method": subscores.method,
            "prmse_s": s,
            "prmse_x": x,
            "prmse_sx": sx,
            "prmse_wainer": moments.prmse_wainer,
            "added_value_s": s > x,
            "added_value_sx": (sx - best > WORTH_WEIGHTING * (1 - best)) & (sx <= 1),
            "olkin_z": olkin_z(r01, r02, r12, n),
            "williams_t": t,
            "williams_p": 2 * student.sf(np.abs(t), max(n - 3, 1)),
            "hedges_olkin_z": hedges_olkin_z(better, other, r12, n),
            "note": _notes(subscores, moments),
        },
        index=subscores.areas,
    )


def what_more_items_buy(subscores: Subscores, more: Sequence[int] = (0, 5, 10, 20)) -> pd.DataFrame:
    """Return what an area's score would be worth with more items like its own, the other areas left as they are.

    By classical theory (Spearman 1910 and Brown 1910, Br. J. Psychol. 3:271-295 and 296-322): m times as many items
    have m^2 times the true variance, m times the error variance and m times the covariances.

    Returns
    -------
    DataFrame
        One row per area and number: `content_area`, `more_items`, `items`, `reliability`, `sem` (standard error of
        measurement of the proportion correct), `prmse_x`, `prmse_sx`, `prmse_wainer`, `added_value_s`, `note`.
    """
    if min(more, default=0) < 0:
        raise Invalid("The numbers of further items must not be negative. Give 0 or more.")
    now = moments_of(subscores)
    notes, rows = _notes(subscores, now), []
    for j, area in enumerate(subscores.areas):
        for extra in more:
            m = 1 + extra / subscores.items[j]
            covariance, rho, true = now.covariance.copy(), now.reliability.copy(), now.true[j, j]
            error = covariance[j, j] - true
            covariance[j], covariance[:, j] = m * covariance[j], m * covariance[:, j]
            covariance[j, j] = m**2 * true + m * error
            rho[j : j + 1] = over(np.array([m**2 * true]), covariance[j : j + 1, j])
            longer = area_moments(covariance, rho)
            items = subscores.items[j] + extra
            sem = np.sqrt(m * error) / items
            x, sx, wainer = longer.prmse_x[j], longer.prmse_sx[j], longer.prmse_wainer[j]
            rows.append((area, extra, items, rho[j], sem, x, sx, wainer, bool(rho[j] > x), notes[j]))
    columns = ["content_area", "more_items", "items", "reliability", "sem", "prmse_x", "prmse_sx", "prmse_wainer"]
    return pd.DataFrame(rows, columns=[*columns, "added_value_s", "note"])


def _notes(subscores: Subscores, moments: AreaMoments) -> list[str]:
    """Return a sentence for each area where something is missing or out of bounds."""
    alone = np.isnan(np.diag(moments.weights))
    notes = []
    for note, r, largest, unaided in zip(subscores.notes, moments.with_total, moments.prmse_sx, alone, strict=True):
        said = [note] if note else []
        if len(subscores.areas) == 1:
            said.append("It is the only area, so the total says the same.")
        elif not note and 1 - r**2 < SMALLEST:
            said.append("The total is this area's score in other units, so it adds nothing to it.")
        if unaided and not note and len(subscores.areas) > 1:
            said.append("The areas' scores depend on each other linearly, so there are no augmented scores.")
        if largest > 1:
            said.append("PRMSE.sx exceeds 1: the reliability and the covariances do not fit together.")
        notes.append(" ".join(said))
    return notes
