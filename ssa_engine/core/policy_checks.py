"""Whether a policy can be used: with the item bank at hand, with the population it carries, from when on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from ssa_engine.core.errors import Conflict, Invalid
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.policies import ROUNDING, Augmentation, Policy, PolicyVersion
from ssa_engine.core.text import say

NAMED = 5
"""So many items are named in a sentence."""


def require_scorable(policy: Policy, bank: ItemBank | None) -> None:
    """Raise `Invalid` unless the policy's rule can be applied to attempts on this bank.

    Parameters
    ----------
    policy : Policy
    bank : ItemBank or None
        Needed where the policy decides by item response theory, which takes a and b of every scored item.
    """
    if policy.augmentation is not None:
        _require_covariance(policy.augmentation)
    if policy.decision.model != "irt":
        return
    if bank is None:
        raise Invalid("The policy decides by item response theory, so it can be published only with its item bank.")
    require_parameters(items_without_parameters(bank))


def items_without_parameters(bank: ItemBank) -> list[str]:
    """Return the ids of the scored items for which the bank has no a or no b."""
    return [
        item.id for item in bank.items if item.status == "active" and None in (item.statistics.a, item.statistics.b)
    ]


def require_parameters(lacking: Sequence[str]) -> None:
    """Raise `Invalid` where these items, that are scored, lack parameters."""
    if lacking:
        more = f" and {len(lacking) - NAMED} more" if len(lacking) > NAMED else ""
        raise Invalid(
            f"The policy decides by item response theory, and these items have no a and b in the bank: "
            f"{', '.join(lacking[:NAMED])}{more}. Calibrate them (ssa calibrate) or choose another rule."
        )


def _require_covariance(augmentation: Augmentation) -> None:
    import numpy as np

    values = np.linalg.eigvalsh(np.array(augmentation.true_covariance))
    if values.min() < -max(ROUNDING, ROUNDING * float(values.max())):
        raise Invalid(
            "The true covariances of the augmentation cannot be those of any population: some weighted sum of areas "
            "would have a negative variance. Estimate the augmentation again."
        )


def effective_from(
    effective_at: dt.datetime | None, now: dt.datetime, scheduled: Sequence[PolicyVersion], *, replace: bool
) -> dt.datetime:
    """Return from when on a version that is published now holds.

    Parameters
    ----------
    effective_at : datetime or None
        What was asked for; None: at once.
    now : datetime
    scheduled : sequence of PolicyVersion
        Versions that wait to come into force.
    replace : bool
        Whether those that would come into force later than this one are to be replaced: the highest version holds, so
        they never would.

    Raises
    ------
    Invalid
        If it lies in the past.
    Conflict
        If it is earlier than a version that waits, and that is not to be replaced.
    """
    if effective_at is not None and effective_at < now:
        raise Invalid(
            say(
                "A policy cannot come into force in the past. Choose {day} or later, or no day: at once.",
                day=now.date() + dt.timedelta(days=1),
            )
        )
    begins = effective_at or now
    overtaken = [one for one in scheduled if one.effective_at > begins]
    if overtaken and not replace:
        last = overtaken[-1]
        raise Conflict(
            say(
                "Version {version} by {who} comes into force on {day}; one that begins earlier would replace it for "
                "good. Choose that day or later, or say that it is to be replaced.",
                version=last.version,
                who=last.published_by,
                day=last.effective_at.date(),
            )
        )
    return begins
