"""What to mind of figures about decisions: few attempts, groups and samples without an estimate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ssa_engine.core.psychometrics.decisions.area_groups import AreaGroup
from ssa_engine.core.psychometrics.decisions.beta_binomial import FOUR_MOMENTS, THREE_MOMENTS, Array

INTERVAL = (2.5, 97.5)
"""Percentiles of the bootstrap that are the ends of an interval."""
FEW, FEW_FOR_SKEWNESS = 30, 100
"""With fewer attempts figures are to be read with care; the second where skewness or kurtosis is fitted."""


def few_attempts(parts: Sequence[AreaGroup], fits: Sequence[str]) -> list[str]:
    """Return the caution, if any, about the groups that are too small for what was fitted to them."""
    least = [FEW_FOR_SKEWNESS if fit in (FOUR_MOMENTS, THREE_MOMENTS) else FEW for fit in fits]
    small = [part for part, limit in zip(parts, least, strict=True) if len(part) < limit]
    if not small:
        return []
    if len(parts) == 1:
        return [f"Only {len(small[0])} attempts: read with care."]
    return [f"Only {', '.join(f'{len(part)} attempts with {part.items} items' for part in small)}: read with care."]


def mean_of_known(values: Sequence[float], weights: Sequence[float]) -> float:
    """Return the weighted mean of those that are not missing; missing where all are."""
    found = np.array(values)
    known = np.isfinite(found)
    return float(np.average(found[known], weights=np.array(weights)[known])) if known.any() else np.nan


def bootstrap_limits(rates: Array) -> tuple[dict[str, float], list[str]]:
    """Return the ends of the intervals of bootstrapped rates, and what is to be said of samples without an estimate.

    Parameters
    ----------
    rates : array (2, R)
        Needless and missed shares of the samples; missing where a sample has no estimate.
    """
    known = np.asarray(np.isfinite(rates).all(axis=0))
    lost = int((~known).sum())
    told = [f"No estimate in {lost} of {len(known)} bootstrap samples."] if lost else []
    if not known.any():
        return {}, [told[0].removesuffix(".") + ", so there are no intervals."]
    limits = np.percentile(rates[:, known], INTERVAL, axis=1).T
    names = [f"{name}_{end}" for name in ("needless_ce", "missed_need") for end in ("low", "high")]
    return dict(zip(names, limits.ravel().tolist(), strict=True)), told
