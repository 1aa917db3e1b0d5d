"""For each constraint of the CQR process a row that it refuses; and a sound row in each of its tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ssa_engine.storage.db import Connection
from ssa_engine.storage.schema import metadata

AT = dt.datetime(2027, 3, 15, 8, 0, 0, tzinfo=dt.UTC)
DAY = dt.date(2027, 3, 15)

PROCESS_BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "ck_cycle_events_kind_known": ("cycle_events", {"kind": "forgotten"}),
    "ck_cycle_events_cycle_from_1": ("cycle_events", {"cycle": 0}),
    "ck_allowed_attempts_beyond_the_first": ("allowed_attempts", {"number": 1}),
    "ck_mail_state_known": ("mail", {"state": "lost"}),
    "ck_mail_sent_when": ("mail", {"state": "sent"}),
    "ck_profiles_breadth_when_complete": ("profiles", {"breadth": 4}),
    "ck_profiles_depth_when_complete": ("profiles", {"depth": 4}),
    "ck_activities_credits_in_range": ("activities", {"credits": 0.0}),
    "ck_activities_length_and_cost": ("activities", {"minutes": 0}),
    "ck_activities_ends_after_start": ("activities", {"starts_on": DAY, "ends_on": DAY - dt.timedelta(days=1)}),
    "ck_activity_credits_credits_in_range": ("activity_credits", {"credits": 0.0}),
    "ck_plan_choices_choice_known": ("plan_choices", {"choice": "maybe"}),
    "ck_claims_state_known": ("claims", {"state": "lost"}),
    "ck_claims_credits_in_range": ("claims", {"credits": 0.0}),
    "ck_claims_counted": ("claims", {"revision": 0}),
    "ck_claims_decided_by_whom": ("claims", {"decided_by": "ada@test.example"}),
    "ck_claims_decided_when": ("claims", {"state": "approved"}),
    "ck_claim_events_state_known": ("claim_events", {"state": "lost"}),
    "ck_certificates_not_empty": ("certificates", {"size": 0}),
}
"""Constraint -> a row that only it refuses: a sound one with these changes."""

PROCESS_ALSO_BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("ck_allowed_attempts_beyond_the_first", "allowed_attempts", {"cycle": 0}),
    ("ck_profiles_breadth_when_complete", "profiles", {"completed_at": AT, "depth": 1}),
    ("ck_activities_length_and_cost", "activities", {"cost": -1.0}),
    ("ck_activities_credits_in_range", "activities", {"credits": 1001.0}),
    ("ck_claims_decided_when", "claims", {"decided_by": "ada@test.example", "decided_at": AT}),
    ("ck_certificates_not_empty", "certificates", {"pages": 0}),
]


def fill_process(connection: Connection, attempt_id: int, credential_id: int, notice_id: int) -> None:
    """Insert a sound row into each table of the CQR process."""
    cycle = {"credential_id": credential_id, "cycle": 1}
    own = {"title": "Dose", "sponsor": "Harborlight", "credits": 2.0}
    rows: dict[str, dict[str, Any]] = {
        "cycle_events": {**cycle, "kind": "completed", "happened_on": DAY, "recorded_at": AT},
        "completion_records": {
            **cycle, "code": "CQRT-4K7M-9XWD", "name": "Ada", "discipline": "CT", "completed_on": DAY,
            "next_due_on": DAY, "issued_at": AT,
        },
        "allowed_attempts": {**cycle, "number": 2, "reason": "Fire alarm", "allowed_by": "staff", "allowed_at": AT},
        "mail": {"notice_id": notice_id, "message_id": "one", "not_before": AT},
        "profiles": {"id": 1, **cycle, "discipline": "CT", "started_at": AT},
        "profile_answers": {"profile_id": 1, "activity": "scan", "frequency": 2, "answered_at": AT},
        "activities": {"id": 1, "code": "A-1", **own, "format": "online", "minutes": 90, "cost": 0.0, "biennium": True},
        "activity_credits": {"activity_id": 1, "discipline": "CT", "content_area": "image-formation", "credits": 1.0},
        "plan_choices": {"attempt_id": attempt_id, "activity_id": 1, "choice": "in", "chosen_at": AT},
        "claims": {
            "id": 1, "attempt_id": attempt_id, **own, "finished_on": DAY, "distribution": "{}", "state": "reported",
            "reported_at": AT, "submitted_at": AT,
        },
        "claim_events": {"claim_id": 1, "at": AT, "who": "ada", "verb": "report", "state": "reported"},
        "certificates": {
            "claim_id": 1, "file": "a.pdf", "media_type": "application/pdf", "size": 9, "pages": 1, "sha256": "0" * 64,
            "sent_sha256": "0" * 64, "sent_name": "a.pdf", "added_at": AT,
        },
    }  # fmt: skip
    for name, row in rows.items():
        connection.execute(metadata.tables[name].insert().values(row))
