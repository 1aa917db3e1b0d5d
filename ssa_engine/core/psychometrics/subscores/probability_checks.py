"""Do stated probabilities come true? Calibration against the truth or against held-out items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class ProbabilityCalibration:
    """How well probabilities agree with what happened.

    `table`: one row per bin of probability: `lower`, `upper`, `n`, `mean_probability`, `share` that happened, `se` of
    the share, `note`. `brier`: mean squared difference (Brier 1950, Monthly Weather Review 78:1-3). `log_loss`: mean
    negative log of the probability given to what happened. `calibration_error`: mean |share - mean_probability|,
    bins weighted by n.
    """

    table: pd.DataFrame
    brier: float
    log_loss: float
    calibration_error: float


def check_probabilities(probability: Floats, happened: npt.NDArray[np.bool_], bins: int = 10) -> ProbabilityCalibration:
    """Compare probabilities with what happened, in bins of equal width.

    Parameters
    ----------
    probability : array (of any shape)
        Stated probabilities, for instance of a true score below the standard; missing ones are left out.
    happened : bool array of the same shape
        Whether it was so: the simulated truth, or the score on held-out items (with `predicted_below`).
    bins : int
        How many.

    Raises
    ------
    Invalid
        If no probability is known, one is outside [0, 1], or there is no bin.
    """
    p, y = np.ravel(np.asarray(probability, dtype=float)), np.ravel(np.asarray(happened)).astype(float)
    p, y = p[~np.isnan(p)], y[~np.isnan(p)]
    if not len(p) or (p < 0).any() or (p > 1).any() or bins < 1:
        raise Invalid("Calibration needs at least one probability, all of them in 0 to 1, and at least one bin.")
    place = np.minimum((p * bins).astype(int), bins - 1)
    n = np.bincount(place, minlength=bins)
    some = n > 0
    mean, share = np.full(bins, np.nan), np.full(bins, np.nan)
    mean[some] = np.bincount(place, weights=p, minlength=bins)[some] / n[some]
    share[some] = np.bincount(place, weights=y, minlength=bins)[some] / n[some]
    table = pd.DataFrame(
        {
            "lower": np.arange(bins) / bins,
            "upper": np.arange(1, bins + 1) / bins,
            "n": n,
            "mean_probability": mean,
            "share": share,
            "se": np.sqrt(share * (1 - share) / np.where(some, n, 1)),
            "note": np.where(some, "", "No probability falls into this bin.").astype(object),
        }
    )
    given = np.clip(np.where(y == 1, p, 1 - p), np.finfo(float).tiny, None)
    error = (n[some] * np.abs(share - mean)[some]).sum() / len(p)
    return ProbabilityCalibration(table, float(((p - y) ** 2).mean()), float(-np.log(given).mean()), float(error))


def split_halves(marked: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split each attempt's items of each area at random into two halves, the first the larger where they are odd.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `content_area` and what else is there, one row per attempt and item.
    seed : int
        The same rows and seed give the same halves.

    Returns
    -------
    two DataFrames
        The rows of `marked`, each in one of them, in their order.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(marked))
    shuffled = marked[["attempt_id", "content_area"]].iloc[order]
    turn = np.empty(len(marked), dtype=np.int64)
    turn[order] = shuffled.groupby(["attempt_id", "content_area"], observed=True, sort=False).cumcount().to_numpy()
    return marked[turn % 2 == 0], marked[turn % 2 == 1]
