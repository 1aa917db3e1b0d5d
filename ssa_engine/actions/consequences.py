"""Consequences of policies on a cohort, computed once for those lately looked at."""

from __future__ import annotations

import threading
from collections import OrderedDict

from ssa_engine.core.policies import Policy
from ssa_engine.core.tuning.cohort import Cohort
from ssa_engine.core.tuning.consequences import Consequences, consequences
from ssa_engine.core.tuning.credits import Prescribed, ScoreSource, apply

KEPT = 6
"""Policies whose consequences are kept with a cohort, so that a table of the page can be fetched without computing."""
_lock = threading.RLock()


def consequences_of(cohort: Cohort, policy: Policy, before: Prescribed | None, irt: ScoreSource) -> Consequences:
    """Return what a policy does to a cohort, against what it was given `before`; errors as for `credits.apply`."""
    computed: OrderedDict[tuple[str, str], Consequences] = cohort.keep("consequences", OrderedDict)
    key = (policy.model_dump_json(), before.policy.model_dump_json() if before else "")
    with _lock:
        if key in computed:
            computed.move_to_end(key)
            return computed[key]
    found = consequences(cohort, policy, irt=irt, before=before)
    with _lock:
        computed[key] = found
        while len(computed) > KEPT:
            computed.popitem(last=False)
    return found


def given_by(cohort: Cohort, policy: Policy, irt: ScoreSource) -> Prescribed:
    """Return what the policy in force gives a cohort, kept until another is; errors as for `credits.apply`."""
    kept: dict[str, Prescribed] = cohort.keep("in force", dict)
    key = policy.model_dump_json()
    given = kept.get(key)
    if given is None:
        given = apply(cohort, policy, irt)
        kept.clear()
        kept[key] = given
    return given
