"""Which anchors drifted: differences of their parameters beside those of the other anchors, robustly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from ssa_engine.core.psychometrics.irt.models import Floats, Quadrature, item_parameters, probability

FEWEST = 4
"""Fewer anchors than this cannot show which of them is the odd one."""
CRITICAL = 1.645
NORMAL_QUARTILES = 0.7413
"""The SD of a normal distribution over its interquartile range."""
SAME = 1e-6
"""Differences up to this are those of rounding."""
AGREE = "The other anchors agree exactly, so z has no finite value."
TOO_FEW = f"With fewer than {FEWEST} anchors nobody can tell which of them drifted."


def anchor_drift(
    new: pd.DataFrame,
    bank: pd.DataFrame,
    slope: float,
    intercept: float,
    quadrature: Quadrature,
    *,
    critical: float = CRITICAL,
) -> pd.DataFrame:
    """Return how far each anchor lies from where the others put it.

    Robust z = (d - median d) / (.7413 IQR) of d = log a_new - log a_bank, then of d = b_bank - A b_new with
    A = exp(median of the first) (Huynh & Meyer 2010, Practical Assessment, Research & Evaluation 15(2), who print
    .74 and advise |z| >= 1.645). Neither depends on the linking, which a drifted anchor may have bent. Even where
    none drifted about one z in ten is that large: look at the item before you leave it out.

    Parameters
    ----------
    new, bank : DataFrame
        Parameters of the anchors, in the same order.
    slope, intercept : float
        The linking's constants.
    quadrature : Quadrature
        Where curves are compared, on the bank's scale.
    critical : float
        The |z| from which an anchor is suspect.

    Returns
    -------
    DataFrame
        Index `item_id`; `a_new`, `b_new` (both put on the bank's scale by the linking), `a_bank`, `b_bank`,
        `difference_b` = b_new - b_bank, `distance`: root mean squared difference of the two curves, `z_a`, `z_b`
        (missing for one that differs where the others agree exactly, which is suspect), `suspect`, `note`.
    """
    a, b, c = item_parameters(new)
    a_bank, b_bank, _ = item_parameters(bank)
    log_ratio = np.log(a / a_bank)
    z_a, alone_a = _robust_z(log_ratio)
    z_b, alone_b = _robust_z(b_bank - np.exp(np.median(log_ratio)) * b)
    alone = alone_a | alone_b
    placed_a, placed_b = a / slope, slope * b + intercept
    curves = c + (1 - c) * expit(placed_a * (quadrature.points[:, None] - placed_b))
    squared = (curves - probability(quadrature.points, bank)) ** 2
    suspect = alone | (np.abs(np.nan_to_num(z_a)) >= critical) | (np.abs(np.nan_to_num(z_b)) >= critical)
    return pd.DataFrame(
        {
            "a_new": placed_a,
            "b_new": placed_b,
            "a_bank": a_bank,
            "b_bank": b_bank,
            "difference_b": placed_b - b_bank,
            "distance": np.sqrt(quadrature.weights @ squared),
            "z_a": z_a,
            "z_b": z_b,
            "suspect": suspect,
            "note": np.where(alone, AGREE, "" if len(a) >= FEWEST else TOO_FEW).astype(object),
        },
        index=bank.index.rename("item_id"),
    )


def _robust_z(difference: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return robust z's, and which anchors have none because they differ where most agree exactly."""
    nowhere = np.zeros(len(difference), dtype=bool)
    if len(difference) < FEWEST:
        return np.full(len(difference), np.nan), nowhere
    lower, middle, upper = np.quantile(difference, [0.25, 0.5, 0.75])
    away = np.where(np.abs(difference - middle) <= SAME, 0.0, difference - middle)
    spread = NORMAL_QUARTILES * (upper - lower)
    if spread <= SAME:
        return np.where(away == 0, 0.0, np.nan), away != 0
    return np.asarray(away / spread), nowhere
