"""A claim's states: what leads where, what is refused, how its steps make it, and who is told what."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from docs.pages import claim_states
from ssa_engine.core.claim_histories import HISTORY, told_to_candidate
from ssa_engine.core.claims import STATE_WORDS, TRANSITIONS, ClaimEvent, ClaimState, Verb, after, collided, replay
from ssa_engine.core.errors import Conflict

AT = dt.datetime(2027, 3, 14, 14, 2, tzinfo=dt.UTC)
REPORT = {
    "activity_id": 7,
    "title": "Dose",
    "sponsor": "Society",
    "credits": 2.0,
    "finished_on": "2027-03-10",
    "distribution": {"dose": 1.5},
    "promised_by": "2027-03-28",
    "description": "",
    "certificates": ["ab"],
}

ALLOWED = {
    (None, "report"): "reported",
    ("reported", "take"): "in_review",
    ("reported", "assign"): "reported",
    ("reported", "withdraw"): "withdrawn",
    ("in_review", "assign"): "in_review",
    ("in_review", "approve"): "approved",
    ("in_review", "reject"): "rejected",
    ("in_review", "ask_more"): "more_asked",
    ("in_review", "withdraw"): "withdrawn",
    ("more_asked", "mend"): "reported",
    ("more_asked", "withdraw"): "withdrawn",
    ("more_asked", "undo"): "in_review",
    ("approved", "undo"): "in_review",
    ("rejected", "undo"): "in_review",
}


def event(verb: Verb, minutes: int, who: str = "ruth", **detail: object) -> ClaimEvent:
    return ClaimEvent(AT + dt.timedelta(minutes=minutes), who, verb, ClaimState.REPORTED, detail)


def test_each_verb_leads_where_it_should_and_every_other_is_refused_with_a_sentence() -> None:
    for state in (None, *ClaimState):
        for verb in Verb:
            if (state, verb) in ALLOWED:
                assert after(verb, state) == ALLOWED[state, verb]
            else:
                with pytest.raises(Conflict, match=r"^[A-Z].*\.$"):
                    after(verb, state)


def test_the_drawing_has_an_arrow_for_each_transition_and_no_other() -> None:
    text = claim_states.page()
    drawn = set(re.findall(r"^ *(\S+) --> (\S+): (\w+)$", text, re.MULTILINE))
    assert drawn == {(state or "[*]", target, verb) for (state, verb), target in ALLOWED.items()}
    assert set(re.findall(r"^ *(\w+) --> \[\*\]$", text, re.MULTILINE)) == {"approved", "rejected", "withdrawn"}
    assert len(TRANSITIONS) == len(ALLOWED)


def test_every_state_and_step_has_its_words() -> None:
    assert set(STATE_WORDS) == set(ClaimState)
    assert set(HISTORY) == set(Verb)
    for verb in Verb:
        told = collided(event(verb, 0, to="otto"))
        assert re.match(r"^ruth .* at 14:02.* Nothing of yours was changed\.", told), told


def test_an_undo_puts_back_what_was_there_before_the_decision() -> None:
    before = [event(Verb.REPORT, 0, "ann", **REPORT), event(Verb.TAKE, 1), event(Verb.ASSIGN, 2, to="otto")]
    present = replay(5, 9, before)
    assert (present.state, present.assigned_to, present.revision) == (ClaimState.IN_REVIEW, "otto", 3)
    for decision in (
        event(Verb.APPROVE, 3, distribution={"heads": 1.0}),
        event(Verb.REJECT, 3, reason="No."),
        event(Verb.ASK_MORE, 3, reason="More."),
    ):
        undone = replay(5, 9, [*before, decision, event(Verb.UNDO, 4)])
        assert (undone.state, undone.assigned_to, undone.revision) == (ClaimState.IN_REVIEW, "otto", 5)
        assert (undone.distribution, undone.reason, undone.decided_at) == ({"dose": 1.5}, "", None)


def test_the_candidate_reads_neither_what_was_undone_nor_who_passed_it_on() -> None:
    steps = [
        event(Verb.REPORT, 0, "ann", **REPORT),
        event(Verb.ASSIGN, 1, to="otto"),
        event(Verb.TAKE, 2),
        event(Verb.REJECT, 3, reason="No."),
        event(Verb.UNDO, 4),
        event(Verb.APPROVE, 5, distribution={"dose": 1.5}),
    ]
    assert [one.verb for one in told_to_candidate(steps)] == [Verb.REPORT, Verb.TAKE, Verb.APPROVE]


def test_steps_that_do_not_fit_make_no_claim() -> None:
    with pytest.raises(Conflict):
        replay(1, 1, [event(Verb.APPROVE, 0, distribution={})])
    with pytest.raises(Conflict):
        replay(1, 1, [event(Verb.REPORT, 0, "ann", **REPORT), event(Verb.APPROVE, 1, distribution={})])
