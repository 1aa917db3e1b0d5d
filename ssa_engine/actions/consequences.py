"""Consequences of policies on a cohort, computed once for those lately looked at."""

from __future__ import annotations

from ssa_engine.core.policies import Policy
from ssa_engine.core.tuning.cohort import Cohort
from ssa_engine.core.tuning.consequences import Consequences, consequences
from ssa_engine.core.tuning.credits import Prescribed, ScoreSource, apply

KEPT = 4
"""Policies whose consequences are kept with a cohort, so that a table of the page can be fetched without computing."""


def consequences_of(cohort: Cohort, policy: Policy, before: Prescribed | None, irt: ScoreSource) -> Consequences:
    """Return what a policy does to a cohort, against what it was given `before`; errors as for `credits.apply`."""
    key = (policy.model_dump_json(), before.policy.model_dump_json() if before else "")
    return cohort.keep_lately(
        "consequences", key, lambda: consequences(cohort, policy, irt=irt, before=before), most=KEPT
    )


def given_by(cohort: Cohort, policy: Policy, irt: ScoreSource) -> Prescribed:
    """Return what the policy in force gives a cohort, kept until another is; errors as for `credits.apply`."""
    return cohort.keep_lately("in force", policy.model_dump_json(), lambda: apply(cohort, policy, irt))
