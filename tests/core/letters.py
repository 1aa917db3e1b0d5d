"""Prescription letters for tests: of two areas that are prescribed and one that is not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ssa_engine.core.policies import CreditRule, Policy
from ssa_engine.core.prescription_letters import AreaAsked, Days, Letter, write_letter
from ssa_engine.core.programmes import BienniumRules, ClaimRules, Contact, CqrRules

CONTACT = Contact(name="Board of Samples", email="help@board.example", telephone="555-0100", hours="8 to 4")
RULES = CqrRules(
    time_limited_from=None,
    period_years=10,
    window_years=3,
    claims=ClaimRules(submit_by_days=14, review_days=14),
    biennium=BienniumRules(),
    contact=CONTACT,
)
POLICY = Policy(
    standards={"a": 0.7, "b": 0.7, "c": 0.7}, credits=CreditRule(rule="flat", credits=3.0, step=0.5, total_cap=4.5)
)
AREAS = (
    AreaAsked("Radiation Safety and Dose", 3.0, 3.0, "4 of 10, standard 7, so 3 credits"),
    AreaAsked("Image Formation", 1.5, 3.0, "6 of 10, standard 7, so 3 credits, held to 1.5 credits by the total limit"),
    AreaAsked("Neck and Chest", 0.0, 0.0, ""),
)
NO_GAP = (AreaAsked("Radiation Safety and Dose", 0.0, 0.0, ""),)
DAYS = Days(dt.date(2027, 3, 10), dt.date(2027, 3, 13), dt.date(2028, 5, 18), dt.date(2028, 6, 1))


def letter(**changes: Any) -> Letter:
    """A letter about those areas."""
    given: dict[str, Any] = {
        "name": "Ann Example",
        "discipline": "Computed Tomography",
        "rules": RULES,
        "policy": POLICY,
        "areas": AREAS,
        "days": DAYS,
    }
    return write_letter(**given | changes)
