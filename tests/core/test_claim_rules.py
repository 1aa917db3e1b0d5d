"""The rules of claims, each met at its edge and not met one step beyond it, with its own sentence."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from ssa_engine.core.activities import Activity, ActivityFormat
from ssa_engine.core.claim_rules import (
    NotAccepted,
    Problem,
    Report,
    Setting,
    check_distribution,
    closed,
    day_problems,
    problems_of,
    require_claimable,
    used_before,
)
from ssa_engine.core.claims import Claim, ClaimState
from ssa_engine.core.cycles import Cycle, CycleState, Position
from ssa_engine.core.errors import Conflict, Invalid
from ssa_engine.core.programmes import ClaimRules, CqrRules
from ssa_engine.core.text import say

DAY = dt.timedelta(days=1)
CYCLE = Cycle(
    1,
    starts_on=dt.date(2018, 6, 1),
    opens_on=dt.date(2025, 6, 1),
    submit_by=dt.date(2028, 5, 18),
    due_on=dt.date(2028, 6, 1),
)
RULES = CqrRules(
    time_limited_from=None, period_years=10, window_years=3, claims=ClaimRules(submit_by_days=14), time_zone="UTC"
)
ISSUED = dt.date(2027, 3, 4)
TODAY = dt.date(2027, 3, 14)
SETTING = Setting("CT", "Computed Tomography", TODAY, ISSUED, Position(CYCLE, CycleState.OPEN), RULES, ())
DOSE = Activity(
    id=7,
    code="D",
    title="Dose",
    sponsor="Society",
    format=ActivityFormat.ONLINE,
    credits=2.5,
    minutes=60,
    cost=0.0,
    starts_on=None,
    ends_on=None,
    mechanism="",
    biennium=True,
    url="",
    distribution={"CT": {"dose": 0.5}},
)
OWN = {"title": "Own", "sponsor": "Local", "credits": 1.5, "description": "Words."}


def report(**changes: Any) -> Report:
    return Report(**{"finished_on": TODAY, "attended_whole": True, "activity": DOSE, **changes})


def said(sent: Report, setting: Setting = SETTING) -> list[tuple[str, str]]:
    return [(one.field, str(one.sentence)) for one in problems_of(sent, setting)]


def claim(**changes: Any) -> Claim:
    made = Claim(
        id=1,
        attempt_id=1,
        activity_id=7,
        title="Dose",
        sponsor="Society",
        credits=2.5,
        finished_on=TODAY,
        distribution={"dose": 0.5},
        state=ClaimState.REPORTED,
        revision=1,
        reported_at=dt.datetime(2027, 3, 10, tzinfo=dt.UTC),
        submitted_at=dt.datetime(2027, 3, 10, tzinfo=dt.UTC),
        promised_by=None,
    )
    return replace(made, **changes)


def test_what_meets_the_rules_has_nothing_to_mend() -> None:
    assert said(report()) == []
    assert said(report(activity=None, **OWN)) == []
    assert report().distribution("CT") == {"dose": 0.5}
    assert report(activity=None, **OWN).distribution("CT") == {}


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (None, "Give the day on which you finished it, as it stands on the certificate."),
        (TODAY, None),
        (TODAY + DAY, "You cannot have finished it on 15 March 2027: that day is still to come."),
        (ISSUED, None),
        (
            ISSUED - DAY,
            "Your prescription was issued on 4 March 2027. An activity finished before that day does not count.",
        ),
    ],
)
def test_the_day_it_was_finished(day: dt.date | None, sentence: str | None) -> None:
    assert said(report(finished_on=day)) == ([("finished_on", sentence)] if sentence else [])


def test_a_day_after_the_window_counts_only_once_the_credential_is_discontinued() -> None:
    late = CYCLE.due_on + DAY
    open_still = replace(SETTING, today=late)  # as after midnight, before anybody looked at the clock
    assert said(report(finished_on=late), open_still) == [
        ("finished_on", "The window ended on 1 June 2028. An activity finished after it does not count.")
    ]
    gone = replace(open_still, position=Position(CYCLE, CycleState.DISCONTINUED, discontinued_on=late))
    assert said(report(finished_on=late), gone) == []


LAST, LATER = dt.date(2028, 5, 18), dt.date(2028, 5, 30)
"""The submit-by day, and a day between it and the due day."""
NOT_IN_TIME = (
    "Claims had to be submitted by 18 May 2028. An activity finished after that day cannot have been reported in "
    "time, so it does not count."
)


@pytest.mark.parametrize(
    ("finished_on", "reported_on", "state", "sentence"),
    [
        (LAST, LAST, CycleState.OPEN, None),
        (LAST + DAY, LAST, CycleState.OPEN, NOT_IN_TIME),
        (LATER, LAST, CycleState.OPEN, NOT_IN_TIME),
        (LATER, LAST, CycleState.DISCONTINUED, NOT_IN_TIME),  # mended once the window was over
        (LATER, dt.date(2028, 6, 2), CycleState.DISCONTINUED, None),  # reported once it was over
    ],
)
def test_what_was_finished_after_the_submit_by_day_was_not_reported_by_then(
    finished_on: dt.date, reported_on: dt.date, state: CycleState, sentence: str | None
) -> None:
    setting = replace(SETTING, today=dt.date(2028, 6, 3), position=Position(CYCLE, state))
    reported_at = dt.datetime.combine(reported_on, dt.time(12), tzinfo=dt.UTC)
    found = day_problems(finished_on, setting, claim(reported_at=reported_at))
    assert [(one.field, str(one.sentence)) for one in found] == ([("finished_on", sentence)] if sentence else [])


def test_a_programme_may_count_what_was_finished_before() -> None:
    rules = RULES.model_copy(update={"claims": ClaimRules(only_after_prescription=False)})
    assert said(report(finished_on=dt.date(2001, 1, 1)), replace(SETTING, rules=rules)) == []


def test_an_activity_that_was_attended_in_part_gets_no_credit() -> None:
    assert said(report(attended_whole=False)) == [
        ("attended_whole", "Say that you completed the whole activity. For a part of one no credit is given.")
    ]


@pytest.mark.parametrize("credits", [None, 0.0, -1.0, float("nan"), float("inf"), 1000.5])
def test_credits_are_a_number_above_0(credits: float | None) -> None:
    assert said(report(activity=None, **{**OWN, "credits": credits})) == [
        ("credits", "Give its CE credits as a number above 0, as they stand on the certificate, such as 1.5.")
    ]


@pytest.mark.parametrize("credits", [0.0000001, 1e-13, 0.004, 0.009, 0.015, 1.333, 999.999])
def test_credits_go_in_hundredths(credits: float) -> None:
    assert said(report(activity=None, **{**OWN, "credits": credits})) == [
        ("credits", "Give its CE credits with two decimals at most, such as 1.25. The least is 0.01.")
    ]


def test_every_number_of_hundredths_is_taken() -> None:
    amounts = [hundredths / 100 for hundredths in range(1, 100_001, 7)]
    assert [one for one in amounts if said(report(activity=None, **{**OWN, "credits": one}))] == []


@pytest.mark.parametrize(("field", "most"), [("title", 300), ("sponsor", 200), ("description", 4000)])
def test_words_are_asked_for_and_have_an_end(field: str, most: int) -> None:
    assert said(report(activity=None, **{**OWN, field: "x" * most})) == []
    assert said(report(activity=None, **{**OWN, field: "x" * (most + 1)})) == [
        (field, f"This is too long. Use at most {most} characters.")
    ]
    [(named, sentence)] = said(report(activity=None, **{**OWN, field: " \n"}))
    assert (named, sentence[-1]) == (field, ".")


@pytest.mark.parametrize("state", list(ClaimState))
def test_an_activity_is_used_while_its_claim_stands(state: ClaimState) -> None:
    frees = state in (ClaimState.REJECTED, ClaimState.WITHDRAWN)
    used = replace(SETTING, own_claims=(claim(state=state),))
    sentence = "You have claimed this activity before, on 10 March 2027. It counts once for one prescription."
    assert said(report(), used) == ([] if frees else [("activity", sentence)])


def test_the_same_activity_is_known_by_its_number_or_by_its_words() -> None:
    other = claim(activity_id=8)
    assert used_before("Dose", "Society", 7, [other]) is None
    assert used_before(" dose ", "SOCIETY", None, [other]) == other
    assert used_before("Dose", "Society", 7, [claim(activity_id=None)]) == claim(activity_id=None)
    assert used_before("Dose", "Another", None, [other]) is None


def test_an_activity_without_credits_in_the_discipline_is_refused() -> None:
    other = replace(DOSE, distribution={"MRI": {"body": 1.0}})
    assert said(report(activity=other)) == [
        (
            "activity",
            "This activity is not coded to the content outline of Computed Tomography, so it cannot fill anything "
            "there. Choose one that is.",
        )
    ]


@pytest.mark.parametrize(
    ("position", "today", "sentence"),
    [
        (Position(CYCLE, CycleState.OPEN), CYCLE.submit_by, None),
        (
            Position(CYCLE, CycleState.OPEN),
            CYCLE.submit_by + DAY,
            "Claims for CT had to be submitted by 18 May 2028, to leave time for review before the window ends, so "
            "none can be taken until it does.",
        ),
        (Position(CYCLE, CycleState.DISCONTINUED, discontinued_on=CYCLE.due_on + DAY), CYCLE.due_on + 400 * DAY, None),
        (
            Position(CYCLE, CycleState.DISCONTINUED, completed_on=CYCLE.due_on + DAY),
            CYCLE.due_on + 2 * DAY,
            "CQR is complete for CT. Nothing has to be reported.",
        ),
        (Position(CYCLE, CycleState.COMPLETE, TODAY), TODAY, "CQR is complete for CT. Nothing has to be reported."),
        (
            Position(CYCLE, CycleState.NOT_YET),
            dt.date(2025, 5, 31),
            "The window for CT opens on 1 June 2025. Activities can be reported from then on.",
        ),
    ],
)
def test_when_anything_can_be_claimed_at_all(position: Position, today: dt.date, sentence: str | None) -> None:
    assert closed(position, today, "CT") == sentence
    setting = replace(SETTING, position=position, today=today, discipline_name="CT")
    if sentence is None:
        require_claimable(setting)
    else:
        with pytest.raises(Conflict) as refused:
            require_claimable(setting)
        assert refused.value.sentence == sentence


AREAS = {"dose": "Dose", "heads": "Heads"}


@pytest.mark.parametrize(
    ("distribution", "sentence"),
    [
        ({"dose": 2.5}, None),
        ({"dose": 0.1, "heads": 2.4}, None),
        ({"dose": 2.5, "heads": 0.01}, "The areas have 2.51 credits together, and the activity is worth 2.5 credits. "
         "Give no more than that."),
        ({}, "Give credits to at least one content area, or decide that the claim does not count."),
        ({"knees": 1.0}, "'knees' is no content area of this outline. Choose one that is."),
        ({"dose": 0.0}, "Give Dose a number of credits above 0, or leave it empty."),
        ({"dose": float("inf")}, "Give Dose a number of credits above 0, or leave it empty."),
        ({"dose": 0.01}, None),
        ({"dose": 0.1 + 0.2}, None),
        ({"dose": 1e-13}, "Give Dose credits with two decimals at most, such as 1.25. The least is 0.01."),
        ({"dose": 1.0, "heads": 0.333}, "Give Heads credits with two decimals at most, such as 1.25. The least is "
         "0.01."),
    ],
)  # fmt: skip
def test_what_a_reviewer_awards(distribution: dict[str, float], sentence: str | None) -> None:
    if sentence is None:
        check_distribution(distribution, 2.5, AREAS)
        return
    with pytest.raises(Invalid) as refused:
        check_distribution(distribution, 2.5, AREAS)
    assert refused.value.sentence == sentence


def test_several_problems_make_one_sentence_after_the_other() -> None:
    error = NotAccepted([Problem("a", say("One thing.")), Problem("b", say("Another."))])
    assert error.sentence == "One thing. Another."
    assert NotAccepted([Problem("a", say("One thing."))]).sentence == "One thing."
