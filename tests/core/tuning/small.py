"""A small cohort whose every figure can be worked by hand: six sittings, two areas of four items."""

from __future__ import annotations

import numpy as np

from ssa_engine.core.policies import Policy
from ssa_engine.core.tuning.cohort import Cohort
from tests.core.banks import policy_of

AREAS = ("dose", "image")
CORRECT = ((4, 4), (3, 2), (2, 3), (1, 1), (0, 4), (3, 3))
"""Items correct of each sitting, of four in each area."""


def cohort(**more: object) -> Cohort:
    """Return the cohort; attempts 11 … 16 of candidates 101 … 106."""
    correct = np.array(CORRECT)
    ids = np.arange(6)
    return Cohort(ids + 11, ids + 101, AREAS, np.full_like(correct, 4), correct.astype(float), correct, **more)  # type: ignore[arg-type]


def policy(dose: float = 0.75, image: float = 0.75, **credits: object) -> Policy:
    """Return one credit for each item short, at most three in all."""
    return policy_of({"dose": dose, "image": image}, **({"rule": "per_item", "credits": 1, "total_cap": 3} | credits))
