"""What tests of tuning share: addresses, and a policy with two standards moved."""

from __future__ import annotations

from ssa_engine.content.library import Library
from ssa_engine.core.policies import Policy

POLICY = "/psychometrician/CT/policy"
MOVED = {"standard.image-formation": "9", "standard.neck-and-chest": "5", "unit": "items"}


def moved(library: Library) -> Policy:
    policy = library.spec("CT").sample_policy
    standards = policy.standards | {"image-formation": 0.9, "neck-and-chest": 0.5}
    return library.spec("CT").in_outline_order(policy.model_copy(update={"standards": standards}))
