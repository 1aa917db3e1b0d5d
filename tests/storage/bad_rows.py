"""For each constraint a row that it refuses; and a sound row in each table of the console."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ssa_engine.storage.db import Connection
from ssa_engine.storage.schema import metadata

LATER = dt.datetime(2027, 3, 15, 8, 0, 0, tzinfo=dt.UTC)
EARLIER = dt.datetime(2027, 3, 13, 8, 0, 0, tzinfo=dt.UTC)
APPLIED = {"applied_by": "ada@test.example", "applied_at": LATER}

BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "ck_people_email_lower": ("people", {"email": "Ada@Test.example"}),
    "ck_person_roles_role_known": ("person_roles", {"role": "owner"}),
    "ck_policies_version_from_1": ("policies", {"version": 0}),
    "ck_form_items_position_from_1": ("form_items", {"position": 0, "item_id": "another"}),
    "ck_attempts_state_known": ("attempts", {"state": "paused", "released_at": None}),
    "ck_attempts_counted_from_1": ("attempts", {"number": 0}),
    "ck_attempts_time_allowed": ("attempts", {"seconds_allowed": 0}),
    "ck_attempts_position_on_form": ("attempts", {"position": 81}),
    "ck_attempts_submitted_when": ("attempts", {"state": "submitted", "submitted_at": None, "released_at": None}),
    "ck_attempts_released_when": ("attempts", {"released_at": None}),
    "ck_attempts_submitted_after_start": ("attempts", {"submitted_at": EARLIER}),
    "ck_responses_seconds_in_range": ("responses", {"seconds": -0.5, "token": "new"}),
    "ck_results_version_from_1": ("results", {"version": 0}),
    "ck_area_scores_correct_of_items": ("area_scores", {"correct": 11}),
    "ck_area_scores_proportions": ("area_scores", {"score": 1.5}),
    "ck_area_scores_uncertainty": ("area_scores", {"probability_below": 1.5}),
    "ck_area_scores_credits_capped": ("area_scores", {"credits": 7.0, "credits_by_rule": 6.0}),
    "ck_prescription_areas_credits_in_range": ("prescription_areas", {"credits": 0.0}),
    "ck_preparations_outcome_known": ("preparations", {"outcome": "forgotten"}),
    "ck_attempt_events_kind_known": ("attempt_events", {"kind": "answered"}),
    "ck_preferences_theme_known": ("preferences", {"theme": "pink"}),
    "ck_preferences_text_size_known": ("preferences", {"text_size": 110}),
    "ck_accommodations_multiplier_in_range": ("accommodations", {"time_multiplier": 0.5}),
    "ck_accommodations_extras_in_range": ("accommodations", {"extra_minutes": 601}),
    "ck_results_cause_known": ("results", {"cause": "whim"}),
    "ck_area_scores_decision_known": ("area_scores", {"decision": "perhaps"}),
    "ck_policy_drafts_state_known": ("policy_drafts", {"state": "lost"}),
    "ck_policy_drafts_counted": ("policy_drafts", {"revision": 0}),
    "ck_policy_drafts_published_when": ("policy_drafts", {"state": "published"}),
    "ck_policy_drafts_proposed_by_whom": ("policy_drafts", {"proposed_by": "ada@test.example"}),
    "ck_policy_drafts_proposed_when": ("policy_drafts", {"state": "proposed"}),
    "ck_rescorings_state_known": ("rescorings", {"state": "lost", **APPLIED}),
    "ck_rescorings_counted": ("rescorings", {"revision": 0}),
    "ck_rescorings_applied_by_whom": ("rescorings", {"applied_by": "ada@test.example"}),
    "ck_rescorings_applied_when": ("rescorings", APPLIED),
    "ck_rescorings_reverted_by_whom": ("rescorings", {"reverted_by": "ada@test.example"}),
    "ck_rescorings_reverted_when": ("rescorings", {"state": "reverted", **APPLIED}),
    "ck_rescoring_changes_change_known": ("rescoring_changes", {"change": "forget"}),
    "ck_rescoring_changes_key_where_changed": ("rescoring_changes", {"change": "key"}),
    "ck_rescored_attempts_decision_known": ("rescored_attempts", {"decision": "perhaps", "increase": 1.0}),
    "ck_rescored_attempts_decided_where_more": ("rescored_attempts", {"increase": 1.0}),
    "ck_rescored_attempts_decided_by_whom": ("rescored_attempts", {"decided_by": "ada@test.example"}),
    "ck_rescored_attempts_decided_when": ("rescored_attempts", {"decision": "accepted", "increase": 1.0}),
    "ck_completed_credits_credits_in_range": ("completed_credits", {"credits": 0.0}),
}
"""Constraint -> a row that only it refuses: a sound one with these changes."""

ALSO_BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("ck_attempts_submitted_when", "attempts", {"state": "in_progress", "released_at": None}),
    ("ck_attempts_released_when", "attempts", {"state": "submitted"}),
    ("ck_attempts_position_on_form", "attempts", {"position": 0}),
    ("ck_attempts_counted_from_1", "attempts", {"cycle": 0}),
    ("ck_area_scores_correct_of_items", "area_scores", {"correct": -1}),
    ("ck_area_scores_correct_of_items", "area_scores", {"items": 0, "correct": 0}),
    ("ck_area_scores_proportions", "area_scores", {"gap": -0.1}),
    ("ck_area_scores_proportions", "area_scores", {"standard": 70.0}),
    ("ck_area_scores_credits_capped", "area_scores", {"credits": -1.0}),
    ("ck_accommodations_multiplier_in_range", "accommodations", {"time_multiplier": 5.5}),
    ("ck_accommodations_extras_in_range", "accommodations", {"extra_minutes": -1}),
    ("ck_accommodations_extras_in_range", "accommodations", {"extra_breaks": 11}),
    ("ck_area_scores_credits_capped", "area_scores", {"credits_kept": -1.0}),
    ("ck_area_scores_credits_capped", "area_scores", {"credits": 7.0, "credits_by_rule": 6.0, "credits_kept": 6.5}),
    ("ck_policy_drafts_counted", "policy_drafts", {"from_version": -1}),
    ("ck_rescoring_changes_key_where_changed", "rescoring_changes", {"key": "b"}),
    ("ck_rescored_attempts_decided_where_more", "rescored_attempts", {"decision": "waiting"}),
]


def fill_console(connection: Connection, attempt_id: int, person_id: int, result_id: int) -> None:
    """Insert a sound row into each table of the console."""
    made = {"created_by": "ada@test.example", "created_at": LATER}
    rows: dict[str, dict[str, Any]] = {
        "policy_drafts": {
            "discipline": "CT",
            "title": "Stricter",
            "document": "{}",
            "from_version": 1,
            "changed_by": "ada@test.example",
            "changed_at": LATER,
            **made,
        },
        "rescorings": {"id": 1, "discipline": "CT", "title": "One key", "reason": "It was b.", **made},
        "rescoring_changes": {"rescoring_id": 1, "item_id": "ct-dose-014", "change": "drop"},
        "rescored_attempts": {
            "rescoring_id": 1,
            "attempt_id": attempt_id,
            "before_result_id": result_id,
            "decision": "not_needed",
        },
        "completed_credits": {
            "attempt_id": attempt_id,
            "content_area": "image-formation",
            "credits": 1.5,
            "completed_on": dt.date(2027, 3, 20),
            "source": "claim/1",
            "recorded_at": LATER,
        },
        "notices": {"person_id": person_id, "kind": "rescoring", "key": "1", "details": "{}", "created_at": LATER},
        "candidate_groups": {"person_id": person_id, "grouping": "setting", "value": "hospital"},
        "standard_settings": {"discipline": "CT", "title": "Panel", "method": "angoff", "sheet": "", **made},
    }
    for name, row in rows.items():
        connection.execute(metadata.tables[name].insert().values(row))
